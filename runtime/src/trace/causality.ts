/**
 * Happens-before, from links (Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System", CACM 1978):
 * event a happens before b when b can be reached from a by the order of events in one lane, from a message's sending to
 * its end, and from a cause to its effect. Vector clocks (Fidge; Mattern) are not stored but follow from it.
 *
 * Every link points to an earlier row, so one pass over the rows gives all that happened before an event, or after it:
 * linear in the number of rows between, on typed arrays.
 */

import { isNetworkKind } from './access.ts';
import { KIND } from './kinds.ts';
import { NONE16, type Trace } from './model.ts';

/** For each event the earlier events that it follows directly, each -1 for none. */
export interface Causality {
  /** The one before in its lane; drops and duplicates are in no lane's order. */
  readonly previous: Int32Array;
  /** For a deliver, drop or duplicate, the send. */
  readonly send: Int32Array;
  readonly cause: Int32Array;
  /** Lane of each event that is part of a lane's order, else `NONE16`. */
  readonly lane: Uint16Array;
  readonly lanes: number;
}

export function causalityOf(trace: Trace): Causality {
  const { events, messages } = trace;
  const { kind, node, msg, length } = events;
  const lanes = trace.header.nodes.length;
  const previous = new Int32Array(length).fill(-1);
  const send = new Int32Array(length).fill(-1);
  const cause = new Int32Array(length).fill(-1);
  const lane = new Uint16Array(length).fill(NONE16);
  const last = new Int32Array(lanes).fill(-1);
  for (let event = 0; event < length; event++) {
    const network = isNetworkKind(kind[event]);
    if ((network || kind[event] === KIND.deliver) && msg[event] >= 0) {
      send[event] = earlier(messages.send[msg[event]], event);
    }
    cause[event] = earlier(events.cause[event], event);
    if (network || node[event] >= lanes) continue;
    lane[event] = node[event];
    previous[event] = last[node[event]];
    last[node[event]] = event;
  }
  return { previous, send, cause, lane, lanes };
}

/** Links of unsound traces may point forwards: they say nothing. */
function earlier(link: number, event: number): number {
  return link < event ? link : -1;
}

/** 1 for each event that happened before `event`, and for itself; 0 for the others. */
export function pastCone(causality: Causality, event: number): Uint8Array {
  return pastDownTo(causality, event, 0);
}

/** The past cone, looked for only down to the row `floor`. */
function pastDownTo({ previous, send, cause }: Causality, event: number, floor: number): Uint8Array {
  const past = new Uint8Array(previous.length);
  past[event] = 1;
  for (let row = event; row >= floor; row--) {
    if (past[row] === 0) continue;
    if (previous[row] >= 0) past[previous[row]] = 1;
    if (send[row] >= 0) past[send[row]] = 1;
    if (cause[row] >= 0) past[cause[row]] = 1;
  }
  return past;
}

/** 1 for each event that `event` happened before, and for itself; 0 for the others. */
export function futureCone({ previous, send, cause }: Causality, event: number): Uint8Array {
  const future = new Uint8Array(previous.length);
  future[event] = 1;
  for (let row = event + 1; row < future.length; row++) {
    const follows =
      (previous[row] >= 0 && future[previous[row]]) ||
      (send[row] >= 0 && future[send[row]]) ||
      (cause[row] >= 0 && future[cause[row]]);
    if (follows) future[row] = 1;
  }
  return future;
}

/** How many events stand before each one on the longest chain that leads to it; 0 for what follows nothing. */
export function causalDepth({ previous, send, cause }: Causality): Int32Array {
  const depth = new Int32Array(previous.length);
  for (let row = 0; row < depth.length; row++) {
    let most = 0;
    if (previous[row] >= 0) most = depth[previous[row]] + 1;
    if (send[row] >= 0 && depth[send[row]] >= most) most = depth[send[row]] + 1;
    if (cause[row] >= 0 && depth[cause[row]] >= most) most = depth[cause[row]] + 1;
    depth[row] = most;
  }
  return depth;
}

/** Whether `a` happened before `b`; false for an event and itself. Neither way round: they are concurrent. */
export function happensBefore(causality: Causality, a: number, b: number): boolean {
  return a < b && pastDownTo(causality, b, a)[a] === 1;
}

/**
 * The vector clock of an event: for each node how many events of its lane happened before it, itself included. For two
 * events of lanes, a happens before b exactly when a's clock is at most b's in every component, and they differ.
 * @param past the event's past cone, by whoever has it
 */
export function vectorClock(causality: Causality, event: number, past = pastCone(causality, event)): Int32Array {
  const clock = new Int32Array(causality.lanes);
  for (let row = 0; row <= event; row++) {
    if (past[row] === 1 && causality.lane[row] !== NONE16) clock[causality.lane[row]]++;
  }
  return clock;
}

/**
 * How `a` came to cause `b`: events from `a` to `b`, each following directly from the one before. Of several ways it
 * takes, going back from `b`, the message wherever one arrived: what was waited for last, as on a critical path.
 * Empty when `a` did not happen before `b`.
 */
export function causalPath(causality: Causality, a: number, b: number): number[] {
  const future = futureCone(causality, a);
  if (a >= b || future[b] === 0) return [];
  const path = [b];
  for (let row = b; row !== a; path.push(row)) {
    const { send, cause, previous } = causality;
    // Some link of every event in a's future leads to another in it, or to a.
    if (send[row] >= 0 && future[send[row]] === 1) row = send[row];
    else if (cause[row] >= 0 && future[cause[row]] === 1) row = cause[row];
    else row = previous[row];
  }
  return path.reverse();
}
