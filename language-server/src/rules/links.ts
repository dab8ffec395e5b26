/** What replication sends against what links carry. */
import type { Design } from '@dsys/runtime/design/design';
import type { Store } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import { bandwidth } from './lag.ts';
import { rate, writesOn } from './loads.ts';
import { counted, nameOf, partitionsOf, placedStores, size } from './questions.ts';
import type { Rule } from './rule.ts';

/** Copies that go from one place to another for each write, and the narrowest way between the two. */
interface Flow {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly where: string;
  copies: number;
}

/**
 * Flows of a store, each write weighted by its partition's share: from whoever sends the copies (the leader, or the
 * first replica where anybody may) to the others. Two regions share one link, nodes of one region have their own.
 */
function flowsOf(design: Design, store: Store): readonly Flow[] {
  const flows = new Map<string, Flow>();
  const partitions = partitionsOf(design, store);
  const { mechanism } = store;
  for (const { replicas } of partitions) {
    const leader = mechanism.kind === 'single-leader' ? mechanism.leader : null;
    const from = leader !== null && replicas.includes(leader) ? leader : replicas[0];
    if (from === undefined) continue;
    for (const to of replicas) {
      if (to === from) continue;
      const [here, there] = [design.nodes[from]!.region, design.nodes[to]!.region];
      const isWide = here !== null && there !== null && here !== there;
      const where = isWide ? `${here} to ${there}` : `${nameOf(design, from)} to ${nameOf(design, to)}`;
      const flow = flows.get(where) ?? { from, to, where, copies: 0 };
      flow.copies += 1 / partitions.length;
      flows.set(where, flow);
    }
  }
  return [...flows.values()];
}

const linkSaturated: Rule = {
  id: 'link-saturated',
  title: 'More copies than the link carries',
  severity: 'warning',
  condition:
    'Writes per second × record size × copies sent over a link exceed its bandwidth. Closed-loop workloads have no rate of their own and are left out.',
  why: 'Every copy of every write passes a link. When more comes in than goes through, the queue grows for as long as the load lasts: replicas lag without bound, or writes time out.',
  source: 'arithmetic; an unstable queue (utilisation above 1) grows without bound',
  wrong: `region eu
region us
network { between eu and us { bandwidth 1Gbit/s } }
cluster c { nodes 1 in eu  nodes 3 in us }
store s on c { record size 40KB  replication single-leader asynchronous }
workload w on s { rate 2000/s  operations 100% write }`,
  right: `region eu
region us
network { between eu and us { bandwidth 10Gbit/s } }
cluster c { nodes 1 in eu  nodes 3 in us }
store s on c { record size 40KB  replication single-leader asynchronous }
workload w on s { rate 2000/s  operations 100% write }`,
  *check(design) {
    for (const store of placedStores(design)) {
      const { perSecond, isDefault, isMost } = writesOn(design, store);
      if (perSecond === 0 || isDefault || isMost) continue;
      const full = flowsOf(design, store)
        .map(flow => ({
          ...flow,
          bytes: perSecond * store.recordBytes * flow.copies,
          most: bandwidth(design, flow.from, flow.to) / 8,
        }))
        .filter(({ bytes, most }) => bytes > most)
        .sort((a, b) => b.bytes / b.most - a.bytes / a.most);
      const [worst] = full;
      if (worst === undefined) continue;
      const copies = Number(worst.copies.toPrecision(2));
      yield {
        at: store.mechanism,
        message: `${rate(perSecond).replace('/', ' writes/')} × ${size(store.recordBytes)} × ${counted(copies, 'copy', 'copies')} = ${size(worst.bytes)}/s from ${worst.where}, over a link of ${size(worst.most)}/s: the lag grows without bound.`,
        related: [{ at: { of: store, option: 'record' }, message: 'This much is sent for each write.' }],
      };
    }
  },
};

export const linkRules: readonly Rule[] = [linkSaturated];
