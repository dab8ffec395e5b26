/** Pages beside the text: what a rule means, and what a design is. */

import { type FactsParams, requests } from '@dsys/language-server/protocol';
import { commands, EventEmitter, type ExtensionContext, languages, Uri, window, workspace } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { problemOf } from '../runs.ts';
import { designUri, isDesign } from './open.ts';

const ending = '.dsys-rule.md';

/** Between the last keystroke and a new page. */
const settledMs = 500;

export function offerPages(context: ExtensionContext, client: BaseLanguageClient): void {
  context.subscriptions.push(
    commands.registerCommand('dsys.explainRule', (rule?: string) => explainRule(context, rule)),
    ...factsPages(client),
  );
}

/** The page of a rule; without one, of the rules that speak at the cursor first, then of all. */
async function explainRule(context: ExtensionContext, asked?: string): Promise<void> {
  const folder = Uri.joinPath(context.extensionUri, 'out', 'rules');
  const pages = (await workspace.fs.readDirectory(folder))
    .map(([name]) => name)
    .filter(name => name.endsWith(ending))
    .map(name => name.slice(0, -ending.length));
  const rule = asked ?? (await pickRule(pages));
  if (rule === undefined) return;
  if (!pages.includes(rule)) {
    void window.showErrorMessage(`There is no rule ${rule}.`);
    return;
  }
  await commands.executeCommand('markdown.showPreviewToSide', Uri.joinPath(folder, `${rule}${ending}`));
}

async function pickRule(rules: readonly string[]): Promise<string | undefined> {
  const editor = window.activeTextEditor;
  const here = isDesign(editor?.document)
    ? languages
        .getDiagnostics(editor.document.uri)
        .filter(
          ({ range }) =>
            range.start.line <= editor.selection.active.line && editor.selection.active.line <= range.end.line,
        )
        .map(({ code }) => `${typeof code === 'object' ? code.value : code}`)
    : [];
  const items = [
    ...rules.filter(rule => here.includes(rule)).map(label => ({ label, description: 'speaks on this line' })),
    ...rules.filter(rule => !here.includes(rule)).map(label => ({ label })),
  ];
  return (await window.showQuickPick(items, { title: 'Explain which rule?' }))?.label;
}

/** A page that follows its design: the query of its URI is that of the design. */
function factsPages(client: BaseLanguageClient) {
  const changed = new EventEmitter<Uri>();
  const scheme = 'dsys-facts';
  const pageOf = (design: Uri) =>
    Uri.from({ scheme, path: `/Facts of ${design.path.split('/').at(-1)}.md`, query: design.toString() });
  const timers = new Map<string, ReturnType<typeof setTimeout>>();
  return [
    changed,
    workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      async provideTextDocumentContent({ query: uri }) {
        const params: FactsParams = { uri };
        try {
          return await client.sendRequest<string>(requests.factsPage, params);
        } catch (error) {
          return `${problemOf(error)?.message ?? 'cancelled'}\n`;
        }
      },
    }),
    workspace.onDidChangeTextDocument(({ document }) => {
      if (!isDesign(document)) return;
      const page = pageOf(document.uri);
      if (!workspace.textDocuments.some(({ uri }) => uri.toString() === page.toString())) return;
      clearTimeout(timers.get(page.toString()));
      timers.set(
        page.toString(),
        setTimeout(() => changed.fire(page), settledMs),
      );
    }),
    commands.registerCommand('dsys.showFacts', async (asked?: Uri) => {
      const uri = await designUri(asked);
      if (uri !== undefined) await commands.executeCommand('markdown.showPreviewToSide', pageOf(uri));
    }),
    { dispose: () => timers.forEach(timer => void clearTimeout(timer)) },
  ];
}
