/** Starts in a desktop VS Code, and in one beside a remote folder: the server is a process of its own. */
import type { ExtensionContext } from 'vscode';
import { Uri } from 'vscode';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { type Api, start } from './start.ts';

export function activate(context: ExtensionContext): Api {
  const server = (name: string) => Uri.joinPath(context.extensionUri, 'out', 'server', name).fsPath;
  const module = server('main.js');
  return start(
    context,
    options =>
      new LanguageClient(
        'dsys',
        'dsys',
        {
          run: { module, transport: TransportKind.ipc },
          debug: { module, transport: TransportKind.ipc, options: { execArgv: ['--nolazy', '--inspect=6011'] } },
        },
        options,
      ),
    { node: process.execPath, program: server('dsys.js') },
  );
}
