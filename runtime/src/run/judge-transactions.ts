/** Judging transactions: their claims, what is expected of them, and the invariants of atomic commit. */
import type { History, Verdict } from '../checkers/history.ts';
import { fracturedReads } from '../checkers/isolation/fractured-reads.ts';
import { isolationOf } from '../checkers/isolation/isolation.ts';
import { checkLinearizable } from '../checkers/linearizable.ts';
import { DEFAULT_NAMES, type Names } from '../checkers/words.ts';
import type { Runnable } from '../clients/transactions.ts';
import type { IsolationLevel, Property, PropertyKind } from '../design/property.ts';
import type { Expectation } from '../design/scenario.ts';
import type { Transaction } from '../design/store.ts';
import { modelNamed } from '../model/model.ts';
import { givenUp, invariantsOf, transactionInvariantNames } from '../protocols/transaction-coordinator/invariants.ts';
import { versionInvariants, versionInvariantsOf } from '../protocols/transactions/version-invariants.ts';
import { blockedAfterTimeouts, longestDoubt, witnessOf } from './blocking.ts';
import { invariantNamesOf, invariantOf, isFaultFree } from './coordinators.ts';
import type { Executed } from './execute.ts';
import type { Measured } from './figures.ts';
import type { Judged, Window } from './judge.ts';
import { type Finding, holds, unknown, violated } from './state-checks.ts';
import { judgeTransactionFigure } from './transaction-figures.ts';
import { transactionHistory } from './transaction-view.ts';

const whole: Window = { fromNs: null, untilNs: null };

/**
 * Isolation, from a history of transactions (keys `STORE/KEY`). What cycles leave open may still be settled by the strongest
 * level: reads and writes that are strictly serializable (Herlihy & Wing 1990, §3.3: linearizable as operations on one
 * object) keep every level.
 */
function checkIsolation(history: History, level: IsolationLevel, names: Names): Verdict {
  const found = isolationOf(history, level, names);
  const appends = history.operations.some(({ input }) =>
    (input as readonly (readonly unknown[])[]).some(([kind]) => kind === 'append'),
  );
  if (found.verdict !== 'unknown' || appends) return found;
  const { verdict } = checkLinearizable(history, modelNamed('multi-register')!);
  const fits = `${history.operations.length} operations and transactions fit one order that respects real time: that keeps every level.`;
  return verdict === 'holds' ? { property: level, verdict, why: fits, witness: null } : found;
}

/** What is asked of transactions, and not of the stores that they touch. */
export function isOfTransactions(property: PropertyKind): boolean {
  switch (property.kind) {
    case 'isolation':
    case 'no-fractured-reads':
    case 'no-blocking':
      return true;
    case 'latency':
      return property.of === 'transaction';
    case 'invariant':
      return [...transactionInvariantNames, ...Object.keys(versionInvariants)].includes(property.name);
    default:
      return false;
  }
}

/**
 * Claims of every transaction that ran, and the invariants that its options do not give up.
 * @param beforehand what this run does not judge; undefined: it does
 */
export function judgeTransactions(
  executed: Executed,
  beforehand: (transaction: Transaction, claim: Property) => Measured | undefined,
): Judged[] {
  return executed.transactions.flatMap(runnable => {
    const { transaction } = runnable;
    const base = { of: transaction.name, expected: false };
    const claims = transaction.claims.map((claim): Judged => {
      const judged = beforehand(transaction, claim) ?? judgeOne(executed, runnable, claim, whole);
      return { ...base, property: claim.text, kind: claim.kind, origin: 'claim', at: claim.at, ...told(judged) };
    });
    const { commit } = transaction;
    const promised: readonly string[] = [
      ...invariantsOf(commit).filter(name => givenUp(commit, name) === undefined),
      ...(commit.kind === 'two-phase-commit' && commit.durableLog ? versionInvariantsOf(transaction) : []),
    ];
    const invariants = promised.map(
      (name): Judged => ({
        ...base,
        property: `invariant ${name}`,
        kind: 'invariant',
        origin: 'invariant',
        at: transaction.at,
        ...told({ finding: judgeInvariant(executed, runnable, name), measured: null }),
      }),
    );
    return [...claims, ...invariants];
  });
}

/** undefined: the expectation is not about transactions. */
export function judgeTransactionExpectation(executed: Executed, expectation: Expectation): Judged[] | undefined {
  const { property, violation, of, fromNs, untilNs } = expectation;
  const meant = executed.transactions.filter(({ transaction }) =>
    of === null ? isOfTransactions(property) : transaction.name === of,
  );
  if (meant.length === 0) return undefined;
  return meant.map((runnable): Judged => {
    const judged = judgeOne(executed, runnable, property, { fromNs, untilNs });
    return {
      property: property.text,
      kind: property.kind,
      of: runnable.transaction.name,
      origin: violation ? 'expect violation' : 'expect',
      expected: violation && judged.finding.verdict === 'violated',
      at: expectation.at,
      ...told(judged),
    };
  });
}

const none = (why: string): Measured => ({ finding: unknown(why), measured: null });

const told = ({ finding, measured }: Measured) => ({
  measured,
  verdict: finding.verdict,
  why: finding.why,
  witness: finding.verdict === 'violated' ? { operations: finding.operations, events: finding.events } : null,
});

function judgeOne(executed: Executed, runnable: Runnable, property: Property, window: Window): Measured {
  const parts = window.fromNs !== null || window.untilNs !== null;
  const plain = (finding: Finding) => ({ finding, measured: null });
  switch (property.kind) {
    case 'no-blocking':
      if (parts) return none(`"${property.text}" is judged over whole runs only`);
      return plain(noBlocking(executed, runnable));
    case 'no-fractured-reads':
      if (parts) return none(`"${property.text}" is judged over whole runs only`);
      return plain(noFracturedReads(executed, runnable.transaction.stores));
    case 'isolation':
      if (parts) return none(`"${property.text}" is judged over whole runs only`);
      return plain(
        judgeHistory(executed, runnable.transaction.stores, false, (history, names) =>
          checkIsolation(history, property.level, names),
        ),
      );
    case 'invariant':
      return plain(judgeInvariant(executed, runnable, property.name));
    default:
      return (
        judgeTransactionFigure(executed, runnable, property, window) ??
        none(`"${property.text}" is not checked of transactions yet`)
      );
  }
}

/** Of transactions and of whatever else read several keys at once. */
export const noFracturedReads = (executed: Executed, stores: readonly string[]): Finding =>
  judgeHistory(executed, stores, true, fracturedReads);

function judgeHistory(
  executed: Executed,
  stores: readonly string[],
  scans: boolean,
  check: (history: History, names: Names) => Verdict,
): Finding {
  const found = transactionHistory(executed, stores, scans);
  if (typeof found === 'string') return unknown(found);
  const names = { ...DEFAULT_NAMES, process: (process: number) => executed.log.processes[process]! };
  const { verdict, why, witness } = check(found.history, names);
  if (verdict !== 'violated') return verdict === 'holds' ? holds(why) : unknown(why);
  const seen = (witness?.operations ?? []).map(id => found.logged[id]!);
  const events = [...new Set(seen.flatMap(one => [one.invokeEvent, one.completeEvent]))].filter(row => row >= 0);
  return violated(
    why,
    seen.map(one => one.id),
    events.sort((a, b) => a - b),
  );
}

function judgeInvariant(executed: Executed, { transaction }: Runnable, name: string): Finding {
  if (transaction.commit.kind === 'none') return unknown('a transaction without a commit protocol has no invariants');
  const known = invariantNamesOf(transaction);
  if (!known.includes(name)) return unknown(`${transaction.name} has no invariant ${name}; it has ${known.join(', ')}`);
  const broken = executed.sim.broken.find(one => one.invariant === invariantOf(transaction.name, name));
  if (broken !== undefined) return violated(broken.why, [], [broken.event]);
  const checked = `checked after each of ${executed.sim.handled} events`;
  // It says something of runs without failures; with them, only of a coordinator that has heard everybody.
  return holds(
    name === 'AC4' && !isFaultFree(executed.design, executed.scenario)
      ? `${checked}: with faults, that nobody aborts with every vote in hand`
      : checked,
  );
}

/** Of a participant that has prepared, while a majority of its group is up and connected with it. */
function noBlocking(executed: Executed, { transaction, stores }: Runnable): Finding {
  const { commit } = transaction;
  if (!('timeoutNs' in commit)) return holds('A transaction without a commit protocol has nothing in doubt.');
  const partitions = stores.flatMap(store => store.partitions);
  const worst = longestDoubt(executed.blocking, partitions, transaction.name);
  if (worst === undefined) return holds('Nothing was ever seen in doubt.');
  const { nodes } = executed.sim;
  const ms = (ns: number) => `${Math.round(ns / 1e6)} ms`;
  const long = `${nodes[worst.node]!.spec.name} was in doubt about ${worst.id} (it holds ${worst.key}) from ${ms(worst.sinceNs - executed.originNs)} on, for ${ms(worst.countedNs)} with a majority up and connected`;
  const limitNs = blockedAfterTimeouts * commit.timeoutNs;
  return worst.countedNs > limitNs
    ? violated(`${long}; ${ms(limitNs)} are allowed.`, ...witnessOf(worst))
    : holds(`At the longest, ${long}.`);
}
