/** The state of a viewer, as signals, and what follows from it. Whatever shows something reads from here. */

import { futureCone, pastCone } from '@dsys/runtime/trace/causality';
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ThemeKind } from '../../common/tokens.ts';
import type { ShownText, TraceHost } from '../host.ts';
import { type Axis, type AxisKind, PLAIN, type Range, stepAxis, timeAxis, wholeRange } from '../model/axis.ts';
import { type Chapter, chaptersOf } from '../model/chapters.ts';
import { type Collapsed, closedUp, collapsedOf, groupsOf } from '../model/collapse.ts';
import { depthAxis } from '../model/depth.ts';
import type { Failure } from '../model/failure.ts';
import { applyFilter, rowsOfMask, watchedNames } from '../model/filter.ts';
import { type Filter, parseFilter } from '../model/filter-words.ts';
import { type Lane, lanesOf, metricLanesOf, nodesOf } from '../model/lanes.ts';
import { overlaid } from '../model/metrics.ts';
import type { Opened } from '../model/opened.ts';
import { eventOfRef, type Ref } from '../model/selection.ts';
import { storyOf } from '../model/story.ts';
import type { Violation } from '../model/verdict.ts';
import { compressedAxis, storyAxis } from '../model/warped.ts';
import type { OpenParams, SourceState } from '../protocol.ts';
import { type Comparing, createComparing } from './comparing.ts';
import { createLooks, type Looks } from './looks.ts';
import { createNotebook, type Notebook } from './notes.tsx';
import { createPlayback, type Playback } from './playback.ts';
import type { PanelName } from './side.tsx';

/** Px of a column below which time runs downwards unless somebody wants it otherwise, and details are folded. */
export const NARROW = 520;

export type Phase =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'loading'; readonly received: number; readonly bytes: number }
  /** Has arrived, and is being read: which part of that, and how much of it is done, from 0 to 1. */
  | { readonly kind: 'opening'; readonly part: string; readonly share: number }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'open' };

export type Cone = 'none' | 'past' | 'future' | 'concurrent';

/** Where one has been, to go back to. */
export interface Crumb {
  readonly axis: AxisKind;
  readonly range: Range;
}

/** The events of a line of the design that somebody asked for. */
export interface Highlight {
  readonly uri: string;
  readonly line: number;
  /** Whether the cursor is there, and nobody has asked. */
  readonly follows?: boolean;
  readonly mask: Uint8Array;
  readonly count: number;
}

export interface Viewer {
  readonly host: TraceHost;
  readonly phase: Signal<Phase>;
  readonly file: Signal<OpenParams | null>;
  readonly opened: Signal<Opened | null>;
  readonly sources: Signal<readonly SourceState[]>;
  readonly theme: Signal<ThemeKind>;
  /** Counts changes of the theme's colours. */
  readonly themeChange: Signal<number>;
  readonly axisKind: Signal<AxisKind>;
  /** Whether time runs downwards. */
  readonly down: Signal<boolean>;
  readonly range: Signal<Range>;
  readonly crumbs: Signal<readonly Crumb[]>;
  readonly scroll: Signal<number>;
  readonly selection: Signal<Ref | null>;
  readonly history: Signal<readonly Ref[]>;
  readonly cone: Signal<Cone>;
  readonly filterText: Signal<string>;
  readonly hide: Signal<boolean>;
  readonly highlight: Signal<Highlight | null>;
  readonly allClients: Signal<boolean>;
  /** Whether runs and storms are drawn as one, and which are. */
  readonly collapses: Signal<boolean>;
  readonly collapsed: ReadonlySignal<Collapsed | null>;
  /** Whether metrics have lanes. */
  readonly metrics: Signal<boolean>;
  readonly violationIndex: Signal<number>;
  readonly help: Signal<boolean>;
  /** Which panel stands beside the diagram. */
  readonly panel: Signal<PanelName>;
  readonly looks: Looks;
  readonly playback: Playback;
  readonly notebook: Notebook;
  readonly comparing: Comparing;
  /** Whether somebody is being asked where to go. */
  readonly asksWhere: Signal<boolean>;
  /** Event that the selection is compared with; -1 for none. */
  readonly second: Signal<number>;
  /** Nodes whose lanes stand on top. */
  readonly pinned: Signal<ReadonlySet<number>>;
  /** A text of the trace that is shown beside it, where the host has no editor. */
  readonly text: Signal<ShownText | null>;
  /** What a screen reader is told. */
  readonly said: Signal<string>;
  /** How exact the diagram is, in words. */
  readonly mode: Signal<string>;
  /** Px of the diagram, for keys that page. */
  readonly plot: Signal<{ readonly width: number; readonly height: number; readonly laneHeight: number }>;

  readonly violation: ReadonlySignal<Violation | null>;
  readonly time: ReadonlySignal<Axis>;
  readonly story: ReadonlySignal<Axis | null>;
  /** The story of the violation in words, and what the trace's notes tell. */
  readonly chapters: ReadonlySignal<readonly Chapter[]>;
  readonly axis: ReadonlySignal<Axis>;
  readonly lanes: ReadonlySignal<readonly Lane[]>;
  readonly filter: ReadonlySignal<Filter>;
  /** Events that filter and highlight let through; null: all. */
  readonly mask: ReadonlySignal<Uint8Array | null>;
  /** Rows of the list; null: all events. */
  readonly rows: ReadonlySignal<Int32Array | null>;
  readonly event: ReadonlySignal<number>;
  readonly coneMask: ReadonlySignal<Uint8Array | null>;
}

const NO_AXIS: Axis = { ...PLAIN, kind: 'time', at: new Float64Array(0), from: 0, to: 1 };

export function createViewer(host: TraceHost): Viewer {
  const opened = signal<Opened | null>(null);
  const axisKind = signal<AxisKind>('time');
  const selection = signal<Ref | null>(null);
  const cone = signal<Cone>('none');
  const filterText = signal('');
  const hide = signal(false);
  const highlight = signal<Highlight | null>(null);
  const allClients = signal(false);
  const metrics = signal(false);
  const violationIndex = signal(0);
  const pinned = signal<ReadonlySet<number>>(new Set());
  const collapses = signal(false);
  const history = signal<readonly Ref[]>([]);
  const second = signal(-1);
  const notebook = createNotebook();

  const violation = computed(() => opened.value?.violations[violationIndex.value] ?? null);
  const time = computed(() => (opened.value === null ? NO_AXIS : timeAxis(opened.value)));
  const step = computed(() => (opened.value === null ? NO_AXIS : stepAxis(opened.value)));
  const storyRows = computed(() =>
    opened.value === null || violation.value === null ? [] : storyOf(opened.value, violation.value),
  );
  const story = computed(() => {
    const rows = storyRows.value;
    return opened.value === null || rows.length < 2 ? null : storyAxis(opened.value, rows);
  });
  const chapters = computed(() =>
    opened.value === null ? [] : chaptersOf(opened.value, violation.value, storyRows.value),
  );
  const compressed = computed(() => (opened.value === null ? NO_AXIS : compressedAxis(opened.value)));
  const depth = computed(() => (opened.value === null ? NO_AXIS : depthAxis(opened.value)));
  // Only the one that is looked at is worked out.
  const axes: Readonly<Partial<Record<AxisKind, ReadonlySignal<Axis | null>>>> = { step, story, depth, compressed };
  const axis = computed(() => {
    const whole = axes[axisKind.value]?.value ?? time.value;
    return collapsed.value === null ? whole : closedUp(whole, collapsed.value);
  });
  const charts = computed(() => {
    const { compared, overlay } = comparing;
    if (opened.value === null || compared.value === null || !overlay.value) return opened.value?.charts ?? [];
    return overlaid(opened.value, compared.value.other);
  });
  const lanes = computed(() =>
    opened.value === null
      ? []
      : [
          ...lanesOf(opened.value, nodesOf(opened.value.trace, violation.value), allClients.value, pinned.value),
          ...(metrics.value ? metricLanesOf({ charts: charts.value }) : []),
        ],
  );
  const watched = computed(() => (opened.value === null ? new Set<string>() : watchedNames(opened.value.trace)));
  const filter = computed(() => parseFilter(filterText.value, watched.value));
  const comparing = createComparing(filter);
  const filterMask = computed(() => (opened.value === null ? null : applyFilter(opened.value, filter.value)));
  const mask = computed(() => both(filterMask.value, highlight.value?.mask ?? null));
  const groups = computed(() => {
    if (opened.value === null) return [];
    const told = [...storyRows.value, ...[...chapters.value, ...notebook.notes.value].map(one => one.event)];
    return groupsOf(opened.value, told, [mask.value, comparing.compared.value?.onlyA ?? null]);
  });
  const collapsed = computed(() => {
    if (opened.value === null || !collapses.value) return null;
    const { trace } = opened.value;
    // Whoever goes on to something else need not see what was opened close again.
    const selected = [selection.value, ...history.value].map(one => eventOfRef(trace, one));
    return collapsedOf(opened.value, groups.value, [...selected, second.value]);
  });
  const rows = computed(() => {
    const shown = hide.value ? mask.value : null;
    const places = collapsed.value?.rows;
    if (places === undefined) return rowsOfMask(shown);
    return rowsOfMask(places.map((one, row) => (one < 2 && shown?.[row] !== 0 ? 1 : 0)));
  });
  const event = computed(() => (opened.value === null ? -1 : eventOfRef(opened.value.trace, selection.value)));
  const coneMask = computed(() => {
    if (opened.value === null || event.value < 0 || cone.value === 'none') return null;
    const { causality } = opened.value;
    if (cone.value === 'past') return pastCone(causality, event.value);
    const future = futureCone(causality, event.value);
    return cone.value === 'future' ? future : neither(pastCone(causality, event.value), future);
  });

  return {
    host,
    phase: signal<Phase>({ kind: 'waiting' }),
    file: signal<OpenParams | null>(null),
    opened,
    sources: signal<readonly SourceState[]>([]),
    theme: signal<ThemeKind>('dark'),
    themeChange: signal(0),
    axisKind,
    down: signal(false),
    range: signal<Range>(wholeRange(NO_AXIS)),
    crumbs: signal<readonly Crumb[]>([]),
    scroll: signal(0),
    selection,
    history,
    cone,
    filterText,
    hide,
    highlight,
    allClients,
    metrics,
    violationIndex,
    help: signal(false),
    panel: signal<PanelName>('details'),
    looks: createLooks(),
    playback: createPlayback(),
    notebook,
    comparing,
    asksWhere: signal(false),
    second,
    collapses,
    collapsed,
    pinned,
    text: signal<ShownText | null>(null),
    said: signal(''),
    mode: signal(''),
    plot: signal({ width: 800, height: 400, laneHeight: 0 }),
    violation,
    time,
    story,
    chapters,
    axis,
    lanes,
    filter,
    mask,
    rows,
    event,
    coneMask,
  };
}

function neither(left: Uint8Array, right: Uint8Array): Uint8Array {
  return left.map((one, index) => 1 - (one | right[index]));
}

function both(left: Uint8Array | null, right: Uint8Array | null): Uint8Array | null {
  if (left === null || right === null) return left ?? right;
  return left.map((one, index) => one & right[index]);
}
