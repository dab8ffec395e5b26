/**
 * A partition's part in distributed transactions, as commands of its replicated state machine: prepare, commit, abort,
 * inquire. What is prepared, its locks and what was decided stand in the machine, so every group that agrees on a log is
 * a participant, and its vote is what the prepare command answers once it stands in that log (Gray & Lamport 2006, §3.1;
 * Corbett et al. 2012, §4.2). Locking is two-phase and strict (Bernstein, Hadzilacos & Goodman 1987, ch. 3 and 7): all of
 * a partition's locks are taken by prepare and kept until the outcome.
 */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { IsolationLevel } from '../design/property.ts';
import type { DataModel } from '../model/model.ts';
import { applyPhase, isOvertaken, leavePhase, type Phase } from './transaction-phases.ts';

/** What is done to a key: reads, writes, appends, increments; the value is what is written, of reads null. */
export type Step = readonly [kind: OperationKind, key: string, value: Value];

export interface Prepared {
  /** Begin by the coordinator's clock, in ns: the smaller, the older. */
  readonly age: number;
  /** All participants, by the names of their groups: whoever finishes it needs no other record. */
  readonly groups: readonly string[];
  readonly isolation: IsolationLevel;
  readonly steps: readonly Step[];
  /** What was answered: by step, the value read; null for others. */
  readonly reads: readonly Value[];
  /** Operation of the history, for monitors; -1: none. */
  readonly operation: number;
}

export interface Lock {
  /** Transaction that writes; null: none. */
  readonly writer: string | null;
  readonly readers: readonly string[];
}

/** `nothing`: told to commit what was not prepared here, or was aborted. No correct coordinator does that. */
export type Outcome = 'committed' | 'aborted' | 'nothing';

export interface Transactions {
  prepared: Readonly<Record<string, Prepared>>;
  locks: Readonly<Record<string, Lock>>;
  /** Kept for good: a prepare that comes late must not prepare again. */
  outcomes: Record<string, Outcome>;
  /** Ids in `outcomes`, in the order in which they were decided. */
  decided: string[];
  /** Of what is prepared and has come further than that, or follows another than its coordinator. */
  phases: Readonly<Record<string, Phase>>;
  /** Of those: how they stood when they were decided. */
  left: Record<string, Phase>;
}

export const noTransactions = (): Transactions => ({
  prepared: {},
  locks: {},
  outcomes: {},
  decided: [],
  phases: {},
  left: {},
});

export const copyTransactions = (from: Readonly<Transactions>): Transactions => ({
  ...from,
  outcomes: { ...from.outcomes },
  decided: from.decided.slice(),
  left: { ...from.left },
});

/** The commands, as the input of an operation of kind `transaction`. */
export const prepareInput = (
  id: string,
  prepared: Omit<Prepared, 'reads' | 'operation'>,
  deadlock: 'detect' | 'wait',
): Value => ['prepare', id, prepared.age, prepared.groups, prepared.isolation, deadlock, prepared.steps];
/** @param round of the termination that says so; undefined: the transaction's coordinator does */
export const outcomeInput = (id: string, commit: boolean, round?: number): Value => [
  commit ? 'commit' : 'abort',
  id,
  ...(round === undefined ? [] : [round]),
];
/** Asks for what is in doubt: `[id, groups]` of every prepared transaction whose id begins so. */
export const inquireInput = (prefix: string): Value => ['inquire', prefix];

/** Answer to a prepare: `yes` with what was read by step, `wait` (nothing was done, ask again) or `no` with the reason. */
export type Vote = readonly ['yes' | 'wait' | 'no', readonly Value[] | string];

/** A machine's data, as far as transactions touch it. */
export interface Keeper {
  readonly data: Record<string, Value>;
  readonly transactions: Transactions;
}

/**
 * Applies one of the commands. Each may come again, and late, without doing harm.
 * @param executed told the operation of a transaction that takes effect
 */
export function applyTransaction(
  keeper: Keeper,
  model: DataModel,
  { input, operation }: { readonly input: Value; readonly operation: number },
  executed: (operation: number) => void,
): Value {
  const [word, id, ...rest] = input as readonly [string, string, ...Value[]];
  switch (word) {
    case 'prepare': {
      const [age, groups, isolation, deadlock, steps] = rest as unknown as readonly [
        number,
        readonly string[],
        IsolationLevel,
        'detect' | 'wait',
        readonly Step[],
      ];
      return prepare(keeper, model, id, { age, groups, isolation, operation, steps }, deadlock);
    }
    case 'commit':
    case 'abort':
      if (isOvertaken(keeper.transactions, id, rest[0])) return ['state-response', 'fenced', 0];
      if (word === 'commit') commit(keeper, model, id, executed);
      else abort(keeper.transactions, id);
      return ['ack'];
    case 'inquire':
      return Object.entries(keeper.transactions.prepared)
        .filter(([each]) => each.startsWith(id))
        .map(([each, { groups }]) => [each, groups]);
    default: {
      const finish = (each: string, commits: boolean) =>
        commits ? commit(keeper, model, each, executed) : abort(keeper.transactions, each);
      const answer = applyPhase(keeper.transactions, input, finish);
      if (answer === undefined) throw new Error(`a machine knows no transaction command ${word}`);
      return answer;
    }
  }
}

/** Below repeatable read, a read's lock lasts no longer than the read (Berenson et al. 1995, table 2). */
export const keepsReadLocks = (isolation: IsolationLevel): boolean =>
  isolation !== 'read-committed' && isolation !== 'read-uncommitted';

function prepare(
  { data, transactions }: Keeper,
  model: DataModel,
  id: string,
  asked: Omit<Prepared, 'reads'>,
  deadlock: 'detect' | 'wait',
): Value {
  const known = transactions.prepared[id];
  if (known !== undefined) return ['yes', known.reads];
  if (transactions.outcomes[id] !== undefined) return ['no', `it was ${transactions.outcomes[id]} before`];
  const holder = olderFirst(transactions, conflicting(transactions, asked))[0];
  if (holder !== undefined) {
    // Wait-die (Rosenkrantz, Stearns & Lewis 1978): only the older waits, so nobody waits in a circle.
    const waits = deadlock === 'wait' || isOlder([id, asked], [holder, transactions.prepared[holder]!]);
    // Its no is final: a prepare that was repeated on its way must not be a yes.
    if (!waits) abort(transactions, id);
    return [waits ? 'wait' : 'no', `${holder} holds a lock that it needs`];
  }
  const prepared = { ...asked, reads: readsOf(data, transactions, model, asked) };
  transactions.prepared = { ...transactions.prepared, [id]: prepared };
  transactions.locks = lockedBy(transactions.locks, id, prepared);
  return ['yes', prepared.reads];
}

type Aged = readonly [id: string, { readonly age: number }];
const isOlder = ([a, x]: Aged, [b, y]: Aged): boolean => x.age < y.age || (x.age === y.age && a < b);

const olderFirst = ({ prepared }: Transactions, ids: readonly string[]): readonly string[] =>
  [...ids].sort((a, b) => (isOlder([a, prepared[a]!], [b, prepared[b]!]) ? -1 : 1));

/** Who holds a lock that these steps cannot do with. */
function conflicting({ locks }: Transactions, { steps, isolation }: Omit<Prepared, 'reads'>): readonly string[] {
  const found = new Set<string>();
  for (const [kind, key] of steps) {
    const lock = locks[key];
    if (lock === undefined || (kind === 'read' && isolation === 'read-uncommitted')) continue;
    if (lock.writer !== null) found.add(lock.writer);
    if (kind !== 'read') for (const reader of lock.readers) found.add(reader);
  }
  return [...found];
}

/** What each step reads: committed values and own writes; at read uncommitted, also what others have only prepared. */
function readsOf(
  data: Readonly<Record<string, Value>>,
  { locks, prepared }: Transactions,
  model: DataModel,
  { steps, isolation }: Omit<Prepared, 'reads'>,
): readonly Value[] {
  const seen: Record<string, Value> = {};
  const current = (key: string): Value => {
    const committed = data[key] ?? model.initial(null);
    const writer = isolation === 'read-uncommitted' ? locks[key]?.writer : undefined;
    return writer === undefined || writer === null
      ? committed
      : written(committed, key, prepared[writer]!.steps, model);
  };
  return steps.map(([kind, key, input]) => {
    const { state, output } = model.apply(Object.hasOwn(seen, key) ? seen[key]! : current(key), { kind, input });
    seen[key] = state;
    return kind === 'read' ? output : null;
  });
}

const written = (before: Value, key: string, steps: readonly Step[], model: DataModel): Value =>
  steps.reduce(
    (state, [kind, of, input]) => (of === key && kind !== 'read' ? model.apply(state, { kind, input }).state : state),
    before,
  );

function lockedBy(
  locks: Readonly<Record<string, Lock>>,
  id: string,
  { steps, isolation }: Prepared,
): Readonly<Record<string, Lock>> {
  const after = { ...locks };
  for (const [kind, key] of steps) {
    const lock = after[key] ?? { writer: null, readers: [] };
    if (kind !== 'read') after[key] = { ...lock, writer: id };
    else if (keepsReadLocks(isolation) && !lock.readers.includes(id))
      after[key] = { ...lock, readers: [...lock.readers, id] };
  }
  return after;
}

function commit(
  { data, transactions }: Keeper,
  model: DataModel,
  id: string,
  executed: (operation: number) => void,
): void {
  const prepared = transactions.prepared[id];
  if (prepared === undefined) {
    if (transactions.outcomes[id] !== 'committed') decide(transactions, id, 'nothing');
    return;
  }
  for (const key of new Set(prepared.steps.flatMap(([kind, key]) => (kind === 'read' ? [] : [key]))))
    data[key] = written(data[key] ?? model.initial(null), key, prepared.steps, model);
  if (prepared.operation >= 0) executed(prepared.operation);
  decide(transactions, id, 'committed');
}

/** Also of what is unknown here: its prepare may still come. */
function abort(transactions: Transactions, id: string): void {
  if (transactions.outcomes[id] === undefined) decide(transactions, id, 'aborted');
}

function decide(transactions: Transactions, id: string, outcome: Outcome): void {
  const { [id]: prepared, ...others } = transactions.prepared;
  transactions.outcomes[id] = outcome;
  transactions.decided.push(id);
  if (prepared === undefined) return;
  leavePhase(transactions, id);
  transactions.prepared = others;
  const locks = { ...transactions.locks };
  for (const [, key] of prepared.steps) {
    const lock = locks[key];
    if (lock === undefined) continue;
    const left = {
      writer: lock.writer === id ? null : lock.writer,
      readers: lock.readers.filter(reader => reader !== id),
    };
    if (left.writer === null && left.readers.length === 0) delete locks[key];
    else locks[key] = left;
  }
  transactions.locks = locks;
}

/** Whether a single operation has to wait: what is prepared may have been decided already, so nobody may look past it. */
export function isHeld({ locks }: Transactions, key: string, kind: OperationKind): boolean {
  const lock = locks[key];
  return lock !== undefined && (lock.writer !== null || (kind !== 'read' && lock.readers.length > 0));
}

/** Transactions are called `NAME#…`: which declaration one belongs to. */
export const declarationOf = (id: string): string => id.slice(0, id.indexOf('#'));
