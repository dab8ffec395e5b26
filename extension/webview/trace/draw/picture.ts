/** The view that a trace opens with, as an SVG file for whoever has no viewer. */

import { pastCone } from '@dsys/runtime/trace/causality';
import type { ThemeKind } from '../../common/tokens.ts';
import { timeAxis, wholeRange } from '../model/axis.ts';
import { chaptersOf } from '../model/chapters.ts';
import { lanesOf, nodesOf } from '../model/lanes.ts';
import type { Opened } from '../model/opened.ts';
import { clipped } from '../model/short-words.ts';
import { storyOf } from '../model/story.ts';
import { duration, grouped } from '../model/times.ts';
import { summaryOf } from '../model/verdict.ts';
import { storyAxis } from '../model/warped.ts';
import type { View } from './frame.ts';
import { legendList } from './legend.ts';
import { inksOf } from './palette.ts';
import { MAX_EXACT, MAX_POINTS, type Scene, sceneOf } from './scene.ts';
import { type DisplayList, type Measure, roughMeasure, type Shape } from './shapes.ts';
import { MAX_SVG_SHAPES, svgOf } from './svg.ts';

export interface PictureOptions {
  readonly kind: ThemeKind;
  readonly width: number;
  readonly measure?: Measure;
  readonly font?: string;
}

export const PICTURE_FONT = 'system-ui, -apple-system, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif';
const HEADING = 62;

/** What the viewer shows first: the story of the first violation, or everything. */
export function openingView(opened: Opened, { kind, width, measure = roughMeasure }: PictureOptions): View {
  const violation = opened.violations[0] ?? null;
  const rows = violation === null ? [] : storyOf(opened, violation);
  const axis = rows.length < 2 ? timeAxis(opened) : storyAxis(opened, rows);
  const event = violation?.event ?? -1;
  const lanes = lanesOf(opened, nodesOf(opened.trace, violation), false);
  return {
    opened,
    axis,
    range: wholeRange(axis),
    width,
    // Lanes have room for arrows, and all of them are in the picture.
    height: 120 + lanes.reduce((all, { kind: one, tracks }) => all + (one === 'server' ? 84 : 14 + 26 * tracks), 34),
    scroll: 0,
    lanes,
    selection: event < 0 ? null : { kind: 'event', id: event },
    cone: event < 0 ? null : pastCone(opened.causality, event),
    mask: null,
    hide: false,
    violation,
    chapters: chaptersOf(opened, violation, rows),
    highContrast: kind.startsWith('hc'),
    measure,
  };
}

/** A view as a file, with what the run came to above and the marks' meaning below. */
export function svgOfView(view: View, { kind, font = PICTURE_FONT }: Omit<PictureOptions, 'width'>): string {
  const scene = fitting(view);
  const { list, mode } = scene;
  const summary = summaryOf(view.opened);
  const legend = legendList(view.measure, view.compared != null);
  const { header, events } = view.opened.trace;
  const facts = `scenario ${clipped(header.model.name, 80)}, seed ${header.seed}, ${grouped(events.length)} events, outcome ${summary.outcome}`;
  const title = view.violation === null ? summary.title : `${view.violation.name}: violated`;
  const message = view.violation?.message || summary.message;
  // Lanes side by side may be narrower than what is written over them.
  const width = view.down ? Math.max(list.width, legend.width) : list.width;
  const parts = [
    { list: headingOf(width, clipped(title, 160), clipped(message, 200), facts, summary.tone), y: 0 },
    { list, y: HEADING },
    { list: { ...legend, width }, y: HEADING + list.height },
  ];
  const { from, to } = view.range;
  const shown = view.axis.kind === 'time' ? `, ${duration(Math.round(to - from))} of virtual time` : '';
  return svgOf(parts, {
    title: `${title}. ${facts}`,
    description:
      `Space-time diagram: ${view.lanes.map(({ name }) => name).join(', ')}${shown}. ${message} Drawn: ${mode}.`.slice(
        0,
        4000,
      ),
    inks: inksOf(kind, () => ''),
    font,
  });
}

/** The most exact scene whose marks fit into a file. */
function fitting(view: View): Scene {
  const ways = [
    { exact: MAX_EXACT, points: MAX_POINTS },
    { exact: 0, points: MAX_SVG_SHAPES },
    { exact: 0, points: 0 },
  ];
  let scene: Scene | undefined;
  for (const limits of ways) {
    scene = sceneOf({ ...view, limits });
    if (marksOf(scene.list) <= MAX_SVG_SHAPES) return scene;
  }
  return scene!;
}

function marksOf({ layers }: DisplayList): number {
  let count = 0;
  for (const { shapes } of layers) {
    for (const shape of shapes) count += shape.shape === 'points' ? shape.rows.length : 1;
  }
  return count;
}

function headingOf(
  width: number,
  title: string,
  message: string,
  facts: string,
  tone: 'danger' | 'warn' | 'info',
): DisplayList {
  const part = 'heading';
  const line = { shape: 'text', x: 14, anchor: 'start', part } as const;
  const shapes: Shape[] = [
    { shape: 'rect', x: 0, y: 0, w: 5, h: HEADING - 4, fill: tone, part },
    { ...line, text: title, y: 14, size: 15, bold: true, ink: tone === 'danger' ? 'danger' : 'ink' },
    { ...line, text: message, y: 33, size: 12, ink: 'ink' },
    { ...line, text: facts, y: 50, size: 11, ink: 'muted' },
  ];
  return { width, height: HEADING, layers: [{ clip: { x: 0, y: 0, w: width, h: HEADING }, shapes }] };
}
