/** The inside of one site: groups beside each other while there is room, in each a grid of cards, below them clients. */
import { type Box, type GroupInput, type LayoutInput, type SiteInput, sizes } from './shapes.ts';

export interface SiteLayout {
  readonly width: number;
  readonly height: number;
  /** Relative to the site's corner. */
  readonly groups: readonly (readonly [string, Box])[];
  readonly cards: readonly (readonly [string, Box])[];
  readonly clients: readonly (readonly [string, Box])[];
}

type Sizes = Pick<LayoutInput, 'card' | 'measure'>;

/** More than so many cards beside each other look like a wall. */
const widest = (count: number): number => Math.max(2, Math.ceil(Math.sqrt(count * 1.6)));

const groupWidth = ({ title }: GroupInput, columns: number, { card, measure }: Sizes): number => {
  const pad = title === '' ? 0 : 2 * sizes.groupPad;
  return Math.max(
    columns * (card.width + sizes.cardGap) - sizes.cardGap + pad,
    title === '' ? 0 : measure(title, sizes.small) + 2 * sizes.groupPad + 28,
  );
};

/** Least width of a site, whatever is in it. */
export const leastWidth = (site: SiteInput, of: Sizes): number =>
  Math.max(...site.groups.map(group => groupWidth(group, 1, of)), of.card.width) + 2 * sizes.pad;

export function layoutSite(site: SiteInput, room: number, of: Sizes): SiteLayout {
  const { card, measure } = of;
  const inner = Math.max(room, leastWidth(site, of)) - 2 * sizes.pad;
  const rows = arrange(site.groups, inner, of);
  const titles = Math.max(
    measure(site.title, sizes.title) + 40,
    ...site.subtitle.map(line => measure(line, sizes.small)),
  );
  const clientTexts = site.clients.map(({ key, text }) => ({
    key,
    width: Math.min(inner, measure(text, sizes.small) + 34),
  }));
  const used = Math.max(...rows.map(widthOf), Math.min(inner, titles), ...clientTexts.map(({ width }) => width));

  const groups: [string, Box][] = [];
  const cards: [string, Box][] = [];
  let y: number = titleHeight(site);
  for (const row of rows) {
    let x: number = sizes.pad;
    const height = Math.max(...row.map(({ group, columns }) => groupHeight(group, columns, card.height)));
    // What is left in a row goes to its groups, and in them to the cards.
    const spare = (used - widthOf(row)) / row.length;
    for (const { group, columns, width: least } of row) {
      const width = least + spare;
      const pad = group.title === '' ? 0 : sizes.groupPad;
      groups.push([group.key, { x, y, width, height }]);
      const across = Math.max(1, Math.min(columns, group.items.length));
      const each = Math.min(widestCard, (width - 2 * pad - (across - 1) * sizes.cardGap) / across);
      const top = y + (group.title === '' ? 0 : sizes.groupTitle + 4);
      group.items.forEach((item, i) => {
        cards.push([
          item,
          {
            x: x + pad + (i % across) * (each + sizes.cardGap),
            y: top + Math.floor(i / across) * (card.height + sizes.cardGap),
            width: each,
            height: card.height,
          },
        ]);
      });
      x += width + sizes.groupGap;
    }
    y += height + sizes.groupGap;
  }
  const clients: [string, Box][] = [];
  for (const row of wrap(clientTexts, used, 6)) {
    let x: number = sizes.pad;
    for (const { key, width } of row) {
      clients.push([key, { x, y, width, height: sizes.clientHeight - 4 }]);
      x += width + 6;
    }
    y += sizes.clientHeight;
  }
  return { width: used + 2 * sizes.pad, height: y + 2, groups, cards, clients };
}

/** Wider cards would only be emptier. */
const widestCard = 190;

const titleHeight = ({ subtitle }: SiteInput): number => sizes.siteTitle + subtitle.length * sizes.labelLine;

interface Placed {
  readonly group: GroupInput;
  readonly columns: number;
  readonly width: number;
}

const widthOf = (row: readonly Placed[]): number =>
  row.reduce((all, { width }) => all + width + sizes.groupGap, -sizes.groupGap);

/** Of all arrangements that limit the columns of every group alike, the lowest; of equal ones the narrowest. */
function arrange(groups: readonly GroupInput[], inner: number, of: Sizes): readonly Placed[][] {
  const fits = (group: GroupInput, columns: number): boolean =>
    columns === 1 || groupWidth(group, columns, of) <= inner;
  const most = groups.map(group => {
    let columns = Math.max(1, Math.min(group.items.length, widest(group.items.length)));
    while (!fits(group, columns)) columns--;
    return columns;
  });
  let best: { readonly rows: readonly Placed[][]; readonly height: number } = { rows: [], height: Infinity };
  for (let cap = 1; cap <= Math.max(...most, 1); cap++) {
    const placed = groups.map((group, i): Placed => {
      const columns = Math.min(most[i]!, cap);
      return { group, columns, width: groupWidth(group, columns, of) };
    });
    const rows = wrap(placed, inner, sizes.groupGap);
    const height = rows.reduce(
      (sum, row) => sum + Math.max(...row.map(one => groupHeight(one.group, one.columns, of.card.height))),
      rows.length * sizes.groupGap,
    );
    if (height < best.height) best = { rows, height };
  }
  return best.rows;
}

function groupHeight({ title, items }: GroupInput, columns: number, card: number): number {
  const rows = Math.max(1, Math.ceil(items.length / columns));
  const grid = rows * (card + sizes.cardGap) - sizes.cardGap;
  return title === '' ? grid : grid + sizes.groupTitle + 4 + sizes.groupPad;
}

/** Things one after the other, in as many rows as they need. */
function wrap<T extends { readonly width: number }>(things: readonly T[], room: number, gap: number): T[][] {
  const rows: T[][] = [];
  let left = -1;
  for (const thing of things) {
    if (rows.length === 0 || thing.width > left) {
      rows.push([]);
      left = room;
    }
    rows.at(-1)!.push(thing);
    left -= thing.width + gap;
  }
  return rows;
}
