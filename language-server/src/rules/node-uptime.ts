/** How much of the time nodes are up, from their mean times between failures and to repair. */
import type { Design } from '@dsys/runtime/design/design';
import type { NodeId } from '@dsys/runtime/design/topology';
import { defaults } from '../elaborate/defaults.ts';
import { byDefault } from './loads.ts';
import { percent } from './questions.ts';

/** `97% of the time`: when all of these nodes are up, the product of MTBF / (MTBF + MTTR). */
export function timeAllUp(design: Design, nodes: readonly NodeId[]): string {
  const each = nodes.map(node => design.nodes[node]!.reliability);
  const share = each.reduce((product, { mtbfNs, mttrNs }) => (product * mtbfNs) / (mtbfNs + mttrNs), 1);
  return `${percent(share)} of the time${byDefault(each.includes(defaults.reliability))}`;
}
