/** What the extension is made of, whatever its host. */
import type { ExtensionContext } from 'vscode';
import type { BaseLanguageClient, LanguageClientOptions } from 'vscode-languageclient';
import { activateTraces, type TraceViews } from './trace/index.ts';

/** What `activate` hands out, for tests and other extensions. */
export interface Api {
  readonly client: BaseLanguageClient;
  readonly traces: TraceViews;
}

/** Starts the server and everything that asks it. */
export async function start(
  context: ExtensionContext,
  createClient: (options: LanguageClientOptions) => BaseLanguageClient,
): Promise<Api> {
  const traces = activateTraces(context);
  const client = createClient({ documentSelector: [{ language: 'dsys' }] });
  context.subscriptions.push({ dispose: () => client.dispose() });
  await client.start();
  return { client, traces };
}
