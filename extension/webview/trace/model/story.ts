/**
 * The events that tell why a check was violated, whatever protocol ran:
 *
 * 1. what the witness names: events, and the invocation and answer of operations;
 * 2. how each of these operations came to its answer: the causal path from one to the other;
 * 3. who led when it happened, and how they came to lead: back from there over two messages (asked for a vote, got it);
 * 4. faults in force then, crashes and restarts since the first of all these.
 *
 * The terminal's account (`render-text.ts` in the runtime) goes by the same rules with fewer lines.
 */

import { causalPath } from '@dsys/runtime/trace/causality';
import { KIND } from '@dsys/runtime/trace/kinds';
import type { Opened } from './opened.ts';
import type { Violation } from './verdict.ts';

/** Most events of a story; the last ones are kept. */
export const MAX_STORY = 120;
/** Longest account of one operation. */
const MAX_PATH = 24;
/** Most events, and messages, back from where a role began. */
const MAX_BACK = 12;
const MESSAGES_BACK = 2;

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

  for (const op of violation.ops.slice(-8)) addOperation(opened, op, story);
  const end = last;
  const first = Math.min(...story);
  addLeaders(opened, first, end, story);
  const from = Math.min(...story);
  addFaults(opened, from, end, story);
  const rows = [...story].filter(event => event >= 0).sort((left, right) => left - right);
  return rows.slice(-MAX_STORY);
}

function addOperation({ trace, causality }: Opened, op: number, story: Set<number>): void {
  const invoke = trace.ops.invoke[op] ?? -1;
  const complete = trace.ops.complete[op] ?? -1;
  if (invoke < 0 || complete < 0) return;
  const path = causalPath(causality, invoke, complete).filter(event => trace.events.kind[event] !== KIND.storage);
  const kept = path.length <= MAX_PATH ? path : [...path.slice(0, MAX_PATH / 2), ...path.slice(-MAX_PATH / 2)];
  for (const event of kept) story.add(event);
}

function addLeaders(opened: Opened, first: number, last: number, story: Set<number>): void {
  const { leads, from, to, length } = opened.trace.epochs;
  for (let row = length - 1; row >= 0 && story.size < MAX_STORY; row--) {
    if (leads[row] === 0 || from[row] < 0 || from[row] > last || (to[row] >= 0 && to[row] < first)) continue;
    // The first leader's coming to power, before anything of the story, explains nothing.
    const initial = from[row] < first && !earlierLeader(opened, row);
    if (initial) continue;
    story.add(from[row]);
    for (const event of back(opened, from[row])) story.add(event);
    if (to[row] >= 0 && to[row] <= last) story.add(to[row]);
  }
}

function earlierLeader({ trace: { epochs } }: Opened, row: number): boolean {
  for (let other = 0; other < row; other++) {
    if (epochs.leads[other] !== 0 && epochs.group[other] === epochs.group[row]) return true;
  }
  return false;
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
