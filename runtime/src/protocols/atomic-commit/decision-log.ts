/**
 * The log of a replicated coordinator: a Raft store in which each transaction has a key. A decision is a compare-and-set
 * from what stands there while nothing is decided, so commit and abort exclude each other, whoever wants which (Gray and
 * Lamport 2006, §4: the decision is a value that a consensus group chooses).
 */
import type { Command } from '../contract.ts';
import { type CommitIo, type CommitOptions, type CommitState, decisionsOf, type Flow, type Led } from './state.ts';

/** What stands at the key while nothing is decided: that it was begun, where absence would say otherwise. */
const undecided = <C extends CommitOptions>(options: C, flow: Flow<C>): 'begun' | null =>
  flow.writesBeginning(options) ? 'begun' : null;

/** Asks the group to note the beginning, to choose what the coordinator wants, or what it has chosen. */
export function propose<C extends CommitOptions>(
  state: CommitState<C>,
  { tx, wants }: Led,
  kind: 'begin' | 'decide' | 'look',
  io: CommitIo,
  flow: Flow<C>,
): void {
  const { options, group } = state.context;
  const token = ++state.token;
  state.calls[token] = { id: tx.id, kind, wants };
  state.led[tx.id]!.dueNs = Number.POSITIVE_INFINITY;
  const before = undecided(options, flow);
  const about = { key: `${group.name}/${tx.id}`, operation: -1 };
  const commands: Record<typeof kind, Command> = {
    begin: { ...about, kind: 'write', input: 'begun' },
    decide: { ...about, kind: 'cas', input: [before, wants] },
    look: { ...about, kind: 'read', input: null },
  };
  io.call(decisionsOf(state)!, commands[kind], token);
}
