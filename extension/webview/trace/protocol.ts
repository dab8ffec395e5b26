/**
 * What the trace viewer and its host say to each other: names and plain data, the one contract of both sides.
 *
 * The trace travels as its container, in pieces that the viewer asks for one after the other, so a slow viewer holds the
 * host back. A piece is a fresh ArrayBuffer of exactly its size: a Node `Buffer` would be sent as JSON, and a view on a
 * larger buffer would drag all of that along. Lines and columns count from 1, as in traces.
 */

import type { Change, RecordedRun } from '@dsys/runtime/trace/changes';
import type { Likelihood, Looked } from '@dsys/runtime/trace/probability';
import type { Moment, NodeState, Origin, Rebuilt } from '@dsys/runtime/trace/state';
import type { NotificationType, RequestType } from 'vscode-messenger-common';
import type { LineCount, SourceState } from './model/source-lines.ts';

/** What the host has to show. */
export interface OpenParams {
  /** Which of the traces that this host has shown one after the other: pieces are asked for by it. */
  readonly id: number;
  /** What a person calls it: the file's name, or the scenario's. */
  readonly name: string;
  /** Size of the container. */
  readonly bytes: number;
  /** Whether the host can execute the scenario again, and save the trace as a file. */
  readonly canRun: boolean;
  readonly canExport: boolean;
  /** Whether the host can execute the run again to look into it; left out where it has no runtime. */
  readonly canReplay?: boolean;
  /** Other forms that the host can save the trace in; left out: none. */
  readonly formats?: readonly ExportFormat[];
}

export interface ExportFormat {
  /** Of file names: `.jsonl`. */
  readonly ending: string;
  /** What people call it. */
  readonly name: string;
}

/** A file that the viewer made, for the host to save. */
export interface SaveFileParams {
  /** Proposed name. */
  readonly name: string;
  /** Of exactly the file's size. */
  readonly bytes: ArrayBuffer;
}

export interface ChunkParams {
  readonly id: number;
  /** In bytes from the beginning of the container. */
  readonly offset: number;
}

export interface Chunk {
  readonly bytes: ArrayBuffer;
  /** Where the next piece begins; null: this was the last one. */
  readonly next: number | null;
}

export interface SourceOfTrace {
  readonly uri: string;
  readonly sha256: string;
  /** Lines that have brought about events; left out where nobody asks for them. */
  readonly lines?: readonly LineCount[];
}

export type { SourceState };

export interface RevealParams {
  readonly uri: string;
  readonly range: readonly [line: number, column: number, endLine: number, endColumn: number];
}

export interface RunAgainParams {
  readonly scenario: string;
  readonly seed: number;
  /** Of the run that is shown. */
  readonly changes: readonly Change[];
}

/** A moment of the recorded run, at a node. Only what was asked last is answered: what was asked before it is cancelled. */
export interface LookParams {
  readonly run: RecordedRun;
  readonly moment: Moment;
  /** Lane of a server. */
  readonly node: number;
}

export interface StateAtParams extends LookParams {
  /** An earlier moment, to compare with. */
  readonly before: Moment | null;
}
export type StateAt = Rebuilt<{ readonly now: NodeState; readonly before: NodeState | null }>;

export interface OriginAtParams extends LookParams {
  readonly path: readonly string[];
}
export type OriginAt = Rebuilt<Origin>;

export interface ProbabilitiesParams {
  /** Given by the viewer: results on the way carry it. */
  readonly id: number;
  readonly run: RecordedRun;
  readonly looked: Looked;
  readonly moments: readonly Moment[];
  readonly seeds: number;
}
export type Probabilities = Rebuilt<readonly Likelihood[]>;

/** Another trace, to compare the shown one with. */
export interface OtherTrace {
  readonly name: string;
  /** Container or JSON lines, of exactly its size and at most `MAX_CONTAINER_BYTES`. */
  readonly bytes: ArrayBuffer;
}
/** Null: nobody chose one. */
export type PickedOther = OtherTrace | { readonly why: string } | null;

export interface RevealEventsParams {
  readonly uri: string;
  /** From 1; 0 for none. */
  readonly line: number;
  /** The cursor has come there, nobody has asked: nothing is selected, told or taken away that was asked for. */
  readonly follows?: boolean;
}

/** What the viewer shows, for tests in hosts and for commands that depend on it. */
export interface ViewerState {
  readonly name: string;
  /** The header's words; or why there is nothing to see. */
  readonly verdict: string;
  readonly events: number;
  /** Selected event, -1 for none. */
  readonly event: number;
  /** Events of the line that was asked for last. */
  readonly highlighted: number;
  readonly problems: readonly string[];
}

/** Commands that VS Code's own key bindings send, because they have a modifier key or are in its menus. */
export type ViewerCommand = 'reveal-source' | 'next-violation' | 'previous-violation' | 'fit' | 'filter';

const notification = <Params>(method: string): NotificationType<Params> => ({ method: `dsys.trace/${method}` });
const request = <Params, Answer>(method: string): RequestType<Params, Answer> => ({ method: `dsys.trace/${method}` });

/** From the viewer to its host. */
export const toHost = {
  /** The viewer listens: the host answers with `open` or `fail`. */
  ready: notification<void>('ready'),
  chunk: request<ChunkParams, Chunk>('chunk'),
  compareSources: request<readonly SourceOfTrace[], readonly SourceState[]>('compare-sources'),
  reveal: notification<RevealParams>('reveal'),
  runAgain: notification<RunAgainParams>('run-again'),
  exportTrace: notification<void>('export'),
  exportAs: notification<{ readonly ending: string }>('export-as'),
  saveFile: notification<SaveFileParams>('save-file'),
  state: notification<ViewerState>('state'),
  /** Executes the run with these changes and shows it, beside what is shown. */
  runChanged: notification<RecordedRun>('run-changed'),
  stateAt: request<StateAtParams, StateAt>('state-at'),
  /** Ends early with `stopProbabilities`, and with the next such request. */
  probabilities: request<ProbabilitiesParams, Probabilities>('probabilities'),
  stopProbabilities: notification<void>('stop-probabilities'),
  originOf: request<OriginAtParams, OriginAt>('origin-of'),
  /** Lets a person choose another trace. */
  pickOther: request<void, PickedOther>('pick-other'),
} as const;

/** From the host to the viewer. */
export const toViewer = {
  open: notification<OpenParams>('open'),
  revealEvents: notification<RevealEventsParams>('reveal-events'),
  fail: notification<{ readonly message: string }>('fail'),
  likelihood: notification<{ readonly id: number; readonly one: Likelihood }>('likelihood'),
  command: notification<{ readonly command: ViewerCommand }>('command'),
} as const;
