import { expect, test } from 'vitest';
import type { LocationLink } from 'vscode-languageserver';
import { editor, withRanges } from '../testing/editor.ts';

/** Where a definition leads to, as the file and its text with the name marked. */
async function definition(marked: string, files: Readonly<Record<string, string>> = {}) {
  const { services, document, at, shared } = await editor(marked, files);
  const links = (await services.lsp.DefinitionProvider!.getDefinition(document, at)) as LocationLink[] | undefined;
  return links?.map(({ targetUri, targetSelectionRange }) => {
    const target = shared.workspace.LangiumDocuments.all.find(({ uri }) => uri.toString() === targetUri)!;
    return `${targetUri.split('/').at(-1)}: ${withRanges(target.textDocument.getText(), [targetSelectionRange])}`;
  });
}

const cluster = 'cluster eu { nodes e1  nodes 2 }';

test.each<[string, string]>([
  [`store s on ¦eu { } ${cluster}`, 'main.dsys: store s on eu { } cluster «eu» { nodes e1  nodes 2 }'],
  [`store s on eu¦ { } ${cluster}`, 'main.dsys: store s on eu { } cluster «eu» { nodes e1  nodes 2 }'],
  [
    `scenario s { at 1s crash eu.e¦1 } ${cluster}`,
    'main.dsys: scenario s { at 1s crash eu.e1 } cluster eu { nodes «e1»  nodes 2 }',
  ],
  [
    `scenario s { at 1s crash e¦u.e1 } ${cluster}`,
    'main.dsys: scenario s { at 1s crash eu.e1 } cluster «eu» { nodes e1  nodes 2 }',
  ],
  [
    `scenario s { at 1s crash ¦eu3 } ${cluster}`,
    'main.dsys: scenario s { at 1s crash eu3 } cluster eu { nodes e1  nodes «2» }',
  ],
  [
    'transaction buy { update s } scenario x { at 1s client c1 transaction ¦buy }',
    'main.dsys: transaction «buy» { update s } scenario x { at 1s client c1 transaction buy }',
  ],
])('%s', async (marked, expected) => {
  expect(await definition(marked)).toEqual([expected]);
});

test('words and values have none', async () => {
  for (const marked of ['st¦ore s on eu { }', 'store s on eu { model ¦kv }', 'store s on ¦nowhere { }', '¦']) {
    expect(await definition(marked), marked).toBeUndefined();
  }
});

test('over files, and of imports themselves', async () => {
  const files = { 'places.dsys': 'region fra\ncluster eu { nodes 3 }' };
  const text = 'import "./places.dsys"\nstore s on eu { }';
  expect(await definition(text.replace('on eu', 'on e¦u'), files)).toEqual([
    'places.dsys: region fra\ncluster «eu» { nodes 3 }',
  ]);
  expect(await definition(text.replace('"./', '"./¦'), files)).toEqual([
    'places.dsys: «»region fra\ncluster eu { nodes 3 }',
  ]);
});

const design = {
  'places.dsys': 'cluster eu { nodes e1, e2 }',
  'stores.dsys': 'import "./places.dsys"\nstore s on eu { replication single-leader { leader eu.e1 } }',
  'other.dsys': 'cluster eu { nodes 1 }\nstore t on eu { }',
};

async function references(marked: string, files: Readonly<Record<string, string>>, includeDeclaration: boolean) {
  const { services, document, at, shared } = await editor(marked, files);
  const found = await services.lsp.ReferencesProvider!.findReferences(document, {
    ...at,
    context: { includeDeclaration },
  });
  return shared.workspace.LangiumDocuments.all
    .toArray()
    .flatMap(({ uri, textDocument }) => {
      const ranges = found.filter(each => each.uri === uri.toString()).map(({ range }) => range);
      return ranges.length === 0
        ? []
        : [`${uri.path.split('/').at(-1)}: ${withRanges(textDocument.getText(), ranges)}`];
    })
    .sort();
}

test('references are found in every file that sees the declaration, and in no other', async () => {
  const main = 'import "./stores.dsys"\nscenario x { at 1s crash e¦u }';
  expect(await references(main, design, true)).toEqual([
    'main.dsys: import "./stores.dsys"\nscenario x { at 1s crash «eu» }',
    'places.dsys: cluster «eu» { nodes e1, e2 }',
    'stores.dsys: import "./places.dsys"\nstore s on «eu» { replication single-leader { leader «eu».e1 } }',
  ]);
  expect(await references(main, design, false)).toEqual([
    'main.dsys: import "./stores.dsys"\nscenario x { at 1s crash «eu» }',
    'stores.dsys: import "./places.dsys"\nstore s on «eu» { replication single-leader { leader «eu».e1 } }',
  ]);
});

test('highlights tell the declaration from its uses', async () => {
  const { services, document, at } = await editor('store s¦ on eu { }\nworkload w on s { operations 100% read on s }');
  const found = await services.lsp.DocumentHighlightProvider!.getDocumentHighlight(document, at);
  expect(found!.map(({ range, kind }) => [range.start.line, range.start.character, kind])).toEqual([
    [0, 6, 3],
    [1, 14, 2],
    [1, 42, 2],
  ]);
});
