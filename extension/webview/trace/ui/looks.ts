/** What is asked of a host that can execute the run again, and what is known until it answers, or without it. */

import { recordedRun } from '@dsys/runtime/trace/changes';
import { KIND } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { createPrefixes, type Prefixes, prefixAt } from '@dsys/runtime/trace/prefix';
import type { Field, Moment } from '@dsys/runtime/trace/state';
import { type Signal, signal } from '@preact/signals';
import { firstAtLeast } from '../model/search.ts';
import { contradiction, watchedFields, watchedOrigin } from '../model/state.ts';
import { say, select } from './commands.ts';
import type { Strip } from './strip.ts';
import type { Viewer } from './viewer.ts';

/** The state of the selected event's node, as far as it is known. */
export interface Look {
  readonly event: number;
  readonly node: number;
  /** The whole state is there; else its watched fields. */
  readonly isWhole: boolean;
  /** Why it is not, and will not be; '' while that is not known. */
  readonly why: string;
  readonly now: readonly Field[];
  readonly before: readonly Field[] | null;
}

export interface Looks {
  readonly look: Signal<Look | null>;
  /** What has been opened and closed in the tree, by key. */
  readonly turned: Signal<ReadonlyMap<string, boolean>>;
  readonly changesOnly: Signal<boolean>;
  /** Field whose origin is being looked for; '' for none. */
  readonly seeking: Signal<string>;
  /** Since when the run was bound to break; null: nobody has asked. */
  readonly strip: Signal<Strip | null>;
}

export const createLooks = (): Looks => ({
  look: signal<Look | null>(null),
  turned: signal<ReadonlyMap<string, boolean>>(new Map()),
  changesOnly: signal(false),
  seeking: signal(''),
  strip: signal<Strip | null>(null),
});

/** A selection that moves on within so many ms is not looked at. */
const RESTING_MS = 100;

const known = new WeakMap<Trace, Prefixes>();

/** A moment as hosts are asked for it. */
export function momentAt(trace: Trace, event: number): Moment {
  let prefixes = known.get(trace);
  if (prefixes === undefined) known.set(trace, (prefixes = createPrefixes(trace)));
  return { event, prefix: prefixAt(prefixes, event) };
}

/** Why this host cannot execute the run again, without a full stop; undefined: it can. */
export function whyNoReplay(viewer: Viewer): string | undefined {
  const { trace } = viewer.opened.value!;
  if (viewer.host.replay === undefined || viewer.file.value?.canReplay !== true) return 'This page has no runtime';
  if (viewer.sources.value.includes('changed')) return 'The design changed since this run';
  if (viewer.sources.value.includes('missing')) return 'The design is not to be found here';
  if (recordedRun(trace.header, trace.sources) === undefined) return 'What was changed for this run is not understood';
  return undefined;
}

/** The last event of a lane before another; -1 for none. What the network does to a message is no event of the node. */
function previousOnLane(viewer: Viewer, event: number, node: number): number {
  const { trace, eventsOfNode } = viewer.opened.value!;
  const list = eventsOfNode[node] ?? new Int32Array(0);
  let at = firstAtLeast(list, event) - 1;
  while (at >= 0 && (trace.events.kind[list[at]] === KIND.drop || trace.events.kind[list[at]] === KIND.duplicate)) at--;
  return at < 0 ? -1 : list[at];
}

/** Looks at the selected event's node: at what the trace has at once, at all of it as soon as the host answers. */
export function lookAtSelection(viewer: Viewer): (() => void) | undefined {
  const { look } = viewer.looks;
  const opened = viewer.opened.value;
  const event = viewer.event.value;
  if (opened === null || event < 0) {
    look.value = null;
    return undefined;
  }
  const { trace } = opened;
  const node = trace.events.node[event];
  if (trace.header.nodes[node]?.kind !== 'server') {
    look.value = { event, node, isWhole: true, why: '', now: [], before: null };
    return undefined;
  }
  const earlier = previousOnLane(viewer, event, node);
  const watched = (why: string): void => {
    const before = earlier < 0 ? null : watchedFields(trace, earlier, node);
    look.value = { event, node, isWhole: false, why, now: watchedFields(trace, event, node), before };
  };
  const why = whyNoReplay(viewer);
  if (why !== undefined) {
    watched(`${why}: state cannot be rebuilt.`);
    return undefined;
  }
  let isOver = false;
  const ask = async (): Promise<void> => {
    const run = recordedRun(trace.header, trace.sources)!;
    const before = earlier < 0 ? null : momentAt(trace, earlier);
    const answer = await viewer.host.replay!.stateAt({ run, moment: momentAt(trace, event), before, node });
    if (isOver || answer.kind === 'cancelled') return;
    if (answer.kind === 'differs') return watched(sentence(answer.why));
    const { now, before: then } = answer.value;
    const wrong = contradiction(trace, event, node, now.watched);
    if (wrong !== undefined) return watched(sentence(wrong));
    look.value = { event, node, isWhole: true, why: '', now: now.fields, before: then?.fields ?? null };
  };
  const timer = setTimeout(() => {
    ask().catch((error: unknown) => {
      if (!isOver) watched(sentence(error instanceof Error ? error.message : String(error)));
    });
  }, RESTING_MS);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}

const sentence = (why: string): string =>
  `State cannot be rebuilt: ${why.slice(0, 500)}${/[.!?]$/.test(why) ? '' : '.'}`;

/** Selects the last event that set a field; what was selected before is one step back. */
export async function goToOrigin(viewer: Viewer, path: readonly string[]): Promise<void> {
  const { look, seeking } = viewer.looks;
  const shown = look.value;
  const opened = viewer.opened.value;
  if (shown === null || opened === null) return;
  const { trace } = opened;
  const { event, node, isWhole } = shown;
  const name = path[path.length - 1] ?? '';
  let found: number;
  if (isWhole) {
    seeking.value = path.join('\u0000');
    try {
      const run = recordedRun(trace.header, trace.sources)!;
      const answer = await viewer.host.replay!.originOf({ run, moment: momentAt(trace, event), node, path });
      if (answer.kind === 'cancelled' || look.value !== shown) return;
      if (answer.kind === 'differs') return say(viewer, sentence(answer.why));
      found = answer.value.event;
    } catch (error) {
      return say(viewer, sentence(error instanceof Error ? error.message : String(error)));
    } finally {
      seeking.value = '';
    }
  } else found = watchedOrigin(trace, event, node, path);
  if (found < 0) return say(viewer, `${name} has been so from the beginning`);
  if (found === viewer.event.value) return say(viewer, `${name} was set by this event`);
  select(viewer, { kind: 'event', id: found });
  say(viewer, `${name} was set here: ${viewer.said.value}`);
}
