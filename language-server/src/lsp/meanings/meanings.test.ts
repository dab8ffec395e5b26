import { readdirSync, readFileSync } from 'node:fs';
import { AstUtils, GrammarAST } from 'langium';
import { expect, test } from 'vitest';
import { elaborate } from '../../elaborate/elaborate.ts';
import { createDsysCoreServices } from '../../module.ts';
import { resolveNames } from '../../names/resolve.ts';
import { workspaceOf } from '../../testing/check.ts';
import { analysed } from '../../testing/design.ts';
import { fixtures } from '../../testing/fixtures.ts';
import { defaultOf, defaultTexts } from './defaults.ts';
import { blockKind, optionMeanings } from './options.ts';
import { statementMeanings } from './statements.ts';
import { distributionMeanings, wordMeanings } from './words.ts';

const samples = new URL('../../../../samples/', import.meta.url);

/** A text in which each block stands, around what stands in it. */
const blocks: Readonly<Record<string, (inside: string) => string>> = {
  cluster: inside => `cluster x { nodes 1  ${inside} }`,
  'a line of nodes': inside => `cluster x { nodes 1 { ${inside} } }`,
  disk: inside => `cluster x { nodes 1  disk { ${inside} } }`,
  clock: inside => `cluster x { nodes 1  clock { ${inside} } }`,
  reliability: inside => `cluster x { nodes 1  reliability { ${inside} } }`,
  'the network': inside => `network { ${inside} }`,
  'a link': inside => `network { within db { ${inside} } }`,
  degrade: inside => `scenario s { at 1s degrade { ${inside} } }`,
  faults: inside => `faults { ${inside} }`,
  store: inside => `store s on db { consensus raft  ${inside} }`,
  'a partitioning': inside => `store s on db { partition by hash(id) into 2 replicas 3 { ${inside} } consensus raft }`,
  'single-leader replication': inside => store(`replication single-leader ${modeFor(inside)} { ${inside} }`),
  failover: inside => store(`replication single-leader { failover automatic { ${inside} } }`),
  'multi-leader replication': inside => store(`replication multi-leader { ${inside} }`),
  conflicts: inside => store(`replication multi-leader { conflicts ${policyFor(inside)} ${inside} }`),
  'leaderless replication': inside => store(`replication leaderless { ${inside} }`),
  'chain replication': inside => store(`replication chain { ${inside} }`),
  raft: inside => store(`consensus raft { ${inside} }`),
  paxos: inside => store(`consensus paxos { ${inside} }`),
  'multi-paxos': inside => store(`consensus multi-paxos { ${inside} }`),
  'fast-paxos': inside => store(`consensus fast-paxos { ${inside} }`),
  'cheap-paxos': inside => store(`consensus cheap-paxos { ${cheap(inside)} ${inside} }`),
  'flexible-paxos': inside => store(`consensus flexible-paxos { ${inside} }`),
  epaxos: inside => store(`consensus epaxos { ${inside} }`),
  'two-phase-commit': inside => store(`consensus two-phase-commit { ${inside} }`),
  'three-phase-commit': inside => store(`consensus three-phase-commit { ${inside} }`),
  transaction: inside => `store s on db { consensus raft } transaction t { update s  ${inside} }`,
  'a workload': inside => `store s on db { consensus raft } workload w on s { ${inside} }`,
  'a scenario': inside => `store s on db { consensus raft } scenario x { ${inside} }`,
};

const store = (inside: string) => `store s on db { ${inside} }`;
const modeFor = (inside: string) => (inside.includes('fallback') ? 'semi-synchronous' : 'synchronous');
const policyFor = (inside: string) =>
  inside.startsWith('version-check')
    ? 'optimistic-lock'
    : inside.startsWith('on-move')
      ? 'avoid by country { "DE" -> d1 }'
      : 'pessimistic-lock';
const cheap = (inside: string) =>
  `${inside.startsWith('main') ? '' : 'main d1, d2'} ${inside.startsWith('auxiliary') ? '' : 'auxiliary w1'}`;

const whole = (block: string, inside: string) => `
cluster db { nodes d1, d2, d3  witness w1 }
${blocks[block]!(inside)}
`;

const namesFor = (example: string) =>
  example.replace('NODE, NODE', 'd1, d2').replace('NODE', 'd1').replace('WITNESS', 'w1').replace('CLUSTER', 'db');

const options = Object.entries(optionMeanings).flatMap(([block, meanings]) =>
  Object.entries(meanings).map(([name, { example }]): [string, string, string] => [block, name, example]),
);

test.each(options)('the example of an option can be written: %s { %s %s }', async (block, name, example) => {
  const { diagnostics } = await analysed(whole(block, `${name} ${namesFor(example)}`));
  expect(diagnostics).toEqual([]);
});

/** A design without the places where it is written. */
async function bare(text: string): Promise<unknown> {
  const { design, diagnostics } = await analysed(text);
  expect(diagnostics).toEqual([]);
  const withoutPlaces = (key: string, value: unknown) => (key === 'at' || key === 'files' ? undefined : value);
  return JSON.parse(JSON.stringify(design, withoutPlaces));
}

const written = Object.entries(defaultTexts).flatMap(([block, texts]) =>
  Object.entries(texts).map(([name, text]): [string, string, string] => [block, name, text]),
);

test.each(written)('a default that is written changes nothing: %s { %s %s }', async (block, name, text) => {
  expect(await bare(whole(block, `${name} ${text}`))).toEqual(await bare(whole(block, otherwise(block, name))));
});

/** The same mode, without the option. */
const otherwise = (block: string, name: string) =>
  block === 'single-leader replication' && name === 'fallback' ? '/* fallback */' : '';

test.each(options)('every option has a default, or must be written: %s { %s }', (block, name) => {
  const must = [
    'cheap-paxos main',
    'cheap-paxos auxiliary',
    'store replicas',
    'conflicts version-check',
    'conflicts on-move',
  ];
  const alone = block === 'degrade' || block === 'epaxos' || must.includes(`${block} ${name}`);
  expect(defaultOf(block, name) !== undefined || alone, `${block} ${name}`).toBe(true);
});

/** What elaboration looks for in all texts of the tests. */
async function everythingAsked() {
  const found = { options: new Set<string>(), words: new Set<string>() };
  const texts = [
    ...fixtures().map(({ text }) => text),
    ...fixtures('elaborate').map(({ text }) => text),
    ...readdirSync(samples).map(file => readFileSync(new URL(file, samples), 'utf8')),
    ...options.map(([block, name, example]) => whole(block, `${name} ${namesFor(example)}`)),
  ];
  for (const text of texts) {
    const workspace = await workspaceOf({ 'main.dsys': text });
    elaborate(workspace, resolveNames(workspace), String, (_, wanted) => {
      if (wanted.kind === 'options')
        for (const name of wanted.names) found.options.add(`${blockKind(wanted.owner)}.${name}`);
      if (wanted.kind === 'words') for (const word of wanted.words) found.words.add(word);
    });
  }
  return found;
}

test('every option and word that elaboration knows has a meaning, and nothing else has one', async () => {
  const asked = await everythingAsked();
  const known = new Set(options.map(([block, name]) => `${block}.${name}`));
  expect([...asked.options].filter(each => !known.has(each))).toEqual([]);
  expect([...known].filter(each => !asked.options.has(each) && each !== 'store.replicas')).toEqual([]);
  expect([...asked.words].filter(word => !Object.hasOwn(wordMeanings, word))).toEqual([]);
  expect(asked.words.size).toBeGreaterThan(150);
});

test('every keyword of the grammar has a meaning', () => {
  const { rules } = createDsysCoreServices().dsys.Grammar;
  const isOption = /Option|Phrase|Values|Replicas|Merge|Switch|Word|ReadMode|Rest/;
  const without = rules.filter(GrammarAST.isParserRule).flatMap(rule =>
    isOption.test(rule.name)
      ? []
      : AstUtils.streamAllContents(rule)
          .filter(GrammarAST.isKeyword)
          .map(({ value }) => value)
          .filter(value => /^[a-z]/.test(value) && !statementMeanings[rule.name]?.[value] && !wordMeanings[value])
          .map(value => `${rule.name}: ${value}`)
          .toArray(),
  );
  expect(without).toEqual([]);
});

test('every distribution has a meaning', () => {
  expect(Object.keys(distributionMeanings)).toEqual(['uniform', 'normal', 'lognormal', 'exponential', 'pareto', 'mix']);
});
