/** What `viewer.bench.ts` measures inside a page: each step of opening a trace, and of drawing it, with the viewer's own code. */

import { causalityOf, futureCone, pastCone, vectorClock } from '@dsys/runtime/trace/causality';
import { decodeTrace } from '@dsys/runtime/trace/decode';
import { createPainter } from '../extension/webview/trace/draw/canvas.ts';
import { inksOf } from '../extension/webview/trace/draw/palette.ts';
import { sceneOf } from '../extension/webview/trace/draw/scene.ts';
import { type Range, timeAxis } from '../extension/webview/trace/model/axis.ts';
import { applyFilter } from '../extension/webview/trace/model/filter.ts';
import { parseFilter } from '../extension/webview/trace/model/filter-words.ts';
import { lanesOf } from '../extension/webview/trace/model/lanes.ts';
import { type Opened, openedOf } from '../extension/webview/trace/model/opened.ts';
import { pyramidOf } from '../extension/webview/trace/model/pyramid.ts';
import { inflateChunks } from '../extension/webview/trace/opening/inflate.ts';
import { viewOf } from '../extension/webview/trace/testing/view.ts';

export type Times = Readonly<Record<string, number>>;

function fastest(work: () => unknown, times = 5): number {
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < times; run++) {
    const began = performance.now();
    work();
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

const quantile = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.ceil(times.length * share) - 1];

let opened: Opened;

/** Steps of opening, in ms, and what else is asked for at a click. */
async function steps(base64: string): Promise<Times> {
  const bytes = Uint8Array.from(atob(base64), character => character.charCodeAt(0));
  let unpack = Number.POSITIVE_INFINITY;
  let decode = Number.POSITIVE_INFINITY;
  for (let run = 0; run < 3; run++) {
    const began = performance.now();
    const inflated = await inflateChunks(bytes, () => {});
    const unpacked = performance.now();
    const { trace } = decodeTrace(bytes, () => {}, inflated);
    const decoded = performance.now();
    unpack = Math.min(unpack, unpacked - began);
    decode = Math.min(decode, decoded - unpacked);
    if (run === 2) opened = openedOf(trace);
  }
  const { trace, causality } = opened;
  const { length } = trace.events;
  return {
    unpack,
    decode,
    causality: fastest(() => causalityOf(trace)),
    pyramid: fastest(() => pyramidOf(trace)),
    tables: fastest(() => openedOf(trace), 2),
    past: fastest(() => pastCone(causality, length - 1)),
    future: fastest(() => futureCone(causality, 0)),
    clock: fastest(() => vectorClock(causality, length - 1)),
    filter: fastest(() => applyFilter(opened, parseFilter('kind:drop node:s1 type:AppendEntries'))),
    text: fastest(() => applyFilter(opened, parseFilter('vote')), 2),
  };
}

/** What it would take with an object for each event, as JSON: to read it, and to look through it. */
function naive(): Times {
  const { events } = opened.trace;
  const names = Object.keys(events).filter(name => name !== 'length') as (keyof typeof events)[];
  const rows = Array.from({ length: events.length }, (_, row) =>
    Object.fromEntries(names.map(name => [name, (events[name] as Int32Array)[row]])),
  );
  const text = rows.map(one => JSON.stringify(one)).join('\n');
  let parsed: Record<string, number>[] = [];
  const decode = fastest(() => (parsed = text.split('\n').map(line => JSON.parse(line))), 1);
  const filter = fastest(() => parsed.filter(one => one.kind === 7 && one.node === 0 && one.name === 1).length, 3);
  return { decode, filter };
}

interface Frames {
  readonly median: number;
  readonly p95: number;
  /** Of the first ten, while the browser still compiles what draws them. */
  readonly first: number;
  readonly detail: string;
}

const WIDTH = 980;
const HEIGHT = 620;

/** A window around the middle of the run in which about so many events are. */
function windowOf(events: number, at: number): Range {
  const { t, length } = opened.trace.events;
  const first = Math.max(0, Math.min(length - 1 - events, Math.floor(at * length - events / 2)));
  return { from: t[first], to: t[Math.min(length - 1, first + events)] };
}

/**
 * Median and 95th percentile of ms for a picture, from view to pixels, of all that are drawn one after the other.
 * @param events in view; 0: all
 * @param everything draws all of them one by one, whatever that takes
 */
function frames(events: number, count: number, everything = false): Frames {
  const canvas = document.createElement('canvas');
  document.body.append(canvas);
  const { paint } = createPainter(
    canvas,
    inksOf('dark', () => ''),
    'sans-serif',
    1,
  );
  const axis = timeAxis(opened);
  const view = viewOf(opened, {
    axis,
    width: WIDTH,
    height: HEIGHT,
    lanes: lanesOf(opened, [], true),
    ...(everything && { limits: { exact: Number.POSITIVE_INFINITY, points: Number.POSITIVE_INFINITY } }),
  });
  const times: number[] = [];
  let detail = '';
  for (let frame = 0; frame < count; frame++) {
    const whole = { from: axis.from + frame, to: axis.to - frame };
    const range = events === 0 ? whole : windowOf(events, 0.2 + (0.6 * frame) / count);
    const began = performance.now();
    const scene = sceneOf({ ...view, range });
    paint(scene.list);
    // Reading a pixel waits until everything is painted.
    canvas.getContext('2d')!.getImageData(0, 0, 1, 1);
    times.push(performance.now() - began);
    detail = scene.detail;
  }
  canvas.remove();
  return { median: quantile(times, 0.5), p95: quantile(times, 0.95), first: Math.max(...times.slice(0, 10)), detail };
}

Object.assign(window, { steps, naive, frames });
