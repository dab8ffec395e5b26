/** Runs that differ from the shown one in one thing: what can be left out or added, and how that is told to a host. */

import { nodeName, senderOf, typeOf } from '@dsys/runtime/trace/access';
import { CHANGES_MAX, type Change, type RecordedRun, recordedRun } from '@dsys/runtime/trace/changes';
import { KIND } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import type { Opened } from './opened.ts';

/** A run that can be asked for, or why not. */
export type WhatIf = { readonly run: RecordedRun } | { readonly why: string };

function changed(trace: Trace, change: (before: readonly Change[]) => readonly Change[]): WhatIf {
  const run = recordedRun(trace.header, trace.sources);
  if (run === undefined) return { why: 'what was changed for this run is not understood' };
  const changes = change(run.changes);
  if (changes.length > CHANGES_MAX) return { why: `a run has at most ${CHANGES_MAX} changes` };
  return { run: { ...run, changes } };
}

const added = (trace: Trace, change: Change): WhatIf => changed(trace, before => [...before, change]);

/** The same run without a fault of it; one that was added for it is taken back. */
export function withoutFault({ trace, origin }: Opened, fault: number): WhatIf {
  const one = trace.faults[fault];
  const atNs = one.start < 0 ? -1 : trace.events.t[one.start];
  const { text } = one.params;
  if (atNs < 0) return { why: 'the trace does not say when the fault began' };
  if (typeof text !== 'string') return { why: 'the trace does not say as what the fault was written' };
  const isThis = (change: Change): boolean =>
    change.kind === 'with' && text === `added: ${change.fault} ${change.node}` && change.ns === atNs - origin;
  const changes = recordedRun(trace.header, trace.sources)?.changes ?? [];
  if (changes.some(isThis)) return changed(trace, before => before.filter(change => !isThis(change)));
  const alike = trace.faults.slice(0, fault).filter(other => {
    return other.start >= 0 && trace.events.t[other.start] === atNs && other.params.text === text;
  });
  // Those that are left out already are counted too.
  const gone = changes.filter(change => change.kind === 'without' && change.text === text && change.atNs === atNs);
  return added(trace, { kind: 'without', text, atNs, nth: alike.length + gone.length });
}

/** The same run, with a fault of the event's node right after it. */
export function withFault({ trace, origin }: Opened, event: number, fault: 'crash' | 'isolate'): WhatIf {
  const node = trace.events.node[event];
  if (trace.header.nodes[node]?.kind !== 'server') return { why: 'only nodes of the design can fail' };
  const ns = trace.events.t[event] - origin + 1;
  if (ns < 0) return { why: 'faults begin with the scenario, and this is before its time 0' };
  return added(trace, { kind: 'with', fault, node: nodeName(trace, node), ns });
}

/** The same run, in which a message copy that was delivered is lost where it would arrive. */
export function withoutMessage({ trace }: Opened, message: number): WhatIf {
  const { events, messages } = trace;
  const send = messages.send[message];
  const end = messages.end[message];
  if (send < 0) return { why: 'the trace does not say when the message was sent' };
  if (end < 0 || messages.why[message] !== 0) return { why: 'the message was not delivered' };
  if (events.node[send] === messages.to[message]) return { why: 'what a node sends to itself needs no network' };
  const [from, to, type] = [senderOf(trace, message), messages.to[message], typeOf(trace, message)];
  let nth = 0;
  for (let row = send - 1; row >= 0 && events.t[row] === events.t[send]; row--) {
    const other = events.msg[row];
    if (events.kind[row] !== KIND.send || other < 0 || events.name[row] !== events.name[send]) continue;
    if (sameName(trace, events.node[row], from) && sameName(trace, messages.to[other], to)) nth++;
  }
  let copy = 0;
  for (let other = events.msg[send]; other >= 0 && other < message; other++) if (messages.send[other] === send) copy++;
  return added(trace, {
    kind: 'drop',
    type,
    from: nodeName(trace, from),
    to: nodeName(trace, to),
    atNs: events.t[send],
    nth,
    copy,
  });
}

const sameName = (trace: Trace, left: number, right: number): boolean =>
  left === right || nodeName(trace, left) === nodeName(trace, right);
