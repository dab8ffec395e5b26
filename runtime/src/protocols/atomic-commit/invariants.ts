/** The invariants of atomic commit (Gray and Lamport 2006, §2; `TCommit.tla`), watched after every event. */
import type { NodeId } from '../../design/topology.ts';
import type { Group, GroupView, Invariant, Monitor } from '../contract.ts';
import { type Change, type CommitOptions, type CommitState, describe, type Outcome } from './state.ts';

type State = CommitState;
type View = GroupView<State>;

const outcomeOf = ({ status }: Change): Outcome | undefined =>
  status === 'committed' ? 'commit' : status === 'aborted' ? 'abort' : undefined;

const words = { commit: 'committed', abort: 'aborted' } as const;

/**
 * What each node has made of each transaction. A crash takes back what had not reached the disk: at its next boot a node
 * is compared with what it was seen to have, and what it no longer knows of is forgotten here, too. A commit is not:
 * a node that has been told is told again, and a coordinator that has forgotten is what these invariants look for.
 */
class Seen {
  readonly of = new Map<string, Map<NodeId, Outcome>>();
  private readonly crashed = new Set<NodeId>();

  crash(node: NodeId): void {
    this.crashed.add(node);
  }

  /** Call first in every step. Answers whether the node has just come back. */
  returned(node: NodeId, state: State): boolean {
    if (!this.crashed.delete(node)) return false;
    for (const [id, nodes] of this.of)
      if (nodes.get(node) === 'abort' && state.outcomes[id] === undefined) nodes.delete(node);
    return true;
  }

  outcomes(id: string): Map<NodeId, Outcome> {
    let nodes = this.of.get(id);
    if (nodes === undefined) {
      nodes = new Map();
      this.of.set(id, nodes);
    }
    return nodes;
  }
}

/** AC1, and with it AC3 where the one that has decided otherwise is the node itself. */
function agreement(sameNode: boolean): Monitor<State> {
  const seen = new Seen();
  return {
    step(node, state, view) {
      seen.returned(node, state);
      let found: string | undefined;
      for (const change of state.changes) {
        const outcome = outcomeOf(change);
        if (outcome === undefined) continue;
        const outcomes = seen.outcomes(change.tx.id);
        const before = outcomes.get(node);
        if (before === undefined) outcomes.set(node, outcome);
        if (sameNode) {
          if (before !== undefined && before !== outcome)
            found ??= `${view.nameOf(node)} had ${words[before]} ${describe(change.tx)}, and now has ${words[outcome]} it`;
          continue;
        }
        for (const [other, theirs] of outcomes)
          if (other !== node && theirs !== outcome)
            found ??= `${view.nameOf(node)} ${words[outcome]} ${describe(change.tx)}, which ${view.nameOf(other)} ${words[theirs]}`;
      }
      return found;
    },
    crashed: node => seen.crash(node),
  };
}

/** Who has voted yes, and still stands by it. */
function allPrepared(group: Group): Monitor<State> {
  const prepared = new Map<string, Set<NodeId>>();
  const done = new Map<string, Set<NodeId>>();
  const crashed = new Set<NodeId>();
  const add = (to: Map<string, Set<NodeId>>, id: string, node: NodeId) => {
    const nodes = to.get(id) ?? new Set();
    to.set(id, nodes.add(node));
  };
  /** A vote that the disk does not hold after a crash was never safe. */
  const forget = (node: NodeId, state: State) => {
    for (const [id, nodes] of prepared)
      if (
        nodes.has(node) &&
        state.open[id] === undefined &&
        state.outcomes[id] === undefined &&
        !done.get(id)?.has(node)
      )
        nodes.delete(node);
  };
  const step = (change: Change, node: NodeId, view: View): string | undefined => {
    const { tx, status } = change;
    if (status === 'prepared') add(prepared, tx.id, node);
    if (status === 'nothing to commit' && !done.get(tx.id)?.has(node))
      return `${view.nameOf(node)} is told to commit ${describe(tx)} and has nothing to commit: its vote is not on its disk`;
    if (status !== 'committed') return undefined;
    const first = !done.has(tx.id);
    add(done, tx.id, node);
    const missing = group.replicas.filter(one => !prepared.get(tx.id)?.has(one));
    if (!first || missing.length === 0) return undefined;
    return `${view.nameOf(node)} committed ${describe(tx)}, for which ${missing.map(view.nameOf).join(', ')} had not prepared`;
  };
  return {
    step(node, state, view) {
      if (crashed.delete(node)) forget(node, state);
      let found: string | undefined;
      for (const change of state.changes) found ??= step(change, node, view);
      return found;
    },
    crashed: node => void crashed.add(node),
  };
}

/** An abort with every vote in hand: nothing had gone wrong. */
function nonTriviality(group: Group): Monitor<State> {
  return {
    step(node, { changes }, view) {
      const found = changes.find(({ status, votes }) => status === 'aborted' && votes === group.replicas.length);
      return found === undefined
        ? undefined
        : `${view.nameOf(node)} aborted ${describe(found.tx)} although all ${group.replicas.length} had voted yes`;
    },
  };
}

function inDoubtLocks(): Monitor<State> {
  return {
    step(node, state, view) {
      for (const id in state.open) {
        const { tx } = state.open[id]!;
        if (state.locks[tx.command.key]?.id !== id)
          return `${view.nameOf(node)} is in doubt about ${describe(tx)} and does not hold the lock on ${tx.command.key}`;
      }
      return undefined;
    },
  };
}

const never = (): undefined => undefined;

/** @param gaveUp why the options let decisions differ; undefined: they do not. */
export function commitInvariants<C extends CommitOptions>(
  gaveUp: (options: C) => string | undefined,
): readonly Invariant<CommitState<C>, C>[] {
  const safety = ['consistency', 'no-lost-writes', 'no-divergence'] as const;
  return [
    {
      name: 'AC1',
      source: 'Gray and Lamport 2006, TCommit.tla: TCConsistent',
      means: 'no replica commits what another one aborts',
      protects: safety,
      givenUp: gaveUp,
      monitor: () => agreement(false) as Monitor<CommitState<C>>,
    },
    {
      name: 'AC2',
      source: 'Gray and Lamport 2006, §2',
      means: 'a transaction commits only when every replica has prepared, and stands by it after a crash',
      protects: safety,
      givenUp: gaveUp,
      monitor: group => allPrepared(group) as Monitor<CommitState<C>>,
    },
    {
      name: 'AC3',
      source: 'Gray and Lamport 2006, §2: stability',
      means: 'a replica that has decided never decides otherwise',
      protects: safety,
      givenUp: gaveUp,
      monitor: () => agreement(true) as Monitor<CommitState<C>>,
    },
    {
      name: 'AC4',
      source: 'Gray and Lamport 2006, §2: non-triviality',
      means: 'a coordinator that has every vote does not abort',
      protects: [],
      givenUp: never,
      monitor: group => nonTriviality(group) as Monitor<CommitState<C>>,
    },
    {
      name: 'InDoubtLocks',
      source: 'Gray 1978; strict two-phase locking',
      means: 'a replica holds the locks of what it is in doubt about',
      protects: safety,
      givenUp: never,
      monitor: () => inDoubtLocks() as unknown as Monitor<CommitState<C>>,
    },
  ];
}
