/** Who led when. A node that crashes leads nobody any more, whether or not anything recorded the end of its role. */

import type { Trace } from '@dsys/runtime/trace/model';
import type { Outage } from './outages.ts';

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

/** Roles that decide for their group, in the order in which they began. */
export function leadershipsOf(trace: Trace, outages: readonly Outage[]): Leadership[] {
  const { node, group, epoch, leads, from, to, length } = trace.epochs;
  const found: Leadership[] = [];
  for (let row = 0; row < length; row++) {
    if (leads[row] === 0) continue;
    const crash = outages.find(one => one.kind === 'crash' && one.node === node[row] && one.from > from[row]);
    const end = crash !== undefined && (to[row] < 0 || crash.from < to[row]) ? crash.from : to[row];
    found.push({ row, node: node[row], group: group[row], epoch: epoch[row], from: from[row], to: end });
  }
  return found;
}
