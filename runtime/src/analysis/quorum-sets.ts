/**
 * Quorum systems written out: the minimal quorums as bit sets. What can be said without writing them out (dual,
 * resilience, availability of nested systems) stands in `quorum-structure` and `quorum-availability`.
 */
import { isQuorum, type Quorum, quorumNodes } from '../design/quorum.ts';
import type { NodeId } from '../design/topology.ts';
import { type Known, known, unknown } from './known.ts';

/** A set of nodes is an int32 with one bit per node, the sign bit unused. */
export const nodesMax = 30;
/** Most minimal quorums that are written out (any 7 of 14 are 3432, any 8 of 15 are 6435). */
export const quorumsMax = 10_000;

export interface QuorumSets {
  /** Bit i of a set stands for `nodes[i]`. */
  readonly nodes: readonly NodeId[];
  /** Minimal quorums: none contains another. Smallest first, each once. */
  readonly sets: readonly number[];
}

/** Sets of different sizes are compared each with each: beyond this many that takes too long. */
const comparedMax = 5000;

class TooMany extends Error {
  readonly figure = unknown(`too many quorums to be written out: at most ${quorumsMax} are`);
}

/** Number of bits set. */
export function sizeOf(set: number): number {
  let size = 0;
  for (let rest = set; rest !== 0; rest &= rest - 1) size++;
  return size;
}

/** The nodes of a set, in the order of `nodes`. */
export const membersOf = (set: number, nodes: readonly NodeId[]): NodeId[] =>
  nodes.filter((_, bit) => (set >> bit) & 1);

/** Whether a set of `nodes` contains a quorum. */
export function containsQuorum(quorum: Quorum, set: number, nodes: readonly NodeId[]): boolean {
  return isQuorum(quorum, node => {
    const bit = nodes.indexOf(node);
    return bit >= 0 && ((set >> bit) & 1) === 1;
  });
}

/**
 * All minimal quorums.
 * @param nodes the universe, in the order of the bits; the system's own nodes unless given
 * @returns unknown with more than `nodesMax` nodes or `quorumsMax` quorums
 */
export function minimalQuorums(quorum: Quorum, nodes: readonly NodeId[] = quorumNodes(quorum)): Known<QuorumSets> {
  if (nodes.length > nodesMax) {
    return unknown(`${nodes.length} nodes; quorums are written out for at most ${nodesMax}`);
  }
  try {
    const sets = setsOf(quorum, new Map(nodes.map((node, bit) => [node, 1 << bit])));
    return known({ nodes, sets });
  } catch (error) {
    if (error instanceof TooMany) return error.figure;
    throw error;
  }
}

type Bits = ReadonlyMap<NodeId, number>;

function setsOf(quorum: Quorum, bits: Bits): number[] {
  switch (quorum.kind) {
    case 'nodes':
      return choices(
        quorum.of.map(node => [bits.get(node)!]),
        quorum.need,
      );
    case 'combine':
      return choices(
        quorum.of.map(part => setsOf(part, bits)),
        quorum.need,
      );
    case 'weight':
      return heavyEnough(quorum.weights, quorum.need, bits);
  }
}

/** Unions of one set of each of `need` parts, minimal ones only. */
function choices(parts: readonly (readonly number[])[], need: number): number[] {
  if (need <= 0) return [0];
  if (need > parts.length) return [];
  // chosen[k]: unions of sets of k of the parts seen so far.
  const chosen: number[][] = [[0], ...Array.from({ length: need }, () => [])];
  for (const [seen, part] of parts.entries()) {
    for (let count = Math.min(need, seen + 1); count >= 1; count--) {
      // Fewer than this many cannot be completed any more.
      if (count + (parts.length - seen - 1) < need) break;
      const unions = [...chosen[count]!];
      for (const before of chosen[count - 1]!) {
        for (const set of part) unions.push(before | set);
        if (unions.length > quorumsMax * 4) throw new TooMany();
      }
      chosen[count] = minimal(unions);
      if (count === need && chosen[count]!.length > quorumsMax) throw new TooMany();
    }
  }
  return chosen[need]!;
}

/** Sets that contain no other, smallest first, each once. */
export function minimal(sets: readonly number[]): number[] {
  const sorted = [...new Set(sets)].map(set => [sizeOf(set), set] as const).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  // Sets of one size contain each other never.
  if (sorted.length === 0 || sorted[0]![0] === sorted.at(-1)![0]) return sorted.map(([, set]) => set);
  if (sorted.length > comparedMax) throw new TooMany();
  const kept: number[] = [];
  for (const [, set] of sorted) if (!kept.some(one => (one & set) === one)) kept.push(set);
  return kept;
}

/** Adding the heaviest first, a set that has just become heavy enough is minimal, and every minimal set is met once. */
function heavyEnough(weights: readonly (readonly [NodeId, number])[], need: number, bits: Bits): number[] {
  if (need <= 0) return [0];
  const sorted = weights.filter(([, weight]) => weight > 0).sort((a, b) => b[1] - a[1]);
  const rest = sorted.map((_, i) => sorted.slice(i).reduce((sum, [, weight]) => sum + weight, 0));
  const found: number[] = [];
  const extend = (from: number, set: number, sum: number): void => {
    for (let i = from; i < sorted.length && sum + rest[i]! >= need; i++) {
      const [node, weight] = sorted[i]!;
      const next = set | bits.get(node)!;
      if (sum + weight < need) extend(i + 1, next, sum + weight);
      else if (found.push(next) > quorumsMax) throw new TooMany();
    }
  };
  extend(0, 0, 0);
  return minimal(found);
}

/**
 * Minimal f-resilient quorums: sets that still contain a quorum when any `failures` of their nodes are taken away.
 * Whittaker et al., "Read-Write Quorum Systems Made Practical", PaPoC 2021, section 4.
 * @returns unknown beyond the limits; no sets when even all nodes together are not resilient enough
 */
export function resilientQuorums(
  quorum: Quorum,
  failures: number,
  nodes: readonly NodeId[] = quorumNodes(quorum),
): Known<QuorumSets> {
  if (failures === 0) return minimalQuorums(quorum, nodes);
  if (quorum.kind === 'nodes' && quorum.need > 0) {
    return minimalQuorums({ ...quorum, need: quorum.need + failures }, nodes);
  }
  // "Still a quorum without any one of its nodes", `failures` times over. Sets only grow, so all are found.
  const plain = minimalQuorums(quorum, nodes);
  if (!('value' in plain)) return plain;
  if (nodes.length > resilientNodesMax) {
    return unknown(`${nodes.length} nodes; resilient quorums are searched among at most ${resilientNodesMax}`);
  }
  // Nothing is left of a set when as many fail as it has.
  if (failures >= nodes.length) return known({ nodes, sets: [] });
  const isResilient = resilienceTable(plain.value.sets, nodes.length, failures);
  const sets: number[] = [];
  for (let set = 0; set < 1 << nodes.length; set++) {
    if (isResilient[set] === 0) continue;
    let isMinimal = true;
    for (let rest = set; rest !== 0 && isMinimal; rest &= rest - 1) isMinimal = isResilient[set ^ (rest & -rest)] === 0;
    if (isMinimal && sets.push(set) > quorumsMax) return new TooMany().figure;
  }
  return known({ nodes, sets: sets.sort((a, b) => sizeOf(a) - sizeOf(b) || a - b) });
}

/** Most nodes over all of whose subsets a table is made. */
export const resilientNodesMax = 20;

function resilienceTable(sets: readonly number[], nodes: number, failures: number): Uint8Array {
  let table = new Uint8Array(1 << nodes);
  for (const set of sets) table[set] = 1;
  // Upwards closed: a set with a quorum in it is one.
  for (let set = 0; set < table.length; set++) {
    for (let rest = set; rest !== 0 && table[set] === 0; rest &= rest - 1) table[set] = table[set ^ (rest & -rest)]!;
  }
  for (let round = 0; round < failures; round++) {
    const next = new Uint8Array(table.length);
    for (let set = 1; set < table.length; set++) {
      let all = 1;
      for (let rest = set; rest !== 0 && all === 1; rest &= rest - 1) all = table[set ^ (rest & -rest)]!;
      next[set] = all;
    }
    table = next;
  }
  return table;
}
