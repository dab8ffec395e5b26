/** What is drawn of a design, and how it is called: the input of the layout, and the content of every box. */
import type { Design } from '@dsys/runtime/design/design';
import type { Workload } from '@dsys/runtime/design/scenario';
import type { NodeSpec } from '@dsys/runtime/design/topology';
import type { LayoutInput } from '../layout/shapes.ts';
import { type Card, type Look, nodeCard, restCard } from './cards.ts';
import { insideText, type Link, linksBetween } from './network.ts';
import { type Group, placesOf, type Site } from './sites.ts';
import { counted, duration } from './words.ts';

/** A group of more nodes is drawn as those that matter now and a count of the others. */
export const MOST_NODES_DRAWN = 12;

/** More links than this would hide the system behind them; they are listed below the picture. */
export const MOST_LINKS_DRAWN = 15;

/** The least size of a card; it grows with the room in its group. */
export const CARD = { width: 108, height: 50 } as const;

/** Something that can be reached with the keyboard, in reading order. */
export interface Stop {
  readonly key: string;
  readonly label: string;
  /** Key of the part whose text it leads to; null: nobody wrote it. */
  readonly part: string | null;
}

export interface Picture {
  readonly input: Pick<LayoutInput, 'sites' | 'links' | 'card'>;
  readonly sites: readonly Site[];
  readonly links: readonly Link[];
  readonly hiddenLinks: number;
  readonly cards: ReadonlyMap<string, Card>;
  readonly stops: readonly Stop[];
  /** Workloads without a place, of a design with several sites. */
  readonly unplaced: readonly Workload[];
}

/**
 * @param shown whether a node is drawn by itself in a group that is too large for that
 * @param expanded groups that somebody wants to see whole
 */
export function pictureOf(look: Look, shown: (node: NodeSpec) => boolean, expanded: ReadonlySet<string>): Picture {
  const { design } = look;
  const { sites: found, unplaced } = placesOf(design);
  // Clients without a place can only stand in the one that there is.
  const sites = found.length === 1 ? [{ ...found[0]!, clients: [...found[0]!.clients, ...unplaced] }] : found;
  const all = sites.length > 1 ? linksBetween(design, sites) : [];
  const links = all.length > MOST_LINKS_DRAWN ? [] : all;
  const cards = new Map<string, Card>();
  const itemsOf = (group: Group): readonly string[] => {
    const own = cardsOf(group, look, shown, expanded);
    for (const card of own) cards.set(card.key, card);
    return own.map(({ key }) => key);
  };
  const input = {
    card: CARD,
    sites: sites.map(site => ({
      key: siteKey(site),
      title: site.title,
      subtitle: insideText(design, site),
      groups: site.groups.map(group => ({ key: group.key, title: titleOf(group), items: itemsOf(group) })),
      clients: site.clients.map(one => ({ key: `workload:${one.name}`, text: clientText(one) })),
    })),
    links: links.map(({ key, from, to, label }) => ({
      key,
      from: sites.findIndex(({ title }) => title === from),
      to: sites.findIndex(({ title }) => title === to),
      label,
    })),
  };
  const stops = [
    ...sites.flatMap((site, i) => [
      siteStop(design, site, input.sites[i]!.subtitle.join(', ')),
      ...site.groups.flatMap((group, g) => [
        ...(titleOf(group) === '' ? [] : [groupStop(site, group)]),
        ...input.sites[i]!.groups[g]!.items.map((key): Stop => {
          const card = cards.get(key)!;
          return { key, label: card.label, part: card.kind === 'node' ? key : null };
        }),
      ]),
      ...site.clients.map(workloadStop),
    ]),
    ...links.map(
      ({ key, from, to, label, at }): Stop => ({
        key,
        label: `link between ${from} and ${to}: ${label.join(', ')}`,
        part: at === null ? null : key,
      }),
    ),
  ];
  const hiddenLinks = all.length - links.length;
  return { input, sites, links, hiddenLinks, cards, stops, unplaced: found.length === 1 ? [] : unplaced };
}

export const siteKey = ({ region }: Site): string => (region === null ? 'site:' : `region:${region}`);

const titleOf = ({ kind, title, nodes }: Group): string => {
  if (title === '') return '';
  const name = kind === 'zone' ? `zone ${title}` : title;
  return nodes.length > MOST_NODES_DRAWN ? `${name}, ${nodes.length} nodes` : name;
};

function cardsOf(
  group: Group,
  look: Look,
  shown: (node: NodeSpec) => boolean,
  expanded: ReadonlySet<string>,
): readonly Card[] {
  const { nodes, key } = group;
  if (nodes.length <= MOST_NODES_DRAWN || expanded.has(key)) return nodes.map(node => nodeCard(node, look));
  const wanted = nodes.filter(shown).slice(0, MOST_NODES_DRAWN);
  const rest = nodes.filter(node => !wanted.includes(node));
  return [...wanted.map(node => nodeCard(node, look)), restCard(key, rest, look)];
}

function siteStop(design: Design, site: Site, inside: string): Stop {
  const nodes = site.groups.reduce((sum, group) => sum + group.nodes.length, 0);
  const isPart = site.region !== null && design.regions.some(({ name }) => name === site.region);
  const name = site.region === null ? site.title : `region ${site.title}`;
  return {
    key: siteKey(site),
    label: `${name}: ${counted(nodes, 'node')}, ${inside}`,
    part: isPart ? siteKey(site) : null,
  };
}

const groupStop = (site: Site, group: Group): Stop => ({
  key: group.key,
  label: `${titleOf(group)}: ${counted(group.nodes.length, 'node')}`,
  part: group.kind === 'cluster' ? group.key : site.region === null ? null : siteKey(site),
});

const workloadStop = (workload: Workload): Stop => ({
  key: `workload:${workload.name}`,
  label: `workload ${workload.name} on ${workload.targets.join(', ')}: ${arrivalText(workload)}`,
  part: `workload:${workload.name}`,
});

export const clientText = (workload: Workload): string =>
  `${workload.name}: ${counted(workload.clients, 'client')}${workload.place?.zone ? ` in ${workload.place.zone}` : ''}`;

export function arrivalText({ clients, arrival }: Workload): string {
  const who = counted(clients, 'client');
  if (arrival.kind === 'open') return `${who}, ${Number(arrival.perSecond.toPrecision(3))} operations/s together`;
  const { think } = arrival;
  const pause = think.kind === 'constant' ? duration(think.ns) : null;
  return `${who}, each waits for its answer${pause === null || pause === '0 ms' ? '' : ` and thinks ${pause}`}`;
}
