import type { Leaderless } from '../../design/mechanism.ts';
import { smallestQuorum } from '../../design/quorum.ts';
import { canMiss, type Descriptor, hasSkew, type Promises, type Setting } from '../descriptor.ts';
import { whyNotTold } from './sibling-invariants.ts';

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

export const leaderless: Descriptor<Leaderless> = {
  kind: 'leaderless',
  title: 'Leaderless replication',
  means: 'Whichever node a client asks coordinates: it writes to some replicas of the key and reads from some.',
  source:
    'Gifford 1979 (quorums); DeCandia et al., "Dynamo", SOSP 2007; Parker et al. 1983 and Preguiça et al., "Dotted Version Vectors", 2010 (siblings); Attiya, Bar-Noy and Dolev 1995 (write-back); Bailis et al., "Probabilistically Bounded Staleness", VLDB 2012, §3',
  durable: 'each write on the replicas whose acknowledgements count',
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
