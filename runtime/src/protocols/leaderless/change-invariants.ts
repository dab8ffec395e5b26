/** What Paxos must keep when it decides compare-and-sets. */
import type { Leaderless } from '../../design/mechanism.ts';
import { isQuorum, resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { type Ballot, roundOf } from '../ballots.ts';
import type { Group, Invariant, Monitor } from '../contract.ts';
import { ofDeeds } from '../deeds.ts';
import { stampId } from '../versions/stamps.ts';
import type { LeaderlessState } from './state.ts';

/** Upon a write one change is chosen: by a majority that has accepted it in one ballot. */
function agreement(group: Group): Monitor<LeaderlessState> {
  const quorum = resolveQuorum({ kind: 'majority' }, group.replicas, node => group.regionOf(node));
  const votes = new Map<string, Set<NodeId>>();
  const chosen = new Map<string, string>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind !== 'accepted') return undefined;
    const { key, ballot, write } = deed;
    const place = `${key} ${stampId(write.stamp)}`;
    const proposal = write.decided!.at(-1)!;
    const name = `${place} ${ballot} ${proposal}`;
    const nodes = votes.get(name) ?? new Set();
    votes.set(name, nodes.add(node));
    if (!isQuorum(quorum, one => nodes.has(one))) return undefined;
    const before = chosen.get(place);
    chosen.set(place, before ?? proposal);
    return before === undefined || before === proposal
      ? undefined
      : `upon one write of ${key} both the proposal ${before} and ${proposal} were chosen, the latter with ${view.nameOf(node)}`;
  });
}

function promiseKept(): Monitor<LeaderlessState> {
  const promised = new Map<string, Ballot>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind !== 'promised' && deed.kind !== 'accepted') return undefined;
    const name = `${view.states.get(node)?.actor} ${deed.key}`;
    const before = promised.get(name) ?? 0;
    promised.set(name, Math.max(before, deed.ballot));
    return deed.ballot >= before
      ? undefined
      : `${view.nameOf(node)} ${deed.kind} in round ${roundOf(deed.ballot)} of ${deed.key}, after it had promised round ${roundOf(before)}`;
  });
}

const safety = ['consistency', 'no-lost-writes', 'no-lost-updates', 'no-divergence'] as const;
const givenUp = ({ cas }: Leaderless): string | undefined =>
  cas === 'paxos' ? undefined : 'nothing is decided by Paxos (cas paxos)';

export const changeInvariants: readonly Invariant<LeaderlessState, Leaderless>[] = [
  {
    name: 'Agreement',
    source: 'Lamport, "Paxos Made Simple", 2001, §2.1; Apache Cassandra, lightweight transactions',
    means: 'upon a write at most one compare-and-set is chosen',
    protects: safety,
    givenUp,
    monitor: agreement,
  },
  {
    name: 'PromiseKept',
    source: 'Lamport 2001, §2.2, P1a',
    means: 'an acceptor accepts and promises nothing below what it has promised',
    protects: safety,
    givenUp,
    monitor: promiseKept,
  },
];
