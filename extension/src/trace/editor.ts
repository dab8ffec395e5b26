/** The editor of `.dsystrace` files: shows them, and never changes them. */

import {
  type CustomDocument,
  type CustomReadonlyEditorProvider,
  RelativePattern,
  Uri,
  type WebviewPanel,
  workspace,
} from 'vscode';
import type { ByteSource, TraceView } from './wire.ts';

/** How long a file must stay as it is before it is read again: writers take their time. */
const SETTLED_MS = 200;

const nameOf = (uri: Uri): string => uri.path.slice(uri.path.lastIndexOf('/') + 1);

export function traceEditor(
  show: (panel: WebviewPanel, source: ByteSource) => TraceView,
): CustomReadonlyEditorProvider {
  return {
    openCustomDocument: (uri): CustomDocument => ({ uri, dispose: () => {} }),
    resolveCustomEditor({ uri }, panel) {
      const view = show(panel, { name: nameOf(uri), file: uri, read: async () => workspace.fs.readFile(uri) });
      const watcher = workspace.createFileSystemWatcher(new RelativePattern(Uri.joinPath(uri, '..'), nameOf(uri)));
      let timer: ReturnType<typeof setTimeout> | undefined;
      const changed = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => void view.open(), SETTLED_MS);
      };
      watcher.onDidChange(changed);
      watcher.onDidCreate(changed);
      panel.onDidDispose(() => {
        clearTimeout(timer);
        watcher.dispose();
      });
    },
  };
}
