/** The line that the cursor is on marks its events in the open traces, as long as the text is the one that ran. */

import { Disposable, TextEditorSelectionChangeKind, window, workspace } from 'vscode';
import type { TraceView } from './wire.ts';

/** Ms that the cursor has to rest: whoever goes through a text does not ask for each of its lines. */
const RESTED_MS = 150;

/** @param views those that are open */
export function followCursor(views: () => Iterable<TraceView>): Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return Disposable.from(
    { dispose: () => clearTimeout(timer) },
    window.onDidChangeTextEditorSelection(({ textEditor: { document }, selections, kind }) => {
      // What a command brought about, a click in the trace among them, is nobody's walk through the text.
      const walks = kind === TextEditorSelectionChangeKind.Keyboard || kind === TextEditorSelectionChangeKind.Mouse;
      if (document.languageId !== 'dsys' || !walks) return;
      if (!workspace.getConfiguration('dsys', document).get('trace.followCursor', true)) return;
      clearTimeout(timer);
      timer = setTimeout(() => {
        for (const view of views()) void view.follow(document, selections[0].active.line + 1);
      }, RESTED_MS);
    }),
  );
}
