/** Whether the quorums of two systems always meet, and two that do not when they need not. */
import { isQuorum, type Quorum, quorumNodes } from './quorum.ts';
import type { NodeId } from './topology.ts';

/** Up to this many nodes every way of dividing them is tried; plain counts need no trying. */
export const overlapNodesMax = 16;

export type Overlap =
  | { readonly kind: 'always' }
  /** A quorum of each that have no node in common. */
  | { readonly kind: 'disjoint'; readonly a: readonly NodeId[]; readonly b: readonly NodeId[] }
  | { readonly kind: 'unknown'; readonly why: string };

/** Do each quorum of `a` and each of `b` share a node? (Gifford 1979: R + W > N, for any monotone system.) */
export function overlap(a: Quorum, b: Quorum): Overlap {
  if (a.kind === 'nodes' && b.kind === 'nodes') return overlapOfCounts(a, b);
  const nodes = [...new Set([...quorumNodes(a), ...quorumNodes(b)])];
  if (nodes.length > overlapNodesMax)
    return {
      kind: 'unknown',
      why: `quorums over ${nodes.length} nodes are more than are compared (${overlapNodesMax})`,
    };
  // Both are monotone: they can be disjoint exactly if some division of the nodes gives each a quorum.
  for (let half = 0; half < 1 << nodes.length; half++) {
    const inHalf = (node: NodeId) => (half & (1 << nodes.indexOf(node))) !== 0;
    if (!isQuorum(a, inHalf) || !isQuorum(b, node => !inHalf(node))) continue;
    const left = shrink(a, nodes.filter(inHalf));
    return {
      kind: 'disjoint',
      a: left,
      b: shrink(
        b,
        nodes.filter(node => !inHalf(node)),
      ),
    };
  }
  return { kind: 'always' };
}

function overlapOfCounts(a: Extract<Quorum, { kind: 'nodes' }>, b: Extract<Quorum, { kind: 'nodes' }>): Overlap {
  if (a.need > a.of.length || b.need > b.of.length) return { kind: 'always' };
  const onlyA = a.of.filter(node => !b.of.includes(node));
  const common = a.of.filter(node => b.of.includes(node));
  const onlyB = b.of.filter(node => !a.of.includes(node));
  const left = [...onlyA, ...common].slice(0, a.need);
  const right = [...onlyB, ...common.slice().reverse()].slice(0, b.need);
  return left.some(node => right.includes(node)) ? { kind: 'always' } : { kind: 'disjoint', a: left, b: right };
}

/** A least part of the nodes that is still a quorum. */
function shrink(quorum: Quorum, nodes: readonly NodeId[]): readonly NodeId[] {
  let kept = nodes;
  for (const node of nodes) {
    const without = kept.filter(one => one !== node);
    if (isQuorum(quorum, one => without.includes(one))) kept = without;
  }
  return kept;
}
