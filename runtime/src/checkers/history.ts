/**
 * A recorded history: what clients asked and what they were told, and nothing else. It is the only thing that the
 * consistency checkers see, wherever it came from: a simulated run, Jepsen, Porcupine, a file of somebody's own.
 */

/** A value as stored and compared: structural equality, no identity. */
export type Value = null | boolean | number | string | readonly Value[];

/** `ok`: took effect, result known. `fail`: took no effect, for certain. `unknown`: may take effect later, or never. */
export type Outcome = 'ok' | 'fail' | 'unknown';

export type OperationKind = 'read' | 'write' | 'cas' | 'increment' | 'add' | 'append' | 'delete' | 'transaction';

export interface Operation {
  /** Position in the history's `operations`; witnesses name operations by it. */
  readonly id: number;
  /** The client session. At most one operation of a session is open at a time. */
  readonly process: number;
  /** Key or object; registers with one object use `''`. */
  readonly key: string;
  readonly kind: OperationKind;
  /**
   * write: the value; cas: `[expected, replacement]`; increment: the amount; add, append: the element; delete: the
   * element, of a set; transaction: a list of `['read', key, null]`, `['write', key, value]` and, on lists,
   * `['append', key, element]`.
   */
  readonly input: Value;
  /**
   * read: the value seen (`null`: absent); cas: whether it was applied; transaction: its input with the values read;
   * otherwise `null`. Meaningless unless `ok`.
   */
  readonly output: Value;
  /** Virtual ns at which the client asked. */
  readonly invoke: number;
  /** Virtual ns at which the client was told; `Infinity` when it never was (`unknown`). */
  readonly complete: number;
  readonly outcome: Outcome;
  /** Virtual ns at which the client stopped waiting for an answer (`unknown` only); figures count the time until then. */
  readonly abandoned?: number;
  /** Values side by side that the answer told of, if there were several; a read's `output` is what its client made of them. */
  readonly siblings?: readonly Value[];
}

export interface History {
  /** Ordered by `invoke`. */
  readonly operations: readonly Operation[];
  /** Value of every key before the first operation; `null` means absent. */
  readonly initial: Value;
}

export type VerdictKind = 'holds' | 'violated' | 'unknown';

/** Positions that together contradict the property: the shortest set that was found. */
export interface Witness {
  /** Ids of operations of the history. */
  readonly operations: readonly number[];
  /** Rows of the trace's events; empty when the history did not come from a trace. */
  readonly events: readonly number[];
}

export interface Verdict {
  readonly property: string;
  readonly verdict: VerdictKind;
  /** One or two plain sentences: why it is violated, what was checked, or what kept it from being checked. */
  readonly why: string;
  readonly witness: Witness | null;
}
