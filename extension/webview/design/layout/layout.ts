/** The whole picture: sites in rows, links in the room between them. A function of its arguments alone. */
import { type Frame, route } from './routes.ts';
import { type Box, type Layout, type LayoutInput, type LinkInput, sizes } from './shapes.ts';
import { layoutSite, leastWidth } from './site.ts';

export const labelWidth = (link: LinkInput, measure: LayoutInput['measure']): number =>
  Math.max(...link.label.map(line => measure(line, sizes.small)), 0) + 12;

export function layoutOf(input: LayoutInput): Layout {
  const { sites, links, measure, width: room } = input;
  const least = Math.max(...sites.map(site => leastWidth(site, input)), 0);
  const across = columnsOf(sites.length, least, room);
  const row = (site: number): number => Math.floor(site / across);
  const column = (site: number): number => site % across;
  const isFar = (link: LinkInput): boolean => row(link.to) - row(link.from) > 1;
  const gutter = links.filter(isFar).length * sizes.gutterLane + (links.some(isFar) ? 8 : 0);

  // Beside each other only if the label fits between them; else the link runs below.
  const beside = links.filter(({ from, to }) => row(from) === row(to) && to === from + 1);
  const labels = Math.max(...beside.map(link => labelWidth(link, measure) + 22), sizes.columnGap);
  const free = room - gutter - 2 * sizes.margin;
  const columnGap = across * least + (across - 1) * labels <= free ? labels : sizes.columnGap;
  const direct = new Set(columnGap >= labels ? beside : []);

  const each = Math.max(least, (free - (across - 1) * columnGap) / across);
  const inside = sites.map(site => layoutSite(site, each, input));
  const rows = Array.from({ length: Math.ceil(sites.length / across) }, (_, r) =>
    sites.map((_site, i) => i).filter(i => row(i) === r),
  );
  const widthOf = (r: number): number => rows[r]!.reduce((all, i) => all + inside[i]!.width + columnGap, -columnGap);
  const used = Math.max(...rows.map((_, r) => widthOf(r)), 0);
  const width = Math.max(free, used);
  const lefts: number[] = [];
  for (const [r, members] of rows.entries()) {
    let x = sizes.margin + (width - widthOf(r)) / 2;
    for (const i of members) {
      lefts[i] = x;
      x += inside[i]!.width + columnGap;
    }
  }
  const frame: Frame = {
    row,
    isLast: site => column(site) === across - 1 || site === sites.length - 1,
    rows: rows.length,
    left: site => lefts[site]!,
    width: site => inside[site]!.width,
    right: sizes.margin + width,
    rowHeight: rows.map(members => Math.max(...members.map(i => inside[i]!.height))),
    siteHeight: site => inside[site]!.height,
    direct,
    measure,
  };
  const { tops, edges, height } = route(links, frame);

  const all = { sites: new Map<string, Box>(), groups: new Map(), cards: new Map(), clients: new Map() };
  for (const [i, site] of sites.entries()) {
    const at = { x: lefts[i]!, y: tops[row(i)]! };
    const own = inside[i]!;
    all.sites.set(site.key, { ...at, width: own.width, height: own.height });
    for (const kind of ['groups', 'cards', 'clients'] as const)
      for (const [key, box] of own[kind]) all[kind].set(key, { ...box, x: at.x + box.x, y: at.y + box.y });
  }
  return { width: width + gutter + 2 * sizes.margin, height, ...all, edges };
}

/** Two beside each other show a triangle or a square of regions; more only when there are many. */
function columnsOf(count: number, least: number, room: number): number {
  const wanted = count <= 1 ? 1 : count <= 4 ? 2 : 3;
  const fit = Math.floor((room + sizes.columnGap) / (least + sizes.columnGap));
  return Math.max(1, Math.min(wanted, fit));
}
