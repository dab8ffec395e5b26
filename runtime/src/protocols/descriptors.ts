/** The descriptor of each mechanism of the language, built or not. */
import { implies } from '../design/consistency.ts';
import type { Design } from '../design/design.ts';
import type { Mechanism, MechanismKind } from '../design/mechanism.ts';
import type { Store } from '../design/store.ts';
import { chain } from './chain/descriptor.ts';
import type { Descriptor, Promises } from './descriptor.ts';
import { epaxos } from './epaxos/descriptor.ts';
import { leaderless } from './leaderless/descriptor.ts';
import { multiLeader } from './multi-leader/descriptor.ts';
import { oneCopy } from './one-copy/descriptor.ts';
import { cheapPaxos, fastPaxos, flexiblePaxos, multiPaxos, paxos } from './paxos/descriptor.ts';
import { raftDescriptor } from './raft/descriptor.ts';
import { singleLeaderDescriptor } from './single-leader/descriptor.ts';
import { threePhaseCommit } from './three-phase-commit/descriptor.ts';
import { twoPhaseCommit } from './two-phase-commit/descriptor.ts';

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

/**
 * What a store promises for one of its partitions, by default the first: they differ only in where replicas stand.
 * Caches of its clients take from it what they cannot keep.
 */
export function promisesOf(
  design: Design,
  store: Store,
  partition = design.partitions[store.partitions[0]!]!,
): Promises {
  const promises = descriptorOf(store.mechanism.kind).promises(store.mechanism, { design, store, partition });
  const cached = design.workloads.some(({ cacheNs, targets }) => cacheNs !== null && targets.includes(store.name));
  if (!cached || promises.consistency === 'eventual') return promises;
  return {
    ...promises,
    consistency: implies(promises.consistency, 'read-your-writes') ? 'read-your-writes' : 'eventual',
    why: 'clients answer reads from caches of their own, and hear nothing of what others write meanwhile',
  };
}
