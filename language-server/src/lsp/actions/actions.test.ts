import { expect, test } from 'vitest';
import type { CodeAction, CodeActionContext } from 'vscode-languageserver';
import { analysed } from '../../testing/design.ts';
import { edited, editor } from '../../testing/editor.ts';

async function actionsAt(
  marked: string,
  files: Readonly<Record<string, string>> = {},
  context: Partial<CodeActionContext> = {},
): Promise<{ readonly actions: CodeAction[]; readonly apply: (title: string) => string }> {
  const { services, document, at, position } = await editor(marked, files, { build: true });
  const inside = (document.diagnostics ?? []).filter(
    ({ range }) => range.start.line === position.line && range.end.character >= position.character,
  );
  const params = { ...at, range: { start: position, end: position }, context: { diagnostics: inside, ...context } };
  const actions = (await services.lsp.CodeActionProvider!.getCodeActions(document, params)) as CodeAction[];
  const apply = (title: string) => {
    const found = actions.find(each => each.title === title);
    if (!found) throw new Error(`${title} is not among ${actions.map(each => each.title).join('; ')}`);
    return edited(document.textDocument.getText(), found.edit!.changes![document.uri.toString()]!);
  };
  return { actions, apply };
}

const titles = async (marked: string, files?: Readonly<Record<string, string>>, context?: Partial<CodeActionContext>) =>
  (await actionsAt(marked, files, context)).actions.map(({ title }) => title);

const errorsOf = async (text: string) => (await analysed(text)).diagnostics.map(({ message }) => message);

test('a misspelt name is corrected, declared or imported', async () => {
  const files = { 'places.dsys': 'cluster euu { nodes 3 }' };
  const text = 'cluster eu { nodes 3 }\nstore s on ¦euu { consensus raft }\n';
  const { actions, apply } = await actionsAt(text, files);
  expect(actions.map(({ title, kind }) => [title, kind])).toEqual([
    ['Change to eu', 'quickfix'],
    ['Import euu from ./places.dsys', 'quickfix'],
    ['Declare cluster euu', 'quickfix'],
  ]);
  expect(apply('Change to eu')).toContain('store s on eu {');
  expect(apply('Import euu from ./places.dsys')).toMatch(/^import ".\/places.dsys"\ncluster eu/);
  expect(await errorsOf(apply('Declare cluster euu'))).toEqual([]);
});

test('a quantity that is badly written', async () => {
  const { apply } = await actionsAt('network { latency ¦5 ms }');
  expect(apply('Write 5ms')).toBe('network { latency 5ms }');
});

test.each<[string, string]>([
  ['cluster c { nodes 1 in ¦fra }', 'Declare region fra'],
  ['region fra { zones a }\ncluster c { nodes 1 in ¦fra.b }', 'Add zone b to region fra'],
  ['region fra\ncluster c { nodes 1 in ¦fra.b }', 'Add zone b to region fra'],
  ['cluster c { nodes 1 }\nscenario x { at 1s crash ¦e9 }', 'Add node e9 to cluster c'],
  ['cluster c { nodes 1 }\nworkload w on ¦s { }', 'Declare store s'],
  ['cluster c { nodes 1 }\nstore s on c { }\nworkload w on ¦t { }', 'Declare transaction t'],
  ['cluster c { nodes 1 }\nstore s on c { }\nscenario x { run ¦w for 1s }', 'Declare workload w'],
  ['cluster c { nodes 1 }\r\nstore s on c { }\r\nscenario x { run ¦w for 1s }\r\n', 'Declare workload w'],
])('%s: %s', async (marked, title) => {
  const { apply } = await actionsAt(marked);
  const after = apply(title);
  expect(await errorsOf(after)).toEqual([]);
  if (marked.includes('\r')) expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
});

test('nodes get a region of their own', async () => {
  const { apply } = await actionsAt('region eu-region\ncluster eu {\n  ¦nodes 3 { disk { fsync 2ms } }\n}\n');
  const after = apply('Extract region eu-region-2');
  expect(after).toBe(
    'region eu-region\nregion eu-region-2\n\ncluster eu {\n  nodes 3 in eu-region-2 { disk { fsync 2ms } }\n}\n',
  );
  expect(await errorsOf(after)).toEqual([]);
});

test('the default workload is written out, and means the same', async () => {
  const text = 'cluster c { nodes 3 }\nstore s on c { consensus raft }\n¦scenario x { expect availability >= 99% }\n';
  const { apply } = await actionsAt(text);
  const after = apply('Extract workload load');
  expect(after).toContain(
    'workload load on s {\n  clients 10\n  think exponential(10ms)\n  operations 50% read, 50% write\n  keys 100 uniform\n  timeout 1s\n}\n\nscenario x {\n  run load for 10s\n  expect',
  );
  const [before, now] = [await analysed(text.replace('¦', '')), await analysed(after)];
  expect(now.diagnostics).toEqual([]);
  const [generated, written] = [before.design.workloads[0]!, now.design.workloads[0]!];
  expect([generated.generated, written.generated]).toEqual([true, false]);
  const plain = (workload: object) =>
    JSON.parse(
      JSON.stringify({ ...workload, name: '', generated: false }, (key, value) => (key === 'at' ? undefined : value)),
    );
  expect(plain(written)).toEqual(plain(generated));
});

test('which workloads run is written out', async () => {
  const text =
    'cluster c { nodes 3 }\nstore s on c { consensus raft }\nworkload a on s { }\nworkload b on s { }\n¦scenario x { }';
  const { apply } = await actionsAt(text);
  expect(apply('Write out which workloads run')).toContain('scenario x {\n  run a, b for 10s\n  }');
});

const world = `
region fra { zones a, b }
region vir
region tok
cluster world { nodes f1 in fra.a  nodes v1 in vir  nodes t1 in tok }
store other on world { consensus raft }
workload people on s { clients 5 }
`;

test.each<[string, RegExp]>([
  ['survives 1 node', /at 5s crash f1\n/],
  ['survives 1 region', /at 5s crash fra\n/],
  ['survives vir', /at 5s crash vir\n/],
  ['no lost-writes', /at 5s crash leader of s for 4s\n/],
  ['no split-brain', /at 5s crash leader of s for 4s\n/],
  ['cap CP', /at 5s cut minority of s from majority of s for 4s\n/],
  ['consistency linearizable', /at 5s crash leader of s for 4s\n/],
  ['recovery < 5s', /at 5s crash leader of s for 4s\n/],
  ['availability >= 99%', /run people for 30s\n {2}expect availability >= 99% of s\n/],
  ['read p99 < 500ms', /expect read p99 < 500ms of s\n/],
])('a scenario for a claim: %s', async (claim, expected) => {
  const text = `store s on world { consensus raft  claims { ¦${claim} } }${world}`;
  const { apply } = await actionsAt(text);
  const after = apply(`Write a scenario for "${claim}"`);
  expect(after).toMatch(expected);
  const { diagnostics, design } = await analysed(after);
  expect(diagnostics).toEqual([]);
  expect(design.scenarios[0]!.expectations.map(({ of }) => of)).toEqual(['s']);
});

test('there is none for what no run can try', async () => {
  const text = `store s on world { consensus raft  claims { ¦apart-from other } }${world}`;
  expect(await titles(text)).toEqual([]);
});

test('only the kinds that are asked for', async () => {
  const text = 'cluster c { nodes 3 }\nstore s on c { consensus raft  claims { ¦no lost-writes } }';
  expect(await titles(text, {}, { only: ['quickfix'] })).toEqual([]);
  expect(await titles(text, {}, { only: ['refactor'] })).toEqual(['Write a scenario for "no lost-writes"']);
});
