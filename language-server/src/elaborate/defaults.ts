/**
 * Every default of the language, in one table: elaboration fills them in; hovers and documentation show them. Each is
 * what the mechanism's paper does, or the figure of a common deployment.
 */
import type { Distribution } from '@dsys/runtime/design/distribution';
import type { Clock, Disk, Reliability } from '@dsys/runtime/design/topology';

const ms = 1_000_000;
const s = 1000 * ms;
const min = 60 * s;
const day = 24 * 60 * min;

export const defaults = {
  disk: { fsync: { kind: 'constant', ns: 1 * ms }, volatile: false } satisfies Disk,
  clock: { skewNs: 0, driftPpm: 0, maxOffsetNs: null, timers: 'monotonic' } satisfies Clock,
  reliability: { mtbfNs: 90 * day, mttrNs: 10 * min } satisfies Reliability,
  capacity: { readPerSecond: null, writePerSecond: null },
  /** One way, where the design gives no latency. */
  latency: {
    sameZone: { kind: 'lognormal', median: 0.25 * ms, sigma: 0.2 } satisfies Distribution as Distribution,
    sameRegion: { kind: 'lognormal', median: 0.5 * ms, sigma: 0.2 } satisfies Distribution as Distribution,
    otherRegion: { kind: 'normal', mean: 40 * ms, sd: 2 * ms } satisfies Distribution as Distribution,
  },
  /** Outage is this many times the mean time to repair. */
  outageRepairs: 10,
  recordBytes: 100,
  replication: {
    detectNs: 3 * s,
    lockLeaseNs: 5 * s,
    logRetentionNs: day,
    tombstonesNs: 10 * day,
    hintedHandoffNs: 3 * 60 * min,
    leaderReadLeaseNs: 5 * s,
  },
  raft: {
    /** Least election timeout, and its multiples of a broadcast and of the one-way delay (rules 62 to 64). */
    electionTimeoutNs: 150 * ms,
    broadcasts: 10,
    delays: 20,
    roundToNs: 10 * ms,
    heartbeatsPerTimeout: 3,
  },
  commit: { timeoutNs: 1 * s },
  cheapPaxos: { reconfigureNs: 2 * s },
  virtualNodes: 64,
  workload: {
    clients: 10,
    think: { kind: 'exponential', mean: 10 * ms } satisfies Distribution as Distribution,
    keys: 100,
    timeoutNs: 1 * s,
  },
  scenario: { seeds: 20, forNs: 10 * s, settleNs: 10 * s, settleAntiEntropies: 2 },
} as const;
