/** The panel beside the diagram: what is selected, what it changed, what it follows from, and where it was written. */

import { nodeName } from '@dsys/runtime/trace/access';
import { describeEvent } from '@dsys/runtime/trace/describe';
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { causalFacts, changesOf, faultRows, messageRows, opRows, type Row } from '../model/details.ts';
import { selectedOf } from '../model/selection.ts';
import { fileName, linesOf, placeOfEvent } from '../model/source-lines.ts';
import { grouped, moment } from '../model/times.ts';
import { detailText } from '../model/verdict.ts';
import { Checks } from './checks.tsx';
import { kindInWords, revealSource, select, setCone } from './commands.ts';
import { RelationTo } from './relation.tsx';
import type { Viewer } from './viewer.ts';
import { WhatIf } from './what-if.tsx';

type Props = { readonly viewer: Viewer };

export function Details({ viewer }: Props): JSX.Element {
  const opened = viewer.opened.value!;
  const event = viewer.event.value;
  const { trace, origin } = opened;
  if (event < 0) return <Checks viewer={viewer} />;
  const { message, op, fault } = selectedOf(trace, viewer.selection.value);
  const text = detailText(trace, event);
  return (
    <section class="details" aria-label="Details" tabIndex={0}>
      <h2>
        Event {grouped(event)} <small>{kindInWords(viewer, event)}</small>
      </h2>
      <p class="lead">
        <strong>{nodeName(trace, trace.events.node[event]).slice(0, 60)}</strong> at{' '}
        <strong>{moment(trace.events.t[event] - origin)}</strong>
        {': '}
        {describeEvent(trace, event).slice(0, 600)}
      </p>
      {text.length > 30 && <p class="text">{text.slice(0, 4000)}</p>}
      <SourceLink viewer={viewer} event={event} />
      {message >= 0 && <Rows viewer={viewer} rows={messageRows(opened, message)} />}
      {op >= 0 && <Rows viewer={viewer} rows={opRows(opened, op)} />}
      {fault >= 0 && <Rows viewer={viewer} rows={faultRows(opened, fault)} />}
      <Changes viewer={viewer} event={event} />
      <WhatIf viewer={viewer} event={event} fault={fault} message={message} />
      <Causality viewer={viewer} event={event} />
      <RelationTo viewer={viewer} />
    </section>
  );
}

function Rows({ viewer, rows }: Props & { readonly rows: readonly Row[] }): JSX.Element {
  return (
    <dl>
      {rows.map(({ name, text, event }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            {event === undefined ? (
              text
            ) : (
              <button type="button" class="link" onClick={() => select(viewer, { kind: 'event', id: event })}>
                {text} <small>#{event}</small>
              </button>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Its text is there for whoever points at it, or comes to it by the keyboard. */
function SourceLink({ viewer, event }: Props & { readonly event: number }): JSX.Element {
  const place = placeOfEvent(viewer.opened.value!.trace, event);
  if (place === undefined) return <p class="source muted">no place in the text is its source</p>;
  const { uri, range, decl, source } = place;
  const peek = linesOf(viewer.sources.value[source], range);
  return (
    <p class="source">
      source{' '}
      <button
        type="button"
        class="link"
        title={`${uri}, line ${range[0]} (F12)`}
        aria-describedby="peek"
        onClick={() => revealSource(viewer)}
      >
        {fileName(uri)}:{range[0]} ↗
      </button>
      <code id="peek">{peek}</code>
      {decl !== '' && <span class="muted"> {decl.slice(0, 80)}</span>}
    </p>
  );
}

const BADGES = { A: 'added', M: 'modified', D: 'deleted' } as const;

function Changes({ viewer, event }: Props & { readonly event: number }): JSX.Element | null {
  const changes = changesOf(viewer.opened.value!, event);
  if (changes.length === 0) return null;
  return (
    <>
      <h3>State changes</h3>
      <ul class="changes">
        {changes.map(({ badge, path, old, new: now }, index) => (
          <li key={index}>
            <abbr class={`badge ${badge}`} title={BADGES[badge]}>
              {badge}
            </abbr>{' '}
            <span class="path">{path}</span> {old !== '' && <del>{old}</del>} {now !== '' && <ins>{now}</ins>}
          </li>
        ))}
      </ul>
    </>
  );
}

function Causality({ viewer, event }: Props & { readonly event: number }): JSX.Element {
  const facts = useComputed(() =>
    viewer.event.value < 0 ? null : causalFacts(viewer.opened.value!, viewer.event.value),
  ).value;
  if (facts === null) return <p>{event}</p>;
  const { cone } = viewer;
  return (
    <>
      <h3>Happened before, happened after</h3>
      <p class="cones">
        <button type="button" aria-pressed={cone.value === 'past'} onClick={() => setCone(viewer, 'past')}>
          {grouped(facts.causes)} causes
        </button>{' '}
        <button type="button" aria-pressed={cone.value === 'future'} onClick={() => setCone(viewer, 'future')}>
          {grouped(facts.effects)} effects
        </button>
      </p>
      <h3>Vector clock</h3>
      <p class="clock">
        {facts.clock.slice(0, 64).map(({ node, count }) => (
          <span key={node}>
            {node.slice(0, 30)} <b>{count}</b>
          </span>
        ))}
        {facts.clock.length > 64 && <span>and {facts.clock.length - 64} more</span>}
      </p>
    </>
  );
}
