/** Several nodes that take writes to the same keys: what decides between them, and what that costs. */
import type { Design } from '@dsys/runtime/design/design';
import type { ClockKind, Leaderless, MultiLeader } from '@dsys/runtime/design/mechanism';
import type { Located } from '@dsys/runtime/design/source';
import type { DataModel, Store } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import { lagOf } from './lag.ts';
import {
  byDefault,
  type Load,
  operationsOf,
  rate,
  updatesAtRisk,
  writeShare,
  writesInWords,
  writesOn,
} from './loads.ts';
import {
  claimsOf,
  counted,
  duration,
  nameOf,
  namesOf,
  partitionsOf,
  smallestPartition,
  storesWith,
  workloadsOn,
} from './questions.ts';
import { type Change, type Fix, fix, type Rule, type Spot, set, unset } from './rule.ts';

type WithLeaders = Store & { readonly mechanism: MultiLeader & Located };

/** The leaders of one partition that has most of them: they take writes to the same keys. */
export function writableSites(design: Design, store: WithLeaders): readonly NodeId[] {
  const { leaders } = store.mechanism;
  const sites = partitionsOf(design, store).map(({ replicas }) => replicas.filter(node => leaders.includes(node)));
  return sites.reduce((most, one) => (one.length > most.length ? one : most), []);
}

/** Ways to decide that lose nothing, by what is kept; the first is the usual one. */
function mergesOf(model: DataModel): readonly { readonly title: string; readonly text: string }[] {
  const siblings = { title: 'Keep both and let the client merge', text: 'siblings by dotted-vector per server' };
  switch (model) {
    case 'counter':
      return [{ title: 'Merge as a counter', text: 'merge pn-counter' }];
    case 'set':
      return [{ title: 'Merge as a set', text: 'merge or-set' }, siblings];
    default:
      return [siblings];
  }
}

const multileaderNoPolicy: Rule = {
  id: 'multileader-no-policy',
  title: 'Nothing decides between two leaders',
  severity: 'error',
  condition:
    'Two or more leaders take writes to the same keys, and there is no policy for conflicts (`conflicts none`).',
  why: 'Two clients write the same key at two leaders at the same time. Each leader then receives the other’s write. Without a rule that both follow, each applies what came last to it, and the copies differ for good.',
  source:
    'Gray et al., "The Dangers of Replication and a Solution", SIGMOD 1996; DeCandia et al., "Dynamo", 2007, §4.4',
  wrong: `cluster c { nodes 3 }
store s on c { replication multi-leader asynchronous { leader c1, c2 } }`,
  right: `cluster c { nodes 3 }
store s on c { replication multi-leader asynchronous { leader c1, c2  conflicts siblings by dotted-vector per server } }`,
  *check(design) {
    for (const store of storesWith(design, 'multi-leader')) {
      const { mechanism, model } = store;
      const sites = writableSites(design, store);
      if (mechanism.conflicts.kind !== 'none' || sites.length < 2) continue;
      const decide = (title: string, text: string) => fix(title, set(mechanism, 'conflicts', `conflicts ${text}`));
      yield {
        at: { of: mechanism, option: 'conflicts' },
        message: `${namesOf(design, sites)} take writes to the same keys of ${store.name}, and nothing decides who wins: after two concurrent writes their copies differ for good.`,
        fixes: [
          ...mergesOf(model).map(({ title, text }) => decide(title, text)),
          decide('Keep the later write', 'last-write-wins by hybrid'),
          decide('Check versions at the key’s home before writing', 'optimistic-lock'),
        ],
      };
    }
  },
};

/** What a store is to take: what its workloads ask for, or more if more throughput is claimed of the same mix. */
function writeTarget(design: Design, store: Store): Load {
  const load = writesOn(design, store);
  const users = workloadsOn(design, store);
  const operations = users.reduce((sum, one) => sum + operationsOf(one), 0);
  const writes = users.reduce((sum, one) => sum + operationsOf(one) * writeShare(design, one, store), 0);
  const claimed = Math.max(0, ...claimsOf(store, 'throughput').map(claim => claim.boundPerSecond));
  const perSecond = operations > 0 && Number.isFinite(operations) ? (claimed * writes) / operations : 0;
  const isMore = perSecond > load.perSecond || !Number.isFinite(load.perSecond);
  return isMore ? { perSecond, isDefault: false, isMost: false } : load;
}

const multileaderWriteScaling: Rule = {
  id: 'multileader-write-scaling',
  title: 'More leaders, not more writes',
  severity: 'warning',
  condition:
    'Several leaders hold the same data, and the writes of the store’s workloads (or of the `throughput` claimed) exceed what one of them can apply (`capacity write`).',
  why: 'Every leader takes some of the writes and applies all of them, since each has to end up with the same data. More leaders bring clients nearer to one and keep one reachable; they do not raise the number of writes. Partitions do.',
  source: 'Gray, Helland, O’Neil and Shasha, "The Dangers of Replication and a Solution", SIGMOD 1996, §2',
  wrong: `cluster c { nodes 4  capacity write 8000/s }
store s on c { record { id: string }  replication multi-leader asynchronous { conflicts last-write-wins by hybrid } }
workload w on s { rate 15000/s  operations 100% write }`,
  right: `cluster c { nodes 4  capacity write 8000/s }
store s on c {
  record { id: string }
  partition by hash(id) into 16 replicas 2
  replication multi-leader asynchronous { conflicts last-write-wins by hybrid }
}
workload w on s { rate 15000/s  operations 100% write }`,
  *check(design) {
    for (const store of storesWith(design, 'multi-leader')) {
      if (writableSites(design, store).length < 2) continue;
      const target = writeTarget(design, store);
      const overloaded = mostLoaded(design, store, target.perSecond);
      if (overloaded === undefined) continue;
      const { node, applies, capacity } = overloaded;
      const { leaders } = store.mechanism;
      const part = applies < target.perSecond ? `${rate(applies)} of them` : 'all of them';
      yield {
        at: store.mechanism,
        message: `${store.name} is to take ${writesInWords(target)} over ${counted(leaders.length, 'leader')}, but ${nameOf(design, node)} applies ${part} and can apply ${rate(capacity)}: more leaders do not help.`,
        fixes: partitioned(design, store, target.perSecond),
      };
    }
  },
};

/** The leader that is asked for most, compared with what it can apply; undefined: all can. */
function mostLoaded(design: Design, store: WithLeaders, perSecond: number) {
  const all = partitionsOf(design, store);
  const held = new Map<NodeId, number>();
  for (const { replicas } of all) for (const node of replicas) held.set(node, (held.get(node) ?? 0) + 1);
  return store.mechanism.leaders
    .map(node => ({
      node,
      applies: (perSecond * (held.get(node) ?? 0)) / all.length,
      capacity: design.nodes[node]!.capacity.writePerSecond ?? Number.POSITIVE_INFINITY,
    }))
    .filter(({ applies, capacity }) => applies > capacity)
    .sort((a, b) => b.applies / b.capacity - a.applies / a.capacity)[0];
}

/** So few copies of each of many partitions that every node can apply its part; where that can be written down. */
function partitioned(design: Design, store: WithLeaders, perSecond: number): readonly Fix[] {
  const { replicas } = smallestPartition(design, store);
  const [field] = store.fields;
  const isWhole = store.partitioning.kind === 'none' && store.replicas.count === replicas.length;
  const hasAll = replicas.length === store.mechanism.leaders.length;
  const namesHomes = store.mechanism.conflicts.kind === 'avoid';
  if (field === undefined || !isWhole || !hasAll || namesHomes) return [];
  const capacity = Math.min(...replicas.map(node => design.nodes[node]!.capacity.writePerSecond ?? Infinity));
  const copies = Math.floor((capacity * replicas.length) / perSecond);
  if (copies < 1) return [];
  const text = `partition by hash(${field.name}) into ${4 * replicas.length} replicas ${copies}`;
  // In place of the replicas, if they are written; who leads all partitions need not be said, and could not be.
  return [fix(`Split it: ${text}`, set(store, 'replicas', text), unset(store.mechanism, 'leader'))];
}

/** A choice of the last writer: which clock stamps writes, and how it is replaced. */
interface LastWriter {
  readonly store: Store;
  readonly at: Spot;
  /** null: a merged register, whose stamps are its own. */
  readonly clock: ClockKind | null;
  /** Nodes that stamp writes to the same keys. */
  readonly sites: readonly NodeId[];
  readonly decide: (text: string) => Change;
  readonly merges: ReturnType<typeof mergesOf>;
}

function lastWriters(design: Design): readonly LastWriter[] {
  const leading = storesWith(design, 'multi-leader').flatMap((store): LastWriter[] => {
    const { mechanism } = store;
    const { conflicts } = mechanism;
    const isMerged = conflicts.kind === 'merge' && conflicts.type === 'lww-register';
    if (conflicts.kind !== 'last-write-wins' && !isMerged) return [];
    return [
      {
        store,
        at: { of: mechanism, option: 'conflicts' },
        clock: conflicts.kind === 'last-write-wins' ? conflicts.clock : null,
        sites: writableSites(design, store),
        decide: text => set(mechanism, 'conflicts', `conflicts ${text}`),
        merges: mergesOf(store.model),
      },
    ];
  });
  const leaderless = storesWith(design, 'leaderless').flatMap(
    (store: Store & { readonly mechanism: Leaderless & Located }): LastWriter[] => {
      const { mechanism } = store;
      if (mechanism.resolve.kind !== 'last-write-wins') return [];
      return [
        {
          store,
          at: { of: mechanism, option: 'resolve' },
          clock: mechanism.resolve.clock,
          sites: smallestPartition(design, store).replicas,
          decide: text => set(mechanism, 'resolve', `resolve ${text}`),
          // Leaderless replication knows no other merge.
          merges: mergesOf('kv'),
        },
      ];
    },
  );
  return [...leading, ...leaderless].filter(({ sites }) => sites.length > 1);
}

/** Enough to find two that are near each other; all pairs of a large group would take long. */
const comparedSites = 16;

/** Two sites whose clocks may differ by more than a write takes between them; the worst of them. */
function outrunByClock(design: Design, all: readonly NodeId[]) {
  const sites = all.slice(0, comparedSites);
  const skew = (node: NodeId) => design.nodes[node]!.clock.skewNs;
  return sites
    .flatMap(from => sites.filter(to => to !== from).map(to => ({ from, to, offsetNs: (skew(from) + skew(to)) / 2 })))
    .filter(({ offsetNs }) => offsetNs > 0)
    .map(pair => ({ ...pair, lag: lagOf(design, pair.from, pair.to) }))
    .filter(({ offsetNs, lag }) => lag.meanNs <= offsetNs)
    .sort((a, b) => b.offsetNs - b.lag.meanNs - (a.offsetNs - a.lag.meanNs))[0];
}

const lwwSkew: Rule = {
  id: 'lww-skew',
  title: 'The later write carries the lower stamp',
  severity: 'warning',
  condition:
    'Last-write-wins by the physical clock, and two nodes’ clocks may differ by ε (`clock { skew … }`) of at least the mean time g that a write takes from one to the other: g ≤ ε. An error with `no lost-updates`.',
  why: 'A user changes what was just written on another node. If the clock of the second node is behind by more than the time between the two, the later change is stamped as the earlier one, and every replica drops it, although nothing was concurrent. Hybrid and logical clocks never stamp an effect before its cause.',
  source: 'Kulkarni et al., "Logical Physical Clocks", 2014; the condition is t₂ − t₁ < θ₁ − θ₂ for offsets θ',
  wrong: `cluster c { nodes 3  clock { skew 250ms } }
store s on c { replication multi-leader asynchronous { conflicts last-write-wins by physical } }`,
  right: `cluster c { nodes 3  clock { skew 250ms max-offset 250ms } }
store s on c { replication multi-leader asynchronous { conflicts last-write-wins by hybrid } }`,
  *check(design) {
    for (const { store, at, clock, sites, decide, merges } of lastWriters(design)) {
      if (clock !== 'physical') continue;
      const worst = outrunByClock(design, sites);
      if (worst === undefined) continue;
      const [from, to] = [nameOf(design, worst.from), nameOf(design, worst.to)];
      const [claim] = claimsOf(store, 'no-lost-updates');
      yield {
        severity: claim === undefined ? 'warning' : 'error',
        at,
        message: `${to} has a write of ${from} after ${duration(worst.lag.meanNs)}${byDefault(worst.lag.isDefault)}, and their clocks may differ by ${duration(worst.offsetNs)}: a change made on ${to} then carries the lower stamp and is dropped.`,
        ...(claim && { related: [{ at: claim, message: `"${claim.text}" is claimed here.` }] }),
        fixes: [
          fix('Stamp by hybrid clocks', decide('last-write-wins by hybrid')),
          ...merges.map(({ title, text }) => fix(title, decide(text))),
        ],
      };
    }
  },
};

const lwwDropsConcurrent: Rule = {
  id: 'lww-drops-concurrent',
  title: 'Of two concurrent writes one is discarded',
  severity: 'error',
  condition: 'Last-write-wins, two or more clients that write, and `no lost-updates` is claimed.',
  why: 'Two clients that add to the same cart at the same time have not seen each other’s write. Last-write-wins keeps one of the two and silently drops the other: it makes copies equal, not complete.',
  source: 'DeCandia et al., "Dynamo: Amazon’s Highly Available Key-value Store", SOSP 2007, §4.4',
  wrong: `cluster c { nodes 3 }
store cart on c { replication leaderless  claims { no lost-updates } }`,
  right: `cluster c { nodes 3 }
store cart on c { replication leaderless { resolve siblings by dotted-vector per server }  claims { no lost-updates } }`,
  *check(design) {
    for (const { store, at, decide, merges } of lastWriters(design)) {
      const risk = updatesAtRisk(design, store);
      if (risk === undefined) continue;
      yield {
        at,
        message: `${risk.writers}: of two concurrent writes to a key last-write-wins discards one, by design.`,
        related: risk.related,
        fixes: merges.map(({ title, text }) => fix(title, decide(text))),
      };
    }
  },
};

const versionCheckNotSynchronous: Rule = {
  id: 'version-check-not-synchronous',
  title: 'Both leaders see the same version',
  severity: 'error',
  condition:
    'Optimistic locking that compares with the version at hand (`version-check local`), at two or more leaders that exchange writes asynchronously.',
  why: 'Optimistic locking accepts a write if nobody has changed what it was based on. Each leader that asks only itself does not hear of the other’s write in time: both find the version unchanged, both accept. One place has to say yes: the key’s home, or a quorum.',
  source: 'Kung and Robinson, "On Optimistic Methods for Concurrency Control", 1981 (validation is a critical section)',
  wrong: `cluster c { nodes 3 }
store s on c { replication multi-leader asynchronous { leader c1, c2  conflicts optimistic-lock version-check local } }`,
  right: `cluster c { nodes 3 }
store s on c { replication multi-leader asynchronous { leader c1, c2  conflicts optimistic-lock version-check home } }`,
  *check(design) {
    for (const store of storesWith(design, 'multi-leader')) {
      const { mechanism } = store;
      const { conflicts, mode } = mechanism;
      const sites = writableSites(design, store);
      if (conflicts.kind !== 'optimistic-lock' || conflicts.check !== 'local') continue;
      if (mode !== 'asynchronous' || sites.length < 2) continue;
      const [a, b] = sites;
      const [from, to] = [nameOf(design, a!), nameOf(design, b!)];
      const { meanNs, isDefault } = lagOf(design, a!, b!);
      yield {
        at: { of: mechanism, option: 'version-check' },
        message: `${from} and ${to} both find version 7 in their own copy and both accept version 8: ${to} hears of ${from}’s only ${duration(meanNs)} later${byDefault(isDefault)}, and one of the two updates is lost.`,
        fixes: [
          fix('Check at the key’s home', set(mechanism, 'version-check', 'version-check home')),
          fix('Check at a quorum', set(mechanism, 'version-check', 'version-check quorum')),
        ],
      };
    }
  },
};

export const conflictRules: readonly Rule[] = [
  multileaderNoPolicy,
  multileaderWriteScaling,
  lwwSkew,
  lwwDropsConcurrent,
  versionCheckNotSynchronous,
];
