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

/** Rules by what their ends name: for each name the rows of the rules that name it, in order. */
interface RuleIndex {
  /** Rules with an end that is everywhere. */
  readonly general: readonly number[];
  readonly regions: ReadonlyMap<string, readonly number[]>;
  readonly zones: ReadonlyMap<string, readonly number[]>;
  readonly nodes: ReadonlyMap<NodeId, readonly number[]>;
}

const indexes = new WeakMap<readonly LinkRule[], RuleIndex>();

/** Below so many rules, looking at each is as quick as looking them up. */
const fewRules = 8;

function indexOf(rules: readonly LinkRule[]): RuleIndex {
  const known = indexes.get(rules);
  if (known !== undefined) return known;
  const general: number[] = [];
  const regions = new Map<string, number[]>();
  const zones = new Map<string, number[]>();
  const nodes = new Map<NodeId, number[]>();
  const add = <K>(index: Map<K, number[]>, keys: readonly K[], row: number) => {
    for (const key of keys) {
      const rows = index.get(key);
      if (rows === undefined) index.set(key, [row]);
      else if (rows.at(-1) !== row) rows.push(row);
    }
  };
  for (const [row, { from, to }] of rules.entries()) {
    if (from === null || to === null) general.push(row);
    for (const end of [from, to]) {
      if (end === null) continue;
      add(regions, end.regions, row);
      add(zones, end.zones, row);
      add(nodes, end.nodes, row);
    }
  }
  const index = { general, regions, zones, nodes };
  indexes.set(rules, index);
  return index;
}

/** The rules that can say something of links from or to a place, in order: designs have many for other places. */
function rulesAt(rules: readonly LinkRule[], place: LinkPlace): readonly LinkRule[] {
  if (rules.length <= fewRules) return rules;
  const { general, regions, zones, nodes } = indexOf(rules);
  const rows = [
    ...general,
    ...((place.region !== null && regions.get(place.region)) || []),
    ...((place.zone !== null && zones.get(place.zone)) || []),
    ...((place.node !== null && nodes.get(place.node)) || []),
  ].sort((a, b) => a - b);
  return rows.filter((row, i) => row !== rows[i - 1]).map(row => rules[row]!);
}

/** What the rules, of which the later ones are more specific, say of messages from one place to another. */
export function resolveLink(rules: readonly LinkRule[], from: LinkPlace, to: LinkPlace): ResolvedLink {
  let latency: Partial<Record<MessageClass | 'all', Distribution>> = {};
  let { loss, duplicate, reorder, bitsPerSecond } = {
    loss: 0,
    duplicate: 0,
    reorder: 0,
    bitsPerSecond: Number.POSITIVE_INFINITY,
  };
  for (const rule of rulesAt(rules, from)) {
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
