/** What columns say only together: a copy's sender and type, the changes of one event, the neighbours on a lane. */

import { KIND, KIND_NAMES, type KindName, WHY } from './kinds.ts';
import { NONE16, type Trace } from './model.ts';

export type Fate = 'delivered' | 'dropped' | 'inflight';

/** What became of a message copy. */
export function fateOf(trace: Trace, message: number): Fate {
  if (trace.messages.end[message] < 0) return 'inflight';
  return trace.messages.why[message] === WHY.none ? 'delivered' : 'dropped';
}

/** The message that a network copy repeats; -1 for an original. Copies share the send event, which names the original. */
export function copyOf(trace: Trace, message: number): number {
  const send = trace.messages.send[message];
  const original = send < 0 ? -1 : trace.events.msg[send];
  return original === message ? -1 : original;
}

/** Node that sent a message; `NONE16` when its send event is unknown. */
export function senderOf(trace: Trace, message: number): number {
  const send = trace.messages.send[message];
  return send < 0 ? NONE16 : trace.events.node[send];
}

/** A message's type. */
export function typeOf(trace: Trace, message: number): string {
  const send = trace.messages.send[message];
  return send < 0 ? '' : trace.strings[trace.events.name[send]];
}

export function kindOf(trace: Trace, event: number): KindName {
  return KIND_NAMES[trace.events.kind[event]] ?? 'local';
}

/** A node's name; '-' for none. */
export function nodeName(trace: Trace, node: number): string {
  return trace.header.nodes[node]?.name ?? '-';
}

/** Rows of `deltas` (or `details`) that belong to an event: from the first to before the second. */
export function rowsOfEvent(table: { event: Int32Array }, event: number): readonly [from: number, to: number] {
  let low = 0;
  let high = table.event.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (table.event[middle] < event) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < table.event.length && table.event[end] === event) end++;
  return [low, end];
}

/**
 * Whether an event happens in the network and not in a node. Drops and duplicates stand in the receiver's lane to be
 * seen, but the receiver does not learn of them: they are no part of its program order.
 */
export function isNetworkKind(kind: number): boolean {
  return kind === KIND.drop || kind === KIND.duplicate;
}
