/** The network's link rules, the general ones first, and the fault model. */
import type { Faults, Link, Name, Network, Option, Specification } from '@dsys/grammar';
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
import { type Context, located, nodeOf, orList, report, symbolOf } from './context.ts';
import { defaults } from './defaults.ts';
import { readOptions } from './options.ts';
import { distribution, duration, first, phrase, wordOf } from './values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Partial<Mutable<LinkProperties>>;

export function readLinkOptions(context: Context, owner: string, options: readonly Option[]): Draft {
  const draft: Draft = {};
  const share = (option: Option): number | undefined => {
    const value = first(context, option, 'Percent');
    if (value === undefined || (value >= 0 && value <= 1)) return value;
    report(context, 'option-value', option, `${option.name} is a share of messages, between 0% and 100%.`);
    return undefined;
  };
  readOptions(context, owner, options, {
    latency: option => {
      const word = wordOf(option.values[0]);
      const classed = word !== undefined;
      if (classed && !(messageClasses as readonly string[]).includes(word)) {
        return report(
          context,
          'option-value',
          option.values[0]!,
          `There is no message class ${word}: there are ${orList(messageClasses)}.`,
        );
      }
      const latency = distribution(context, option.values[classed ? 1 : 0], 'latency', option);
      if (latency !== undefined)
        draft.latency = { ...draft.latency, [classed ? (word as MessageClass) : 'all']: latency };
    },
    loss: option => void (draft.loss = share(option)),
    duplicate: option => void (draft.duplicate = share(option)),
    reorder: option => void (draft.reorder = share(option)),
    bandwidth: option => {
      const bits = first(context, option, 'Bandwidth');
      if (bits !== undefined && bits <= 0) report(context, 'option-value', option, 'A bandwidth must be more than 0.');
      else draft.bitsPerSecond = bits;
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
  const networks = files.flatMap(file => file.declarations.filter((one): one is Network => one.$type === 'Network'));
  const rules: { readonly rank: number; readonly rule: LinkRule }[] = [];
  let general = false;
  for (const network of networks) {
    const draft = readLinkOptions(context, 'network', network.options);
    general ||= draft.latency?.all !== undefined;
    if (Object.keys(draft).length > 0) {
      rules.push({
        rank: 0,
        rule: {
          ...located(context, network),
          from: null,
          to: null,
          bothWays: true,
          latency: {},
          ...withoutUndefined(draft),
        },
      });
    }
    for (const link of network.links) rules.push(...linkRules(context, link));
  }
  // Array.prototype.sort is stable: among equally specific rules, the order of the text decides.
  const written = rules.sort((a, b) => a.rank - b.rank).map(({ rule }) => rule);
  return [...defaultRules(context.nodes, regions, general), ...written];
}

/** Distances that nobody gave: near within a zone, far between regions. A general latency replaces them all. */
function defaultRules(nodes: readonly NodeSpec[], regions: readonly Region[], general: boolean): LinkRule[] {
  const { sameZone, sameRegion, otherRegion } = defaults.latency;
  const rule = (from: LinkEnd | null, to: LinkEnd | null, latency: LinkRule['latency'], bothWays = true): LinkRule => ({
    at: nodes[0]?.at ?? nowhere,
    from,
    to,
    bothWays,
    latency,
  });
  if (general) return [];
  if (regions.length === 0) return [rule(null, null, { all: sameZone })];
  const inRegion = (name: string): LinkEnd => ({ nodes: [], regions: [name], zones: [] });
  const inZone = (name: string): LinkEnd => ({ nodes: [], regions: [], zones: [name] });
  return [
    rule(null, null, { all: otherRegion }),
    ...regions.map(({ name, zones }) =>
      rule(inRegion(name), inRegion(name), { all: zones.length > 1 ? sameRegion : sameZone }),
    ),
    ...regions.flatMap(({ zones }) => zones.map(zone => rule(inZone(zone), inZone(zone), { all: sameZone }))),
  ];
}

const withoutUndefined = (draft: Draft): Draft =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined));

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
    ...withoutUndefined(draft),
  };
  return [{ rank: Math.min(left.rank, right.rank), rule }];
}

function endOf(context: Context, name: Name): { readonly end: LinkEnd; readonly rank: number } | undefined {
  const symbol = symbolOf(context, name);
  if (symbol === undefined) return undefined;
  const none: LinkEnd = { nodes: [], regions: [], zones: [] };
  switch (symbol.kind) {
    case 'region':
      return { end: { ...none, regions: [symbol.path] }, rank: ranks.region };
    case 'zone':
      return { end: { ...none, zones: [symbol.path] }, rank: ranks.zone };
    case 'cluster':
      return {
        end: { ...none, nodes: context.nodes.filter(node => node.cluster === symbol.path).map(node => node.id) },
        rank: ranks.cluster,
      };
    default: {
      const node = nodeOf(context, name);
      return node === undefined ? undefined : { end: { ...none, nodes: [node] }, rank: ranks.node };
    }
  }
}

export function elaborateFaultModel(
  context: Context,
  files: readonly Specification[],
  nodes: readonly NodeSpec[],
): FaultModel {
  const blocks = files.flatMap(file => file.declarations.filter((one): one is Faults => one.$type === 'Faults'));
  const mttr = Math.max(defaults.reliability.mttrNs, ...nodes.map(node => node.reliability.mttrNs));
  const model = {
    outageNs: defaults.outageRepairs * mttr,
    pauseNs: 0,
    cutNs: Number.POSITIVE_INFINITY,
    delayNs: Number.POSITIVE_INFINITY,
    corruption: false,
  };
  const declared = { outage: false, pause: false, cut: false, delay: false };
  const bound = (option: Option): number | undefined => {
    const upTo = phrase(option, 'up');
    if (upTo === undefined) {
      report(context, 'option-value', option, `${option.name} needs its bound: ${option.name} up to 5s.`);
      return undefined;
    }
    return duration(context, upTo.values[0], option.name, option);
  };
  const reader =
    (key: 'outageNs' | 'pauseNs' | 'cutNs' | 'delayNs', flag: keyof typeof declared) => (option: Option) => {
      const ns = bound(option);
      if (ns === undefined) return;
      model[key] = ns;
      declared[flag] = true;
    };
  const options = blocks.flatMap(block => block.options);
  readOptions(context, 'faults', options, {
    outage: reader('outageNs', 'outage'),
    pause: reader('pauseNs', 'pause'),
    cut: reader('cutNs', 'cut'),
    delay: reader('delayNs', 'delay'),
    corruption: () => {
      model.corruption = true;
    },
  });
  const at = blocks[0] === undefined ? nowhere : located(context, blocks[0]).at;
  return { at, ...model, declared };
}
