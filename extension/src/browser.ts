/** Starts in a VS Code that lives in a browser, without a machine behind it: the server is a web worker. */
import { type ExtensionContext, Uri, workspace } from 'vscode';
import type { MessageTransports } from 'vscode-languageclient';
import { BrowserMessageReader, BrowserMessageWriter, LanguageClient } from 'vscode-languageclient/browser';
import { type Api, start } from './start.ts';

/** What is used of a browser; its types are not among the extension's. */
type Port = ConstructorParameters<typeof BrowserMessageReader>[0];
declare const Worker: new (url: string) => Port;
declare const Blob: new (parts: readonly Uint8Array[], options: { readonly type: string }) => object;
declare const URL: { createObjectURL(blob: object): string };

export function activate(context: ExtensionContext): Api {
  return start(context, options => new LanguageClient('dsys', 'dsys', () => startServer(context), options));
}

/**
 * From its text: where extensions are kept differs between hosts, and workers are not loaded from all of these places.
 * The channels are made here, because hosts have workers of their own making that the client does not know for one.
 */
async function startServer({ extensionUri }: ExtensionContext): Promise<MessageTransports> {
  const program = await workspace.fs.readFile(Uri.joinPath(extensionUri, 'out', 'server', 'main-browser.js'));
  const worker = new Worker(URL.createObjectURL(new Blob([program], { type: 'text/javascript' })));
  return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
}
