/** Where a step leads: to the next event of all, of the lane, to the next change of state, to what broke, or to the next chapter of its story. */

import type { Chapter } from './chapters.ts';
import type { Opened } from './opened.ts';
import { firstAtLeast, firstGreater } from './search.ts';

export const STEPS = ['event', 'lane', 'change', 'violation', 'chapter'] as const;
export type Step = (typeof STEPS)[number];

/**
 * @param chapters of the story that is told
 * @returns the event, or -1 when there is none on that side; before the first step `event` is -1
 */
export function stepFrom(
  opened: Opened,
  event: number,
  step: Step,
  by: 1 | -1,
  chapters: readonly Chapter[] = [],
): number {
  const { events, deltas } = opened.trace;
  if (events.length === 0) return -1;
  const start = event < 0 ? (by > 0 ? -1 : events.length) : event;
  switch (step) {
    case 'event':
      return within(start + by, events.length);
    case 'lane': {
      const list = opened.eventsOfNode[events.node[event]];
      return list === undefined || event < 0 ? within(start + by, events.length) : next(list, event, by);
    }
    case 'change':
      return next(deltas.event.subarray(0, deltas.length), start, by);
    case 'violation':
      return next(
        opened.violations.map(one => one.event).sort((left, right) => left - right),
        start,
        by,
      );
    case 'chapter':
      return next(
        chapters.map(one => one.event),
        start,
        by,
      );
  }
}

const within = (event: number, length: number): number => (event >= 0 && event < length ? event : -1);

/** The nearest of an ascending list on one side of an event, itself not counted. */
function next(list: Int32Array | readonly number[], event: number, by: 1 | -1): number {
  return list[by > 0 ? firstGreater(list, event) : firstAtLeast(list, event) - 1] ?? -1;
}

/** The last event not after a moment in virtual ns; -1 before the first. */
export const eventAt = ({ trace }: Opened, ns: number): number => firstGreater(trace.events.t as Float64Array, ns) - 1;
