import { showValue } from '../model/value.ts';
import type { Operation } from './history.ts';

/** How explanations call clients and moments. Times of a simulated run are virtual ns. */
export interface Names {
  readonly process: (process: number) => string;
  /** Left out: milliseconds, with as many digits as it takes to tell the times of one explanation apart. */
  readonly time?: (ns: number) => string;
}

export const DEFAULT_NAMES: Names = { process: process => `c${process}` };

/** The words of one explanation: made for the times that occur in it. */
export interface Words {
  /** `c2` */
  readonly who: (operation: Operation) => string;
  /** `read 0` */
  readonly verb: (operation: Operation) => string;
  /** `write of 1` */
  readonly noun: (operation: Operation) => string;
  /** `c2 read 0` */
  readonly did: (operation: Operation) => string;
  /** `c1's write of 1` */
  readonly the: (operation: Operation) => string;
  /** `41 ms` */
  readonly at: (ns: number) => string;
}

export function wordsFor(names: Names, operations: readonly Operation[]): Words {
  const who = (operation: Operation) => names.process(operation.process);
  const verb = (operation: Operation) => VERBS[operation.kind](operation);
  const noun = (operation: Operation) => NOUNS[operation.kind](operation);
  return {
    who,
    verb,
    noun,
    did: operation => `${who(operation)} ${verb(operation)}`,
    the: operation => `${who(operation)}'s ${noun(operation)}`,
    at: names.time ?? milliseconds(operations.flatMap(operation => [operation.invoke, operation.complete])),
  };
}

const pair = (operation: Operation) => {
  const [expected, replacement] = operation.input as readonly [Operation['input'], Operation['input']];
  return `${showValue(expected)} → ${showValue(replacement)}`;
};
const amount = (operation: Operation) => (operation.input === null ? '1' : showValue(operation.input));

const VERBS: Record<Operation['kind'], (operation: Operation) => string> = {
  read: operation => `read ${showValue(operation.output)}`,
  write: operation => `wrote ${showValue(operation.input)}`,
  cas: operation => (operation.output === false ? `was refused ${pair(operation)}` : `set ${pair(operation)}`),
  increment: operation => `incremented by ${amount(operation)}`,
  add: operation => `added ${showValue(operation.input)}`,
  append: operation => `appended ${showValue(operation.input)}`,
  delete: operation => (operation.input === null ? 'deleted it' : `deleted ${showValue(operation.input)}`),
  transaction: operation => `ran ${showValue(operation.outcome === 'ok' ? operation.output : operation.input, 80)}`,
};

const NOUNS: Record<Operation['kind'], (operation: Operation) => string> = {
  read: operation => `read of ${showValue(operation.output)}`,
  write: operation => `write of ${showValue(operation.input)}`,
  cas: operation => `${operation.output === false ? 'refused ' : ''}cas ${pair(operation)}`,
  increment: operation => `increment by ${amount(operation)}`,
  add: operation => `add of ${showValue(operation.input)}`,
  append: operation => `append of ${showValue(operation.input)}`,
  delete: operation => (operation.input === null ? 'delete' : `delete of ${showValue(operation.input)}`),
  transaction: operation =>
    `transaction ${showValue(operation.outcome === 'ok' ? operation.output : operation.input, 80)}`,
};

const NS_PER_MS = 1_000_000;
const MAX_DIGITS = 6;

/** Renders ns as ms with the fewest decimals that keep different times different. */
export function milliseconds(times: readonly number[]): (ns: number) => string {
  const different = [...new Set(times.filter(Number.isFinite))];
  let digits = 0;
  while (digits < MAX_DIGITS && new Set(different.map(ns => (ns / NS_PER_MS).toFixed(digits))).size < different.length)
    digits++;
  return ns => (Number.isFinite(ns) ? `${(ns / NS_PER_MS).toFixed(digits)} ms` : 'an unknown time');
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  if (parts.length < 2) return parts.join('');
  return `${parts.slice(0, -1).join(', ')} and ${parts[parts.length - 1]}`;
}

export function plural(count: number, noun: string): string {
  return `${String(count).replace(/\B(?=(\d{3})+$)/g, ',')} ${noun}${count === 1 ? '' : 's'}`;
}
