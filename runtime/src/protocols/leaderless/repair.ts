/** How replicas become equal without reads: hints are handed over, and Merkle trees are compared. */
import { hashKey } from '../../design/keys.ts';
import type { NodeId } from '../../design/topology.ts';
import { hasAll } from './cells.ts';
import { hashOf, isLeaf, LEAVES, leafOf } from './merkle.ts';
import type { Deed, LeaderlessIo, LeaderlessMessage, LeaderlessState, Stub } from './state.ts';
import { resendNs } from './state.ts';

type Of<T extends LeaderlessMessage['type']> = Extract<LeaderlessMessage, { type: T }>;

/** Hints handed over at once; the next ones follow when these are there. */
const hintsAtOnce = 16;

/** Gives what was kept for others to those that were heard lately, and tries the others with one of it. */
export function handOver(state: LeaderlessState, io: LeaderlessIo): void {
  const now = io.monotonicNs();
  const given: Record<NodeId, number> = {};
  for (const [id, { target, key, cell }] of Object.entries(state.hints)) {
    const isUp = now - (state.heardNs[target] ?? Number.NEGATIVE_INFINITY) < 2 * resendNs;
    given[target] = (given[target] ?? 0) + 1;
    if (given[target] > (isUp ? hintsAtOnce : 1)) continue;
    io.send(target, { type: 'store', key, cell, by: 0, hint: Number(id) });
  }
}

export function receiveHandedOver(state: LeaderlessState, hint: number, io: LeaderlessIo): void {
  const one = state.hints[hint];
  if (one === undefined) return;
  delete state.hints[hint];
  const deed: Deed = { kind: 'handed', key: one.key, came: one.cell, target: one.target };
  state.deeds.push(deed);
  io.persist({ kind: 'unhint', id: hint });
}

/**
 * Begins to compare with another replica. Each has its turn once before the first one has it again, in an order that is
 * another one for each node and each time: what one has then spreads as a rumour does (Demers et al. 1987, §1.3).
 */
export function compareWithNext(state: LeaderlessState, io: LeaderlessIo): void {
  const { self } = state.context;
  const others = state.homes.filter(node => node !== self);
  if (others.length === 0) return;
  const turn = Math.floor(state.peer / others.length);
  const lots = new Map(others.map(node => [node, hashKey(`${self} ${state.life} ${turn} ${node}`)]));
  others.sort((a, b) => lots.get(a)! - lots.get(b)! || a - b);
  io.send(others[state.peer++ % others.length]!, { type: 'compare', hashes: { 1: hashOf(state.leaves, 1) } });
}

/** Answers with the children of what differs, and with what stands in leaves that do. */
export function receiveCompare(state: LeaderlessState, from: NodeId, m: Of<'compare'>, io: LeaderlessIo): void {
  const hashes: Record<number, number> = {};
  const leaves: number[] = [];
  for (const [text, hash] of Object.entries(m.hashes)) {
    const node = Number(text);
    if (hashOf(state.leaves, node) === hash) continue;
    if (isLeaf(node)) leaves.push(node - LEAVES);
    else for (const child of [2 * node, 2 * node + 1]) hashes[child] = hashOf(state.leaves, child);
  }
  if (Object.keys(hashes).length > 0) io.send(from, { type: 'compare', hashes });
  if (leaves.length === 0) return;
  const of: Record<string, readonly Stub[]> = {};
  for (const [key, cell] of Object.entries(state.cells))
    if (leaves.includes(leafOf(key))) of[key] = cell.map(({ stamp, version }) => ({ stamp, version }));
  io.send(from, { type: 'versions', leaves, of });
}

/** Sends what is new there, and asks for what is new here. */
export function receiveVersions(state: LeaderlessState, from: NodeId, m: Of<'versions'>, io: LeaderlessIo): void {
  const { resolve } = state.context.options;
  const keys: string[] = [];
  for (const [key, theirs] of Object.entries(m.of)) if (!hasAll(resolve, state.cells[key], theirs)) keys.push(key);
  for (const [key, cell] of Object.entries(state.cells))
    if (m.leaves.includes(leafOf(key)) && !hasAll(resolve, m.of[key], cell))
      io.send(from, { type: 'repair', key, cell, by: 0 });
  if (keys.length > 0) io.send(from, { type: 'want', keys });
}

export function receiveWant(state: LeaderlessState, from: NodeId, { keys }: Of<'want'>, io: LeaderlessIo): void {
  for (const key of keys) {
    const cell = state.cells[key];
    if (cell !== undefined) io.send(from, { type: 'repair', key, cell, by: 0 });
  }
}
