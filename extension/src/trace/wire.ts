/** Joins a webview with a source of bytes: the same for files and for runs. */

import { sha256Hex } from '@dsys/runtime/trace/sha256';
import type { Disposable, ExtensionContext, TextDocument, Uri, WebviewPanel } from 'vscode';
import type { Messenger } from 'vscode-messenger';
import type { LineCount } from '../../webview/trace/model/source-lines.ts';
import {
  type RunAgainParams,
  type SourceOfTrace,
  toHost,
  toViewer,
  type ViewerCommand,
  type ViewerState,
} from '../../webview/trace/protocol.ts';
import { chunkAt, MAX_CONTAINER_BYTES } from '../../webview/trace/transfer.ts';
import { loadPage } from '../webview-files.ts';
import { exportAs, formats } from './exports.ts';
import { pickOther } from './other.ts';
import type { TraceReplay } from './replay.ts';
import { saveAs } from './save.ts';
import { compareSource, findSource, type Origin, reveal } from './sources.ts';

export interface ByteSource extends Origin {
  readonly name: string;
  readonly read: () => Promise<Uint8Array>;
  /** Executes the scenario again; left out where nobody knows its file. */
  readonly runAgain?: (run: RunAgainParams) => void;
  readonly exportTrace?: (bytes: Uint8Array) => void;
}

/** A viewer that is open. */
export interface TraceView {
  readonly panel: WebviewPanel;
  readonly source: () => ByteSource;
  /** Reads and shows the trace again, or another one. */
  readonly open: (source?: ByteSource) => Promise<void>;
  readonly command: (command: ViewerCommand) => void;
  /** False when there is nothing to save: it is a file already, or has not arrived. */
  readonly exportTrace: () => boolean;
  /** Lines of a text that have brought about events, if that is what the trace was made from. */
  readonly countsOf: (document: TextDocument) => Promise<readonly LineCount[]>;
  /** Marks the events of a line of a file; false when the trace was not made from that file. */
  readonly showEventsOfLine: (file: Uri, line: number) => Promise<boolean>;
  /** Marks the events of the line of a text that the cursor is on, if the trace was made from that text; else none. */
  readonly follow: (document: TextDocument, line: number) => Promise<void>;
}

export interface WireOptions {
  readonly context: ExtensionContext;
  readonly messenger: Messenger;
  readonly panel: WebviewPanel;
  readonly source: ByteSource;
  readonly replay: TraceReplay;
  /** Viewers that are open, this one among them. */
  readonly views: () => Iterable<TraceView>;
  /** Called when other sources are known. */
  readonly onSources: () => void;
  readonly onState: (view: TraceView, state: ViewerState) => void;
}

const isSame = (document: TextDocument, { sha256 }: SourceOfTrace): boolean => sha256Hex(document.getText()) === sha256;

export function wireTrace({
  context,
  messenger,
  panel,
  source: first,
  replay,
  views,
  onSources,
  onState,
}: WireOptions): TraceView {
  let source = first;
  let bytes: Uint8Array = new Uint8Array(0);
  let id = 0;
  let listening = false;
  let sources: readonly SourceOfTrace[] = [];
  const viewer = messenger.registerWebviewPanel(panel);

  const send = async (): Promise<void> => {
    const own = ++id;
    try {
      const read = await source.read();
      if (own !== id) return;
      // The viewer refuses it in words as soon as it hears the size.
      bytes = read.length > MAX_CONTAINER_BYTES ? new Uint8Array(0) : read;
      messenger.sendNotification(toViewer.open, viewer, {
        id,
        name: source.name,
        bytes: read.length,
        canRun: source.runAgain !== undefined,
        canExport: source.exportTrace !== undefined,
        canReplay: true,
        formats,
      });
    } catch (error) {
      if (own !== id) return;
      const message = `${source.name} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
      messenger.sendNotification(toViewer.fail, viewer, { message });
    }
  };
  /** What the trace was made from, of a file. */
  const sourceOf = async (file: Uri): Promise<SourceOfTrace | undefined> => {
    for (const one of sources) {
      const found = await findSource(one.uri, source);
      if (found?.toString() === file.toString()) return one;
    }
    return undefined;
  };
  const view: TraceView = {
    panel,
    source: () => source,
    async open(next) {
      source = next ?? source;
      if (listening) await send();
    },
    command: command => messenger.sendNotification(toViewer.command, viewer, { command }),
    exportTrace() {
      if (source.exportTrace === undefined || bytes.length === 0) return false;
      source.exportTrace(bytes);
      return true;
    },
    async countsOf(document) {
      const found = await sourceOf(document.uri);
      return found?.lines !== undefined && isSame(document, found) ? found.lines : [];
    },
    async showEventsOfLine(file, line) {
      const found = await sourceOf(file);
      if (found === undefined) return false;
      // Without its own column it would be opened over the text.
      if (!panel.visible) panel.reveal(panel.viewColumn, true);
      messenger.sendNotification(toViewer.revealEvents, viewer, { uri: found.uri, line });
      return true;
    },
    async follow(document, line) {
      const found = await sourceOf(document.uri);
      if (found === undefined) return;
      const place = { uri: found.uri, line: isSame(document, found) ? line : 0 };
      messenger.sendNotification(toViewer.revealEvents, viewer, { ...place, follows: true });
    },
  };

  const from = { sender: viewer };
  const handlers: Disposable[] = [
    // Sent again each time the page is made anew: VS Code throws hidden pages away.
    messenger.onNotification(
      toHost.ready,
      () => {
        listening = true;
        void send();
      },
      from,
    ),
    messenger.onRequest(
      toHost.chunk,
      params => {
        if (params.id !== id) throw new Error('The trace changed while it was read.');
        return chunkAt(bytes, params.offset);
      },
      from,
    ),
    messenger.onRequest(
      toHost.compareSources,
      async asked => {
        sources = asked.slice(0, 1000);
        onSources();
        return Promise.all(sources.map(one => compareSource(one, source)));
      },
      from,
    ),
    messenger.onNotification(toHost.reveal, params => void reveal(params, source), from),
    messenger.onNotification(toHost.runAgain, params => source.runAgain?.(params), from),
    messenger.onNotification(toHost.exportTrace, () => source.exportTrace?.(bytes), from),
    messenger.onNotification(toHost.runChanged, run => void replay.runChanged(run, source), from),
    messenger.onRequest(toHost.stateAt, params => replay.stateAt(params, source), from),
    messenger.onRequest(
      toHost.probabilities,
      params =>
        replay.probabilities(params, source, one =>
          messenger.sendNotification(toViewer.likelihood, viewer, { id: params.id, one }),
        ),
      from,
    ),
    messenger.onNotification(toHost.stopProbabilities, () => replay.stopProbabilities(), from),
    messenger.onRequest(toHost.originOf, params => replay.originOf(params, source), from),
    messenger.onRequest(toHost.pickOther, () => pickOther(view, views()), from),
    messenger.onNotification(
      toHost.exportAs,
      ({ ending }) => void exportAs(ending, source, bytes, context.extensionUri),
      from,
    ),
    messenger.onNotification(
      toHost.saveFile,
      ({ name, bytes: file }) => void saveAs(name, new Uint8Array(file), source.design ?? source.file),
      from,
    ),
    messenger.onNotification(toHost.state, state => onState(view, state), from),
  ];
  panel.onDidDispose(() => {
    id++;
    replay.dispose();
    for (const handler of handlers) handler.dispose();
  });

  loadPage(panel.webview, context.extensionUri, 'trace', 'dsys trace');
  return view;
}
