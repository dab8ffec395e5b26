// biome-ignore-all lint/suspicious/noTemplateCurlyInString: snippets of the protocol have such tab stops.
/** What each keyword that begins or joins something means, and the whole block that it can begin. */

export interface StatementMeaning {
  readonly means: string;
  /** A whole statement as a snippet of the Language Server Protocol; without one the keyword alone is offered. */
  readonly snippet?: string;
}

const word = (means: string): StatementMeaning => ({ means });
const block = (means: string, snippet: string): StatementMeaning => ({ means, snippet });

/** By the grammar's rule, then by keyword. `''` holds those that mean the same everywhere. */
export const statementMeanings: Readonly<Record<string, Readonly<Record<string, StatementMeaning>>>> = {
  Import: { import: block('Makes the declarations of another file visible here.', 'import "${1:./other.dsys}"') },
  Rules: { rules: block('Sets the severity of rules for this file.', 'rules {\n\t$0\n}') },
  Region: {
    region: block('A place with a network of its own; its zones fail apart from each other.', 'region ${1:name}'),
    zones: word('The failure domains of a region: racks, data centres.'),
  },
  Network: {
    network: block('How messages travel: defaults for every link, and single links.', 'network {\n\t$0\n}'),
  },
  Link: {
    between: block('A link in both directions.', 'between ${1:place} and ${2:place} { latency ${3:10ms} }'),
    from: block('A link in one direction.', 'from ${1:place} to ${2:place} { latency ${3:10ms} }'),
    within: block('The links inside of a place.', 'within ${1:place} { latency ${2:1ms} }'),
  },
  Cluster: { cluster: block('Nodes that keep data together.', 'cluster ${1:name} {\n\tnodes ${2:3}$0\n}') },
  Members: {
    nodes: word('Nodes that keep data and vote: named ones, or a count.'),
    witness: word('A node that votes and keeps no data.'),
    observer: word('A node that keeps data and does not vote.'),
    spare: word('A node that is empty until it is added.'),
    in: word('The region or zone where the nodes stand.'),
  },
  Faults: {
    faults: block('What the design must expect to go wrong.', 'faults {\n\t$0\n}'),
  },
  Store: {
    store: block('Data, where it is kept and how its copies agree.', 'store ${1:name} on ${2:cluster} {\n\t$0\n}'),
    on: word('The clusters that keep the data.'),
  },
  RecordShape: {
    record: block('The size and fields of a record.', 'record { ${1:id}: ${2:string} }'),
    size: word('The size of a record.'),
  },
  Field: { '->': word('The field of another store that this one refers to.') },
  FieldAttribute: {
    values: word('The values that a field has, with their shares.'),
    'on-delete': word('What happens to a reference when its target goes.'),
    zipf: word('How unevenly the values are spread.'),
  },
  Partitioning: {
    partition: block('How the data is split over nodes.', 'partition by ${1:hash(id) into 4}'),
    with: word('Placed beside the partitions of another store.'),
    by: word('The strategy that splits the data.'),
    // biome-ignore lint/suspicious/noThenProperty: the word of the language; nobody awaits a meaning.
    then: word('A further level below each partition.'),
  },
  PartitionLevel: {
    into: word('How many partitions.'),
    modulo: word('The naive scheme: hash modulo the number of nodes.'),
    'virtual-nodes': word('How many places each node has on the ring.'),
    at: word('The store that maps keys to partitions.'),
  },
  Partition: { on: word('The clusters that keep this partition.') },
  Replicas: { replicas: word('How many copies of each partition are kept.') },
  PerPhrase: { per: word('Counted in each region.') },
  Replication: {
    replication: block(
      'How copies follow each other.',
      'replication ${1|single-leader,multi-leader,leaderless,chain|}',
    ),
    synchronous: word('A write is acknowledged by every replica.'),
    asynchronous: word('A write is acknowledged before the others have it.'),
    'semi-synchronous': word('A write is acknowledged by some of the others.'),
  },
  Consensus: {
    consensus: block(
      'The algorithm by which copies agree.',
      'consensus ${1|raft,paxos,multi-paxos,fast-paxos,flexible-paxos|}',
    ),
  },
  Claims: { claims: block('What is promised; proved by rules and tried by execution.', 'claims {\n\t$0\n}') },
  Transaction: {
    transaction: block(
      'Accesses that happen together or not at all.',
      'transaction ${1:name} {\n\tupdate ${2:store}$0\n}',
    ),
  },
  Access: {
    update: word('The stores that are written, or how many keys of each.'),
    read: word('The stores that are read, or how many keys of each.'),
    all: word('Every key.'),
  },
  Commit: { commit: word('The protocol by which the stores commit together.') },
  Workload: {
    workload: block(
      'Who asks what, and how often.',
      'workload ${1:name} on ${2:store} {\n\tclients ${3:10}\n\toperations ${4:50}% read, ${5:50}% write$0\n}',
    ),
    on: word('The stores and transactions that are asked.'),
  },
  Operations: { operations: word('What is asked, with shares that add up to 100%.') },
  OperationShare: {
    on: word('The store or transaction that is asked.'),
    by: word('The field that a read or scan goes by.'),
  },
  Scenario: {
    scenario: block(
      'A run, what goes wrong in it, and what is expected.',
      'scenario ${1:name} {\n\trun ${2:workload} for ${3:10s}\n\t$0\n}',
    ),
  },
  Run: {
    run: word('The workloads that run, and for how long; without one only the script runs.'),
    for: word('How long the load lasts.'),
  },
  At: { at: word('At this time after the beginning, something happens.') },
  Every: {
    every: word('Something happens again and again.'),
    from: word('The first time.'),
    until: word('The last time.'),
  },
  When: {
    when: word('The first time that a message of this kind passes, something happens.'),
    reaches: word('When it is handled.'),
    leaves: word('When it is sent.'),
  },
  Chaos: {
    chaos: block('Faults at random.', 'chaos { crash up to ${1:1} every ${2:5s} }'),
    from: word('When it begins.'),
    until: word('When it ends; everything is undone then.'),
  },
  ChaosFault: {
    up: word('How many at once at most.'),
    every: word('The mean time between two of them.'),
  },
  Expectation: {
    expect: word('A property that must hold in this scenario.'),
    violation: word('The scenario is there to show that the property fails.'),
    of: word('What the expectation is about.'),
    from: word('From when on it must hold.'),
    until: word('Until when it must hold.'),
  },
  NodeAction: {
    crash: word('Nodes stop and lose what was not on disk.'),
    restart: word('Crashed nodes come back.'),
    pause: word('Nodes stand still, as in a long garbage collection, and go on as if nothing had been.'),
    resume: word('Paused nodes go on.'),
    isolate: word('Nodes are cut from all other nodes and from clients.'),
    slow: word('Nodes take longer for everything.'),
    skew: word('A wall clock is set forward or back.'),
    drift: word('A clock runs fast or slow.'),
    promote: word('A node is made the leader.'),
    by: word('By how much.'),
    on: word('In which store.'),
    losing: word('The disks are lost too.'),
    for: word('How long, before it is undone.'),
  },
  HealAction: { heal: word('Undoes cuts, isolation, degraded links, lost and delayed messages.') },
  CutAction: {
    cut: word('No message passes: `from` in both directions, `to` in one.'),
    from: word('In both directions.'),
    to: word('In this direction only.'),
    for: word('How long, before it is undone.'),
  },
  DegradeAction: {
    degrade: block('Links get worse.', 'degrade { ${1:loss 20%  latency 100ms} }'),
    between: word('The links in both directions.'),
    from: word('The links in one direction.'),
    within: word('The links inside of a place.'),
    for: word('How long, before it is undone.'),
  },
  DiskAction: { fail: word('A disk stops working.'), for: word('How long, before it is undone.') },
  MembershipAction: {
    add: word('Nodes join a store.'),
    remove: word('Nodes leave a store.'),
    as: word('What a node joins as: voter or observer.'),
  },
  MoveAction: { move: word('A partition moves to other nodes.') },
  MessageAction: {
    lose: word('Messages of a kind get lost.'),
    delay: word('Messages of a kind take longer.'),
    from: word('Only those that these send.'),
    to: word('Only those to these.'),
    by: word('By how much.'),
    for: word('How long, before it is undone.'),
  },
  ClientAction: {
    client: word('A client asks for one operation.'),
    via: word('The node that it asks.'),
    on: word('The store that it asks for.'),
  },
  Role: { any: word('One of them, drawn when the action happens.') },
  Exploration: {
    exploration: block(
      'Every interleaving within bounds.',
      'exploration ${1:name} of ${2:store} {\n\toperations ${3:2} write, ${4:1} read\n\tat most ${5:1} crash\n\texpect ${6:consistency linearizable}\n}',
    ),
  },
  Bound: { at: word('A bound on what may go wrong.') },
  ConsistencyProperty: { consistency: word('What every history that clients can observe is like.') },
  CapProperty: { cap: word('What is given up while the network is cut.') },
  SurvivesProperty: { survives: word('How many nodes, zones or regions may be gone for good.') },
  NoProperty: { no: word('What never happens.') },
  IsolationProperty: { isolation: word('Which interleavings of transactions can be observed.') },
  KeepsProperty: {
    keeps: word('What holds of the data, whatever happens.'),
    unique: word('No two records have the same value.'),
    sum: word('The sum stays what it was.'),
  },
  ResidencyProperty: { residency: word('Every copy, hint and log stays in these places.'), in: word('The places.') },
  ApartProperty: { 'apart-from': word('Shares no node with another store.') },
  InvariantProperty: { invariant: word("An invariant of the protocol's paper.") },
  FigureProperty: { versions: word('Counted in versions.') },
  AnyOf: { any: block('Any so many of these nodes.', 'any ${1:2} of (${2:NODES})') },
  AllOf: { all: block('All of these nodes.', 'all of (${1:NODES})') },
  Grid: { grid: block('Nodes in rows and columns.', 'grid(${1:2}, ${2:3}) ${3|row,column,cross|}') },
  Weighted: { weight: block('Nodes with weights.', 'weight ${1:2} of (${2:NODE} = ${3:1})') },
  ScopedQuorum: {
    local: block("A majority in the coordinator's region.", 'local majority'),
    each: block('A majority in each region.', 'each majority'),
  },
};
