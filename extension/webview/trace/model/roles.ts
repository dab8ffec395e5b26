/** Who led when. */

import type { Trace } from '@dsys/runtime/trace/model';

export interface Leadership {
  /** Row of `trace.epochs`. */
  readonly row: number;
  readonly node: number;
  readonly group: number;
  readonly epoch: number;
  /** Events; -1 for before the beginning and for up to the end. */
  readonly from: number;
  readonly to: number;
}

/** Roles that decide for their group, in the order in which they began. A crash has ended those of its node already. */
export function leadershipsOf(trace: Trace): Leadership[] {
  const { node, group, epoch, leads, from, to, length } = trace.epochs;
  const found: Leadership[] = [];
  for (let row = 0; row < length; row++) {
    if (leads[row] === 0) continue;
    found.push({ row, node: node[row], group: group[row], epoch: epoch[row], from: from[row], to: to[row] });
  }
  return found;
}
