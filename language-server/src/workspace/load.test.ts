import { expect, test } from 'vitest';
import { loadWorkspace } from '../module.ts';
import { analyse, check } from '../testing/check.ts';
import { maxFiles, visibleFrom } from './load.ts';

const design = 'import "./places.dsys"\nstore a on eu { }';

test('names of imported files are visible', async () => {
  await check(design, { 'places.dsys': 'cluster eu { nodes 3 }' });
});

test('and of what those import, but not the other way round', async () => {
  await check('import "./b.dsys"\ncluster main { nodes 1 in oslo }', {
    'b.dsys': 'import "deep/c.dsys"\nstore b on eu { }\nstore c on main { } // error: unresolved-name at `main`',
    'deep/c.dsys': 'import "../d.dsys"\ncluster eu { nodes 1 in oslo }',
    'd.dsys': 'region oslo',
  });
});

test('files beside each other do not see each other', async () => {
  await check('import "./b.dsys"\nimport "./c.dsys"\nstore s on eu { }', {
    'b.dsys': 'cluster eu { nodes 1 }',
    'c.dsys': 'store c on eu { } // error: unresolved-name at `eu`: There is no cluster',
  });
});

test('a file that is imported twice is one file', async () => {
  const workspace = await check('import "./b.dsys"\nimport "./c.dsys"\nimport "./sub/../c.dsys"', {
    'b.dsys': 'import "./c.dsys"\nstore b on eu { }',
    'c.dsys': 'cluster eu { nodes 1 }',
  });
  expect(workspace.files.map(each => each.uri)).toEqual([
    'file:///test/c.dsys',
    'file:///test/b.dsys',
    'file:///test/main.dsys',
  ]);
  expect(visibleFrom(workspace, 'file:///test/b.dsys')).toEqual(['file:///test/b.dsys', 'file:///test/c.dsys']);
});

test('a file that is not there', async () => {
  await check(
    `import "./places.dsys" // error: unresolved-import at \`"./places.dsys"\`: There is no file './places.dsys' here that can be read.
import "./places" // error: unresolved-import: The names of dsys files end in .dsys.
`,
  );
});

test('an empty path is an import that is still being written', async () => {
  await check('import ""\nregion a');
});

test('circles are reported where they close, and everything is still read', async () => {
  await check('import "./b.dsys"\nregion a\ncluster x { nodes 1 in c }', {
    'b.dsys': 'import "./c.dsys"\nregion b',
    'c.dsys':
      'import "./main.dsys" // error: import-cycle at `"./main.dsys"`: These files import each other in a circle: main.dsys -> b.dsys -> c.dsys -> main.dsys.\nregion c\ncluster y { nodes 1 in a }',
  });
  await check('import "./main.dsys" // error: import-cycle: This file imports itself.\nregion a');
});

test('the same name in two files', async () => {
  await check('import "./b.dsys"\nregion oslo // error: duplicate-name at `oslo`: There are two regions', {
    'b.dsys': 'region oslo',
  });
  const { diagnostics } = await analyse('import "./b.dsys"\nregion oslo', { 'b.dsys': 'region oslo' });
  expect(diagnostics[0].related).toMatchObject([{ uri: 'file:///test/b.dsys' }]);
});

test('errors of imported files are reported there', async () => {
  await check('import "./b.dsys"\nregion a', { 'b.dsys': 'region b { zones } // error: syntax at `}`' });
});

test('Windows line ends, byte order marks and backslashes', async () => {
  await check(`\uFEFF${design.replace('./', '.\\').replace('\n', '\r\n')}\r\n`, {
    'places.dsys': '\uFEFF// what\r\n/* is\r\n */ cluster eu {\r\n nodes 3\r\n}\r\n',
  });
  const { diagnostics } = await analyse('\uFEFFregion a\r\nstore b on\r\n  // nothing\r\n  euu { }\r\n');
  expect(diagnostics).toMatchObject([{ range: { start: { line: 3, character: 2 }, end: { line: 3, character: 5 } } }]);
});

test('columns of the first line do not count a byte order mark', async () => {
  const { diagnostics } = await analyse('\uFEFFstore a on x { }');
  expect(diagnostics).toMatchObject([{ range: { start: { line: 0, character: 11 } } }]);
});

test('spaces and other characters in paths', async () => {
  const files: Record<string, string> = {
    'file:///home/me/my%20designs/main%20file.dsys':
      'import "./parts of it/r%C3%A9gions.dsys"\nimport "./été & co.dsys"',
    'file:///home/me/my%20designs/%C3%A9t%C3%A9%20%26%20co.dsys': 'region a',
    'file:///home/me/my%20designs/parts%20of%20it/r%25C3%25A9gions.dsys': 'region b',
  };
  const asked: string[] = [];
  const workspace = await loadWorkspace('file:///home/me/my designs/main file.dsys', uri => {
    asked.push(uri);
    return files[uri];
  });
  expect(asked).toEqual(Object.keys(files).toSorted((a, b) => asked.indexOf(a) - asked.indexOf(b)));
  expect(workspace?.diagnostics).toEqual([]);
  expect(workspace?.files).toHaveLength(3);
});

test('a main file that cannot be read', async () => {
  expect(await loadWorkspace('file:///nowhere.dsys', () => undefined)).toBeUndefined();
});

test('a chain of imports without an end is cut off', async () => {
  const workspace = await loadWorkspace('file:///0.dsys', uri => {
    const number = Number(/(\d+)\.dsys$/.exec(uri)![1]);
    return `import "./${number + 1}.dsys"`;
  });
  expect(workspace?.files).toHaveLength(maxFiles);
  expect(workspace?.diagnostics).toMatchObject([
    { rule: 'unresolved-import', message: expect.stringContaining('at most 1000 files') },
  ]);
});
