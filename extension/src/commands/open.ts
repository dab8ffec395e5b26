/** Which file a command means. */
import { commands, type TextDocument, type TextEditor, Uri, window, workspace } from 'vscode';

export const isDesign = (document: TextDocument | undefined): document is TextDocument =>
  document?.languageId === 'dsys';

/** The editor with a design that people look at, or the only one that is visible; saved or not. */
export function designEditor(): TextEditor | undefined {
  if (isDesign(window.activeTextEditor?.document)) return window.activeTextEditor;
  const visible = window.visibleTextEditors.filter(({ document }) => isDesign(document));
  return visible.length === 1 ? visible[0] : undefined;
}

/** The design that is meant: what is given, else what is being edited; undefined after saying that there is none. */
export async function designUri(given?: Uri | { readonly uri?: string }): Promise<Uri | undefined> {
  if (given instanceof Uri) {
    // The server reads what is open; a file from the explorer is opened without being shown.
    await workspace.openTextDocument(given);
    return given;
  }
  if (typeof given?.uri === 'string') return Uri.parse(given.uri);
  const open = designEditor()?.document.uri;
  if (open !== undefined) return open;
  const chosen = await window.showInformationMessage('There is no design in the editor.', 'New Design', 'Open File…');
  if (chosen === 'New Design') await commands.executeCommand('dsys.newDesign');
  if (chosen === 'Open File…') await commands.executeCommand('workbench.action.files.openFile');
  return undefined;
}
