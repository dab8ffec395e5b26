/** What people keep of a trace: moments with their words, and the whole as Markdown to paste elsewhere. */

import { nodeName } from '@dsys/runtime/trace/access';
import { describeEvent } from '@dsys/runtime/trace/describe';
import type { Opened } from './opened.ts';
import { moment } from './times.ts';
import { summaryOf } from './verdict.ts';

export interface Note {
  readonly event: number;
  readonly text: string;
}

/** Longest text of a note, and most notes: what a page may keep is small. */
export const MAX_NOTE = 280;
export const MAX_NOTES = 40;

/** With the note of an event put in the place of the one it had; in the order of events. An empty text stays: a bookmark. */
export function withNote(notes: readonly Note[], event: number, text: string): readonly Note[] {
  const others = notes.filter(note => note.event !== event);
  if (others.length >= MAX_NOTES) return notes;
  return [...others, { event, text: text.slice(0, MAX_NOTE) }].sort((left, right) => left.event - right.event);
}

/** Notes as Markdown: the verdict, how to repeat the run, then each moment with what happened at it. */
export function notesAsMarkdown(opened: Opened, notes: readonly Note[]): string {
  const { trace, origin } = opened;
  const { title, message } = summaryOf(opened);
  const { model, seed } = trace.header;
  const file = model.uri.slice(model.uri.lastIndexOf('/') + 1);
  const lines = [
    `### ${inline(title)}`,
    '',
    inline(message),
    '',
    `Scenario ${code(model.name)} of ${code(file)}, seed ${seed}: ${code(`dsys run ${file} ${model.name} --seed ${seed}`)}`,
    '',
  ];
  for (const { event, text } of notes) {
    if (event >= trace.events.length) continue;
    const where = `${moment(trace.events.t[event] - origin)}, ${nodeName(trace, trace.events.node[event])}`;
    const told = `**${inline(where)}** (#${event}) ${inline(describeEvent(trace, event))}`;
    lines.push(`- ${told}${text === '' ? '' : `: ${inline(text)}`}`);
  }
  return `${lines.join('\n')}\n`;
}

/** One line of plain words: nothing in it means anything to Markdown or HTML. */
const inline = (text: string): string => text.replace(/\s+/g, ' ').replace(/[\\`*_{}[\]<>#|!]/g, '\\$&');

function code(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return longest === 0 ? `\`${line}\`` : `${fence} ${line} ${fence}`;
}
