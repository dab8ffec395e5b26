import type { OneCopy } from '../../design/mechanism.ts';
import type { Descriptor } from '../descriptor.ts';

export const oneCopy: Descriptor<OneCopy> = {
  kind: 'one-copy',
  title: 'One copy',
  means: 'Each key is on one node: nothing to agree on, and nothing left when that node is gone.',
  source: 'Herlihy and Wing 1990: a sequential object behind one door is linearizable',
  durable: 'each write',
  promises(_options, { design, partition }) {
    const operation = {
      servedBy: 'the copy',
      availability: 'none',
    } as const;
    const isVolatile = partition.replicas.some(node => design.nodes[node]!.disk.volatile);
    return {
      consistency: 'linearizable',
      why: 'one node serves all reads and writes of a key',
      keepsAcknowledgedWrites: !isVolatile,
      singleWriter: true,
      converges: true,
      compareAndSet: true,
      read: operation,
      write: operation,
      takesOver: 'nobody',
    };
  },
};
