/**
 * Blocking: a transaction whose outcome a replica does not know, for longer than ten of its mechanism's timeouts, while a
 * majority of the group is up and connected with that replica. Looked at between slices of virtual time.
 */
import type { Store } from '../design/store.ts';
import { isBlocked } from '../kernel/network.ts';
import { type GroupRun, nodeName, type Simulation } from '../kernel/simulation.ts';
import { type Finding, holds, unknown, violated } from './state-checks.ts';

/** Timeouts of the mechanism after which something in doubt counts as blocked. */
export const blockedAfterTimeouts = 10;

interface Doubt {
  readonly node: number;
  readonly id: string;
  readonly key: string;
  readonly sinceNs: number;
  /** How much of it a majority was up and connected. */
  countedNs: number;
}

/** How often to look, in ns: often enough that what is overlooked at both ends is little beside ten timeouts. */
export const lookEveryNs = (stores: readonly Store[]): number =>
  Math.min(
    200_000_000,
    ...stores.map(({ mechanism }) =>
      'timeoutNs' in mechanism ? Math.max(1_000_000, Math.floor(mechanism.timeoutNs / 10)) : 200_000_000,
    ),
  );

/** What has been in doubt, and for how long; one per run. */
export interface Blocking {
  /** To be called as time goes on: what lies between two calls counts if it was so at both ends. */
  look(sim: Simulation): void;
  /** The longest doubt of each partition. */
  readonly longest: ReadonlyMap<number, Doubt>;
}

export function watchBlocking(): Blocking {
  const open = new Map<string, Doubt>();
  const longest = new Map<number, Doubt>();
  let before = -1;
  const lookAt = (sim: Simulation, run: GroupRun, seen: Set<string>) => {
    for (const { node, state, protocol } of run.members.values()) {
      if (state === undefined || node.paused || protocol.inDoubt === undefined) continue;
      const counts = reachesMajority(sim, run, node.id);
      for (const { id, key } of protocol.inDoubt(state)) {
        const name = `${run.partition.id} ${node.id} ${id}`;
        seen.add(name);
        const known = open.get(name);
        if (known === undefined) open.set(name, { node: node.id, id, key, sinceNs: sim.now, countedNs: 0 });
        else if (counts) known.countedNs += sim.now - before;
        const doubt = open.get(name)!;
        if (doubt.countedNs > (longest.get(run.partition.id)?.countedNs ?? -1)) longest.set(run.partition.id, doubt);
      }
    }
  };
  return {
    longest,
    look(sim) {
      const seen = new Set<string>();
      for (const run of sim.groups) if (run?.protocol.inDoubt !== undefined) lookAt(sim, run, seen);
      for (const name of [...open.keys()]) if (!seen.has(name)) open.delete(name);
      before = sim.now;
    },
  };
}

/** Whether more than half of the group, this node among them, is up and not cut off from it. */
function reachesMajority(sim: Simulation, run: GroupRun, from: number): boolean {
  const nodes = [...run.partition.replicas, ...run.partition.witnesses];
  const reached = nodes.filter(node => {
    const { up, paused } = sim.nodes[node]!;
    return (
      up && !paused && (node === from || (!isBlocked(sim.network, from, node) && !isBlocked(sim.network, node, from)))
    );
  });
  return 2 * reached.length > nodes.length;
}

/** @param longest of `watchBlocking` */
export function noBlocking(
  sim: Simulation,
  store: Store,
  longest: ReadonlyMap<number, Doubt>,
  originNs: number,
): Finding {
  const { mechanism } = store;
  if (!('timeoutNs' in mechanism) || sim.groups[store.partitions[0]!]!.protocol.inDoubt === undefined)
    return unknown(`"no blocking" is judged of stores that commit atomically, not of ${mechanism.kind}`);
  const limitNs = blockedAfterTimeouts * mechanism.timeoutNs;
  const doubts = store.partitions.flatMap(id => longest.get(id) ?? []);
  const worst = doubts.sort((a, b) => b.countedNs - a.countedNs)[0];
  if (worst === undefined) return holds('Nothing was ever seen in doubt.');
  const long = `${nodeName(sim, worst.node)} was in doubt about a write of ${worst.key} from ${ms(worst.sinceNs - originNs)} on, for ${ms(worst.countedNs)} with a majority up and connected`;
  if (worst.countedNs > limitNs) return violated(`${long}; ${ms(limitNs)} are allowed.`);
  return holds(`At the longest, ${long}.`);
}

const ms = (ns: number): string => `${Math.round(ns / 1e6)} ms`;
