/** Quorums of a partition in words, and one smallest of them. */
import { isQuorum, type Quorum, quorumNodes, smallestQuorum } from '@dsys/runtime/design/quorum';
import type { Partition } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';

export interface QuorumExample {
  /** The word it stands under in the design: `read`, `write`, `quorum`, `prepare`, … */
  readonly word: string;
  /** Its sign on nodes: the first letter. */
  readonly letter: string;
  /** `read 2 of 3`. */
  readonly text: string;
  /** What it is gathered for; empty: its word says it. */
  readonly purpose: string;
  readonly nodes: readonly NodeId[];
}

const purposes: Readonly<Record<string, string>> = {
  quorum: 'elects and commits',
  prepare: 'makes a leader',
  accept: 'chooses a value',
  classic: 'chooses a value in a classic round',
  fast: 'chooses a value in a fast round',
  acknowledge: 'followers that a write waits for',
  consult: 'heard from before a follower is promoted',
};

/**
 * One of each kind, leaders first. A second one shares as little with those before it as it can: whether two quorums must
 * meet is what one wants to see. Of a promotion, whoever is to be replaced comes last.
 */
export function examplesOf(partition: Partition, leaders: readonly NodeId[]): readonly QuorumExample[] {
  const others = partition.replicas.filter(node => !leaders.includes(node));
  const used = new Set<NodeId>();
  return Object.entries(partition.quorums).map(([word, quorum]) => {
    const all = word === 'consult' ? [...others, ...leaders] : [...leaders, ...others];
    const known = new Set([...all, ...quorumNodes(quorum)]);
    const order = word === 'consult' ? all : [...known].sort((a, b) => Number(used.has(a)) - Number(used.has(b)));
    const nodes = oneOf(quorum, order);
    for (const node of nodes) used.add(node);
    return {
      word,
      letter: word.charAt(0).toUpperCase(),
      text: wordsOf(word, quorum),
      purpose: purposes[word] ?? '',
      nodes,
    };
  });
}

/** Kinds of quorums that protocols rely on to meet. */
const pairs = [
  ['read', 'write'],
  ['prepare', 'accept'],
] as const;

/** Whom two examples that should meet have in common; null: the store has no such two. */
export function sharedBy(examples: readonly QuorumExample[]): readonly NodeId[] | null {
  for (const [one, other] of pairs) {
    const [a, b] = [one, other].map(word => examples.find(example => example.word === word));
    if (a !== undefined && b !== undefined && a.nodes.length > 0 && b.nodes.length > 0)
      return a.nodes.filter(node => b.nodes.includes(node));
  }
  return null;
}

export function wordsOf(word: string, quorum: Quorum): string {
  const size = smallestQuorum(quorum);
  const all = quorumNodes(quorum).length;
  if (!Number.isFinite(size)) return `${word}: no quorum can be gathered`;
  if (quorum.kind === 'weight') return `${word} weight ${quorum.need} (${size} of ${all} nodes at least)`;
  if (quorum.kind === 'nodes') return `${word} ${size} of ${all}`;
  return `${word} ${size} of ${all}, chosen by the rule that is written`;
}

/** A smallest quorum; empty when there is none. Exact unless parts of a nested quorum share nodes. */
export function oneOf(quorum: Quorum, order: readonly NodeId[]): readonly NodeId[] {
  const rank = new Map(order.map((node, i) => [node, i]));
  const first = (nodes: readonly NodeId[]): NodeId[] =>
    [...nodes].sort((a, b) => (rank.get(a) ?? nodes.length) - (rank.get(b) ?? nodes.length));
  const pick = (one: Quorum): readonly NodeId[] => {
    switch (one.kind) {
      case 'nodes':
        return first(one.of).slice(0, one.need);
      case 'combine': {
        const parts = one.of.map(pick).sort((a, b) => a.length - b.length || sum(a) - sum(b));
        return [...new Set(parts.slice(0, one.need).flat())];
      }
      case 'weight': {
        const chosen: NodeId[] = [];
        let votes = 0;
        const heaviest = [...one.weights].sort(([a, x], [b, y]) => y - x || (rank.get(a) ?? 0) - (rank.get(b) ?? 0));
        for (const [node, weight] of heaviest) {
          if (votes >= one.need) break;
          chosen.push(node);
          votes += weight;
        }
        return chosen;
      }
    }
  };
  const sum = (nodes: readonly NodeId[]): number => nodes.reduce((all, node) => all + (rank.get(node) ?? 0), 0);
  const picked = pick(quorum);
  return isQuorum(quorum, node => picked.includes(node)) ? picked : [];
}
