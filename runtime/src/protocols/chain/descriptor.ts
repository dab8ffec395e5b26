import type { Chain } from '../../design/mechanism.ts';
import { type Descriptor, laggingReads } from '../descriptor.ts';

export const chain: Descriptor<Chain> = {
  kind: 'chain',
  title: 'Chain replication',
  means: 'Writes pass from the head through every replica to the tail, which answers reads.',
  source: 'van Renesse and Schneider, "Chain Replication for Supporting High Throughput and Availability", OSDI 2004',
  durable: 'each write on every replica of the chain before the tail answers',
  notes: [
    [
      'Reads of a workload',
      'A workload may say `read from any` for its own reads, as the store may for all. The store then promises no more than these reads get.',
    ],
  ],
  overridden(options, { read, write }) {
    if (write.quorum !== null) return { part: 'write', why: 'every replica of a chain takes a write: leave it out' };
    if (read.quorum === null && !read.local && read.from === 'any') return { options: { ...options, read: 'any' } };
    return {
      part: read.quorum !== null ? 'quorum' : read.local ? 'local' : 'from',
      why: 'in a chain the tail answers, or any replica does: read from any, or leave it out',
    };
  },
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
