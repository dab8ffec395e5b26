/** Traces in VS Code: the editor of their files, panels for runs, and the way between events and text. */

import { commands as serverCommands } from '@dsys/language-server/protocol';
import { commands, type ExtensionContext, Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import type { BaseLanguageClient } from 'vscode-languageclient';
import { Messenger } from 'vscode-messenger';
import type { ViewerCommand, ViewerState } from '../../webview/trace/protocol.ts';
import { eventCounts, type LineOfText } from './counts.ts';
import { followCursor } from './cursor.ts';
import { traceEditor } from './editor.ts';
import { traceReplay } from './replay.ts';
import { saveAs } from './save.ts';
import { type ByteSource, type TraceView, wireTrace } from './wire.ts';

/** Type of the editor of files, and of the panels of runs, by which key bindings know them. */
export const TRACE_EDITOR = 'dsys.trace';
export const TRACE_PANEL = 'dsys.trace.run';

export interface RunTrace {
  readonly title: string;
  readonly bytes: Uint8Array;
  /** The design that was executed. */
  readonly sourceUri: Uri;
}

export interface TraceViews {
  /** Shows the trace of a run in a panel; the panel of an earlier run of the same name is used again. */
  readonly showTrace: (run: RunTrace) => void;
  /** What the viewer that spoke last shows. */
  readonly lastShown: () => ViewerState | undefined;
}

const VIEWER_COMMANDS: Readonly<Record<string, ViewerCommand>> = {
  'dsys.trace.revealSource': 'reveal-source',
  'dsys.trace.nextViolation': 'next-violation',
  'dsys.trace.previousViolation': 'previous-violation',
  'dsys.trace.fit': 'fit',
  'dsys.trace.filter': 'filter',
};

export function activateTraces(context: ExtensionContext, client: BaseLanguageClient): TraceViews {
  const messenger = new Messenger({ ignoreHiddenViews: false });
  const open = new Set<TraceView>();
  const runs = new Map<string, TraceView>();
  let last: ViewerState | undefined;
  const counts = eventCounts(() => open);

  const show = (panel: WebviewPanel, source: ByteSource): TraceView => {
    const onState = (_: TraceView, state: ViewerState): void => {
      last = state;
    };
    const view = wireTrace({
      context,
      messenger,
      panel,
      source,
      replay: traceReplay(client),
      views: () => open,
      onSources: counts.changed,
      onState,
    });
    const count = (): void => void commands.executeCommand('setContext', 'dsys.trace.open', open.size > 0);
    open.add(view);
    count();
    panel.onDidDispose(() => {
      open.delete(view);
      count();
      counts.changed();
    });
    return view;
  };
  const active = (): TraceView | undefined => [...open].find(({ panel }) => panel.active);

  context.subscriptions.push(
    counts,
    followCursor(() => open),
    window.registerCustomEditorProvider(TRACE_EDITOR, traceEditor(show), {
      supportsMultipleEditorsPerDocument: true,
      // A hidden page costs memory; it is made again from the bytes, and keeps where one was.
      webviewOptions: { retainContextWhenHidden: false },
    }),
    ...Object.entries(VIEWER_COMMANDS).map(([name, command]) =>
      commands.registerCommand(name, () => active()?.command(command)),
    ),
    commands.registerCommand('dsys.trace.showEventsOfLine', (place?: LineOfText) => showEventsOfLine(open, place)),
    commands.registerCommand('dsys.trace.export', () => {
      if ((active() ?? [...open].at(-1))?.exportTrace() !== true)
        void window.showInformationMessage('There is no trace of a run to save: run a scenario first.');
    }),
  );

  return {
    lastShown: () => last,
    showTrace({ title, bytes, sourceUri }) {
      const source: ByteSource = {
        name: title,
        design: sourceUri,
        read: async () => bytes,
        runAgain: run => void commands.executeCommand(serverCommands.openTrace, { uri: sourceUri.toString(), ...run }),
        exportTrace: all => void saveAs(`${title}.dsystrace`, all, sourceUri),
      };
      const key = `${sourceUri} ${title}`;
      const before = runs.get(key);
      if (before !== undefined) {
        before.panel.reveal(before.panel.viewColumn, true);
        void before.open(source);
        return;
      }
      // Not brought back after a restart of VS Code: the run is one command away and gives the same trace.
      const column = { viewColumn: ViewColumn.Beside, preserveFocus: true };
      const panel = window.createWebviewPanel(TRACE_PANEL, title, column, { retainContextWhenHidden: false });
      runs.set(key, show(panel, source));
      panel.onDidDispose(() => runs.delete(key));
    },
  };
}

/** Marks the events that a line is the source of, by default the cursor's, in every trace made from the file. */
async function showEventsOfLine(open: ReadonlySet<TraceView>, place?: LineOfText): Promise<void> {
  const editor = window.activeTextEditor;
  const uri = place === undefined ? editor?.document.uri : Uri.parse(place.uri);
  const line = place?.line ?? (editor?.selection.active.line ?? 0) + 1;
  if (uri === undefined) return;
  const shown = await Promise.all([...open].map(view => view.showEventsOfLine(uri, line)));
  if (!shown.includes(true)) void window.showInformationMessage('No open trace was made from this file.');
}
