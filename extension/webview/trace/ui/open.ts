/** From the host's first word to an open trace, and what is kept of the view while the page is gone. */

import type { Trace } from '@dsys/runtime/trace/model';
import { batch, effect } from '@preact/signals';
import { AXIS_KINDS, type AxisKind, clampRange, wholeRange } from '../model/axis.ts';
import { isFailure } from '../model/failure.ts';
import { MAX_NOTES, type Note } from '../model/notes.ts';
import { countsByLine } from '../model/source-lines.ts';
import { summaryOf } from '../model/verdict.ts';
import { openTrace, startOpening } from '../opening/open.ts';
import type { OpenParams, SourceOfTrace } from '../protocol.ts';
import { receive } from '../transfer.ts';
import { fit, goToViolation, highlightLine, nextViolation, revealSource } from './commands.ts';
import { letGo } from './comparing.ts';
import { closeStrip } from './strip.ts';
import { NARROW, type Viewer } from './viewer.ts';

/** What is kept: far below the 4 KB that a page of VS Code may keep. */
interface Saved {
  readonly name: string;
  readonly bytes: number;
  readonly axis: AxisKind;
  readonly down: boolean;
  readonly range: readonly [number, number];
  readonly selection: Viewer['selection']['value'];
  readonly cone: Viewer['cone']['value'];
  readonly filter: string;
  readonly hide: boolean;
  readonly allClients: boolean;
  readonly metrics: boolean;
  readonly collapses: boolean;
  readonly violation: number;
  readonly notes: readonly Note[];
}

/** Listens to the host, and tells it what is shown from then on. */
export function startViewer(viewer: Viewer): void {
  const { host } = viewer;
  effect(() => report(viewer));
  effect(() => save(viewer));
  host.start({
    open: params => void open(viewer, params),
    revealEvents: params => highlightLine(viewer, params),
    showText: shown => (viewer.text.value = shown),
    fail: message => fail(viewer, 'The trace cannot be shown', message),
    command: command => {
      if (command === 'filter') focusFilter();
      if (viewer.opened.value === null) return;
      if (command === 'reveal-source') revealSource(viewer);
      else if (command === 'next-violation') nextViolation(viewer, 1);
      else if (command === 'previous-violation') nextViolation(viewer, -1);
      else if (command === 'fit') fit(viewer);
    },
  });
}

export function focusFilter(): void {
  document.getElementById('filter')?.focus();
}

export async function open(viewer: Viewer, params: OpenParams): Promise<void> {
  const { host } = viewer;
  batch(() => {
    viewer.file.value = params;
    viewer.phase.value = { kind: 'loading', received: 0, bytes: params.bytes };
  });
  startOpening();
  const current = (): boolean => viewer.file.value?.id === params.id;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await receive(
      params,
      (id, offset) => host.chunk(id, offset),
      received => {
        if (current()) viewer.phase.value = { kind: 'loading', received, bytes: params.bytes };
      },
    );
  } catch (error) {
    if (current()) fail(viewer, 'The trace did not arrive', error instanceof Error ? error.message : String(error));
    return;
  }
  // Another trace may have been opened in the meantime.
  if (!current()) return;
  const opened = await openTrace(bytes, (part, share) => {
    if (current()) viewer.phase.value = { kind: 'opening', part, share };
  });
  if (!current()) return;
  if (isFailure(opened)) return fail(viewer, opened.title, opened.text);
  batch(() => {
    viewer.help.value = false;
    viewer.text.value = null;
    viewer.opened.value = opened;
    viewer.selection.value = null;
    viewer.history.value = [];
    viewer.crumbs.value = [];
    viewer.highlight.value = null;
    viewer.cone.value = 'none';
    viewer.scroll.value = 0;
    viewer.violationIndex.value = 0;
    viewer.sources.value = [];
    viewer.looks.look.value = null;
    viewer.notebook.notes.value = [];
    viewer.playback.playing.value = false;
    viewer.asksWhere.value = false;
    viewer.second.value = -1;
    viewer.metrics.value = false;
    viewer.collapses.value = false;
    viewer.pinned.value = new Set();
    viewer.down.value = window.innerWidth < NARROW;
    closeStrip(viewer);
    letGo(viewer);
    viewer.phase.value = { kind: 'open' };
    if (!restore(viewer, params)) openOnVerdict(viewer);
  });
  try {
    const states = await host.compareSources(sourcesOf(opened.trace));
    if (current()) viewer.sources.value = states;
  } catch {
    // Without an answer nothing is claimed about the sources.
  }
}

function sourcesOf(trace: Trace): SourceOfTrace[] {
  const lines = countsByLine(trace);
  return trace.sources.map(({ uri, sha256 }, source) => ({ uri, sha256, lines: lines[source] }));
}

/** The first view: why the claim broke, else everything. */
function openOnVerdict(viewer: Viewer): void {
  viewer.filterText.value = '';
  viewer.axisKind.value = 'time';
  viewer.range.value = wholeRange(viewer.axis.value);
  if (viewer.opened.value!.violations.length > 0) goToViolation(viewer, 0);
}

function fail(viewer: Viewer, title: string, text: string): void {
  batch(() => {
    viewer.opened.value = null;
    viewer.phase.value = { kind: 'failed', failure: { title, text } };
  });
}

function report(viewer: Viewer): void {
  const { kind } = viewer.phase.value;
  if (kind === 'waiting' || kind === 'loading' || kind === 'opening') return;
  const opened = viewer.opened.value;
  const phase = viewer.phase.value;
  const verdict =
    opened !== null
      ? summaryOf(opened).title
      : phase.kind === 'failed'
        ? `${phase.failure.title}: ${phase.failure.text}`
        : '';
  viewer.host.state({
    name: viewer.file.value?.name ?? '',
    verdict,
    events: opened?.trace.events.length ?? 0,
    event: viewer.event.value,
    highlighted: viewer.highlight.value?.count ?? 0,
    problems: opened?.problems.slice(0, 20) ?? [],
  });
}

function save(viewer: Viewer): void {
  const file = viewer.file.value;
  if (viewer.phase.value.kind !== 'open' || file === null) return;
  const { from, to } = viewer.range.value;
  const saved: Saved = {
    name: file.name,
    bytes: file.bytes,
    axis: viewer.axisKind.value,
    down: viewer.down.value,
    range: [from, to],
    selection: viewer.selection.value,
    cone: viewer.cone.value,
    filter: viewer.filterText.value.slice(0, 500),
    hide: viewer.hide.value,
    allClients: viewer.allClients.value,
    metrics: viewer.metrics.value,
    collapses: viewer.collapses.value,
    violation: viewer.violationIndex.value,
    notes: fitting(viewer.notebook.notes.value),
  };
  viewer.host.save(saved);
}

/** The notes that a small memory has room for, the first ones. */
function fitting(notes: readonly Note[]): readonly Note[] {
  let room = 2400;
  return notes.filter(({ text }) => (room -= 3 * text.length + 40) >= 0);
}

/** Goes back to what was in view. False when that was another trace, or nothing. */
function restore(viewer: Viewer, params: OpenParams): boolean {
  const saved = viewer.host.saved() as Partial<Saved> | null | undefined;
  if (saved?.name !== params.name || saved.bytes !== params.bytes || saved.range === undefined) return false;
  const [from, to] = saved.range;
  if (!Number.isFinite(from) || !Number.isFinite(to)) return false;
  viewer.allClients.value = saved.allClients === true;
  viewer.metrics.value = saved.metrics === true;
  viewer.collapses.value = saved.collapses === true;
  viewer.violationIndex.value = saved.violation ?? 0;
  viewer.axisKind.value = AXIS_KINDS.find(kind => kind === saved.axis) ?? 'time';
  viewer.down.value = saved.down ?? viewer.down.value;
  viewer.range.value = clampRange(viewer.axis.value, { from, to });
  viewer.selection.value = saved.selection ?? null;
  viewer.cone.value = saved.cone ?? 'none';
  viewer.filterText.value = saved.filter ?? '';
  viewer.hide.value = saved.hide === true;
  viewer.notebook.notes.value = (saved.notes ?? []).slice(0, MAX_NOTES);
  return true;
}
