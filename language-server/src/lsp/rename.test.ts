import { expect, test } from 'vitest';
import { edited, editor } from '../testing/editor.ts';

async function rename(marked: string, newName: string, files: Readonly<Record<string, string>> = {}) {
  const { services, document, at, shared } = await editor(marked, files);
  const result = await services.lsp.RenameProvider!.rename(document, { ...at, newName });
  const texts = shared.workspace.LangiumDocuments.all
    .toArray()
    .map(({ uri, textDocument }) => [
      uri.path.split('/').at(-1)!,
      edited(textDocument.getText(), result!.changes![uri.toString()] ?? []),
    ]);
  return Object.fromEntries(texts) as Record<string, string>;
}

test('a cluster, with its counted nodes, over files', async () => {
  const files = {
    'places.dsys': 'cluster eu { nodes e1  nodes 2 }',
    'other.dsys': 'cluster eu { nodes 1 }\nstore t on eu { }',
  };
  const main =
    'import "./places.dsys"\nstore s on e¦u { replication single-leader { leader eu.eu3 } }\nscenario x { at 1s crash eu2, e1 }';
  expect(await rename(main, 'europe', files)).toEqual({
    'main.dsys':
      'import "./places.dsys"\nstore s on europe { replication single-leader { leader europe.europe3 } }\nscenario x { at 1s crash europe2, e1 }',
    'places.dsys': 'cluster europe { nodes e1  nodes 2 }',
    'other.dsys': 'cluster eu { nodes 1 }\nstore t on eu { }',
  });
});

test.each<[string, string, string]>([
  [
    'cluster c { nodes p¦, q }  scenario s { at 1s crash p, c.p, leader of p }  store p on c { }',
    'first',
    'cluster c { nodes first, q }  scenario s { at 1s crash first, c.first, leader of p }  store p on c { }',
  ],
  [
    'store s on c { record { user¦: string } partition by hash(user) into 4 }  store t on c { record { u: string -> s.user } }  cluster c { nodes 1 }',
    'customer',
    'store s on c { record { customer: string } partition by hash(customer) into 4 }  store t on c { record { u: string -> s.customer } }  cluster c { nodes 1 }',
  ],
  [
    'region fra { zones a¦, b }  cluster c { nodes 1 in fra.a }',
    'rack-1',
    'region fra { zones rack-1, b }  cluster c { nodes 1 in fra.rack-1 }',
  ],
  [
    'store s on c { partition by list(x) { eu¦: "DE"  rest: rest } }  scenario y { at 1s move s.eu to c }  cluster c { nodes 1 }',
    'europe',
    'store s on c { partition by list(x) { europe: "DE"  rest: rest } }  scenario y { at 1s move s.europe to c }  cluster c { nodes 1 }',
  ],
  [
    'store s on c { }  transaction b¦uy { update s }  scenario x { at 1s client c1 transaction buy }  cluster c { nodes 1 }',
    'purchase',
    'store s on c { }  transaction purchase { update s }  scenario x { at 1s client c1 transaction purchase }  cluster c { nodes 1 }',
  ],
  // Every word of the language may be a name.
  ['region r¦  cluster c { nodes 1 in r }', 'region', 'region region  cluster c { nodes 1 in region }'],
])('%s to %s', async (marked, newName, expected) => {
  expect(await rename(marked, newName)).toMatchObject({ 'main.dsys': expected });
});

test.each<[string, string, string, RegExp]>([
  ['no valid name', 'region r¦', '1st', /'1st' is no name: names begin with a letter/],
  ['no valid name', 'region r¦', 'a b', /is no name/],
  ['a name with two dashes', 'region r¦', 'a--b', /is no name/],
  [
    'a name that is taken',
    'region r¦  region other',
    'other',
    /other cannot be the name: There are two regions called 'other'/,
  ],
  [
    'a name that another kind of place has',
    'region r¦  cluster c { nodes 1 in r }',
    'c',
    /c cannot be the name: There are a region and a cluster called 'c'|There are a cluster and a region/,
  ],
  [
    'a node that a bare name would no longer lead to',
    'cluster c { nodes p¦, q }  cluster d { nodes x }  scenario s { at 1s crash p, x }',
    'x',
    /x cannot be the name: 'x' could be node/,
  ],
  [
    'a name that shadows another',
    'cluster c { nodes p }  cluster d¦ { nodes 1 }  scenario s { at 1s crash p }',
    'p',
    /p cannot be the name: some other name would come to mean something else/,
  ],
  [
    'a role word',
    'cluster c { nodes p¦ }  scenario s { at 1s crash p }',
    'leader',
    /leader cannot be the name: 'leader' is a role here/,
  ],
  [
    'a counted node',
    'cluster c { nodes 3 }  scenario s { at 1s crash c2¦ }',
    'x',
    /c2 is not written anywhere, only counted/,
  ],
  ['a keyword', 'reg¦ion r', 'x', /Only names can be renamed/],
  ['nothing', '¦', 'x', /Only names can be renamed/],
])('refused: %s', async (_, marked, newName, message) => {
  await expect(rename(marked, newName)).rejects.toThrow(message);
});

test('prepare answers with the range of the name, and refuses what rename refuses', async () => {
  const { services, document, at } = await editor('cluster eu { nodes 2 }\nstore s on e¦u { }');
  expect(await services.lsp.RenameProvider!.prepareRename(document, at)).toEqual({
    start: { line: 1, character: 11 },
    end: { line: 1, character: 13 },
  });
  const word = await editor('st¦ore s on eu { }');
  await expect(async () => word.services.lsp.RenameProvider!.prepareRename(word.document, word.at)).rejects.toThrow(
    /Only names/,
  );
});
