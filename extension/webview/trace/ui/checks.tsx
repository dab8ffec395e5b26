/** Every check with its verdict; of those that found no order of operations, how far one goes and what fits nowhere. */

import { describeOp, describeValue } from '@dsys/runtime/trace/describe';
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { partialsOf } from '../model/linearization.ts';
import { grouped, moment } from '../model/times.ts';
import { goToViolation, select } from './commands.ts';
import type { Viewer } from './viewer.ts';

type Props = { readonly viewer: Viewer };

/** Most checks, operations of an order, and operations that fit nowhere, that are laid out. */
const MAX_CHECKS = 200;
const MAX_LAST = 12;
const MAX_UNPLACED = 50;

export function Checks({ viewer }: Props): JSX.Element {
  const { trace, violations } = viewer.opened.value!;
  return (
    <section class="details" aria-label="Checks" tabIndex={0}>
      <h2>Checks</h2>
      {trace.checks.length === 0 && <p class="hint">The trace carries no verdicts.</p>}
      <ul class="checks">
        {trace.checks.slice(0, MAX_CHECKS).map((check, index) => {
          const violation = violations.findIndex(one => one.check === index);
          return (
            <li key={index}>
              <span class={`verdict ${check.verdict}`}>{check.verdict}</span> <b>{check.name.slice(0, 200)}</b>{' '}
              {violation >= 0 && (
                <button type="button" class="link" onClick={() => goToViolation(viewer, violation)}>
                  show
                </button>
              )}
              <small>{check.message.slice(0, 1000)}</small>
              <Orders viewer={viewer} check={index} />
            </li>
          );
        })}
      </ul>
      {viewer.event.value < 0 && (
        <p class="hint">Select an event, a message or an operation to see what is known of it.</p>
      )}
      {trace.checks.length > MAX_CHECKS && <p class="muted">and {grouped(trace.checks.length - MAX_CHECKS)} more</p>}
    </section>
  );
}

function Orders({ viewer, check }: Props & { readonly check: number }): JSX.Element | null {
  const partials = useComputed(() => partialsOf(viewer.opened.value!.trace, check)).value;
  if (partials.length === 0) return null;
  return (
    <>
      {partials.map(({ order, unplaced, key }) => (
        <details key={key} open={partials.length === 1}>
          <summary>
            Longest order on {describeValue(viewer.opened.value!.trace, key).slice(0, 60) || 'the key'}:{' '}
            {grouped(order.length)} of {grouped(order.length + unplaced.length)} operations
          </summary>
          {order.length > MAX_LAST && <p class="muted">… {grouped(order.length - MAX_LAST)} before these</p>}
          <ol class="list" start={Math.max(1, order.length - MAX_LAST + 1)}>
            {order.slice(-MAX_LAST).map(op => (
              <Operation key={op} viewer={viewer} op={op} />
            ))}
          </ol>
          {unplaced.length > 0 && <p>Answered, and right at no place of it:</p>}
          <ul class="list unplaced">
            {unplaced.slice(0, MAX_UNPLACED).map(op => (
              <Operation key={op} viewer={viewer} op={op} />
            ))}
          </ul>
          {unplaced.length > MAX_UNPLACED && <p class="muted">and {grouped(unplaced.length - MAX_UNPLACED)} more</p>}
        </details>
      ))}
    </>
  );
}

function Operation({ viewer, op }: Props & { readonly op: number }): JSX.Element {
  const { trace, origin } = viewer.opened.value!;
  const { invoke, complete } = trace.ops;
  const at = complete[op] >= 0 ? complete[op] : invoke[op];
  return (
    <li>
      <button type="button" class="link" onClick={() => select(viewer, { kind: 'op', id: op })}>
        {describeOp(trace, op, true).slice(0, 120)}
      </button>{' '}
      <small>{moment(trace.events.t[at] - origin)}</small>
    </li>
  );
}
