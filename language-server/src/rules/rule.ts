/**
 * What a rule is: data for its page, and a pure function over the design. Rules know neither text nor syntax: they
 * name the part of the design that they speak of, and `spots.ts` and `changes.ts` find where that is written.
 */
import type { Design } from '@dsys/runtime/design/design';
import type { Located } from '@dsys/runtime/design/source';
import type { Severity } from '../diagnostic.ts';

export interface Rule {
  /** As the catalogue has it: `quorum-rw-disjoint`. Never changes: settings and comments name it. */
  readonly id: string;
  /** "Read and write quorums need not meet" */
  readonly title: string;
  /** The usual severity; a finding may have its own, when it depends on what is claimed. */
  readonly severity: Severity;
  /** It says nothing where another rule finds an error in the same claim, and explains it better. */
  readonly isGeneral?: true;
  /** When it speaks, in the words and symbols of the field. */
  readonly condition: string;
  /** Why that is a problem, for somebody who has not met it: Markdown, one short paragraph. */
  readonly why: string;
  /** Paper, section, documentation. */
  readonly source: string;
  /** A whole design on which it speaks, and the same made right. */
  readonly wrong: string;
  readonly right: string;
  check(design: Design): Iterable<Finding>;
}

export interface Finding {
  /** One or two plain sentences with the numbers of this design, and the consequence. */
  readonly message: string;
  readonly severity?: Severity;
  /** The offending choice. */
  readonly at: Spot;
  /** What it contradicts: mostly a claim. */
  readonly related?: readonly { readonly at: Spot; readonly message: string }[];
  /** Each is one way to mend it; the first is the one that "fix all" takes. */
  readonly fixes?: readonly Fix[];
}

/**
 * A part of a design, or an option of it.
 * `{ of: store.mechanism, option: 'failover consult' }`: the option where it is written, else the mechanism.
 * `{ of: store, option: 'replicas' }`, `{ of: store.mechanism, option: 'semi-synchronous' }` (its number),
 * `{ of: store, option: 'partition' }`, `{ of: store, option: 'claims' }` are found too. Of the two that begin with
 * `log`, `log-retention` is one and `log-form` (`log positions`) the other.
 */
export type Spot = Located | { readonly of: Located; readonly option: string };

export interface Fix {
  /** What it does, as an order: "Read from 2 replicas". */
  readonly title: string;
  readonly changes: readonly Change[];
}

/** What is to be written. Options are named by their path; `text` is the whole option: `read 2`, `consult 3`. */
export type Change =
  /**
   * Writes an option over the one that stands there, or adds it. For a path of two words `parent` says what to write
   * when the outer option is missing: `{ option: 'failover consult', text: 'consult 3', parent: 'failover automatic' }`.
   */
  | {
      readonly kind: 'set';
      readonly of: Located;
      readonly option: string;
      readonly text: string;
      readonly parent?: string;
    }
  /** Takes an option away, if it is written. */
  | { readonly kind: 'unset'; readonly of: Located; readonly option: string }
  /** Writes something else in place of a claim, a mechanism, an action … */
  | { readonly kind: 'replace'; readonly what: Located; readonly text: string }
  /** Writes something else in place of all that stands before a block: `replication single-leader synchronous`. */
  | { readonly kind: 'head'; readonly of: Located; readonly text: string }
  /** Takes a claim, an action … away; with the last claim its block. */
  | { readonly kind: 'remove'; readonly what: Located }
  /** Adds a line to the block of a declaration, whatever stands there: `consensus raft`, `witness w1`. */
  | { readonly kind: 'add'; readonly to: Located; readonly text: string }
  /** Splits a store by another strategy: in place of all levels, but with the options and replicas that are written. */
  | { readonly kind: 'split'; readonly of: Located; readonly text: string }
  /** Divides the partitions of a store further: `then by hash(id) into 4`, behind all levels. */
  | { readonly kind: 'divide'; readonly of: Located; readonly text: string }
  /** Lets a store or a partition stand on other clusters than those written. */
  | { readonly kind: 'stand'; readonly of: Located; readonly on: readonly string[] }
  /** Lets all witnesses of a node's line keep data too. */
  | { readonly kind: 'hold-data'; readonly node: Located }
  /** Writes something behind a field, an action …, on the same line. */
  | { readonly kind: 'append'; readonly to: Located; readonly text: string }
  /** Adds a declaration at the end of the file that `near` stands in. */
  | { readonly kind: 'declare'; readonly near: Located; readonly text: string };

export const set = (of: Located, option: string, text: string, parent?: string): Change => ({
  kind: 'set',
  of,
  option,
  text,
  ...(parent !== undefined && { parent }),
});
export const unset = (of: Located, option: string): Change => ({ kind: 'unset', of, option });
export const replace = (what: Located, text: string): Change => ({ kind: 'replace', what, text });
export const remove = (what: Located): Change => ({ kind: 'remove', what });
export const add = (to: Located, text: string): Change => ({ kind: 'add', to, text });
export const fix = (title: string, ...changes: Change[]): Fix => ({ title, changes });
