/** What each option means, by the block that it stands in, with a use of it that elaborates. */

export interface OptionMeaning {
  readonly means: string;
  /** What may be written after the name; empty: the name alone says it. */
  readonly example: string;
}

type Meanings = Readonly<Record<string, OptionMeaning>>;

const option = (means: string, example: string): OptionMeaning => ({ means, example });

const hardware: Meanings = {
  disk: option('How long a sync takes, or that nothing survives a crash.', '{ fsync 1ms }'),
  clock: option('How wrong clocks may be, and which one timers use.', '{ skew 10ms  drift 50ppm }'),
  reliability: option('How often a node fails and how long its repair takes.', '{ mtbf 90d  mttr 10min }'),
  capacity: option('How many operations a node serves; nothing written: no limit.', 'read 4000/s write 2000/s'),
};

const link: Meanings = {
  latency: option('How long a message travels one way; may be given per class of messages.', 'normal(44ms, 2ms)'),
  loss: option('Share of messages that get lost.', '0.01%'),
  duplicate: option('Share of messages that arrive twice.', '0.001%'),
  reorder: option('Share of messages that later ones may overtake.', '0.1%'),
  bandwidth: option('What the link carries; nothing written: no limit.', '1Gbit/s'),
};

const paxos: Meanings = {
  retry: option('When a proposer that was outbid tries again.', 'randomized'),
  'durable-promises': option('Whether a promise is on disk before it is given.', 'on'),
  adopt: option(
    'Which accepted value a proposer takes over: that of the highest ballot, or the first it hears of.',
    'highest',
  ),
};

const quorum = (what: string): OptionMeaning => option(what, 'majority');

const commit: Meanings = {
  coordinator: option(
    'Who decides: a node, or a Raft group on a cluster; none of them need hold a copy.',
    'raft on CLUSTER',
  ),
  timeout: option('After how long a silent partner counts as gone.', '1s'),
};

/** By the block's name in messages, without the name of what is declared: `store`, `raft`, `a workload`. */
export const optionMeanings: Readonly<Record<string, Meanings>> = {
  cluster: hardware,
  'a line of nodes': hardware,
  disk: {
    fsync: option('How long a write takes to be durable.', '1ms'),
    volatile: option('Nothing survives a crash that was not sent elsewhere.', ''),
  },
  clock: {
    skew: option('The largest difference between two wall clocks, kept by resynchronisation.', '10ms'),
    drift: option('By how much a clock runs fast or slow.', '50ppm'),
    'max-offset': option('What the design assumes as the largest skew.', '500ms'),
    timers: option('Which clock timers and leases use.', 'monotonic'),
  },
  reliability: {
    mtbf: option('Mean time between two failures of a node.', '90d'),
    mttr: option('Mean time to repair a node.', '10min'),
  },
  'the network': link,
  'a link': link,
  degrade: link,
  faults: {
    outage: option('The longest time that a node may be down.', 'up to 12h'),
    pause: option('The longest time that a node may stand still.', 'up to 5s'),
    cut: option('The longest time that a link may be cut.', 'up to 60s'),
    delay: option('The longest time that a message may be under way.', 'up to 200ms'),
    corruption: option('Disks and messages may come back changed.', ''),
  },
  store: {
    model: option('What is kept: a register, keys and values, a counter, a set or a list.', 'kv'),
    data: option('How much is kept in all.', '200GB'),
    replicas: option('How many copies of each partition are kept; witnesses vote besides.', '3'),
  },
  'a partitioning': {
    rebalance: option('Whether partitions move when nodes come and go.', 'on'),
    'stale-map': option('Whether a node serves keys that it no longer owns.', 'reject'),
    handoff: option('Where hints for absent nodes may be kept.', 'within region'),
    placement: option('How replicas are dealt to nodes.', 'spread'),
  },
  'single-leader replication': {
    leader: option('The node that leads at the beginning.', 'NODE'),
    read: option('Who answers reads, and how a leader knows that it still is one.', 'from leader'),
    failover: option('Who replaces a leader that is gone.', 'automatic { detect 3s }'),
    'on-replica-down': option('Synchronous replication: wait for a silent replica, or go on without it.', 'block'),
    fallback: option('Semi-synchronous replication: what happens when too few acknowledge.', 'none'),
    acknowledge: option('Whether a replica acknowledges what it has applied, or what it has received.', 'applied'),
    'on-failure': option('What a client is told when its write may or may not have happened.', 'unknown'),
    log: option('How long the log is kept, or how its positions are named.', 'retention 24h'),
    rejoin: option('How a leader that was replaced comes back.', 'rewind'),
  },
  failover: {
    detect: option('After how long a silent leader counts as gone.', '3s'),
    promote: option('Which follower takes over.', 'most-advanced'),
    consult: option('How many replicas are asked before one is promoted.', 'majority'),
    fencing: option('Whether an unheard leader stops acknowledging before another is promoted.', 'on'),
    manager: option('Who decides: the peers, a node or a store.', 'peers'),
  },
  'multi-leader replication': {
    leader: option('The nodes that take writes.', 'NODE, NODE'),
    conflicts: option('What becomes of two writes that did not know of each other.', 'last-write-wins by hybrid'),
  },
  conflicts: {
    lease: option('How long a lock is granted.', '5s'),
    fencing: option('Whether writes with an old lock are refused.', 'on'),
    'granted-by': option('Who must grant a lock.', 'majority'),
    'version-check': option('Where the version of a record is compared.', 'home'),
    'on-move': option('What happens to open writes when a record changes its home.', 'drain'),
  },
  'leaderless replication': {
    read: quorum('How many replicas a read asks.'),
    write: quorum('How many replicas must take a write.'),
    sloppy: option('Other nodes may stand in for absent replicas.', ''),
    'hinted-handoff': option('Whether stand-ins bring what they took to the replica that was absent.', 'on for 3h'),
    'read-repair': option('Whether a read brings stale replicas up to date.', 'on'),
    'read-write-back': option('Whether a read writes what it found to a quorum before it answers.', 'off'),
    'anti-entropy': option('How often replicas compare what they hold; nothing written: never.', 'every 10s'),
    resolve: option('Which of two concurrent values wins, or whether both stay.', 'last-write-wins by hybrid'),
    tombstones: option('How long it is remembered that a key was deleted.', 'keep 10d'),
    cas: option('What becomes of compare-and-set.', 'refuse'),
  },
  'chain replication': {
    master: option('The store that keeps the configuration of the chain.', 'none'),
    read: option('Whether the tail answers reads, or any replica.', 'from tail'),
    resend: option('Whether updates that were under way are sent again after a repair.', 'on'),
  },
  raft: {
    'election-timeout': option('Without a heartbeat for so long, a follower stands for election.', '150ms..300ms'),
    heartbeat: option('How often a leader shows that it is there.', '50ms'),
    read: option('How a leader knows that it still is one when it answers a read.', 'index'),
    'pre-vote': option('Ask whether an election could be won before standing for it.', 'on'),
    'check-quorum': option('A leader that hears from no majority steps down.', 'on'),
    'leader-stickiness': option('A follower that hears its leader votes for nobody else.', 'on'),
    'durable-votes': option('A vote is on disk before it is given.', 'on'),
    'commit-old-terms': option(
      'Entries of earlier terms commit by counting replicas (the mistake of figure 8).',
      'off',
    ),
    deduplicate: option('A retried request is applied once.', 'on'),
    membership: option('How members change.', 'joint'),
    'new-voters': option('Whether a new member votes before it has caught up.', 'catch-up'),
    quorum: quorum('How many voters elect a leader and commit an entry.'),
    snapshot: option('After how many entries the log is cut; nothing written: never.', 'every 1000 entries'),
  },
  paxos: { ...paxos, quorum: quorum('How many acceptors promise and accept.') },
  'multi-paxos': {
    ...paxos,
    quorum: quorum('How many acceptors promise and accept.'),
    lease: option('How long a leader may read without asking.', '2s'),
  },
  'fast-paxos': {
    ...paxos,
    classic: quorum('How many acceptors make a classic round.'),
    fast: option('How many acceptors make a fast round.', 'all'),
    recovery: option('Who settles a collision.', 'coordinated'),
  },
  'cheap-paxos': {
    ...paxos,
    main: option('The acceptors that always work.', 'NODE, NODE'),
    auxiliary: option('The acceptors that work only while a main one is gone.', 'WITNESS'),
    reconfigure: option('After how long a main acceptor that is gone is left out.', '2s'),
  },
  'flexible-paxos': {
    ...paxos,
    prepare: quorum('How many acceptors must promise.'),
    accept: quorum('How many acceptors must accept.'),
  },
  epaxos: { fast: option('How many replicas make the fast path.', 'all') },
  'two-phase-commit': {
    ...commit,
    'on-timeout': option('What a prepared participant does when the coordinator is silent.', 'block'),
    'durable-log': option('Whether votes and decisions are on disk before they are sent.', 'on'),
    presume: option('What is taken for granted of a transaction that nobody remembers.', 'abort'),
  },
  'three-phase-commit': {
    ...commit,
    coordinator: option(
      'Who decides: a node, which need hold no copy; a Raft group on a cluster is judged, and does not run for a store.',
      'raft on CLUSTER',
    ),
    'on-timeout': option('What a participant does when the coordinator is silent.', 'skeen'),
  },
  transaction: {
    isolation: option('Which interleavings clients may observe.', 'serializable'),
    concurrency: option(
      'How transactions are kept apart: by locks, or by versions that each reads as of its start. All on a store by the same.',
      'locks',
    ),
    deadlock: option(
      'What happens when transactions wait for each other’s locks. By versions, nobody waits in a circle.',
      'detect',
    ),
    'commit-wait': option(
      'By versions: wait out what clocks differ by (max-offset, else skew) before a commit is told.',
      'off',
    ),
  },
  'a workload': {
    clients: option('How many clients, and where they stand.', '20'),
    rate: option('Open loop: operations per second of all clients together, whatever is pending.', '500/s'),
    think: option('Closed loop: how long a client waits between an answer and its next request.', 'exponential(10ms)'),
    keys: option('How many keys, and how they are chosen.', '1000 zipf 1.1'),
    session: option('Which node a client asks.', 'sticky'),
    'session-token': option('Whether clients carry what they have seen, so that no node answers with less.', 'off'),
    timeout: option('After how long a client gives an attempt up.', '1s'),
    retries: option('How many further attempts follow a failed one.', '3 idempotent'),
    cache: option('How long a client keeps what it read; nothing written: no cache.', '5s'),
    read: option(
      "Overrides the store's choice for the reads of this workload: how many replicas (leaderless), or who answers.",
      'local one',
    ),
    write: option("Overrides the store's quorum for the writes of this workload (leaderless).", 'majority'),
  },
  'a scenario': {
    seeds: option('How many seeds a test tries.', '200'),
    settle: option('How long repairs go on after the load has stopped.', '30s'),
  },
  'an exploration': {},
  region: {},
};

/** The key of `optionMeanings` for a block as messages name it: `store orders` is `store`. */
export function blockKind(owner: string): string {
  return owner.replace(/^(store|cluster|transaction|region|conflicts) .*/, '$1');
}
