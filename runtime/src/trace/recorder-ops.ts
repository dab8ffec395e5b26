/** Client operations and injected faults, as told to the recorder. */

import { makeRoom } from './columns.ts';
import { KIND, STATUS, type StatusName } from './kinds.ts';
import { type Fault, NONE16, OP_SCHEMA } from './model.ts';
import { nameId, type Recorder, valueId, writeEvent } from './recorder-core.ts';
import { beginEvent } from './recorder-events.ts';
import { absorb, absorbTime } from './rolling-hash.ts';

/** A client asks. `f` is a `nameId`. Returns the operation's row, in order of invocation. */
export function opInvoked(
  recorder: Recorder,
  timeNs: number,
  client: number,
  process: number,
  f: number,
  key: unknown,
  value: unknown,
  src = NONE16,
): number {
  const row = recorder.opCount++;
  absorb(recorder.hash, process);
  const event = beginEvent(recorder, timeNs, KIND.invoke, client, f, row, 0, -1, src);
  if (!recorder.recording) return row;
  const keyId = valueId(recorder, key);
  const input = valueId(recorder, value);
  if (!recorder.recording) return row;
  const { ops } = recorder;
  if (row === ops.invoke.length) makeRoom(OP_SCHEMA, ops, recorder.maximumEvents);
  ops.process[row] = process;
  ops.f[row] = f;
  ops.key[row] = keyId;
  ops.value[row] = input;
  ops.result[row] = 0;
  ops.invoke[row] = event;
  ops.complete[row] = -1;
  ops.status[row] = STATUS.info;
  ops.linearizedAt[row] = -1;
  ops.length = row + 1;
  return row;
}

/** A client is told, or gives up (`info`). `client` is its node. Returns the `ok`, `fail` or `info` event. */
export function opCompleted(
  recorder: Recorder,
  timeNs: number,
  client: number,
  op: number,
  status: StatusName,
  result?: unknown,
): number {
  const f = recorder.recording ? recorder.ops.f[op] : 0;
  absorbTime(recorder.hash, timeNs);
  absorb(recorder.hash, KIND[status] | (client << 16));
  absorb(recorder.hash, op);
  const event = writeEvent(recorder, timeNs, KIND[status], client, f, -1, op, 0, -1, NONE16, 0);
  if (!recorder.recording) return event;
  const value = valueId(recorder, result);
  if (!recorder.recording) return event;
  recorder.ops.complete[op] = event;
  recorder.ops.status[op] = STATUS[status];
  recorder.ops.result[op] = value;
  return event;
}

/** A fault begins: a `faultStart` event in the lane `nemesis`. Returns the fault's row. */
export function faultStart(
  recorder: Recorder,
  timeNs: number,
  nemesis: number,
  fault: Omit<Fault, 'start' | 'end'>,
): number {
  const row = recorder.faultCount++;
  for (const node of fault.nodes) absorb(recorder.hash, node);
  const event = beginEvent(
    recorder,
    timeNs,
    KIND.faultStart,
    nemesis,
    nameId(recorder, fault.kind),
    -1,
    0,
    -1,
    fault.src,
  );
  if (recorder.recording) recorder.faults.push({ ...fault, start: event, end: -1 });
  return row;
}

/** A fault is undone. Returns the `faultEnd` event, caused by the start. */
export function faultEnd(recorder: Recorder, timeNs: number, nemesis: number, fault: number): number {
  const known = recorder.recording ? recorder.faults[fault] : undefined;
  absorbTime(recorder.hash, timeNs);
  absorb(recorder.hash, KIND.faultEnd | (nemesis << 16));
  absorb(recorder.hash, fault);
  const name = known === undefined ? 0 : nameId(recorder, known.kind);
  const event = writeEvent(
    recorder,
    timeNs,
    KIND.faultEnd,
    nemesis,
    name,
    -1,
    -1,
    0,
    known?.start ?? -1,
    known?.src ?? NONE16,
    0,
  );
  if (known !== undefined && recorder.recording) recorder.faults[fault] = { ...known, end: event };
  return event;
}
