import type { Chain } from '../../design/mechanism.ts';
import { type Descriptor, laggingReads } from '../descriptor.ts';

export const chain: Descriptor<Chain> = {
  kind: 'chain',
  title: 'Chain replication',
  means: 'Writes pass from the head through every replica to the tail, which answers reads.',
  source: 'van Renesse and Schneider, "Chain Replication for Supporting High Throughput and Availability", OSDI 2004',
  durable: 'each write on every replica of the chain before the tail answers',
  promises(options, setting) {
    const alone = options.master === null;
    const fromTail = options.read === 'tail';
    return {
      consistency: fromTail ? 'linearizable' : laggingReads(setting, true),
      why: fromTail
        ? 'the tail answers reads, and has seen every acknowledged write'
        : 'a replica before the tail may show what is not acknowledged yet, one behind may lag',
      keepsAcknowledgedWrites: true,
      singleWriter: true,
      converges: true,
      compareAndSet: true,
      read: {
        servedBy: fromTail ? 'tail' : 'any replica',
        availability: fromTail ? 'none' : 'total',
      },
      write: {
        servedBy: 'head',
        availability: 'none',
      },
      takesOver: alone ? 'nobody' : 'reconfiguration',
    };
  },
};
