/** The descriptor of each mechanism of the language, built or not. */
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

/** What a store promises for one of its partitions, by default the first: they differ only in where replicas stand. */
export function promisesOf(
  design: Design,
  store: Store,
  partition = design.partitions[store.partitions[0]!]!,
): Promises {
  return descriptorOf(store.mechanism.kind).promises(store.mechanism, { design, store, partition });
}
