/** What the suites of leaderless replication have in common. */
import { constant, lognormal } from '../../../design/distribution.ts';
import type { Leaderless } from '../../../design/mechanism.ts';
import type { MixEntry } from '../../../design/scenario.ts';
import { nowhere } from '../../../design/source.ts';
import type { Sketch } from '../../../testing/design.ts';
import { allFaults, chaosOf } from '../../../testing/faults.ts';
import { runSketch } from '../../../testing/runs.ts';
import type { AnyProtocol } from '../../contract.ts';
import { leaderlessProtocol } from '../leaderless.ts';
import type { LeaderlessIo, LeaderlessMessage, LeaderlessState } from '../state.ts';

export const leaderlessOptions = (changes: Partial<Leaderless> = {}): Leaderless => ({
  kind: 'leaderless',
  read: { kind: 'majority' },
  write: { kind: 'majority' },
  sloppy: false,
  hintedHandoffNs: 3_600_000_000_000,
  readRepair: true,
  readWriteBack: false,
  antiEntropyNs: 500_000_000,
  resolve: { kind: 'last-write-wins', clock: 'hybrid' },
  tombstonesNs: 864_000_000_000_000,
  cas: 'refuse',
  ...changes,
});

export const run = (wanted: Sketch, seed: number, options: Partial<Leaderless> = {}, protocol?: AnyProtocol) =>
  runSketch({ ...wanted, mechanism: leaderlessOptions(options) }, seed, protocol);

/** Everything that can go wrong on the way, and nodes that crash, pause and are cut off. */
export const everything: Sketch = allFaults(5_000, 5_000);

export const mixOf = (...shares: readonly (readonly [kind: MixEntry['kind'], share: number])[]): MixEntry[] =>
  shares.map(([kind, share]) => ({ at: nowhere, kind, share, on: null, by: null }));

/** Few keys, deletions, replicas that restart all the time. */
export const storm: Sketch = {
  latency: lognormal(2_000_000, 0.8),
  fsync: constant(3_000_000),
  workload: {
    clients: 9,
    timeoutNs: 400_000_000,
    keys: { count: 3, choice: 'uniform' },
    mix: mixOf(['read', 0.5], ['write', 0.4], ['delete', 0.1]),
  },
  forNs: 3_000_000_000,
  settleNs: 2_000_000_000,
  chaos: [chaosOf(0, 3_000, ['crash', 2, 60], ['cut', 2, 80])],
};

export const receiving = (
  change: (state: LeaderlessState, m: LeaderlessMessage, io: LeaderlessIo) => LeaderlessMessage,
): AnyProtocol => ({
  ...leaderlessProtocol,
  receive: (state: LeaderlessState, from, m: LeaderlessMessage, io) =>
    leaderlessProtocol.receive(state, from, change(state, m, io as LeaderlessIo), io as LeaderlessIo),
});
