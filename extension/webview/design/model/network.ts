/** What lies between places: one line of text for each pair of regions, and one for the inside of each. */
import type { Design } from '@dsys/runtime/design/design';
import { type Distribution, mean, quantile } from '@dsys/runtime/design/distribution';
import { type LinkPlace, latencyOf, type ResolvedLink, resolveLink } from '@dsys/runtime/design/links';
import type { SourceRange } from '@dsys/runtime/design/source';
import type { LinkEnd, LinkRule } from '@dsys/runtime/design/topology';
import type { Site } from './sites.ts';
import { bandwidth, duration, listed, percent } from './words.ts';

export interface Link {
  readonly key: string;
  readonly from: string;
  readonly to: string;
  /** What stands on the line between them: latency and what else there is, or one line for each way if they differ. */
  readonly label: readonly string[];
  /** Typical latency there, in ns. */
  readonly latencyNs: number;
  readonly at: SourceRange | null;
}

/** The median where there is a closed form of it, else the mean. */
export const typical = (latency: Distribution | undefined): number =>
  latency === undefined ? 0 : (quantile(latency, 0.5) ?? mean(latency));

/** Of the messages that carry writes, where classes differ. */
export const typicalOf = (link: ResolvedLink): number => typical(latencyOf(link, 'write-request'));

const region = (name: string | null): LinkPlace => ({ node: null, region: name, zone: null });

export const linkText = (link: ResolvedLink): string => [duration(typicalOf(link)), ...besides(link)].join(' · ');

/** What is said of a link besides its latency. */
const besides = ({ bitsPerSecond, loss }: ResolvedLink): readonly string[] => [
  ...(Number.isFinite(bitsPerSecond) ? [bandwidth(bitsPerSecond)] : []),
  ...(loss > 0 ? [`loss ${percent(loss)}`] : []),
];

/** One for each pair of sites, in the order of the sites. */
export function linksBetween(design: Design, sites: readonly Site[]): readonly Link[] {
  return sites.flatMap((a, i) =>
    sites.slice(i + 1).map((b): Link => {
      const there = resolveLink(design.links, placeOf(a), placeOf(b));
      const back = resolveLink(design.links, placeOf(b), placeOf(a));
      const [one, other] = [linkText(there), linkText(back)];
      return {
        key: `link:${a.title}/${b.title}`,
        from: a.title,
        to: b.title,
        label:
          one === other
            ? [duration(typicalOf(there)), ...(besides(there).length > 0 ? [besides(there).join(' · ')] : [])]
            : [`to ${b.title} ${one}`, `to ${a.title} ${other}`],
        latencyNs: typicalOf(there),
        at: lastRule(design, a, b)?.at ?? null,
      };
    }),
  );
}

/** A site without a region is spoken for by its first node. */
function placeOf(site: Site): LinkPlace {
  if (site.region !== null) return region(site.region);
  const [node] = site.groups.flatMap(group => group.nodes);
  return { node: node?.id ?? null, region: null, zone: null };
}

/** The rule that says most precisely what is between two sites. */
function lastRule(design: Design, a: Site, b: Site): LinkRule | undefined {
  const names = (end: LinkEnd | null, site: Site) => end?.regions.includes(site.region ?? '') === true;
  return design.links.findLast(({ from, to }) => (names(from, a) && names(to, b)) || (names(from, b) && names(to, a)));
}

/** `0.25 ms inside`, and `0.5–1 ms between zones` where that differs: what messages within a site take. */
export function insideText(design: Design, site: Site): readonly string[] {
  const zones = site.groups.filter(({ kind, nodes }) => kind !== 'plain' && nodes.length > 0);
  const at = (group: Site['groups'][number]): LinkPlace => ({
    node: group.nodes[0]?.id ?? null,
    region: site.region,
    zone: group.kind === 'zone' ? group.key.slice('zone:'.length) : null,
  });
  const own = zones.length > 0 ? zones.map(at) : [placeOf(site)];
  const within = own.map(place => resolveLink(design.links, place, place));
  const apart = zones.flatMap((a, i) =>
    zones.slice(i + 1).map(b => typicalOf(resolveLink(design.links, at(a), at(b)))),
  );
  const inside = spanOf(within.map(typicalOf));
  const more = new Set(within.map(link => besides(link).join(' · ')));
  const [only] = more;
  const first = `${inside} inside${more.size === 1 && only !== '' ? ` · ${only}` : ''}`;
  const between = apart.length === 0 ? inside : spanOf(apart);
  return between === inside ? [first] : [first, `${between} between ${zones[0]!.kind}s`];
}

function spanOf(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (duration(least) === duration(most)) return duration(least);
  const [low, high] = [duration(least), duration(most)];
  const unit = high.slice(high.indexOf(' '));
  return low.endsWith(unit) ? `${low.slice(0, -unit.length)}–${high}` : `${low}–${high}`;
}

export interface PairRow {
  readonly between: string;
  readonly text: string;
}

/** Everything that is said of links, as rows: between sites, inside of them, and between single nodes. */
export function networkRows(design: Design, sites: readonly Site[]): readonly PairRow[] {
  const name = (node: number): string => design.nodes[node]?.name ?? '?';
  const end = (one: LinkEnd | null): string =>
    one === null ? 'anywhere' : listed([...one.regions, ...one.zones, ...one.nodes.map(name)].slice(0, 6));
  const special = design.links.filter(({ from, to }) => (from?.nodes.length ?? 0) + (to?.nodes.length ?? 0) > 0);
  return [
    ...linksBetween(design, sites).map(link => ({
      between: `${link.from} – ${link.to}`,
      text: link.label.join(', '),
    })),
    ...sites.map(site => ({ between: `inside ${site.title}`, text: insideText(design, site).join(', ') })),
    ...special.slice(0, 30).map(rule => ({
      between: `${end(rule.from)} ${rule.bothWays ? '–' : '→'} ${end(rule.to)}`,
      text: linkText({
        latency: rule.latency,
        loss: rule.loss ?? 0,
        duplicate: 0,
        reorder: 0,
        bitsPerSecond: rule.bitsPerSecond ?? Number.POSITIVE_INFINITY,
      }),
    })),
  ];
}
