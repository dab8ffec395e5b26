/**
 * Blocking: a transaction whose outcome a replica does not know, for longer than ten of its mechanism's timeouts, while a
 * majority of the group is up and connected with that replica. Looked at between slices of virtual time.
 */
import type { Store, Transaction } from '../design/store.ts';
import { isBlocked } from '../kernel/network.ts';
import { type GroupRun, type Member, nodeName, type Simulation } from '../kernel/simulation.ts';
import { declarationOf } from '../protocols/transactions.ts';
import { type Finding, holds, unknown, violated } from './state-checks.ts';

/** Timeouts of the mechanism after which something in doubt counts as blocked. */
export const blockedAfterTimeouts = 10;

export interface Doubt {
  readonly node: number;
  readonly id: string;
  readonly key: string;
  /** Operation of the history; -1: none is known. */
  readonly operation: number;
  readonly sinceNs: number;
  /** Trace row of what the node handled last while it was in doubt. */
  lastRow: number;
  /** How much of it a majority was up and connected. */
  countedNs: number;
}

/** How often to look, in ns: often enough that what is overlooked at both ends is little beside ten timeouts. */
export const lookEveryNs = (stores: readonly Store[], transactions: readonly Transaction[]): number =>
  Math.min(
    200_000_000,
    ...[...stores.map(({ mechanism }) => mechanism), ...transactions.map(({ commit }) => commit)].map(one =>
      'timeoutNs' in one ? Math.max(1_000_000, Math.floor(one.timeoutNs / 10)) : 200_000_000,
    ),
  );

/** What a member is in doubt about: by its own protocol, or as a participant of transactions over several groups. */
function* doubtsOf({ protocol, state }: Member): Iterable<Pick<Doubt, 'id' | 'key' | 'operation'>> {
  if (protocol.inDoubt !== undefined) yield* protocol.inDoubt(state);
  const prepared = protocol.machine?.(state).transactions.prepared ?? {};
  for (const [id, { steps, operation }] of Object.entries(prepared)) yield { id, key: steps[0]![1], operation };
}

/** The longest doubt about a transaction of this declaration in one of these partitions. */
export const longestDoubt = (
  { longest }: Blocking,
  partitions: readonly number[],
  transaction: string,
): Doubt | undefined =>
  partitions.flatMap(id => longest.get(`${id} ${transaction}`) ?? []).sort((a, b) => b.countedNs - a.countedNs)[0];

/** What has been in doubt, and for how long; one per run. */
export interface Blocking {
  /** To be called as time goes on: what lies between two calls counts if it was so at both ends. */
  look(sim: Simulation): void;
  /** The longest doubt of each partition, and of each declared transaction in it (`3 transfer`). */
  readonly longest: ReadonlyMap<number | string, Doubt>;
}

export function watchBlocking(): Blocking {
  const open = new Map<string, Doubt>();
  const longest = new Map<number | string, Doubt>();
  let before = -1;
  const lookAt = (sim: Simulation, run: GroupRun, seen: Set<string>) => {
    for (const member of run.members.values()) {
      const { node, state, protocol, lastRow } = member;
      if (state === undefined || node.paused || isRemoved(run, node.id)) continue;
      const counts = reachesMajority(sim, run, node.id);
      for (const { id, key, operation } of doubtsOf(member)) {
        const place = protocol.inDoubt !== undefined ? run.partition.id : `${run.partition.id} ${declarationOf(id)}`;
        const name = `${run.partition.id} ${node.id} ${id}`;
        seen.add(name);
        const known = open.get(name);
        const doubt = known ?? { node: node.id, id, key, operation, sinceNs: sim.now, lastRow, countedNs: 0 };
        if (known === undefined) open.set(name, doubt);
        else if (counts) known.countedNs += sim.now - before;
        doubt.lastRow = lastRow;
        if (doubt.countedNs > (longest.get(place)?.countedNs ?? -1)) longest.set(place, doubt);
      }
    }
  };
  return {
    longest,
    look(sim) {
      const seen = new Set<string>();
      for (const run of sim.groups)
        if (run?.protocol.inDoubt !== undefined || run?.protocol.machine !== undefined) lookAt(sim, run, seen);
      for (const name of [...open.keys()]) if (!seen.has(name)) open.delete(name);
      before = sim.now;
    },
  };
}

/** Who belongs to the group no more, as its latest leader knows, hears of nothing any more, and keeps nobody waiting. */
function isRemoved({ protocol, members }: GroupRun, node: number): boolean {
  if (protocol.members === undefined) return false;
  let leader: Member | undefined;
  for (const member of members.values())
    if (member.leads >= 0 && (leader === undefined || member.leads > leader.leads)) leader = member;
  return leader !== undefined && !protocol.members(leader.state).includes(node);
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
export function noBlocking(sim: Simulation, store: Store, longest: Blocking['longest'], originNs: number): Finding {
  const { mechanism } = store;
  if (!('timeoutNs' in mechanism) || sim.groups[store.partitions[0]!]!.protocol.inDoubt === undefined)
    return unknown(`"no blocking" is judged of stores that commit atomically, not of ${mechanism.kind}`);
  const limitNs = blockedAfterTimeouts * mechanism.timeoutNs;
  const doubts = store.partitions.flatMap(id => longest.get(id) ?? []);
  const worst = doubts.sort((a, b) => b.countedNs - a.countedNs)[0];
  if (worst === undefined) return holds('Nothing was ever seen in doubt.');
  const long = `${nodeName(sim, worst.node)} was in doubt about a write of ${worst.key} from ${ms(worst.sinceNs - originNs)} on, for ${ms(worst.countedNs)} with a majority up and connected`;
  if (worst.countedNs > limitNs) return violated(`${long}; ${ms(limitNs)} are allowed.`, ...witnessOf(worst));
  return holds(`At the longest, ${long}.`);
}

/** The operation whose outcome is not known, and the node when it still waited for it. */
export const witnessOf = ({ operation, lastRow }: Doubt): [operations: number[], events: number[]] => [
  operation < 0 ? [] : [operation],
  lastRow < 0 ? [] : [lastRow],
];

const ms = (ns: number): string => `${Math.round(ns / 1e6)} ms`;
