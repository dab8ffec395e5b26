import type { Raft } from '../../design/mechanism.ts';
import { canMiss, type Descriptor, laggingReads, type Promises, rateRatio, type Setting } from '../descriptor.ts';

/** Why these options make Raft lose its safety; undefined: they do not. */
function unsafe(options: Raft, { partition }: Setting): string | undefined {
  if (!options.durableVotes) return 'votes are forgotten in a crash, so a term can have two leaders';
  if (options.commitOldTerms) return 'entries of older terms are committed by counting, and can be overwritten';
  if (options.membership === 'unsafe') return 'members change without overlap of the old and the new majority';
  if (options.membership === 'single-early')
    return 'members change before the leader has committed an entry of its own term';
  const quorum = partition.quorums.quorum!;
  return canMiss(quorum, quorum) ? 'two quorums can have no member in common' : undefined;
}

function reads(options: Raft, setting: Setting): Pick<Promises, 'consistency' | 'why'> {
  const { read } = options;
  if (read.kind === 'local') {
    const why = 'local reads are not checked: a deposed leader or a lagging follower answers from the past';
    return { consistency: laggingReads(setting, false), why };
  }
  if (read.kind === 'lease' && read.ns * rateRatio(setting) >= options.electionTimeoutNs[0])
    return {
      consistency: laggingReads(setting, false),
      why: 'the lease can outlast an election: a new leader writes while the old one still reads',
    };
  return { consistency: 'linearizable', why: `writes commit by quorum and reads are checked (${read.kind})` };
}

export const raftDescriptor: Descriptor<Raft> = {
  kind: 'raft',
  title: 'Raft',
  means: 'An elected leader orders all writes in a log; an entry counts once a quorum has it.',
  source: 'Ongaro, "Consensus: Bridging Theory and Practice", 2014: §3.6 (safety), §6.4 (reads), §6.4.1 (leases)',
  durable: 'term, vote and log, before any answer (§3.8)',
  notes: [
    [
      'Reads of a workload',
      'With `read local` a workload is answered by the leader, unchecked; with `read local from any` by whichever replica it asks, from what that has. `read from leader` goes the store’s safe way, or by read-index where the store itself reads locally from any. The store then promises no more than these reads get. How many replicas a write waits for is the group’s own.',
    ],
  ],
  overridden(options, { read, write }) {
    const { from, local, quorum } = read;
    if (write.quorum !== null) return { part: 'write', why: 'raft commits by its own quorum: leave it out' };
    if (quorum !== null) return { part: 'quorum', why: 'a leader of raft asks its own quorum: leave it out' };
    if (from === 'followers' || from === 'nearest')
      return {
        part: 'from',
        why: 'in raft the leader answers, or any replica does: read local from any, with session nearest',
      };
    if (from === 'any' && !local && !options.readFromAny)
      return { part: 'from', why: 'replicas of raft that do not lead answer unchecked: read local from any' };
    if (from === 'any') return { options: { ...options, read: { kind: 'local' }, readFromAny: true } };
    if (local) return { options: { ...options, read: { kind: 'local' }, readFromAny: false } };
    // The store's own leaders would answer unchecked too: whoever asks for the leader wants the latest.
    return { options: options.readFromAny ? { ...options, read: { kind: 'index' }, readFromAny: false } : options };
  },
  promises(options, setting) {
    const broken = unsafe(options, setting);
    return {
      ...(broken === undefined ? reads(options, setting) : { consistency: 'eventual', why: broken }),
      keepsAcknowledgedWrites: broken === undefined,
      singleWriter: broken === undefined,
      converges: broken === undefined,
      compareAndSet: broken === undefined,
      read: {
        servedBy: options.readFromAny ? 'any replica' : 'leader',
        availability: options.readFromAny ? 'total' : 'majority',
      },
      write: { servedBy: 'leader', availability: 'majority' },
      takesOver: 'election',
    };
  },
};
