/** Quorums of every form, relative to those who may be in them. */
import type { Choices } from './choices.ts';
import { type Node, nameOf } from './places.ts';

export interface Electorate {
  /** How many there are at least, whatever the partition. */
  readonly size: number;
  /** Those who are known to be among them everywhere. */
  readonly nodes: readonly Node[];
}

/** A quorum that can be gathered. */
export function quorum(c: Choices, { size, nodes }: Electorate): string {
  const words = ['majority', 'all', 'one', 'local majority', 'local one', 'each majority'];
  switch (c.below(nodes.length > 0 ? 6 : 3)) {
    case 1:
      return String(c.between(1, size));
    case 2: {
      const rows = c.between(1, size);
      return `grid(${rows}, ${c.between(1, Math.floor(size / rows))}) ${c.pick(['row', 'column', 'cross'])}`;
    }
    case 3:
      return anyOf(c, nodes, 1);
    case 4:
      return `all of (${c
        .some(nodes, 1)
        .map(node => nameOf(c, node))
        .join(', ')})`;
    case 5:
      return weighted(c, nodes);
    default:
      return c.pick(words);
  }
}

function anyOf(c: Choices, nodes: readonly Node[], depth: number): string {
  const members = c.some(nodes, 1).map(node => nameOf(c, node));
  if (depth > 0 && c.chance(40)) members.push(c.chance(50) ? anyOf(c, nodes, depth - 1) : weighted(c, nodes));
  return `any ${c.between(1, members.length)} of (${members.join(', ')})`;
}

function weighted(c: Choices, nodes: readonly Node[]): string {
  const weights = c.some(nodes, 1).map(node => ({ node, weight: c.between(1, 3) }));
  const sum = weights.reduce((total, { weight }) => total + weight, 0);
  return `weight ${c.between(1, sum)} of (${weights.map(({ node, weight }) => `${nameOf(c, node)} = ${weight}`).join(', ')})`;
}
