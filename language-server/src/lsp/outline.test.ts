import { expect, test } from 'vitest';
import type { DocumentSymbol } from 'vscode-languageserver';
import { editor } from '../testing/editor.ts';

const show = (symbols: readonly DocumentSymbol[], indent = ''): string[] =>
  symbols.flatMap(({ name, detail, children }) => [
    `${indent}${name}${detail ? ` (${detail})` : ''}`,
    ...show(children ?? [], `${indent}  `),
  ]);

const text = `region fra { zones a, b }
network { loss 1% }
cluster eu { nodes e1, e2 in fra.a  nodes 2  witness w }
store s on eu {
  record { id: string  user: string }
  partition by list(user) { mine: "me"  others: rest }
}
store { }
workload w on s { }
scenario x { }
`;

test('the outline has declarations and what they declare', async () => {
  const { services, document, at } = await editor(text);
  const symbols = (await services.lsp.DocumentSymbolProvider!.getSymbols(document, at)) as DocumentSymbol[];
  expect(show(symbols)).toEqual([
    'fra (region)',
    '  a (zone)',
    '  b (zone)',
    'network',
    'eu (cluster)',
    '  e1 (node)',
    '  e2 (node)',
    '  w (node)',
    's (store)',
    '  id (field)',
    '  user (field)',
    '  mine (partition)',
    '  others (partition)',
    'w (workload)',
    'x (scenario)',
  ]);
  // Editors refuse symbols whose name lies outside of them.
  const flat = (all: readonly DocumentSymbol[]): DocumentSymbol[] =>
    all.flatMap(each => [each, ...flat(each.children ?? [])]);
  for (const { range, selectionRange, name } of flat(symbols)) {
    const [a, b] = [document.textDocument.offsetAt(range.start), document.textDocument.offsetAt(range.end)];
    const [c, d] = [
      document.textDocument.offsetAt(selectionRange.start),
      document.textDocument.offsetAt(selectionRange.end),
    ];
    expect(a <= c && c <= d && d <= b, name).toBe(true);
  }
});

test('symbols of all files by the letters of a query', async () => {
  const { shared } = await editor(text, { 'other.dsys': 'cluster far { nodes f1 }' });
  const find = async (query: string) =>
    (await shared.lsp.WorkspaceSymbolProvider!.getSymbols({ query })).map(
      ({ name, containerName }) => `${containerName ? `${containerName}.` : ''}${name}`,
    );
  expect(await find('f')).toEqual(['far', 'far.f1', 'fra', 'fra.a', 'fra.b']);
  expect(await find('eu.e')).toEqual(['eu.e1', 'eu.e2']);
  expect(await find('nothing of the kind')).toEqual([]);
});
