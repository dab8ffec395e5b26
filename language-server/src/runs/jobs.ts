/** What the server asks of the threads that execute designs, and what they answer: plain data that can be cloned. */
import type { Design } from '@dsys/runtime/design/design';
import type { Scenario } from '@dsys/runtime/design/scenario';
import type { RunReport } from '@dsys/runtime/run/report';
import type { TestReport } from '@dsys/runtime/run/test';
import type { Change } from '@dsys/runtime/trace/changes';
import type { Likelihood, Looked } from '@dsys/runtime/trace/probability';
import type { Moment, Origin, Rebuilt } from '@dsys/runtime/trace/state';
import type { StoreVerdicts } from '../live/check.ts';
import type { StateAnswer } from '../protocol.ts';

export interface RunJob {
  readonly kind: 'run';
  readonly design: Design;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly wantTrace: boolean;
  readonly changes: readonly Change[];
}

export interface TestJob {
  readonly kind: 'test';
  readonly design: Design;
  readonly scenario: Scenario;
  readonly seeds: number;
}

/** Tries the claims of stores in short runs. */
export interface LiveJob {
  readonly kind: 'live';
  readonly design: Design;
  readonly stores: readonly { readonly name: string; readonly scenarios: readonly Scenario[] }[];
  /** Seeds 1, 2, … of each scenario. */
  readonly seeds: number;
  /** Wall-clock time for each store. */
  readonly budgetMs: number;
}

/** What looks into a recorded run. Executions are held for the next look, by the thread that has looked before. */
interface LookJob {
  /** The same for the same design, scenario, seed and changes. */
  readonly key: string;
  readonly design: Design;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly changes: readonly Change[];
  readonly moment: Moment;
  readonly node: number;
}

export interface StateJob extends LookJob {
  readonly kind: 'state';
  readonly before: Moment | null;
}

export interface OriginJob extends LookJob {
  readonly kind: 'origin';
  readonly path: readonly string[];
}

export interface ProbabilitiesJob {
  readonly kind: 'probabilities';
  readonly design: Design;
  readonly scenario: Scenario;
  readonly seed: number;
  readonly changes: readonly Change[];
  readonly looked: Looked;
  readonly moments: readonly Moment[];
  readonly seeds: number;
}

export type Job = RunJob | TestJob | LiveJob | StateJob | OriginJob | ProbabilitiesJob;

export interface Answers {
  /** The trace as a container. */
  readonly run: {
    readonly report: RunReport;
    readonly trace: Uint8Array<ArrayBuffer> | null;
    /** Changes that found nothing to change, in words. */
    readonly unmet: readonly string[];
  };
  readonly test: TestReport;
  readonly live: readonly StoreVerdicts[];
  readonly state: Rebuilt<StateAnswer>;
  readonly origin: Rebuilt<Origin>;
  readonly probabilities: Rebuilt<readonly Likelihood[]>;
}

/** What is told on the way. */
export interface Tidings {
  readonly run: never;
  /** Seeds that have run. */
  readonly test: number;
  readonly live: StoreVerdicts;
  readonly state: never;
  readonly origin: never;
  readonly probabilities: Likelihood;
}

export interface ToWorker {
  readonly id: number;
  readonly job: Job;
  /** Not 0: somebody wants it to end. Undefined where memory cannot be shared. */
  readonly flag: Int32Array | undefined;
}

export type FromWorker =
  | { readonly id: number; readonly kind: 'progress'; readonly tidings: Tidings[Job['kind']] }
  | { readonly id: number; readonly kind: 'done'; readonly answer: Answers[Job['kind']] }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string };
