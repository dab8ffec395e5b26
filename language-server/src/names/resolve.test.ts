import { isName, isStore, type Name } from '@dsys/grammar';
import fc from 'fast-check';
import { AstUtils } from 'langium';
import { describe, expect, test } from 'vitest';
import { analyse } from '../testing/check.ts';
import { declaredAt } from './duplicates.ts';
import { suggestion } from './scope.ts';
import { closest, editDistance } from './suggest.ts';

const design = `
region frankfurt { zones a, b }
cluster eu { nodes e1, e2 in frankfurt.a nodes 2 in frankfurt.b }
store users on eu { record { id: string } partition by hash(id) into 3 }
store orders on eu {
  record { user: string -> users.id country: string }
  partition by list(country) { europe: "DE" rest: rest } then by hash(user) into 2
}
scenario s {
  run for 5s
  at 1s crash eu3, eu.e1, leader of orders.europe.p1
  at 2s crash e1, leader of orders.rest
}
`;

async function names(text = design) {
  const { workspace, names: found, diagnostics } = await analyse(text);
  const root = workspace.entry.document.parseResult.value;
  const uri = workspace.entry.uri;
  const all = AstUtils.streamAst(root).filter(isName).toArray();
  const named = (written: string): Name => all.find(each => each.parts.join('.') === written)!;
  return { workspace, root, uri, found, named, diagnostics, scope: found.scopeOf(uri) };
}

test('what names refer to', async () => {
  const { found, named, diagnostics } = await names();
  expect(diagnostics).toEqual([]);
  expect(found.symbolOf(named('eu3'))).toMatchObject({
    kind: 'node',
    path: 'eu.eu3',
    implied: true,
    declaration: { $type: 'Members' },
  });
  expect(found.symbolOf(named('eu.e1'))).toMatchObject({
    kind: 'node',
    path: 'eu.e1',
    implied: false,
    declaration: { $type: 'Node' },
  });
  expect(found.symbolOf(named('frankfurt.a'))).toMatchObject({
    kind: 'zone',
    declaration: { $type: 'Zone', name: 'a' },
  });
  expect(found.symbolOf(named('users.id'))).toMatchObject({
    kind: 'field',
    declaration: { $type: 'Field', type: 'string' },
  });
  expect(found.symbolOf(named('orders.europe.p1'))).toMatchObject({
    kind: 'partition',
    declaration: { $type: 'Partition' },
  });
  expect(found.symbolOf(named('orders.rest'))).toMatchObject({ kind: 'partition', declaration: { name: 'rest' } });
  expect(found.symbolOf(named('country'))).toMatchObject({ path: 'orders.country' });
});

test('every use of a symbol, for renaming', async () => {
  const { found, named } = await names();
  const node = found.symbolOf(named('e1'))!;
  const uses = found.uses.filter(each => each.symbol === node);
  expect(uses.map(({ name, part }) => [name.parts.join('.'), part])).toEqual([
    ['eu.e1', 1],
    ['e1', 0],
  ]);
  const cluster = found.symbolOf(named('eu'))!;
  expect(
    found.uses.filter(each => each.symbol === cluster).map(({ name, part }) => [name.parts.join('.'), part]),
  ).toEqual([
    ['eu', 0],
    ['eu', 0],
    ['eu.e1', 0],
  ]);
  const partition = found.uses.filter(each => each.symbol.path === 'orders.europe');
  expect(partition.map(({ name, part }) => [name.parts.join('.'), part])).toEqual([['orders.europe.p1', 1]]);
});

test('where symbols are declared', async () => {
  const { found, named } = await names();
  expect(declaredAt(found.symbolOf(named('e1'))!)).toMatchObject({ range: { start: { line: 2, character: 19 } } });
  expect(declaredAt(found.symbolOf(named('eu3'))!)).toMatchObject({ range: { start: { line: 2, character: 47 } } });
});

test('what is visible, for completion', async () => {
  const { scope } = await names();
  const paths = (kinds: Parameters<typeof scope.list>[0]) => scope.list(kinds).map(each => each.path);
  expect(paths(['node'])).toEqual(['eu.e1', 'eu.e2', 'eu.eu3', 'eu.eu4']);
  expect(paths(['zone', 'region'])).toEqual(['frankfurt', 'frankfurt.a', 'frankfurt.b']);
  expect(paths(['partition'])).toEqual([
    ...['users.p0', 'users.p1', 'users.p2', 'orders.europe', 'orders.rest'],
    ...['orders.europe.p0', 'orders.europe.p1', 'orders.rest.p0', 'orders.rest.p1'],
  ]);
});

describe('partitions', () => {
  const partition = async (store: string, path: string) => {
    const { scope } = await names(
      `cluster eu { nodes 3 }\nstore t on eu { partition by hash(x) into 2 }\nstore s on eu { ${store} }`,
    );
    return scope.lookup(path, ['partition']).map(each => each.path);
  };
  test.each([
    ['', 's.p0', true],
    ['', 's.p1', false],
    ['partition by hash(x) into 16', 's.p15', true],
    ['partition by hash(x) into 16', 's.p16', false],
    ['partition by hash(x) into 16', 's.p01', false],
    ['partition by hash(x) into 16', 's.q1', false],
    ['partition by hash(x) into 100000', 's.p99999', true],
    ['partition by hash(x) into 100000', 's.p100000', false],
    ['partition by hash(x) modulo nodes', 's.p7', true],
    ['partition by consistent-hash(x)', 's.p700', true],
    ['partition by directory(x) at t', 's.p1', true],
    ['partition by columns { a: x b: y }', 's.b', true],
    ['partition by columns { a: x b: y }', 's.p0', false],
    ['partition by list(x) { a: 1 b: 2 } then by hash(y) into 2', 's.b.p1', true],
    ['partition by list(x) { a: 1 b: 2 } then by hash(y) into 2', 's.b.p2', false],
    ['partition by list(x) { a: 1 b: 2 } then by hash(y) into 2', 's.b.p1.p0', false],
    ['partition with t', 's.p1', true],
  ])('%s: %s', async (store, path, exists) => {
    expect(await partition(store, path)).toEqual(exists ? [path] : []);
  });

  test('there is one symbol for a partition that is not listed', async () => {
    const { scope } = await names('store s { partition by hash(x) into 100000 }');
    const [first] = scope.lookup('s.p77777', ['partition']);
    expect(scope.lookup('s.p77777', ['partition'])[0]).toBe(first);
    expect(isStore(first.declaration)).toBe(true);
  });
});

test('a name that several things have', async () => {
  const { scope } = await names(
    'region x { zones x } cluster c { nodes x } store x on c { record { x: int } } workload x on x { }',
  );
  expect(scope.lookup('x', ['region', 'zone', 'cluster', 'node']).map(each => each.kind)).toEqual(['region']);
  expect(scope.lookup('c.x', ['region', 'zone', 'cluster', 'node']).map(each => each.kind)).toEqual(['node']);
  expect(scope.lookup('x.x', ['zone']).map(each => each.kind)).toEqual(['zone']);
  expect(scope.lookup('x.x', ['field']).map(each => each.kind)).toEqual(['field']);
  expect(scope.lookup('x', ['workload']).map(each => each.kind)).toEqual(['workload']);
});

test('names of objects are no names of the language', async () => {
  const { diagnostics } = await names(
    'store constructor on toString { }\nscenario s { run __proto__ for 5s at 1s crash hasOwnProperty, valueOf of x }',
  );
  expect(diagnostics.map(each => each.rule)).toEqual(Array(4).fill('unresolved-name'));
});

test('suggestions', async () => {
  const { scope } = await names();
  expect(suggestion(scope, 'a', ['zone'])).toBe('frankfurt.a');
  expect(suggestion(scope, 'berlin.b', ['zone'])).toBe('frankfurt.b');
  expect(suggestion(scope, 'usres', ['store'])).toBe('users');
  expect(suggestion(scope, 'completely-different', ['store'])).toBeUndefined();
});

describe('closest', () => {
  test.each([
    ['oders', ['orders', 'users'], 'orders'],
    ['ordres', ['orders', 'users'], 'orders'],
    ['Orders', ['orders'], 'orders'],
    ['ab', ['cd', 'xy'], undefined],
    ['e9', ['e1', 'e2'], undefined],
    ['linearisable', ['linearizable', 'sequential'], 'linearizable'],
    ['x', [], undefined],
  ])('%s', (word, candidates, nearest) => {
    expect(closest(word, candidates)).toBe(nearest);
  });

  test('editDistance is a distance, and stops at its limit', () => {
    expect(editDistance('kitten', 'sitting')).toBe(3);
    expect(editDistance('ab', 'ba')).toBe(1);
    expect(editDistance('', 'abc')).toBe(3);
    const word = fc.stringMatching(/^[abc]{0,6}$/);
    fc.assert(
      fc.property(word, word, fc.integer({ min: 1, max: 8 }), (a, b, limit) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(editDistance(a, b, limit)).toBe(Math.min(distance, limit));
      }),
    );
  });
});
