import type { ConflictPolicy, MultiLeader } from '../../design/mechanism.ts';
import type { DataModel } from '../../design/store.ts';
import type { Descriptor, Promises } from '../descriptor.ts';

function ceiling(conflicts: ConflictPolicy, model: DataModel): Pick<Promises, 'consistency' | 'why' | 'converges'> {
  switch (conflicts.kind) {
    case 'none':
      return { consistency: 'eventual', why: 'nothing decides between concurrent writes', converges: false };
    case 'merge':
      return conflicts.type === 'lww-register'
        ? { consistency: 'eventual', why: 'of concurrent writes one is kept', converges: true }
        : { consistency: 'causal', why: 'replicas merge what they receive, in causal order', converges: true };
    case 'siblings':
      return conflicts.by === 'lamport'
        ? {
            consistency: 'eventual',
            why: 'Lamport stamps cannot tell concurrent writes from later ones',
            converges: true,
          }
        : model === 'set'
          ? {
              consistency: 'causal',
              why: 'concurrent writes are kept side by side until a client merges them',
              converges: true,
            }
          : {
              // Not causal memory: that the latest was there first is no order in which all can have come.
              consistency: 'causal-convergence',
              why: 'concurrent writes are kept side by side until a client merges them; until then the latest is read',
              converges: true,
            };
    case 'last-write-wins':
      return {
        consistency: 'eventual',
        why: 'of concurrent writes the one with the highest stamp is kept',
        converges: true,
      };
    case 'pessimistic-lock':
      return {
        consistency: 'eventual',
        why: conflicts.fencing
          ? 'writes take turns, but a leader may still read what it had before'
          : 'writes take turns, until a holder outlives its lease and nobody refuses it',
        converges: conflicts.fencing,
      };
    case 'optimistic-lock':
      return {
        consistency: 'eventual',
        why: 'versions are checked at writing; reads come from the leader at hand',
        converges: conflicts.check !== 'local',
      };
    case 'avoid':
      return {
        consistency: 'eventual',
        why: 'each value has one home; elsewhere reads lag behind it',
        // Writes of two homes stay in the order in which they come, if neither waits nor an epoch tells.
        converges: conflicts.onMove !== 'none',
      };
  }
}

export const multiLeader: Descriptor<MultiLeader> = {
  kind: 'multi-leader',
  title: 'Multi-leader replication',
  means: 'Several leaders take writes and exchange them; what to do about conflicts is a choice.',
  source:
    'Gray et al., "The Dangers of Replication and a Solution", SIGMOD 1996; Shapiro et al., "Conflict-free Replicated Data Types", 2011; Bailis et al., "Highly Available Transactions", 2013',
  durable: 'each write on the leader that takes it; with locks and versions by quorum, on a majority of the leaders',
  overridden: (_options, { read, write }) =>
    write.quorum !== null
      ? { part: 'write', why: 'a leader waits as the mode says (synchronous, asynchronous): leave it out' }
      : {
          part: read.quorum !== null ? 'quorum' : read.local ? 'local' : 'from',
          why: 'where several lead, whoever is asked answers from what it has: leave it out',
        },
  promises({ conflicts, mode }, { design, store, partition }) {
    const isSynchronous = mode === 'synchronous';
    const isVoted = conflicts.kind === 'optimistic-lock' && conflicts.check === 'quorum';
    const decides = conflicts.kind === 'pessimistic-lock' || isVoted;
    const hasHome = conflicts.kind === 'avoid' || (conflicts.kind === 'optimistic-lock' && conflicts.check === 'home');
    // Who grants a lock or agrees to a version acknowledges the write as well.
    const onMajority = isVoted || (conflicts.kind === 'pessimistic-lock' && conflicts.fencing);
    const isForgetful = partition.replicas.some(node => design.nodes[node]!.disk.volatile);
    const byAll = conflicts.kind === 'pessimistic-lock' && conflicts.grantedBy === 'all';
    const loses =
      conflicts.kind === 'none' ||
      conflicts.kind === 'last-write-wins' ||
      (conflicts.kind === 'merge' && conflicts.type === 'lww-register');
    const most = ceiling(conflicts, store.model);
    // Whoever changes the replica may find less than it has seen.
    const atReplicas = most.consistency !== 'eventual' ? 'sticky' : 'total';
    return {
      ...most,
      keepsAcknowledgedWrites: !loses && !isForgetful && (isSynchronous || onMajority),
      singleWriter: false,
      compareAndSet: false,
      read: {
        servedBy: 'any replica',
        availability: atReplicas,
      },
      write: {
        servedBy: 'leaders',
        availability:
          isSynchronous || byAll ? 'every-replica' : decides ? 'majority' : hasHome ? 'leader-side' : atReplicas,
      },
      takesOver: conflicts.kind === 'avoid' ? 'nobody' : 'not needed',
    };
  },
};
