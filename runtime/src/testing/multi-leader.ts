/** Multi-leader replication for tests: options, storms, and what is wrong with a run. */
import { constant, lognormal } from '../design/distribution.ts';
import type { ConflictPolicy, MultiLeader } from '../design/mechanism.ts';
import { nowhere } from '../design/source.ts';
import type { AnyProtocol } from '../protocols/contract.ts';
import type { Executed } from '../run/execute.ts';
import { lostUpdates, lostWrites } from '../run/state-checks.ts';
import type { Sketch } from './design.ts';
import { allFaults, chaosOf } from './faults.ts';
import { brokenIn, replicasAgree, runSketch } from './runs.ts';

/** Of five nodes all are leaders, unless told otherwise. */
export const multiLeaderOptions = (conflicts: ConflictPolicy, changes: Partial<MultiLeader> = {}): MultiLeader => ({
  kind: 'multi-leader',
  mode: 'asynchronous',
  leaders: [0, 1, 2, 3, 4],
  conflicts,
  ...changes,
});

/** Everything goes wrong that can, without clocks. */
export const everything: Sketch = allFaults(4_000, 6_000);

/** Few keys, many writers, replicas that restart and stand still all the time. */
export const storm: Sketch = {
  nodes: 5,
  loss: 0.02,
  latency: lognormal(2_000_000, 0.8),
  fsync: constant(3_000_000),
  workload: { clients: 9, timeoutNs: 400_000_000, keys: { count: 3, choice: 'uniform' } },
  forNs: 3_000_000_000,
  settleNs: 3_000_000_000,
  chaos: [chaosOf(0, 3_000, ['crash', 2, 150], ['cut', 1, 200], ['pause', 1, 400])],
};

export const mix = (
  ...shares: readonly (readonly ['read' | 'write' | 'add' | 'increment' | 'cas' | 'delete', number])[]
) => shares.map(([kind, share]) => ({ at: nowhere, kind, share, on: null, by: null }));

export const runLeaders = (
  wanted: Sketch,
  seed: number,
  conflicts: ConflictPolicy,
  changes: Partial<MultiLeader> = {},
  protocol?: AnyProtocol,
): Executed => runSketch({ ...wanted, mechanism: multiLeaderOptions(conflicts, changes) }, seed, protocol);

/** Invariants that the options promise, and what else is to be kept: copies that are equal, writes, updates. */
export function wrongIn(executed: Executed, keeps: readonly ('copies' | 'updates' | 'writes')[]): string[] {
  const [store] = executed.stores;
  const { protocol, group } = executed.sim.groups[0]!;
  const isPromised = (name: string) =>
    protocol.invariants.some(one => one.name === name && one.givenUp(store!.mechanism, group) === undefined);
  const told = (name: string, { verdict, why }: { verdict: string; why: string }) =>
    verdict === 'holds' ? '' : `${name}: ${verdict}: ${why}`;
  return [
    ...brokenIn(executed).filter(text => isPromised(text.slice(0, text.indexOf(':')))),
    keeps.includes('copies') ? replicasAgree(executed).replace(/^holds$/, '') : '',
    keeps.includes('updates') ? told('updates', lostUpdates(executed, store!)) : '',
    keeps.includes('writes') ? told('writes', lostWrites(executed, store!)) : '',
  ].filter(text => text !== '');
}
