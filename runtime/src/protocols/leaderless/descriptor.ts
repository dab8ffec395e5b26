import type { Leaderless } from '../../design/mechanism.ts';
import { smallestQuorum } from '../../design/quorum.ts';
import { canMiss, type Descriptor, hasSkew, type Promises, type Setting } from '../descriptor.ts';
import { whyNotTold } from './sibling-invariants.ts';

/** Some client of the store tries plain writes again that may have taken effect. */
const isRetried = ({ design, store }: Setting): boolean =>
  design.workloads.some(
    ({ targets, retries, mix }) =>
      retries > 0 &&
      targets.includes(store.name) &&
      mix.some(({ kind, on }) => (kind === 'write' || kind === 'delete') && (on === null || on === store.name)),
  );

function ceiling(options: Leaderless, setting: Setting): Pick<Promises, 'consistency' | 'why'> {
  const { read, write } = setting.partition.quorums;
  const { resolve } = options;
  const isSiblings = resolve.kind === 'siblings';
  const isLamport = isSiblings ? resolve.by === 'lamport' : resolve.clock === 'lamport';
  if (options.sloppy)
    return { consistency: 'eventual', why: 'a sloppy quorum may be gathered from stand-ins that reads do not ask' };
  if (canMiss(read!, write!))
    return {
      consistency: 'eventual',
      why: `a read of ${smallestQuorum(read!)} and a write of ${smallestQuorum(write!)} need not share a replica`,
    };
  if (isSiblings && setting.store.model === 'set')
    return {
      consistency: 'eventual',
      why: 'clients merge sets: of two reads at once each may see an addition that the other does not',
    };
  if (isSiblings && isLamport && resolve.per === 'client')
    return {
      consistency: 'eventual',
      why: 'a client that has not read stamps its write below those that stand there, and it is dropped',
    };
  if (options.cas === 'local')
    return {
      consistency: 'eventual',
      why: 'a compare-and-set looks at the coordinator’s copy alone: two may both succeed',
    };
  if (isRetried(setting))
    return {
      consistency: 'eventual',
      why: 'a write that a client tries again is stamped anew, and comes back after a later one that had replaced it',
    };
  const isCounted = !isSiblings || resolve.per === 'server';
  if (options.readWriteBack && !canMiss(write!, write!) && isCounted)
    return { consistency: 'linearizable', why: 'majorities, and reads write back what they found before they return' };
  if (isLamport && !options.readWriteBack)
    return {
      consistency: 'eventual',
      why: 'a node that has not heard of a write stamps a later one below it, and it is dropped',
    };
  if (!isLamport && hasSkew(setting) && !(options.readWriteBack && isCounted))
    return {
      consistency: 'eventual',
      why: isSiblings
        ? 'clocks differ, so of siblings clients may prefer the earlier one'
        : 'clocks differ, so a later write can carry the lower stamp and be dropped',
    };
  return {
    consistency: 'regular',
    why: 'reads meet every acknowledged write, but two reads during a write may see the new value and then the old one',
  };
}

const notes: Descriptor['notes'] = [
  [
    'Siblings',
    [
      'With `resolve siblings` a write replaces what its client had been told of, and nothing else: what others wrote meanwhile stands beside it. An answer gives the client everything that stands side by side, with a context, which its session sends along when it writes the key again. Of a `set` the client makes the union; of a `kv` entry or a `register` it goes on with the value that was stamped last. A `counter` and a `list` are refused: nobody can make one of two without counting or placing something twice.',
      '| by | per server | per client |',
      '| --- | --- | --- |',
      '| `vector` | of two writes through one server at once the second seems to have seen the first, which is lost | exact; an entry for every client that ever wrote |',
      '| `dotted-vector` | exact, with an entry per server | exact; an entry for every client that ever wrote |',
      '| `lamport` | of concurrent writes those with lower stamps are lost | likewise; who has not read stamps low |',
    ]
      .join('\n\n')
      .replace(/\|\n\n\|/g, '|\n|'),
  ],
  [
    'Compare-and-set',
    'With `cas paxos` the replicas of a key decide it by a round of Paxos, as lightweight transactions of Cassandra do. The change is made upon the write that stands there and gets the stamp next to its own, so that with `read-write-back on` and majorities reads, writes and changes together are one register. A client whose proposal may have been decided, but was overwritten before anybody could tell, hears that the outcome is unknown. With `cas local` the coordinator looks at its own copy alone: two may both succeed. Siblings and compare-and-set exclude each other, as it compares with one value.',
  ],
  [
    'Levels of a workload',
    [
      'A workload may ask for quorums of its own with each request, as the consistency levels of Cassandra and Riak do: `workload browse on carts { read one }`. Any quorum can stand there; `local one` and `local majority` are those of the coordinator’s region. With `read-write-back on` a read writes back by the `write` of its workload, and a write reads before by the `read` of it.',
      'A store promises what the weakest of the reads and writes that are used together are promised. Of three replicas a workload that says `read one` meets every write if all who write say `write all`; as soon as one of them writes to two, it does not.',
    ].join('\n\n'),
  ],
  [
    'Retries',
    'A compare-and-set by Paxos is recognised when an idempotent client tries it again, and so is a write whose versions are counted per client. Another write that is tried again is a write anew, with a later stamp: it may come back after one that had replaced it. Only an order of all writes could prevent that.',
  ],
];

export const leaderless: Descriptor<Leaderless> = {
  kind: 'leaderless',
  title: 'Leaderless replication',
  means: 'Whichever node a client asks coordinates: it writes to some replicas of the key and reads from some.',
  source:
    'Gifford 1979 (quorums); DeCandia et al., "Dynamo", SOSP 2007; Parker et al. 1983 and Preguiça et al., "Dotted Version Vectors", 2010 (siblings); Attiya, Bar-Noy and Dolev 1995 (write-back); Bailis et al., "Probabilistically Bounded Staleness", VLDB 2012, §3',
  durable: 'each write on the replicas whose acknowledgements count',
  notes,
  overridden(options, { read, write }) {
    if (read.from !== null)
      return { part: 'from', why: 'whoever is asked coordinates: session nearest or any says who that is' };
    if (read.local) return { part: 'local', why: 'nobody leads here: read local one asks in the coordinator’s region' };
    return { options: { ...options, read: read.quorum ?? options.read, write: write.quorum ?? options.write } };
  },
  promises(options, setting) {
    const { partition } = setting;
    const { read, write } = partition.quorums;
    const reading = ceiling(options, setting);
    const strict = !options.sloppy && !canMiss(read!, write!);
    const small = (size: number) => size <= 1;
    const availability =
      options.sloppy || (small(smallestQuorum(read!)) && small(smallestQuorum(write!))) ? 'total' : 'both-quorums';
    return {
      ...reading,
      keepsAcknowledgedWrites: strict && whyNotTold(options) === undefined,
      singleWriter: false,
      converges: options.antiEntropyNs !== null || options.readRepair,
      compareAndSet: options.cas === 'paxos',
      read: { servedBy: 'coordinator', availability },
      write: { servedBy: 'coordinator', availability },
      takesOver: 'not needed',
    };
  },
};
