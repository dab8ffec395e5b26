/** Starts in a VS Code that lives in a browser, without a machine behind it: the server is a web worker. */
import { type ExtensionContext, Uri } from 'vscode';
import { LanguageClient } from 'vscode-languageclient/browser';
import { type Api, start } from './start.ts';

/** What is used of a browser; its types are not among the extension's. */
declare const Worker: new (url: string) => ConstructorParameters<typeof LanguageClient>[3];

export function activate(context: ExtensionContext): Api {
  const url = Uri.joinPath(context.extensionUri, 'out', 'server', 'main-browser.js').toString(true);
  return start(context, options => new LanguageClient('dsys', 'dsys', options, new Worker(url)));
}
