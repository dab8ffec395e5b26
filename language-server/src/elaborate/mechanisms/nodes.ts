/** Nodes that options name: leaders, main and auxiliary acceptors, coordinators. */
import type { Option } from '@dsys/grammar';
import type { NodeId } from '@dsys/runtime/design/topology';
import { type Context, nodeOf, oneLine, report, textOf } from '../context.ts';

/** A node, or a comma-separated list of nodes. Names of nothing are left out: name resolution has reported them. */
export function nodesIn(context: Context, option: Option): NodeId[] {
  const nodes: NodeId[] = [];
  for (const value of option.values) {
    context.understood.add(value);
    if (value.$type !== 'Name') {
      report(context, 'option-value', value, `${option.name} names nodes, not "${oneLine(value)}".`);
      continue;
    }
    const node = nodeOf(context, value);
    if (node !== undefined && nodes.includes(node)) {
      report(context, 'duplicate-name', value, `${textOf(value)} stands twice after ${option.name}.`);
    } else if (node !== undefined) nodes.push(node);
  }
  return nodes;
}
