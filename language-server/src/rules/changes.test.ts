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

const placed = 'region eu\nregion us\ncluster e { nodes 3 in eu }\ncluster u { nodes 3 in us }\n';
const voting = (line: string) => `cluster c { ${line} }\nstore s on c { consensus raft  claims { no lost-writes } }\n`;

test.each<[rule: string, before: string, after: string]>([
  [
    'residency-violation',
    `${placed}store s on e, u { consensus raft  claims { residency in eu } }\n`,
    `${placed}store s on e { consensus raft  claims { residency in eu } }\n`,
  ],
  [
    'directory-spof',
    `${placed}store routes on e { replicas 1 }\nstore s on u { partition by directory(id) at routes  consensus raft }\n`,
    `${placed}store routes on e { consensus raft }\nstore s on u { partition by directory(id) at routes  consensus raft }\n`,
  ],
  ['witness-durability', voting('nodes 2  witness w1'), voting('nodes 2  nodes w1')],
  ['witness-durability', voting('nodes 3  witness w1, w2'), voting('nodes 3  nodes w1, w2')],
  [
    'list-too-few-values',
    `${placed}store s on e { record { country: string values "US" 70%, "DE" 30%  id: string }  partition by list(country) { a: "US"  b: "DE"  d: rest } replicas 3  consensus raft }\n`,
    `${placed}store s on e { record { country: string values "US" 70%, "DE" 30%  id: string }  partition by list(country) { a: "US"  b: "DE"  d: rest } then by hash(id) into 3 replicas 3  consensus raft }\n`,
  ],
  [
    'scatter-gather-tail',
    `${placed}store s on e { record { id: string  city: string }  partition by hash(id) into 9  consensus raft }\nworkload w on s { operations 50% read by city, 50% write }\n`,
    `${placed}store s on e { record { id: string  city: string }  partition by hash(city) into 9  consensus raft }\nworkload w on s { operations 50% read by city, 50% write }\n`,
  ],
  [
    'multileader-write-scaling',
    'cluster c { nodes a, b  capacity write 400/s }\nstore s on c { record { id: string }  replicas 2  replication multi-leader { leader a, b  conflicts last-write-wins } }\n',
    'cluster c { nodes a, b  capacity write 400/s }\nstore s on c { record { id: string }  partition by hash(id) into 8 replicas 1  replication multi-leader {  conflicts last-write-wins } }\n',
  ],
  [
    'cheap-paxos-counts',
    'cluster c { nodes a, b  witness w  reliability { mtbf 3s mttr 1s } }\nstore s on c { consensus cheap-paxos { main a, b  auxiliary w } }\n',
    'cluster c { nodes a, b  witness w  reliability { mtbf 3s mttr 1s } }\nstore s on c { consensus cheap-paxos { main a, b  auxiliary w  reconfigure 1.5s } }\n',
  ],
  // Of its partitions one has two voters and one has one.
  [
    'fpaxos-phases',
    'cluster c { nodes 1  witness w }\ncluster d { nodes 1 }\nstore s on c { record { id: string }  partition by list(id) { europe: "DE"  others: rest on d }  consensus flexible-paxos { prepare 1  accept 1 } }\n',
    'cluster c { nodes 1  witness w }\ncluster d { nodes 1 }\nstore s on c { record { id: string }  partition by list(id) { europe: "DE"  others: rest on d }  consensus flexible-paxos { prepare all  accept 1 } }\n',
  ],
])('what is typed for %s', async (rule, before, after) => {
  expect(await mended(rule, { 'main.dsys': before })).toEqual({ 'main.dsys': after });
});

test.each([
  // Lines that count go on counting, and nodes behind it would have other names.
  ['witness-durability', voting('witness w1  nodes 2')],
  // Another store keeps one copy, and counts on its vote.
  ['witness-durability', `${voting('nodes 2  witness w1')}store t on c { replicas 1  consensus raft { quorum 2 } }\n`],
  // No cluster has room for as many copies inside.
  ['residency-violation', `${placed}store s on u { consensus raft  claims { residency in eu } }\n`],
  // The quorum that is written would not fit any more.
  [
    'residency-violation',
    'cluster db { nodes 1 }\ncluster eu { nodes 1 }\nstore s on db, eu { consensus multi-paxos { quorum 2 }  claims { residency in db } }\n',
  ],
  // Nobody would be left to acknowledge.
  [
    'residency-violation',
    'cluster db { nodes 1 }\ncluster eu { nodes 1 }\nstore s on db, eu { replication single-leader semi-synchronous  claims { residency in db } }\n',
  ],
  // Whoever reads by key would have to ask all shards instead.
  [
    'scatter-gather-tail',
    `${placed}store s on e { record { id: string  city: string }  partition by hash(id) into 9  consensus raft }\nworkload w on s { operations 50% read by city, 50% read }\n`,
  ],
])('nothing sensible can be typed for %s', async (rule, text) => {
  const found = review(await analysed(text)).diagnostics.filter(one => one.rule === rule);
  expect(found.length).toBeGreaterThan(0);
  expect(found.flatMap(({ fixes = [] }) => fixes)).toEqual([]);
});
