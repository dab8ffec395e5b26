/** Whoever holds a trace and shows it in this viewer: VS Code, or a page that carries the trace in itself. */

import type { RecordedRun } from '@dsys/runtime/trace/changes';
import type { Likelihood } from '@dsys/runtime/trace/probability';
import type {
  Chunk,
  OpenParams,
  OriginAt,
  OriginAtParams,
  PickedOther,
  Probabilities,
  ProbabilitiesParams,
  RevealEventsParams,
  RevealParams,
  RunAgainParams,
  SaveFileParams,
  SourceOfTrace,
  SourceState,
  StateAt,
  StateAtParams,
  ViewerCommand,
  ViewerState,
} from './protocol.ts';

/** A text that the host has no editor for. */
export interface ShownText {
  readonly uri: string;
  readonly text: string;
  readonly range: RevealParams['range'];
}

export interface HostListener {
  readonly open: (params: OpenParams) => void;
  readonly revealEvents: (params: RevealEventsParams) => void;
  readonly fail: (message: string) => void;
  readonly command: (command: ViewerCommand) => void;
  /** Asks the viewer itself to show a text, with a range of it marked. */
  readonly showText: (text: ShownText) => void;
}

/** A host that can execute the recorded run again. Questions end with an answer, never with an error. */
export interface ReplayHost {
  stateAt(params: StateAtParams): Promise<StateAt>;
  originOf(params: OriginAtParams): Promise<OriginAt>;
  /** @param told each result, as soon as there is one */
  probabilities(params: ProbabilitiesParams, told: (one: Likelihood) => void): Promise<Probabilities>;
  stopProbabilities(): void;
  /** Executes it with its changes, and shows that run beside this one. */
  runChanged(run: RecordedRun): void;
}

export interface TraceHost {
  /** Says that the viewer listens from now on. */
  start(listener: HostListener): void;
  chunk(id: number, offset: number): Promise<Chunk>;
  /** How each source is now, in the same order. */
  compareSources(sources: readonly SourceOfTrace[]): Promise<readonly SourceState[]>;
  reveal(place: RevealParams): void;
  runAgain(run: RunAgainParams): void;
  exportTrace(): void;
  /** Left out by a host without a runtime. */
  readonly replay?: ReplayHost;
  /** Lets a person choose another trace; left out by a host that has no others. Ends with why it could not be read. */
  pickOther?(): Promise<PickedOther>;
  /** Saves the trace in one of the forms that the host named when it opened it. */
  exportAs(ending: string): void;
  /** Saves a file that the viewer made. */
  saveFile(file: SaveFileParams): void;
  /** Told after every change that another side may want to know of. */
  state(state: ViewerState): void;
  /** What `save` was given before the page was thrown away and made again. Small: a few hundred bytes. */
  saved(): unknown;
  save(view: unknown): void;
}
