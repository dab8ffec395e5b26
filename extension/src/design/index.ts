/** The design beside its text: one panel that follows the editor, its edits and its cursor. */

import {
  commands,
  type Disposable,
  type ExtensionContext,
  languages,
  Range,
  type TextDocument,
  type TextEditor,
  Uri,
  ViewColumn,
  type WebviewPanel,
  window,
  workspace,
} from 'vscode';
import { type BaseLanguageClient, State } from 'vscode-languageclient';
import { Messenger } from 'vscode-messenger';
import { type RevealParams, toHost, toView, type ViewState } from '../../webview/design/protocol.ts';
import { designEditor, designUri, isDesign } from '../commands/open.ts';
import { problemOf } from '../runs.ts';
import { loadPage } from '../webview-files.ts';
import { askDesign, findingsOf } from './ask.ts';

export const DESIGN_PANEL = 'dsys.design';

/** Between the last keystroke and a new picture. */
const settledMs = 300;

export interface DesignView {
  /** What the view says that it shows; undefined: it has not said anything since it was opened. */
  readonly lastState: () => ViewState | undefined;
}

export function activateDesignView(context: ExtensionContext, client: BaseLanguageClient): DesignView {
  const messenger = new Messenger({ ignoreHiddenViews: false });
  let open: { readonly panel: WebviewPanel; readonly follow: (document: TextDocument) => void } | undefined;
  let last: ViewState | undefined;

  context.subscriptions.push(
    commands.registerCommand('dsys.showDesign', async (asked?: Uri) => {
      const uri = await designUri(asked);
      if (uri === undefined) return;
      const document = await workspace.openTextDocument(uri);
      if (open === undefined) {
        const panel = window.createWebviewPanel(
          DESIGN_PANEL,
          'Design',
          { viewColumn: ViewColumn.Beside, preserveFocus: true },
          // A hidden page costs memory; it is made again from the design, and keeps where one was.
          { retainContextWhenHidden: false },
        );
        open = { panel, follow: wire(panel) };
        panel.onDidDispose(() => {
          open = undefined;
          last = undefined;
        });
      } else open.panel.reveal(undefined, true);
      open.follow(document);
    }),
    { dispose: () => open?.panel.dispose() },
  );

  /** Joins a panel with whatever design is edited. */
  function wire(panel: WebviewPanel): (document: TextDocument) => void {
    const view = messenger.registerWebviewPanel(panel);
    const from = { sender: view };
    let listening = false;
    let followed: TextDocument | undefined;
    let asked = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    /** What the page was given last: only to these files may it lead. */
    let files: readonly string[] = [];
    let answer: Awaited<ReturnType<typeof askDesign>> | undefined;

    const send = (): void => {
      if (listening && answer !== undefined)
        messenger.sendNotification(toView.show, view, { ...answer, cursor: cursorIn(followed) });
    };
    const empty = (message: string): void => {
      answer = undefined;
      if (listening) messenger.sendNotification(toView.empty, view, { message });
    };
    const ask = async (): Promise<void> => {
      clearTimeout(timer);
      const own = ++asked;
      const document = followed;
      if (document === undefined) return empty('There is no design in the editor.');
      const { version } = document;
      const isStale = (): boolean => own !== asked || document.version !== version;
      try {
        const found = await askDesign(client, document);
        if (isStale()) return;
        answer = found;
        files = found.design.files.map(({ uri }) => uri);
        panel.title = `Design of ${found.name}`;
        send();
      } catch (error) {
        if (!isStale()) empty(problemOf(error)?.message ?? 'The design was not told: the question was cancelled.');
      }
    };
    const askSoon = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void ask(), settledMs);
    };
    const follow = (document: TextDocument): void => {
      if (followed === document) return askSoon();
      followed = document;
      void ask();
    };

    const handlers: Disposable[] = [
      messenger.onNotification(
        toHost.ready,
        () => {
          // Sent again each time the page is made anew: VS Code throws hidden pages away.
          listening = true;
          if (answer === undefined) void ask();
          else send();
        },
        from,
      ),
      messenger.onNotification(toHost.reveal, place => void reveal(place, files), from),
      messenger.onNotification(toHost.state, state => void (last = state), from),
      window.onDidChangeActiveTextEditor(editor => {
        if (isDesign(editor?.document) && editor.document !== followed) follow(editor.document);
      }),
      window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        if (listening && textEditor.document === followed)
          messenger.sendNotification(toView.cursor, view, { line: selections[0]!.active.line });
      }),
      // A file that the design imports changes it as much.
      workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
        if (contentChanges.length > 0 && isDesign(document)) askSoon();
      }),
      workspace.onDidCloseTextDocument(document => {
        if (document !== followed) return;
        followed = designEditor()?.document;
        void ask();
      }),
      languages.onDidChangeDiagnostics(({ uris }) => {
        if (answer === undefined || followed === undefined) return;
        const { uri } = followed;
        if (!uris.some(one => one.toString() === uri.toString())) return;
        answer = { ...answer, findings: findingsOf(uri) };
        send();
      }),
      client.onDidChangeState(({ newState }) => {
        if (newState === State.Running) void ask();
      }),
    ];
    panel.onDidDispose(() => {
      asked++;
      listening = false;
      clearTimeout(timer);
      for (const handler of handlers) handler.dispose();
    });
    loadPage(panel.webview, context.extensionUri, 'design', 'dsys design');
    return follow;
  }

  return { lastState: () => last };
}

const editorOf = (uri: string): TextEditor | undefined =>
  window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri);

const cursorIn = (document: TextDocument | undefined): number =>
  (document === undefined ? undefined : editorOf(document.uri.toString()))?.selection.active.line ?? 0;

/** Shows a place of the design without leaving the picture. */
async function reveal({ uri, range: { start, end } }: RevealParams, files: readonly string[]): Promise<void> {
  if (!files.includes(uri)) return;
  const parsed = Uri.parse(uri);
  const document = await workspace.openTextDocument(parsed);
  const range = new Range(start.line, start.character, end.line, end.character);
  await window.showTextDocument(document, {
    viewColumn: editorOf(parsed.toString())?.viewColumn ?? ViewColumn.One,
    preserveFocus: true,
    // The whole part in a selection would hide it; its beginning is where one reads.
    selection: document.validateRange(new Range(range.start, range.start)),
  });
}
