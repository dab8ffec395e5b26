/** Which part of a design an event goes back to, and how many events each of its lines has brought about. */

import { KIND } from '@dsys/runtime/trace/kinds';
import { NONE16, type Trace } from '@dsys/runtime/trace/model';

export interface LineCount {
  /** From 1. */
  readonly line: number;
  readonly events: number;
}

/** Most lines of a source that are counted: a design is a page or two. */
const MAX_LINES = 1000;

/** Row of `src` for an event: its own, else that of its fault; `NONE16` for none. */
export function sourceOfEvent({ events, faults }: Trace, event: number): number {
  const own = events.src[event];
  const kind = events.kind[event];
  if (own !== NONE16 || (kind !== KIND.faultStart && kind !== KIND.faultEnd)) return own;
  return faults.find(one => one.start === event || one.end === event)?.src ?? NONE16;
}

/**
 * For each source the lines at which something begins that has events, from the top. What reaches over a line counts for it
 * as well, as it does where the events of a line are marked.
 */
export function countsByLine(trace: Trace): readonly (readonly LineCount[])[] {
  const { src, sources, events } = trace;
  const counts = new Array<number>(src.length).fill(0);
  for (let event = 0; event < events.length; event++) {
    const source = sourceOfEvent(trace, event);
    if (source < counts.length) counts[source]++;
  }
  return sources.map((_, source) => {
    const own = src.flatMap((one, index) =>
      one.source === source && counts[index] > 0
        ? [{ from: one.range[0], to: one.range[2], events: counts[index] }]
        : [],
    );
    const lines = [...new Set(own.map(({ from }) => from))].sort((a, b) => a - b).slice(0, MAX_LINES);
    return lines.map(line => ({
      line,
      events: own.reduce((all, { from, to, events }) => (from <= line && line <= to ? all + events : all), 0),
    }));
  });
}
