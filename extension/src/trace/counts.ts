/** How many events of an open trace each line of a design has brought about: as a lens above it, and as heat beside it. */

import {
  type CodeLens,
  Disposable,
  EventEmitter,
  languages,
  Range,
  type TextDocument,
  type TextEditor,
  ThemeColor,
  Uri,
  window,
  workspace,
} from 'vscode';
import type { LineCount } from '../../webview/trace/model/source-lines.ts';
import type { TraceView } from './wire.ts';

/** What `dsys.trace.showEventsOfLine` may be given. */
export interface LineOfText {
  readonly uri: string;
  /** From 1. */
  readonly line: number;
}

export interface EventCounts extends Disposable {
  /** To be called when other traces are open. */
  readonly changed: () => void;
}

/** Opacities of the marks beside lines; each stands for ten times as many events as the one before. */
const HEAT = [0.25, 0.45, 0.7, 1];

/** @param views those that are open, the last one last: it is the one that is counted */
export function eventCounts(views: () => Iterable<TraceView>): EventCounts {
  const lensesChanged = new EventEmitter<void>();
  const marks = HEAT.map(opacity =>
    window.createTextEditorDecorationType({
      isWholeLine: true,
      gutterIconPath: Uri.parse(`data:image/svg+xml;utf8,${encodeURIComponent(bar(opacity))}`),
      gutterIconSize: 'contain',
      overviewRulerColor: opacity === 1 ? new ThemeColor('charts.blue') : undefined,
    }),
  );

  async function countsOf(document: TextDocument): Promise<readonly LineCount[]> {
    if (!workspace.getConfiguration('dsys', document).get('trace.eventCounts', true)) return [];
    for (const view of [...views()].reverse()) {
      const found = await view.countsOf(document);
      if (found.length > 0) return found;
    }
    return [];
  }
  async function mark(editor: TextEditor): Promise<void> {
    if (editor.document.languageId !== 'dsys') return;
    const counts = await countsOf(editor.document);
    for (const [level, type] of marks.entries())
      editor.setDecorations(
        type,
        counts.filter(({ events }) => levelOf(events) === level).map(({ line }) => rangeOf(line)),
      );
  }
  const markAll = (): void => window.visibleTextEditors.forEach(editor => void mark(editor));
  const changed = (): void => {
    lensesChanged.fire();
    markAll();
  };

  const { dispose } = Disposable.from(
    lensesChanged,
    ...marks,
    languages.registerCodeLensProvider(
      { language: 'dsys' },
      {
        onDidChangeCodeLenses: lensesChanged.event,
        provideCodeLenses: async document =>
          (await countsOf(document)).map(one => lensOf({ uri: document.uri.toString(), ...one })),
      },
    ),
    window.onDidChangeVisibleTextEditors(markAll),
    workspace.onDidChangeTextDocument(({ document }) => {
      if (document.languageId === 'dsys') markAll();
    }),
    workspace.onDidChangeConfiguration(change => {
      if (change.affectsConfiguration('dsys.trace.eventCounts')) changed();
    }),
  );
  return { changed, dispose };
}

const levelOf = (events: number): number => Math.min(HEAT.length - 1, Math.floor(Math.log10(events)));

const rangeOf = (line: number): Range => new Range(line - 1, 0, line - 1, 0);

function lensOf({ uri, line, events }: LineOfText & { readonly events: number }): CodeLens {
  return {
    range: rangeOf(line),
    isResolved: true,
    command: {
      title: `▷ ${events.toLocaleString('en')} event${events === 1 ? '' : 's'}`,
      tooltip: 'Mark them in the trace',
      command: 'dsys.trace.showEventsOfLine',
      arguments: [{ uri, line } satisfies LineOfText],
    },
  };
}

const bar = (opacity: number): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><rect x="6" y="1" width="4" height="14" rx="2" fill="#3794ff" fill-opacity="${opacity}"/></svg>`;
