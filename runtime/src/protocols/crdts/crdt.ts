/**
 * Replicated data types that merge by themselves (Shapiro, Preguiça, Baquero and Zawirski, "A Comprehensive Study of
 * Convergent and Commutative Replicated Data Types", INRIA RR-7506, 2011). State-based: states form a join semilattice,
 * an operation only ever moves up in it, and replicas join what they receive, in whatever order and however often. What is
 * sent of an operation is its *delta*, a small state of its own (Almeida, Shoker and Baquero, "Delta State Replicated Data
 * Types", JPDC 2018). States are plain data and never changed.
 */
import type { OperationKind, Value } from '../../checkers/history.ts';
import type { Stamp } from '../versions/stamps.ts';

/** Who does something, and when: different for any two operations. */
export interface Doing {
  /** Whose it is: nobody else ever uses this name. */
  readonly replica: string;
  /** Different for each of the replica's operations. */
  readonly number: number;
  /** Later than everything that the replica has seen, where its clock says so. */
  readonly stamp: Stamp;
}

export interface Crdt<S> {
  readonly name: string;
  /** What it can do besides being read. */
  readonly kinds: readonly OperationKind[];
  /** The least state: the object before the first operation. */
  readonly empty: S;
  /** The delta of an operation that a replica in this state does; a text: why it cannot be done, whatever the state. */
  update(state: S, request: { readonly kind: OperationKind; readonly input: Value }, doing: Doing): S | string;
  /** The least state that is above both: associative, commutative, idempotent. */
  merge(a: S, b: S): S;
  /** What a read finds. */
  value(state: S): Value;
}

/** Some type's operation is not one of its own. */
export const cannot = (name: string, kind: OperationKind): string => `a ${name} knows no ${kind}`;
