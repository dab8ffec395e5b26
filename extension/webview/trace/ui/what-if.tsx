/** One click away: the same run without what is selected, or with something going wrong here. */

import { nodeName } from '@dsys/runtime/trace/access';
import type { JSX } from 'preact';
import { type WhatIf as Asked, withFault, withoutFault, withoutMessage } from '../model/what-if.ts';
import { whyNoReplay } from './looks.ts';
import type { Viewer } from './viewer.ts';

interface Props {
  readonly viewer: Viewer;
  readonly event: number;
  /** Row of `faults` and of `messages`; -1 for none. */
  readonly fault: number;
  readonly message: number;
}

export function WhatIf({ viewer, event, fault, message }: Props): JSX.Element | null {
  const opened = viewer.opened.value!;
  const { trace } = opened;
  const node = trace.events.node[event];
  const name = nodeName(trace, node).slice(0, 40);
  const offers: (readonly [string, Asked])[] = [];
  if (fault >= 0) offers.push(['Without this fault', withoutFault(opened, fault)]);
  if (message >= 0) offers.push(['Lose this message', withoutMessage(opened, message)]);
  if (fault < 0 && trace.header.nodes[node]?.kind === 'server') {
    offers.push([`Crash ${name} here`, withFault(opened, event, 'crash')]);
    offers.push([`Cut ${name} off here`, withFault(opened, event, 'isolate')]);
  }
  if (offers.length === 0) return null;
  const noReplay = whyNoReplay(viewer);
  return (
    <>
      <h3>The same run, but</h3>
      {noReplay === undefined ? (
        <ul class="offers">
          {offers.map(([title, asked]) => (
            <li key={title}>
              {'run' in asked ? (
                <button type="button" onClick={() => viewer.host.replay!.runChanged(asked.run)}>
                  {title}
                </button>
              ) : (
                <span class="muted">
                  {title}: not possible, {asked.why}
                </span>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <p class="muted">{noReplay}: it cannot be executed again.</p>
      )}
    </>
  );
}
