/**
 * Invariants of atomic commit over several groups (Bernstein, Hadzilacos & Goodman 1987, §7.3, AC1 to AC4; Gray & Lamport
 * 2006, TCommit; Skeen 1981 for three phases): they are looked at in the participants' machines and in what coordinators
 * decide, after every step of either.
 */
import type { PropertyKind } from '../../design/property.ts';
import type { Transaction } from '../../design/store.ts';
import type { GroupView, Monitor } from '../contract.ts';
import type { Machine } from '../machine.ts';
import type { Phase } from '../transaction-phases.ts';
import { holdsReads, type Outcome, type Prepared } from '../transactions.ts';
import type { CoordinatorState } from './state.ts';

export const transactionInvariants = {
  AC1: 'no participant commits what another one, or the coordinator, aborts',
  AC2: 'nothing is committed that a participant has not prepared',
  AC3: 'no decision changes',
  AC4: 'what all have voted for is committed, if nothing fails',
  InDoubtLocks: 'what is prepared holds its locks',
  NonBlock: 'from no state does one participant go to a commit and another to an abort by itself',
  ConcurrencySet: 'nobody still waits for a pre-commit when somebody has committed',
} as const;
export type TransactionInvariant = keyof typeof transactionInvariants;
export const transactionInvariantNames = Object.keys(transactionInvariants) as TransactionInvariant[];

/** What users lose with any of them but AC4. */
export const protectedByAtomicity: readonly PropertyKind['kind'][] = [
  'consistency',
  'isolation',
  'no-fractured-reads',
  'no-lost-writes',
];

/** Invariants of a commit protocol, whatever its options. */
export function invariantsOf({ kind }: Transaction['commit']): readonly TransactionInvariant[] {
  switch (kind) {
    case 'none':
      return [];
    case 'two-phase-commit':
      return transactionInvariantNames.filter(name => name !== 'NonBlock' && name !== 'ConcurrencySet');
    case 'three-phase-commit':
      return transactionInvariantNames;
  }
}

/** Why these options give it up; undefined: promised, and checked in every run. */
export function givenUp(commit: Transaction['commit'], name: TransactionInvariant): string | undefined {
  if (commit.kind === 'none' || name === 'AC4' || name === 'InDoubtLocks') return undefined;
  if (name === 'ConcurrencySet')
    return 'it holds while messages arrive in time and the network does not split; ask for it where they do';
  if (commit.kind === 'three-phase-commit')
    return commit.onTimeout === 'discard'
      ? 'a participant that times out when pre-committed discards what others commit'
      : undefined;
  if (!commit.durableLog) return 'decisions are forgotten in a crash';
  return commit.onTimeout === 'block' ? undefined : `a participant in doubt decides alone (${commit.onTimeout})`;
}

/** What is known of one transaction, over all groups. */
interface Known {
  /** Who takes part, by what the first that prepared was told. */
  groups: readonly string[];
  readonly prepared: Set<string>;
  readonly precommitted: Set<string>;
  readonly outcomes: Map<string, Outcome>;
  /** Groups that decided by themselves. */
  readonly alone: Set<string>;
  decision: 'commit' | 'abort' | null;
  /** Its coordinator aborted it while there still was time to wait. */
  abortedEarly: string | null;
}

interface Seen {
  readonly prepared: object;
  readonly phases: object;
  readonly decided: number;
}

/**
 * One per declared transaction and run. `breaches` go to whoever asks for that invariant next.
 * @param faultFree whether nothing fails in this run: then AC4 holds for what was only prepared, too
 */
export function watchTransaction(name: string, faultFree = false) {
  const all = new Map<string, Known>();
  const seen = new Map<object, Seen>();
  const breaches = new Map<TransactionInvariant, string>();
  /** Whither somebody went from a state by itself. */
  const next = new Map<string, { readonly is: Outcome; readonly who: string }>();
  const prefix = `${name}#`;
  const known = (id: string): Known => {
    let one = all.get(id);
    if (one === undefined)
      all.set(
        id,
        (one = {
          groups: [],
          prepared: new Set(),
          precommitted: new Set(),
          outcomes: new Map(),
          alone: new Set(),
          decision: null,
          abortedEarly: null,
        }),
      );
    return one;
  };
  const breach = (invariant: TransactionInvariant, why: string) => {
    if (!breaches.has(invariant)) breaches.set(invariant, why);
  };
  const was = (one: Known, group: string) =>
    `${one.outcomes.get(group)} at ${group}${one.alone.has(group) ? ', which had waited too long and decided alone,' : ''}`;

  const prepared = (group: string, id: string, one: Prepared, machine: Machine, at: string) => {
    const of = known(id);
    of.prepared.add(group);
    of.groups = one.groups;
    if (of.abortedEarly !== null) aborted(id, of, of.abortedEarly);
    const { locks } = machine.transactions;
    for (const [kind, key] of one.steps) {
      const held = kind === 'read' ? !holdsReads(one) || locks[key]?.readers.includes(id) : locks[key]?.writer === id;
      if (!held) breach('InDoubtLocks', `${at} has prepared ${id} and does not hold the lock of ${group}/${key}`);
    }
  };
  /** It has been aborted with time to spare: somebody must have had a reason not to prepare it. */
  const aborted = (id: string, one: Known, at: string) => {
    one.abortedEarly = at;
    if (faultFree && one.groups.length > 0 && one.groups.every(group => one.prepared.has(group)))
      breach('AC4', `${at} aborted ${id}, which all of ${one.groups.join(', ')} had prepared, and nothing had failed`);
  };
  const outcome = (group: string, id: string, is: Outcome, at: string, { transactions }: Machine) => {
    const one = known(id);
    const phase = transactions.left[id];
    const before = one.outcomes.get(group);
    one.outcomes.set(group, is);
    if (phase?.alone) one.alone.add(group);
    if (phase?.precommitted) one.precommitted.add(group);
    if (before !== undefined && before !== is)
      breach('AC3', `${at} says that ${id} was ${is} at ${group}, where it was ${before} before`);
    if (is === 'nothing')
      breach(before === 'aborted' ? 'AC3' : 'AC2', `${at} is told to commit ${id}, which is not prepared at ${group}`);
    for (const [other, there] of one.outcomes)
      if (other !== group && there !== is && (there === 'aborted' || is === 'aborted'))
        breach('AC1', `${id} was ${was(one, group)} and ${was(one, other)}`);
    if (one.decision !== null && (one.decision === 'abort') !== (is === 'aborted'))
      breach('AC1', `${id} was ${was(one, group)} and its coordinator decided to ${one.decision}`);
    const missing = one.groups.find(other => !one.prepared.has(other));
    if (is === 'committed' && missing !== undefined)
      breach('AC2', `${at} committed ${id}, which ${missing} has not prepared`);
    if (before === undefined && is !== 'nothing') left(group, id, is, at, one, phase);
  };
  /** A participant has left the states of doubt. Who is told to commit hears at once that all were pre-committed. */
  const left = (group: string, id: string, is: Outcome, at: string, one: Known, phase: Phase | undefined) => {
    const alone = phase?.alone === true;
    const from = phase?.precommitted || (is === 'committed' && !alone) ? 'precommitted' : 'prepared';
    const elsewhere = next.get(from);
    if (alone || is === 'committed') {
      if (elsewhere === undefined) next.set(from, { is, who: group });
      else if (elsewhere.is !== is)
        breach(
          'NonBlock',
          `${group} went from ${from} to ${is} in ${id}, and ${elsewhere.who} from ${from} to ${elsewhere.is}`,
        );
    }
    if (is !== 'committed') return;
    const waiting = one.groups.find(
      other => other !== group && !one.precommitted.has(other) && !one.outcomes.has(other),
    );
    if (waiting !== undefined) breach('ConcurrencySet', `${at} committed ${id} while ${waiting} was still waiting`);
  };

  /** Only what is new since the last look at this machine. */
  const lookAt = (group: string, machine: Machine, at: string) => {
    const { transactions } = machine;
    const last = seen.get(transactions);
    const isSame = last?.prepared === transactions.prepared && last.phases === transactions.phases;
    if (isSame && last.decided === transactions.decided.length) return;
    if (last?.prepared !== transactions.prepared)
      for (const [id, one] of Object.entries(transactions.prepared))
        if (id.startsWith(prefix)) prepared(group, id, one, machine, at);
    if (last?.phases !== transactions.phases)
      for (const [id, { precommitted }] of Object.entries(transactions.phases))
        if (precommitted && id.startsWith(prefix)) known(id).precommitted.add(group);
    for (let i = last?.decided ?? 0; i < transactions.decided.length; i++) {
      const id = transactions.decided[i]!;
      if (id.startsWith(prefix)) outcome(group, id, transactions.outcomes[id]!, at, machine);
    }
    const { prepared: open, phases, decided } = transactions;
    seen.set(transactions, { prepared: open, phases, decided: decided.length });
  };

  const decisions = new Map<object, number>();
  const lookAtCoordinator = (state: CoordinatorState, at: string) => {
    for (let i = decisions.get(state.decided) ?? 0; i < state.decided.length; i++) {
      const { id, outcome: is, groups, unanimous, early } = state.decided[i]!;
      const one = known(id);
      if (one.decision !== null && one.decision !== is)
        breach('AC3', `${at} decided to ${is} ${id}, which it was decided to ${one.decision} before`);
      one.decision ??= is;
      const missing = groups.find(group => !one.prepared.has(group));
      if (is === 'commit' && missing !== undefined)
        breach('AC2', `${at} decided to commit ${id}, which ${missing} has not prepared`);
      if (is === 'abort' && unanimous) breach('AC4', `${at} aborted ${id}, for which it had every vote`);
      if (is === 'abort' && early) aborted(id, one, at);
      for (const [group, there] of one.outcomes)
        if ((is === 'abort') !== (there === 'aborted'))
          breach('AC1', `${at} decided to ${is} ${id}, which was ${was(one, group)}`);
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
    /** @param machineOf of a participant's state; undefined: what it holds may still be lost */
    ofParticipant: (
      invariant: TransactionInvariant,
      machineOf: (state: unknown) => Machine | undefined,
    ): Monitor<unknown> =>
      monitor(invariant, (state, group, at) => {
        const machine = machineOf(state);
        if (machine !== undefined) lookAt(group, machine, at);
      }),
    ofCoordinator: (invariant: TransactionInvariant): Monitor<unknown> =>
      monitor(invariant, (state, _group, at) => lookAtCoordinator(state, at)),
  };
}
