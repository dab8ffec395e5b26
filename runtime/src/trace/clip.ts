/** A trace of only the first events: what remains of one that was too long, or whose file lost its rest. */

import { shorten } from './columns.ts';
import { STATUS, WHY } from './kinds.ts';
import {
  DELTA_SCHEMA,
  DETAIL_SCHEMA,
  EPOCH_SCHEMA,
  EVENT_SCHEMA,
  MESSAGE_SCHEMA,
  OP_SCHEMA,
  type Trace,
  type TraceWitness,
} from './model.ts';

/**
 * Cuts a trace, in place, to the events before `after`, and its header says so with `reason`. What began before stays:
 * messages are then in flight, operations open, roles and faults without end. Strings and values stay all.
 */
export function clip(trace: Trace, after: number, reason: string): void {
  const { events, messages, ops, epochs } = trace;
  const cut = Math.min(after, events.length);
  shorten(EVENT_SCHEMA, events, cut);

  // Message rows follow their send and duplicate events, so the greatest one named is the last one made.
  let made = 0;
  for (let event = 0; event < cut; event++) if (events.msg[event] >= made) made = events.msg[event] + 1;
  shorten(MESSAGE_SCHEMA, messages, made);
  for (let row = 0; row < messages.length; row++) {
    if (messages.end[row] < cut) continue;
    messages.end[row] = -1;
    messages.why[row] = WHY.none;
  }

  shorten(OP_SCHEMA, ops, firstAtOrAfter(ops.invoke, cut));
  for (let row = 0; row < ops.length; row++) {
    if (ops.linearizedAt[row] >= cut) ops.linearizedAt[row] = -1;
    if (ops.complete[row] < cut) continue;
    ops.complete[row] = -1;
    ops.status[row] = STATUS.info;
    ops.result[row] = 0;
  }

  shorten(EPOCH_SCHEMA, epochs, firstAtOrAfter(epochs.from, cut));
  for (let row = 0; row < epochs.length; row++) if (epochs.to[row] >= cut) epochs.to[row] = -1;
  shorten(DELTA_SCHEMA, trace.deltas, firstAtOrAfter(trace.deltas.event, cut));
  shorten(DETAIL_SCHEMA, trace.details, firstAtOrAfter(trace.details.event, cut));

  keepWithin(trace, cut, ops.length);
  trace.header = { ...trace.header, truncated: { reason, after: cut } };
}

/** Takes out of faults, checks, notes and the loop what refers to events from `events`, or operations from `ops`, on. */
export function keepWithin(trace: Trace, events: number, ops: number): void {
  trace.faults = trace.faults
    .filter(fault => fault.start < events)
    .map(fault => (fault.end < events ? fault : { ...fault, end: -1 }));
  trace.checks = trace.checks.map(check =>
    check.witness === null ? check : { ...check, witness: witnessWithin(check.witness, events, ops) },
  );
  trace.notes = trace.notes.filter(note => (note.event ?? -1) < events && (note.range?.[1] ?? -1) < events);
  const { loop, ...header } = trace.header;
  if (loop !== undefined && loop.fromEvent >= events) trace.header = header;
}

/** First row that is at or after an event, in a column that does not decrease. */
function firstAtOrAfter(column: Int32Array, event: number): number {
  let low = 0;
  let high = column.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (column[middle] < event) low = middle + 1;
    else high = middle;
  }
  return low;
}

function witnessWithin(witness: TraceWitness, events: number, ops: number): TraceWitness {
  const { lasso, ...rest } = witness;
  const keptOps = (list: readonly number[]): number[] => list.filter(op => op < ops);
  return {
    ...rest,
    events: witness.events.filter(event => event < events),
    ops: keptOps(witness.ops),
    ...(witness.partials && { partials: witness.partials.map(keptOps) }),
    ...(witness.order && { order: keptOps(witness.order) }),
    ...(lasso && lasso[1] < events && { lasso }),
  };
}
