/** The descriptor of each mechanism of the language, built or not. */
import { implies } from '../design/consistency.ts';
import type { Design } from '../design/design.ts';
import type { Mechanism, MechanismKind } from '../design/mechanism.ts';
import type { Scenario } from '../design/scenario.ts';
import type { Partition, Store } from '../design/store.ts';
import { chain } from './chain/descriptor.ts';
import { byAvailability, canMiss, type Descriptor, type Promises } from './descriptor.ts';
import { epaxos } from './epaxos/descriptor.ts';
import { leaderless } from './leaderless/descriptor.ts';
import { multiLeader } from './multi-leader/descriptor.ts';
import { oneCopy } from './one-copy/descriptor.ts';
import { cheapPaxos, fastPaxos, flexiblePaxos, multiPaxos, paxos } from './paxos/descriptor.ts';
import { raftDescriptor } from './raft/descriptor.ts';
import { singleLeaderDescriptor } from './single-leader/descriptor.ts';
import { threePhaseCommit } from './three-phase-commit/descriptor.ts';
import { twoPhaseCommit } from './two-phase-commit/descriptor.ts';
import { differentUses, type Use, usesOf, useWords } from './uses.ts';

type Descriptors = { readonly [K in MechanismKind]: Descriptor<Extract<Mechanism, { kind: K }>> };

export const descriptors: Descriptors = {
  'one-copy': oneCopy,
  'single-leader': singleLeaderDescriptor,
  'multi-leader': multiLeader,
  leaderless,
  chain,
  raft: raftDescriptor,
  paxos,
  'multi-paxos': multiPaxos,
  'fast-paxos': fastPaxos,
  'cheap-paxos': cheapPaxos,
  'flexible-paxos': flexiblePaxos,
  'two-phase-commit': twoPhaseCommit,
  'three-phase-commit': threePhaseCommit,
  epaxos,
};

export const descriptorOf = (kind: MechanismKind): Descriptor => descriptors[kind] as unknown as Descriptor;

/** How a store is used, in the whole design or in a scenario. */
export const usesOfStore = (design: Design, store: Store, scenario?: Scenario): readonly Use[] =>
  usesOf(design, store, descriptorOf(store.mechanism.kind), scenario);

/**
 * What a store promises for one of its partitions, by default the first: they differ only in where replicas stand.
 * Requests that workloads want to be served otherwise, and caches of its clients, take from it what they cannot keep.
 * @param scenario whose workloads count; undefined: all
 */
export function promisesOf(
  design: Design,
  store: Store,
  partition = design.partitions[store.partitions[0]!]!,
  scenario?: Scenario,
): Promises {
  const promises = differentUses(usesOfStore(design, store, scenario))
    .map(use => promisesTo(use, design, partition))
    .reduce(weaker);
  const cached = design.workloads.some(({ cacheNs, targets }) => cacheNs !== null && targets.includes(store.name));
  if (!cached || promises.consistency === 'eventual') return promises;
  return {
    ...promises,
    consistency: implies(promises.consistency, 'read-your-writes') ? 'read-your-writes' : 'eventual',
    why: 'clients answer reads from caches of their own, and hear nothing of what others write meanwhile',
  };
}

/** What those are promised who read and write like that. */
export function promisesTo(use: Use, design: Design, partition: Partition): Promises {
  const { store } = use;
  const setting = { design, store, partition: use.partition(partition) };
  const promises = descriptorOf(store.mechanism.kind).promises(store.mechanism, setting);
  const words = useWords(use);
  const said = words === '' ? promises : { ...promises, why: `${promises.why} (${words})` };
  const { read, write } = setting.partition.quorums;
  // Whether writes are met is for those to say who write; what was only written back, a later read may miss.
  if (!use.isWriteBack || !canMiss(read!, write!)) return said;
  const why = `a read need not meet what another has written back (${words})`;
  return { ...said, consistency: 'regular', why, keepsAcknowledgedWrites: true };
}

/** What both promise. */
function weaker(a: Promises, b: Promises): Promises {
  const isWeaker = !implies(b.consistency, a.consistency);
  const ceiling: Pick<Promises, 'consistency' | 'why'> = !isWeaker
    ? a
    : implies(a.consistency, b.consistency)
      ? b
      : { consistency: 'eventual', why: `${a.why}; ${b.why}` };
  const served = (operation: 'read' | 'write') => {
    const rank = ({ availability }: Promises['read']) => byAvailability.indexOf(availability);
    return rank(b[operation]) > rank(a[operation]) ? b[operation] : a[operation];
  };
  return {
    consistency: ceiling.consistency,
    why: ceiling.why,
    keepsAcknowledgedWrites: a.keepsAcknowledgedWrites && b.keepsAcknowledgedWrites,
    singleWriter: a.singleWriter && b.singleWriter,
    converges: a.converges && b.converges,
    compareAndSet: a.compareAndSet && b.compareAndSet,
    read: served('read'),
    write: served('write'),
    takesOver: a.takesOver,
  };
}
