import type { ThreePhaseCommit } from '../../design/mechanism.ts';
import { commitPromises, isForgetful } from '../atomic-commit/promises.ts';
import type { Descriptor, Setting } from '../descriptor.ts';

/** Why participants can decide differently; undefined: they cannot. */
function diverges(options: ThreePhaseCommit, setting: Setting): string | undefined {
  const { design } = setting;
  if (options.onTimeout === 'discard')
    return 'a participant that times out when pre-committed discards what others commit';
  if (isForgetful(setting)) return 'votes are forgotten in a crash';
  if (design.faults.cutNs > 0) return 'a partition lets one side commit while the other aborts';
  if (design.links.some(link => (link.loss ?? 0) > 0)) return 'a message that is lost looks like a crash';
  if (design.faults.delayNs >= options.timeoutNs)
    return 'a message can be later than the timeout that stands for a crash';
  if (design.faults.pauseNs >= options.timeoutNs) return 'a node that stands still looks like one that has crashed';
  if (options.onTimeout === 'skeen' && design.faults.outageNs > 0)
    return 'a coordinator that crashes while it tells the others leaves some that commit and some that abort';
  return undefined;
}

export const threePhaseCommit: Descriptor<ThreePhaseCommit> = {
  kind: 'three-phase-commit',
  title: 'Three-phase commit',
  means: 'Two-phase commit with a pre-commit in between, so that nobody blocks when messages are never late.',
  source: 'Skeen, "Nonblocking Commit Protocols", 1981',
  durable: 'the state of each phase, before it is answered',
  promises: (options, setting) =>
    commitPromises(
      options,
      setting,
      diverges(options, setting),
      'messages are never late and the network never splits, so a timeout is a crash',
    ),
};
