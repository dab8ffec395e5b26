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

type PartOfText = Trace['src'][number]['range'];

/** A source as the host finds it now: its text, if that is what the trace was made from. */
export type SourceState = { readonly text: string } | 'changed' | 'missing';

export interface PlaceOfEvent {
  readonly uri: string;
  readonly range: PartOfText;
  /** Its row of the trace's sources. */
  readonly source: number;
  /** Name of what is declared there, '' for nothing. */
  readonly decl: string;
}

/** Where an event was written; undefined where no place is its source, and for none (-1). */
export function placeOfEvent(trace: Trace, event: number): PlaceOfEvent | undefined {
  const place = trace.src[event < 0 ? NONE16 : sourceOfEvent(trace, event)];
  const source = place && trace.sources[place.source];
  return source && { uri: source.uri, ...place };
}

/** Last part of a path or URI, as far as it is shown. */
export const fileName = (uri: string): string => uri.slice(uri.lastIndexOf('/') + 1).slice(0, 60);

/** Most lines and characters that are shown of a text in passing. */
const PEEKED_LINES = 12;
const PEEKED_CHARACTERS = 1000;

/** The lines of a range, from its first on and without its indentation; undefined where the text is not known as it was. */
export function linesOf(source: SourceState | undefined, [from, , to]: PartOfText): string | undefined {
  if (typeof source !== 'object') return undefined;
  const lines = source.text.split('\n').slice(from - 1, Math.min(to, from - 1 + PEEKED_LINES));
  const [indent = ''] = /^ */.exec(lines[0] ?? '')!;
  return lines
    .map(line => (line.startsWith(indent) ? line.slice(indent.length) : line))
    .join('\n')
    .slice(0, PEEKED_CHARACTERS);
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
