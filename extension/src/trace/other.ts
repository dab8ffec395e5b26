/** Another trace to compare a shown one with: one that is open in this window, or a file. */

import { type QuickPickItem, Uri, window, workspace } from 'vscode';
import type { PickedOther } from '../../webview/trace/protocol.ts';
import { MAX_CONTAINER_BYTES, tooLarge } from '../../webview/trace/transfer.ts';
import type { ByteSource, TraceView } from './wire.ts';

type Item = QuickPickItem & { readonly source?: ByteSource };

/** Asks for one. Never throws: why it could not be read is an answer too. */
export async function pickOther(own: TraceView, views: Iterable<TraceView>): Promise<PickedOther> {
  const source = await askFor(own, views);
  if (source === undefined) return null;
  try {
    const size = source.file === undefined ? 0 : (await workspace.fs.stat(source.file)).size;
    if (size > MAX_CONTAINER_BYTES) return { why: tooLarge(size) };
    const read = await source.read();
    if (read.length > MAX_CONTAINER_BYTES) return { why: tooLarge(read.length) };
    const bytes = new ArrayBuffer(read.length);
    new Uint8Array(bytes).set(read);
    return { name: source.name, bytes };
  } catch (error) {
    return { why: `${source.name} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

async function askFor(own: TraceView, views: Iterable<TraceView>): Promise<ByteSource | undefined> {
  const items: Item[] = [];
  for (const view of views) {
    if (view === own) continue;
    const source = view.source();
    const where = source.file ?? source.design;
    items.push({ label: source.name, ...(where && { description: workspace.asRelativePath(where) }), source });
  }
  if (items.length > 0) {
    const chosen = await window.showQuickPick<Item>([...items, { label: 'Choose a file…' }], {
      title: 'Compare with which trace?',
      matchOnDescription: true,
    });
    if (chosen === undefined) return undefined;
    if (chosen.source !== undefined) return chosen.source;
  }
  const near = own.source().file ?? own.source().design;
  const [file] =
    (await window.showOpenDialog({
      title: 'Compare with which trace?',
      ...(near && { defaultUri: Uri.joinPath(near, '..') }),
      filters: { 'dsys trace': ['dsystrace', 'jsonl'] },
    })) ?? [];
  if (file === undefined) return undefined;
  const name = file.path.slice(file.path.lastIndexOf('/') + 1);
  return { name, file, read: async () => workspace.fs.readFile(file) };
}
