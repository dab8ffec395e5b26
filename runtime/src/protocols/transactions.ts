/**
 * A partition's part in distributed transactions, as commands of its replicated state machine: prepare, commit, abort,
 * inquire, snapshot. What is prepared, its locks, versions and what was decided stand in the machine, so every group that
 * agrees on a log is a participant, and its vote is what the prepare command answers once it stands in that log (Gray &
 * Lamport 2006, §3.1; Corbett et al. 2012, §4.2). Without a start timestamp a transaction is kept apart from others by
 * locks alone, two-phase and strict (Bernstein, Hadzilacos & Goodman 1987, ch. 3 and 7): all of a partition's locks are
 * taken by prepare and kept until the outcome. With one, by versions (`transactions/versions.ts`).
 */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { IsolationLevel } from '../design/property.ts';
import type { DataModel } from '../model/model.ts';
import { applyPhase, isOvertaken, leavePhase, type Phase } from './transaction-phases.ts';
import {
  type Chain,
  certifies,
  type Deeds,
  install,
  prepareVersions,
  readSnapshot,
  type Stamps,
  type Start,
} from './transactions/versions.ts';

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
  /** null: kept apart by locks. */
  readonly stamps: Stamps | null;
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
  /** Versions of the keys that transactions with a timestamp have touched. */
  chains: Record<string, Chain>;
  /** Nobody reads below it any more: what only such reads could see is collected. ns of the coordinators' clocks. */
  horizon: number;
  /** For monitors: what was read and written last, at which timestamps. */
  deeds: Deeds;
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
  chains: {},
  horizon: Number.MIN_SAFE_INTEGER,
  deeds: { count: 0, last: [] },
  phases: {},
  left: {},
});

export const copyTransactions = (from: Readonly<Transactions>): Transactions => ({
  ...from,
  outcomes: { ...from.outcomes },
  decided: from.decided.slice(),
  chains: { ...from.chains },
  left: { ...from.left },
});

/** What is asked of a participant. */
export type Asked = Omit<Prepared, 'reads' | 'stamps'>;

/** The commands, as the input of an operation of kind `transaction`. @param start undefined: by locks */
export const prepareInput = (
  id: string,
  asked: Omit<Asked, 'operation'>,
  deadlock: 'detect' | 'wait',
  start?: Start,
): Value => [
  'prepare',
  id,
  asked.age,
  asked.groups,
  asked.isolation,
  deadlock,
  asked.steps,
  ...(start === undefined ? [] : [[start.at, start.keepNs]]),
];
/**
 * @param at commit timestamp; null: by locks
 * @param round of the termination that says so; undefined: the transaction's coordinator does
 */
export const outcomeInput = (id: string, commit: boolean, at: number | null = null, round?: number): Value => [
  commit ? 'commit' : 'abort',
  id,
  ...(round !== undefined ? [at, round] : at !== null ? [at] : []),
];
/** Reads that need no vote and no outcome. */
export const snapshotInput = (id: string, isolation: IsolationLevel, steps: readonly Step[], start: Start): Value => [
  'snapshot',
  id,
  isolation,
  steps,
  [start.at, start.keepNs],
];
/** Asks for what is in doubt: `[id, groups]` of every prepared transaction whose id begins so. */
export const inquireInput = (prefix: string): Value => ['inquire', prefix];

/**
 * Answer to a prepare: `yes` with what was read by step, `wait` (nothing was done, ask again) or `no` with the reason; to
 * a snapshot, `values` in place of yes. With versions, also a timestamp: of yes, the least at which it may commit; of no,
 * the one that a start has to reach to be spared the same answer.
 */
export type Vote = readonly ['yes' | 'values' | 'wait' | 'no', readonly Value[] | string, number?];

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
      const [age, groups, isolation, deadlock, steps, start] = rest as unknown as readonly [
        number,
        readonly string[],
        IsolationLevel,
        'detect' | 'wait',
        readonly Step[],
        StartInput?,
      ];
      return prepare(keeper, model, id, { age, groups, isolation, operation, steps }, deadlock, startOf(start));
    }
    case 'snapshot': {
      const [isolation, steps, start] = rest as unknown as readonly [IsolationLevel, readonly Step[], StartInput];
      return readSnapshot(keeper, model, id, { isolation, steps }, startOf(start)!);
    }
    case 'commit':
    case 'abort':
      if (isOvertaken(keeper.transactions, id, rest[1])) return ['state-response', 'fenced', 0];
      if (word === 'commit') commit(keeper, model, id, rest[0] as number | null | undefined, executed);
      else abort(keeper.transactions, id);
      return ['ack'];
    case 'inquire':
      return Object.entries(keeper.transactions.prepared)
        .filter(([each]) => each.startsWith(id))
        .map(([each, { groups }]) => [each, groups]);
    default: {
      const finish = (each: string, commits: boolean) =>
        commits ? commit(keeper, model, each, null, executed) : abort(keeper.transactions, each);
      const answer = applyPhase(keeper.transactions, input, finish);
      if (answer === undefined) throw new Error(`a machine knows no transaction command ${word}`);
      return answer;
    }
  }
}

/** Keys that a transaction asks for that was not here before; what was prepared keeps its keys until it is decided. */
export function keysAsked(
  { prepared, outcomes }: Transactions,
  { input }: { readonly input: Value },
): readonly string[] {
  const [word, id, ...rest] = input as readonly [string, string, ...Value[]];
  if ((word !== 'prepare' && word !== 'snapshot') || prepared[id] !== undefined || outcomes[id] !== undefined)
    return [];
  const steps = rest[word === 'prepare' ? 4 : 1] as unknown as readonly Step[];
  return [...new Set(steps.map(([, key]) => key))];
}

type StartInput = readonly [at: number, keepNs: number];
const startOf = (input: StartInput | undefined): Start | undefined =>
  input === undefined ? undefined : { at: input[0], keepNs: input[1] };

/** Below repeatable read, a read's lock lasts no longer than the read (Berenson et al. 1995, table 2). */
export const keepsReadLocks = (isolation: IsolationLevel): boolean =>
  isolation !== 'read-committed' && isolation !== 'read-uncommitted';

/** Whether what is prepared keeps others from writing what it has read. */
export const holdsReads = ({ isolation, stamps }: Pick<Prepared, 'isolation' | 'stamps'>): boolean =>
  stamps === null ? keepsReadLocks(isolation) : certifies(isolation);

function prepare(
  keeper: Keeper,
  model: DataModel,
  id: string,
  asked: Asked,
  deadlock: 'detect' | 'wait',
  start: Start | undefined,
): Value {
  const { transactions } = keeper;
  const known = transactions.prepared[id];
  if (known !== undefined) return yes(known);
  if (transactions.outcomes[id] !== undefined) return ['no', `it was ${transactions.outcomes[id]} before`];
  const prepared =
    start === undefined
      ? prepareLocks(keeper, model, id, asked, deadlock)
      : prepareVersions(keeper, model, id, asked, start);
  if (!('reads' in prepared)) {
    // Its no is final: a prepare that was repeated on its way must not be a yes.
    if (prepared[0] === 'no') abort(transactions, id);
    return prepared as Value;
  }
  transactions.prepared = { ...transactions.prepared, [id]: prepared };
  transactions.locks = lockedBy(transactions.locks, id, prepared);
  return yes(prepared);
}

const yes = ({ reads, stamps }: Prepared): Value => ['yes', reads, ...(stamps === null ? [] : [stamps.least])];

function prepareLocks(
  { data, transactions }: Keeper,
  model: DataModel,
  id: string,
  asked: Asked,
  deadlock: 'detect' | 'wait',
): Prepared | Vote {
  const holder = olderFirst(transactions, conflicting(transactions, asked))[0];
  if (holder !== undefined) {
    // Wait-die (Rosenkrantz, Stearns & Lewis 1978): only the older waits, so nobody waits in a circle.
    const waits = deadlock === 'wait' || isOlder([id, asked], [holder, transactions.prepared[holder]!]);
    return [waits ? 'wait' : 'no', `${holder} holds a lock that it needs`];
  }
  return { ...asked, reads: readsOf(data, transactions, model, asked), stamps: null };
}

type Aged = readonly [id: string, { readonly age: number }];
const isOlder = ([a, x]: Aged, [b, y]: Aged): boolean => x.age < y.age || (x.age === y.age && a < b);

const olderFirst = ({ prepared }: Transactions, ids: readonly string[]): readonly string[] =>
  [...ids].sort((a, b) => (isOlder([a, prepared[a]!], [b, prepared[b]!]) ? -1 : 1));

/** Who holds a lock that these steps cannot do with. */
function conflicting({ locks }: Transactions, { steps, isolation }: Asked): readonly string[] {
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
  { steps, isolation }: Asked,
): readonly Value[] {
  const current = (key: string): Value => {
    const committed = data[key] ?? model.initial(null);
    const writer = isolation === 'read-uncommitted' ? locks[key]?.writer : undefined;
    return writer === undefined || writer === null
      ? committed
      : written(committed, key, prepared[writer]!.steps, model);
  };
  return answersOf(steps, current, model);
}

/** By step, what it reads, its own writes among it; null for others. @param found what stood in a key before */
export function answersOf(steps: readonly Step[], found: (key: string) => Value, model: DataModel): readonly Value[] {
  const seen: Record<string, Value> = {};
  return steps.map(([kind, key, input]) => {
    const { state, output } = model.apply(Object.hasOwn(seen, key) ? seen[key]! : found(key), { kind, input });
    seen[key] = state;
    return kind === 'read' ? output : null;
  });
}

export const written = (before: Value, key: string, steps: readonly Step[], model: DataModel): Value =>
  steps.reduce(
    (state, [kind, of, input]) => (of === key && kind !== 'read' ? model.apply(state, { kind, input }).state : state),
    before,
  );

function lockedBy(
  locks: Readonly<Record<string, Lock>>,
  id: string,
  prepared: Prepared,
): Readonly<Record<string, Lock>> {
  const after = { ...locks };
  const keeps = holdsReads(prepared);
  for (const [kind, key] of prepared.steps) {
    const lock = after[key] ?? { writer: null, readers: [] };
    if (kind !== 'read') after[key] = { ...lock, writer: id };
    else if (keeps && !lock.readers.includes(id)) after[key] = { ...lock, readers: [...lock.readers, id] };
  }
  return after;
}

function commit(
  keeper: Keeper,
  model: DataModel,
  id: string,
  at: number | null | undefined,
  executed: (operation: number) => void,
): void {
  const { data, transactions } = keeper;
  const prepared = transactions.prepared[id];
  if (prepared === undefined) {
    if (transactions.outcomes[id] !== 'committed') decide(transactions, id, 'nothing');
    return;
  }
  for (const key of new Set(prepared.steps.flatMap(([kind, key]) => (kind === 'read' ? [] : [key]))))
    data[key] = written(data[key] ?? model.initial(null), key, prepared.steps, model);
  if (prepared.stamps !== null) install(keeper, id, prepared, prepared.stamps, at ?? prepared.stamps.least);
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
