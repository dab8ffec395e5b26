/** Commands that execute a scenario: one run with its trace, or many seeds. */

import {
  commands as names,
  type RunParams,
  requests,
  type ScenariosAnswer,
  type TestParams,
} from '@dsys/language-server/protocol';
import { changeName } from '@dsys/runtime/trace/changes';
import { commands, type ExtensionContext, Range, Uri, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { problemOf, type Runs, underWay } from '../runs.ts';
import type { TraceViews } from '../trace/index.ts';
import { summaryOf, type Verdict, verdictOf } from '../verdict.ts';
import { designUri } from './open.ts';

export interface RunHost {
  readonly client: BaseLanguageClient;
  readonly runs: Runs;
  readonly showTrace: TraceViews['showTrace'];
  /** What a run has found, for whoever shows it elsewhere. */
  found(uri: string, verdict: Verdict): void;
}

export function offerRunCommands(context: ExtensionContext, host: RunHost): void {
  context.subscriptions.push(
    commands.registerCommand(names.run, (asked?: Uri | RunParams) => run(host, asked)),
    commands.registerCommand(names.openTrace, (asked?: Uri | RunParams) => run(host, asked)),
    commands.registerCommand(names.test, (asked?: Uri | TestParams) => test(host, asked)),
    commands.registerCommand('dsys.runWithSeed', () => runWithSeed(host)),
  );
}

async function run(host: RunHost, asked?: Uri | RunParams): Promise<Verdict | undefined> {
  const uri = await designUri(asked);
  if (uri === undefined) return undefined;
  const given = asked instanceof Uri ? undefined : asked;
  const scenario = given?.scenario ?? (await chooseScenario(host, uri));
  if (scenario === undefined) return undefined;
  const seed = given?.seed ?? 1;
  try {
    const { changes = [], sources } = given ?? {};
    const title = [scenario, `seed ${seed}`, ...changes.map(changeName)].join(', ').slice(0, 120);
    const { report, bytes } = await underWay(title, async (token, told) => {
      const params = { uri: uri.toString(), scenario, seed, changes, sources, wantTrace: true };
      const answer = await host.runs.run(params, token, told);
      return { report: answer.report, bytes: answer.trace && (await host.runs.trace(answer.trace)) };
    });
    const verdict = verdictOf(report);
    // A run that was changed says nothing of the scenario.
    if (changes.length === 0) host.found(uri.toString(), verdict);
    if (bytes) host.showTrace({ title, bytes, sourceUri: uri });
    return verdict;
  } catch (error) {
    await tell(error);
    return undefined;
  }
}

async function runWithSeed(host: RunHost): Promise<Verdict | undefined> {
  const uri = await designUri();
  if (uri === undefined) return undefined;
  const scenario = await chooseScenario(host, uri);
  if (scenario === undefined) return undefined;
  const written = await window.showInputBox({
    title: `Seed of ${scenario}`,
    value: '1',
    prompt: 'The same design and seed give the same run.',
    validateInput: text => (/^\d{1,15}$/.test(text) ? undefined : 'A seed is a whole number from 0.'),
  });
  return written === undefined ? undefined : run(host, { uri: uri.toString(), scenario, seed: Number(written) });
}

async function test(host: RunHost, asked?: Uri | TestParams): Promise<readonly Verdict[] | undefined> {
  const uri = await designUri(asked);
  if (uri === undefined) return undefined;
  const { scenario, seeds } = asked instanceof Uri || asked === undefined ? {} : asked;
  try {
    const { reports } = await underWay(`Many seeds of ${scenario ?? 'all scenarios'}`, (token, told) =>
      host.runs.test({ uri: uri.toString(), scenario, seeds }, token, told),
    );
    const verdicts = reports.map(verdictOf);
    for (const verdict of verdicts) host.found(uri.toString(), verdict);
    // Not waited for: the verdicts are there, whether or not somebody wants to see more.
    void offerTrace(uri, verdicts);
    return verdicts;
  } catch (error) {
    await tell(error);
    return undefined;
  }
}

/** Says what many seeds have shown; the trace of the seed that shows most is one click away. */
async function offerTrace(uri: Uri, verdicts: readonly Verdict[]): Promise<void> {
  const worst = verdicts.find(({ outcome }) => outcome !== 'pass') ?? verdicts[0];
  if (worst === undefined) return;
  const rest =
    verdicts.length > 1
      ? ` (${verdicts.filter(({ outcome }) => outcome === 'pass').length} of ${verdicts.length} scenarios pass)`
      : '';
  const message = `${summaryOf(worst)}${rest}`;
  const open = `Open Trace of Seed ${worst.showing}`;
  const say = worst.outcome === 'pass' ? window.showInformationMessage : window.showWarningMessage;
  if ((await say(message, open)) !== open) return;
  const params: RunParams = { uri: uri.toString(), scenario: worst.scenario, seed: worst.showing };
  await commands.executeCommand(names.openTrace, params);
}

/** The only scenario, that around the cursor, or the one that people pick. */
async function chooseScenario({ client }: RunHost, uri: Uri): Promise<string | undefined> {
  const { scenarios } = await client.sendRequest<ScenariosAnswer>(requests.scenarios, { uri: uri.toString() });
  if (scenarios.length <= 1) return scenarios[0]?.name ?? 'default';
  const editor = window.activeTextEditor;
  const line = editor?.document.uri.toString() === uri.toString() ? editor.selection.active.line : -1;
  const around = scenarios.find(({ range }) => range.start.line <= line && line <= range.end.line);
  if (around !== undefined) return around.name;
  return window.showQuickPick(
    scenarios.map(({ name }) => name),
    { title: 'Which scenario?', placeHolder: 'A scenario of this design' },
  );
}

/** Says what kept a run from being one, with a way to the place. */
async function tell(error: unknown): Promise<void> {
  const problem = problemOf(error);
  if (problem === undefined) return;
  const [place] = problem.places;
  const chosen = await window.showErrorMessage(problem.message, ...(place ? ['Show'] : []));
  if (chosen !== 'Show' || place === undefined) return;
  const { start, end } = place.range;
  await window.showTextDocument(Uri.parse(place.uri), {
    selection: new Range(start.line, start.character, end.line, end.character),
  });
}
