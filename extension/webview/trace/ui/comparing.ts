/** Another trace beside the shown one: chosen, opened, compared, let go of; and the way from one difference to the next. */

import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ComparedView } from '../draw/compared.ts';
import { type Compared, type Difference, differenceOf, partingOf, sideInWords } from '../model/compared.ts';
import { isFailure } from '../model/failure.ts';
import { applyFilter } from '../model/filter.ts';
import type { Filter } from '../model/filter-words.ts';
import { openTrace } from '../opening/open.ts';
import { say, select, toggleMetrics } from './commands.ts';
import type { Viewer } from './viewer.ts';

export interface Comparing {
  readonly compared: Signal<Compared | null>;
  /** How far opening it has come, in words; '' when nothing is being opened. */
  readonly busy: Signal<string>;
  /** Why there is nothing to compare with; '' for nothing wrong. */
  readonly problem: Signal<string>;
  /** Index of the difference that was gone to last; -1 for none. */
  readonly at: Signal<number>;
  /** Whether the metrics of the other one are drawn over those of the shown one. */
  readonly overlay: Signal<boolean>;
  readonly view: ReadonlySignal<ComparedView | null>;
  /** Ends the work on what was chosen last: answers to earlier questions are of no use. */
  stop: AbortController;
}

export function createComparing(filter: ReadonlySignal<Filter>): Comparing {
  const compared = signal<Compared | null>(null);
  const view = computed(() => {
    if (compared.value === null) return null;
    return { compared: compared.value, maskOfB: applyFilter(compared.value.other, filter.value) };
  });
  return {
    compared,
    busy: signal(''),
    problem: signal(''),
    at: signal(-1),
    overlay: signal(false),
    view,
    stop: new AbortController(),
  };
}

export function letGo({ comparing }: Viewer): void {
  comparing.stop.abort();
  batch(() => {
    comparing.compared.value = null;
    comparing.busy.value = '';
    comparing.problem.value = '';
    comparing.at.value = -1;
    comparing.overlay.value = false;
  });
}

/** Asks the host for another trace. Whatever is wrong with it is told in the panel, and nothing else changes. */
export async function compareWithOther(viewer: Viewer): Promise<void> {
  const { comparing, host } = viewer;
  comparing.stop.abort();
  const stop = new AbortController();
  comparing.stop = stop;
  const { signal: over } = stop;
  const end = (problem: string): void => {
    if (over.aborted) return;
    batch(() => {
      comparing.busy.value = '';
      comparing.problem.value = problem.slice(0, 1000);
    });
    say(viewer, problem);
  };
  try {
    const picked = await host.pickOther!();
    if (over.aborted || picked === null) return;
    if ('why' in picked) return end(picked.why);
    if (!(picked.bytes instanceof ArrayBuffer)) return end('The other trace did not arrive as bytes.');
    const name = picked.name.slice(0, 200);
    comparing.problem.value = '';
    comparing.busy.value = `Opening ${name}.`;
    const { trace, origin, eventsOfNode } = viewer.opened.value!;
    const progress = (part: string, share: number): void => {
      if (!over.aborted) comparing.busy.value = `${part}: ${Math.round(share * 100)} %.`;
    };
    const beside = { shown: { trace, origin, eventsOfNode }, name };
    const compared = await openTrace(new Uint8Array(picked.bytes), progress, beside, over);
    if (over.aborted) return;
    if (isFailure(compared)) return end(`${name}: ${compared.title}. ${compared.text}`);
    batch(() => {
      comparing.compared.value = compared;
      comparing.at.value = -1;
      comparing.busy.value = '';
    });
    say(viewer, `Compared with ${name}`);
  } catch (error) {
    end(`The traces cannot be compared: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** Draws B's metrics over A's, for which these have lanes, or no longer. */
export function overlayMetrics(viewer: Viewer): void {
  const { overlay } = viewer.comparing;
  overlay.value = !overlay.value;
  if (viewer.metrics.value !== overlay.value) toggleMetrics(viewer);
}

export function goToParting(viewer: Viewer): void {
  const { compared, at } = viewer.comparing;
  if (compared.value === null) return;
  const event = partingOf(compared.value);
  if (event < 0) return say(viewer, 'They do not part at an event of this trace');
  at.value = -1;
  select(viewer, { kind: 'event', id: event });
}

/** To the next or previous one that the filter lets through, from the last one or from the selection. */
export function nextDifference(viewer: Viewer, by: 1 | -1): void {
  const { comparing, event } = viewer;
  const compared = comparing.compared.value;
  if (compared === null) return;
  const { length } = compared.differences;
  const atOf = (index: number): number => differenceOf(compared, index)!.at;
  const here = differenceOf(compared, comparing.at.value);
  let index = comparing.at.value;
  // Whoever has gone elsewhere in the meantime goes on from there.
  if (here === undefined || here.at !== event.value) {
    index = by > 0 ? -1 : length;
    while (by > 0 ? index + 1 < length && atOf(index + 1) <= event.value : index > 0 && atOf(index - 1) >= event.value)
      index += by;
  }
  do index += by;
  while (index >= 0 && index < length && !isShown(viewer, differenceOf(compared, index)!));
  if (index < 0 || index >= length) return say(viewer, by > 0 ? 'No later difference' : 'No earlier difference');
  goToDifference(viewer, index);
}

export function goToDifference(viewer: Viewer, index: number): void {
  const { comparing } = viewer;
  const one = differenceOf(comparing.compared.value!, index)!;
  comparing.at.value = index;
  if (one.at >= 0) select(viewer, { kind: 'event', id: one.at });
  say(viewer, differenceInWords(viewer, one));
}

/** Whether the filter lets it through. */
export function isShown({ mask, comparing }: Viewer, { side, event }: Difference): boolean {
  const shown = side === 'a' ? mask.value : (comparing.view.value?.maskOfB ?? null);
  return shown === null || shown[event] === 1;
}

export function differenceInWords({ opened, comparing }: Viewer, { side, event }: Difference): string {
  const of = side === 'a' ? opened.value! : comparing.compared.value!.other;
  return `Only in ${side === 'a' ? 'A' : 'B'}: ${sideInWords(of, event)}`;
}
