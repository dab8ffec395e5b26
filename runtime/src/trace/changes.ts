/**
 * How a run differs from its scenario under its seed: the *what if* runs of a trace. They stand in the header's
 * `params.changes`, so that such a run can be executed again as well. A change names what it is about by what it is and
 * when, not by a row: rows after the first change are others.
 */

import type { Header, Json, Source } from './model.ts';

export type Change =
  /** The fault of this text that begins at this virtual ns does not take effect; `nth` of those that are alike, from 0. */
  | { readonly kind: 'without'; readonly text: string; readonly atNs: number; readonly nth: number }
  /** A further fault, at ns from the scenario's time 0; it stays. */
  | { readonly kind: 'with'; readonly fault: 'crash' | 'isolate'; readonly node: string; readonly ns: number }
  /** This copy of a message is lost where it would arrive; `nth` of those of its type that are sent so, from 0. */
  | {
      readonly kind: 'drop';
      readonly type: string;
      readonly from: string;
      readonly to: string;
      /** Virtual ns of its sending. */
      readonly atNs: number;
      readonly nth: number;
      readonly copy: number;
    }
  /** After this virtual ns, all randomness is that of another seed. */
  | { readonly kind: 'seed'; readonly seed: number; readonly atNs: number };

/** Most changes of one run, and characters of a text in them. */
export const CHANGES_MAX = 16;
const TEXT_MAX = 2000;

/** Which run a trace is of: all that it takes to execute it again. */
export interface RecordedRun {
  readonly scenario: string;
  readonly seed: number;
  readonly changes: readonly Change[];
  /** The design's texts, in its order. */
  readonly sources: readonly Source[];
}

/** undefined: its header says something about changes that cannot be understood. */
export function recordedRun(header: Header, sources: readonly Source[]): RecordedRun | undefined {
  const changes = readChanges(header.params.changes);
  return changes && { scenario: header.model.name, seed: header.seed, changes, sources };
}

/** Changes as they were written into a header, or sent by somebody; undefined for anything else. */
export function readChanges(json: unknown): readonly Change[] | undefined {
  if (json === undefined) return [];
  if (!Array.isArray(json) || json.length > CHANGES_MAX) return undefined;
  const changes = json.map(readChange);
  return changes.every(change => change !== undefined) ? changes : undefined;
}

export const writeChanges = (changes: readonly Change[]): Json => changes.map(change => ({ ...change }));

function readChange(json: unknown): Change | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const given = json as Readonly<Record<string, unknown>>;
  const texts = (...names: string[]) =>
    names.every(name => typeof given[name] === 'string' && (given[name] as string).length <= TEXT_MAX);
  const counts = (...names: string[]) =>
    names.every(name => Number.isSafeInteger(given[name]) && (given[name] as number) >= 0);
  const only = (...names: string[]) => Object.fromEntries(['kind', ...names].map(name => [name, given[name]]));
  switch (given.kind) {
    case 'without':
      return texts('text') && counts('atNs', 'nth') ? (only('text', 'atNs', 'nth') as Change) : undefined;
    case 'with':
      return texts('node') && counts('ns') && (given.fault === 'crash' || given.fault === 'isolate')
        ? (only('fault', 'node', 'ns') as Change)
        : undefined;
    case 'drop':
      return texts('type', 'from', 'to') && counts('atNs', 'nth', 'copy')
        ? (only('type', 'from', 'to', 'atNs', 'nth', 'copy') as Change)
        : undefined;
    case 'seed':
      return counts('seed', 'atNs') ? (only('seed', 'atNs') as Change) : undefined;
    default:
      return undefined;
  }
}

/** A change in a few words, without its time: `without: crash n1`. */
export function changeName(change: Change): string {
  switch (change.kind) {
    case 'without':
      return `without: ${change.text}`;
    case 'with':
      return `with: ${change.fault} ${change.node}`;
    case 'drop':
      return `without: ${change.type} from ${change.from} to ${change.to}`;
    case 'seed':
      return `randomness of seed ${change.seed}`;
  }
}

/**
 * A change in words: `without: crash n1 at 2 s`.
 * @param originNs virtual ns of the scenario's time 0, from which times are told
 */
export function changeText(change: Change, originNs: number): string {
  const name = changeName(change);
  const at = seconds(change.kind === 'with' ? change.ns : change.atNs - originNs);
  switch (change.kind) {
    case 'without':
      // Most say themselves when they begin.
      return change.text.startsWith('at ') ? name : `${name} at ${at}`;
    case 'with':
      return `${name} at ${at}`;
    case 'drop':
      return `${name}, sent at ${at}`;
    case 'seed':
      return `${name} from ${at} on`;
  }
}

/** With as many decimals as it has, six at most. */
const seconds = (ns: number): string => `${Number((ns / 1e9).toFixed(6))} s`;
