/** What multi-leader replication must keep, by policy, watched with god's eye. What is on disk counts. */
import { hashKey } from '../../design/keys.ts';
import type { ConflictPolicy, MultiLeader } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import { valueKey } from '../../model/value.ts';
import type { Group, Invariant, Monitor } from '../contract.ts';
import { ofDeeds } from '../deeds.ts';
import { compareStamps } from '../versions/stamps.ts';
import { mutex, noLostUpdate, noUnlockWithoutAbort, oneHome } from './conflict-invariants.ts';
import { policyOf } from './policy.ts';
import { type Deed, type MultiLeaderState, nodeOf, type Write } from './state.ts';
import { Disks, idOf, Tries } from './watching.ts';

type M = Monitor<MultiLeaderState>;

const leadersOf = (group: Group, { leaders }: MultiLeader) => leaders.filter(node => group.replicas.includes(node));

/** What the client was told of is on the disks that the options name. */
function ackedOn(group: Group, options: MultiLeader): M {
  const leaders = leadersOf(group, options);
  const { copies } = policyOf(options, leaders);
  const everywhere = options.mode === 'synchronous';
  const tries = new Tries();
  const on = new Map<string, Set<NodeId>>();
  const places = (write: Write): ReadonlySet<NodeId> => on.get(idOf(write)) ?? new Set();
  const follow = (node: NodeId, deed: Deed): void => {
    if (deed.kind === 'writes') tries.add(deed.write);
    if (deed.kind !== 'took' || deed.refused) return;
    const id = idOf(deed.write);
    const nodes = on.get(id);
    if (nodes === undefined) on.set(id, new Set([node]));
    else nodes.add(node);
  };
  return ofDeeds(
    (node, deed) => {
      follow(node, deed);
      return undefined;
    },
    {
      acknowledged(node, { kind, key, operation }, view) {
        // The event in which this is told may be the one that has put it on disk.
        for (const deed of view.states.get(node)?.deeds ?? []) follow(node, deed);
        const all = kind === 'read' ? [] : tries.of(operation);
        // A compare-and-set that finds something else writes nothing.
        if (kind === 'read' || (kind === 'cas' && all.length === 0)) return undefined;
        const isEnough = (nodes: ReadonlySet<NodeId>) =>
          leaders.filter(one => nodes.has(one)).length >= copies &&
          (!everywhere || group.replicas.every(one => nodes.has(one)));
        if (all.some(write => isEnough(places(write)))) return undefined;
        const who = all.flatMap(write => [...places(write)].map(one => view.nameOf(one))).join(', ') || 'nobody';
        return `${view.nameOf(node)} acknowledged a write of ${key} that is on the disks of ${who} only`;
      },
    },
  );
}

/** Each stream comes to each replica once, in its order. */
function exactlyOnce(): M {
  const disks = new Disks();
  return ofDeeds((node, deed, view) => {
    const before = deed.kind === 'took' ? (disks.of(node)[deed.write.stream] ?? 0) : 0;
    disks.follow(node, deed);
    if (deed.kind !== 'took' || deed.write.number === before + 1) return undefined;
    const { stream, number } = deed.write;
    return `${view.nameOf(node)} took write ${number} of ${view.nameOf(nodeOf(stream))} after its write ${before}`;
  });
}

/** Before a write comes all that its origin had. */
function causalDelivery(): M {
  const disks = new Disks();
  return ofDeeds((node, deed, view) => {
    const before = disks.of(node);
    disks.follow(node, deed);
    if (deed.kind !== 'took') return undefined;
    const { after, key, stream } = deed.write;
    const missing = Object.keys(after).find(one => (before[one] ?? 0) < after[one]!);
    return missing === undefined
      ? undefined
      : `${view.nameOf(node)} took a write of ${key} by ${view.nameOf(nodeOf(stream))} that had seen ${after[missing]} writes of ${view.nameOf(nodeOf(missing))}, and has ${before[missing] ?? 0} of them`;
  });
}

/** Replicas that have the same writes hold the same (strong eventual consistency). */
function sec(): M {
  const disks = new Disks();
  const held = new Map<NodeId, Map<string, number>>();
  const sums = new Map<NodeId, number>();
  /** By what a replica has, the hash of what it holds, and who was the first to have it. */
  const seen = new Map<string, readonly [sum: number, node: NodeId]>();
  return ofDeeds((node, deed, view) => {
    if (disks.follow(node, deed)) {
      held.delete(node);
      sums.delete(node);
    }
    if (deed.kind !== 'took') return undefined;
    const { key } = deed.write;
    let values = held.get(node);
    if (values === undefined) held.set(node, (values = new Map()));
    const hash = hashKey(`${key} ${valueKey(deed.value)}`);
    const sum = (sums.get(node) ?? 0) ^ (values.get(key) ?? 0) ^ hash;
    values.set(key, hash);
    sums.set(node, sum);
    const has = disks.of(node);
    const name = Object.keys(has)
      .sort()
      .map(stream => `${stream} ${has[stream]}`)
      .join(', ');
    const first = seen.get(name);
    if (first === undefined) seen.set(name, [sum, node]);
    if (first === undefined || first[0] === sum) return undefined;
    return `${view.nameOf(node)} and ${view.nameOf(first[1])} have the same writes and hold different values since one of ${key}`;
  });
}

/** Of the writes of a key that a replica has it shows the one with the highest stamp. */
function converge(): M {
  const disks = new Disks();
  const shown = new Map<string, Write>();
  return ofDeeds((node, deed, view) => {
    if (disks.follow(node, deed))
      for (const name of [...shown.keys()]) if (name.startsWith(`${node} `)) shown.delete(name);
    if (deed.kind !== 'took') return undefined;
    const { key } = deed.write;
    const name = `${node} ${key}`;
    const before = shown.get(name);
    shown.set(name, deed.shown);
    const higher = [deed.write, ...(before === undefined ? [] : [before])].find(
      one => compareStamps(one.stamp, deed.shown.stamp) > 0,
    );
    return higher === undefined
      ? undefined
      : `${view.nameOf(node)} shows a write of ${key} by ${view.nameOf(nodeOf(deed.shown.stream))} in place of one by ${view.nameOf(nodeOf(higher.stream))} with a higher stamp`;
  });
}

const copies = ['no-divergence', 'consistency'] as const;
const updates = ['no-lost-updates', 'no-lost-writes', 'no-divergence', 'consistency'] as const;
const never = (): undefined => undefined;

const isUnfenced = (conflicts: ConflictPolicy) => conflicts.kind === 'pessimistic-lock' && !conflicts.fencing;

/** What decides between two writes may be the order in which they come. */
const byArrival = ({ conflicts }: MultiLeader): string | undefined =>
  conflicts.kind === 'none'
    ? 'nothing decides between concurrent writes'
    : isUnfenced(conflicts)
      ? 'without fencing, writes of two holders of a lock stay in the order in which they come'
      : conflicts.kind === 'optimistic-lock' && conflicts.check === 'local'
        ? 'versions are compared with nobody’s, and the write that comes last stays'
        : conflicts.kind === 'avoid' && conflicts.onMove === 'none'
          ? 'writes of two homes stay in the order in which they come'
          : undefined;

const without = (options: MultiLeader, kind: ConflictPolicy['kind'], what: string): string | undefined =>
  options.conflicts.kind === kind ? undefined : `conflicts ${options.conflicts.kind} knows no ${what}`;

export const multiLeaderInvariants: readonly Invariant<MultiLeaderState, MultiLeader>[] = [
  {
    name: 'AckedOn',
    source: 'the options: mode, and who must agree',
    means: 'an acknowledged write is on the disks that the options name: its leader’s, a majority’s, or all',
    protects: ['no-lost-writes', 'consistency'],
    givenUp: never,
    monitor: ackedOn,
  },
  {
    name: 'ExactlyOnce',
    source: 'Shapiro et al. 2011, §2.3: what operations that are sent need',
    means: 'each leader’s writes come to each replica once, in their order',
    protects: copies,
    givenUp: never,
    monitor: exactlyOnce,
  },
  {
    name: 'CausalDelivery',
    source: 'Shapiro et al. 2011, §2.3; Birman, Schiper and Stephenson, TOCS 1991',
    means: 'a write comes to a replica after all that its leader had seen',
    protects: copies,
    givenUp: (options, group) =>
      policyOf(options, leadersOf(group, options)).causal ? undefined : 'a write is taken when it comes',
    monitor: causalDelivery,
  },
  {
    name: 'SEC',
    source: 'Shapiro et al. 2011, definition 2.3 (strong eventual consistency)',
    means: 'replicas that have the same writes hold the same values',
    protects: copies,
    givenUp: byArrival,
    monitor: sec,
  },
  {
    name: 'Converge',
    source: 'Thomas, "A Majority Consensus Approach", TODS 1979 (the write rule)',
    means: 'of the writes of a key that a replica has it shows the one with the highest stamp',
    protects: copies,
    givenUp: options => (options.conflicts.kind === 'merge' ? 'values are merged, none is chosen' : byArrival(options)),
    monitor: converge,
  },
  {
    name: 'Mutex',
    source: 'Kleppmann, "How to do distributed locking", 2016; Dijkstra 1965',
    means:
      'the tokens of the writes that a replica accepts rise; without tokens, nobody comes to hold a lock that another holds',
    protects: updates,
    givenUp: options =>
      without(options, 'pessimistic-lock', 'locks') ??
      (isUnfenced(options.conflicts)
        ? 'a holder does not notice that its lease has ended, and nobody refuses it'
        : undefined),
    monitor: mutex,
  },
  {
    name: 'NoUnlockWithoutAbort',
    source: 'Gray and Cheriton, "Leases", SOSP 1989',
    means: 'a lock is free again when its holder has finished or given way, or its lease has ended',
    protects: updates,
    givenUp: options => without(options, 'pessimistic-lock', 'locks'),
    monitor: noUnlockWithoutAbort,
  },
  {
    name: 'NoLostUpdate',
    source: 'Kung and Robinson 1981; Thomas 1979',
    means: 'of two acknowledged writes of a key one had seen the other: its versions are a chain',
    protects: updates,
    givenUp({ conflicts }) {
      switch (conflicts.kind) {
        case 'pessimistic-lock':
          return conflicts.fencing ? undefined : 'two holders of a lock do not see each other’s writes';
        case 'optimistic-lock':
          return conflicts.check === 'local' ? 'two leaders can each find their own version unchanged' : undefined;
        case 'avoid':
          return conflicts.onMove === 'drain' ? undefined : 'a new home does not wait for what the old one took';
        default:
          return 'concurrent writes are allowed';
      }
    },
    monitor: noLostUpdate,
  },
  {
    name: 'OneHome',
    source: 'the epochs of leaders (Ongaro 2014, §3), for homes',
    means: 'in each epoch one home alone writes a key',
    protects: updates,
    givenUp: options =>
      without(options, 'avoid', 'homes') ?? (byArrival(options) && 'a home moves and its epoch does not rise'),
    monitor: oneHome,
  },
];
