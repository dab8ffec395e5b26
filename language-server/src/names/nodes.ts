import type { Cluster, Members, Node } from '@dsys/grammar';

/** More nodes than this in one line are an error. */
export const maxNodesPerLine = 10_000;

export interface NamedNode {
  readonly name: string;
  readonly members: Members;
  /** The node's own name, or the line that counts it. */
  readonly declaration: Node | Members;
  readonly implied: boolean;
}

/**
 * The nodes of a cluster in the order of the text. `nodes 3` in cluster eu continues the count of all `nodes` lines,
 * named ones included: after `nodes e1, e2` its nodes are eu3, eu4, eu5. Witnesses, observers and spares are not
 * counted.
 */
export function membersWithNodes(cluster: Cluster): NamedNode[] {
  const found: NamedNode[] = [];
  let count = 0;
  for (const members of cluster.members) {
    for (const node of members.nodes) {
      if (node.name) found.push({ name: node.name, members, declaration: node, implied: false });
    }
    if (members.role !== 'nodes') continue;
    count += members.nodes.length;
    const counted = wholeNumber(members.count?.value);
    for (let i = 1; i <= counted; i++) {
      found.push({ name: `${cluster.name}${count + i}`, members, declaration: members, implied: true });
    }
    count += counted;
  }
  return found;
}

function wholeNumber(value: number | undefined): number {
  return value !== undefined && Number.isInteger(value) && value > 0 ? Math.min(value, maxNodesPerLine) : 0;
}
