/** What the link rules of a design say about one pair of places, in one direction. */
import type { Distribution } from './distribution.ts';
import type { LinkEnd, LinkProperties, LinkRule, MessageClass, NodeId } from './topology.ts';

export interface LinkPlace {
  readonly node: NodeId | null;
  readonly region: string | null;
  readonly zone: string | null;
}

/** Every property that some rule gives; what none gives is no latency, no loss, unlimited bandwidth. */
export interface ResolvedLink {
  readonly latency: LinkProperties['latency'];
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly bitsPerSecond: number;
}

const within = (end: LinkEnd | null, place: LinkPlace): boolean =>
  end === null ||
  (place.node !== null && end.nodes.includes(place.node)) ||
  (place.region !== null && end.regions.includes(place.region)) ||
  (place.zone !== null && end.zones.includes(place.zone));

export function resolveLink(rules: readonly LinkRule[], from: LinkPlace, to: LinkPlace): ResolvedLink {
  let latency: Partial<Record<MessageClass | 'all', Distribution>> = {};
  let { loss, duplicate, reorder, bitsPerSecond } = {
    loss: 0,
    duplicate: 0,
    reorder: 0,
    bitsPerSecond: Number.POSITIVE_INFINITY,
  };
  for (const rule of rules) {
    const forward = within(rule.from, from) && within(rule.to, to);
    if (!forward && !(rule.bothWays && within(rule.from, to) && within(rule.to, from))) continue;
    // A plain latency is for all classes: it replaces what a more general rule said of single ones.
    latency = rule.latency.all === undefined ? { ...latency, ...rule.latency } : { ...rule.latency };
    loss = rule.loss ?? loss;
    duplicate = rule.duplicate ?? duplicate;
    reorder = rule.reorder ?? reorder;
    bitsPerSecond = rule.bitsPerSecond ?? bitsPerSecond;
  }
  return { latency, loss, duplicate, reorder, bitsPerSecond };
}

/** One-way latency of a message class; undefined: none, the message arrives at once. */
export const latencyOf = (link: ResolvedLink, kind: MessageClass): Distribution | undefined =>
  link.latency[kind] ?? link.latency.all;
