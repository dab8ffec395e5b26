/** Scenarios in VS Code's Test Explorer: a file with its scenarios, each a test over many seeds. */

import { commands as names, type RunParams, requests, type ScenariosAnswer } from '@dsys/language-server/protocol';
import {
  type CancellationToken,
  commands,
  type Disposable,
  Location,
  Range,
  type TestController,
  type TestItem,
  TestMessage,
  type TestRun,
  TestRunProfileKind,
  type TestRunRequest,
  tests,
  type Uri,
  workspace,
} from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { isDesign } from './commands/open.ts';
import { problemOf, type Runs } from './runs.ts';
import { summaryOf, tellingOf, type Verdict, verdictOf } from './verdict.ts';

export interface Explorer extends Disposable {
  readonly controller: TestController;
  /** As if people had pressed the button; ends when all have run. */
  run(request: TestRunRequest, token: CancellationToken): Promise<void>;
  /** Reads the scenarios of a file anew. */
  refresh(uri: Uri): Promise<TestItem | undefined>;
}

/** Between the last keystroke and a new list of scenarios. */
const settledMs = 500;

export function offerTests(
  client: BaseLanguageClient,
  runs: Runs,
  found: (uri: string, verdict: Verdict) => void,
): Explorer {
  const controller = tests.createTestController('dsys', 'dsys scenarios');
  /** The seed with which a scenario last failed, by item. */
  const failed = new WeakMap<TestItem, number>();
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  const refresh = async (uri: Uri): Promise<TestItem | undefined> => {
    const file = controller.items.get(uri.toString()) ?? fileItem(controller, uri);
    try {
      const { scenarios } = await client.sendRequest<ScenariosAnswer>(requests.scenarios, { uri: uri.toString() });
      file.error = undefined;
      file.children.replace(
        scenarios.map(({ name, range: { start, end }, seeds }) => {
          const item = file.children.get(`${uri} ${name}`) ?? controller.createTestItem(`${uri} ${name}`, name, uri);
          item.range = new Range(start.line, start.character, end.line, end.character);
          item.description = `${seeds} seeds`;
          return item;
        }),
      );
    } catch (error) {
      file.error = problemOf(error)?.message;
    }
    return file;
  };
  const refreshLater = (uri: Uri) => {
    clearTimeout(timers.get(uri.toString()));
    timers.set(
      uri.toString(),
      setTimeout(() => void refresh(uri), settledMs),
    );
  };
  const forget = (uri: Uri) => {
    clearTimeout(timers.get(uri.toString()));
    controller.items.delete(uri.toString());
  };

  controller.resolveHandler = async item => {
    if (item !== undefined) {
      if (item.uri) await refresh(item.uri);
      return;
    }
    for (const uri of await workspace.findFiles('**/*.dsys', '**/node_modules/**')) fileItem(controller, uri);
    for (const document of workspace.textDocuments.filter(isDesign)) await refresh(document.uri);
  };
  controller.refreshHandler = () => controller.resolveHandler!(undefined);

  const work = async (request: TestRunRequest, token: CancellationToken, one: typeof testItem) => {
    const run = controller.createTestRun(request);
    const items = await scenariosOf(controller, request, refresh);
    for (const item of items) run.enqueued(item);
    for (const item of items) {
      if (token.isCancellationRequested) run.skipped(item);
      else await one({ run, runs, token, failed, found }, item);
    }
    run.end();
  };
  controller.createRunProfile(
    'Run Many Seeds',
    TestRunProfileKind.Run,
    (request, token) => work(request, token, testItem),
    true,
  );
  controller.createRunProfile(
    'Run the Failed Seed',
    TestRunProfileKind.Debug,
    (request, token) => work(request, token, rerunItem),
    true,
  );

  const watcher = workspace.createFileSystemWatcher('**/*.dsys');
  const parts: Disposable[] = [
    controller,
    watcher,
    watcher.onDidCreate(uri => fileItem(controller, uri)),
    watcher.onDidChange(refreshLater),
    watcher.onDidDelete(forget),
    workspace.onDidOpenTextDocument(document => isDesign(document) && refreshLater(document.uri)),
    workspace.onDidChangeTextDocument(({ document }) => isDesign(document) && refreshLater(document.uri)),
    // A buffer that was never saved is gone with its editor.
    workspace.onDidCloseTextDocument(({ uri, isUntitled }) => isUntitled && forget(uri)),
  ];
  for (const document of workspace.textDocuments.filter(isDesign)) refreshLater(document.uri);
  return {
    controller,
    refresh,
    run: (request, token) => work(request, token, testItem),
    dispose() {
      for (const timer of timers.values()) clearTimeout(timer);
      for (const part of parts) part.dispose();
    },
  };
}

function fileItem(controller: TestController, uri: Uri): TestItem {
  const before = controller.items.get(uri.toString());
  if (before !== undefined) return before;
  const item = controller.createTestItem(uri.toString(), workspace.asRelativePath(uri), uri);
  item.canResolveChildren = true;
  controller.items.add(item);
  return item;
}

/** The scenarios that a request means: those of files in place of the files, all without any, none that is excluded. */
async function scenariosOf(
  controller: TestController,
  { include, exclude }: TestRunRequest,
  refresh: Explorer['refresh'],
): Promise<TestItem[]> {
  const all: TestItem[] = [];
  const asked = include ?? [...controller.items].map(([, item]) => item);
  for (const item of asked) {
    if (exclude?.includes(item)) continue;
    if (item.parent !== undefined) {
      all.push(item);
      continue;
    }
    await refresh(item.uri!);
    for (const [, child] of item.children) if (!exclude?.includes(child)) all.push(child);
  }
  return all;
}

interface Work {
  readonly run: TestRun;
  readonly runs: Runs;
  readonly token: CancellationToken;
  readonly failed: WeakMap<TestItem, number>;
  found(uri: string, verdict: Verdict): void;
}

async function testItem({ run, runs, token, failed, found }: Work, item: TestItem): Promise<void> {
  const uri = item.uri!.toString();
  const started = Date.now();
  run.started(item);
  const told = {
    report: ({ message }: { readonly message?: string }) => message && run.appendOutput(`${message}\r\n`),
  };
  try {
    const { reports } = await runs.test({ uri, scenario: item.label }, token, told);
    const verdict = verdictOf(reports[0]!);
    const ms = Date.now() - started;
    found(uri, verdict);
    run.appendOutput(`${summaryOf(verdict)}\r\n`, undefined, item);
    failed.delete(item);
    if (verdict.outcome === 'pass') run.passed(item, ms);
    else if (verdict.outcome === 'cancelled') run.skipped(item);
    else {
      failed.set(item, verdict.showing);
      // Not known is not passed, and not failed either.
      const end = verdict.outcome === 'fail' ? run.failed : run.errored;
      end.call(run, item, messagesOf(verdict, item), ms);
    }
  } catch (error) {
    const problem = problemOf(error);
    if (problem === undefined) run.skipped(item);
    else run.errored(item, new TestMessage(problem.message));
  }
}

/** The seed that failed once more, with its trace; the first seed of one that did not. */
async function rerunItem({ run, failed }: Work, item: TestItem): Promise<void> {
  const params: RunParams = { uri: item.uri!.toString(), scenario: item.label, seed: failed.get(item) ?? 1 };
  run.started(item);
  const verdict = await commands.executeCommand<Verdict | undefined>(names.openTrace, params);
  if (verdict === undefined) run.skipped(item);
  else if (verdict.outcome === 'pass') run.passed(item);
  else run.failed(item, messagesOf(verdict, item));
}

function messagesOf(verdict: Verdict, item: TestItem): TestMessage[] {
  const telling = tellingOf(verdict);
  if (telling.length === 0) return [messageAt(item, summaryOf(verdict), undefined)];
  return telling.map(({ property, of, why, at }) => {
    const place =
      at?.file === 0 ? new Range(at.start.line, at.start.character, at.end.line, at.end.character) : undefined;
    return messageAt(item, `seed ${verdict.showing}: ${property} of ${of}: ${why}`, place);
  });
}

function messageAt(item: TestItem, text: string, range: Range | undefined): TestMessage {
  const message = new TestMessage(text);
  message.location = new Location(item.uri!, range ?? item.range ?? new Range(0, 0, 0, 0));
  return message;
}
