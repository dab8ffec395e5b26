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
 * One of each kind, leaders first; when one of them is to be replaced, last. Quorums that are the same for several words
 * are shown for each of them: that they are the same is what one wants to see.
 */
export function examplesOf(partition: Partition, leaders: readonly NodeId[]): readonly QuorumExample[] {
  const others = partition.replicas.filter(node => !leaders.includes(node));
  return Object.entries(partition.quorums).map(([word, quorum]) => ({
    word,
    letter: word.charAt(0).toUpperCase(),
    text: wordsOf(word, quorum),
    purpose: purposes[word] ?? '',
    nodes: oneOf(quorum, word === 'consult' ? [...others, ...leaders] : [...leaders, ...others]),
  }));
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
