/** Which events a part of a trace has. */

import { isNetworkKind, nodeName } from './access.ts';
import { causalityOf, pastCone } from './causality.ts';
import { milliseconds, originNs } from './describe.ts';
import { KIND } from './kinds.ts';
import type { Trace } from './model.ts';

/** All that are given must hold. Bounds are inclusive. */
export interface Selection {
  /** Rows. */
  readonly events?: readonly [first: number, last: number];
  /** Virtual ns, as the events have them. */
  readonly times?: readonly [fromNs: number, toNs: number];
  /** Lanes, as indices into `header.nodes`. */
  readonly nodes?: readonly number[];
  /** An event: what happened before it, and itself. */
  readonly before?: number;
}

/** 1 for each event of the selection; rows and nodes that do not exist select nothing. */
export function selectedEvents(trace: Trace, { events, times, nodes, before }: Selection): Uint8Array {
  const { t, node, length } = trace.events;
  const exists = before === undefined || (before >= 0 && before < length);
  const kept = before === undefined || !exists ? new Uint8Array(length).fill(exists ? 1 : 0) : coneOf(trace, before);
  const lanes = nodes && new Set(nodes);
  for (let event = 0; event < length; event++) {
    if (events !== undefined && (event < events[0] || event > events[1])) kept[event] = 0;
    else if (times !== undefined && (t[event] < times[0] || t[event] > times[1])) kept[event] = 0;
    else if (lanes !== undefined && !lanes.has(node[event])) kept[event] = 0;
  }
  keepStarts(trace, kept);
  return kept;
}

/**
 * The past cone, and what the network did until then with messages that it has: that one was lost, or was copied, is in
 * no node's past but says why things went on as they did.
 */
function coneOf(trace: Trace, event: number): Uint8Array {
  const cone = pastCone(causalityOf(trace), event);
  const { kind, msg } = trace.events;
  for (let row = 0; row < event; row++) {
    const send = isNetworkKind(kind[row]) && msg[row] >= 0 ? trace.messages.send[msg[row]] : -1;
    if (send >= 0 && cone[send] === 1) cone[row] = 1;
  }
  return cone;
}

/** Takes out what the network did with messages sent elsewhere, and adds the copying of copies that arrive here. */
function keepStarts(trace: Trace, kept: Uint8Array): void {
  const { kind, msg, length } = trace.events;
  const { send, end } = trace.messages;
  for (let event = 0; event < length; event++) {
    const message = msg[event];
    if (message < 0 || !isNetworkKind(kind[event])) continue;
    const sent = send[message] >= 0 && kept[send[message]] === 1;
    if (!sent) kept[event] = 0;
    else if (kind[event] === KIND.duplicate && end[message] >= 0 && kept[end[message]] === 1) kept[event] = 1;
  }
}

/** The selection in words: `events 10 to 200, lanes n1 and n2`. Times count from where the scenario began. */
export function describeSelection(trace: Trace, { events, times, nodes, before }: Selection): string {
  const origin = originNs(trace);
  const parts: string[] = [];
  if (events !== undefined) parts.push(`events ${events[0]} to ${events[1]}`);
  if (times !== undefined) {
    parts.push(`${milliseconds(times[0] - origin)} ms to ${milliseconds(times[1] - origin)} ms`);
  }
  if (nodes !== undefined) parts.push(`lanes ${nodes.map(node => nodeName(trace, node)).join(', ')}`);
  if (before !== undefined) parts.push(`event ${before} and what happened before it`);
  return parts.length === 0 ? 'everything' : parts.join('; ');
}
