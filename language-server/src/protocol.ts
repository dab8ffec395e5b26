/**
 * What clients and the server say to each other beyond the Language Server Protocol: names and plain data, no Langium,
 * so that a client can import it. Lines and characters count from 0, as in LSP; times are virtual ns.
 */
import type { Design } from '@dsys/runtime/design/design';
import type { RunReport } from '@dsys/runtime/run/report';
import type { TestReport } from '@dsys/runtime/run/test';
import type { Change, RecordedRun } from '@dsys/runtime/trace/changes';
import type { Likelihood, Looked } from '@dsys/runtime/trace/probability';
import type { Moment, NodeState, Origin, Rebuilt } from '@dsys/runtime/trace/state';
import type { Place, Range } from './diagnostic.ts';

/** What a client may say when it starts the server, as `initializationOptions`; all of it may be left out. */
export interface InitializationOptions {
  /** Where the pages of rules are: a URI with `{rule}` in place of a rule's id. Diagnostics then lead there. */
  readonly rulePages?: string;
}

/** Requests from the client. Cancelled by `$/cancelRequest`, which answers with the error `RequestCancelled`. */
export const requests = {
  /** `RunParams` -> `RunAnswer` */
  run: 'dsys/run',
  /** `TestParams` -> `TestAnswer` */
  test: 'dsys/test',
  /** `FactsParams` -> an object of the schema `dsys.facts/1` */
  facts: 'dsys/facts',
  /** `FactsParams` -> string: the same facts as a page, in Markdown */
  factsPage: 'dsys/factsPage',
  /** `DesignParams` -> `DesignAnswer` */
  design: 'dsys/design',
  /** `ScenariosParams` -> `ScenariosAnswer` */
  scenarios: 'dsys/scenarios',
  /** `TraceParams` -> `TraceChunk` */
  trace: 'dsys/trace',
  /** `StateParams` -> `Rebuilt<StateAnswer>` */
  state: 'dsys/state',
  /** `OriginParams` -> `Rebuilt<Origin>` */
  origin: 'dsys/origin',
  /** `ProbabilitiesParams` -> `Rebuilt<readonly Likelihood[]>`; each `Likelihood` is a partial result before */
  probabilities: 'dsys/probabilities',
} as const;

/** Notifications from the server. */
export const notifications = {
  /** `VerdictsParams`: what is known of a file's claims and scenarios has changed. */
  verdicts: 'dsys/verdicts',
} as const;

/** Commands of code lenses, which the client implements. */
export const commands = {
  /** One argument: `RunParams` without `wantTrace`. */
  run: 'dsys.run',
  /** One argument: `TestParams`. */
  test: 'dsys.test',
  /** One argument: `RunParams` without `wantTrace`, of a run whose trace is to be shown. */
  openTrace: 'dsys.openTrace',
} as const;

/** Codes of error answers. */
export const errorCodes = {
  /** The file or the scenario cannot be executed; `data` is `NotRunnableData`. */
  notRunnable: 1,
  /** The runtime failed: a bug of dsys, whose message tells what to report. */
  workerFailed: 2,
  /** The trace is not kept any more. */
  unknownTrace: 3,
  /** This host cannot answer such a request. */
  notOffered: 4,
  /** The design is not that of the recorded run any more. */
  designChanged: 5,
} as const;

export interface NotRunnableData {
  readonly diagnostics: readonly (Place & { readonly rule: string; readonly message: string })[];
}

/** A token of the client's for `$/progress`, with `begin`, `report` (percentage, message) and `end`. */
export type ProgressToken = number | string;

export interface RunParams {
  readonly uri: string;
  /** Left out: the file's first scenario. */
  readonly scenario?: string;
  /** A whole number of at least 0; left out: 1. */
  readonly seed?: number;
  /** Whether the trace is wanted, to be fetched with `dsys/trace`. */
  readonly wantTrace?: boolean;
  /** What the run does otherwise than its scenario; a change that finds nothing is the error `notRunnable`. */
  readonly changes?: readonly Change[];
  /** Texts that the design has to have, in its order; else the error is `designChanged`. */
  readonly sources?: RecordedRun['sources'];
  readonly workDoneToken?: ProgressToken;
}

export interface TraceHandle {
  readonly id: string;
  /** Size of the container (`.dsystrace`). */
  readonly bytes: number;
}

export interface RunAnswer {
  readonly report: RunReport;
  /** null: none was wanted. */
  readonly trace: TraceHandle | null;
}

export interface TestParams {
  readonly uri: string;
  /** Left out: all scenarios of the file. */
  readonly scenario?: string;
  /** From 1; left out: each scenario's own number. */
  readonly seeds?: number;
  readonly workDoneToken?: ProgressToken;
}

export interface TestAnswer {
  readonly reports: readonly TestReport[];
}

export interface FactsParams {
  readonly uri: string;
}

export interface DesignParams {
  readonly uri: string;
}

export interface DesignAnswer {
  /** As far as the file can be understood; without the texts of its files. */
  readonly design: Design;
  /** Whether it has errors: then it is not what was meant. */
  readonly isBroken: boolean;
}

export interface ScenariosParams {
  readonly uri: string;
}

export interface ScenariosAnswer {
  /** Those of the file itself, in the order of the text; a file without any has one that is called `default`. */
  readonly scenarios: readonly {
    readonly name: string;
    readonly range: Range;
    /** How many seeds a test of it tries. */
    readonly seeds: number;
  }[];
}

export interface TraceParams {
  readonly id: string;
  /** In bytes from the beginning of the container. */
  readonly offset: number;
}

export interface TraceChunk {
  readonly base64: string;
  /** Where the next chunk begins; null: this was the last one. */
  readonly next: number | null;
}

/** A recorded run: executed again, if the file's texts are still those of the run. */
interface OfRecordedRun {
  readonly uri: string;
  readonly run: RecordedRun;
}

interface OfMoment extends OfRecordedRun {
  readonly moment: Moment;
  /** Lane of a node. */
  readonly node: number;
}

export interface StateParams extends OfMoment {
  /** An earlier moment, with which the state is to be compared; null: none. */
  readonly before: Moment | null;
}

export interface StateAnswer {
  readonly now: NodeState;
  readonly before: NodeState | null;
}
export type { Likelihood, Looked, NodeState, Origin, Rebuilt };

export interface OriginParams extends OfMoment {
  /** Of a field of the node's state. */
  readonly path: readonly string[];
}

export interface ProbabilitiesParams extends OfRecordedRun {
  readonly looked: Looked;
  /** At most `MOMENTS_MAX`, in the order in which they are wanted. */
  readonly moments: readonly Moment[];
  /** For each moment, from 1 to `SEEDS_MAX`. */
  readonly seeds: number;
  readonly partialResultToken?: ProgressToken;
}

export interface ClaimVerdict {
  readonly store: string;
  /** The claim in the language's words. */
  readonly property: string;
  readonly range: Range;
  /** `not checked`: no run came to its end, and `why` says what kept it from that. */
  readonly verdict: 'holds' | 'violated' | 'unknown' | 'not checked';
  readonly why: string;
  /** Runs that came to their end and judged the claim. */
  readonly runs: number;
  /** Of the run that shows the violation. */
  readonly shown: { readonly scenario: string; readonly seed: number } | null;
}

export interface ScenarioVerdict {
  readonly scenario: string;
  readonly outcome: RunReport['outcome'];
  /** Seeds that ran. */
  readonly seeds: { readonly from: number; readonly ran: number };
  /** The seed whose trace tells most. */
  readonly showing: number;
}

/** Always all that is known of the file as it is now; nothing of an earlier state of it. */
export interface VerdictsParams {
  readonly uri: string;
  /** Of the document, where it is open. */
  readonly version: number | null;
  readonly claims: readonly ClaimVerdict[];
  readonly scenarios: readonly ScenarioVerdict[];
}
