/**
 * What the design view and its host say to each other: names and plain data, the one contract of both sides. Lines and
 * characters count from 0, as in the Language Server Protocol and in designs.
 */
import type { Design } from '@dsys/runtime/design/design';
import type { NotificationType } from 'vscode-messenger-common';

export interface Position {
  readonly line: number;
  readonly character: number;
}

export interface TextRange {
  readonly start: Position;
  readonly end: Position;
}

export type Severity = 'error' | 'warning' | 'information';

/** What a rule, or whoever looks before rules do, says of the file that is shown. */
export interface Finding {
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  readonly range: TextRange;
}

export interface FactRow {
  readonly name: string;
  /** null: not known, and `why` says why not. */
  readonly value: string | null;
  readonly why?: string;
}

/** The facts of one store, from `dsys.facts/1`. */
export interface StoreCard {
  readonly store: string;
  readonly rows: readonly FactRow[];
  /** What was computed of how soon a write is seen everywhere; null: nothing, and the row of that name says why. */
  readonly staleness: {
    /** Time after the acknowledgement in ns, and the probability that a read sees the write. */
    readonly curve: readonly (readonly [ns: number, probability: number])[];
    /** Those of it that are named: right after the acknowledgement, and the percentiles. */
    readonly marks: readonly (readonly [ns: number, probability: number])[];
    readonly trials: number;
    readonly assumes: string;
  } | null;
}

export interface ShowParams {
  readonly uri: string;
  /** What a person calls the file. */
  readonly name: string;
  /** Without the texts of its files. */
  readonly design: Design;
  /** The file has errors: the design is not what was meant. */
  readonly isBroken: boolean;
  readonly findings: readonly Finding[];
  readonly facts: { readonly stores: readonly StoreCard[] } | { readonly missing: string };
  /** Line of the cursor. */
  readonly cursor: number;
}

export interface RevealParams {
  readonly uri: string;
  readonly range: TextRange;
}

/** What the view shows, for tests in hosts. */
export interface ViewState {
  readonly name: string;
  readonly isBroken: boolean;
  readonly stores: readonly string[];
  /** The store whose partitions are drawn; null: the design has none. */
  readonly store: string | null;
  /** Partition that is selected, by name. */
  readonly partition: string | null;
  readonly nodes: readonly string[];
  /** Parts at the cursor, by what they are called: `node f1`, `store accounts`. */
  readonly highlighted: readonly string[];
  readonly findings: number;
}

const notification = <Params>(method: string): NotificationType<Params> => ({ method: `dsys.design/${method}` });

/** From the view to its host. */
export const toHost = {
  /** The view listens: the host answers with `show` or `empty`. */
  ready: notification<void>('ready'),
  reveal: notification<RevealParams>('reveal'),
  state: notification<ViewState>('state'),
} as const;

/** From the host to the view. */
export const toView = {
  show: notification<ShowParams>('show'),
  /** There is nothing to show, for this reason. */
  empty: notification<{ readonly message: string }>('empty'),
  cursor: notification<{ readonly line: number }>('cursor'),
} as const;
