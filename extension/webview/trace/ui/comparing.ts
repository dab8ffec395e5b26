/** Another trace beside the shown one: chosen, opened, compared, let go of; and the way from one difference to the next. */

import { batch, computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import type { ComparedView } from '../draw/compared.ts';
import { type Compared, comparedOf, type Difference, partingOf, sideInWords } from '../model/compared.ts';
import { applyFilter } from '../model/filter.ts';
import type { Filter } from '../model/filter-words.ts';
import { isFailure } from '../model/opened.ts';
import { grouped } from '../model/times.ts';
import { openTrace } from '../opening/open.ts';
import { say, select } from './commands.ts';
import type { Viewer } from './viewer.ts';

/** Most events of a trace that is compared on the page's own thread: about ten µs each, in which nothing else can be done. */
const MAX_HERE = 300_000;

export interface Comparing {
  readonly compared: Signal<Compared | null>;
  /** How far opening it has come, in words; '' when nothing is being opened. */
  readonly busy: Signal<string>;
  /** Why there is nothing to compare with; '' for nothing wrong. */
  readonly problem: Signal<string>;
  /** Index of the difference that was gone to last; -1 for none. */
  readonly at: Signal<number>;
  readonly view: ReadonlySignal<ComparedView | null>;
  /** Counts what was chosen and let go of: answers to earlier questions are of no use. */
  turn: number;
}

export function createComparing(filter: ReadonlySignal<Filter>): Comparing {
  const compared = signal<Compared | null>(null);
  const view = computed(() => {
    if (compared.value === null) return null;
    return { compared: compared.value, maskOfB: applyFilter(compared.value.other, filter.value) };
  });
  return { compared, busy: signal(''), problem: signal(''), at: signal(-1), view, turn: 0 };
}

export function letGo({ comparing }: Viewer): void {
  comparing.turn++;
  batch(() => {
    comparing.compared.value = null;
    comparing.busy.value = '';
    comparing.problem.value = '';
    comparing.at.value = -1;
  });
}

/** Asks the host for another trace. Whatever is wrong with it is told in the panel, and nothing else changes. */
export async function compareWithOther(viewer: Viewer): Promise<void> {
  const { comparing, host } = viewer;
  const turn = ++comparing.turn;
  const isOver = (): boolean => turn !== comparing.turn;
  const end = (problem: string): void => {
    if (isOver()) return;
    batch(() => {
      comparing.busy.value = '';
      comparing.problem.value = problem.slice(0, 1000);
    });
    say(viewer, problem);
  };
  try {
    const picked = await host.pickOther!();
    if (isOver() || picked === null) return;
    if ('why' in picked) return end(picked.why);
    if (!(picked.bytes instanceof ArrayBuffer)) return end('The other trace did not arrive as bytes.');
    const name = picked.name.slice(0, 200);
    comparing.problem.value = '';
    comparing.busy.value = `Opening ${name}.`;
    const other = await openTrace(new Uint8Array(picked.bytes), (part, share) => {
      if (!isOver()) comparing.busy.value = `${part}: ${Math.round(share * 100)} %.`;
    });
    if (isOver()) return;
    if (isFailure(other)) return end(`${name}: ${other.title}. ${other.text}`);
    comparing.busy.value = 'Comparing.';
    // It takes a moment, in which the page stands still: what it waits for is painted before.
    await new Promise(resolve => setTimeout(resolve, 50));
    if (isOver()) return;
    const opened = viewer.opened.value!;
    const longest = Math.max(opened.trace.events.length, other.trace.events.length);
    if (longest > MAX_HERE) {
      return end(
        `Traces are compared here up to ${grouped(MAX_HERE)} events, and one has ${grouped(longest)}. ` +
          'On the command line: dsys trace diff A B.',
      );
    }
    const compared = comparedOf(opened, other, name);
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
  const { differences } = compared;
  const here = differences[comparing.at.value];
  let index = comparing.at.value;
  // Whoever has gone elsewhere in the meantime goes on from there.
  if (here === undefined || here.at !== event.value) {
    const from = differences.findIndex(one => one.at > event.value);
    const after = from < 0 ? differences.length : from;
    index = by > 0 ? after - 1 : differences.findLastIndex(one => one.at < event.value) + 1;
  }
  do index += by;
  while (index >= 0 && index < differences.length && !isShown(viewer, differences[index]));
  if (index < 0 || index >= differences.length)
    return say(viewer, by > 0 ? 'No later difference' : 'No earlier difference');
  goToDifference(viewer, index);
}

export function goToDifference(viewer: Viewer, index: number): void {
  const { comparing } = viewer;
  const one = comparing.compared.value!.differences[index];
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
