import type { TwoPhaseCommit } from '../../design/mechanism.ts';
import { commitPromises, isForgetful } from '../atomic-commit/promises.ts';
import type { Descriptor } from '../descriptor.ts';

export const twoPhaseCommit: Descriptor<TwoPhaseCommit> = {
  kind: 'two-phase-commit',
  title: 'Two-phase commit',
  means: 'A coordinator asks every replica to prepare, and commits when all have said yes.',
  source:
    'Gray, "Notes on Data Base Operating Systems", 1978; Gray and Lamport, "Consensus on Transaction Commit", 2006, §3',
  durable: 'prepared, before voting yes; the decision, before it is told (§3.1)',
  promises(options, setting) {
    const broken =
      !options.durableLog || isForgetful(setting)
        ? 'votes and decisions are forgotten in a crash'
        : options.onTimeout === 'block'
          ? undefined
          : `a participant in doubt decides alone (${options.onTimeout})`;
    return commitPromises(
      options,
      setting,
      broken,
      'a write is on every replica before it is acknowledged, under locks',
    );
  },
};
