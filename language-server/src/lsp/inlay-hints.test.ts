import { EmptyFileSystem, URI } from 'langium';
import { expect, test } from 'vitest';
import { edited, editor } from '../testing/editor.ts';
import { createDsysServices } from './services.ts';
import { defaultSettings } from './settings.ts';

const everything = { start: { line: 0, character: 0 }, end: { line: 1000, character: 0 } };

/** The store's text with the hints in brackets. */
async function hinted(store: string): Promise<string> {
  const text = `${store}\ncluster eu { nodes e1, e2, e3 }`;
  const { services, document, at } = await editor(text);
  const hints = await services.lsp.InlayHintProvider!.getInlayHints(document, { ...at, range: everything });
  const edits = hints!.map(({ position, label }) => ({
    range: { start: position, end: position },
    newText: `[${label}]`,
  }));
  return edited(text, edits.toReversed()).split('\n')[0]!;
}

test.each<[string, string]>([
  [
    'store s on eu { consensus raft }',
    'store s on eu[ on e1 e2 e3] { consensus raft[ election-timeout 150ms..300ms][ tolerates 1] }',
  ],
  [
    'store s on eu { consensus raft { election-timeout 1s..2s } }',
    'store s on eu[ on e1 e2 e3] { consensus raft[ tolerates 1] { election-timeout 1s..2s } }',
  ],
  [
    'store s on eu { replication leaderless { read 2  write 2 } }',
    'store s on eu[ on e1 e2 e3] { replication leaderless[ R+W=4 > N=3][ tolerates 1] { read 2  write 2 } }',
  ],
  [
    'store s on eu { replication leaderless { read 1  write 2 } }',
    'store s on eu[ on e1 e2 e3] { replication leaderless[ R+W=3 ≤ N=3][ tolerates 1] { read 1  write 2 } }',
  ],
  [
    'store s on eu { partition by hash(id) into 5 replicas 2  replication chain }',
    'store s on eu[ p0: e1 e2, p1: e2 e3, p2: e3 e1 and 2 more] { partition by hash(id) into 5 replicas 2  replication chain }',
  ],
  ['store s on nowhere { consensus raft }', 'store s on nowhere { consensus raft }'],
  // What failover consults says nothing about writes.
  ['store s on eu { replication single-leader }', 'store s on eu[ on e1 e2 e3] { replication single-leader }'],
  ['store { consensus raft }', 'store { consensus raft }'],
])('%s', async (store, expected) => {
  expect(await hinted(store)).toBe(expected);
});

test('each kind can be turned off', async () => {
  const settings = defaultSettings();
  const { shared, dsys } = createDsysServices(EmptyFileSystem, { settings });
  const text = 'cluster eu { nodes 3 } store s on eu { consensus raft } store t on eu { replication leaderless }';
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse('file:///hints.dsys'));
  shared.workspace.LangiumDocuments.addDocument(document);
  const params = { textDocument: { uri: 'file:///hints.dsys' }, range: everything };
  const labels = async () =>
    (await dsys.lsp.InlayHintProvider!.getInlayHints(document, params))!.map(({ label }) => String(label).trim());
  const all = [
    ...['on eu1 eu2 eu3', 'election-timeout 150ms..300ms', 'tolerates 1'],
    ...['on eu1 eu2 eu3', 'R+W=4 > N=3', 'tolerates 1'],
  ];
  expect(await labels()).toEqual(all);
  settings.inlayHints.placement = false;
  expect(await labels()).toEqual(all.filter(each => !each.startsWith('on')));
  settings.inlayHints.tolerates = false;
  expect(await labels()).toEqual(['election-timeout 150ms..300ms', 'R+W=4 > N=3']);
  settings.inlayHints.quorums = false;
  expect(await labels()).toEqual(['election-timeout 150ms..300ms']);
  settings.inlayHints.electionTimeout = false;
  expect(await labels()).toEqual([]);
});
