/** The Paxos family: five ways to choose values by quorums of promises and of acceptances. */
import type { CheapPaxos, FastPaxos, FlexiblePaxos, MultiPaxos, Paxos } from '../../design/mechanism.ts';
import { type Quorum, smallestQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import {
  canMiss,
  type Descriptor,
  laggingReads,
  type OperationPromise,
  type Promises,
  rateRatio,
  type Setting,
} from '../descriptor.ts';

type Family = Paxos | MultiPaxos | FlexiblePaxos | FastPaxos | CheapPaxos;

/** Why these options make Paxos choose two values; undefined: they do not. */
function unsafe(options: Family, { design, partition }: Setting, quorums: string | undefined): string | undefined {
  const isVolatile = (node: NodeId) => design.nodes[node]!.disk.volatile;
  const forgets = !options.durablePromises || [...partition.replicas, ...partition.witnesses].some(isVolatile);
  if (forgets) return 'promises and acceptances are forgotten in a crash';
  if (options.adopt === 'first') return 'a proposer may adopt another value than the one with the highest ballot';
  return quorums;
}

/** What consensus gives, unless `quorums` says why the quorums do not. */
function promises(
  options: Family,
  setting: Setting,
  quorums: string | undefined,
  servedBy: OperationPromise['servedBy'],
  why = 'every read and write is a chosen value, and a quorum of each phase meets every quorum of the other',
): Promises {
  const broken = unsafe(options, setting, quorums);
  const operation = { servedBy, availability: 'majority' } as const;
  return {
    ...(broken === undefined ? { consistency: 'linearizable', why } : { consistency: 'eventual', why: broken }),
    keepsAcknowledgedWrites: broken === undefined,
    // Without a leader whoever is asked takes the write.
    singleWriter: broken === undefined && servedBy === 'leader',
    converges: broken === undefined,
    compareAndSet: broken === undefined,
    read: operation,
    write: operation,
    takesOver: 'election',
  };
}

const disjoint = (a: Quorum, b: Quorum, what: string): string | undefined =>
  canMiss(a, b) ? `${what} can have no acceptor in common` : undefined;

const durable = 'promises and acceptances, before they are answered (Lamport 2001, §2.4)';

export const paxos: Descriptor<Paxos> = {
  kind: 'paxos',
  title: 'Paxos',
  means: 'Proposers gather promises, then acceptances, from a quorum; one instance per key and write.',
  source: 'Lamport, "Paxos Made Simple", 2001, §2',
  durable,
  promises(options, setting) {
    const quorum = setting.partition.quorums.quorum!;
    return promises(options, setting, disjoint(quorum, quorum, 'two quorums'), 'any replica');
  },
};

/** Acceptors are patient for longer than a lease, by this part of it: clocks may differ by as much in rate. */
export const leaseMargin = 1 / 8;

export const multiPaxos: Descriptor<MultiPaxos> = {
  kind: 'multi-paxos',
  title: 'Multi-Paxos',
  means: 'A leader runs phase 1 once for a log of instances, and then needs one round trip per write.',
  source:
    'Lamport, "The Part-Time Parliament", 1998; van Renesse and Altinbuken, "Paxos Made Moderately Complex", 2015',
  durable,
  promises(options, setting) {
    const quorum = setting.partition.quorums.quorum!;
    const why = options.leaseNs === null ? undefined : 'the leader reads while its lease keeps others from leading';
    const promised = promises(options, setting, disjoint(quorum, quorum, 'two quorums'), 'leader', why);
    if (promised.consistency !== 'linearizable' || options.leaseNs === null) return promised;
    if (rateRatio(setting) <= 1 + leaseMargin) return promised;
    return {
      ...promised,
      consistency: laggingReads(setting, false),
      why: `clocks differ in rate by more than ${leaseMargin * 100} %, by which acceptors are patient beyond the lease: a new leader can write while the old one still reads`,
    };
  },
};

export const flexiblePaxos: Descriptor<FlexiblePaxos> = {
  kind: 'flexible-paxos',
  title: 'Flexible Paxos',
  means: 'Multi-Paxos whose quorums of the two phases may differ in size, as long as they meet.',
  source: 'Howard, Malkhi and Spiegelman, "Flexible Paxos", OPODIS 2016, §3',
  durable,
  promises(options, setting) {
    const { prepare, accept } = setting.partition.quorums;
    return promises(options, setting, disjoint(prepare!, accept!, 'a quorum of phase 1 and one of phase 2'), 'leader');
  },
};

/** Any classic quorum meets the intersection of any two fast ones (Lamport 2006, §3.4.1). */
function fastQuorumsMeet({ partition }: Setting): string | undefined {
  const n = partition.replicas.length + partition.witnesses.length;
  const classic = smallestQuorum(partition.quorums.classic!);
  const fast = smallestQuorum(partition.quorums.fast!);
  if (2 * classic <= n) return `two classic quorums of ${classic} of ${n} can have no acceptor in common`;
  if (2 * fast + classic <= 2 * n)
    return `two fast quorums of ${fast} and a classic one of ${classic} of ${n} can have no acceptor in common`;
  return undefined;
}

export const fastPaxos: Descriptor<FastPaxos> = {
  kind: 'fast-paxos',
  title: 'Fast Paxos',
  means: 'Clients send to the acceptors directly; larger quorums make up for the missing leader.',
  source: 'Lamport, "Fast Paxos", 2006, §3.4.1',
  durable,
  promises(options, setting) {
    return promises(options, setting, fastQuorumsMeet(setting), 'any replica');
  },
};

export const cheapPaxos: Descriptor<CheapPaxos> = {
  kind: 'cheap-paxos',
  title: 'Cheap Paxos',
  means: 'Main acceptors do the work; auxiliary ones step in only while a failed main one is being removed.',
  source: 'Lamport and Massa, "Cheap Paxos", DSN 2004',
  durable,
  promises: (options, setting) => promises(options, setting, undefined, 'leader'),
};
