/** Where people say they want to go: `#31` or `31` (an event), `12ms` (a time), `@12` or `@shop.dsys:12` (a line). */

import { applyFilter } from './filter.ts';
import { parseFilter } from './filter-words.ts';
import type { Opened } from './opened.ts';
import { firstAtLeast } from './search.ts';
import { timeOf } from './times.ts';

/** The event, or why there is none. */
export function eventAsked(opened: Opened, asked: string): number | string {
  const text = asked.trim().slice(0, 200);
  const { t, length } = opened.trace.events;
  if (length === 0) return 'The trace has no events.';
  const number = /^#?(\d+)$/.exec(text)?.[1];
  if (number !== undefined) {
    const event = Number(number);
    return event < length ? event : `The last event is ${length - 1}.`;
  }
  if (text.startsWith('@')) {
    const filter = parseFilter(`src:"${text.slice(1)}"`);
    if (filter.problem !== '') return 'A line is asked for as @12 or @shop.dsys:12.';
    const first = applyFilter(opened, filter)!.indexOf(1);
    return first < 0 ? `No event comes from ${text.slice(1)}.` : first;
  }
  const ns = timeOf(text.toLowerCase());
  if (ns === undefined) return 'An event is asked for as #31, a time as 12ms, a line as @12.';
  const event = firstAtLeast(t as Float64Array, ns + opened.origin);
  return event < length ? event : 'The run ended before that.';
}
