import type { EPaxos } from '../../design/mechanism.ts';
import type { Quorum } from '../../design/quorum.ts';
import type { Descriptor } from '../descriptor.ts';

/** F + ⌊(F + 1) / 2⌋ of 2F + 1: the fast path's quorum, the command leader included. */
export function fastPathQuorum(replicas: number): number {
  const f = Math.floor((replicas - 1) / 2);
  return f + Math.floor((f + 1) / 2);
}

export const epaxos: Descriptor<EPaxos> = {
  kind: 'epaxos',
  title: 'EPaxos',
  means: 'Every replica leads its own commands; those that do not interfere commit in one round trip.',
  source:
    'Moraru, Andersen and Kaminsky, "There Is More Consensus in Egalitarian Parliaments", SOSP 2013; Ryabinin et al. 2025',
  durable: 'every command and its dependencies, before they are answered',
  promises(_options, { partition }) {
    const { replicas, quorums } = partition;
    const fast: Quorum = quorums.fast ?? { kind: 'nodes', need: fastPathQuorum(replicas.length), of: replicas };
    const operation = { servedBy: 'any replica', availability: 'majority' } as const;
    const isSmall = fast.kind === 'nodes' && fast.need < fastPathQuorum(replicas.length);
    return {
      consistency: isSmall ? 'eventual' : 'linearizable',
      why: isSmall
        ? 'the fast path can commit what a recovery cannot find'
        : 'interfering commands are executed in one order everywhere',
      keepsAcknowledgedWrites: !isSmall,
      singleWriter: false,
      converges: !isSmall,
      compareAndSet: !isSmall,
      read: operation,
      write: operation,
      takesOver: 'not needed',
    };
  },
};
