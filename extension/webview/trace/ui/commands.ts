/** What a person can do, by mouse, key or menu: each changes the viewer's state and nothing else. */

import { kindOf, nodeName } from '@dsys/runtime/trace/access';
import { describeEvent } from '@dsys/runtime/trace/describe';
import { NONE16 } from '@dsys/runtime/trace/model';
import { batch } from '@preact/signals';
import { type AxisKind, clampRange, type Range, translateRange, wholeRange } from '../model/axis.ts';
import { firstAtLeast } from '../model/search.ts';
import { eventOfRef, type Ref, sameRef } from '../model/selection.ts';
import { placeOfEvent, sourceOfEvent } from '../model/source-lines.ts';
import { grouped, moment } from '../model/times.ts';
import type { RevealEventsParams } from '../protocol.ts';
import type { Cone, Viewer } from './viewer.ts';

/** Longest ways back. */
const MAX_HISTORY = 50;
const MAX_CRUMBS = 12;

export function setRange(viewer: Viewer, range: Range): void {
  viewer.range.value = clampRange(viewer.axis.value, range);
}

/** As `setRange`, but one can come back to the range before. */
export function jumpTo(viewer: Viewer, range: Range): void {
  const crumb = { axis: viewer.axisKind.value, range: viewer.range.value };
  viewer.crumbs.value = [...viewer.crumbs.value, crumb].slice(-MAX_CRUMBS);
  setRange(viewer, range);
}

export function backToCrumb(viewer: Viewer, index: number): void {
  const crumb = viewer.crumbs.value[index];
  if (crumb === undefined) return;
  batch(() => {
    viewer.axisKind.value = crumb.axis;
    viewer.crumbs.value = viewer.crumbs.value.slice(0, index);
    setRange(viewer, crumb.range);
  });
}

/** Zooms around a coordinate; below 1 things become larger. */
export function zoom(viewer: Viewer, factor: number, around?: number): void {
  const { from, to } = viewer.range.value;
  const centre = around ?? centreOf(viewer);
  setRange(viewer, { from: centre - (centre - from) * factor, to: centre + (to - centre) * factor });
}

/** The selection where it is in view, else the middle. */
function centreOf(viewer: Viewer): number {
  const { from, to } = viewer.range.value;
  const at = viewer.axis.value.at[viewer.event.value] ?? Number.NaN;
  return at >= from && at <= to ? at : (from + to) / 2;
}

/** Moves by a share of what is in view. */
export function pan(viewer: Viewer, share: number): void {
  const { from, to } = viewer.range.value;
  const by = (to - from) * share;
  setRange(viewer, { from: from + by, to: to + by });
}

export function scrollLanes(viewer: Viewer, by: number): void {
  const { height, laneHeight } = viewer.plot.value;
  viewer.scroll.value = Math.min(Math.max(0, laneHeight - height), Math.max(0, viewer.scroll.value + by));
}

export function fit(viewer: Viewer): void {
  jumpTo(viewer, wholeRange(viewer.axis.value));
}

/** How much of an axis is shown around an event. */
const AROUND: Readonly<Record<AxisKind, number>> = {
  time: 40_000_000,
  step: 60,
  story: 260,
  depth: 40,
  compressed: 520,
};

/** The selection's surroundings, with its cause in view; asked for twice, all. */
export function focusSelection(viewer: Viewer): void {
  const event = viewer.event.value;
  const axis = viewer.axis.value;
  if (event < 0) return fit(viewer);
  const width = AROUND[axis.kind];
  const { from, to } = viewer.range.value;
  if (to - from <= width * 1.01) return fit(viewer);
  jumpTo(viewer, { from: axis.at[event] - width / 2, to: axis.at[event] + width / 2 });
}

export function setAxis(viewer: Viewer, kind: AxisKind): void {
  const before = viewer.axis.value;
  if (kind === viewer.axisKind.value || (kind === 'story' && viewer.story.value === null)) return;
  batch(() => {
    const crumb = { axis: viewer.axisKind.value, range: viewer.range.value };
    viewer.crumbs.value = [...viewer.crumbs.value, crumb].slice(-MAX_CRUMBS);
    const { range } = viewer;
    const t = viewer.opened.value!.trace.events.t as Float64Array;
    viewer.axisKind.value = kind;
    viewer.range.value =
      kind === 'story' ? wholeRange(viewer.axis.value) : translateRange(range.value, before, viewer.axis.value, t);
  });
  say(viewer, `Axis: ${kind}`);
}

/** Lets time run downwards, or to the right again. */
export function turn(viewer: Viewer): void {
  const { down } = viewer;
  down.value = !down.value;
  viewer.scroll.value = 0;
  say(viewer, down.value ? 'Time runs downwards' : 'Time runs to the right');
}

export function select(viewer: Viewer, ref: Ref | null, quietly = false): void {
  const before = viewer.selection.value;
  if (sameRef(before, ref)) return;
  batch(() => {
    if (before !== null) viewer.history.value = [...viewer.history.value, before].slice(-MAX_HISTORY);
    viewer.selection.value = ref;
    if (ref === null) viewer.cone.value = 'none';
  });
  const opened = viewer.opened.value;
  if (opened === null) return;
  const event = eventOfRef(opened.trace, ref);
  if (event >= 0 && !quietly) {
    keepInView(viewer, event);
    say(viewer, eventInWords(viewer, event));
  }
}

export function eventInWords(viewer: Viewer, event: number): string {
  const { trace, origin } = viewer.opened.value!;
  const time = moment(trace.events.t[event] - origin);
  return `${nodeName(trace, trace.events.node[event]).slice(0, 60)}, event ${event}, ${time}: ${describeEvent(trace, event).slice(0, 400)}`;
}

export function backInHistory(viewer: Viewer): void {
  const last = viewer.history.value.at(-1);
  if (last === undefined) return;
  batch(() => {
    viewer.selection.value = null;
    viewer.history.value = viewer.history.value.slice(0, -1);
    select(viewer, last);
  });
}

/** Moves the range just as far as is needed to see an event. */
export function keepInView(viewer: Viewer, event: number): void {
  const { from, to } = viewer.range.value;
  const at = viewer.axis.value.at[event];
  const margin = (to - from) * 0.06;
  if (at >= from + margin / 2 && at <= to - margin / 2) return;
  const shift = at < from + margin ? at - from - margin : at - to + margin;
  // Far jumps land in the middle, small steps at the edge.
  if (Math.abs(shift) > (to - from) / 2) setRange(viewer, { from: at - (to - from) / 2, to: at + (to - from) / 2 });
  else setRange(viewer, { from: from + shift, to: to + shift });
}

/** Next or previous event of the lane of the selection. */
export function stepOnLane(viewer: Viewer, by: 1 | -1): void {
  const opened = viewer.opened.value!;
  const event = viewer.event.value;
  if (event < 0) return stepGlobally(viewer, by);
  const list = opened.eventsOfNode[opened.trace.events.node[event]];
  if (list === undefined) return stepGlobally(viewer, by);
  const next = list[firstAtLeast(list, event) + by];
  if (next !== undefined) select(viewer, { kind: 'event', id: next });
}

export function stepGlobally(viewer: Viewer, by: 1 | -1): void {
  const { length } = viewer.opened.value!.trace.events;
  const event = viewer.event.value;
  const next = event < 0 ? (by > 0 ? 0 : length - 1) : event + by;
  if (next >= 0 && next < length) select(viewer, { kind: 'event', id: next });
}

/** The nearest event in time on the lane above or below. */
export function otherLane(viewer: Viewer, by: 1 | -1): void {
  const { trace, eventsOfNode } = viewer.opened.value!;
  const event = viewer.event.value;
  const lanes = viewer.lanes.value;
  if (event < 0) return stepGlobally(viewer, by);
  const here = lanes.findIndex(({ nodes }) => nodes.includes(trace.events.node[event]));
  for (let lane = here + by; lane >= 0 && lane < lanes.length; lane += by) {
    // Nothing happens in the lane of a metric.
    const list = eventsOfNode[lanes[lane].nodes[0]];
    if (list === undefined || list.length === 0) continue;
    const after = Math.min(firstAtLeast(list, event), list.length - 1);
    const before = Math.max(0, after - 1);
    const t = trace.events.t;
    const nearer = Math.abs(t[list[after]] - t[event]) < Math.abs(t[list[before]] - t[event]) ? after : before;
    return select(viewer, { kind: 'event', id: list[nearer] });
  }
}

/** Shows the lanes of metrics, or takes them away. They are the last ones, which need not be in view. */
export function toggleMetrics(viewer: Viewer): void {
  if (viewer.opened.value!.charts.length === 0) return say(viewer, 'This trace has no metrics');
  viewer.metrics.value = !viewer.metrics.value;
  const { value: on } = viewer.metrics;
  // How high all lanes are together is known when they have been drawn.
  const scroll = (): void => scrollLanes(viewer, on ? viewer.plot.value.laneHeight : 0);
  requestAnimationFrame(() => requestAnimationFrame(scroll));
  say(viewer, on ? 'Metrics under the lanes' : 'No metrics');
}

export function toggleClients(viewer: Viewer): void {
  const { allClients } = viewer;
  allClients.value = !allClients.value;
  say(viewer, allClients.value ? 'A lane for every client' : 'Lanes of the needed clients only');
}

/** Draws runs of local events and storms of messages as one, or each by itself, around the same moment. */
export function toggleCollapse(viewer: Viewer): void {
  const before = viewer.axis.value;
  const t = viewer.opened.value!.trace.events.t as Float64Array;
  batch(() => {
    viewer.collapses.value = !viewer.collapses.value;
    const { value: axis } = viewer.axis;
    // Where events stand as before, the range does as well.
    if (axis.at !== before.at) viewer.range.value = translateRange(viewer.range.value, before, axis, t);
  });
  const groups = viewer.collapsed.value?.groups;
  say(
    viewer,
    groups === undefined ? 'Nothing is collapsed' : `${grouped(groups.length)} runs and storms are collapsed`,
  );
}

/** From one end of a message to the other. */
export function followMessage(viewer: Viewer): void {
  const { trace } = viewer.opened.value!;
  const event = viewer.event.value;
  if (event < 0) return;
  const message = trace.events.msg[event];
  if (message < 0) return say(viewer, 'No message begins or ends here');
  const { send, end } = trace.messages;
  const other = event === send[message] ? end[message] : send[message];
  if (other < 0) return say(viewer, 'The message was still under way when the run ended');
  select(viewer, { kind: 'event', id: other });
}

/** Shows a violation: its story, its witness's last event, and what had led there. */
export function goToViolation(viewer: Viewer, index: number): void {
  const opened = viewer.opened.value!;
  const violation = opened.violations[index];
  if (violation === undefined) return;
  batch(() => {
    viewer.violationIndex.value = index;
    viewer.axisKind.value = viewer.story.value === null ? 'time' : 'story';
    viewer.range.value = wholeRange(viewer.axis.value);
    if (violation.event >= 0) {
      select(viewer, { kind: 'event', id: violation.event }, true);
      viewer.cone.value = 'past';
    }
  });
  if (viewer.axisKind.value === 'time' && violation.event >= 0) focusSelection(viewer);
  if (violation.event >= 0) say(viewer, `Violation: ${violation.name}. ${eventInWords(viewer, violation.event)}`);
}

export function nextViolation(viewer: Viewer, by: 1 | -1): void {
  const count = viewer.opened.value?.violations.length ?? 0;
  if (count === 0) return say(viewer, 'Nothing was violated');
  goToViolation(viewer, (viewer.violationIndex.value + by + count) % count);
}

/** Next or previous start or end of a fault, crash, restart or change of epoch. */
export function nextTurn(viewer: Viewer, by: 1 | -1): void {
  const { trace, outages, leaderships } = viewer.opened.value!;
  const turns = new Set<number>();
  for (const { start, end } of trace.faults) turns.add(start).add(end);
  for (const { from, to } of outages) turns.add(from).add(to);
  for (const { from } of leaderships) turns.add(from);
  const sorted = [...turns].filter(event => event >= 0).sort((left, right) => left - right);
  const event = viewer.event.value;
  const next = by > 0 ? sorted.find(one => one > event) : sorted.findLast(one => one < event);
  if (next === undefined) return say(viewer, by > 0 ? 'No later fault or epoch' : 'No earlier fault or epoch');
  select(viewer, { kind: 'event', id: next });
}

export function setCone(viewer: Viewer, cone: Cone): void {
  if (viewer.event.value < 0) return say(viewer, 'Select an event first');
  viewer.cone.value = viewer.cone.value === cone ? 'none' : cone;
  const mask = viewer.coneMask.value;
  if (mask === null) return say(viewer, 'No cone');
  let count = 0;
  for (const one of mask) count += one;
  // An event is part of its own past and future.
  if (cone === 'concurrent') say(viewer, `${grouped(count)} events are concurrent with this one`);
  else say(viewer, `${grouped(count - 1)} events ${cone === 'past' ? 'before' : 'after'} this one`);
}

/** Keeps an event beside the selection, to be told how the two are related; the same one again lets go of it. */
export function relateTo(viewer: Viewer, event: number): void {
  if (event < 0) return say(viewer, 'Select an event first');
  viewer.second.value = viewer.second.value === event ? -1 : event;
  if (viewer.second.value < 0) return say(viewer, 'Compared with nothing');
  viewer.panel.value = 'details';
  say(viewer, `Compared with event ${event}`);
}

/** Moves the lane of the selection to the top, or back to where it belongs. */
export function pinLane(viewer: Viewer): void {
  const { trace } = viewer.opened.value!;
  const event = viewer.event.value;
  const node = event < 0 ? NONE16 : trace.events.node[event];
  if (trace.header.nodes[node] === undefined) return say(viewer, 'Select an event first');
  const pinned = new Set(viewer.pinned.value);
  if (!pinned.delete(node)) pinned.add(node);
  viewer.pinned.value = pinned;
  say(viewer, `${nodeName(trace, node)} ${pinned.has(node) ? 'is on top' : 'is back in its place'}`);
}

/** Opens the text at what the selected event was written as. */
export function revealSource(viewer: Viewer): void {
  const place = placeOfEvent(viewer.opened.value!.trace, viewer.event.value);
  if (place === undefined) return say(viewer, 'This event has no place in the text');
  viewer.host.reveal({ uri: place.uri, range: place.range });
}

/** Marks the events that a line of the design is the source of. */
export function highlightLine(viewer: Viewer, { uri, line, follows }: RevealEventsParams): void {
  const opened = viewer.opened.value;
  if (opened === null) return;
  const { highlight } = viewer;
  if (follows && highlight.value !== null && !highlight.value.follows) return;
  const { src, sources, events } = opened.trace;
  const wanted = new Uint8Array(src.length);
  src.forEach(({ source, range }, index) => {
    if (sources[source]?.uri === uri && range[0] <= line && line <= range[2]) wanted[index] = 1;
  });
  const mask = new Uint8Array(events.length);
  let count = 0;
  for (let event = 0; event < events.length; event++) {
    if (wanted[sourceOfEvent(opened.trace, event)] !== 1) continue;
    mask[event] = 1;
    count++;
  }
  highlight.value = follows && count === 0 ? null : { uri, line, follows, mask, count };
  if (follows) return;
  say(viewer, `${grouped(count)} events of line ${line}`);
  const first = mask.indexOf(1);
  if (first >= 0) select(viewer, { kind: 'event', id: first }, false);
}

/** Backs out of whatever is open or on, one thing after the other. */
export function backOut(viewer: Viewer): void {
  if (viewer.help.value) viewer.help.value = false;
  else if (viewer.text.value !== null) viewer.text.value = null;
  else if (viewer.highlight.value !== null) viewer.highlight.value = null;
  else if (viewer.filterText.value !== '') viewer.filterText.value = '';
  else if (viewer.second.value >= 0) viewer.second.value = -1;
  else if (viewer.cone.value !== 'none') viewer.cone.value = 'none';
  else if (viewer.selection.value !== null) select(viewer, null);
  else if (viewer.crumbs.value.length > 0) backToCrumb(viewer, viewer.crumbs.value.length - 1);
}

export function say(viewer: Viewer, text: string): void {
  viewer.said.value = text;
}

/** For rows of the list and details: what kind of event it is. */
export function kindInWords(viewer: Viewer, event: number): string {
  return kindOf(viewer.opened.value!.trace, event);
}
