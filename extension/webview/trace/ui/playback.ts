/** Letting a run go by: the selection moves on by itself, by events or with virtual time, until something stops it. */

import { type Signal, signal } from '@preact/signals';
import { eventAt, type Step, stepFrom } from '../model/steps.ts';
import { eventInWords, keepInView, say, select } from './commands.ts';
import type { Viewer } from './viewer.ts';

export interface Pace {
  readonly name: string;
  /** Steps a second; or how fast virtual time goes by, as a share of real time. */
  readonly by: 'step' | 'time';
  readonly rate: number;
}

export const PACES: readonly Pace[] = [
  { name: '1 step/s', by: 'step', rate: 1 },
  { name: '4 steps/s', by: 'step', rate: 4 },
  { name: '20 steps/s', by: 'step', rate: 20 },
  { name: 'time × 0.001', by: 'time', rate: 0.001 },
  { name: 'time × 0.01', by: 'time', rate: 0.01 },
  { name: 'time × 0.1', by: 'time', rate: 0.1 },
  { name: 'time × 1', by: 'time', rate: 1 },
];

export interface Playback {
  readonly playing: Signal<boolean>;
  readonly pace: Signal<number>;
  readonly step: Signal<Step>;
}

export const createPlayback = (): Playback => ({
  playing: signal(false),
  pace: signal(1),
  step: signal<Step>('event'),
});

/** One step back or on. False at the end. */
export function stepBy(viewer: Viewer, step: Step, by: 1 | -1): boolean {
  const next = stepFrom(viewer.opened.value!, viewer.event.value, step, by, viewer.chapters.value);
  if (next < 0) {
    say(viewer, by > 0 ? `No later ${WORDS[step]}` : `No earlier ${WORDS[step]}`);
    return false;
  }
  select(viewer, { kind: 'event', id: next });
  return true;
}

const WORDS: Readonly<Record<Step, string>> = {
  event: 'event',
  lane: 'event on this lane',
  change: 'change of state',
  violation: 'violation',
  chapter: 'chapter',
};

/** Whether VS Code or the system says that motion is unwelcome. */
const isCalm = (): boolean =>
  document.body.classList.contains('vscode-reduce-motion') ||
  window.matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Longest time that one frame may stand for: a page in the background wakes where it was. */
const FRAME_MS = 250;

/** What a frame comes to: the event to select, and what is left over for the next one. */
export interface Advance {
  readonly event: number;
  /** Steps, or virtual ns, that are not used up. */
  readonly rest: number;
  readonly ended: boolean;
}

/** @param rest what the frame before left over; for a pace by time, the virtual ns of the playhead */
export function advance(viewer: Viewer, rest: number, elapsedMs: number): Advance {
  const opened = viewer.opened.value!;
  const pace = PACES[viewer.playback.pace.value];
  const { t, length } = opened.trace.events;
  const elapsed = Math.min(FRAME_MS, elapsedMs);
  const loop = opened.trace.header.loop?.fromEvent;
  let event = viewer.event.value;
  if (pace.by === 'time') {
    const now = rest + elapsed * 1e6 * pace.rate;
    event = Math.max(event, eventAt(opened, now));
    if (now < t[length - 1]) return { event, rest: now, ended: false };
    return loop === undefined ? { event, rest: now, ended: true } : { event: loop, rest: t[loop], ended: false };
  }
  let steps = rest + (elapsed / 1000) * pace.rate;
  for (; steps >= 1; steps--) {
    const next = stepFrom(opened, event, viewer.playback.step.value, 1, viewer.chapters.value);
    if (next < 0 && loop === undefined) return { event, rest: 0, ended: true };
    event = next < 0 ? loop! : next;
    // A kept moment is where one wanted to look.
    if (viewer.notebook.notes.value.some(note => note.event === event)) return { event, rest: 0, ended: true };
  }
  return { event, rest: steps, ended: false };
}

/** Starts or stops. Runs by frames of the page until the end, a kept moment, or somebody stops it. */
export function togglePlay(viewer: Viewer): void {
  const { playing, pace } = viewer.playback;
  if (playing.value) {
    playing.value = false;
    say(viewer, `Stopped: ${eventInWords(viewer, viewer.event.value)}`);
    return;
  }
  const { events } = viewer.opened.value!.trace;
  if (events.length === 0) return;
  if (viewer.event.value < 0 || viewer.event.value >= events.length - 1) select(viewer, { kind: 'event', id: 0 });
  // Where motion is unwelcome, the picture changes once a second.
  if (isCalm()) pace.value = 0;
  // A cone of every event that goes by would be worked out and never seen.
  viewer.cone.value = 'none';
  playing.value = true;
  say(viewer, `Playing, ${PACES[pace.value].name}`);
  let rest = PACES[pace.value].by === 'time' ? events.t[viewer.event.value] : 0;
  let by = PACES[pace.value].by;
  let last = performance.now();
  const opened = viewer.opened.value;
  let expected = viewer.event.value;
  const frame = (now: number): void => {
    if (!playing.value) return;
    // Whoever selects something else, or opens something else, wants to look at that.
    if (viewer.opened.value !== opened || viewer.event.value !== expected) {
      playing.value = false;
      return;
    }
    if (PACES[pace.value].by !== by) {
      by = PACES[pace.value].by;
      rest = by === 'time' ? events.t[viewer.event.value] : 0;
    }
    const { event, rest: left, ended } = advance(viewer, rest, now - last);
    [rest, last] = [left, now];
    if (event !== viewer.event.value) show(viewer, event);
    expected = viewer.event.value;
    if (ended) {
      playing.value = false;
      say(viewer, `Stopped: ${eventInWords(viewer, viewer.event.value)}`);
    } else requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** Selects without a trace in the history and without a word: nobody goes back through all that went by, or listens to it. */
function show(viewer: Viewer, event: number): void {
  viewer.selection.value = { kind: 'event', id: event };
  keepInView(viewer, event);
}
