/** Texts that are short enough to stand in a picture. */

import { rowsOfEvent } from '@dsys/runtime/trace/access';
import { describeValue } from '@dsys/runtime/trace/describe';
import type { Trace } from '@dsys/runtime/trace/model';

/** A text of strangers in one line of at most so many characters. */
export function clipped(text: string, limit: number): string {
  const line = text.slice(0, limit + 1).replace(/\s+/g, ' ');
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}

/** Most changes that are told beside an event. */
const CHANGES = 2;

/** What an event changed, in the fewest words: `votedFor 0 → null`. */
export function changeText(trace: Trace, row: number): string {
  const [from, to] = rowsOfEvent(trace.deltas, row);
  const told: string[] = [];
  for (let delta = from; delta < to && told.length < CHANGES; delta++) {
    const path = trace.strings[trace.deltas.path[delta]] ?? '';
    const name = path.slice(path.lastIndexOf('.') + 1);
    // Roles and epochs have a picture of their own.
    if (name === 'role' || name === 'leader') continue;
    const [before, after] = [trace.deltas.old[delta], trace.deltas.new[delta]].map(id =>
      clipped(describeValue(trace, id), 14),
    );
    told.push(`${clipped(name, 16)} ${before === '' ? '' : `${before} → `}${after}`);
  }
  return told.join(', ');
}
