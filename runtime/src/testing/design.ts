/** Small designs for tests of the runtime, without a file: three raft nodes unless told otherwise. */

import type { Design } from '../design/design.ts';
import { constant, type Distribution, exponential, lognormal } from '../design/distribution.ts';
import type {
  CheapPaxos,
  FlexiblePaxos,
  Mechanism,
  MultiPaxos,
  Raft,
  ReplicatedCoordinator,
  SingleLeader,
  ThreePhaseCommit,
  TwoPhaseCommit,
} from '../design/mechanism.ts';
import { resolveQuorum } from '../design/quorum.ts';
import type { Action, Chaos, Expectation, Scenario, Target, Verb, Workload } from '../design/scenario.ts';
import { nowhere } from '../design/source.ts';
import type { DataModel } from '../design/store.ts';
import type { Clock, NodeRole } from '../design/topology.ts';

const at = nowhere;
const ms = 1_000_000;

export const raftOptions = (changes: Partial<Raft> = {}): Raft => ({
  kind: 'raft',
  electionTimeoutNs: [150 * ms, 300 * ms],
  heartbeatNs: 50 * ms,
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
  quorum: { kind: 'majority' },
  snapshotEvery: null,
  ...changes,
});

export const multiPaxosOptions = (changes: Partial<MultiPaxos> = {}): MultiPaxos => ({
  kind: 'multi-paxos',
  retry: { kind: 'randomized' },
  durablePromises: true,
  adopt: 'highest',
  leaseNs: null,
  quorum: { kind: 'majority' },
  ...changes,
});

/** Phase-1 and phase-2 quorums by size. */
export const flexiblePaxosOptions = (prepare: number, accept: number): FlexiblePaxos => ({
  kind: 'flexible-paxos',
  retry: { kind: 'randomized' },
  durablePromises: true,
  adopt: 'highest',
  prepare: { kind: 'count', count: prepare },
  accept: { kind: 'count', count: accept },
});

export const cheapPaxosOptions = (main: readonly number[], auxiliary: readonly number[]): CheapPaxos => ({
  kind: 'cheap-paxos',
  retry: { kind: 'randomized' },
  durablePromises: true,
  adopt: 'highest',
  main,
  auxiliary,
  reconfigureNs: 400 * ms,
});

export const singleLeaderOptions = (
  changes: Partial<SingleLeader> = {},
  failover: Partial<SingleLeader['failover']> = {},
): SingleLeader => ({
  kind: 'single-leader',
  mode: 'semi-synchronous',
  acknowledgements: { kind: 'count', count: 1 },
  leader: null,
  read: 'leader',
  leaderRead: { kind: 'checked' },
  failover: {
    mode: 'automatic',
    detect: { kind: 'timeout', ns: 300 * ms },
    promote: 'most-advanced',
    consult: { kind: 'majority' },
    fencing: true,
    manager: { kind: 'peers' },
    ...failover,
  },
  onReplicaDown: 'block',
  fallbackAfterNs: null,
  acknowledge: 'applied',
  onFailure: 'unknown',
  logRetentionNs: 86_400_000 * ms,
  log: 'global-ids',
  rejoin: 'rewind',
  ...changes,
});

/** n1 coordinates. */
export const twoPhaseOptions = (changes: Partial<TwoPhaseCommit> = {}): TwoPhaseCommit => ({
  kind: 'two-phase-commit',
  coordinator: { kind: 'node', node: 0 },
  timeoutNs: 200 * ms,
  onTimeout: 'block',
  durableLog: true,
  presume: 'abort',
  ...changes,
});

/** n1 coordinates. */
export const threePhaseOptions = (changes: Partial<ThreePhaseCommit> = {}): ThreePhaseCommit => ({
  kind: 'three-phase-commit',
  coordinator: { kind: 'node', node: 0 },
  timeoutNs: 200 * ms,
  onTimeout: 'terminate',
  ...changes,
});

/** A replicated coordinator on these nodes. */
export const coordinatorOn = (nodes: readonly number[]): ReplicatedCoordinator => ({
  kind: 'raft',
  on: 'c',
  nodes,
  raft: raftOptions(),
});

export interface Sketch {
  readonly nodes?: number;
  /** How many of them, the last ones, hold no copy and are no part of the group. */
  readonly apart?: number;
  readonly roles?: readonly NodeRole[];
  readonly mechanism?: Mechanism;
  readonly model?: DataModel;
  readonly latency?: Distribution;
  readonly loss?: number;
  readonly duplicate?: number;
  readonly reorder?: number;
  readonly fsync?: Distribution;
  readonly volatile?: boolean;
  readonly clock?: Partial<Clock>;
  readonly workload?: Partial<Workload> | null;
  readonly forNs?: number;
  readonly settleNs?: number;
  readonly actions?: readonly Action[];
  readonly chaos?: readonly Chaos[];
  readonly expectations?: readonly Expectation[];
}

export function sketch(wanted: Sketch = {}): { readonly design: Design; readonly scenario: Scenario } {
  const count = wanted.nodes ?? 3;
  const ids = Array.from({ length: count }, (_, i) => i);
  const role = (id: number): NodeRole => wanted.roles?.[id] ?? 'member';
  const inside = ids.slice(0, count - (wanted.apart ?? 0));
  const byRole = (wantedRole: NodeRole) => inside.filter(id => role(id) === wantedRole);
  const mechanism = wanted.mechanism ?? raftOptions();
  const voters = [...byRole('member'), ...byRole('witness')];
  const quorum = resolveQuorum({ kind: 'majority' }, voters, () => null);
  const workload: Workload = {
    generated: false,
    at,
    name: 'load',
    doc: null,
    targets: ['db'],
    clients: 5,
    place: null,
    arrival: { kind: 'closed', think: exponential(10 * ms) },
    mix: [
      { at, kind: wanted.model === 'counter' ? 'increment' : 'write', share: 0.5, on: null, by: null },
      { at, kind: 'read', share: 0.5, on: null, by: null },
    ],
    keys: { count: 10, choice: 'uniform' },
    session: 'sticky',
    sessionToken: false,
    timeoutNs: 1000 * ms,
    retries: 0,
    idempotent: false,
    cacheNs: null,
    read: { from: null, local: false, quorum: null },
    write: { quorum: null },
    ...wanted.workload,
  };
  const scenario: Scenario = {
    at,
    name: 'test',
    doc: null,
    generated: false,
    runs: [{ workload: wanted.workload === null ? null : 'load', forNs: wanted.forNs ?? 5_000 * ms }],
    seeds: 20,
    settleNs: wanted.settleNs ?? 2_000 * ms,
    actions: wanted.actions ?? [],
    chaos: wanted.chaos ?? [],
    expectations: wanted.expectations ?? [],
  };
  const design: Design = {
    files: [{ path: 'test.dsys', uri: 'file:///test.dsys', text: '' }],
    regions: [],
    clusters: [{ at, name: 'c', nodes: ids }],
    nodes: ids.map(id => ({
      at,
      id,
      name: `n${id + 1}`,
      cluster: 'c',
      role: role(id),
      region: null,
      zone: null,
      disk: { fsync: wanted.fsync ?? constant(1 * ms), volatile: wanted.volatile ?? false },
      clock: { skewNs: 0, driftPpm: 0, maxOffsetNs: null, timers: 'monotonic', ...wanted.clock },
      reliability: { mtbfNs: 90 * 86_400 * 1000 * ms, mttrNs: 600_000 * ms },
      capacity: { readPerSecond: null, writePerSecond: null },
    })),
    links: [
      {
        at,
        from: null,
        to: null,
        bothWays: true,
        latency: { all: wanted.latency ?? lognormal(0.5 * ms, 0.2) },
        loss: wanted.loss ?? 0,
        duplicate: wanted.duplicate ?? 0,
        reorder: wanted.reorder ?? 0,
      },
    ],
    faults: {
      at,
      outageNs: 0,
      pauseNs: 0,
      cutNs: Number.POSITIVE_INFINITY,
      delayNs: Number.POSITIVE_INFINITY,
      corruption: false,
      declared: { outage: false, pause: false, cut: false, delay: false },
    },
    stores: [
      {
        at,
        name: 'db',
        doc: null,
        clusters: ['c'],
        model: wanted.model ?? 'kv',
        fields: [],
        recordBytes: 100,
        dataBytes: null,
        replicas: { count: inside.length, perRegion: false },
        partitioning: { kind: 'none' },
        rebalance: true,
        staleMap: 'reject',
        handoffWithin: 'anywhere',
        placement: 'spread',
        mechanism: { ...mechanism, at },
        claims: [],
        partitions: [0],
      },
    ],
    partitions: [
      {
        at,
        id: 0,
        name: 'db',
        store: 'db',
        index: 0,
        replicas: byRole('member'),
        witnesses: byRole('witness'),
        observers: byRole('observer'),
        spares: byRole('spare'),
        quorums: { quorum },
      },
    ],
    transactions: [],
    workloads: wanted.workload === null ? [] : [workload],
    scenarios: [scenario],
    explorations: [],
    ruleSettings: [],
  };
  return { design, scenario };
}

export const nodesTarget = (...nodes: number[]): Target => ({
  at,
  kind: 'nodes',
  text: nodes.map(n => `n${n + 1}`).join(', '),
  nodes,
});
export const leaderTarget: Target = {
  at,
  kind: 'role',
  text: 'leader of db',
  role: 'leader',
  of: 'db',
  partitions: [0],
};

export const atMs = (time: number, verb: Verb, forMs: number | null = null): Action => ({
  at,
  trigger: { kind: 'at', ns: time * ms },
  verb,
  forNs: forMs === null ? null : forMs * ms,
  text: `at ${time}ms ${verb.kind}`,
});

/** One client writes x = 1 beside a node. */
export const writeAtMs = (time: number, via: number): Action =>
  atMs(time, {
    kind: 'operation',
    client: 'c1',
    operation: 'write',
    key: 'x',
    value: 1,
    expected: null,
    via: [nodesTarget(via)],
    on: 'db',
  });
