/** What is told of a node's state at an event of a recorded run: the shapes that whoever rebuilds it and whoever shows it share. */

/** A moment of the recorded run: after everything that this event brought about at once. */
export interface Moment {
  /** Row of the trace. */
  readonly event: number;
  /** `prefixAt` of it: what is executed again has to arrive at the same. */
  readonly prefix: string;
}

/** One value of a state that has no parts of its own, or whose parts are few and short. */
export interface Field {
  /** Names from the outside to the inside; elements of lists by their index, of maps by their key. */
  readonly path: readonly string[];
  /** The value: a string in quotes, null, a number …; for what was left out, words that say how much it is. */
  readonly text: string;
  /** `text` is virtual ns: a point of time, or a length. */
  readonly unit?: 'moment' | 'duration';
  /** Not the value, but a note that something was left out. */
  readonly cut?: true;
}

export interface NodeState {
  /** The state is the same after each event from `from` to before `before`: they took effect together. */
  readonly from: number;
  readonly before: number;
  readonly node: string;
  readonly timeNs: number;
  readonly fields: readonly Field[];
  /** Watched fields of the protocols that run, as the trace's deltas name and write them. */
  readonly watched: readonly { readonly path: string; readonly itf: string }[];
}

/** Where a field got its value. */
export interface Origin {
  /** The last event up to the moment that changed it; -1: it has been so since before the first event. */
  readonly event: number;
  /** Its text at the moment and before that event; undefined: it was not there. */
  readonly now: string | undefined;
  readonly before: string | undefined;
}

export type Rebuilt<T> =
  | { readonly kind: 'rebuilt'; readonly value: T }
  /** What is executed now is not what was recorded. */
  | { readonly kind: 'differs'; readonly why: string }
  | { readonly kind: 'cancelled' };
