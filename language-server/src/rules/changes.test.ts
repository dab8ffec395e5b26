/** Where the edits of fixes go, beyond what the fixtures of rules see. */
import { expect, test } from 'vitest';
import { analysed } from '../testing/design.ts';
import { applied } from '../testing/edits.ts';
import { review } from './review.ts';

/** The texts after the first fix of a rule's first finding. */
async function mended(rule: string, texts: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const { 'main.dsys': text, ...files } = texts;
  const found = review(await analysed(text!, files)).diagnostics.find(one => one.rule === rule);
  return applied(texts, found!.fixes![0]!.edits, file => `file:///test/${file}`);
}

test('the only declaration of an imported file', async () => {
  const after = await mended('volatile-promises', {
    'main.dsys': 'import "./places.dsys"\nstore s on db { consensus raft }\n',
    'places.dsys': 'cluster db { nodes 3  disk { volatile } }\n',
  });
  expect(after['places.dsys']).toBe('cluster db { nodes 3  disk { fsync 1ms } }\n');
});

test.each([
  ['{ hinted-handoff off  read 3 }', '{ hinted-handoff off  read majority  write majority }'],
  ['{ read 3 /* all */ }', '{ read majority /* all */  write majority }'],
  ['{\n  read 3  // all\n}', '{\n  read majority  // all\n  write majority\n}'],
])('one option is replaced and another added: %s', async (before, after) => {
  const text = (block: string) => `cluster c { nodes 3 }\nstore s on c { replication leaderless ${block} }\n`;
  expect(await mended('all-of-n-fragile', { 'main.dsys': text(before) })).toEqual({ 'main.dsys': text(after) });
});

test('another split keeps options and replicas where they are written', async () => {
  const text = (split: string) =>
    `cluster c { nodes 3 }\nstore s on c { record { id: string increasing }  partition by ${split} replicas 2 { placement random }  consensus raft }\n`;
  const before = text('range(id) { low: ..10  high: 10..  stale-map reject }');
  expect(await mended('range-hot-tail', { 'main.dsys': before })).toEqual({
    'main.dsys': text('hash(id) into 2 { stale-map reject }'),
  });
});
