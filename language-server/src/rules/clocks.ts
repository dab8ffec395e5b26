/** Clocks and order: what stamps can tell, what they cost, and how far clocks may be trusted. */
import { timestampsOf } from '@dsys/runtime/analysis/commit-wait';
import type { Design } from '@dsys/runtime/design/design';
import type { Store } from '@dsys/runtime/design/store';
import type { NodeSpec } from '@dsys/runtime/design/topology';
import { updatesAtRisk } from './loads.ts';
import {
  claimsOf,
  counted,
  duration,
  nameOf,
  partitionsOf,
  placedStores,
  size,
  smallestPartition,
  storesWith,
  workloadsOn,
} from './questions.ts';
import { type Change, fix, type Rule, type Spot, set } from './rule.ts';

/** Stores that order or compare versions by clocks, and where that is written. */
function* versioned(design: Design) {
  for (const store of storesWith(design, 'leaderless', 'multi-leader')) {
    const { mechanism } = store;
    const option = mechanism.kind === 'leaderless' ? 'resolve' : 'conflicts';
    const policy = mechanism.kind === 'leaderless' ? mechanism.resolve : mechanism.conflicts;
    yield {
      store,
      policy,
      at: { of: mechanism, option } satisfies Spot,
      change: (text: string): Change => set(mechanism, option, `${option} ${text}`),
    };
  }
}

const nodesOf = (design: Design, store: Store): readonly NodeSpec[] =>
  [...new Set(partitionsOf(design, store).flatMap(({ replicas }) => replicas))].map(node => design.nodes[node]!);

const lamportConflict: Rule = {
  id: 'lamport-conflict',
  title: 'Lamport stamps cannot see concurrency',
  severity: 'error',
  condition: '`siblings by lamport`: concurrent writes are to be detected by scalar stamps.',
  why: 'A happened before B makes A’s stamp the smaller one, but not the other way round: of two writes stamped 5 and 6 nobody can tell whether the second had seen the first. Siblings need a clock that characterises causality.',
  source: 'Lamport 1978; Fidge 1988 and Mattern 1989 (vector clocks)',
  wrong: `cluster c { nodes 3 }
store s on c { replication leaderless { resolve siblings by lamport per server } }`,
  right: `cluster c { nodes 3 }
store s on c { replication leaderless { resolve siblings by vector per server } }`,
  *check(design) {
    for (const { policy, at, change } of versioned(design)) {
      if (policy.kind !== 'siblings' || policy.by !== 'lamport') continue;
      yield {
        at,
        message:
          'Two writes stamped 5 and 6 may be concurrent or not: Lamport stamps cannot tell, and the write with the lower one is lost.',
        fixes: [
          fix('Use vectors', change(`siblings by vector per ${policy.per}`)),
          fix('Use dotted vectors', change(`siblings by dotted-vector per ${policy.per}`)),
        ],
      };
    }
  },
};

const vectorPerServer: Rule = {
  id: 'vector-per-server',
  title: 'Two writes through one server look like one after the other',
  severity: 'error',
  condition: '`siblings by vector per server`, two or more clients that write, and `no lost-updates` is claimed.',
  why: 'A version vector with an entry per server counts a new write in the vector itself. Two clients that have read the same version and write through the same server get [(S,1)] and [(S,2)]: the second seems to have seen the first, and replaces it. A dotted version vector keeps the write’s own event apart from what its client had seen.',
  source: 'Preguiça, Baquero, Almeida, Fonte and Gonçalves, "Dotted Version Vectors", 2010, §3',
  wrong: `cluster c { nodes 3 }
store s on c { replication leaderless { resolve siblings by vector per server }  claims { no lost-updates } }`,
  right: `cluster c { nodes 3 }
store s on c { replication leaderless { resolve siblings by dotted-vector per server }  claims { no lost-updates } }`,
  *check(design) {
    for (const { store, policy, at, change } of versioned(design)) {
      if (policy.kind !== 'siblings' || policy.by !== 'vector' || policy.per !== 'server') continue;
      const risk = updatesAtRisk(design, store);
      if (risk === undefined) continue;
      yield {
        at,
        message: `${risk.writers}: of two that write a key through one server at the same time, the second write seems to have seen the first and replaces it.`,
        related: risk.related,
        fixes: [
          fix('Use dotted vectors', change('siblings by dotted-vector per server')),
          fix('Count clients', change('siblings by vector per client')),
        ],
      };
    }
  },
};

/** Bytes of one entry of a vector: an id of 16 bytes and a counter of 8. */
const vectorEntryBytes = 24;

const vectorClockSize: Rule = {
  id: 'vector-clock-size',
  title: 'Version vectors larger than the values',
  severity: 'warning',
  condition: '`siblings by vector per client`: clients × 24 bytes (an id and a counter) exceed the size of a record.',
  why: 'A clock that characterises causality needs an entry per writer. With clients as writers it grows with every client that ever wrote a key, and cutting entries off loses what it is for.',
  source: 'Charron-Bost 1991; Preguiça et al., "Dotted Version Vectors", 2010',
  wrong: `cluster c { nodes 3 }
store s on c { record size 1KB  replication leaderless { resolve siblings by vector per client } }
workload w on s { clients 5000 }`,
  right: `cluster c { nodes 3 }
store s on c { record size 1KB  replication leaderless { resolve siblings by dotted-vector per server } }
workload w on s { clients 5000 }`,
  *check(design) {
    for (const { store, policy, at, change } of versioned(design)) {
      if (policy.kind !== 'siblings' || policy.per !== 'client' || policy.by === 'lamport') continue;
      const clients = workloadsOn(design, store).reduce((sum, workload) => sum + workload.clients, 0);
      const bytes = clients * vectorEntryBytes;
      if (bytes <= store.recordBytes) continue;
      const { replicas } = smallestPartition(design, store);
      yield {
        at,
        message: `${counted(clients, 'client')} × ${vectorEntryBytes} B make a version vector of up to ${size(bytes)} for a record of ${size(store.recordBytes)}; per server it has ${replicas.length} entries.`,
        fixes: [fix('Count servers', change('siblings by dotted-vector per server'))],
      };
    }
  },
};

const hlcSkew: Rule = {
  id: 'hlc-skew',
  title: 'Hybrid clocks without a guard against skew',
  severity: 'error',
  condition:
    'Stamps are hybrid clocks, wall clocks differ (`skew`), and `max-offset` is missing or smaller than the skew.',
  why: 'A hybrid clock follows the fastest wall clock that it hears of. Its stamps stay near real time only while clocks differ by less than a bound that is enforced; one clock far ahead poisons the stamps of the whole cluster.',
  source: 'Kulkarni et al., "Logical Physical Clocks", 2014, §3; CockroachDB (nodes beyond the maximum offset stop)',
  wrong: `cluster c { nodes 3  clock { skew 700ms max-offset 500ms } }
store s on c { replication leaderless { resolve last-write-wins by hybrid } }`,
  right: `cluster c { nodes 3  clock { skew 400ms max-offset 500ms } }
store s on c { replication leaderless { resolve last-write-wins by hybrid } }`,
  *check(design) {
    for (const { store, policy, at } of versioned(design)) {
      if (policy.kind !== 'last-write-wins' || policy.clock !== 'hybrid') continue;
      const loose = nodesOf(design, store).find(
        ({ clock }) => clock.skewNs > 0 && (clock.maxOffsetNs === null || clock.maxOffsetNs < clock.skewNs),
      );
      const cluster = loose && design.clusters.find(({ name }) => name === loose.cluster);
      if (loose === undefined || cluster === undefined) continue;
      const { skewNs, maxOffsetNs } = loose.clock;
      const guard =
        maxOffsetNs === null ? 'no max-offset is enforced' : `the enforced max-offset is ${duration(maxOffsetNs)}`;
      yield {
        at,
        message: `Clocks of ${cluster.name} differ by up to ${duration(skewNs)} and ${guard}: stamps of a node that is ahead poison those of the others.`,
        related: [{ at: { of: cluster, option: 'clock' }, message: 'The clocks are described here.' }],
        fixes: [fix('Enforce the offset', set(cluster, 'clock max-offset', `max-offset ${duration(skewNs)}`, 'clock'))],
      };
    }
  },
};

const commitWait: Rule = {
  id: 'commit-wait',
  title: 'Stamps that are told before their time',
  severity: 'error',
  condition:
    'A transaction is `strict-serializable` by versions (`concurrency versions`), the clocks of those that coordinate differ, and it, or another one that updates the same stores, has `commit-wait off`, or waits for less than they differ (`max-offset` below `skew`). With `commit-wait on`: a warning when the wait exceeds a claimed latency.',
  why: 'When versions are ordered by clocks that are within ±ε of the true time, a transaction that begins after another was acknowledged can still get the lower stamp. Waiting until the stamp is surely past before telling anybody prevents it, and costs about 2ε, which is as much as two clocks may differ: the `skew`.',
  source: 'Corbett et al., "Spanner", OSDI 2012, §4.1.2 and §4.2.1',
  wrong: `cluster c { nodes 3  clock { skew 7ms } }
store a on c { consensus raft }
store b on c { consensus raft }
transaction t { update a, b  commit two-phase-commit  isolation strict-serializable  concurrency versions }`,
  right: `cluster c { nodes 3  clock { skew 7ms } }
store a on c { consensus raft }
store b on c { consensus raft }
transaction t { update a, b  commit two-phase-commit  isolation strict-serializable  concurrency versions  commit-wait on }`,
  *check(design) {
    for (const transaction of design.transactions) {
      const claim = claimsOf(transaction, 'isolation').find(({ level }) => level === 'strict-serializable');
      if (transaction.isolation !== 'strict-serializable' && claim === undefined) continue;
      if (transaction.concurrency !== 'versions') continue;
      const beside = design.transactions.filter(({ stores }) => stores.some(one => transaction.stores.includes(one)));
      const { nodes, differNs, waitNs } = timestampsOf(design, beside);
      if (differNs === 0) continue;
      const hasty = beside.filter(one => one.concurrency === 'versions' && one.kind === 'update' && !one.commitWait);
      const [first = undefined] = hasty.includes(transaction) ? [transaction] : hasty;
      if (first !== undefined) {
        yield {
          at: { of: transaction, option: 'isolation' },
          message: `Clocks differ by up to ${duration(differNs)} and ${first === transaction ? 'nobody waits' : `${first.name} does not wait`}: a transaction that begins after ${first.name} was acknowledged can get the lower stamp and be ordered before it.`,
          ...(claim && { related: [{ at: claim, message: 'strict-serializable is claimed here.' }] }),
          fixes: [
            fix(
              `Wait out the clocks (about ${duration(waitNs)} per commit)`,
              ...hasty.map(one => set(one, 'commit-wait', 'commit-wait on')),
            ),
          ],
        };
        continue;
      }
      if (!transaction.commitWait) continue;
      if (waitNs < differNs) {
        const clusters = design.clusters.filter(({ name }) => nodes.some(node => design.nodes[node]!.cluster === name));
        yield {
          at: { of: transaction, option: 'commit-wait' },
          message: `Commits wait for ${duration(waitNs)}, which is the assumed max-offset, and clocks differ by up to ${duration(differNs)}: a transaction that begins after ${transaction.name} was acknowledged can still get the lower stamp.`,
          fixes: [
            fix(
              'Assume what is so',
              ...clusters.map(one => set(one, 'clock max-offset', `max-offset ${duration(differNs)}`, 'clock')),
            ),
          ],
        };
        continue;
      }
      for (const budget of claimsOf(transaction, 'latency')) {
        if (budget.comparison.startsWith('>') || waitNs <= budget.boundNs) continue;
        yield {
          severity: 'warning',
          at: { of: transaction, option: 'commit-wait' },
          message: `Waiting out clocks that differ by ${duration(differNs)} takes about ${duration(waitNs)} per commit; ${duration(budget.boundNs)} are claimed.`,
          related: [{ at: budget, message: `"${budget.text}" is claimed here.` }],
        };
      }
    }
  },
};

/** What is timed on nodes of a store, and breaks when the clock jumps; undefined: nothing. */
function timed({ mechanism }: Store): string | undefined {
  switch (mechanism.kind) {
    case 'raft':
      return mechanism.read.kind === 'lease' ? 'leases and election timeouts' : 'election timeouts';
    case 'multi-paxos':
      return mechanism.leaseNs === null ? undefined : 'leases';
    case 'single-leader':
      if (mechanism.read === 'leader' && mechanism.leaderRead.kind === 'lease') return 'leases';
      return mechanism.failover.mode === 'automatic' ? 'failure detection' : undefined;
    case 'multi-leader':
      return mechanism.conflicts.kind === 'pessimistic-lock' && mechanism.conflicts.leaseNs !== null
        ? 'lock leases'
        : undefined;
    default:
      return undefined;
  }
}

const wallclockOrder: Rule = {
  id: 'wallclock-order',
  title: 'Durations measured on a clock that is set',
  severity: 'warning',
  condition: '`timers wall` on nodes whose store has leases, election timeouts or failure detection.',
  why: 'A wall clock is stepped and slewed to follow the true time. A timeout or lease that is measured on it becomes longer or shorter by each correction; a monotonic clock is never set.',
  source: 'NTP steps clocks that are more than 128 ms off; Kingsbury, distributed systems class, "Clocks"',
  wrong: `cluster c { nodes 3  clock { timers wall } }
store s on c { consensus raft { read lease 100ms } }`,
  right: `cluster c { nodes 3  clock { timers monotonic } }
store s on c { consensus raft { read lease 100ms } }`,
  *check(design) {
    for (const store of placedStores(design)) {
      const what = timed(store);
      const node = what && nodesOf(design, store).find(({ clock }) => clock.timers === 'wall');
      const cluster = node && design.clusters.find(({ name }) => name === node.cluster);
      if (!node || !cluster) continue;
      yield {
        at: { of: cluster, option: 'clock timers' },
        message: `${nameOf(design, node.id)} measures the ${what} of ${store.name} on its wall clock: a step of the clock (NTP makes them beyond 128ms) ends them early or late.`,
        related: [{ at: store.mechanism, message: `${store.name} depends on them.` }],
        fixes: [fix('Measure with the monotonic clock', set(cluster, 'clock timers', 'timers monotonic', 'clock'))],
      };
    }
  },
};

export const clockRules: readonly Rule[] = [
  lamportConflict,
  vectorPerServer,
  vectorClockSize,
  hlcSkew,
  commitWait,
  wallclockOrder,
];
