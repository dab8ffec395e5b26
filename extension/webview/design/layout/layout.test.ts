/** Nothing lies on anything else, whatever the design and however much room there is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { designOf } from '../../../../tests/support/design.ts';
import { pictureOf } from '../model/picture.ts';
import { holdingsOf } from '../model/roles.ts';
import { bare, large, shop } from '../testing/designs.ts';
import { layoutOf } from './layout.ts';
import type { Box, Layout, LayoutInput, Point } from './shapes.ts';

const samples = join(import.meta.dirname, '..', '..', '..', '..', 'samples');
const names = ['a', 'b', 'c', 'd', 'e', 'f'];

/** As many regions, all linked with all, each way with its own latency where `apart`. */
const mesh = (count: number, nodes: number, apart = false): string => {
  const regions = names.slice(0, count);
  const pairs = regions.flatMap((a, i) => regions.slice(i + 1).map(b => [a, b] as const));
  return `${regions.map(name => `region ${name}`).join('\n')}
network { ${pairs.map(([a, b], i) => `between ${a} and ${b} { latency ${i + 10}ms }`).join('\n')}
${apart ? pairs.map(([a, b], i) => `from ${b} to ${a} { latency ${i + 100}ms }`).join('\n') : ''} }
cluster x { ${regions.map(name => `nodes ${nodes} in ${name}`).join('\n')} }
store s on x { consensus raft }
workload w on s { clients 3 in a }`;
};

const designs: readonly (readonly [name: string, text: string])[] = [
  ...readdirSync(samples)
    .filter(name => name.endsWith('.dsys'))
    .map(name => [name, readFileSync(join(samples, name), 'utf8')] as const),
  ['shop', shop],
  ['large', large],
  ['bare', bare],
  ...[2, 3, 4, 5, 6].flatMap(count => [1, 7].map(nodes => [`${count} × ${nodes}`, mesh(count, nodes)] as const)),
];

/** Rough widths, as a page without a font would have them. */
const measure = (text: string, size: number): number => text.length * size * 0.58;

async function drawn(text: string, width: number): Promise<{ input: LayoutInput; layout: Layout }> {
  const design = await designOf(text, 'test.dsys', { withErrors: true });
  const [store = null] = design.stores;
  const holdings = store === null ? new Map() : holdingsOf(design, store);
  const picture = pictureOf(
    { design, store, partition: null, holdings, examples: [] },
    () => false,
    new Set(['zone:north.a']),
  );
  const input = { ...picture.input, width, measure };
  return { input, layout: layoutOf(input) };
}

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width - 0.01 &&
  b.x < a.x + a.width - 0.01 &&
  a.y < b.y + b.height - 0.01 &&
  b.y < a.y + a.height - 0.01;
const within = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x - 0.01 &&
  inner.y >= outer.y - 0.01 &&
  inner.x + inner.width <= outer.x + outer.width + 0.01 &&
  inner.y + inner.height <= outer.y + outer.height + 0.01;
const overlapping = (boxes: ReadonlyMap<string, Box>): string[] => {
  const all = [...boxes];
  return all.flatMap(([a, one], i) =>
    all.slice(i + 1).flatMap(([b, other]) => (overlap(one, other) ? [`${a} on ${b}`] : [])),
  );
};
const bounds = ([a, b]: readonly [Point, Point]): Box => ({
  x: Math.min(a.x, b.x),
  y: Math.min(a.y, b.y),
  width: Math.max(1, Math.abs(a.x - b.x)),
  height: Math.max(1, Math.abs(a.y - b.y)),
});
const segments = (points: readonly Point[]): Box[] => points.slice(1).map((point, i) => bounds([points[i]!, point]));

describe.each(designs)('%s', (_, text) => {
  it.each([280, 460, 740, 1180])('in %i px', async width => {
    const { input, layout } = await drawn(text, width);
    for (const kind of ['sites', 'groups', 'cards', 'clients'] as const)
      expect(overlapping(layout[kind]), kind).toEqual([]);
    const page = { x: 0, y: 0, width: layout.width, height: layout.height };
    for (const site of input.sites) {
      const box = layout.sites.get(site.key)!;
      expect(within(box, page), site.key).toBe(true);
      for (const group of site.groups) {
        const frame = layout.groups.get(group.key)!;
        expect(within(frame, box), group.key).toBe(true);
        for (const item of group.items) expect(within(layout.cards.get(item)!, frame), item).toBe(true);
      }
      for (const { key } of site.clients) {
        const clients = layout.clients.get(key)!;
        expect(within(clients, box), key).toBe(true);
        for (const group of site.groups) expect(overlap(clients, layout.groups.get(group.key)!)).toBe(false);
      }
    }
    expect(layout.edges.length).toBe(input.links.length);
    for (const [i, edge] of layout.edges.entries()) {
      expect(within(edge.label, page), edge.key).toBe(true);
      const own = segments(edge.points);
      expect(
        own.some(line => overlap(line, edge.label)),
        `${edge.key} touches its label`,
      ).toBe(true);
      for (const [key, site] of layout.sites) {
        expect(overlap(edge.label, site), `label of ${edge.key} on ${key}`).toBe(false);
        for (const line of own) expect(overlap(line, shrunk(site)), `${edge.key} through ${key}`).toBe(false);
      }
      for (const other of layout.edges.slice(i + 1)) expect(overlap(edge.label, other.label)).toBe(false);
    }
  });
});

/** Lines end on the frames of sites. */
const shrunk = ({ x, y, width, height }: Box): Box => ({ x: x + 2, y: y + 2, width: width - 4, height: height - 4 });

it('labels keep clear of other links where there is room for that', async () => {
  for (const width of [300, 740]) {
    const { layout } = await drawn(shop, width);
    for (const edge of layout.edges)
      for (const other of layout.edges)
        if (other !== edge)
          for (const line of segments(other.points)) expect(overlap(line, edge.label), edge.key).toBe(false);
  }
});

it('the same input gives the same picture', async () => {
  const [one, other] = [await drawn(shop, 740), await drawn(shop, 740)];
  expect(one.layout).toEqual(other.layout);
});

it('as much room as there is, is used', async () => {
  const columns = async (width: number): Promise<number> => {
    const { layout } = await drawn(mesh(3, 2), width);
    return new Set([...layout.sites.values()].map(({ x }) => x)).size;
  };
  expect(await columns(280)).toBe(1);
  expect(await columns(740)).toBeGreaterThan(1);
});

it('labels of both ways stand in two lines', async () => {
  const { layout } = await drawn(mesh(2, 1, true), 740);
  expect(layout.edges[0]!.lines).toEqual(['to b 10 ms', 'to a 100 ms']);
});
