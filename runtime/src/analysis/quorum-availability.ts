/**
 * The probability that the nodes that are up contain a quorum, when nodes fail independently. Everything is a sum of
 * products of probabilities, never a difference: also a failure probability of 1e-12 has all its digits.
 */
import { isQuorum, type Quorum, quorumNodes } from '../design/quorum.ts';
import type { NodeId } from '../design/topology.ts';
import { type Known, known, unknown } from './known.ts';
import { dualOf, isReadOnce } from './quorum-structure.ts';

/** Most nodes over all of whose 2^n states a sum is taken. */
export const statesNodesMax = 20;

/**
 * P(at least `need` of independent events happen), by dynamic programming over the events (Poisson binomial).
 * @param probabilities each in [0, 1]
 */
export function atLeast(need: number, probabilities: readonly number[]): number {
  if (need <= 0) return 1;
  if (need > probabilities.length) return 0;
  // exactly[k]: of those seen, k have happened; the last cell gathers `need` or more.
  const exactly = new Float64Array(need + 1);
  exactly[0] = 1;
  for (const p of probabilities) {
    exactly[need]! += exactly[need - 1]! * p;
    for (let k = need - 1; k >= 1; k--) exactly[k] = exactly[k]! * (1 - p) + exactly[k - 1]! * p;
    exactly[0]! *= 1 - p;
  }
  return exactly[need]!;
}

/**
 * P(the nodes that are up contain a quorum).
 * @param up probability that a node is up, in [0, 1]
 * @returns exact; unknown for systems of more than `statesNodesMax` nodes that name a node twice or have huge weights
 */
export function quorumAvailability(quorum: Quorum, up: (node: NodeId) => number): Known<number> {
  if (!isReadOnce(quorum)) return byStates(quorum, up);
  if (hasTooManySums(quorum)) {
    return unknown(`more than ${statesNodesMax} nodes with weights that need more than ${sumsMax} together`);
  }
  return known(independent(quorum, up));
}

/** Most different sums of weights that are kept apart. */
export const sumsMax = 1_000_000;

function hasTooManySums(quorum: Quorum): boolean {
  if (quorum.kind === 'combine') return quorum.of.some(hasTooManySums);
  return quorum.kind === 'weight' && quorum.weights.length > statesNodesMax && quorum.need > sumsMax;
}

/**
 * P(no quorum is up), which Naor and Wool call F_p ("The load, capacity and availability of quorum systems", SIAM J.
 * Comput. 1998): the nodes that are down contain a quorum of the dual.
 */
export const failureProbability = (quorum: Quorum, up: (node: NodeId) => number): Known<number> =>
  quorumAvailability(dualOf(quorum), node => 1 - up(node));

function independent(quorum: Quorum, up: (node: NodeId) => number): number {
  switch (quorum.kind) {
    case 'nodes':
      return atLeast(quorum.need, quorum.of.map(up));
    case 'combine':
      return atLeast(
        quorum.need,
        quorum.of.map(part => independent(part, up)),
      );
    case 'weight': {
      let sums = new Map<number, number>([[0, 1]]);
      let enough = quorum.need <= 0 ? 1 : 0;
      if (enough === 1) return 1;
      for (const [node, weight] of quorum.weights) {
        const p = up(node);
        const next = new Map<number, number>();
        for (const [sum, probability] of sums) {
          next.set(sum, (next.get(sum) ?? 0) + probability * (1 - p));
          if (sum + weight >= quorum.need) enough += probability * p;
          else next.set(sum + weight, (next.get(sum + weight) ?? 0) + probability * p);
        }
        sums = next;
      }
      return enough;
    }
  }
}

function byStates(quorum: Quorum, up: (node: NodeId) => number): Known<number> {
  const nodes = quorumNodes(quorum);
  if (nodes.length > statesNodesMax) {
    return unknown(
      `${nodes.length} nodes, some of them in several parts of the quorum; all states are summed for at most ${statesNodesMax}`,
    );
  }
  const probabilities = nodes.map(up);
  const position = new Map(nodes.map((node, bit) => [node, bit]));
  let total = 0;
  const visit = (bit: number, set: number, probability: number): void => {
    if (probability === 0) return;
    if (bit === nodes.length) {
      if (isQuorum(quorum, node => ((set >> position.get(node)!) & 1) === 1)) total += probability;
      return;
    }
    visit(bit + 1, set, probability * (1 - probabilities[bit]!));
    visit(bit + 1, set | (1 << bit), probability * probabilities[bit]!);
  };
  visit(0, 0, 1);
  return known(total);
}

/** Nodes that go down together, as a rack or a region does; `availability`: of what they share, in [0, 1]. */
export interface FailureDomain {
  readonly nodes: readonly NodeId[];
  readonly availability: number;
}

/** Most failure domains over all of whose states a sum is taken. */
export const domainsMax = 12;

/**
 * As `quorumAvailability`, with nodes that depend on domains as well: a node is up when it is and all its domains are.
 * Conditions on every state of the domains.
 * @returns unknown with more than `domainsMax` domains
 */
export function quorumAvailabilityInDomains(
  quorum: Quorum,
  up: (node: NodeId) => number,
  domains: readonly FailureDomain[],
): Known<number> {
  if (domains.length > domainsMax) {
    return unknown(`${domains.length} failure domains; all states are summed for at most ${domainsMax}`);
  }
  let total = 0;
  for (let state = 0; state < 1 << domains.length; state++) {
    let probability = 1;
    const down = new Set<NodeId>();
    for (const [i, domain] of domains.entries()) {
      const isUp = ((state >> i) & 1) === 1;
      probability *= isUp ? domain.availability : 1 - domain.availability;
      if (!isUp) for (const node of domain.nodes) down.add(node);
    }
    if (probability === 0) continue;
    const given = quorumAvailability(quorum, node => (down.has(node) ? 0 : up(node)));
    if (!('value' in given)) return given;
    total += probability * given.value;
  }
  return known(total);
}
