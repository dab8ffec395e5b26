/** Nothing that dsys says stays unexplained. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { analyseWorkspace } from '../elaborate/analyse.ts';
import { workspaceOf } from '../testing/check.ts';
import { fixtures } from '../testing/fixtures.ts';
import { allRules } from './all.ts';
import { otherIds } from './other-ids.ts';
import { explainedIds, explanationOf, markdownOf, pageOf } from './page.ts';
import { review } from './review.ts';

const source = join(import.meta.dirname, '..');

it('every id that stands in the code of the language is explained, and no other', () => {
  const texts = ['elaborate', 'names', 'parsing', 'workspace', 'rules']
    .flatMap(folder => readdirSync(join(source, folder), { recursive: true, withFileTypes: true }))
    .filter(one => one.isFile() && one.name.endsWith('.ts') && !/\.test\.ts$|^other-ids\.ts$/.test(one.name))
    .map(one => readFileSync(join(one.parentPath, one.name), 'utf8'));
  const said = texts.flatMap(text => [
    ...text.matchAll(/\brule: '([a-z-]+)'/g),
    ...text.matchAll(/\b(?:report|reportMissing|problem|say)\(\s*(?:[\w.]+,\s*)?'([a-z-]+)'/g),
  ]);
  const ids = new Set(said.map(match => match[1]!));
  expect(ids.size).toBeGreaterThan(20);
  expect([...ids].filter(id => !explainedIds().includes(id))).toEqual([]);
  // What the command line adds, and what elaboration says in another way.
  const elsewhere = ['not-executable', 'semisync-k-range'];
  expect(otherIds.map(({ id }) => id).filter(id => !ids.has(id) && !elsewhere.includes(id))).toEqual([]);
});

it('every id that fixtures draw is explained', async () => {
  const ids = new Set<string>();
  for (const { text } of [...fixtures('elaborate'), ...fixtures('rules')])
    for (const { rule } of review(analyseWorkspace(await workspaceOf({ 'main.dsys': text }), uri => uri)).diagnostics)
      ids.add(rule);
  expect(ids.size).toBeGreaterThan(60);
  expect([...ids].filter(id => !explainedIds().includes(id))).toEqual([]);
});

it('an id is explained once', () => {
  expect(new Set(explainedIds()).size).toBe(explainedIds().length);
});

it.each(allRules)('the page of $id shows what it says of its wrong design', async rule => {
  const page = await pageOf(rule);
  expect(page.says.length).toBeGreaterThan(0);
  expect(page.family).not.toBe('');
  expect(markdownOf(page)).toContain(`> ${page.says[0]!.severity}: `);
});

it('what is no id is not explained', async () => {
  expect(await explanationOf('toString')).toBeUndefined();
});
