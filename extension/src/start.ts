/** What the extension is made of, whatever its host. */
import { commands, type ExtensionContext, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { type CreateClient, checkVersion, prepareClient } from './client.ts';
import { offerNewDesign } from './commands/new-design.ts';
import { offerPages } from './commands/pages.ts';
import { offerRunCommands } from './commands/run.ts';
import { activateDesignView, type DesignView } from './design/index.ts';
import { createRuns, type Runs } from './runs.ts';
import { type Status, showStatus } from './status.ts';
import { type CommandLine, offerTasks } from './tasks.ts';
import { type Explorer, offerTests } from './test-explorer.ts';
import { activateTraces, type TraceViews } from './trace/index.ts';
import type { Verdict } from './verdict.ts';

/** What `activate` hands out, for tests and other extensions. */
export interface Api {
  readonly client: BaseLanguageClient;
  /** Ends when the server answers. */
  readonly ready: Promise<void>;
  readonly runs: Runs;
  readonly status: Status;
  readonly explorer: Explorer;
  readonly traces: TraceViews;
  readonly design: DesignView;
  /** The last verdict of a run that somebody asked for. */
  lastVerdict(): { readonly uri: string; readonly verdict: Verdict } | undefined;
}

/**
 * Starts the server and everything that asks it. Does not wait for it: VS Code goes on while it starts.
 * @param commandLine left out where no process can be started
 */
export function start(context: ExtensionContext, create: CreateClient, commandLine?: CommandLine): Api {
  const log = window.createOutputChannel('dsys', { log: true });
  const client = prepareClient(context, create, log);
  const runs = createRuns(client);
  const status = showStatus(client);
  let last: ReturnType<Api['lastVerdict']>;
  const found = (uri: string, verdict: Verdict) => {
    last = { uri, verdict };
    log.info(`${uri} ${verdict.scenario}: ${verdict.outcome}`);
  };
  const explorer = offerTests(client, runs, found);
  const traces = activateTraces(context, client);
  const design = activateDesignView(context, client);
  offerRunCommands(context, { client, runs, found, showTrace: traces.showTrace });
  offerPages(context, client);
  context.subscriptions.push(
    log,
    status,
    explorer,
    offerNewDesign(),
    commands.registerCommand('dsys.restartServer', () => client.stop().then(() => client.start())),
    commands.registerCommand('dsys.showLog', () => log.show()),
    ...(commandLine ? [offerTasks(commandLine)] : []),
    { dispose: () => client.dispose() },
  );
  // VS Code waits for the end of this function: a process that is started takes its time.
  const later = new Promise<void>(resolve => setTimeout(resolve, 0));
  const ready = later
    .then(() => client.start())
    .then(
      () => checkVersion(client, context, log),
      error => void window.showErrorMessage(`The dsys server did not start: ${(error as Error).message}`),
    );
  return { client, ready, runs, status, explorer, traces, design, lastVerdict: () => last };
}
