/**
 * Invariants of atomic commit over several groups (FACTS of two-phase commit; Bernstein, Hadzilacos & Goodman 1987, §7.3,
 * AC1 to AC3; Gray & Lamport 2006, TCommit): they are looked at in the participants' machines and in what coordinators
 * decide, after every step of either.
 */
import type { GroupView, Monitor } from '../contract.ts';
import type { Machine } from '../machine.ts';
import { holdsReads, type Outcome, type Prepared } from '../transactions.ts';
import type { CoordinatorState } from './state.ts';

export const transactionInvariants = {
  AC1: 'no participant commits what another one, or the coordinator, aborts',
  AC2: 'nothing is committed that a participant has not prepared',
  AC3: 'no decision changes',
  InDoubtLocks: 'what is prepared holds its locks',
} as const;
export type TransactionInvariant = keyof typeof transactionInvariants;
export const transactionInvariantNames = Object.keys(transactionInvariants) as TransactionInvariant[];

/** What is known of one transaction, over all groups. */
interface Known {
  readonly prepared: Set<string>;
  readonly outcomes: Map<string, Outcome>;
  decision: 'commit' | 'abort' | null;
}

/** One per declared transaction and run. `breaches` go to whoever asks for that invariant next. */
export function watchTransaction(name: string) {
  const all = new Map<string, Known>();
  const seen = new Map<object, { prepared: object; decided: number }>();
  const breaches = new Map<TransactionInvariant, string>();
  const prefix = `${name}#`;
  const known = (id: string): Known => {
    let one = all.get(id);
    if (one === undefined) all.set(id, (one = { prepared: new Set(), outcomes: new Map(), decision: null }));
    return one;
  };
  const breach = (invariant: TransactionInvariant, why: string) => {
    if (!breaches.has(invariant)) breaches.set(invariant, why);
  };

  const prepared = (group: string, id: string, one: Prepared, machine: Machine, at: string) => {
    known(id).prepared.add(group);
    const { locks } = machine.transactions;
    for (const [kind, key] of one.steps) {
      const held = kind === 'read' ? !holdsReads(one) || locks[key]?.readers.includes(id) : locks[key]?.writer === id;
      if (!held) breach('InDoubtLocks', `${at} has prepared ${id} and does not hold the lock of ${group}/${key}`);
    }
  };
  const outcome = (group: string, id: string, is: Outcome, at: string) => {
    const one = known(id);
    const was = one.outcomes.get(group);
    one.outcomes.set(group, is);
    if (was !== undefined && was !== is)
      breach('AC3', `${at} says that ${id} was ${is} at ${group}, where it was ${was} before`);
    if (is === 'nothing')
      breach(was === 'aborted' ? 'AC3' : 'AC2', `${at} is told to commit ${id}, which is not prepared at ${group}`);
    for (const [other, there] of one.outcomes)
      if (other !== group && there !== is && (there === 'aborted' || is === 'aborted'))
        breach('AC1', `${id} was ${is} at ${group} and ${there} at ${other}`);
    if (one.decision !== null && (one.decision === 'abort') !== (is === 'aborted'))
      breach('AC1', `${id} was ${is} at ${group}, and its coordinator decided to ${one.decision}`);
  };

  /** Only what is new since the last look at this machine. */
  const lookAt = (group: string, machine: Machine, at: string) => {
    const { transactions } = machine;
    const last = seen.get(transactions);
    if (last?.prepared === transactions.prepared && last.decided === transactions.decided.length) return;
    if (last?.prepared !== transactions.prepared)
      for (const [id, one] of Object.entries(transactions.prepared))
        if (id.startsWith(prefix)) prepared(group, id, one, machine, at);
    for (let i = last?.decided ?? 0; i < transactions.decided.length; i++) {
      const id = transactions.decided[i]!;
      if (id.startsWith(prefix)) outcome(group, id, transactions.outcomes[id]!, at);
    }
    seen.set(transactions, { prepared: transactions.prepared, decided: transactions.decided.length });
  };

  const decisions = new Map<object, number>();
  const lookAtCoordinator = (state: CoordinatorState, at: string) => {
    for (let i = decisions.get(state.decided) ?? 0; i < state.decided.length; i++) {
      const { id, outcome: is, groups } = state.decided[i]!;
      const one = known(id);
      if (one.decision !== null && one.decision !== is)
        breach('AC3', `${at} decided to ${is} ${id}, which it was decided to ${one.decision} before`);
      one.decision ??= is;
      const missing = groups.find(group => !one.prepared.has(group));
      if (is === 'commit' && missing !== undefined)
        breach('AC2', `${at} decided to commit ${id}, which ${missing} has not prepared`);
      for (const [group, there] of one.outcomes)
        if ((is === 'abort') !== (there === 'aborted'))
          breach('AC1', `${at} decided to ${is} ${id}, which was ${there} at ${group}`);
    }
    decisions.set(state.decided, state.decided.length);
  };

  const monitor = (
    invariant: TransactionInvariant,
    look: (state: never, group: string, at: string) => void,
  ): Monitor<unknown> => ({
    step(node, state, view: GroupView<unknown>) {
      look(state as never, view.group.name, view.nameOf(node));
      const why = breaches.get(invariant);
      breaches.delete(invariant);
      return why;
    },
  });
  return {
    /** @param machineOf of a participant's state */
    ofParticipant: (invariant: TransactionInvariant, machineOf: (state: unknown) => Machine): Monitor<unknown> =>
      monitor(invariant, (state, group, at) => lookAt(group, machineOf(state), at)),
    ofCoordinator: (invariant: TransactionInvariant): Monitor<unknown> =>
      monitor(invariant, (state, _group, at) => lookAtCoordinator(state, at)),
  };
}
