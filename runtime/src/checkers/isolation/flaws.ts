import type { Value } from '../history.ts';

/** What is wrong with a history without any cycle. Transactions by position. */
export type Flaw =
  /** Nobody wrote it, or the reader itself, later. */
  | { readonly kind: 'garbage'; readonly key: string; readonly reader: number; readonly value: Value }
  /** An element stands twice in a list though it was appended once. */
  | { readonly kind: 'duplicate'; readonly key: string; readonly reader: number; readonly element: Value }
  | {
      readonly kind: 'G1a';
      readonly key: string;
      readonly reader: number;
      readonly writer: number;
      readonly value: Value;
    }
  | {
      readonly kind: 'G1b';
      readonly key: string;
      readonly reader: number;
      readonly writer: number;
      readonly value: Value;
    }
  /** Neither list that was read begins with the other; without `other` it is the initial one. */
  | {
      readonly kind: 'incompatible-order';
      readonly key: string;
      readonly reader: number;
      readonly other: number | undefined;
      readonly lists: readonly [Value, Value];
    }
  /** The reader did not see what it had written itself (`own`), or saw something else than before. */
  | {
      readonly kind: 'internal';
      readonly key: string;
      readonly reader: number;
      readonly expected: Value;
      readonly value: Value;
      readonly own: boolean;
    };
