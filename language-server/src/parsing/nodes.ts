/** All nodes of a syntax tree, collected once: names, forms and rules each look at every one of them. */
import type { AstNode } from 'langium';

const known = new WeakMap<AstNode, readonly AstNode[]>();

/**
 * A root and everything in it, each before what is in it, in the order of the text as far as properties are. Only for
 * trees that do not change any more.
 */
export function nodesIn(root: AstNode): readonly AstNode[] {
  const before = known.get(root);
  if (before !== undefined) return before;
  const nodes: AstNode[] = [];
  collect(root, nodes);
  known.set(root, nodes);
  return nodes;
}

/** The language has no cross-references: an object with a type is a node of the tree. */
function collect(node: AstNode, into: AstNode[]): void {
  into.push(node);
  for (const key in node) {
    if (key.startsWith('$')) continue;
    const held = (node as unknown as Record<string, unknown>)[key];
    if (typeof held !== 'object' || held === null) continue;
    for (const one of Array.isArray(held) ? held : [held])
      if (typeof one === 'object' && one !== null && '$type' in one) collect(one as AstNode, into);
  }
}
