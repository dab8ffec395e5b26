/** The language client: how it is set up, and what happens when the server does not do what it should. */

import type { InitializationOptions } from '@dsys/language-server/protocol';
import { type ExtensionContext, type LogOutputChannel, Uri, window } from 'vscode';
import {
  type BaseLanguageClient,
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  type ErrorHandlerResult,
  type LanguageClientOptions,
  RevealOutputChannelOn,
} from 'vscode-languageclient';
import { restartPolicy, restartsMax, versionProblem } from './server-health.ts';

export type CreateClient = (options: LanguageClientOptions) => BaseLanguageClient;

/** A client that is not started yet. */
export function prepareClient(
  context: ExtensionContext,
  create: CreateClient,
  log: LogOutputChannel,
): BaseLanguageClient {
  const initializationOptions: InitializationOptions = {
    // The ending has VS Code show the page as a page (`workbench.editorAssociations`), and not its text.
    rulePages: Uri.joinPath(context.extensionUri, 'out', 'rules').toString() + '/{rule}.dsys-rule.md',
  };
  const client = create({
    documentSelector: [{ language: 'dsys' }],
    initializationOptions,
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    progressOnInitialization: false,
    errorHandler: { error: error => goOn(error, log), closed: restartAfterCrash(() => client, log) },
  });
  return client;
}

/**
 * Whoever writes to a server that has just ended fails, again and again, before its end is noticed: what is to be done is
 * decided then. The client's own default gives up after three errors.
 */
function goOn(error: Error, log: LogOutputChannel): ErrorHandlerResult {
  log.warn(`connection to the server: ${error.message}`);
  return { action: ErrorAction.Continue, handled: true };
}

/** Starts the server again; if it does not last, says so and leaves it to people, with a way to what it said. */
function restartAfterCrash(client: () => BaseLanguageClient, log: LogOutputChannel): () => CloseHandlerResult {
  const mayRestart = restartPolicy();
  let crashes = 0;
  return () => {
    log.error(`The server ended by itself, for the ${ordinal(++crashes)} time.`);
    if (mayRestart(Date.now())) return { action: CloseAction.Restart, handled: true };
    void offerRestart(client(), log);
    return { action: CloseAction.DoNotRestart, handled: true };
  };
}

const ordinal = (count: number): string =>
  `${count}${['th', 'st', 'nd', 'rd'][count % 100 > 10 && count % 100 < 14 ? 0 : count % 10] ?? 'th'}`;

async function offerRestart(client: BaseLanguageClient, log: LogOutputChannel): Promise<void> {
  const [restart, show] = ['Start Again', 'Show Log'];
  const chosen = await window.showErrorMessage(
    `The dsys server ended by itself ${restartsMax + 1} times within three minutes. Designs are not checked until it is started again.`,
    restart,
    show,
  );
  if (chosen === restart) await client.start();
  if (chosen === show) log.show();
}

/** People hear of a server of another version before something odd happens. */
export function checkVersion(client: BaseLanguageClient, context: ExtensionContext, log: LogOutputChannel): void {
  const { version: wanted } = context.extension.packageJSON as { version: string };
  const found = client.initializeResult?.serverInfo?.version;
  log.info(`server ${found ?? 'of unknown version'}, extension ${wanted}`);
  const problem = versionProblem(found, wanted);
  if (problem !== undefined) void window.showWarningMessage(problem);
}
