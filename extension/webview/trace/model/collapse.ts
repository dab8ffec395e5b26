/**
 * What can be drawn as one, because nothing is to be seen in it: *runs* of local events of a server, and *storms*, the same
 * message sent from one node to another again and again without any message back arriving in between.
 *
 * Nothing goes into a group that somebody may look for: what is violated or part of its story, changes of roles, what a
 * filter finds, what was kept. A group in which something is selected, or was before, is not drawn as one.
 */

import { senderOf } from '@dsys/runtime/trace/access';
import { KIND } from '@dsys/runtime/trace/kinds';
import { type Axis, COLLAPSED } from './axis.ts';
import type { Opened } from './opened.ts';

/** Least events of a run, and messages of a storm. */
export const LEAST_RUN = 3;
export const LEAST_STORM = 4;

const LOCAL: ReadonlySet<number> = new Set([
  KIND.local,
  KIND.timerSet,
  KIND.timerFire,
  KIND.timerCancel,
  KIND.storage,
  KIND.log,
]);

export interface Group {
  /** Events that are not drawn by themselves, in order. */
  readonly rows: readonly number[];
  /** Of a storm, in order: the first and the last of them are drawn, and their events are not among `rows`. Empty for a run. */
  readonly messages: readonly number[];
}

export interface Collapsed {
  readonly groups: readonly Group[];
  /** For each event: 0 it is drawn by itself, 1 it is the first of a run, where the run stands, 2 it has no place of its own. */
  readonly rows: Uint8Array;
  /** For the event that a group is listed with, how many others are behind it: the first of a run, the sending of a storm's first message. */
  readonly more: ReadonlyMap<number, number>;
}

/**
 * @param told events that stay by themselves
 * @param masks as well: 1 for each that does; null: none
 */
export function groupsOf(opened: Opened, told: readonly number[], masks: readonly (Uint8Array | null)[]): Group[] {
  const { trace, eventsOfNode, causality, violations, violationRows } = opened;
  const { events, messages, epochs, ops } = trace;
  const { kind, node, name, msg, length } = events;
  const kept = new Uint8Array(length);
  for (const mask of masks) for (let row = 0; mask !== null && row < length; row++) kept[row] |= mask[row];
  const all = [told, violationRows, violations.map(one => one.event), epochs.from, epochs.to, ops.linearizedAt];
  for (const rows of all) for (const row of rows) kept[row] = 1;
  const groups: Group[] = [];
  trace.header.nodes.forEach((one, lane) => {
    let run: number[] = [];
    const end = (): void => {
      if (run.length >= LEAST_RUN) groups.push({ rows: run, messages: [] });
      run = [];
    };
    if (one.kind !== 'server') return;
    for (const row of eventsOfNode[lane]) {
      const cause = causality.cause[row];
      const isLocal = LOCAL.has(kind[row]) && msg[row] < 0 && (cause < 0 || node[cause] === lane);
      if (isLocal && kept[row] === 0) run.push(row);
      else end();
    }
    end();
  });
  // Which copies of a message came of it is to be seen.
  for (let row = 0; row < length; row++)
    if (kind[row] === KIND.duplicate && causality.send[row] >= 0) kept[causality.send[row]] = 1;
  const storms = new Map<number, number[]>();
  const endStorm = (key: number): void => {
    const storm = storms.get(key) ?? [];
    storms.delete(key);
    if (storm.length < LEAST_STORM) return;
    const rows = storm.slice(1, -1).flatMap(message => [messages.send[message], messages.end[message]]);
    groups.push({ rows: rows.filter(row => row >= 0).sort((left, right) => left - right), messages: storm });
  };
  for (let row = 0; row < length; row++) {
    const message = msg[row];
    if (message < 0) continue;
    const [from, to] = [senderOf(trace, message), messages.to[message]];
    if (kind[row] === KIND.deliver) endStorm(to * 0x10000 + from);
    if (kind[row] !== KIND.send) continue;
    const key = from * 0x10000 + to;
    const isKept = kept[row] === 1 || kept[messages.end[message]] === 1;
    if (isKept || name[messages.send[storms.get(key)?.[0] ?? message]] !== name[row]) endStorm(key);
    if (isKept) continue;
    const storm = storms.get(key);
    if (storm === undefined) storms.set(key, [message]);
    else storm.push(message);
  }
  for (const key of [...storms.keys()]) endStorm(key);
  return groups;
}

/** @param shown events whose groups are drawn one by one */
export function collapsedOf({ trace }: Opened, all: readonly Group[], shown: Iterable<number>): Collapsed {
  const open = new Set(shown);
  const listedWith = ({ rows, messages }: Group): number =>
    messages.length > 0 ? trace.messages.send[messages[0]] : rows[0];
  const groups = all.filter(group => !open.has(listedWith(group)) && !group.rows.some(row => open.has(row)));
  const rows = new Uint8Array(trace.events.length);
  const more = new Map<number, number>();
  for (const group of groups) {
    const isRun = group.messages.length === 0;
    for (const row of group.rows) rows[row] = 2;
    if (isRun) rows[group.rows[0]] = 1;
    more.set(listedWith(group), group.rows.length - (isRun ? 1 : 0));
  }
  return { groups, rows, more };
}

/** An axis on which groups are `COLLAPSED`. Where every event has the same room, a run has that of one, and a storm that of two messages. */
export function closedUp(axis: Axis, { rows }: Collapsed): Axis {
  const hidden = rows.map((one, row) => (axis.hidden?.[row] === 1 ? 1 : one > 0 ? COLLAPSED : 0));
  if (axis.kind !== 'step') return { ...axis, hidden };
  let u = -1;
  const at = Float64Array.from(rows, one => (one < 2 ? ++u : u));
  return { ...axis, at, to: Math.max(1, u), hidden };
}
