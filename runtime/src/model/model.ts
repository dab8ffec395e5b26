import type { Operation, OperationKind, Value } from '../checkers/history.ts';
import { counter } from './counter.ts';
import { kv } from './kv.ts';
import { list } from './list.ts';
import { multiRegister } from './multi-register.ts';
import { register } from './register.ts';
import { set } from './set.ts';

/** What is asked of an object: an operation without its client, its time and its answer. */
export type Request = Pick<Operation, 'kind' | 'input'>;

export interface Applied {
  readonly state: Value;
  /** As `Operation.output`. */
  readonly output: Value;
}

/**
 * The sequential specification of a data type: what one object does when nothing happens at the same time. A replica
 * applies it to its copy of a key, a checker asks it which answers were possible. States are values: they can be
 * hashed (`valueKey`), compared and stored. Operations on different keys are independent unless `perKey` is false.
 */
export interface DataModel {
  readonly name: string;
  /** The operations it knows; `apply` throws on others. */
  readonly kinds: readonly OperationKind[];
  /** Operations after which the state is the same whatever it was before. */
  readonly overwrites: readonly OperationKind[];
  /** False: one object holds all keys, and an operation may touch several (`multi-register`). */
  readonly perKey: boolean;
  /** State of an object that holds `value` before the first operation (`null`: nothing). */
  initial(value: Value): Value;
  apply(state: Value, request: Request): Applied;
  /** A read's answer in the form in which states are kept, so that equal answers are equal values. */
  observed(output: Value): Value;
  /** False only if no sequence of increments, adds and appends leads from one state to the other. */
  grows(from: Value, to: Value): boolean;
}

const MODELS: Readonly<Record<string, DataModel>> = {
  register,
  'cas-register': register,
  mutex: register,
  kv,
  counter,
  set,
  list,
  'list-append': list,
  'multi-register': multiRegister,
};

export const MODEL_NAMES: readonly string[] = Object.keys(MODELS);

/** `undefined` for a name that is not in `MODEL_NAMES`. Aliases: `cas-register` and `mutex` are registers. */
export function modelNamed(name: string): DataModel | undefined {
  return Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
}
