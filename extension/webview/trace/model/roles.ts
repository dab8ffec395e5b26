/** Who led when. A node that crashes leads nobody any more, whether or not anything recorded the end of its role. */

import type { Trace } from '@dsys/runtime/trace/model';
import type { Outage } from './outages.ts';
import { firstGreater } from './search.ts';

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

/** Roles that decide for their group, in the order in which they began. @param outages in the order in which they began */
export function leadershipsOf(trace: Trace, outages: readonly Outage[]): Leadership[] {
  const { node, group, epoch, leads, from, to, length } = trace.epochs;
  const found: Leadership[] = [];
  const crashes = new Map<number, number[]>();
  for (const one of outages) {
    if (one.kind !== 'crash') continue;
    const known = crashes.get(one.node);
    if (known === undefined) crashes.set(one.node, [one.from]);
    else known.push(one.from);
  }
  for (let row = 0; row < length; row++) {
    if (leads[row] === 0) continue;
    const own = crashes.get(node[row]) ?? [];
    const crash = own[firstGreater(own, from[row])];
    const end = crash !== undefined && (to[row] < 0 || crash < to[row]) ? crash : to[row];
    found.push({ row, node: node[row], group: group[row], epoch: epoch[row], from: from[row], to: end });
  }
  return found;
}
