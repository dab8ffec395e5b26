/** One picture in the making: what is in view and where it stands. Builders of parts read it and add to its lists. */

import type { Axis, Range } from '../model/axis.ts';
import type { Chapter } from '../model/chapters.ts';
import type { Collapsed } from '../model/collapse.ts';
import type { Lane } from '../model/lanes.ts';
import type { Opened } from '../model/opened.ts';
import type { Counted } from '../model/pyramid.ts';
import { firstAtLeast, firstGreater } from '../model/search.ts';
import type { Ref, Selected } from '../model/selection.ts';
import { selectedOf } from '../model/selection.ts';
import type { Violation } from '../model/verdict.ts';
import { violatingOps } from '../model/verdict.ts';
import type { ComparedView } from './compared.ts';
import type { LabelRequest } from './labels.ts';
import type { Box, Measure, Shape } from './shapes.ts';
import type { Below } from './stacked.ts';

/** Everything that a picture depends on. */
export interface View {
  readonly opened: Opened;
  readonly axis: Axis;
  readonly range: Range;
  readonly width: number;
  readonly height: number;
  /** Whether time runs downwards, and lanes stand side by side. */
  readonly down?: boolean;
  /** Px by which the lanes are scrolled up, or to the left. */
  readonly scroll: number;
  readonly lanes: readonly Lane[];
  readonly selection: Ref | null;
  /** Events of the selection's past or future, or null. */
  readonly cone: Uint8Array | null;
  /** Events that the filter lets through, or null. */
  readonly mask: Uint8Array | null;
  /** Whether the others are left out instead of dimmed. */
  readonly hide: boolean;
  /** The violation whose story is told. */
  readonly violation: Violation | null;
  /** What is drawn as one, on an axis that is closed up for it. */
  readonly collapsed?: Collapsed | null;
  /** Told of the story in words, each at its event. */
  readonly chapters?: readonly Chapter[];
  readonly highContrast: boolean;
  /** Another trace that this one is compared with. */
  readonly compared?: ComparedView | null;
  /** Another trace that stands on lanes of its own. */
  readonly below?: Below | null;
  readonly measure: Measure;
  /** Most events and messages that are drawn one by one; `MAX_EXACT` and `MAX_POINTS` when left out. */
  readonly limits?: { readonly exact: number; readonly points: number };
}

export interface LaneBox {
  readonly lane: Lane;
  readonly y: number;
  readonly h: number;
  /** Where its events stand. */
  readonly line: number;
}

/** How strongly something is drawn. */
export type Emphasis = 'hidden' | 'dim' | 'normal' | 'strong';

/** Laid out as if time ran to the right: where it runs downwards, the picture is turned when it is done. */
export interface Frame extends View {
  readonly room: Room;
  readonly plot: Box;
  readonly top: number;
  readonly faultRows: number;
  readonly boxes: readonly LaneBox[];
  /** Box of each node; undefined for those without a lane. */
  readonly boxOf: readonly (LaneBox | undefined)[];
  /** Height of all lanes together. */
  readonly laneHeight: number;
  /** What is in view: places in the axis' order of rows, from the first to before the second. */
  readonly places: readonly [first: number, end: number];
  readonly rowAt: (place: number) => number;
  /** -1 for what is no row. */
  readonly placeOf: (row: number) => number;
  readonly isInView: (row: number) => boolean;
  /** What is kept by place. */
  readonly index: Pick<Opened, 'pyramid' | 'violationRows' | 'messageBlocks' | 'opBlocks'> & {
    readonly trace: Counted;
  };
  readonly selected: Selected;
  readonly story: ReadonlySet<number>;
  /** Operations of the violation's witness, and those of them that show it. */
  readonly witness: ReadonlySet<number>;
  readonly violating: ReadonlySet<number>;
  readonly x: (row: number) => number;
  readonly shapes: Shape[];
  readonly labels: LabelRequest[];
  /** What labels must not cover. */
  readonly obstacles: Box[];
}

/** Px beside the lanes. */
interface Room {
  /** For their names, along time. */
  readonly names: number;
  /** For the axis, across time. */
  readonly axis: number;
  /** For each row of faults. */
  readonly fault: number;
}

const RIGHT: Room = { names: 116, axis: 26, fault: 20 };
/** Texts are horizontal here, too: names are as high as two lines, and the axis is as wide as a time. */
const DOWN: Room = { names: 40, axis: 92, fault: 12 };
/** Px that stay free after the end of a picture's range. */
const AFTER = 8;
/** For the axis and rows of faults, where all lanes are to be in a picture. */
const BESIDE = 120;

/** Px that a picture needs for so much room for events and so many px of lanes. */
export function sizeFor(down: boolean, plot: number, lanes: number): Pick<View, 'width' | 'height'> {
  const [along, across] = [plot + (down ? DOWN : RIGHT).names + AFTER, lanes + BESIDE];
  return down ? { width: across, height: along } : { width: along, height: across };
}

const MAX_FAULT_ROWS = 4;
const TRACK = 26;
const METRIC = { right: 58, down: 84 };

export function frameOf(view: View): Frame {
  const { opened, axis, range, lanes, down = false } = view;
  const room = down ? DOWN : RIGHT;
  const [width, height] = down ? [view.height, view.width] : [view.width, view.height];
  const { trace } = opened;
  const faultRows = Math.min(MAX_FAULT_ROWS, trace.faults.length);
  const top = room.axis + faultRows * room.fault + (faultRows > 0 ? 4 : 0);
  const plot = { x: room.names, y: top, w: Math.max(1, width - room.names - AFTER), h: Math.max(1, height - top) };
  const boxes = boxesOf(lanes, top - view.scroll, plot.h, down ? METRIC.down : METRIC.right);
  const boxOf = new Array<LaneBox | undefined>(trace.header.nodes.length);
  for (const box of boxes) for (const node of box.lane.nodes) boxOf[node] = box;
  const scale = plot.w / (range.to - range.from);
  const story = new Set(axis.story);
  const last = boxes.at(-1);
  const { order } = axis;
  const along = order?.along ?? axis.at;
  const places = [firstAtLeast(along, range.from), firstGreater(along, range.to)] as const;
  const placeOf = (row: number): number => (order === null ? row : (order.places[row] ?? -1));
  return {
    ...view,
    width,
    height,
    room,
    plot,
    top,
    faultRows,
    boxes,
    boxOf,
    laneHeight: last === undefined ? 0 : last.y + last.h + view.scroll - top,
    places,
    rowAt: place => (order === null ? place : order.rows[place]),
    placeOf,
    isInView: row => placeOf(row) >= places[0] && placeOf(row) < places[1],
    index: order ?? opened,
    selected: selectedOf(trace, view.selection),
    story,
    witness: new Set(view.violation?.ops ?? []),
    violating: new Set(view.violation === null ? [] : violatingOps(trace, view.violation)),
    x: row => plot.x + (axis.at[row] - range.from) * scale,
    shapes: [],
    labels: [],
    obstacles: [],
  };
}

function boxesOf(lanes: readonly Lane[], from: number, room: number, metric: number): LaneBox[] {
  const heights = lanes.map(({ kind, tracks }) =>
    kind === 'server' ? 46 : kind === 'client' ? 10 + tracks * TRACK : kind === 'metric' ? metric : 34,
  );
  const needed = heights.reduce((all, one) => all + one, 0);
  const servers = lanes.filter(({ kind }) => kind === 'server').length;
  // What is left over goes to the servers, between which arrows are to be followed.
  const extra = servers > 0 ? Math.max(0, Math.min(74, Math.floor((room - needed - 6) / servers))) : 0;
  let y = from;
  return lanes.map((lane, index) => {
    const h = heights[index] + (lane.kind === 'server' ? extra : 0);
    const box = { lane, y, h, line: y + h / 2 };
    y += h;
    return box;
  });
}

/** Coordinate on the axis at a place along time in the picture. */
export function unitAt({ plot, range }: Pick<Frame, 'plot' | 'range'>, x: number): number {
  return range.from + ((x - plot.x) / plot.w) * (range.to - range.from);
}

/** Whether a row is inside a break or collapsed, where nothing is drawn one by one. */
export function inBreak(frame: Frame, row: number): boolean {
  return frame.axis.hidden !== null && frame.axis.hidden[row] > 0;
}

/** How strongly an event is drawn. */
export function emphasisOf({ mask, hide, cone, story, axis }: Frame, row: number): Emphasis {
  if (mask !== null && mask[row] === 0) return hide ? 'hidden' : 'dim';
  if (axis.kind === 'story' && !story.has(row)) return 'dim';
  if (cone !== null && cone[row] === 1) return 'strong';
  if (story.has(row)) return 'normal';
  return cone !== null ? 'dim' : 'normal';
}

/** Opacity that an emphasis is drawn with. Under high contrast nothing is faint: dim lines are dotted instead. */
export function alphaOf(frame: Frame, emphasis: Emphasis): number {
  return emphasis === 'dim' && !frame.highContrast ? 0.38 : 1;
}

export function dashOf(
  frame: Frame,
  emphasis: Emphasis,
  dash: readonly number[] | undefined,
): readonly number[] | undefined {
  return emphasis === 'dim' && frame.highContrast ? [1, 3] : dash;
}

/**
 * Tells whether something that takes less than a px is the first one on its px: what lies on the same place would be drawn
 * over and over without a difference, and chaos makes ten thousands of it. What is wider is always told.
 */
export function firstOnPx(): (key: number, x0: number, x1: number) => boolean {
  const taken = new Map<number, number>();
  return (key, x0, x1) => {
    const px = Math.floor(x0);
    if (x1 - x0 < 1 && taken.get(key) === px) return false;
    taken.set(key, px);
    return true;
  };
}
