/** Texts that a trace was made from: finds them, tells whether they are still the same, and shows a range of one. */

import { sha256Hex } from '@dsys/runtime/trace/sha256';
import { Range, Uri, ViewColumn, window, workspace } from 'vscode';
import type { RevealParams, SourceOfTrace, SourceState } from '../../webview/trace/protocol.ts';
import { candidatesOf } from './source-paths.ts';

/** Where a trace comes from, as far as its texts can be found from there. */
export interface Origin {
  /** The trace's own file, if it is one. */
  readonly file?: Uri;
  /** The design that was executed, if the host knows. */
  readonly design?: Uri;
}

export async function findSource(name: string, { file, design }: Origin): Promise<Uri | undefined> {
  if (design !== undefined && sameFile(name, design)) return design;
  const base = workspace.workspaceFolders?.[0]?.uri ?? file;
  if (base === undefined) return undefined;
  const segments = (uri: Uri): string[] => uri.path.split('/').filter(segment => segment !== '');
  const roots = (workspace.workspaceFolders ?? []).map(folder => segments(folder.uri));
  const beside = file === undefined ? undefined : segments(Uri.joinPath(file, '..'));
  for (const path of candidatesOf(name, roots, beside)) {
    const uri = base.with({ path: `/${path.join('/')}`, query: '', fragment: '' });
    if ((await textOf(uri)) !== undefined) return uri;
  }
  return undefined;
}

/** Whether a trace's name for a file, a path or a URI, may be that file. */
function sameFile(name: string, uri: Uri): boolean {
  const last = (path: string): string => path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1);
  return name === uri.toString() || name === uri.fsPath || last(decoded(name)) === last(uri.path);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** What an editor shows of a file, else what is stored; undefined when there is none. */
async function textOf(uri: Uri): Promise<string | undefined> {
  const open = workspace.textDocuments.find(document => document.uri.toString() === uri.toString());
  if (open !== undefined) return open.getText();
  try {
    return new TextDecoder().decode(await workspace.fs.readFile(uri));
  } catch {
    return undefined;
  }
}

export async function compareSource({ uri, sha256 }: SourceOfTrace, origin: Origin): Promise<SourceState> {
  const found = await findSource(uri, origin);
  const text = found === undefined ? undefined : await textOf(found);
  if (text === undefined) return 'missing';
  return sha256Hex(text) === sha256 ? { text } : 'changed';
}

/** The text that a trace was made from, as long as it is found as it was. */
export async function sameText(source: SourceOfTrace, origin: Origin): Promise<string | undefined> {
  const state = await compareSource(source, origin);
  return typeof state === 'object' ? state.text : undefined;
}

/** Shows a range beside the trace, which keeps the focus. */
export async function reveal({ uri, range }: RevealParams, origin: Origin): Promise<void> {
  const found = await findSource(uri, origin);
  if (found === undefined) {
    void window.showWarningMessage(`${uri.slice(0, 200)} is not in an open folder: its text cannot be shown.`);
    return;
  }
  const [line, column, endLine, endColumn] = range.map(one => Math.max(0, one - 1));
  const shown = window.visibleTextEditors.find(editor => editor.document.uri.toString() === found.toString());
  await window.showTextDocument(found, {
    viewColumn: shown?.viewColumn ?? ViewColumn.Beside,
    preserveFocus: true,
    preview: true,
    selection: new Range(line, column, endLine, endColumn),
  });
}
