import type { ThreePhaseCommit } from '../../design/mechanism.ts';
import type { Descriptor, Setting } from '../descriptor.ts';

/** Why participants can decide differently; undefined: they cannot. */
function diverges(options: ThreePhaseCommit, { design }: Setting): string | undefined {
  if (options.onTimeout === 'discard')
    return 'a participant that times out when pre-committed discards what others commit';
  if (design.faults.cutNs > 0) return 'a partition lets one side commit while the other aborts';
  if (design.faults.delayNs >= options.timeoutNs)
    return 'a message can be later than the timeout that stands for a crash';
  return undefined;
}

export const threePhaseCommit: Descriptor<ThreePhaseCommit> = {
  kind: 'three-phase-commit',
  title: 'Three-phase commit',
  means: 'Two-phase commit with a pre-commit in between, so that nobody blocks when messages are never late.',
  source: 'Skeen, "Nonblocking Commit Protocols", 1981',
  durable: 'the state of each phase, before it is answered',
  promises(options, setting) {
    const broken = diverges(options, setting);
    const safe = broken === undefined;
    return {
      consistency: safe ? 'linearizable' : 'eventual',
      why: broken ?? 'messages are never late and the network never splits, so a timeout is a crash',
      keepsAcknowledgedWrites: safe,
      singleWriter: true,
      converges: safe,
      compareAndSet: safe,
      read: { servedBy: 'coordinator', availability: 'leader-side' },
      write: {
        servedBy: 'coordinator',
        availability: 'every-replica',
      },
      takesOver: 'election',
    };
  },
};
