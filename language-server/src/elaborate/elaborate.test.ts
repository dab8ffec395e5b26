import { expect, test } from 'vitest';
import { check, workspaceOf } from '../testing/check.ts';
import { fixtures } from '../testing/fixtures.ts';
import { analyseWorkspace } from './analyse.ts';

const complete = (workspace: Parameters<typeof analyseWorkspace>[0]) =>
  analyseWorkspace(workspace, uri => uri).diagnostics;

test.each(fixtures('elaborate'))('$file: $name', async ({ text }) => {
  await check(text, {}, complete);
});

test('there are fixtures for every part of elaboration', () => {
  expect(fixtures('elaborate').length).toBeGreaterThan(60);
});

test('an import cycle is said once and the design is whole', async () => {
  const main = 'import "other.dsys"\ncluster eu { nodes 3 }\nstore a on eu { consensus raft }';
  const other = 'import "main.dsys" // error: import-cycle at `"main.dsys"`\nstore b on eu { consensus raft }';
  await check(main, { 'other.dsys': other }, complete);
});

test('what names report is not repeated', async () => {
  await check(
    `cluster eu { nodes e1, e2, e1 } // error: duplicate-name: two nodes called 'eu.e1'
cluster eu { nodes 2 } // error: duplicate-name: two clusters called 'eu'
store a on eu { replication leaderless { read any 2 of (e1, e9) } } // error: unresolved-name at \`e9\`
store a on eu { consensus nothing } // error: duplicate-name: two stores called 'a'
transaction t { update a, b } // error: unresolved-name at \`b\``,
    {},
    complete,
  );
});

/** Snippets that are right for the parser and for names, and wrong here: what is wrong is their point. */
const wrongHere = [
  'unknown options and topologies are not errors of syntax',
  'options of other mechanisms are not errors of syntax',
  'unknown properties are not errors of syntax',
  'every algorithm, bare', // cheap-paxos names its nodes
  'a duration without its unit',
  'wherever a quorum stands', // a leader is no follower of its own
  'reads', // a transaction that reads and updates
];

const forms = fixtures().filter(({ file, name, text }) => {
  const isPart = /^(03|05|06|07|08|09)-/.test(file);
  return isPart && !text.includes('// error: ') && !wrongHere.includes(name);
});

test.each(forms)('every form of $file is understood: $name', async ({ text }) => {
  const errors = complete(await workspaceOf({ 'main.dsys': text })).filter(({ severity }) => severity === 'error');
  expect(errors.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([]);
});
