/** Between text and picture: what stands on a line, and what a finding is about. */
import { describe, expect, it } from 'vitest';
import { bare, shop } from '../testing/designs.ts';
import { shownOf } from '../testing/shown.ts';
import { badgesOf, placeFindings } from './findings.ts';
import { fileOf, partsAt, partsOf } from './parts.ts';

const lineOf = (text: string, words: string): number => text.split('\n').findIndex(line => line.includes(words));

async function titlesAt(text: string, words: string): Promise<string[]> {
  const { design, uri } = await shownOf(text);
  return partsAt(design, partsOf(design), fileOf(design, uri), lineOf(text, words)).map(({ title }) => title);
}

describe('the cursor', () => {
  it.each([
    ['region tokyo', ['region tokyo']],
    ['nodes e1, e2', ['node e1', 'node e2']],
    ['spare e9', ['node e9']],
    ['store users', ['store users']],
    ['partition by hash(user)', ['store carts']],
    ['"DE", "FR"', ['store notes']],
    ['rate 900/s', ['workload america']],
    ['between virginia and tokyo', ['link virginia – tokyo']],
    ['latency lognormal', []],
  ])('at %s', async (words, expected) => {
    expect(await titlesAt(shop, words)).toEqual(expected);
  });

  it('is at everything that shares its line', async () => {
    expect((await titlesAt(bare, 'cluster db')).slice(0, 3)).toEqual(['cluster db', 'node a', 'node b']);
  });

  it('is at a partition that has a line of its own', async () => {
    const text = `cluster c { nodes 3 }
store t on c {
  record { day: date }
  partition by range(day) {
    old: ..2024-02-29 on c
    new: 2024-02-29.. on c
  }
}`;
    expect(await titlesAt(text, 'old:')).toEqual(['partition t.old']);
    expect(await titlesAt(text, 'record')).toEqual(['store t']);
  });
});

describe('findings', () => {
  it('are about the innermost part that they begin in, the gravest first', async () => {
    const { design, uri, findings } = await shownOf(shop);
    const placed = placeFindings(partsOf(design), fileOf(design, uri), findings);
    expect(placed.map(({ rule, of }) => `${rule}: ${of}`)).toEqual([
      'chain-needs-master: store sessions',
      'quorum-ww-disjoint: store carts',
      'quorum-rw-disjoint: store carts',
      'even-cluster: store users',
    ]);
    const badges = badgesOf(placed);
    expect(badges.get('store:carts')).toEqual({ severity: 'warning', count: 2 });
    expect(badges.get('store:sessions')).toEqual({ severity: 'error', count: 1 });
    expect(badges.has('store:orders')).toBe(false);
  });

  it('that are about no part are the file’s', async () => {
    const { design, uri } = await shownOf(bare);
    const range = { start: { line: 50, character: 0 }, end: { line: 50, character: 1 } };
    const [placed] = placeFindings(partsOf(design), fileOf(design, uri), [
      { rule: 'syntax', severity: 'error', message: 'no', range },
    ]);
    expect([placed!.part, placed!.of]).toEqual([null, 'the file']);
  });
});
