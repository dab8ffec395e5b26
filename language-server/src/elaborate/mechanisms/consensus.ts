/** `consensus raft | paxos | …`, with every option of the language's table. */
import type { Commit, Consensus, Option } from '@dsys/grammar';
import type {
  CheapPaxos,
  Coordinator,
  EPaxos,
  FastPaxos,
  FlexiblePaxos,
  Mechanism,
  MultiPaxos,
  Paxos,
  Raft,
  ThreePhaseCommit,
  TwoPhaseCommit,
} from '@dsys/runtime/design/mechanism';
import type { QuorumSpec } from '@dsys/runtime/design/quorum';
import { type Context, oneLine, orList, report, symbolOf } from '../context.ts';
import { defaults } from '../defaults.ts';
import { type Readers, readOptions } from '../options.ts';
import { choice, count, duration, isWord, onOff, phrase, phraseWord, quorum, wordOf } from '../values.ts';
import { nodesIn } from './replication.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Election timeout and heartbeat where the file gives none: they depend on where the replicas stand. */
export type RaftDraft = Omit<Raft, 'electionTimeoutNs' | 'heartbeatNs'> & {
  readonly electionTimeoutNs: readonly [number, number] | null;
  readonly heartbeatNs: number | null;
};

export type MechanismDraft = Exclude<Mechanism, Raft> | RaftDraft;

export function elaborateConsensus(context: Context, consensus: Consensus): MechanismDraft | undefined {
  const options = consensus.block?.options ?? [];
  switch (consensus.algorithm) {
    case 'raft':
      return raft(context, options);
    case 'paxos':
      return paxos(context, options);
    case 'multi-paxos':
      return multiPaxos(context, options);
    case 'fast-paxos':
      return fastPaxos(context, options);
    case 'cheap-paxos':
      return cheapPaxos(context, consensus, options);
    case 'flexible-paxos':
      return flexiblePaxos(context, options);
    case 'two-phase-commit':
      return { kind: 'two-phase-commit', ...twoPhaseCommit(context, options) };
    case 'three-phase-commit':
      return { kind: 'three-phase-commit', ...threePhaseCommit(context, options) };
    case 'epaxos':
      return epaxos(context, options);
    default: {
      const known = [
        'raft',
        'paxos',
        'multi-paxos',
        'fast-paxos',
        'cheap-paxos',
        'flexible-paxos',
        'epaxos',
        'two-phase-commit',
        'three-phase-commit',
      ];
      report(
        context,
        'unknown-mechanism',
        consensus,
        `There is no consensus "${consensus.algorithm}": it can be ${orList(known)}.`,
      );
      return undefined;
    }
  }
}

function raft(context: Context, options: readonly Option[]): RaftDraft {
  const draft: Mutable<RaftDraft> = {
    kind: 'raft',
    electionTimeoutNs: null,
    heartbeatNs: null,
    read: { kind: 'index' },
    readFromAny: false,
    preVote: true,
    checkQuorum: true,
    leaderStickiness: true,
    durableVotes: true,
    commitOldTerms: false,
    membership: 'joint',
    newVoters: 'catch-up',
    deduplicate: true,
    quorum: { kind: 'majority' },
    snapshotEvery: null,
  };
  readOptions(context, 'raft', options, {
    'election-timeout': option => void (draft.electionTimeoutNs = timeoutRange(context, option)),
    heartbeat: option =>
      void (draft.heartbeatNs = duration(context, option.values[0], 'heartbeat', option, true) ?? null),
    read: option => readMode(context, option, draft),
    'pre-vote': option => void (draft.preVote = onOff(context, option) ?? true),
    'check-quorum': option => void (draft.checkQuorum = onOff(context, option) ?? true),
    'leader-stickiness': option => void (draft.leaderStickiness = onOff(context, option) ?? true),
    'durable-votes': option => void (draft.durableVotes = onOff(context, option) ?? true),
    'commit-old-terms': option => void (draft.commitOldTerms = onOff(context, option) ?? false),
    membership: option =>
      void (draft.membership =
        choice(context, option, ['joint', 'single', 'single-early', 'unsafe'] as const) ?? 'joint'),
    'new-voters': option =>
      void (draft.newVoters = choice(context, option, ['catch-up', 'at-once'] as const) ?? 'catch-up'),
    deduplicate: option => void (draft.deduplicate = onOff(context, option) ?? true),
    quorum: option => void (draft.quorum = quorum(context, option.values[0], 'quorum', option) ?? draft.quorum),
    snapshot: option => {
      if (isWord(option.values[0], 'off')) draft.snapshotEvery = null;
      else draft.snapshotEvery = count(context, phrase(option, 'every')?.values[0], 'snapshot every', option) ?? null;
    },
  });
  return draft;
}

function timeoutRange(context: Context, option: Option): readonly [number, number] | null {
  const [value] = option.values;
  if (value?.$type === 'Interval') {
    const from = duration(context, value.from, 'election-timeout', option, true);
    const to = duration(context, value.to, 'election-timeout', option, true);
    if (from === undefined || to === undefined) return null;
    if (from <= to) return [from, to];
    report(
      context,
      'option-value',
      value,
      `An election timeout range goes up: ${oneLine(value.to!)}..${oneLine(value.from!)}.`,
    );
    return null;
  }
  const fixed = duration(context, value, 'election-timeout', option, true);
  return fixed === undefined ? null : [fixed, fixed];
}

/** `read index | lease 120ms | log | local [from any]`. */
function readMode(context: Context, option: Option, draft: Mutable<RaftDraft>): void {
  const [value, next] = option.values;
  const word = wordOf(value);
  switch (word) {
    case 'index':
    case 'log':
    case 'local':
      draft.read = { kind: word };
      break;
    case 'lease': {
      const ns = duration(context, next, 'read lease', option, true);
      if (ns !== undefined) draft.read = { kind: 'lease', ns };
      break;
    }
    default:
      return report(
        context,
        'option-value',
        value ?? option,
        'Raft reads by index, log, lease (read lease 120ms) or local.',
      );
  }
  const from = phraseWord(option, 'from');
  if (from === undefined) return;
  if (from === 'any' && word === 'local') draft.readFromAny = true;
  else
    report(
      context,
      'option-value',
      option,
      'Only local reads may come from elsewhere than the leader: read local from any.',
    );
}

const commonPaxos = () => ({
  retry: { kind: 'randomized' } as Paxos['retry'],
  durablePromises: true,
  adopt: 'highest' as Paxos['adopt'],
});

function paxosReaders(context: Context, draft: Mutable<Pick<Paxos, 'retry' | 'durablePromises' | 'adopt'>>): Readers {
  return {
    retry: option => {
      const word = choice(context, option, ['randomized', 'fixed'] as const);
      if (word === 'fixed') {
        const ns = duration(context, option.values[1], 'retry fixed', option, true);
        if (ns !== undefined) draft.retry = { kind: 'fixed', ns };
      }
    },
    'durable-promises': option => void (draft.durablePromises = onOff(context, option) ?? true),
    adopt: option => void (draft.adopt = choice(context, option, ['highest', 'first'] as const) ?? 'highest'),
  };
}

const quorumReader = (context: Context, name: string, set: (spec: QuorumSpec) => void): Readers => ({
  [name]: option => {
    const spec = quorum(context, option.values[0], name, option);
    if (spec !== undefined) set(spec);
  },
});

function paxos(context: Context, options: readonly Option[]): Paxos {
  const draft: Mutable<Paxos> = { kind: 'paxos', ...commonPaxos(), quorum: { kind: 'majority' } };
  readOptions(context, 'paxos', options, {
    ...paxosReaders(context, draft),
    ...quorumReader(context, 'quorum', spec => void (draft.quorum = spec)),
  });
  return draft;
}

function multiPaxos(context: Context, options: readonly Option[]): MultiPaxos {
  const draft: Mutable<MultiPaxos> = {
    kind: 'multi-paxos',
    ...commonPaxos(),
    leaseNs: null,
    quorum: { kind: 'majority' },
  };
  readOptions(context, 'multi-paxos', options, {
    ...paxosReaders(context, draft),
    ...quorumReader(context, 'quorum', spec => void (draft.quorum = spec)),
    lease: option => void (draft.leaseNs = duration(context, option.values[0], 'lease', option, true) ?? null),
  });
  return draft;
}

function fastPaxos(context: Context, options: readonly Option[]): FastPaxos {
  const draft: Mutable<FastPaxos> = {
    kind: 'fast-paxos',
    ...commonPaxos(),
    classic: { kind: 'majority' },
    fast: { kind: 'all' },
    recovery: 'coordinated',
  };
  readOptions(context, 'fast-paxos', options, {
    ...paxosReaders(context, draft),
    ...quorumReader(context, 'classic', spec => void (draft.classic = spec)),
    ...quorumReader(context, 'fast', spec => void (draft.fast = spec)),
    recovery: option =>
      void (draft.recovery = choice(context, option, ['coordinated', 'uncoordinated'] as const) ?? 'coordinated'),
  });
  return draft;
}

function cheapPaxos(context: Context, consensus: Consensus, options: readonly Option[]): CheapPaxos {
  const draft: Mutable<CheapPaxos> = {
    kind: 'cheap-paxos',
    ...commonPaxos(),
    main: [],
    auxiliary: [],
    reconfigureNs: defaults.cheapPaxos.reconfigureNs,
  };
  readOptions(context, 'cheap-paxos', options, {
    ...paxosReaders(context, draft),
    main: option => void (draft.main = nodesIn(context, option)),
    auxiliary: option => void (draft.auxiliary = nodesIn(context, option)),
    reconfigure: option =>
      void (draft.reconfigureNs =
        duration(context, option.values[0], 'reconfigure', option, true) ?? draft.reconfigureNs),
  });
  if (draft.main.length === 0)
    report(
      context,
      'option-value',
      consensus,
      'cheap-paxos needs its main and auxiliary nodes: cheap-paxos { main e1, e2  auxiliary w1 }.',
    );
  return draft;
}

function flexiblePaxos(context: Context, options: readonly Option[]): FlexiblePaxos {
  const draft: Mutable<FlexiblePaxos> = {
    kind: 'flexible-paxos',
    ...commonPaxos(),
    prepare: { kind: 'majority' },
    accept: { kind: 'majority' },
  };
  readOptions(context, 'flexible-paxos', options, {
    ...paxosReaders(context, draft),
    ...quorumReader(context, 'prepare', spec => void (draft.prepare = spec)),
    ...quorumReader(context, 'accept', spec => void (draft.accept = spec)),
  });
  return draft;
}

function epaxos(context: Context, options: readonly Option[]): EPaxos {
  const draft: Mutable<EPaxos> = { kind: 'epaxos', fast: null };
  readOptions(
    context,
    'epaxos',
    options,
    quorumReader(context, 'fast', spec => void (draft.fast = spec)),
  );
  return draft;
}

function coordinatorReader(context: Context, set: (coordinator: Coordinator) => void): Readers {
  return {
    coordinator: option => {
      if (isWord(option.values[0], 'raft')) {
        const on = phrase(option, 'on')?.values[0];
        const symbol = on?.$type === 'Name' ? symbolOf(context, on) : undefined;
        if (symbol !== undefined) set({ kind: 'raft', on: symbol.path });
        else if (on === undefined)
          report(
            context,
            'option-value',
            option,
            'A replicated coordinator stands on a cluster: coordinator raft on eu.',
          );
        return;
      }
      const [node] = nodesIn(context, option);
      if (node !== undefined) set({ kind: 'node', node });
    },
  };
}

export function twoPhaseCommit(context: Context, options: readonly Option[]): Omit<TwoPhaseCommit, 'kind'> {
  const draft: Mutable<Omit<TwoPhaseCommit, 'kind'>> = {
    coordinator: null,
    timeoutNs: defaults.commit.timeoutNs,
    onTimeout: 'block',
    durableLog: true,
    presume: 'abort',
  };
  readOptions(context, 'two-phase-commit', options, {
    ...coordinatorReader(context, coordinator => void (draft.coordinator = coordinator)),
    timeout: option =>
      void (draft.timeoutNs = duration(context, option.values[0], 'timeout', option, true) ?? draft.timeoutNs),
    'on-timeout': option =>
      void (draft.onTimeout = choice(context, option, ['block', 'abort', 'commit'] as const) ?? 'block'),
    'durable-log': option => void (draft.durableLog = onOff(context, option) ?? true),
    presume: option =>
      void (draft.presume = choice(context, option, ['abort', 'commit', 'nothing'] as const) ?? 'abort'),
  });
  return draft;
}

export function threePhaseCommit(context: Context, options: readonly Option[]): Omit<ThreePhaseCommit, 'kind'> {
  const draft: Mutable<Omit<ThreePhaseCommit, 'kind'>> = {
    coordinator: null,
    timeoutNs: defaults.commit.timeoutNs,
    onTimeout: 'skeen',
  };
  readOptions(context, 'three-phase-commit', options, {
    ...coordinatorReader(context, coordinator => void (draft.coordinator = coordinator)),
    timeout: option =>
      void (draft.timeoutNs = duration(context, option.values[0], 'timeout', option, true) ?? draft.timeoutNs),
    'on-timeout': option =>
      void (draft.onTimeout = choice(context, option, ['skeen', 'terminate', 'discard'] as const) ?? 'skeen'),
  });
  return draft;
}

/** The commit protocol of a transaction. */
export function elaborateCommit(context: Context, commit: Commit | undefined) {
  if (commit === undefined) return { kind: 'none' } as const;
  const options = commit.block?.options ?? [];
  if (commit.algorithm === 'two-phase-commit')
    return { kind: 'two-phase-commit', ...twoPhaseCommit(context, options) } as const;
  if (commit.algorithm === 'three-phase-commit')
    return { kind: 'three-phase-commit', ...threePhaseCommit(context, options) } as const;
  report(
    context,
    'unknown-mechanism',
    commit,
    `A transaction commits by two-phase-commit or three-phase-commit, not "${commit.algorithm}".`,
  );
  return { kind: 'none' } as const;
}
