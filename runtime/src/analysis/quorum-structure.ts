/** What a quorum system guarantees: its dual, how many losses it bears, whom it cannot do without, whom it always meets. */
import { isQuorum, type Quorum, quorumNodes, smallestQuorum } from '../design/quorum.ts';
import type { NodeId } from '../design/topology.ts';
import { type Known, known, mapKnown, unknown } from './known.ts';
import { containsQuorum, membersOf, minimalQuorums, sizeOf } from './quorum-sets.ts';

/**
 * The dual system: its minimal quorums are the minimal sets that meet every quorum of `quorum`. Exact for every
 * system and every number of nodes: a threshold k of m turns into m - k + 1 of the duals of its parts, a weight of w
 * out of s into s - w + 1 (weights are integers).
 * Ibaraki and Kameda, "A theory of coteries", 1993; `dual()` of Quoracle (Whittaker et al., PaPoC 2021).
 */
export function dualOf(quorum: Quorum): Quorum {
  switch (quorum.kind) {
    case 'nodes':
      return { kind: 'nodes', need: quorum.of.length - quorum.need + 1, of: quorum.of };
    case 'combine':
      return { kind: 'combine', need: quorum.of.length - quorum.need + 1, of: quorum.of.map(dualOf) };
    case 'weight': {
      const sum = quorum.weights.reduce((total, [, weight]) => total + weight, 0);
      return { kind: 'weight', need: sum - quorum.need + 1, weights: quorum.weights };
    }
  }
}

/** Whether no node stands twice in the tree: then its parts are independent of each other. */
export function isReadOnce(quorum: Quorum): boolean {
  const seen = new Set<NodeId>();
  const visit = (one: Quorum): boolean => {
    if (one.kind === 'combine') return one.of.every(visit);
    return quorumNodes(one).every(node => seen.size < seen.add(node).size);
  };
  return visit(quorum);
}

/** Size of the smallest quorum; Infinity when there is none. Exact, or unknown for large systems that name nodes twice. */
export function sizeOfSmallest(quorum: Quorum): Known<number> {
  if (isReadOnce(quorum)) return known(smallestQuorum(quorum));
  return mapKnown(minimalQuorums(quorum), ({ sets }) =>
    sets.length === 0 ? Number.POSITIVE_INFINITY : sizeOf(sets[0]!),
  );
}

/**
 * The largest number of nodes of which any may be lost while a quorum remains; -1 when there is no quorum to begin
 * with, Infinity when the empty set is one. One less than the smallest set that meets every quorum.
 */
export const resilienceOf = (quorum: Quorum): Known<number> =>
  mapKnown(sizeOfSmallest(dualOf(quorum)), smallest => smallest - 1);

/** Nodes that are in every quorum: the loss of one of them alone leaves none. */
export const indispensable = (quorum: Quorum): readonly NodeId[] =>
  quorumNodes(quorum).filter(lost => !isQuorum(quorum, node => node !== lost));

export interface DisjointPair {
  readonly first: readonly NodeId[];
  readonly second: readonly NodeId[];
}

/**
 * A quorum of `first` and one of `second` that share no node; null when every two meet.
 * @returns unknown when neither system can be written out
 */
export function disjointPair(first: Quorum, second: Quorum): Known<DisjointPair | null> {
  if (first.kind === 'nodes' && second.kind === 'nodes') return known(disjointThresholds(first, second));
  const written = minimalQuorums(first);
  if ('value' in written) return known(pairWith(written.value, second));
  const other = minimalQuorums(second);
  if (!('value' in other)) return unknown(written.unknown);
  const pair = pairWith(other.value, first);
  return known(pair && { first: pair.second, second: pair.first });
}

type Threshold = Extract<Quorum, { kind: 'nodes' }>;

/** Each takes first what the other cannot: then too few are left if and only if they always meet. */
function disjointThresholds(first: Threshold, second: Threshold): DisjointPair | null {
  if (first.need > first.of.length || second.need > second.of.length) return null;
  const takeOwnFirst = (own: Threshold, other: Threshold): NodeId[] =>
    [...own.of.filter(node => !other.of.includes(node)), ...own.of.filter(node => other.of.includes(node))].slice(
      0,
      Math.max(0, own.need),
    );
  const a = takeOwnFirst(first, second);
  const left = second.of.filter(node => !a.includes(node));
  return left.length < second.need ? null : { first: a, second: left.slice(0, Math.max(0, second.need)) };
}

function pairWith(
  { nodes, sets }: { nodes: readonly NodeId[]; sets: readonly number[] },
  other: Quorum,
): DisjointPair | null {
  const position = new Map(nodes.map((node, bit) => [node, bit]));
  for (const set of sets) {
    const isFree = (node: NodeId): boolean => ((set >> (position.get(node) ?? 31)) & 1) === 0;
    if (!isQuorum(other, isFree)) continue;
    return { first: membersOf(set, nodes), second: shrink(other, quorumNodes(other).filter(isFree)) };
  }
  return null;
}

/** A minimal quorum within `nodes`, which contain one. */
function shrink(quorum: Quorum, nodes: readonly NodeId[]): readonly NodeId[] {
  const kept = new Set(nodes);
  for (const node of [...nodes].reverse()) {
    kept.delete(node);
    if (!isQuorum(quorum, one => kept.has(one))) kept.add(node);
  }
  return [...kept].sort((a, b) => a - b);
}

/** Whether `set` (bits of `nodes`) meets every quorum: what the quorums of the dual are. */
export const meetsAll = (quorum: Quorum, set: number, nodes: readonly NodeId[]): boolean =>
  !containsQuorum(quorum, ~set, nodes);
