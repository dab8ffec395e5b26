import type { SingleLeader } from '../../design/mechanism.ts';
import type { Quorum } from '../../design/quorum.ts';
import { type Descriptor, laggingReads, type Promises, rateRatio, type Setting } from '../descriptor.ts';
import { groupOf } from '../group.ts';
import { acknowledgedCopies, detectNs, promotionCanMiss } from './rules.ts';

const titles = {
  synchronous: 'Synchronous single-leader replication',
  'semi-synchronous': 'Semi-synchronous single-leader replication',
  asynchronous: 'Asynchronous single-leader replication',
} as const;

export const singleLeaderTitle = (mode: SingleLeader['mode']): string => titles[mode];

function ceiling(
  options: SingleLeader,
  setting: Setting,
  miss: string | undefined,
): Pick<Promises, 'consistency' | 'why'> {
  if (miss !== undefined) return { consistency: 'eventual', why: miss };
  if (options.failover.mode === 'automatic' && !options.failover.fencing)
    return { consistency: 'eventual', why: 'a replaced leader is not fenced off' };
  const weak = laggingReads(setting, options.failover.mode !== 'none');
  if (options.read !== 'leader')
    return { consistency: weak, why: `reads from ${options.read} may lag behind acknowledged writes` };
  if (options.leaderRead.kind === 'local' && options.failover.mode !== 'none')
    return { consistency: weak, why: 'a replaced leader answers from the past: its reads are not checked' };
  if (
    options.leaderRead.kind === 'lease' &&
    options.leaderRead.ns * rateRatio(setting) >= detectNs(options) &&
    options.failover.mode === 'automatic'
  )
    return { consistency: weak, why: 'the lease can outlast the detection of a failure: the old leader still reads' };
  return {
    consistency: 'linearizable',
    why: 'one leader, checked reads, and no promotion can miss an acknowledged write',
  };
}

/** The data copies that a write waits for, the leader among them. */
function copies(options: SingleLeader, { partition }: Setting): Quorum {
  const followers = partition.replicas.length - 1;
  return {
    kind: 'nodes',
    need: 1 + Math.min(followers, acknowledgedCopies(options, followers)),
    of: partition.replicas,
  };
}

export const singleLeaderDescriptor: Descriptor<SingleLeader> = {
  kind: 'single-leader',
  title: 'Single-leader replication',
  means: 'One leader takes all writes and ships them to its followers; when it fails, a follower is promoted.',
  source:
    'Budhiraja, Marzullo, Schneider and Toueg, "The Primary–Backup Approach", 1993; quorum intersection for promotions',
  durable: 'each write on the leader, and on as many followers as the mode waits for',
  notes: [
    [
      'Reads of a workload',
      'A workload may say `read from leader`, `followers`, `any` or `nearest` for its own reads, or `read local`: the leader, unchecked. The store then promises no more than these reads get. How many followers a write waits for is the mode’s, for all.',
    ],
  ],
  overridden(options, { read, write }) {
    const { from, local, quorum } = read;
    if (write.quorum !== null)
      return {
        part: 'write',
        why: 'the leader waits for as many followers as its mode says (semi-synchronous 1): leave it out',
      };
    if (quorum !== null)
      return { part: 'quorum', why: 'one replica answers: read from leader, followers, any or nearest' };
    if (from !== null && from !== 'leader') return { options: { ...options, read: from } };
    return { options: { ...options, read: 'leader', ...(local && { leaderRead: { kind: 'local' } }) } };
  },
  promises(options, setting) {
    const { partition, design, store } = setting;
    const { replicas } = partition;
    const group = groupOf(design, store, partition);
    const miss = promotionCanMiss(options, replicas, group);
    const isUnfenced = options.failover.mode === 'automatic' && !options.failover.fencing;
    const fromLeader = options.read === 'leader';
    const held = copies(options, setting);
    const drops = options.mode === 'synchronous' && options.onReplicaDown === 'drop';
    return {
      ...ceiling(options, setting, miss),
      keepsAcknowledgedWrites: miss === undefined && !isUnfenced,
      singleWriter: !isUnfenced || options.mode === 'synchronous',
      converges: options.rejoin !== 'keep' && options.log === 'global-ids',
      compareAndSet: miss === undefined && !isUnfenced,
      read: {
        servedBy: options.read === 'leader' ? 'leader' : options.read === 'followers' ? 'followers' : 'any replica',
        availability: fromLeader ? 'leader-side' : 'total',
      },
      write: {
        servedBy: 'leader',
        availability:
          held.kind === 'nodes' && held.need === replicas.length && replicas.length > 1 && !drops
            ? 'every-replica'
            : 'leader-side',
      },
      takesOver: options.failover.mode === 'automatic' ? 'promotion' : 'nobody',
    };
  },
};
