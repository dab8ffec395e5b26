/**
 * The events that tell why a check was violated, whatever protocol ran:
 *
 * 1. what the witness names: events, and the invocation and answer of operations;
 * 2. how each of these operations came to its answer: the causal path from one to the other; without an answer also that to
 *    what nodes did, of the witness;
 * 3. who led when it happened, and how they came to lead: back from there over two messages (asked for a vote, got it);
 * 4. for operations, who took over next, and the last message from the one before that changed it;
 * 5. faults in force then, crashes and restarts since the first of all these;
 * 6. what notes in the trace tell of a story (`chapters.ts`).
 *
 * The terminal's account (`render-text.ts` in the runtime) goes by the same rules with fewer lines.
 */

import { rowsOfEvent } from '@dsys/runtime/trace/access';
import { causalPath } from '@dsys/runtime/trace/causality';
import { KIND } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { isUnknown } from '@dsys/runtime/trace/processes';
import type { Opened } from './opened.ts';
import type { Leadership } from './roles.ts';
import type { Violation } from './verdict.ts';

/** Most events of a story; the last ones are kept. */
export const MAX_STORY = 120;
/** Longest account of one operation. */
const MAX_PATH = 24;
/** Most events, and messages, back from where a role began. */
const MAX_BACK = 12;
const MESSAGES_BACK = 2;
/** Most events that are looked through for what a new leader had heard of the old one. */
const MAX_LOOK_BACK = 20_000;

/** Most notes of a story. */
const MAX_NOTES = 40;

/** What notes tell as part of a story, by the event that each is about, or begins at. */
export function toldIn({ notes, events }: Trace): { event: number; text: string }[] {
  const found: { event: number; text: string }[] = [];
  for (const { event: own, range, text, story } of notes) {
    const event = own ?? range?.[0] ?? -1;
    if (story === undefined || event < 0 || event >= events.length || found.length === MAX_NOTES) continue;
    found.push({ event, text: story === '' ? text : `${story}: ${text}` });
  }
  return found;
}

/** Rows of the story in order; empty for a violation that names nothing of the trace. */
export function storyOf(opened: Opened, violation: Violation): number[] {
  const { trace } = opened;
  const { events, ops } = trace;
  const focus = new Set<number>(violation.events);
  for (const op of violation.ops) {
    focus.add(ops.invoke[op] ?? -1);
    focus.add(ops.complete[op] ?? -1);
  }
  focus.delete(-1);
  const witness = [...focus].filter(event => event < events.length);
  if (witness.length === 0) return [];
  const last = Math.max(...witness);
  const story = new Set(witness);

  for (const op of violation.ops.slice(-8)) addOperation(opened, op, violation.events, story);
  const end = last;
  const first = Math.min(...story);
  addLeaders(opened, first, end, violation.ops.length > 0, story);
  const from = Math.min(...story);
  addFaults(opened, from, Math.max(...story), story);
  for (const { event } of toldIn(trace)) story.add(event);
  const rows = [...story].filter(event => event >= 0).sort((left, right) => left - right);
  return rows.slice(-MAX_STORY);
}

function addOperation({ trace, causality }: Opened, op: number, events: readonly number[], story: Set<number>): void {
  const invoke = trace.ops.invoke[op] ?? -1;
  if (invoke < 0) return;
  const others = isUnknown(trace.ops, op) ? events.filter(event => trace.events.op[event] < 0).slice(-2) : [];
  for (const end of [trace.ops.complete[op], ...others]) {
    if (end < 0) continue;
    const path = causalPath(causality, invoke, end).filter(event => trace.events.kind[event] !== KIND.storage);
    const kept = path.length <= MAX_PATH ? path : [...path.slice(0, MAX_PATH / 2), ...path.slice(-MAX_PATH / 2)];
    for (const event of kept) story.add(event);
  }
}

/** @param outlived whether what was broken concerns what clients were told, which the next leader has to keep */
function addLeaders(opened: Opened, first: number, last: number, outlived: boolean, story: Set<number>): void {
  const { leaderships } = opened;
  for (const [index, one] of leaderships.entries()) {
    const { from, to } = one;
    const earlier = leaderships.slice(0, index).findLast(other => other.group === one.group && other.node !== one.node);
    // How the first of all came to power explains nothing.
    if (from < 0 || (to >= 0 && to < first) || (from < first && earlier === undefined)) continue;
    const next = from > last;
    if (next && !(outlived && isSuccessor(leaderships, one, last))) continue;
    if (story.size > MAX_STORY) return;
    for (const event of [from, ...back(opened, from)]) story.add(event);
    if (to >= 0 && to <= last) story.add(to);
    const told = next && earlier !== undefined ? lastHeard(opened, earlier.node, one) : -1;
    if (told < 0) continue;
    story.add(told);
    if (opened.causality.send[told] >= 0) story.add(opened.causality.send[told]);
  }
}

/** Whether it is the first to lead its group after an event. */
function isSuccessor(leaderships: readonly Leadership[], one: Leadership, last: number): boolean {
  return leaderships.find(other => other.group === one.group && other.from > last) === one;
}

/** The last message from one node that changed another before it came to lead: what it did not get, it cannot know. */
export function lastHeard({ trace, causality }: Opened, from: number, { node, from: until }: Leadership): number {
  const { events, deltas } = trace;
  for (let row = until - 1; row >= Math.max(0, until - MAX_LOOK_BACK); row--) {
    if (events.kind[row] !== KIND.deliver || events.node[row] !== node || causality.send[row] < 0) continue;
    if (events.node[causality.send[row]] !== from) continue;
    const [first, end] = rowsOfEvent(deltas, row);
    if (end > first) return row;
  }
  return -1;
}

/** What led to an event, over two messages and up to a timer. */
function back({ trace, causality }: Opened, event: number): number[] {
  const found: number[] = [];
  let messages = 0;
  for (let row = event; row >= 0 && found.length < MAX_BACK; ) {
    if (trace.events.kind[row] !== KIND.storage) found.push(row);
    if (trace.events.kind[row] === KIND.timerFire) break;
    if (causality.send[row] >= 0) {
      if (messages++ === MESSAGES_BACK) break;
      row = causality.send[row];
    } else row = causality.cause[row];
  }
  return found;
}

function addFaults({ trace }: Opened, first: number, last: number, story: Set<number>): void {
  const { kind, node, length } = trace.events;
  for (const { start, end } of trace.faults.slice(-MAX_STORY)) {
    if (start < 0 || start > last || (end >= 0 && end < first)) continue;
    story.add(start);
    if (end >= 0 && end <= last) story.add(end);
  }
  let added = 0;
  const down = new Map<number, number>();
  for (let event = 0; event < first; event++) {
    if (kind[event] === KIND.crash) down.set(node[event], event);
    else if (kind[event] === KIND.restart) down.delete(node[event]);
  }
  for (const event of down.values()) story.add(event);
  for (let event = first; event <= last && event < length && added < 24; event++) {
    if (kind[event] !== KIND.crash && kind[event] !== KIND.restart) continue;
    story.add(event);
    added++;
  }
}
