/** Asks the host since when the run was one that breaks, and keeps what is known so far. */

import { recordedRun } from '@dsys/runtime/trace/changes';
import type { Likelihood } from '@dsys/runtime/trace/probability';
import { coarseFirst, lookedFor, momentsTo, SEEDS } from '../model/likelihood.ts';
import { grouped } from '../model/times.ts';
import { say } from './commands.ts';
import { momentAt } from './looks.ts';
import type { Viewer } from './viewer.ts';

export interface Strip {
  readonly id: number;
  /** What the probability is of. */
  readonly name: string;
  /** Moments, by their events. */
  readonly events: readonly number[];
  readonly known: ReadonlyMap<number, Likelihood>;
  readonly isUnderWay: boolean;
  /** Why there will be no more. */
  readonly why: string;
}

let lastId = 0;

/** For the violation that is shown. */
export async function startStrip(viewer: Viewer): Promise<void> {
  const { strip } = viewer.looks;
  const opened = viewer.opened.value;
  const violation = viewer.violation.value;
  if (opened === null || violation === null || viewer.host.replay === undefined) return;
  const { trace } = opened;
  const run = recordedRun(trace.header, trace.sources);
  const events = momentsTo(opened, violation);
  if (run === undefined || events.length === 0) return say(viewer, 'The violation has no event: nothing can be tried');
  const id = ++lastId;
  const update = (change: (before: Strip) => Partial<Strip>): void => {
    const before = strip.value;
    if (before?.id === id) strip.value = { ...before, ...change(before) };
  };
  strip.value = { id, name: violation.name, events, known: new Map(), isUnderWay: true, why: '' };
  const moments = coarseFirst(events).map(event => momentAt(trace, event));
  let why = '';
  try {
    const answer = await viewer.host.replay.probabilities(
      { id, run, looked: lookedFor(violation), moments, seeds: SEEDS },
      one => update(({ known }) => ({ known: new Map(known).set(one.moment.event, one) })),
    );
    if (answer.kind === 'differs') why = answer.why;
    // What came with the answer is complete, whatever got lost on the way.
    if (answer.kind === 'rebuilt') update(() => ({ known: new Map(answer.value.map(one => [one.moment.event, one])) }));
  } catch (error) {
    why = error instanceof Error ? error.message : String(error);
  }
  update(() => ({ isUnderWay: false, why: why.slice(0, 500) }));
  const done = strip.value;
  if (done?.id === id) say(viewer, `${grouped(done.known.size)} of ${events.length} moments are known`);
}

/** Ends what is under way; what is known stays. */
export function stopStrip(viewer: Viewer): void {
  viewer.host.replay?.stopProbabilities();
}

export function closeStrip(viewer: Viewer): void {
  if (viewer.looks.strip.value?.isUnderWay === true) stopStrip(viewer);
  viewer.looks.strip.value = null;
}
