import { strict as assert } from 'node:assert';
import { afterEach, describe, it } from 'mocha';
import {
  CancellationTokenSource,
  type CodeLens,
  commands,
  Position,
  Selection,
  TestRunRequest,
  type TextDocument,
  window,
} from 'vscode';
import { twoScenarios } from './designs.ts';
import { api, closeAll, edit, openText, openUntitled, until } from './support.ts';

const lenses = (document: TextDocument): Thenable<CodeLens[]> =>
  commands.executeCommand<CodeLens[]>('vscode.executeCodeLensProvider', document.uri);

/** Presses the lens of a title above the scenario of a name. */
async function press(document: TextDocument, title: string, scenario: string): Promise<unknown> {
  const found = (await lenses(document)).find(
    ({ command }) => command?.title === title && command.arguments?.[0]?.scenario === scenario,
  );
  assert.ok(found?.command, `${title} above ${scenario}`);
  return commands.executeCommand(found.command.command, ...(found.command.arguments ?? []));
}

/** What the viewer says that it shows, once that is a trace of the name. */
const shown = async (name: string) => {
  const { traces } = await api();
  return until(`a trace called ${name}`, () => {
    const state = traces.lastShown();
    return state?.name === name && state.events > 0 ? state : undefined;
  });
};

describe('running from the editor', () => {
  afterEach(closeAll);

  it('a code lens runs its scenario, and the trace opens on the verdict', async () => {
    const { document } = await openText(twoScenarios);
    await (await api()).ready;
    await press(document, '▶ Run', 'holds');
    const { uri, verdict } = (await api()).lastVerdict()!;
    assert.deepEqual([uri, verdict.scenario, verdict.outcome], [document.uri.toString(), 'holds', 'pass']);
    const state = await shown('holds, seed 1');
    assert.match(state.verdict, /^All \d+ checks hold$/);
    assert.deepEqual(state.problems, []);
    // The lens remembers.
    assert.ok((await lenses(document)).some(({ command }) => command?.title === '✓ pass, seed 1'));
  });

  it('many seeds stop at the first that violates, and its trace says why', async () => {
    const { document } = await openText(twoScenarios);
    await (await api()).ready;
    await press(document, 'Run many seeds', 'loses');
    const { verdict } = (await api()).lastVerdict()!;
    assert.equal(verdict.outcome, 'fail');
    assert.equal(verdict.ran, verdict.showing, 'it stopped there');
    await press(document, `✗ fail, ${verdict.ran} seeds, see seed ${verdict.showing}`, 'loses');
    const state = await shown(`loses, seed ${verdict.showing}`);
    assert.match(state.verdict, /no lost-writes/);
  });

  it('an event leads to the line that brought it about, and the line to its events', async () => {
    const { document } = await openText(twoScenarios);
    await (await api()).ready;
    await commands.executeCommand('dsys.run', { uri: document.uri.toString(), scenario: 'loses', seed: 1 });
    await shown('loses, seed 1');
    const editor = await window.showTextDocument(document, 1);
    const line = document
      .getText()
      .split('\n')
      .findIndex(text => text.includes('crash leader'));
    editor.selection = new Selection(line, 0, line, 0);
    await commands.executeCommand('dsys.trace.showEventsOfLine');
    const { traces } = await api();
    await until('events of the crash', () => (traces.lastShown()!.highlighted > 0 ? true : undefined));
    // And back: from the first of them to the text.
    await commands.executeCommand('workbench.action.focusSecondEditorGroup');
    editor.selection = new Selection(0, 0, 0, 0);
    await until('an event is selected', () => (traces.lastShown()!.event >= 0 ? true : undefined));
    await commands.executeCommand('dsys.trace.revealSource');
    await until('the line of the crash', () => {
      const visible = window.visibleTextEditors.find(one => one.document === document);
      return visible?.selection.active.line === line ? true : undefined;
    });
  });

  it('the line that the cursor comes to marks its events, as long as the text is the one that ran', async () => {
    const { document } = await openText(twoScenarios);
    const { ready, traces } = await api();
    await ready;
    await commands.executeCommand('dsys.run', { uri: document.uri.toString(), scenario: 'loses', seed: 1 });
    const { event } = await shown('loses, seed 1');
    const editor = await window.showTextDocument(document, 1);
    const crash = document
      .getText()
      .split('\n')
      .findIndex(text => text.includes('crash leader'));
    const down = () => commands.executeCommand('cursorDown', { source: 'keyboard' });
    const marked = (wanted: boolean) =>
      until(`events are ${wanted ? '' : 'not '}marked`, () =>
        traces.lastShown()!.highlighted > 0 === wanted ? true : undefined,
      );
    editor.selection = new Selection(crash - 1, 0, crash - 1, 0);
    await down();
    await marked(true);
    assert.equal(traces.lastShown()!.event, event, 'nothing else was selected');
    await editor.edit(edit => edit.insert(new Position(document.lineCount, 0), '\n// Not what ran.\n'));
    editor.selection = new Selection(crash - 1, 0, crash - 1, 0);
    await down();
    await marked(false);
  });

  it('lines tell how many events they have brought about, as long as the text is the one that ran', async () => {
    const editor = await openText(twoScenarios);
    const { document } = editor;
    const { ready, traces } = await api();
    await ready;
    let counts: readonly CodeLens[] = [];
    // Asked for again at each look: the answer is there at the next one.
    const ask = async (): Promise<void> => {
      counts = (await lenses(document)).filter(({ command }) => command?.title.startsWith('▷'));
    };
    await ask();
    assert.deepEqual(counts, []);
    await commands.executeCommand('dsys.run', { uri: document.uri.toString(), scenario: 'loses', seed: 1 });
    await shown('loses, seed 1');
    const crash = document
      .getText()
      .split('\n')
      .findIndex(text => text.includes('crash leader'));
    const lens = await until('a count above the crash', () => {
      void ask();
      return counts.find(({ range }) => range.start.line === crash);
    });
    await commands.executeCommand(lens.command!.command, ...lens.command!.arguments!);
    await until('as many events in the trace', () => {
      const { highlighted } = traces.lastShown()!;
      return lens.command!.title === `▷ ${highlighted} event${highlighted === 1 ? '' : 's'}` ? true : undefined;
    });
    await edit(editor, 'crash leader', 'crash  leader');
    await until('none for another text', () => {
      void ask();
      return counts.length === 0 ? true : undefined;
    });
  });

  it('a buffer that was never saved runs too', async () => {
    const { document } = await openUntitled(
      'cluster c { nodes 3 }\nstore s on c { consensus raft }\nscenario x { run for 1s }\n',
    );
    await (await api()).ready;
    await commands.executeCommand('dsys.newDesign', 'One cluster with Raft');
    const opened = window.activeTextEditor!.document;
    assert.equal(opened.languageId, 'dsys');
    assert.notEqual(opened, document);
    await commands.executeCommand('dsys.run', { uri: opened.uri.toString(), scenario: 'leader-crash', seed: 2 });
    const { uri, verdict } = (await api()).lastVerdict()!;
    assert.deepEqual([uri, verdict.outcome, verdict.showing], [opened.uri.toString(), 'pass', 2]);
  });

  it('what cannot be run is refused with the reason', async () => {
    const editor = await openText(twoScenarios);
    const { ready, runs } = await api();
    await ready;
    await edit(editor, 'workload calm on safe', 'workload calm on nothing');
    const { token } = new CancellationTokenSource();
    await assert.rejects(
      runs.run({ uri: editor.document.uri.toString(), scenario: 'holds' }, token),
      /There is no .*nothing/,
    );
  });

  it('a run that is cancelled ends, and the next one runs', async () => {
    const { document } = await openText(twoScenarios.replace('run calm for 1s', 'run calm for 1000000s'));
    const { ready, runs } = await api();
    await ready;
    const source = new CancellationTokenSource();
    const running = runs.test({ uri: document.uri.toString(), scenario: 'holds' }, source.token);
    setTimeout(() => source.cancel(), 300);
    await assert.rejects(running, { code: -32800 });
    const { token } = new CancellationTokenSource();
    const answer = await runs.test({ uri: document.uri.toString(), scenario: 'loses', seeds: 1 }, token);
    assert.equal(answer.reports[0]!.seeds.ran, 1);
  });
});

describe('the Test Explorer', () => {
  afterEach(closeAll);

  it('lists the scenarios of a file where they stand, and follows the text', async () => {
    const editor = await openText(twoScenarios);
    const { ready, explorer } = await api();
    await ready;
    const file = (await explorer.refresh(editor.document.uri))!;
    const names = () => [...file.children].map(([, { label, range }]) => [label, range?.start.line]);
    assert.deepEqual(names(), [
      ['holds', 7],
      ['loses', 12],
    ]);
    await edit(editor, 'scenario holds', '\nscenario keeps');
    await until('the new name', () => (names()[0]![0] === 'keeps' && names()[0]![1] === 8 ? true : undefined));
  });

  it('runs a scenario as a test, and stops when it is cancelled', async () => {
    const { document } = await openText(twoScenarios);
    const { ready, explorer, lastVerdict } = await api();
    await ready;
    const file = (await explorer.refresh(document.uri))!;
    const [holds, loses] = [...file.children].map(([, item]) => item);
    await explorer.run(new TestRunRequest([holds!]), new CancellationTokenSource().token);
    assert.deepEqual([lastVerdict()!.verdict.scenario, lastVerdict()!.verdict.outcome], ['holds', 'pass']);
    assert.equal(lastVerdict()!.verdict.ran, 3);
    const source = new CancellationTokenSource();
    source.cancel();
    await explorer.run(new TestRunRequest([loses!]), source.token);
    assert.equal(lastVerdict()!.verdict.scenario, 'holds', 'nothing ran');
  });

  it('finds designs that nobody has opened', async () => {
    const { ready, explorer } = await api();
    await ready;
    await explorer.controller.resolveHandler!(undefined);
    const labels = [...explorer.controller.items].map(([, { label }]) => label);
    assert.ok(labels.includes('leader-crash.dsys'), labels.join());
    const item = [...explorer.controller.items].find(([, { label }]) => label === 'stale-leader.dsys')![1];
    await explorer.controller.resolveHandler!(item);
    assert.deepEqual(
      [...item.children].map(([, { label }]) => label),
      ['local-reads', 'read-index'],
    );
  });
});
