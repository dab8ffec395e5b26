/**
 * Multi-version concurrency control of a partition (Bernstein, Hadzilacos & Goodman 1987, ch. 5; distributed as by Peng &
 * Dabek 2010, §2.2, and Corbett et al. 2012, §4.1 and §4.2). A transaction has one start timestamp everywhere, taken from
 * its coordinator's clock, reads the newest versions at it, and commits at a later one: the coordinator takes the largest
 * of what participants voted, and its clock. So a snapshot is never torn: what is prepared and may commit below a reader's
 * timestamp makes the reader wait, and what is prepared after it was read has to commit above it.
 */
import type { Value } from '../../checkers/history.ts';
import type { IsolationLevel } from '../../design/property.ts';
import type { DataModel } from '../../model/model.ts';
import {
  type Asked,
  answersOf,
  type Keeper,
  type Prepared,
  type Step,
  type Transactions,
  type Vote,
} from '../transactions.ts';

/** What each level means by versions, and why. */
export const versionLevels: Readonly<Record<IsolationLevel, string>> = {
  'strict-serializable':
    'as serializable; with `commit-wait on` in the order of real time: nobody is told of a commit before its timestamp is past on every clock (Corbett et al. 2012, §4.1.2)',
  serializable:
    'also what was read is certified by prepare, and until the outcome nobody else may write it: it is as new at the commit timestamp as it was at the start (Kung & Robinson 1981, §4 and §5, with those in validation as intervals that exclude each other). Those that only read need none of it: they stand in the order at their start (Bernstein et al. 1987, §5.5, multiversion mixed method)',
  snapshot:
    'reads at the start; of two that write the same key at once, the first to prepare wins (Berenson et al. 1995, §4.2; Fekete et al. 2005). Write skew is possible',
  'repeatable-read':
    'as serializable, as items that were read must not change (Adya, Liskov & O’Neil 2000, PL-2.99, no G2-item); what some systems call so is snapshot',
  'read-committed':
    'each read sees the newest version that is committed, and waits for nobody; writes are first come, first served (Berenson et al. 1995, §4.3, Read Consistency)',
  'read-uncommitted':
    'as read-committed: with versions there is no reason to show what is not committed (SQL allows a level to do better; PostgreSQL does the same)',
};

export interface Start {
  /** Start timestamp, ns of the coordinator's clock. */
  readonly at: number;
  /** How long versions are kept for those that began earlier, in ns. */
  readonly keepNs: number;
}

export interface Stamps {
  readonly start: number;
  /** It must not commit below it. */
  readonly least: number;
  /** By key that it reads: timestamp of the version that it saw. */
  readonly saw: Readonly<Record<string, number>>;
}

export interface Version {
  readonly at: number;
  readonly state: Value;
}

/** A key's versions, oldest first, at least one. The first of all has no timestamp of its own: it stood here before. */
export interface Chain {
  readonly versions: readonly Version[];
  /** Largest timestamp at which it was read: nothing may be committed at or below it any more. */
  readonly readAt: number;
}

/** What happened to a key, for monitors. */
export type Deed =
  /** `certified`: read at the start, and as good at the commit timestamp `at`. */
  | {
      readonly kind: 'read' | 'certified';
      readonly id: string;
      readonly key: string;
      readonly at: number;
      /** Timestamp of the version that was seen. */
      readonly saw: number;
    }
  | {
      readonly kind: 'write';
      /** Empty: an operation on this key alone. */
      readonly id: string;
      readonly key: string;
      readonly at: number;
      /** Timestamp of the version that it replaced. */
      readonly over: number;
      /** null: not at a level that looks at it. */
      readonly start: number | null;
      /** Timestamp of the version that it had read of the key; null: none, or not at a level that looks at it. */
      readonly saw: number | null;
      readonly least: number;
    };

export interface Deeds {
  /** Of all that ever were. */
  readonly count: number;
  readonly last: readonly Deed[];
}

/** More than these does no event of a member in its right mind add; what one misses, another has shown. */
const maxDeeds = 200;

const origin = Number.MIN_SAFE_INTEGER;

/** Whether reads are of the start timestamp. */
export const readsSnapshot = (isolation: IsolationLevel): boolean =>
  isolation !== 'read-committed' && isolation !== 'read-uncommitted';

/** Whether what was read must still be so at the commit timestamp. */
export const certifies = (isolation: IsolationLevel): boolean => readsSnapshot(isolation) && isolation !== 'snapshot';

/** A transaction that asks for a snapshot or to be prepared, and what keeps it from it. */
type Reader = Pick<Asked, 'isolation' | 'steps'>;

const newest = ({ versions }: Chain): Version => versions[versions.length - 1]!;

/** The key's versions; of one that no transaction has touched before, what stands there is the only one. */
const chainOf = ({ data, transactions }: Keeper, model: DataModel, key: string): Chain =>
  transactions.chains[key] ?? {
    versions: [{ at: origin, state: data[key] ?? model.initial(null) }],
    readAt: origin,
  };

/** undefined: it was collected. */
const versionAt = ({ versions }: Chain, at: number): Version | undefined => versions.findLast(one => one.at <= at);

function note(transactions: Transactions, deeds: readonly Deed[]): void {
  if (deeds.length === 0) return;
  const { count, last } = transactions.deeds;
  transactions.deeds = { count: count + deeds.length, last: [...last, ...deeds].slice(-maxDeeds) };
}

/**
 * Who is in the way: to be waited for if it may commit below the start, else there is a newer version to come.
 * @param certified whether what is read must stay as it is
 */
function obstacle(
  keeper: Keeper,
  model: DataModel,
  { isolation, steps }: Reader,
  start: number,
  certified: boolean,
): Vote | undefined {
  const { locks, prepared } = keeper.transactions;
  let wait: Vote | undefined;
  for (const [kind, key] of steps) {
    const lock = locks[key];
    const isRead = kind === 'read';
    const mustStay = !isRead || certified;
    if (isRead && !readsSnapshot(isolation)) continue;
    const holders = [lock?.writer, ...(isRead ? [] : (lock?.readers ?? []))];
    for (const holder of holders) {
      if (holder === undefined || holder === null) continue;
      const least = prepared[holder]?.stamps?.least ?? origin;
      // Only for what has begun earlier: nobody waits in a circle.
      if (least <= start) wait ??= ['wait', `${holder} is prepared and may commit below its timestamp`];
      else if (mustStay) return ['no', `${holder} was first to prepare on ${key}`, least];
    }
    const chain = chainOf(keeper, model, key);
    if (mustStay && readsSnapshot(isolation) && newest(chain).at > start)
      return ['no', `${key} was written after its start`, newest(chain).at];
    if (isRead && versionAt(chain, start) === undefined)
      return ['no', `what ${key} was at its start is collected`, chain.versions[0]!.at];
  }
  return wait;
}

/** Reads of committed versions: what each step answers, and which version of each key was seen. */
function read(keeper: Keeper, model: DataModel, id: string, { isolation, steps }: Reader, start: number) {
  const saw: Record<string, number> = {};
  const isSnapshot = readsSnapshot(isolation);
  const found = (key: string): Value => {
    const chain = chainOf(keeper, model, key);
    const version = (isSnapshot ? versionAt(chain, start) : undefined) ?? newest(chain);
    saw[key] = version.at;
    return version.state;
  };
  const reads = answersOf(steps, found, model);
  for (const key of Object.keys(saw)) if (!steps.some(([kind, of]) => kind === 'read' && of === key)) delete saw[key];
  if (isSnapshot) {
    for (const key of Object.keys(saw)) {
      const chain = chainOf(keeper, model, key);
      keeper.transactions.chains[key] = { ...chain, readAt: Math.max(chain.readAt, start) };
    }
    note(
      keeper.transactions,
      Object.entries(saw).map(([key, version]) => ({ kind: 'read', id, key, at: start, saw: version })),
    );
  }
  return { reads, saw };
}

/** Versions that only a start below the horizon could see. */
function collected({ versions, readAt }: Chain, horizon: number): Chain {
  const first = versions.findLastIndex(one => one.at <= horizon);
  return first <= 0 ? { versions, readAt } : { versions: versions.slice(first), readAt };
}

const moveHorizon = (transactions: Transactions, { at, keepNs }: Start): void => {
  transactions.horizon = Math.max(transactions.horizon, at - keepNs);
};

/** Reads of a transaction that writes nothing here, or nowhere: no vote, no locks, no outcome. */
export function readSnapshot(keeper: Keeper, model: DataModel, id: string, reader: Reader, start: Start): Value {
  const inTheWay = obstacle(keeper, model, reader, start.at, false);
  if (inTheWay !== undefined) return inTheWay as Value;
  moveHorizon(keeper.transactions, start);
  return ['values', read(keeper, model, id, reader, start.at).reads];
}

export function prepareVersions(
  keeper: Keeper,
  model: DataModel,
  id: string,
  asked: Asked,
  start: Start,
): Prepared | Vote {
  const inTheWay = obstacle(keeper, model, asked, start.at, certifies(asked.isolation));
  if (inTheWay !== undefined) return inTheWay;
  moveHorizon(keeper.transactions, start);
  const { reads, saw } = read(keeper, model, id, asked, start.at);
  let least = start.at;
  for (const key of writtenBy(asked.steps)) {
    const chain = chainOf(keeper, model, key);
    keeper.transactions.chains[key] = chain;
    least = Math.max(least, newest(chain).at, chain.readAt);
  }
  return { ...asked, reads, stamps: { start: start.at, least: least + 1, saw } };
}

const writtenBy = (steps: readonly Step[]): readonly string[] => [
  ...new Set(steps.flatMap(([kind, key]) => (kind === 'read' ? [] : [key]))),
];

/** Puts what was written, and stands in the machine's data, on top of the versions. @param at commit timestamp */
export function install(keeper: Keeper, id: string, prepared: Prepared, stamps: Stamps, at: number): void {
  const { data, transactions } = keeper;
  const { isolation, steps } = prepared;
  const { start, least, saw } = stamps;
  const keys = writtenBy(steps);
  const isSnapshot = readsSnapshot(isolation);
  for (const key of keys) {
    const chain = transactions.chains[key]!;
    note(transactions, [
      {
        kind: 'write',
        id,
        key,
        at,
        over: newest(chain).at,
        start: isSnapshot ? start : null,
        saw: isSnapshot ? (saw[key] ?? null) : null,
        least,
      },
    ]);
    push(transactions, key, chain, { at, state: data[key]! });
  }
  if (!certifies(isolation)) return;
  for (const [key, version] of Object.entries(saw)) {
    if (keys.includes(key)) continue;
    const chain = transactions.chains[key]!;
    // Whoever writes it from now on comes after.
    transactions.chains[key] = { ...chain, readAt: Math.max(chain.readAt, at) };
    note(transactions, [{ kind: 'certified', id, key, at, saw: version }]);
  }
}

function push(transactions: Transactions, key: string, chain: Chain, version: Version): void {
  transactions.chains[key] = collected({ ...chain, versions: [...chain.versions, version] }, transactions.horizon);
}

/**
 * An operation on one key is a transaction of its own, at the first timestamp that is free. It is no time: whoever must be
 * ordered by real time has to have one from a clock.
 */
export function installSingle(transactions: Transactions, key: string, state: Value): void {
  const chain = transactions.chains[key];
  if (chain === undefined || newest(chain).state === state) return;
  const over = newest(chain).at;
  const at = Math.max(over, chain.readAt) + 1;
  note(transactions, [{ kind: 'write', id: '', key, at, over, start: null, saw: null, least: at }]);
  push(transactions, key, chain, { at, state });
}
