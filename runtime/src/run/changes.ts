/** Runs that differ from their scenario: what of it a run does otherwise, and what of that found nothing to change. */

import type { Design } from '../design/design.ts';
import type { Action, Scenario } from '../design/scenario.ts';
import { reseed } from '../kernel/random.ts';
import { type Simulation, schedule } from '../kernel/simulation.ts';
import type { Change } from '../trace/changes.ts';

export interface Deviations {
  /** Whether the fault of this text that would begin now is left out. */
  leavesOut(nowNs: number, text: string): boolean;
  /** The copy of a message being sent that is to be lost, from 0; -1: none. */
  loses(nowNs: number, from: string, to: string, type: string): number;
  /** Changes that found nothing: the run is not what was asked for. */
  unmet(): readonly Change[];
}

/** The scenario with the faults that are added to it. */
export function withAdded(design: Design, scenario: Scenario, changes: readonly Change[]): Scenario {
  const { at } = scenario;
  const added = changes.flatMap((change): Action[] => {
    if (change.kind !== 'with') return [];
    const node = design.nodes.find(({ name }) => name === change.node);
    if (node === undefined) return [];
    const targets = [{ at, kind: 'nodes' as const, text: node.name, nodes: [node.id] }];
    const verb =
      change.fault === 'crash'
        ? { kind: 'crash' as const, targets, losingDisk: false }
        : { kind: 'isolate' as const, targets };
    const text = `added: ${change.fault} ${node.name}`;
    return [{ at, trigger: { kind: 'at', ns: change.ns }, verb, forNs: null, text }];
  });
  return added.length === 0 ? scenario : { ...scenario, actions: [...scenario.actions, ...added] };
}

export function createDeviations(design: Design, changes: readonly Change[]): Deviations {
  const found = new Set<Change>();
  /** Of those that are alike, how many have been passed over. */
  const passed = new Map<Change, number>();
  const isDue = (change: Change & { readonly nth: number }): boolean => {
    const before = passed.get(change) ?? 0;
    passed.set(change, before + 1);
    if (before === change.nth) found.add(change);
    return before === change.nth;
  };
  return {
    // All of them count it, also after one has found what it was looking for.
    leavesOut: (nowNs, text) =>
      changes
        .filter(one => one.kind === 'without')
        .filter(one => one.atNs === nowNs && one.text === text)
        .filter(isDue).length > 0,
    loses: (nowNs, from, to, type) =>
      changes
        .filter(one => one.kind === 'drop')
        .filter(one => one.atNs === nowNs && one.type === type && one.from === from && one.to === to)
        .filter(isDue)[0]?.copy ?? -1,
    unmet: () =>
      changes.filter(change => {
        if (change.kind === 'with') return !design.nodes.some(({ name }) => name === change.node);
        return change.kind !== 'seed' && !found.has(change);
      }),
  };
}

/** From after their moment on, other seeds. Nothing that is due up to it, in whatever order, is touched. */
export function scheduleSeeds(sim: Simulation, changes: readonly Change[]): void {
  for (const change of changes)
    if (change.kind === 'seed') schedule(sim, change.atNs + 1, () => reseed(sim.streams, change.seed));
}
