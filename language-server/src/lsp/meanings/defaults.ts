/** The defaults of options as they would be written. The values stand in elaborate/defaults.ts alone. */
import { formatDuration } from '@dsys/grammar';
import type { Distribution } from '@dsys/runtime/design/distribution';
import type { QuorumSpec } from '@dsys/runtime/design/quorum';
import { defaults } from '../../elaborate/defaults.ts';

const onOff = (value: boolean): string => (value ? 'on' : 'off');
const quorum = (spec: QuorumSpec): string => (spec.kind === 'count' ? String(spec.count) : spec.kind);
const time = formatDuration;

export function distributionText(d: Distribution): string {
  switch (d.kind) {
    case 'constant':
      return time(d.ns);
    case 'uniform':
      return `uniform(${time(d.from)}, ${time(d.to)})`;
    case 'normal':
      return `normal(${time(d.mean)}, ${time(d.sd)})`;
    case 'lognormal':
      return `lognormal(${time(d.median)}, ${d.sigma})`;
    case 'exponential':
      return `exponential(${time(d.mean)})`;
    case 'pareto':
      return `pareto(${time(d.scale)}, ${d.shape})`;
    case 'mix':
      return `mix(${d.parts.map(part => `${part.weight * 100}% ${distributionText(part.of)}`).join(', ')})`;
    case 'sum':
      return d.parts.map(distributionText).join(' + ');
  }
}

const { disk, clock, reliability, partitioning, singleLeader, lock, leaderless, chain, raft, workload, scenario } =
  defaults;
const { failover } = singleLeader;

type Texts = Readonly<Record<string, string>>;

const paxos = (d: Pick<typeof defaults.paxos, 'retry' | 'durablePromises' | 'adopt'>): Texts => ({
  retry: d.retry.kind,
  'durable-promises': onOff(d.durablePromises),
  adopt: d.adopt,
});

const hardware: Texts = {
  disk: `{ fsync ${distributionText(disk.fsync)} }`,
  clock: `{ skew ${time(clock.skewNs)}  drift ${clock.driftPpm}ppm  timers ${clock.timers} }`,
  reliability: `{ mtbf ${time(reliability.mtbfNs)}  mttr ${time(reliability.mttrNs)} }`,
};

/** By block and option, what may be written after the option's name and changes nothing. */
export const defaultTexts: Readonly<Record<string, Texts>> = {
  cluster: hardware,
  disk: { fsync: distributionText(disk.fsync), volatile: onOff(disk.volatile) },
  clock: { skew: time(clock.skewNs), drift: `${clock.driftPpm}ppm`, timers: clock.timers },
  reliability: { mtbf: time(reliability.mtbfNs), mttr: time(reliability.mttrNs) },
  faults: { corruption: 'off' },
  store: { model: defaults.store.model },
  'a partitioning': {
    rebalance: onOff(partitioning.rebalance),
    'stale-map': partitioning.staleMap,
    placement: partitioning.placement,
  },
  'single-leader replication': {
    read: `from ${singleLeader.read}`,
    failover: failover.mode,
    'on-replica-down': singleLeader.onReplicaDown,
    fallback: singleLeader.fallbackAfterNs === null ? 'none' : '',
    acknowledge: singleLeader.acknowledge,
    'on-failure': singleLeader.onFailure,
    log: singleLeader.log,
    rejoin: singleLeader.rejoin,
  },
  failover: {
    detect: failover.detect.kind === 'timeout' ? time(failover.detect.ns) : `phi ${failover.detect.threshold}`,
    promote: failover.promote,
    consult: quorum(failover.consult),
    fencing: onOff(failover.fencing),
    manager: failover.manager.kind,
  },
  'multi-leader replication': { conflicts: 'none' },
  conflicts: { lease: time(lock.leaseNs), fencing: onOff(lock.fencing), 'granted-by': lock.grantedBy },
  'leaderless replication': {
    read: quorum(leaderless.read),
    write: quorum(leaderless.write),
    sloppy: onOff(leaderless.sloppy),
    'hinted-handoff': leaderless.hintedHandoffNs === null ? 'off' : `on for ${time(leaderless.hintedHandoffNs)}`,
    'read-repair': onOff(leaderless.readRepair),
    'read-write-back': onOff(leaderless.readWriteBack),
    'anti-entropy': leaderless.antiEntropyNs === null ? 'off' : `every ${time(leaderless.antiEntropyNs)}`,
    resolve:
      leaderless.resolve.kind === 'last-write-wins'
        ? `last-write-wins by ${leaderless.resolve.clock}`
        : `siblings by ${leaderless.resolve.by}`,
    tombstones: `keep ${time(leaderless.tombstonesNs)}`,
    cas: leaderless.cas,
  },
  'chain replication': { master: chain.master ?? 'none', read: `from ${chain.read}`, resend: onOff(chain.resend) },
  raft: {
    read: raft.read.kind,
    'pre-vote': onOff(raft.preVote),
    'check-quorum': onOff(raft.checkQuorum),
    'leader-stickiness': onOff(raft.leaderStickiness),
    'durable-votes': onOff(raft.durableVotes),
    'commit-old-terms': onOff(raft.commitOldTerms),
    deduplicate: onOff(raft.deduplicate),
    membership: raft.membership,
    'new-voters': raft.newVoters,
    quorum: quorum(raft.quorum),
    snapshot: raft.snapshotEvery === null ? 'off' : `every ${raft.snapshotEvery} entries`,
  },
  paxos: { ...paxos(defaults.paxos), quorum: quorum(defaults.paxos.quorum) },
  'multi-paxos': { ...paxos(defaults.multiPaxos), quorum: quorum(defaults.multiPaxos.quorum) },
  'fast-paxos': {
    ...paxos(defaults.fastPaxos),
    classic: quorum(defaults.fastPaxos.classic),
    recovery: defaults.fastPaxos.recovery,
  },
  'cheap-paxos': { ...paxos(defaults.cheapPaxos), reconfigure: time(defaults.cheapPaxos.reconfigureNs) },
  'flexible-paxos': {
    ...paxos(defaults.flexiblePaxos),
    prepare: quorum(defaults.flexiblePaxos.prepare),
    accept: quorum(defaults.flexiblePaxos.accept),
  },
  'two-phase-commit': {
    timeout: time(defaults.twoPhaseCommit.timeoutNs),
    'on-timeout': defaults.twoPhaseCommit.onTimeout,
    'durable-log': onOff(defaults.twoPhaseCommit.durableLog),
    presume: defaults.twoPhaseCommit.presume,
  },
  'three-phase-commit': {
    timeout: time(defaults.threePhaseCommit.timeoutNs),
    'on-timeout': defaults.threePhaseCommit.onTimeout,
  },
  transaction: {
    isolation: defaults.transaction.isolation,
    concurrency: defaults.transaction.concurrency,
    deadlock: defaults.transaction.deadlock,
    'commit-wait': onOff(defaults.transaction.commitWait),
  },
  'a workload': {
    clients: String(workload.clients),
    ...(workload.arrival.kind === 'closed' ? { think: distributionText(workload.arrival.think) } : {}),
    keys: `${workload.keys.count}${typeof workload.keys.choice === 'string' ? ` ${workload.keys.choice}` : ` zipf ${workload.keys.choice.zipf}`}`,
    session: workload.session,
    'session-token': onOff(workload.sessionToken),
    timeout: time(workload.timeoutNs),
    retries: `${workload.retries}${workload.idempotent ? ' idempotent' : ''}`,
  },
  'a scenario': { seeds: String(scenario.seeds) },
};

/** Defaults that follow from other parts of a design, in words. */
export const derivedDefaults: Readonly<Record<string, Texts>> = {
  'the network': {
    latency: `${distributionText(defaults.latency.sameZone)} within a zone, ${distributionText(defaults.latency.sameRegion)} within a region of several zones, ${distributionText(defaults.latency.otherRegion)} between regions`,
    loss: 'no loss',
    duplicate: 'no duplicates',
    reorder: 'no reordering',
    bandwidth: 'no limit',
  },
  faults: {
    outage: `${defaults.outageRepairs} times the mean time to repair`,
    pause: 'none',
    cut: 'without a bound',
    delay: 'without a bound',
  },
  store: { data: 'unknown', replicas: 'every node of its clusters' },
  clock: { 'max-offset': 'none assumed' },
  cluster: { capacity: 'no limit' },
  'a partitioning': { handoff: partitioning.handoffWithin },
  'single-leader replication': { leader: 'the first replica' },
  'multi-leader replication': { leader: 'every replica' },
  raft: {
    'election-timeout': `at least ${time(defaults.raftTimeouts.electionTimeoutNs)}, longer where the replicas stand far apart`,
    heartbeat: `the election timeout divided by ${defaults.raftTimeouts.heartbeatsPerTimeout}`,
  },
  'multi-paxos': { lease: 'none' },
  'fast-paxos': { fast: 'the smallest that works with the classic quorum' },
  'two-phase-commit': { coordinator: 'the node that a client asks' },
  'three-phase-commit': { coordinator: 'the node that a client asks' },
  'a workload': { rate: 'none: a closed loop', cache: 'none', read: "the store's choice", write: "the store's choice" },
  'a scenario': {
    settle: `${time(scenario.settleNs)}, or ${scenario.settleAntiEntropies} rounds of anti-entropy if that is longer`,
  },
};

/** `Default: on.` for people; undefined: there is none, or the option must be written. */
export function defaultOf(block: string, option: string): string | undefined {
  const same = block === 'a line of nodes' ? 'cluster' : block === 'a link' ? 'the network' : block;
  return defaultTexts[same]?.[option] ?? derivedDefaults[same]?.[option];
}
