/**
 * A story in plain words: few chapters, each at an event, by rules that hold whatever protocol ran:
 *
 * 1. faults that begin or end in the story, crashes and restarts, and what a restart changed;
 * 2. who comes to lead, by which message, who leads as well then, and what it had last heard of the leader before;
 * 3. what the clients of the witness were told, and by whom;
 * 4. what the witness names besides, where it names no operations;
 * 5. what was violated;
 * 6. notes of a story that stand in the trace, each in the place of whatever the rules say of its event.
 *
 * When there are too many, the rules that stand first here lose theirs, the earliest ones first.
 */

import { nodeName } from '@dsys/runtime/trace/access';
import { ascii, describeEvent, describeRole } from '@dsys/runtime/trace/describe';
import { KIND } from '@dsys/runtime/trace/kinds';
import type { Opened } from './opened.ts';
import type { Leadership } from './roles.ts';
import { changeText, clipped } from './short-words.ts';
import { lastHeard, toldIn } from './story.ts';
import type { Violation } from './verdict.ts';

export interface Chapter {
  readonly event: number;
  readonly text: string;
}

export const MAX_CHAPTERS = 24;
const MAX_TEXT = 400;

/**
 * @param story rows that `storyOf` gave for the violation
 * @returns in the order of events, at most one at each; without a violation the notes alone
 */
export function chaptersOf(opened: Opened, violation: Violation | null, story: readonly number[]): Chapter[] {
  const { trace } = opened;
  const { kind } = trace.events;
  const chapters = new Map<number, string>();
  const put = (event: number, text: string): void => {
    // What is put last is kept longest.
    chapters.delete(event);
    chapters.set(event, text);
  };
  const isTold = new Set(story);
  for (const row of story) {
    if (kind[row] === KIND.faultStart || kind[row] === KIND.faultEnd) put(row, `a fault ${describeEvent(trace, row)}`);
    else if (kind[row] === KIND.crash || kind[row] === KIND.restart) put(row, happened(opened, row));
  }
  // Witnesses and roles of strangers' traces may be without end, and name the same events again and again.
  for (const one of opened.leaderships.filter(({ from }) => isTold.has(from)).slice(-MAX_CHAPTERS)) {
    const earlier = opened.leaderships.filter(other => other.group === one.group && other.from < one.from);
    const before = earlier.findLast(other => other.node !== one.node);
    const heard = before === undefined ? -1 : lastHeard(opened, before.node, one);
    if (before !== undefined && isTold.has(heard) && heard > before.from)
      put(heard, `${happened(opened, heard)}, the last of ${nameOf(opened, before.node)} before it leads`);
    put(one.from, leads(opened, one, earlier));
  }
  for (const op of violation?.ops.slice(-MAX_CHAPTERS) ?? []) {
    const { invoke, complete } = trace.ops;
    const end = complete[op] >= 0 ? complete[op] : invoke[op];
    if (isTold.has(end)) put(end, `${happened(opened, end)}${answeredBy(opened, complete[op] ?? -1)}`);
  }
  if (violation !== null) {
    const { ops, events, event, name, message } = violation;
    if (ops.length === 0)
      for (const row of events.slice(-MAX_CHAPTERS)) if (isTold.has(row)) put(row, happened(opened, row));
    const broken = `${name} is violated`;
    const known = kind[event] === KIND.violation ? undefined : chapters.get(event);
    if (isTold.has(event)) put(event, known === undefined ? `${broken}: ${message}` : `${known}. ${broken}`);
  }
  for (const { event, text } of toldIn(trace)) put(event, text);
  return [...chapters]
    .slice(-MAX_CHAPTERS)
    .map(([event, text]) => ({ event, text: clipped(text, MAX_TEXT) }))
    .sort((left, right) => left.event - right.event);
}

/** Index of the last chapter that is not after an event; -1 before the first. */
export const chapterAt = (chapters: readonly Chapter[], event: number): number =>
  chapters.findLastIndex(one => one.event <= event);

const nameOf = ({ trace }: Opened, node: number): string => ascii(nodeName(trace, node));

/** Who did what, and what that changed, without when it was sent. */
function happened(opened: Opened, event: number): string {
  const { trace } = opened;
  const what = describeEvent(trace, event).replace(/ \(sent [\d.-]+\)$/, '');
  const change = trace.events.kind[event] === KIND.restart ? changeText(trace, event) : '';
  return `${nameOf(opened, trace.events.node[event])} ${what}${change === '' ? '' : ` (${change})`}`;
}

function role({ trace, leaderships }: Opened, { row, epoch, group }: Leadership): string {
  const isAlone = leaderships.every(other => other.group === group);
  const of = isAlone || !trace.strings[group] ? '' : ` of ${trace.strings[group]}`;
  return ascii(`${describeRole(trace.strings[trace.epochs.role[row]] || 'leader', epoch)}${of}`);
}

/** @param earlier who led the same group before */
function leads(opened: Opened, one: Leadership, earlier: readonly Leadership[]): string {
  const { kind } = opened.trace.events;
  const own = `${nameOf(opened, one.node)} ${role(opened, one)}`;
  const how = kind[one.from] === KIND.deliver ? `${happened(opened, one.from)}: ${own}` : own;
  const other = earlier.findLast(({ node, to }) => node !== one.node && (to < 0 || to > one.from));
  return other === undefined ? how : `${how}, while ${nameOf(opened, other.node)} ${role(opened, other)}`;
}

/** Whose message a client's operation ended with, and whether that one led: ` by n1, which is leader in epoch 1`. */
function answeredBy(opened: Opened, complete: number): string {
  const { trace, causality, leaderships } = opened;
  // A client that is told by nobody, as after a timeout, has no message of that very moment.
  const reply = causality.previous[complete] ?? -1;
  const send = causality.send[reply] ?? -1;
  if (send < 0 || trace.events.t[reply] !== trace.events.t[complete]) return '';
  const node = trace.events.node[send];
  const leader = leaderships.find(one => one.node === node && one.from <= send && (one.to < 0 || one.to > send));
  return ` by ${nameOf(opened, node)}${leader === undefined ? '' : `, which ${role(opened, leader)}`}`;
}
