/** The network's link rules, the general ones first, and the fault model. */
import type { Link, Name, Option, Specification } from '@dsys/grammar';
import { nowhere } from '@dsys/runtime/design/source';
import type {
  FaultModel,
  LinkEnd,
  LinkProperties,
  LinkRule,
  MessageClass,
  NodeSpec,
  Region,
} from '@dsys/runtime/design/topology';
import { messageClasses } from '@dsys/runtime/design/topology';
import { type Context, declarationsOf, located, nodeOf, report, symbolOf } from './context.ts';
import { defaults } from './defaults.ts';
import { distribution } from './distributions.ts';
import { readOptions } from './options.ts';
import { duration, first, oneOfWords, onOff, phrase, share, wrongValue } from './values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Partial<Mutable<LinkProperties>>;

/** What a network, a link or `degrade` says of messages; only what is written. */
export function readLinkOptions(context: Context, owner: string, options: readonly Option[]): Draft {
  const draft: Draft = {};
  const readShare = (name: 'loss' | 'duplicate' | 'reorder') => (option: Option) => {
    const value = share(context, option.values[0], name, option);
    if (value !== undefined) draft[name] = value;
  };
  readOptions(context, owner, options, {
    latency: option => {
      const classed = option.values[0]?.$type === 'Name';
      const kind = classed
        ? oneOfWords<MessageClass>(context, option.values[0], 'the message class of a latency', messageClasses, option)
        : 'all';
      if (kind === undefined) return;
      const latency = distribution(context, option.values[classed ? 1 : 0], 'latency', option);
      if (latency !== undefined) draft.latency = { ...draft.latency, [kind]: latency };
    },
    loss: readShare('loss'),
    duplicate: readShare('duplicate'),
    reorder: readShare('reorder'),
    bandwidth: option => {
      const bits = first(context, option, 'Bandwidth');
      if (bits !== undefined && bits <= 0) wrongValue(context, option.values[0]!, 'bandwidth', 'more than 0');
      else if (bits !== undefined) draft.bitsPerSecond = bits;
    },
  });
  return draft;
}

/** How specific an end is: a node is more so than a cluster, that more than a zone, a region, anywhere. */
const ranks = { region: 1, zone: 2, cluster: 3, node: 4 } as const;

export function elaborateNetwork(
  context: Context,
  files: readonly Specification[],
  regions: readonly Region[],
): LinkRule[] {
  const networks = declarationsOf(files, 'Network');
  const draft = readLinkOptions(
    context,
    'the network',
    networks.flatMap(network => network.options),
  );
  const general = networks.find(network => network.options.length > 0);
  const rules = networks.flatMap(network => network.links).flatMap(link => linkRules(context, link));
  // Array.prototype.sort is stable: among equally specific rules, the order of the text decides.
  const written = rules.sort((a, b) => a.rank - b.rank).map(({ rule }) => rule);
  return [
    ...(draft.latency?.all === undefined ? defaultRules(context.nodes, regions) : []),
    ...(general === undefined ? [] : [{ ...located(context, general), ...everywhere, latency: {}, ...draft }]),
    ...written,
  ];
}

const everywhere = { from: null, to: null, bothWays: true };

/** Distances that nobody gave: near within a zone, far between regions. A general latency replaces them all. */
function defaultRules(nodes: readonly NodeSpec[], regions: readonly Region[]): LinkRule[] {
  const { sameZone, sameRegion, otherRegion } = defaults.latency;
  const rule = (latency: LinkRule['latency']['all'], end: LinkEnd | null = null): LinkRule => ({
    at: nodes[0]?.at ?? nowhere,
    from: end,
    to: end,
    bothWays: true,
    latency: { all: latency },
  });
  if (regions.length === 0) return [rule(sameZone)];
  const nowhereElse = nodes.filter(node => node.region === null).map(node => node.id);
  return [
    rule(otherRegion),
    // Nodes without a region share one site.
    ...(nowhereElse.length > 0 ? [rule(sameZone, { ...noEnd, nodes: nowhereElse })] : []),
    ...regions.map(({ name, zones }) => rule(zones.length > 1 ? sameRegion : sameZone, { ...noEnd, regions: [name] })),
    ...regions.flatMap(({ zones }) => zones.map(zone => rule(sameZone, { ...noEnd, zones: [zone] }))),
  ];
}

const noEnd: LinkEnd = { nodes: [], regions: [], zones: [] };

function linkRules(context: Context, link: Link): { rank: number; rule: LinkRule }[] {
  const left = endOf(context, link.left);
  const right = link.right === undefined ? left : endOf(context, link.right);
  if (left === undefined || right === undefined) return [];
  const draft = readLinkOptions(context, 'a link', link.options);
  const rule = {
    ...located(context, link),
    from: left.end,
    to: right.end,
    bothWays: link.kind !== 'from',
    latency: {},
    ...draft,
  };
  return [{ rank: Math.min(left.rank, right.rank), rule }];
}

function endOf(context: Context, name: Name): { readonly end: LinkEnd; readonly rank: number } | undefined {
  const symbol = symbolOf(context, name);
  if (symbol === undefined) return undefined;
  switch (symbol.kind) {
    case 'region':
      return { end: { ...noEnd, regions: [symbol.path] }, rank: ranks.region };
    case 'zone':
      return { end: { ...noEnd, zones: [symbol.path] }, rank: ranks.zone };
    case 'cluster':
      return {
        end: { ...noEnd, nodes: context.nodes.filter(node => node.cluster === symbol.path).map(node => node.id) },
        rank: ranks.cluster,
      };
    default: {
      const node = nodeOf(context, name);
      return node === undefined ? undefined : { end: { ...noEnd, nodes: [node] }, rank: ranks.node };
    }
  }
}

export function elaborateFaultModel(
  context: Context,
  files: readonly Specification[],
  nodes: readonly NodeSpec[],
): FaultModel {
  const blocks = declarationsOf(files, 'Faults');
  const mttrNs =
    nodes.length === 0 ? defaults.reliability.mttrNs : Math.max(...nodes.map(node => node.reliability.mttrNs));
  const model = {
    outageNs: defaults.outageRepairs * mttrNs,
    pauseNs: 0,
    cutNs: Number.POSITIVE_INFINITY,
    delayNs: Number.POSITIVE_INFINITY,
    corruption: false,
  };
  const declared = { outage: false, pause: false, cut: false, delay: false };
  const bound = (kind: keyof typeof declared) => (option: Option) => {
    const upTo = phrase(context, option, 'up');
    if (upTo === undefined) {
      report(context, 'option-value', option, `${kind} needs its bound, for example ${kind} up to 5s.`);
      return;
    }
    const ns = duration(context, upTo.values[0], kind, option);
    if (ns === undefined) return;
    model[`${kind}Ns`] = ns;
    declared[kind] = true;
  };
  readOptions(
    context,
    'faults',
    blocks.flatMap(block => block.options),
    {
      outage: bound('outage'),
      pause: bound('pause'),
      cut: bound('cut'),
      delay: bound('delay'),
      corruption: option => {
        model.corruption = onOff(context, option) ?? true;
      },
    },
  );
  return { at: blocks[0] === undefined ? nowhere : located(context, blocks[0]).at, ...model, declared };
}
