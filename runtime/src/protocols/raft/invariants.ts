/**
 * Raft's invariants under their names (ATC'14 Fig. 3; thesis Fig. 3.2, §4, §6.4), watched after every event by monitors
 * with god's eye. Each looks only at what the event changed, so that checking at every step stays cheap.
 */
import type { Raft } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { GroupView, Invariant, Monitor } from '../contract.ts';
import { entryAt, lastIndex, termAt } from '../log.ts';
import { disjointQuorums } from './configuration.ts';
import { hasCommittedInTerm } from './reads.ts';
import type { Entry, RaftState } from './state.ts';

type RaftInvariant = Invariant<RaftState, Raft>;
type View = GroupView<RaftState>;

const never = (): undefined => undefined;
const mistakes = (options: Raft): string | undefined =>
  !options.durableVotes
    ? 'votes are not durable'
    : options.commitOldTerms
      ? 'entries of old terms are committed by counting'
      : options.membership === 'single-early' || options.membership === 'unsafe'
        ? `membership ${options.membership}`
        : undefined;

const safety = ['consistency', 'no-lost-writes', 'no-split-brain', 'no-divergence'] as const;

/** What an entry says, as far as two entries can differ. */
const identity = (entry: Entry): string =>
  entry.kind === 'command'
    ? `${entry.term}:${entry.command.kind} ${entry.command.key} ${entry.command.operation}`
    : entry.kind === 'configuration'
      ? `${entry.term}:${entry.configuration.voters.join()}/${entry.configuration.old?.join() ?? ''}`
      : `${entry.term}:no-op`;

/** Members mostly share one entry; only copies need a comparison. */
const sameEntry = (a: Entry, b: Entry): boolean => a === b || identity(a) === identity(b);

function electionSafety(): Monitor<RaftState> {
  const leaders = new Map<number, NodeId>();
  return {
    step(node, state, view) {
      if (state.role !== 'leader') return undefined;
      const known = leaders.get(state.term);
      if (known === undefined) leaders.set(state.term, node);
      else if (known !== node) return `${view.nameOf(known)} and ${view.nameOf(node)} both lead term ${state.term}`;
      return undefined;
    },
  };
}

function leaderAppendOnly(): Monitor<RaftState> {
  const seen = new Map<NodeId, { term: number; last: number; truncations: number }>();
  return {
    step(node, state, view) {
      const before = seen.get(node);
      if (state.role !== 'leader') {
        if (before !== undefined) seen.delete(node);
        return undefined;
      }
      const last = lastIndex(state.log);
      if (before === undefined || before.term !== state.term) {
        seen.set(node, { term: state.term, last, truncations: state.log.truncations });
        return undefined;
      }
      if (last < before.last || state.log.truncations !== before.truncations) {
        return `${view.nameOf(node)} leads term ${state.term} and removed entries of its own log (${before.last} → ${last})`;
      }
      before.last = last;
      return undefined;
    },
    crashed: node => void seen.delete(node),
  };
}

/** By induction: an (index, term) stands for one entry with one predecessor, wherever it is. */
function logMatching(): Monitor<RaftState> {
  const entries = new Map<number, { entry: Entry; prevTerm: number; node: NodeId }>();
  const checked = new Map<NodeId, { upTo: number; truncations: number; log: unknown }>();
  return {
    step(node, state, view) {
      const { log } = state;
      const last = lastIndex(log);
      let mark = checked.get(node);
      if (mark === undefined || mark.truncations !== log.truncations || mark.log !== log) {
        mark = { upTo: log.base, truncations: log.truncations, log };
        checked.set(node, mark);
      }
      for (let index = Math.max(mark.upTo, log.base) + 1; index <= last; index++) {
        const entry = entryAt(log, index)!;
        // Terms stay far below 2^22, so index and term fit one exact number.
        const key = index * 4_194_304 + entry.term;
        const known = entries.get(key);
        const prevTerm = termAt(log, index - 1);
        if (known === undefined) entries.set(key, { entry, prevTerm, node });
        else if (known.prevTerm !== prevTerm || !sameEntry(known.entry, entry)) {
          return `entry ${index} of term ${entry.term} differs between ${view.nameOf(known.node)} and ${view.nameOf(node)}, or follows different logs`;
        }
      }
      mark.upTo = last;
      return undefined;
    },
    crashed: node => void checked.delete(node),
  };
}

/** The committed log as god knows it: term of each index, who showed it first, and in which term it did. */
interface Committed {
  readonly terms: number[];
  readonly by: NodeId[];
  readonly inTerm: number[];
}

function leaderCompleteness(): Monitor<RaftState> {
  const committed: Committed = { terms: [0], by: [-1], inTerm: [0] };
  const commitIndex = new Map<NodeId, number>();
  const ledTerm = new Map<NodeId, number>();
  const check = (node: NodeId, state: RaftState, index: number, view: View): string | undefined => {
    const { log } = state;
    if (index <= log.base || index >= committed.terms.length) return undefined;
    const found = termAt(log, index);
    if (found === committed.terms[index]) return undefined;
    const what = found < 0 ? 'has no such entry' : `has one of term ${found} there`;
    return `entry ${index} of term ${committed.terms[index]} was committed (seen at ${view.nameOf(committed.by[index]!)}), but ${view.nameOf(node)}, leader of term ${state.term}, ${what}`;
  };
  return {
    step(node, state, view) {
      const before = commitIndex.get(node) ?? 0;
      if (state.commitIndex > before) {
        commitIndex.set(node, state.commitIndex);
        for (let index = Math.max(committed.terms.length, state.log.base); index <= state.commitIndex; index++) {
          committed.terms[index] = termAt(state.log, index);
          committed.by[index] = node;
          committed.inTerm[index] = state.term;
        }
        // A leader that was elected before this commit was seen is checked against it now, unless the commit is its own.
        for (const [other, its] of view.states) {
          if (its.role !== 'leader' || its.term <= state.term) continue;
          const broken = check(other, its, state.commitIndex, view);
          if (broken !== undefined) return broken;
        }
      }
      if (state.role === 'leader' && ledTerm.get(node) !== state.term) {
        ledTerm.set(node, state.term);
        // With LogMatching, the last committed entry vouches for the ones before it. Votes may come late: what was
        // committed in a later term than this one need not be here.
        let last = committed.terms.length - 1;
        while (committed.inTerm[last]! >= state.term) last--;
        return check(node, state, last, view);
      }
      return undefined;
    },
    crashed: node => void commitIndex.delete(node),
  };
}

function stateMachineSafety(): Monitor<RaftState> {
  const applied: { entry: Entry; node: NodeId }[] = [];
  const upTo = new Map<NodeId, number>();
  return {
    step(node, state, view) {
      const from = Math.max(upTo.get(node) ?? 0, state.log.base);
      if (state.lastApplied <= from) return undefined;
      upTo.set(node, state.lastApplied);
      for (let index = from + 1; index <= state.lastApplied; index++) {
        const found = entryAt(state.log, index)!;
        const known = applied[index];
        if (known === undefined) applied[index] = { entry: found, node };
        else if (!sameEntry(known.entry, found)) {
          return `${view.nameOf(known.node)} applied ${identity(known.entry)} at index ${index}, ${view.nameOf(node)} applied ${identity(found)}`;
        }
      }
      return undefined;
    },
    crashed: node => void upTo.delete(node),
  };
}

function termMonotone(): Monitor<RaftState> {
  const terms = new Map<NodeId, number>();
  return {
    step(node, state, view) {
      const before = terms.get(node) ?? 0;
      if (state.term < before) return `the term of ${view.nameOf(node)} went from ${before} back to ${state.term}`;
      if (state.term !== before) terms.set(node, state.term);
      return undefined;
    },
    // A term that was never synced was never shown to anyone; a lost disk is a new identity.
    crashed: node => void terms.delete(node),
  };
}

/**
 * By the votes that candidates count, also across crashes: that is what makes votes durable. A candidate's own vote
 * counts with the first answer, for its request has left then; a vote that was lost before its sync was shown to nobody.
 */
function voteOnce(): Monitor<RaftState> {
  const votes = new Map<string, NodeId>();
  const seen = new Map<NodeId, { term: number; counted: number }>();
  return {
    step(node, state, view) {
      if (state.role !== 'candidate' && state.role !== 'leader') return undefined;
      const before = seen.get(node);
      if (state.votes.length < 2 || (before?.term === state.term && before.counted === state.votes.length))
        return undefined;
      seen.set(node, { term: state.term, counted: state.votes.length });
      for (const voter of state.votes) {
        const key = `${voter}.${state.term}`;
        const known = votes.get(key);
        if (known === undefined) votes.set(key, node);
        else if (known !== node) {
          return `${view.nameOf(voter)} voted for ${view.nameOf(known)} and for ${view.nameOf(node)} in term ${state.term}`;
        }
      }
      return undefined;
    },
    crashed: node => void seen.delete(node),
  };
}

function commitOnlyCurrentTerm(): Monitor<RaftState> {
  const commitIndex = new Map<NodeId, number>();
  return {
    step(node, state, view) {
      const before = commitIndex.get(node) ?? 0;
      if (state.commitIndex <= before) return undefined;
      commitIndex.set(node, state.commitIndex);
      const term = termAt(state.log, state.commitIndex);
      if (state.role !== 'leader' || term === state.term) return undefined;
      return `${view.nameOf(node)}, leader of term ${state.term}, committed entry ${state.commitIndex} of term ${term} by counting replicas`;
    },
    crashed: node => void commitIndex.delete(node),
  };
}

function configOverlap(): Monitor<RaftState> {
  const seen = new Map<NodeId, { index: number; state: RaftState; quorums: RaftState['quorums'] }>();
  return {
    step(node, state, view) {
      const before = seen.get(node);
      if (before !== undefined && before.index === state.configurationIndex) return undefined;
      seen.set(node, { index: state.configurationIndex, state, quorums: state.quorums });
      if (before === undefined || state.role !== 'leader' || state.configurationIndex < before.index) return undefined;
      if (before.index > state.commitIndex) {
        return `${view.nameOf(node)} appended configuration ${state.configurationIndex} while ${before.index} was not committed`;
      }
      if (!hasCommittedInTerm(state)) {
        return `${view.nameOf(node)} changed the configuration before it had committed an entry of its term ${state.term}`;
      }
      const disjoint = disjointQuorums(before.quorums, state.quorums);
      if (disjoint === undefined) return undefined;
      return `old and new configuration can decide apart: {${disjoint.map(view.nameOf).join(', ')}} is a quorum of one and the others of the other`;
    },
    crashed: node => void seen.delete(node),
  };
}

/** A read under a lease while somebody else leads a later term: two leases overlapped. */
function leaseSafety(): Monitor<RaftState> {
  return {
    step(node, state, view) {
      if (!state.served.some(read => read.lease)) return undefined;
      for (const [other, its] of view.states) {
        if (other !== node && its.role === 'leader' && its.term > state.term && hasCommittedInTerm(its)) {
          return `${view.nameOf(node)} answered under its lease of term ${state.term} while ${view.nameOf(other)} led term ${its.term}`;
        }
      }
      return undefined;
    },
  };
}

function readIndexFresh(): Monitor<RaftState> {
  let committed = 0;
  /** What was committed when each waiting read arrived, by node and request: a duplicated request waits more than once. */
  const started = new Map<NodeId, Map<number, number>>();
  return {
    step(node, state, view) {
      let broken: string | undefined;
      let own = started.get(node);
      if (state.reads.length > 0 || state.served.length > 0) {
        if (own === undefined) started.set(node, (own = new Map()));
        for (const { request } of state.reads) if (!own.has(request.id)) own.set(request.id, committed);
        for (const read of state.served) {
          const needed = own.get(read.id) ?? committed;
          if (read.index < needed) {
            broken = `${view.nameOf(node)} answered a read from its state at index ${read.index}; ${needed} was committed when the read arrived`;
          }
        }
      }
      if (own !== undefined && own.size > state.reads.length) {
        for (const id of own.keys()) if (!state.reads.some(({ request }) => request.id === id)) own.delete(id);
      }
      committed = Math.max(committed, state.commitIndex);
      return broken;
    },
    crashed: node => void started.delete(node),
  };
}

function snapshotPrefix(): Monitor<RaftState> {
  const terms = new Map<number, number>();
  const seen = new Map<NodeId, number>();
  const applied = new Map<NodeId, number>();
  return {
    step(node, state, view) {
      const from = Math.max(applied.get(node) ?? 0, state.log.base);
      for (let index = from + 1; index <= state.lastApplied; index++)
        if (!terms.has(index)) terms.set(index, termAt(state.log, index));
      applied.set(node, state.lastApplied);
      const { snapshot } = state;
      if (snapshot === null || seen.get(node) === snapshot.index) return undefined;
      seen.set(node, snapshot.index);
      const term = terms.get(snapshot.index);
      if (term !== undefined && term !== snapshot.term) {
        return `the snapshot of ${view.nameOf(node)} ends with index ${snapshot.index} of term ${snapshot.term}; the applied entry there is of term ${term}`;
      }
      return undefined;
    },
    crashed: node => void applied.delete(node),
  };
}

const invariant = (
  name: string,
  source: string,
  means: string,
  monitor: () => Monitor<RaftState>,
  givenUp: (options: Raft) => string | undefined = mistakes,
  protects: RaftInvariant['protects'] = safety,
): RaftInvariant => ({ name, source, means, protects, givenUp, monitor });

export const raftInvariants: readonly RaftInvariant[] = [
  invariant('ElectionSafety', "ATC'14 Fig. 3", 'at most one leader per term', electionSafety),
  invariant(
    'LeaderAppendOnly',
    "ATC'14 Fig. 3",
    'a leader never overwrites or deletes entries of its log',
    leaderAppendOnly,
    never,
  ),
  invariant('LogMatching', "ATC'14 Fig. 3", 'logs with the same (index, term) are identical up to there', logMatching),
  invariant(
    'LeaderCompleteness',
    "ATC'14 Fig. 3",
    'committed entries are in the log of every later leader',
    leaderCompleteness,
  ),
  invariant(
    'StateMachineSafety',
    "ATC'14 Fig. 3",
    'no two servers apply different entries at an index',
    stateMachineSafety,
  ),
  invariant('TermMonotone', 'thesis Fig. 3.2', 'terms only grow', termMonotone, never),
  invariant('VoteOnce', 'thesis §3.4', 'a server votes for at most one candidate per term', voteOnce, options =>
    options.durableVotes ? undefined : 'votes are not durable',
  ),
  invariant(
    'CommitOnlyCurrentTerm',
    'thesis §3.6.2',
    'only entries of the current term are committed by counting',
    commitOnlyCurrentTerm,
    options => (options.commitOldTerms ? 'entries of old terms are committed by counting' : undefined),
  ),
  invariant(
    'ConfigOverlap',
    'thesis §4.1, §4.3',
    'consecutive configurations cannot decide apart',
    configOverlap,
    options =>
      options.membership === 'single-early' || options.membership === 'unsafe'
        ? `membership ${options.membership}`
        : undefined,
  ),
  invariant(
    'LeaseSafety',
    'thesis §6.4.1',
    'nobody answers under a lease while a later term has a leader',
    leaseSafety,
    never,
    ['consistency'],
  ),
  invariant(
    'ReadIndexFresh',
    'thesis §6.4',
    'a read sees everything that was committed when it arrived',
    readIndexFresh,
    options => (options.read.kind === 'local' ? 'local reads are not checked' : mistakes(options)),
    ['consistency'],
  ),
  invariant('SnapshotPrefix', 'thesis §5.1', 'a snapshot stands for the applied prefix of the log', snapshotPrefix),
];
