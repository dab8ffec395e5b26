/** `consensus raft | paxos | …`, with every option of the language's table. */
import type { Consensus, Option } from '@dsys/grammar';
import type {
  CheapPaxos,
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
import { closest } from '../../names/suggest.ts';
import { type Context, oneLine, orList, report } from '../context.ts';
import { defaults } from '../defaults.ts';
import { type Readers, readOptions } from '../options.ts';
import { askWords } from '../questions.ts';
import { quorum } from '../quorum-specs.ts';
import { blockOf, choice, count, duration, isWord, oneOfWords, onOff, phrase, phraseWord } from '../values.ts';
import { type ThreePhaseDraft, type TwoPhaseDraft, threePhaseCommit, twoPhaseCommit } from './commit.ts';
import { nodesIn } from './nodes.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Election timeout and heartbeat where the file gives none: they depend on where the replicas stand. */
export type RaftDraft = Omit<Raft, 'electionTimeoutNs' | 'heartbeatNs'> & {
  readonly electionTimeoutNs: readonly [number, number] | null;
  readonly heartbeatNs: number | null;
};

/** The fast quorum where the file gives none: it depends on how many acceptors there are. */
export type FastPaxosDraft = Omit<FastPaxos, 'fast'> & { readonly fast: QuorumSpec | null };

/** A mechanism before its replicas are placed. */
export type MechanismDraft =
  | Exclude<Mechanism, Raft | FastPaxos | TwoPhaseCommit | ThreePhaseCommit>
  | RaftDraft
  | FastPaxosDraft
  | TwoPhaseDraft
  | ThreePhaseDraft;

const algorithms: Readonly<Record<string, (context: Context, options: readonly Option[]) => MechanismDraft>> = {
  raft,
  paxos,
  'multi-paxos': multiPaxos,
  'fast-paxos': fastPaxos,
  'cheap-paxos': cheapPaxos,
  'flexible-paxos': flexiblePaxos,
  epaxos,
  'two-phase-commit': twoPhaseCommit,
  'three-phase-commit': threePhaseCommit,
};

/** Undefined if there is no such algorithm, which is reported. */
export function elaborateConsensus(context: Context, consensus: Consensus): MechanismDraft | undefined {
  const { algorithm } = consensus;
  askWords(context, consensus, Object.keys(algorithms), 'algorithm');
  if (!algorithm) return undefined;
  if (Object.hasOwn(algorithms, algorithm)) {
    const draft = algorithms[algorithm]!(context, blockOf(context, consensus));
    if (draft.kind === 'cheap-paxos') checkCheapPaxos(context, draft, consensus);
    return draft;
  }
  const known = Object.keys(algorithms);
  const near = closest(algorithm, known);
  const hint = near === undefined ? `It can be ${orList(known)}.` : `Did you mean ${near}?`;
  report(context, 'unknown-mechanism', consensus, `There is no consensus "${algorithm}". ${hint}`);
  return undefined;
}

function raft(context: Context, options: readonly Option[]): RaftDraft {
  const draft: Mutable<RaftDraft> = { kind: 'raft', electionTimeoutNs: null, heartbeatNs: null, ...defaults.raft };
  type Switch = 'preVote' | 'checkQuorum' | 'leaderStickiness' | 'durableVotes' | 'commitOldTerms' | 'deduplicate';
  const switched = (key: Switch) => (option: Option) => {
    draft[key] = onOff(context, option) ?? draft[key];
  };
  readOptions(context, 'raft', options, {
    'election-timeout': option => {
      draft.electionTimeoutNs = timeoutRange(context, option);
    },
    heartbeat: option => {
      draft.heartbeatNs = duration(context, option.values[0], 'heartbeat', option, true) ?? null;
    },
    read: option => readMode(context, option, draft),
    'pre-vote': switched('preVote'),
    'check-quorum': switched('checkQuorum'),
    'leader-stickiness': switched('leaderStickiness'),
    'durable-votes': switched('durableVotes'),
    'commit-old-terms': switched('commitOldTerms'),
    deduplicate: switched('deduplicate'),
    membership: option => {
      const words = ['joint', 'single', 'single-early', 'unsafe'] as const;
      draft.membership = choice(context, option, words) ?? draft.membership;
    },
    'new-voters': option => {
      draft.newVoters = choice(context, option, ['catch-up', 'at-once'] as const) ?? draft.newVoters;
    },
    ...quorumReader(context, 'quorum', spec => {
      draft.quorum = spec;
    }),
    snapshot: option => {
      draft.snapshotEvery = snapshotEvery(context, option);
    },
  });
  return draft;
}

/** `snapshot every 1000 entries`, `snapshot off`. */
function snapshotEvery(context: Context, option: Option): number | null {
  if (isWord(context, option.values[0], 'off')) return null;
  isWord(context, option.values[1], 'entries');
  return count(context, phrase(context, option, 'every')?.values[0], 'snapshot every', option) ?? null;
}

function timeoutRange(context: Context, option: Option): readonly [number, number] | null {
  const [value] = option.values;
  if (value?.$type === 'Interval') {
    context.understood.add(value);
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
  const word = oneOfWords(context, value, 'read', ['index', 'lease', 'log', 'local'] as const, option);
  if (word === undefined) return;
  if (word === 'lease') {
    const ns = duration(context, next, 'read lease', option, true);
    if (ns !== undefined) draft.read = { kind: 'lease', ns };
  } else draft.read = { kind: word };
  askWords(context, phrase(context, option, 'from')?.values[0], ['any']);
  const from = phraseWord(context, option, 'from');
  if (from === undefined) return;
  if (from === 'any' && word === 'local') draft.readFromAny = true;
  else {
    const message = 'Only local reads may come from elsewhere than the leader: read local from any.';
    report(context, 'option-value', option, message);
  }
}

function paxosReaders(context: Context, draft: Mutable<Pick<Paxos, 'retry' | 'durablePromises' | 'adopt'>>): Readers {
  return {
    retry: option => {
      const word = choice(context, option, ['randomized', 'fixed'] as const);
      if (word === 'randomized') draft.retry = { kind: word };
      if (word !== 'fixed') return;
      const ns = duration(context, option.values[1], 'retry fixed', option, true);
      if (ns !== undefined) draft.retry = { kind: 'fixed', ns };
    },
    'durable-promises': option => {
      draft.durablePromises = onOff(context, option) ?? draft.durablePromises;
    },
    adopt: option => {
      draft.adopt = choice(context, option, ['highest', 'first'] as const) ?? draft.adopt;
    },
  };
}

const quorumReader = (context: Context, name: string, set: (spec: QuorumSpec) => void): Readers => ({
  [name]: option => {
    const spec = quorum(context, option.values[0], name, option);
    if (spec !== undefined) set(spec);
  },
});

function paxos(context: Context, options: readonly Option[]): Paxos {
  const draft: Mutable<Paxos> = { kind: 'paxos', ...defaults.paxos };
  readOptions(context, 'paxos', options, {
    ...paxosReaders(context, draft),
    ...quorumReader(context, 'quorum', spec => {
      draft.quorum = spec;
    }),
  });
  return draft;
}

function multiPaxos(context: Context, options: readonly Option[]): MultiPaxos {
  const draft: Mutable<MultiPaxos> = { kind: 'multi-paxos', ...defaults.multiPaxos };
  readOptions(context, 'multi-paxos', options, {
    ...paxosReaders(context, draft),
    ...quorumReader(context, 'quorum', spec => {
      draft.quorum = spec;
    }),
    lease: option => {
      draft.leaseNs = duration(context, option.values[0], 'lease', option, true) ?? null;
    },
  });
  return draft;
}

function fastPaxos(context: Context, options: readonly Option[]): FastPaxosDraft {
  const draft: Mutable<FastPaxosDraft> = { kind: 'fast-paxos', ...defaults.fastPaxos, fast: null };
  readOptions(context, 'fast-paxos', options, {
    ...paxosReaders(context, draft),
    ...quorumReader(context, 'classic', spec => {
      draft.classic = spec;
    }),
    ...quorumReader(context, 'fast', spec => {
      draft.fast = spec;
    }),
    recovery: option => {
      draft.recovery = choice(context, option, ['coordinated', 'uncoordinated'] as const) ?? draft.recovery;
    },
  });
  return draft;
}

function cheapPaxos(context: Context, options: readonly Option[]): CheapPaxos {
  const draft: Mutable<CheapPaxos> = { kind: 'cheap-paxos', ...defaults.cheapPaxos };
  readOptions(context, 'cheap-paxos', options, {
    ...paxosReaders(context, draft),
    main: option => {
      draft.main = nodesIn(context, option);
    },
    auxiliary: option => {
      draft.auxiliary = nodesIn(context, option);
    },
    reconfigure: option => {
      draft.reconfigureNs = duration(context, option.values[0], 'reconfigure', option, true) ?? draft.reconfigureNs;
    },
  });
  return draft;
}

/** Main and auxiliary nodes have no default: the paper leaves them to the operator. */
function checkCheapPaxos(context: Context, draft: CheapPaxos, consensus: Consensus): void {
  const written = (name: string) => consensus.block?.options.some(option => option.name === name) ?? false;
  if (!written('main') || !written('auxiliary')) {
    const message = 'cheap-paxos names its main and auxiliary nodes: cheap-paxos { main e1, e2  auxiliary w1 }.';
    report(context, 'option-value', consensus, message);
  }
  const both = draft.main.find(node => draft.auxiliary.includes(node));
  if (both !== undefined) {
    const name = context.nodes[both]!.name;
    report(context, 'duplicate-name', consensus, `${name} is both main and auxiliary; a node is one of the two.`);
  }
}

function flexiblePaxos(context: Context, options: readonly Option[]): FlexiblePaxos {
  const draft: Mutable<FlexiblePaxos> = { kind: 'flexible-paxos', ...defaults.flexiblePaxos };
  readOptions(context, 'flexible-paxos', options, {
    ...paxosReaders(context, draft),
    ...quorumReader(context, 'prepare', spec => {
      draft.prepare = spec;
    }),
    ...quorumReader(context, 'accept', spec => {
      draft.accept = spec;
    }),
  });
  return draft;
}

function epaxos(context: Context, options: readonly Option[]): EPaxos {
  const draft: Mutable<EPaxos> = { kind: 'epaxos', fast: null };
  readOptions(
    context,
    'epaxos',
    options,
    quorumReader(context, 'fast', spec => {
      draft.fast = spec;
    }),
  );
  return draft;
}
