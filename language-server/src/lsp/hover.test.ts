import { EmptyFileSystem, URI } from 'langium';
import { expect, test } from 'vitest';
import type { MarkupContent } from 'vscode-languageserver';
import { editor } from '../testing/editor.ts';
import { createDsysServices } from './services.ts';

async function hover(marked: string): Promise<string | undefined> {
  const { services, document, at } = await editor(marked);
  const found = await services.lsp.HoverProvider!.getHoverContent(document, at);
  return found && (found.contents as MarkupContent).value;
}

const cluster = `
region fra { zones a, b }
/** Where the data lives.
 *  For now. */
cluster eu {
  nodes e1 in fra.a
  nodes 1 in fra.b
  witness w
}
`;

test.each<[string, string]>([
  [
    `${cluster}store s on ¦eu { consensus raft }`,
    '```dsys\ncluster eu // 3 nodes\n  node e1 in fra.a\n  node eu2 in fra.b\n  witness w\n```\n\nWhere the data lives.\n For now.',
  ],
  [`${cluster}scenario x { at 1s crash eu¦2 }`, '```dsys\nnode eu.eu2 in fra.b\n```'],
  [
    `${cluster}store s on eu { partition by hash(id) into 4 replicas 2 consensus raft }  scenario x { at 1s move s.p¦3 to eu }`,
    '```dsys\npartition s.p3 // on eu2, e1\n```',
  ],
  [`${cluster}cluster c { nodes 1 in ¦fra }`, '```dsys\nregion fra { zones a, b }\n```'],
  [`${cluster}store s on eu { record { us¦er: string } }`, '```dsys\ns.user: string\n```'],
  // Options, with their defaults
  [
    'store s on eu { consensus raft { pre-¦vote off } }',
    '**pre-vote** (raft)\n\nAsk whether an election could be won before standing for it.\n\nDefault: `on`.\n\nFor example `pre-vote on`.',
  ],
  [
    'workload w on s { time¦out 2s }',
    '**timeout** (a workload)\n\nAfter how long a client gives an attempt up.\n\nDefault: `1s`.\n\nFor example `timeout 1s`.',
  ],
  [
    'cluster c { nodes 1 { disk { fs¦ync 1ms } } }',
    '**fsync** (disk)\n\nHow long a write takes to be durable.\n\nDefault: `1ms`.\n\nFor example `fsync 1ms`.',
  ],
  // Words
  [
    'store s on eu { claims { ¦survives 1 node } }',
    '**survives**: How many nodes, zones or regions may be gone for good.',
  ],
  [
    'store s on eu { consensus ra¦ft }',
    '**raft**: One leader per term, a replicated log, majorities (Ongaro and Ousterhout 2014).',
  ],
  ['network { latency log¦normal(1ms, 0.2) }', '**lognormal**: Around a median, with a long tail.'],
  ['scenario s { at 1s cra¦sh e1 }', '**crash**: Nodes stop and lose what was not on disk.'],
  // Quantities
  ['network { latency 1.5¦ms }', '`1.5ms`: a duration, 1 500 000 ns.'],
  ['network { bandwidth 1Gbit/s¦ }', '`1Gbit/s`: a bandwidth, 1 000 000 000 bit/s.'],
  ['network { loss 0.1%¦ }', '`0.1%`: a percent, 0.001 as a fraction.'],
])('%s', async (marked, expected) => {
  expect(await hover(marked)).toBe(expected);
});

test('nothing is said about punctuation, comments and unknown words', async () => {
  for (const marked of ['store s on eu ¦{ }', '// st¦ore', 'store s on nowh¦ere { }', '¦']) {
    expect(await hover(marked), marked).toBeUndefined();
  }
});

test('a store shows what it is, in figures that need no simulation', async () => {
  const text = `cluster eu { nodes 5 { reliability { mtbf 99h mttr 1h } } }
network { latency 2ms }
store ¦s on eu { consensus flexible-paxos { prepare 4  accept 2 } }`;
  expect(await hover(text)).toBe(
    [
      '```dsys',
      'store s on eu { consensus flexible-paxos } // 5 replicas',
      '```',
      '',
      '| | |',
      '|---|---|',
      '| consistency | linearizable: every read and write is a chosen value, and a quorum of each phase meets every quorum of the other |',
      '| CAP | CP |',
      '| PACELC | PC/EC |',
      '| when partitioned | those who reach a quorum are served |',
      '| tolerates | the loss of any 1 node |',
      '| quorum | 2 of 5, resilience 3, load 0.4, capacity of 2.5 nodes |',
      '| availability | *unknown*: flexible-paxos does not say when a leader is replaced |',
      '| read latency floor | 4ms |',
      '| write latency floor | 5ms |',
      '',
      'More, with staleness: `dsys facts`.',
    ].join('\n'),
  );
});

test('of a store that is nowhere there are no facts', async () => {
  expect(await hover('store ¦s on nowhere { consensus raft }')).not.toContain('|');
});

test('what else is known of a store comes from the host', async () => {
  const { shared, dsys } = createDsysServices(EmptyFileSystem, {
    storeFacts: (design, store) => `${store} of ${design.stores.length}`,
  });
  const text = 'store s on eu { }';
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse('file:///facts.dsys'));
  shared.workspace.LangiumDocuments.addDocument(document);
  const at = { textDocument: { uri: 'file:///facts.dsys' }, position: { line: 0, character: 6 } };
  const found = await dsys.lsp.HoverProvider!.getHoverContent(document, at);
  expect((found!.contents as MarkupContent).value).toBe(
    '```dsys\nstore s on eu { one copy } // 1 replica\n```\n\ns of 1',
  );
});
