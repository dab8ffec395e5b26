/** What the tests in the extension host share: they wait for what VS Code tells, and say what they last saw. */
import { randomUUID } from 'node:crypto';
import { unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type CodeAction,
  commands,
  type Diagnostic,
  type Disposable,
  type Extension,
  extensions,
  languages,
  Range,
  type TextDocument,
  type TextEditor,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { Api } from '../src/start.ts';

/** Long for a machine that is busy with other things. */
const limitMs = 30_000;

export const extensionId = 'dsys.dsys-vscode';

export function dsysExtension(): Extension<Api> {
  const found = extensions.getExtension<Api>(extensionId);
  if (found === undefined) throw new Error(`${extensionId} is not installed`);
  return found;
}

export const api = async (): Promise<Api> => dsysExtension().activate();

export function workspaceFolder(): Uri {
  const folder = workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error('no folder is open');
  return folder.uri;
}

/** A design of the samples, in the copy that is open. */
export const openSample = (name: string): Promise<TextEditor> => show(Uri.joinPath(workspaceFolder(), name));

const written: string[] = [];

/** A new file in the open folder. `closeAll` takes it away. */
export function openText(text: string, name = `test-${randomUUID().slice(0, 8)}.dsys`): Promise<TextEditor> {
  const path = join(workspaceFolder().fsPath, name);
  writeFileSync(path, text);
  written.push(path);
  return show(Uri.file(path));
}

/** A buffer that was never saved. */
export const openUntitled = async (content: string): Promise<TextEditor> =>
  window.showTextDocument(await workspace.openTextDocument({ language: 'dsys', content }));

async function show(uri: Uri): Promise<TextEditor> {
  // A file that VS Code has been told about by its path only, like one opened from the explorer.
  return window.showTextDocument(await workspace.openTextDocument(uri));
}

/** Closes every editor without asking, and deletes what `openText` wrote. */
export async function closeAll(): Promise<void> {
  for (const { document } of window.visibleTextEditors)
    if (document.isDirty) await commands.executeCommand('workbench.action.files.revert');
  await commands.executeCommand('workbench.action.closeAllEditors');
  for (const path of written.splice(0)) unlinkSync(path);
}

export const idOf = ({ code }: Diagnostic): string =>
  String(typeof code === 'object' && code !== null ? code.value : code);

/** Diagnostics of a document as soon as they satisfy `isWanted`; `what` is what people read when they never do. */
export function diagnosticsWhere(
  document: TextDocument,
  what: string,
  isWanted: (found: readonly Diagnostic[]) => boolean,
  ms = limitMs,
): Promise<readonly Diagnostic[]> {
  const look = () => languages.getDiagnostics(document.uri);
  return until(
    `${document.uri.path}: ${what}`,
    () => (isWanted(look()) ? look() : undefined),
    languages.onDidChangeDiagnostics,
    () =>
      look()
        .map(one => `${one.range.start.line + 1}: ${idOf(one)}: ${one.message}`)
        .join('\n  ') || 'nothing',
    ms,
  );
}

/** The finding of a rule, as soon as it is there. */
export async function finding(document: TextDocument, rule: string): Promise<Diagnostic> {
  const found = await diagnosticsWhere(document, rule, all => all.some(one => idOf(one) === rule));
  return found.find(one => idOf(one) === rule)!;
}

/** Waits until a rule has nothing to say anymore. */
export const noFinding = (document: TextDocument, rule: string): Promise<readonly Diagnostic[]> =>
  diagnosticsWhere(document, `no ${rule}`, all => all.every(one => idOf(one) !== rule));

type Event = (listener: () => void) => Disposable;

/** What `look` gives once it gives something: it looks at once, at every event, and twice a second. */
export function until<T>(
  what: string,
  look: () => T | undefined,
  event: Event = () => ({ dispose: () => {} }),
  seen: () => string = () => 'nothing',
  ms = limitMs,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const listening = event(check);
    const ticking = setInterval(check, 500);
    const timer = setTimeout(
      () => end(() => reject(new Error(`Not within ${ms / 1000} s: ${what}. Seen:\n  ${seen()}`))),
      ms,
    );
    function end(tell: () => void) {
      listening.dispose();
      clearInterval(ticking);
      clearTimeout(timer);
      tell();
    }
    function check() {
      const found = look();
      if (found !== undefined) end(() => resolve(found));
    }
    check();
  });
}

/** Replaces the first `from` of a document by `to`, as typing would. */
export async function edit(editor: TextEditor, from: string, to: string): Promise<void> {
  const at = editor.document.getText().indexOf(from);
  if (at < 0) throw new Error(`"${from}" is not in the document`);
  const range = new Range(editor.document.positionAt(at), editor.document.positionAt(at + from.length));
  if (!(await editor.edit(builder => builder.replace(range, to)))) throw new Error('VS Code refused the edit');
}

/** What the lightbulb offers at a range. */
export const codeActions = (document: TextDocument, range: Range): Thenable<CodeAction[]> =>
  commands.executeCommand<CodeAction[]>('vscode.executeCodeActionProvider', document.uri, range);
