/** Events of nodes, and what they change: roles, watched fields. */

import { makeRoom } from './columns.ts';
import { KIND } from './kinds.ts';
import { DELTA_SCHEMA, DETAIL_SCHEMA, EPOCH_SCHEMA, MAX_EVENTS, NONE16 } from './model.ts';
import { type Recorder, stop, valueId, writeEvent } from './recorder-core.ts';
import { absorb, absorbTime } from './rolling-hash.ts';

/**
 * One event of a node, that is not the end of a message or an operation's (those have functions of their own).
 * @param timeNs not before the last event's
 * @param kind `KIND`
 * @param name a `nameId`
 * @param op operation on whose behalf, or -1
 * @param epoch term, ballot or view; 0 for none
 * @param cause earlier event (for a `timerFire` its `timerSet`, for a `crash` its `faultStart`), or -1
 * @param src index of the source range, or `NONE16`
 * @param flags `EVENT_FLAG` bits
 */
export function beginEvent(
  recorder: Recorder,
  timeNs: number,
  kind: number,
  node: number,
  name: number,
  op = -1,
  epoch = 0,
  cause = -1,
  src = NONE16,
  flags = 0,
): number {
  const hash = recorder.hash;
  absorbTime(hash, timeNs);
  absorb(hash, kind | (flags << 8) | (node << 16));
  absorb(hash, name | (src << 16));
  absorb(hash, op);
  absorb(hash, epoch);
  absorb(hash, cause);
  const event = writeEvent(recorder, timeNs, kind, node, name, -1, op, epoch, cause, src, flags);
  if (kind === KIND.crash && recorder.recording) endRoles(recorder, node, event);
  return event;
}

/** Who has crashed has no role, whatever it was last told. */
function endRoles({ epochs, openEpochs }: Recorder, node: number, event: number): void {
  for (const [place, row] of openEpochs) {
    if (place % 65_536 !== node) continue;
    epochs.to[row] = event;
    openEpochs.delete(place);
  }
}

/**
 * The event's node takes a role in an epoch of a group, from this event on; its previous role in the group ends.
 * @param group, role `nameId`s; group 0 where nodes are in one group only
 * @param epochNumber term, ballot or view, a uint32
 * @param leads whether the role decides for the group (leader, primary, head, coordinator)
 */
export function epochChanged(
  recorder: Recorder,
  event: number,
  group: number,
  role: number,
  epochNumber: number,
  leads: boolean,
): void {
  absorb(recorder.hash, event);
  absorb(recorder.hash, group | (role << 16));
  absorb(recorder.hash, leads ? ~epochNumber : epochNumber);
  if (!recorder.recording) return;
  const { epochs, openEpochs } = recorder;
  const node = recorder.events.node[event];
  const row = epochs.length;
  if (row === epochs.from.length && !makeRoom(EPOCH_SCHEMA, epochs, MAX_EVENTS)) {
    stop(recorder, `the trace holds its maximum of ${MAX_EVENTS} changes of roles`, event);
    return;
  }
  const place = group * 65_536 + node;
  const before = openEpochs.get(place);
  if (before !== undefined) epochs.to[before] = event;
  openEpochs.set(place, row);
  epochs.node[row] = node;
  epochs.group[row] = group;
  epochs.role[row] = role;
  epochs.epoch[row] = epochNumber;
  epochs.leads[row] = leads ? 1 : 0;
  epochs.from[row] = event;
  epochs.to[row] = -1;
  epochs.length = row + 1;
}

/**
 * A watched field of the event's node changes.
 * @param event not before that of the last call, because changes are kept in the order of events
 * @param path a `nameId`
 * @param old, now plain data; `undefined` for a field that was not, or is no longer, there
 */
export function stateDelta(recorder: Recorder, event: number, path: number, old: unknown, now: unknown): void {
  absorb(recorder.hash, event);
  absorb(recorder.hash, path);
  if (!recorder.recording) return;
  const before = valueId(recorder, old);
  const after = valueId(recorder, now);
  const { deltas } = recorder;
  const row = deltas.length;
  if (row === deltas.event.length && !makeRoom(DELTA_SCHEMA, deltas, MAX_EVENTS)) {
    stop(recorder, `the trace holds its maximum of ${MAX_EVENTS} changes of state`, event);
    return;
  }
  deltas.event[row] = event;
  deltas.path[row] = path;
  deltas.old[row] = before;
  deltas.new[row] = after;
  deltas.length = row + 1;
}

/** What an event carries besides (a log line's text, a timer's delay, a write's size), in the order of events. */
export function detail(recorder: Recorder, event: number, value: unknown): void {
  if (!recorder.recording) return;
  const id = valueId(recorder, value);
  const { details } = recorder;
  const row = details.length;
  if (row === details.event.length && !makeRoom(DETAIL_SCHEMA, details, MAX_EVENTS)) {
    stop(recorder, `the trace holds its maximum of ${MAX_EVENTS} details`, event);
    return;
  }
  details.event[row] = event;
  details.value[row] = id;
  details.length = row + 1;
}
