/**
 * Every default of the language, in one table: elaboration fills them in; hovers and documentation show them. Each is
 * what the mechanism's paper does, or the figure of a common deployment.
 */
import type { Distribution } from '@dsys/runtime/design/distribution';
import type {
  Chain,
  CheapPaxos,
  FastPaxos,
  FlexiblePaxos,
  Leaderless,
  MultiPaxos,
  Paxos,
  Raft,
  SingleLeader,
  ThreePhaseCommit,
  TwoPhaseCommit,
} from '@dsys/runtime/design/mechanism';
import { ownWay, type Workload } from '@dsys/runtime/design/scenario';
import type { DataModel, Store, Transaction } from '@dsys/runtime/design/store';
import type { Capacity, Clock, Disk, Reliability } from '@dsys/runtime/design/topology';

const ms = 1_000_000;
const s = 1000 * ms;
const min = 60 * s;
const h = 60 * min;
const day = 24 * h;

const majority = { kind: 'majority' } as const;

const paxos: Omit<Paxos, 'kind' | 'quorum'> = {
  retry: { kind: 'randomized' },
  durablePromises: true,
  adopt: 'highest',
};

export const defaults = {
  disk: { fsync: { kind: 'constant', ns: 1 * ms }, volatile: false } as Disk,
  clock: { skewNs: 0, driftPpm: 0, maxOffsetNs: null, timers: 'monotonic' } as Clock,
  reliability: { mtbfNs: 90 * day, mttrNs: 10 * min } as Reliability,
  capacity: { readPerSecond: null, writePerSecond: null } as Capacity,
  /** One way, where the design gives no latency. */
  latency: {
    sameZone: { kind: 'lognormal', median: 0.25 * ms, sigma: 0.2 } as Distribution,
    sameRegion: { kind: 'lognormal', median: 0.5 * ms, sigma: 0.2 } as Distribution,
    otherRegion: { kind: 'normal', mean: 40 * ms, sd: 2 * ms } as Distribution,
  },
  /** Outage is this many times the mean time to repair. */
  outageRepairs: 10,

  store: { model: 'kv' as DataModel, recordBytes: 100 },
  partitioning: {
    rebalance: true,
    staleMap: 'reject',
    handoffWithin: 'anywhere',
    placement: 'spread',
  } as Pick<Store, 'rebalance' | 'staleMap' | 'handoffWithin' | 'placement'>,
  virtualNodes: 64,

  singleLeader: {
    mode: 'synchronous',
    leader: null,
    read: 'leader',
    leaderRead: { kind: 'checked' },
    failover: {
      mode: 'automatic',
      detect: { kind: 'timeout', ns: 3 * s },
      promote: 'most-advanced',
      consult: majority,
      fencing: true,
      manager: { kind: 'peers' },
    },
    onReplicaDown: 'block',
    fallbackAfterNs: null,
    acknowledge: 'applied',
    onFailure: 'unknown',
    logRetentionNs: 24 * h,
    log: 'global-ids',
    rejoin: 'rewind',
  } as Omit<SingleLeader, 'kind' | 'acknowledgements'>,
  /** `semi-synchronous` without a number. */
  semiSynchronous: { kind: 'count', count: 1 } as const,
  /** `read from leader lease` without a duration. */
  leaderReadLeaseNs: 5 * s,
  lock: { leaseNs: 5 * s, fencing: true, grantedBy: 'majority' } as const,
  leaderless: {
    read: majority,
    write: majority,
    sloppy: false,
    hintedHandoffNs: null,
    readRepair: true,
    readWriteBack: false,
    antiEntropyNs: null,
    resolve: { kind: 'last-write-wins', clock: 'hybrid' },
    tombstonesNs: 10 * day,
    cas: 'refuse',
  } as Omit<Leaderless, 'kind'>,
  /** `hinted-handoff on` without a duration. */
  hintedHandoffNs: 3 * h,
  chain: { master: null, read: 'tail', resend: true } as Omit<Chain, 'kind'>,

  raft: {
    read: { kind: 'index' },
    readFromAny: false,
    preVote: true,
    checkQuorum: true,
    leaderStickiness: true,
    durableVotes: true,
    commitOldTerms: false,
    membership: 'joint',
    newVoters: 'catch-up',
    deduplicate: true,
    quorum: majority,
    snapshotEvery: null,
  } as Omit<Raft, 'kind' | 'electionTimeoutNs' | 'heartbeatNs'>,
  raftTimeouts: {
    /** Least election timeout, and its multiples of a broadcast and of the one-way delay (rules 62 to 64). */
    electionTimeoutNs: 150 * ms,
    broadcasts: 10,
    delays: 20,
    roundToNs: 10 * ms,
    heartbeatsPerTimeout: 3,
  },
  paxos: { ...paxos, quorum: majority } as Omit<Paxos, 'kind'>,
  multiPaxos: { ...paxos, leaseNs: null, quorum: majority } as Omit<MultiPaxos, 'kind'>,
  /** The fast quorum follows from the classic one and the number of acceptors: see `fastQuorum`. */
  fastPaxos: { ...paxos, classic: majority, recovery: 'coordinated' } as Omit<FastPaxos, 'kind' | 'fast'>,
  cheapPaxos: { ...paxos, main: [], auxiliary: [], reconfigureNs: 2 * s } as Omit<CheapPaxos, 'kind'>,
  flexiblePaxos: { ...paxos, prepare: majority, accept: majority } as Omit<FlexiblePaxos, 'kind'>,
  twoPhaseCommit: {
    timeoutNs: 1 * s,
    onTimeout: 'block',
    durableLog: true,
    presume: 'abort',
  } as Omit<TwoPhaseCommit, 'kind' | 'coordinator'>,
  threePhaseCommit: { timeoutNs: 1 * s, onTimeout: 'skeen' } as Omit<ThreePhaseCommit, 'kind' | 'coordinator'>,

  transaction: {
    isolation: 'serializable',
    concurrency: 'locks',
    deadlock: 'detect',
    commitWait: false,
  } as Pick<Transaction, 'isolation' | 'concurrency' | 'deadlock' | 'commitWait'>,

  workload: {
    clients: 10,
    place: null,
    arrival: { kind: 'closed', think: { kind: 'exponential', mean: 10 * ms } },
    keys: { count: 100, choice: 'uniform' },
    session: 'sticky',
    sessionToken: false,
    timeoutNs: 1 * s,
    retries: 0,
    idempotent: false,
    cacheNs: null,
    ...ownWay,
  } as Omit<Workload, 'at' | 'name' | 'doc' | 'generated' | 'targets' | 'mix'>,
  scenario: { seeds: 20, forNs: 10 * s, settleNs: 10 * s, settleAntiEntropies: 2 },
};
