/** How evenly keys are split, and what it costs to split them differently. */
import {
  copysetLoss,
  expectedFullest,
  leastSkew,
  movedAtLeast,
  movedByModulo,
  ringDeviation,
  valueShares,
} from '@dsys/runtime/analysis/shards';
import type { Design } from '@dsys/runtime/design/design';
import type { Field, FieldValues, Partitioning, Store } from '@dsys/runtime/design/store';
import { isPlaced, partitionsOf, percent, workloadsOn } from './questions.ts';
import { type Fix, fix, type Rule, set } from './rule.ts';

type Strategy<K extends Partitioning['kind']> = Extract<Partitioning, { kind: K }>;

/** Stores that are split in one of these ways at their first level. */
function* splitBy<K extends Partitioning['kind']>(design: Design, ...kinds: readonly K[]) {
  for (const store of design.stores) {
    const { partitioning } = store;
    if (isPlaced(design, store) && (kinds as readonly string[]).includes(partitioning.kind))
      yield { store, how: partitioning as Strategy<K>, at: { of: store, option: 'partition' } };
  }
}

const fieldOf = (store: Store, name: string): Field | undefined => store.fields.find(field => field.name === name);

const nodesOf = (design: Design, store: Store): number =>
  new Set(partitionsOf(design, store).flatMap(({ replicas }) => replicas)).size;

/** Split in another way, with as many copies as before. */
export const repartition = (store: Store, title: string, strategy: string): Fix =>
  fix(title, { kind: 'split', of: store, text: strategy });

const times = (factor: number): string => `${Number(factor.toPrecision(2))}×`;

/** Beyond this many times the mean a shard is too large. */
const skewMax = 1.5;

const shardSkew: Rule = {
  id: 'shard-skew',
  title: 'One shard gets far more than its share',
  severity: 'warning',
  condition: `The most frequent value of the sharding field makes its shard more than ${skewMax} times the mean, whatever the hash.`,
  why: 'All rows with the same value of the sharding key are in the same shard. If one value is frequent, its shard is large, and no choice of hash or number of shards makes it smaller; a key with more values does.',
  source: 'arithmetic: share of the most frequent value × shards',
  wrong: `cluster c { nodes 3 }
store s on c { record { country: string values "US" 41%, "DE" 20%  id: string }  partition by hash(country) into 8 replicas 3  consensus raft }`,
  right: `cluster c { nodes 3 }
store s on c { record { country: string values "US" 41%, "DE" 20%  id: string }  partition by hash(id) into 8 replicas 3  consensus raft }`,
  *check(design) {
    for (const { store, how, at } of splitBy(design, 'hash', 'consistent-hash')) {
      const field = fieldOf(store, how.field);
      const [top] = field?.values ? (valueShares(field.values) ?? []) : [];
      const shards = how.kind === 'hash' ? store.partitions.length : nodesOf(design, store);
      if (field === undefined || top === undefined || shards < 2) continue;
      const skew = leastSkew(top, shards);
      if (skew <= skewMax) continue;
      const better = store.fields.find(other => other !== field && spread(other) < top);
      yield {
        at,
        message: `The top value ${topName(field.values!)}of ${field.name} holds ${percent(top)} of the rows; with ${shards} shards the biggest is ${times(skew)} the mean.`,
        related: [{ at: field, message: `${field.name} is spread this way.` }],
        fixes:
          better !== undefined && how.kind === 'hash' && how.scheme === 'slots'
            ? [repartition(store, `Split by ${better.name}`, `hash(${better.name}) into ${how.into}`)]
            : [],
      };
    }
  },
};

/** Share of the most frequent value of a field; of one that says nothing, or increases: of no weight. */
const spread = (field: Field): number => (field.values === null ? 0 : (valueShares(field.values)?.[0] ?? 0));

function topName(values: FieldValues): string {
  if (values.kind !== 'listed') return '';
  const [name] = values.shares.reduce((a, b) => (b[1] > a[1] ? b : a));
  return `"${name}" `;
}

const rangeHotTail: Rule = {
  id: 'range-hot-tail',
  title: 'Every insert goes to the last range',
  severity: 'warning',
  condition: 'A store is split by ranges of a field that increases, and it is written to.',
  why: 'New rows have the highest value, so all of them go to the range that is open at the end. Its replicas do all the work of inserting; the other ranges only hold history.',
  source: 'HBase reference guide, "Monotonically Increasing Row Keys"; Bigtable schema design',
  wrong: `cluster c { nodes 3 }
store s on c { record { placed: date increasing }  partition by range(placed) { old: ..2024-01-01  now: 2024-01-01.. }  consensus raft }`,
  right: `cluster c { nodes 3 }
store s on c { record { placed: date increasing }  partition by hash(placed) into 2  consensus raft }`,
  *check(design) {
    for (const { store, how, at } of splitBy(design, 'range')) {
      const field = fieldOf(store, how.field);
      const last = how.ranges.find(({ to }) => to === null);
      const workloads = workloadsOn(design, store);
      const isWritten =
        workloads.length === 0 ||
        workloads.some(({ mix }) => mix.some(({ kind }) => kind !== 'read' && kind !== 'scan'));
      if (field?.values?.kind !== 'increasing' || last === undefined || how.ranges.length < 2 || !isWritten) continue;
      const n = how.ranges.length;
      const isSplitFurther = how.then !== null;
      if (isSplitFurther) continue;
      yield {
        at,
        message: `${field.name} increases, so all inserts go to ${last.name}, the last of ${n} ranges: 1/${n} of the capacity.`,
        related: [{ at: last, message: `${last.name} is open at the end.` }],
        // Hashed partitions have no clusters of their own.
        fixes: how.ranges.every(({ on }) => on === '')
          ? [repartition(store, 'Split by hash', `hash(${field.name}) into ${n}`)]
          : [],
      };
    }
  },
};

/** How many values a field has, as far as the design says; undefined: it does not. */
function distinctValues({ values }: Field): number | undefined {
  if (values?.kind === 'distinct') return values.count;
  if (values?.kind !== 'listed') return undefined;
  const sum = values.shares.reduce((total, [, share]) => total + share, 0);
  return sum > 1 - 1e-9 ? values.shares.length : undefined;
}

const listTooFewValues: Rule = {
  id: 'list-too-few-values',
  title: 'More shards than values',
  severity: 'warning',
  condition:
    'A store is split into more shards than its sharding field has values; or one list of values holds more than twice its share.',
  why: 'A shard without a value stays empty, and its nodes idle. A list that holds most of the rows is no split at all.',
  source: 'counting',
  wrong: `cluster c { nodes 3 }
store s on c { record { country: string distinct 5 }  partition by hash(country) into 12  consensus raft }`,
  right: `cluster c { nodes 3 }
store s on c { record { country: string distinct 500 }  partition by hash(country) into 12  consensus raft }`,
  *check(design) {
    for (const { store, how, at } of splitBy(design, 'hash')) {
      const field = fieldOf(store, how.field);
      const values = field && distinctValues(field);
      const shards = store.partitions.length;
      if (field === undefined || values === undefined || values >= shards) continue;
      yield {
        at,
        message: `${values} values of ${field.name} for ${shards} shards: ${shards - values} stay empty.`,
        related: [{ at: field, message: `${field.name} is spread this way.` }],
        fixes:
          how.scheme === 'slots'
            ? [repartition(store, `Split into ${values}`, `hash(${field.name}) into ${values}`)]
            : [],
      };
    }
    for (const { store, how, at } of splitBy(design, 'list')) {
      const field = fieldOf(store, how.field);
      if (field?.values?.kind !== 'listed' || how.lists.length < 2 || how.then !== null) continue;
      const { shares } = field.values;
      const held = how.lists.map(list => ({
        list,
        share: shares.filter(([value]) => list.values?.includes(value)).reduce((sum, [, share]) => sum + share, 0),
      }));
      const fullest = held.reduce((a, b) => (b.share > a.share ? b : a));
      if (fullest.share <= 2 / how.lists.length) continue;
      yield {
        at,
        message: `${fullest.list.name} holds ${percent(fullest.share)} of the rows, more than twice the share of one of ${how.lists.length} lists.`,
        related: [{ at: fullest.list, message: `${fullest.list.name} has these values.` }],
        fixes: divided(store, field, Math.ceil(fullest.share * how.lists.length)),
      };
    }
  },
};

/** Each list divided by another field that is spread well enough, so that the fullest has parts of the mean size. */
function divided(store: Store, field: Field, into: number): Fix[] {
  const other = store.fields.find(one => one !== field && spread(one) <= 1 / into);
  if (other === undefined) return [];
  const text = `then by hash(${other.name}) into ${into}`;
  return [fix(`Divide each: ${text}`, { kind: 'divide', of: store, text })];
}

const hashKillsRange: Rule = {
  id: 'hash-kills-range',
  title: 'Ranges of a hashed key',
  severity: 'warning',
  condition: 'A workload scans a store in the order of the field that it is hashed by.',
  why: 'A hash scatters neighbours over all shards. A query for a range of values must ask every shard and merge what they answer.',
  source: 'DeWitt and Gray, "Parallel Database Systems", 1992 (range against hash partitioning)',
  wrong: `cluster c { nodes 3 }
store s on c { record { day: date }  partition by hash(day) into 12  consensus raft }
workload w on s { operations 90% read, 10% scan by day }`,
  right: `cluster c { nodes 3 }
store s on c { record { day: date }  partition by range(day) { old: ..2024-01-01  now: 2024-01-01.. }  consensus raft }
workload w on s { operations 90% read, 10% scan by day }`,
  *check(design) {
    for (const { store, how } of splitBy(design, 'hash', 'consistent-hash')) {
      const shards = store.partitions.length;
      if (shards < 2) continue;
      for (const workload of workloadsOn(design, store)) {
        const scan = workload.mix.find(
          ({ kind, by, on }) =>
            kind === 'scan' && (by === null || by === how.field) && (on === null || on === store.name),
        );
        if (scan === undefined) continue;
        yield {
          at: scan,
          message: `A range of ${how.field} is scattered by its hash: each such scan must ask all ${shards} shards of ${store.name}.`,
          related: [{ at: { of: store, option: 'partition' }, message: `${store.name} is split here.` }],
        };
      }
    }
  },
};

const modNResize: Rule = {
  id: 'mod-n-resize',
  title: 'A new node moves almost everything',
  severity: 'warning',
  condition: '`modulo nodes`, and partitions are rebalanced when nodes come or go (unless `rebalance off`).',
  why: 'Under hash mod N nearly every key has another place as soon as N changes: from N to N + 1 nodes N/(N+1) of them. Consistent hashing moves only the share that the new node takes.',
  source: 'Karger et al., "Consistent Hashing and Random Trees", 1997; counting residues',
  wrong: `cluster c { nodes 10 }
store s on c { partition by hash(user) modulo nodes replicas 3  consensus raft }`,
  right: `cluster c { nodes 10 }
store s on c { partition by consistent-hash(user) virtual-nodes 64 replicas 3  consensus raft }`,
  *check(design) {
    for (const { store, how, at } of splitBy(design, 'hash')) {
      if (how.scheme !== 'modulo-nodes' || !store.rebalance) continue;
      const n = store.partitions.length;
      yield {
        at,
        message: `${n}→${n + 1} nodes moves ${percent(movedByModulo(n, n + 1))} of the keys of ${store.name}; consistent hashing moves ${percent(movedAtLeast(n, n + 1))}.`,
        fixes: [repartition(store, 'Hash consistently', `consistent-hash(${how.field}) virtual-nodes 64`)],
      };
    }
  },
};

/** Relative standard deviation of a node's share that is put up with. */
const deviationMax = 0.15;

const vnodeImbalance: Rule = {
  id: 'vnode-imbalance',
  title: 'Too few points on the ring',
  severity: 'warning',
  condition: `σ = √((n − 1) / (nv + 1)) of a node’s share exceeds ${percent(deviationMax)}, with n nodes of v points each.`,
  why: 'A node owns the arcs before its points. With few points their lengths differ widely, and some node owns much more than its share; the deviation falls with the square root of their number.',
  source: 'Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014, table 1',
  wrong: `cluster c { nodes 10 }
store s on c { partition by consistent-hash(user) virtual-nodes 8 replicas 3  consensus raft }`,
  right: `cluster c { nodes 10 }
store s on c { partition by consistent-hash(user) virtual-nodes 64 replicas 3  consensus raft }`,
  *check(design) {
    for (const { store, how, at } of splitBy(design, 'consistent-hash')) {
      const n = nodesOf(design, store);
      if (n < 2) continue;
      const sigma = ringDeviation(n, how.virtualNodes);
      if (sigma <= deviationMax) continue;
      const enough = Math.ceil(1 / (deviationMax * deviationMax));
      yield {
        at,
        message: `With ${how.virtualNodes} points for each of ${n} nodes their shares differ by σ = ${percent(Math.round(sigma * 1000) / 1000)}; the hottest node has about ${times(expectedFullest(n, how.virtualNodes))} the mean.`,
        fixes: [repartition(store, `Use ${enough} points`, `consistent-hash(${how.field}) virtual-nodes ${enough}`)],
      };
    }
  },
};

const jumpHashRemoval: Rule = {
  id: 'jump-hash-removal',
  title: 'Jump hash loses only its last bucket',
  severity: 'error',
  condition: '`jump-hash` on a store from which a scenario removes nodes or whose partitions it moves.',
  why: 'Jump hash computes the bucket from the number of buckets alone. That number can only grow and shrink at the end: no bucket in the middle can be taken out, and none can have more weight.',
  source: 'Lamping and Veach 2014 (abstract: "suitable for data storage")',
  wrong: `cluster c { nodes 4 }
store s on c { partition by jump-hash(user) into 4 replicas 3  consensus raft }
workload w on s { }
scenario shrink { run w for 10s  at 2s remove c2 from s }`,
  right: `cluster c { nodes 4 }
store s on c { partition by consistent-hash(user) virtual-nodes 64 replicas 3  consensus raft }
workload w on s { }
scenario shrink { run w for 10s  at 2s remove c2 from s }`,
  *check(design) {
    for (const { store, how, at } of splitBy(design, 'hash')) {
      if (how.scheme !== 'jump') continue;
      const action = design.scenarios
        .flatMap(({ actions }) => actions)
        .find(
          ({ verb }) =>
            (verb.kind === 'remove' && verb.store === store.name) ||
            (verb.kind === 'move' && store.partitions.includes(verb.partition)),
        );
      if (action === undefined) continue;
      yield {
        at,
        message: `"${action.text}" takes an arbitrary bucket of ${store.name} away; jump hash can only drop the last of its ${how.into}.`,
        related: [{ at: action, message: 'It is taken away here.' }],
        fixes: [repartition(store, 'Hash consistently', `consistent-hash(${how.field}) virtual-nodes 64`)],
      };
    }
  },
};

/** Share of the nodes that fail at once, as after a loss of power. */
const failedAtOnce = 0.01;

const vnodeCopysets: Rule = {
  id: 'vnode-copysets',
  title: 'Any three nodes hold all copies of something',
  severity: 'information',
  condition: `Consistent hashing over so many nodes that losing ${percent(failedAtOnce)} of them at once loses data with more than even odds.`,
  why: 'With many virtual nodes almost every set of r nodes is the replica set of some keys, so when r nodes fail together something is lost for sure. Fewer, larger replica sets (copysets) are lost much more rarely, if more at a time.',
  source: 'Cidon et al., "Copysets: Reducing the Frequency of Data Loss in Cloud Storage", USENIX ATC 2013',
  wrong: `cluster c { nodes 400 }
store s on c { partition by consistent-hash(user) virtual-nodes 256 replicas 2  consensus raft }`,
  right: `cluster c { nodes 400 }
store s on c { partition by consistent-hash(user) virtual-nodes 256 replicas 2 { placement copysets }  consensus raft }`,
  *check(design) {
    for (const { store, how, at } of splitBy(design, 'consistent-hash')) {
      const n = nodesOf(design, store);
      const r = store.replicas.count;
      const failed = Math.floor(n * failedAtOnce);
      if (store.placement === 'copysets' || failed < r || r < 1) continue;
      const loss = copysetLoss(n, failed, r, n * how.virtualNodes);
      const tiers = copysetLoss(n, failed, r, Math.ceil(n / r));
      if (loss <= 0.5) continue;
      yield {
        at,
        message: `${failed} of ${n} nodes lost at once lose data with probability ${percent(loss)} when replica sets are drawn point by point, ${percent(tiers)} with copysets.`,
        fixes: [fix('Place by copysets', set(store, 'partition placement', 'placement copysets'))],
      };
    }
  },
};

export const shardingRules: readonly Rule[] = [
  shardSkew,
  rangeHotTail,
  listTooFewValues,
  hashKillsRange,
  modNResize,
  vnodeImbalance,
  jumpHashRemoval,
  vnodeCopysets,
];
