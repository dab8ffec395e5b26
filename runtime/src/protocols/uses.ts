/**
 * How a store is used: by its own reads and writes, and by those of workloads that ask otherwise. What one read and one
 * write together are promised follows from the options as both of them see them; a store promises what the weakest pair
 * is promised.
 */
import type { Design } from '../design/design.ts';
import type { Mechanism } from '../design/mechanism.ts';
import { resolveQuorum } from '../design/quorum.ts';
import { type Overrides, overridesOf, ownWay, type Scenario, type Workload } from '../design/scenario.ts';
import type { Partition, Store } from '../design/store.ts';
import { modelNamed } from '../model/model.ts';
import type { Overridable } from './overrides.ts';
import { overrideWords, seenBy } from './overrides.ts';

/** Whose level is another one than the store's; null: the store's own. */
type User = Workload | null;

export interface Use {
  readonly reader: User;
  readonly writer: User;
  /** No client writes so: it is how reads write back what they have found. */
  readonly isWriteBack: boolean;
  /** The store as the one's reads and the other's writes see it. */
  readonly store: Store;
  /** A partition as they see it: with the quorums that they gather. */
  partition(own: Partition): Partition;
}

/**
 * Pairs of a read and a write that differ in whose they are or in the options that they see; the store's own first. Each
 * workload that asks otherwise is in some, with whatever it meets.
 */
export function usesOf(design: Design, store: Store, by: Overridable<Mechanism>, scenario?: Scenario): readonly Use[] {
  const { readers, writers } = usersOf(design, store, scenario);
  const found: Use[] = [];
  const known = new Set<string>();
  for (const reader of readers)
    for (const [writer, isWriteBack] of writers) {
      const use: Use = { ...useBy(design, store, by, reader, writer), isWriteBack };
      const seen = optionsText(use);
      const names = [`reader ${reader?.name ?? ''} ${seen}`, `writer ${writer?.name ?? ''} ${seen}`];
      if (names.every(name => known.has(name))) continue;
      for (const name of names) known.add(name);
      found.push(use);
    }
  return found;
}

const optionsText = ({ store, isWriteBack }: Use): string => `${isWriteBack} ${JSON.stringify(store.mechanism)}`;

/** One of those that see the same options. */
export const differentUses = (uses: readonly Use[]): readonly Use[] =>
  [...new Map([...uses].reverse().map(use => [optionsText(use), use])).values()].reverse();

function useBy(
  design: Design,
  store: Store,
  by: Overridable<Mechanism>,
  reader: User,
  writer: User,
): Omit<Use, 'isWriteBack'> {
  if (reader === null && writer === null) return { reader, writer, store, partition: one => one };
  const overrides: Overrides = { read: (reader ?? ownWay).read, write: (writer ?? ownWay).write };
  const mechanism = seenBy(by, store.mechanism, overrides) as Store['mechanism'];
  return {
    reader,
    writer,
    store: { ...store, mechanism },
    partition(one) {
      if (mechanism.kind !== 'leaderless') return one;
      const among = (spec: typeof mechanism.read) =>
        resolveQuorum(spec, one.replicas, node => design.nodes[node]!.region);
      return { ...one, quorums: { ...one.quorums, read: among(mechanism.read), write: among(mechanism.write) } };
    },
  };
}

/** Whose reads and whose writes a store serves: all of the design, or those of a scenario. */
function usersOf(design: Design, store: Store, scenario: Scenario | undefined) {
  const readers = new Set<User>();
  const writers = new Set<User>();
  const backs = new Set<User>();
  const workloads =
    scenario === undefined
      ? design.workloads
      : design.workloads.filter(({ name }) => scenario.runs.some(run => run.workload === name));
  const inTransactions = design.transactions.filter(({ stores }) => stores.includes(store.name)).map(one => one.name);
  const { kinds } = modelNamed(store.model)!;
  const usesOwn = () => {
    readers.add(null);
    writers.add(null);
  };
  const { mechanism } = store;
  // Reads that write back write by the level of their workload, and writes read before.
  const isBoth = mechanism.kind === 'leaderless' && mechanism.readWriteBack;
  for (const workload of workloads) {
    const overrides = overridesOf(workload);
    const reader = overrides && overrideWords(overrides, 'read') !== '' ? workload : null;
    const writer = overrides && overrideWords(overrides, 'write') !== '' ? workload : null;
    for (const { kind, share, on } of workload.mix) {
      if (share <= 0) continue;
      if (kind === 'transaction') {
        if (workload.targets.some(one => inTransactions.includes(one) && (on === null || on === one))) usesOwn();
        continue;
      }
      if (!workload.targets.includes(store.name) || (on !== null && on !== store.name)) continue;
      const reads = kind === 'read' || kind === 'scan';
      if (!reads && !kinds.some(one => one === kind)) continue;
      if (reads || isBoth || kind === 'cas') readers.add(reader);
      if (!reads) writers.add(writer);
      else if (isBoth) backs.add(writer);
    }
  }
  if (isScripted(scenario === undefined ? design.scenarios : [scenario], [store.name, ...inTransactions])) usesOwn();
  if (isService(design, store)) usesOwn();
  if (readers.size === 0) readers.add(null);
  if (writers.size === 0) writers.add(null);
  const onlyBack = inOrder(backs).filter(one => !writers.has(one));
  return {
    readers: inOrder(readers),
    writers: [...inOrder(writers).map(one => [one, false] as const), ...onlyBack.map(one => [one, true] as const)],
  };
}

const inOrder = (users: ReadonlySet<User>): readonly User[] =>
  [...users].sort((a, b) => Number(a !== null) - Number(b !== null));

/** Scripted clients ask as the store has chosen. */
const isScripted = (scenarios: readonly Scenario[], targets: readonly string[]): boolean =>
  scenarios.some(({ actions }) => actions.some(({ verb }) => verb.kind === 'operation' && targets.includes(verb.on)));

/** Other stores keep something there. */
const isService = ({ stores }: Design, { name }: Store): boolean =>
  stores.some(
    ({ mechanism, partitioning }) =>
      (mechanism.kind === 'chain' && mechanism.master === name) ||
      (partitioning.kind === 'directory' && partitioning.store === name),
  );

/** `read one of workload quick`: what of a use is not the store's own; empty: nothing. */
export function useWords({ reader, writer }: Pick<Use, 'reader' | 'writer'>): string {
  const words = (['read', 'write'] as const).flatMap(option => {
    const user = option === 'read' ? reader : writer;
    return user === null ? [] : [`${overrideWords(user, option)} of workload ${user.name}`];
  });
  return words.join(' and ');
}
