/** Saves files that come from a trace, where people say. */

import { Uri, window, workspace } from 'vscode';

/** @param near a file beside which it is proposed */
export async function saveAs(name: string, bytes: Uint8Array, near: Uri | undefined): Promise<void> {
  // The name may come from a trace of strangers.
  const safe = name.replace(/[^\w.-]+/g, '-').slice(-120);
  const ending = safe.slice(safe.lastIndexOf('.') + 1);
  const target = await window.showSaveDialog({
    defaultUri: near === undefined ? undefined : Uri.joinPath(near, '..', safe),
    filters: { [ending === 'dsystrace' ? 'dsys trace' : ending.toUpperCase()]: [ending] },
  });
  if (target !== undefined) await workspace.fs.writeFile(target, bytes);
}
