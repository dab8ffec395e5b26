/** Folding, selection, links, formatting, calls: what follows from the structure of a file. */
import { expect, test } from 'vitest';
import type { FoldingRange, SelectionRange } from 'vscode-languageserver';
import { edited, editor } from '../testing/editor.ts';
import { selectionRanges } from './selection.ts';

test('blocks, comments and imports fold', async () => {
  const text = `import "./a.dsys"
import "./b.dsys"
// one
// two

/* a
   b */
store s on eu {
  consensus raft {
    read index
  }
  claims { cap CP }
}
region r { zones a }
`;
  const { services, document, at } = await editor(text);
  const folds = (await services.lsp.FoldingRangeProvider!.getFoldingRanges(document, at)) as FoldingRange[];
  expect(folds.map(({ startLine, endLine, kind }) => `${startLine}-${endLine}${kind ? ` ${kind}` : ''}`)).toEqual([
    '0-1 imports',
    '2-3 comment',
    '5-6 comment',
    '7-11',
    '8-9',
  ]);
});

test('the selection grows from the word to the file', async () => {
  const text = 'store s on eu { consensus raft { election-timeout 150ms..300ms } }\n';
  const { document } = await editor(text);
  const chain: string[] = [];
  for (
    let at: SelectionRange | undefined = selectionRanges(document, [{ line: 0, character: 52 }])[0];
    at;
    at = at.parent
  ) {
    chain.push(document.textDocument.getText(at.range));
  }
  expect(chain).toEqual([
    '150ms',
    '150ms..300ms',
    'election-timeout 150ms..300ms',
    '{ election-timeout 150ms..300ms }',
    'consensus raft { election-timeout 150ms..300ms }',
    'store s on eu { consensus raft { election-timeout 150ms..300ms } }',
    text,
  ]);
});

test('imports are links', async () => {
  const { services, document, at } = await editor('import "./sub/a b.dsys"\nimport ""\nimport');
  expect(await services.lsp.DocumentLinkProvider!.getDocumentLinks(document, at)).toEqual([
    {
      range: { start: { line: 0, character: 8 }, end: { line: 0, character: 22 } },
      target: 'file:///test/sub/a%20b.dsys',
    },
  ]);
});

const options = { tabSize: 4, insertSpaces: true };

test('a file is formatted by an edit of what changes', async () => {
  const { services, document, at } = await editor('region a\nstore s on eu {model kv}\nregion b\n');
  const edits = await services.lsp.Formatter!.formatDocument(document, { ...at, options });
  expect(edits).toHaveLength(1);
  expect(edits[0]!.range.start.line).toBe(1);
  expect(edited(document.textDocument.getText(), edits)).toBe('region a\nstore s on eu { model kv }\nregion b\n');
});

test.each([
  ['region a\n', 'nothing to do'],
  ['store s on eu {model kv', 'errors'],
  ['', 'empty'],
])('%j is left alone: %s', async text => {
  const { services, document, at } = await editor(text);
  expect(await services.lsp.Formatter!.formatDocument(document, { ...at, options })).toEqual([]);
});

test('Windows line ends stay', async () => {
  const { services, document, at } = await editor('store s on eu {\r\nmodel kv\r\n}\r\n');
  const edits = await services.lsp.Formatter!.formatDocument(document, { ...at, options });
  expect(edited(document.textDocument.getText(), edits)).toBe('store s on eu {\r\n  model kv\r\n}\r\n');
});

test('of a range the declarations that it touches, whatever is wrong with others', async () => {
  const text = 'store a on eu {model kv}\nstore b on eu {model kv}\nstore c on {';
  const { services, document, at } = await editor(text);
  const range = { start: { line: 1, character: 3 }, end: { line: 1, character: 4 } };
  const edits = await services.lsp.Formatter!.formatDocumentRange(document, { ...at, range, options });
  expect(edited(text, edits)).toBe('store a on eu {model kv}\nstore b on eu { model kv }\nstore c on {');
});

test('calls lead from workloads to stores to clusters and back', async () => {
  const files = { 'places.dsys': 'cluster eu { nodes 3 }' };
  const text = `import "./places.dsys"
store s on eu { }
transaction t { update s }
workload w on s, t { operations 50% read on s, 50% transaction }
scenario x { run w for 5s }`;
  const { services, document, position, at } = await editor(text.replace('store s', 'store ¦s'), files);
  const calls = services.lsp.CallHierarchyProvider!;
  const [item] = (await calls.prepareCallHierarchy(document, { ...at, position }))!;
  expect(item).toMatchObject({ name: 's', detail: 'store' });
  const outgoing = await calls.outgoingCalls({ item: item! });
  expect(outgoing!.map(({ to }) => to.name)).toEqual(['eu']);
  const incoming = await calls.incomingCalls({ item: item! });
  expect(incoming!.map(({ from, fromRanges }) => [from.name, fromRanges.length])).toEqual([
    ['t', 1],
    ['w', 2],
  ]);
  const users = await calls.incomingCalls({ item: incoming![1]!.from });
  expect(users!.map(({ from }) => from.name)).toEqual(['x']);
  const used = await calls.incomingCalls({ item: outgoing![0]!.to });
  expect(used!.map(({ from }) => from.name)).toEqual(['s']);
});

test('there is no call hierarchy of a region or a keyword', async () => {
  for (const marked of ['region ¦r', '¦region r']) {
    const { services, document, at } = await editor(marked);
    expect(await services.lsp.CallHierarchyProvider!.prepareCallHierarchy(document, at)).toBeUndefined();
  }
});
