/** The least time that messages and disks of a design can take, in ns. */
import type { Design } from '../design/design.ts';
import { least } from '../design/distribution.ts';
import { latencyOf, resolveLink } from '../design/links.ts';
import { isQuorum, type Quorum, quorumNodes } from '../design/quorum.ts';
import type { Workload } from '../design/scenario.ts';
import { type MessageClass, messageClasses, type NodeId } from '../design/topology.ts';

/** Where clients stand; null: beside the node that they call. */
export type ClientPlace = Workload['place'];

/** One way from node to node, by the fastest of the classes; 0 from a node to itself. */
export function leastDelay(
  design: Design,
  from: NodeId,
  to: NodeId,
  classes: readonly MessageClass[] = messageClasses,
): number {
  if (from === to) return 0;
  const [a, b] = [design.nodes[from]!, design.nodes[to]!];
  const link = resolveLink(
    design.links,
    { node: from, region: a.region, zone: a.zone },
    { node: to, region: b.region, zone: b.zone },
  );
  return Math.min(...classes.map(one => leastOf(latencyOf(link, one))));
}

/** There and back. */
export const leastRoundTrip = (
  design: Design,
  from: NodeId,
  to: NodeId,
  there: readonly MessageClass[],
  back: readonly MessageClass[],
): number => leastDelay(design, from, to, there) + leastDelay(design, to, from, back);

/** One way between a client and a node. Beside the node there is no distance but a declared client hop. */
export function leastClientDelay(design: Design, place: ClientPlace, node: NodeId, direction: 'to' | 'from'): number {
  const { region, zone } = design.nodes[node]!;
  const client = place === null ? { node: null, region, zone } : { node: null, ...place };
  const there = { node, region, zone };
  const rules = place === null ? design.links.filter(rule => rule.from === null && rule.to === null) : design.links;
  const link = direction === 'to' ? resolveLink(rules, client, there) : resolveLink(rules, there, client);
  return leastOf(place === null ? link.latency.client : latencyOf(link, 'client'));
}

const leastOf = (latency: Parameters<typeof least>[0] | undefined): number =>
  latency === undefined ? 0 : least(latency);

/** Until a write is durable on this node. */
export function leastSync(design: Design, node: NodeId): number {
  const { disk } = design.nodes[node]!;
  return disk.volatile ? 0 : least(disk.fsync);
}

/** When the nodes that have answered first contain a quorum, each answering at its time; Infinity when they never do. */
export function earliestQuorum(quorum: Quorum, answersAt: (node: NodeId) => number): number {
  const times = new Map(quorumNodes(quorum).map(node => [node, answersAt(node)]));
  const moments = [...new Set(times.values())].sort((a, b) => a - b);
  if (isQuorum(quorum, () => false)) return 0;
  return moments.find(moment => isQuorum(quorum, node => times.get(node)! <= moment)) ?? Number.POSITIVE_INFINITY;
}
