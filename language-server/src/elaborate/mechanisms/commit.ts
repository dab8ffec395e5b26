/** Two-phase and three-phase commit: of stores (`consensus two-phase-commit`) and of transactions (`commit …`). */
import type { Commit, Option } from '@dsys/grammar';
import type { Coordinator, ThreePhaseCommit, TwoPhaseCommit } from '@dsys/runtime/design/mechanism';
import type { Transaction } from '@dsys/runtime/design/store';
import type { LinkRule } from '@dsys/runtime/design/topology';
import { type Context, report, symbolOf } from '../context.ts';
import { defaults } from '../defaults.ts';
import { type Readers, readOptions } from '../options.ts';
import { askWords } from '../questions.ts';
import { blockOf, choice, duration, isWord, onOff, phrase } from '../values.ts';
import { nodesIn } from './nodes.ts';
import { raftTimeouts } from './timeouts.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** A coordinator as it was written: what follows from where its nodes stand comes with the links. */
type CoordinatorDraft = Exclude<Coordinator, { kind: 'raft' }> | { readonly kind: 'raft'; readonly on: string };
type Draft<T> = Omit<T, 'coordinator'> & { readonly coordinator: CoordinatorDraft | null };
export type TwoPhaseDraft = Draft<TwoPhaseCommit>;
export type ThreePhaseDraft = Draft<ThreePhaseCommit>;

/** A replicated coordinator is a Raft group of the cluster's full members, with the defaults of one. */
export function completeCommit<T extends TwoPhaseDraft | ThreePhaseDraft>(
  { nodes }: Context,
  draft: T,
  links: readonly LinkRule[],
): Omit<T, 'coordinator'> & { readonly coordinator: Coordinator | null } {
  const { coordinator } = draft;
  if (coordinator?.kind !== 'raft') return { ...draft, coordinator };
  const { on } = coordinator;
  const voters = nodes.filter(node => node.cluster === on && node.role === 'member').map(({ id }) => id);
  const timeouts = raftTimeouts(nodes, links, [voters], { electionTimeoutNs: null, heartbeatNs: null });
  return {
    ...draft,
    coordinator: { kind: 'raft', on, nodes: voters, raft: { kind: 'raft', ...defaults.raft, ...timeouts } },
  };
}

/** The commit protocol of a transaction. */
export function elaborateCommit(
  context: Context,
  commit: Commit | undefined,
  links: readonly LinkRule[],
): Transaction['commit'] {
  askWords(context, commit, ['two-phase-commit', 'three-phase-commit'], 'algorithm');
  if (!commit?.algorithm) return { kind: 'none' };
  switch (commit.algorithm) {
    case 'two-phase-commit':
      return completeCommit(context, twoPhaseCommit(context, blockOf(context, commit)), links);
    case 'three-phase-commit':
      return completeCommit(context, threePhaseCommit(context, blockOf(context, commit)), links);
    default: {
      const message = `A transaction commits by two-phase-commit or three-phase-commit, not by "${commit.algorithm}".`;
      report(context, 'unknown-mechanism', commit, message);
      return { kind: 'none' };
    }
  }
}

export function twoPhaseCommit(context: Context, options: readonly Option[]): TwoPhaseDraft {
  const draft: Mutable<TwoPhaseDraft> = { kind: 'two-phase-commit', coordinator: null, ...defaults.twoPhaseCommit };
  readOptions(context, 'two-phase-commit', options, {
    ...commonReaders(context, draft),
    'on-timeout': option => {
      draft.onTimeout = choice(context, option, ['block', 'abort', 'commit'] as const) ?? draft.onTimeout;
    },
    'durable-log': option => {
      draft.durableLog = onOff(context, option) ?? draft.durableLog;
    },
    presume: option => {
      draft.presume = choice(context, option, ['abort', 'commit', 'nothing'] as const) ?? draft.presume;
    },
  });
  return draft;
}

export function threePhaseCommit(context: Context, options: readonly Option[]): ThreePhaseDraft {
  const draft: Mutable<ThreePhaseDraft> = {
    kind: 'three-phase-commit',
    coordinator: null,
    ...defaults.threePhaseCommit,
  };
  readOptions(context, 'three-phase-commit', options, {
    ...commonReaders(context, draft),
    'on-timeout': option => {
      draft.onTimeout = choice(context, option, ['skeen', 'terminate', 'discard'] as const) ?? draft.onTimeout;
    },
  });
  return draft;
}

function commonReaders(context: Context, draft: { coordinator: CoordinatorDraft | null; timeoutNs: number }): Readers {
  return {
    coordinator: option => {
      draft.coordinator = coordinatorOf(context, option) ?? draft.coordinator;
    },
    timeout: option => {
      draft.timeoutNs = duration(context, option.values[0], 'timeout', option, true) ?? draft.timeoutNs;
    },
  };
}

/** `coordinator e1`, or replicated: `coordinator raft on eu`. */
function coordinatorOf(context: Context, option: Option): CoordinatorDraft | undefined {
  askWords(context, option.values[0], ['raft']);
  const on = phrase(context, option, 'on')?.values[0];
  if (on === undefined) {
    const [node, ...others] = nodesIn(context, option);
    if (others.length > 0) {
      report(context, 'option-value', option, 'There is one coordinator: a node, or a replicated one: raft on eu.');
    }
    return node === undefined ? undefined : { kind: 'node', node };
  }
  if (!isWord(context, option.values[0], 'raft') || on.$type !== 'Name') {
    const message = 'A replicated coordinator is a raft group on a cluster: coordinator raft on eu.';
    report(context, 'option-value', option, message);
    return undefined;
  }
  const cluster = symbolOf(context, on)?.path;
  context.understood.add(on);
  return cluster === undefined ? undefined : { kind: 'raft', on: cluster };
}
