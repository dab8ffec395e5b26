import { valueKey } from '../model/value.ts';
import type { History, Operation, Value } from './history.ts';
import { completionOf } from './objects.ts';

/** A state of a key: the write that made it, or `undefined` for the initial one, which is older than all others. */
export type Version = Operation | undefined;

/**
 * What is known about the order of a key's versions.
 *
 * - a map: the order itself (`ar`), as a simulator knows it: by key, the ids of the writes that took effect, oldest first
 * - `real-time`: a write that had returned before another was invoked is the older one; so are earlier writes of a session
 * - `sessions`: only that; for recordings without real time, and for stores that may order writes against it
 */
export type VersionOrder = ReadonlyMap<string, readonly number[]> | 'real-time' | 'sessions';

/** The versions of a history's keys, for registers and key-value entries: which were read, and which is older. */
export interface Versions {
  /** The version that a write made; what a successful cas wrote. `undefined`: the operation made none. */
  readonly madeBy: (operation: Operation) => Operation | undefined;
  /** Versions that a read (or the expectation of a successful cas) may have seen. Empty: nobody wrote what it saw. */
  readonly seenBy: (operation: Operation) => readonly Version[] | undefined;
  /** Whether it is certain that `a` is older than `b`, another version of the same key. */
  readonly older: (a: Version, b: Version) => boolean;
  /** False if the order was given and has no place for this version. */
  readonly placed: (version: Version) => boolean;
}

export function versionsOf(history: History, order: VersionOrder): Versions {
  const writers = new Map<string, Operation[]>();
  for (const operation of history.operations) {
    const value = writtenBy(operation);
    if (value === undefined) continue;
    const key = keyOf(operation.key, value);
    const same = writers.get(key);
    if (same === undefined) writers.set(key, [operation]);
    else same.push(operation);
  }
  const initial = valueKey(history.initial);
  const places = typeof order === 'string' ? undefined : placesOf(order);

  return {
    madeBy: operation => (writtenBy(operation) === undefined ? undefined : operation),
    seenBy(operation) {
      const value = readBy(operation);
      if (value === undefined) return undefined;
      const seen: Version[] = (writers.get(keyOf(operation.key, value)) ?? []).filter(
        // What began after the answer cannot have been in it; equal times leave that open only between sessions.
        write => write.invoke <= operation.complete && (write.process !== operation.process || write.id < operation.id),
      );
      if (valueKey(value) === initial) seen.push(undefined);
      return seen;
    },
    older(a, b) {
      if (a === b || b === undefined) return false;
      if (a === undefined) return true;
      if (places !== undefined) return (places.get(a.id) ?? Number.NaN) < (places.get(b.id) ?? Number.NaN);
      if (a.process === b.process) return a.outcome === 'ok' && a.id < b.id;
      return order === 'real-time' && completionOf(a) < b.invoke;
    },
    placed: version => version === undefined || places === undefined || places.has(version.id),
  };
}

function keyOf(key: string, value: Value): string {
  return `${key.length}:${key}${valueKey(value)}`;
}

/** By id of a write: its place among the versions of its key. */
export function placesOf(order: ReadonlyMap<string, readonly number[]>): Map<number, number> {
  const places = new Map<number, number>();
  for (const ids of order.values()) for (const [place, id] of ids.entries()) places.set(id, place);
  return places;
}

/** The value that an operation may have left behind, in a register or key-value entry; `undefined`: none. */
export function writtenBy({ kind, input, output, outcome }: Operation): Value | undefined {
  if (outcome === 'fail') return undefined;
  if (kind === 'write') return input;
  if (kind === 'delete') return null;
  if (kind === 'cas' && (outcome === 'unknown' || output === true)) return (input as readonly Value[])[1];
  return undefined;
}

/** The value that an operation certainly saw; `undefined`: none. */
export function readBy({ kind, input, output, outcome }: Operation): Value | undefined {
  if (outcome !== 'ok') return undefined;
  if (kind === 'read') return output;
  return kind === 'cas' && output === true ? (input as readonly Value[])[0] : undefined;
}

/** A growing set of versions of one key: answers in O(1) whether one of them is certainly newer than another version. */
export interface Frontier {
  add(version: Version): void;
  has(version: Version): boolean;
  /** One that is certainly newer than `version`, the newest known. */
  newerThan(version: Version): Operation | undefined;
}

export function frontier(versions: Versions): Frontier {
  const members = new Set<Version>();
  // The newest of each process, since sessions order their own writes; and the newest of all, in the given order or in
  // real time (what was invoked last began after the most others had returned).
  const lastOf = new Map<number, Operation>();
  let newest: Operation | undefined;
  const later = (a: Operation | undefined, b: Operation) =>
    a === undefined || versions.older(a, b) || (a.id < b.id && !versions.older(b, a)) ? b : a;
  return {
    has: version => members.has(version),
    add(version) {
      members.add(version);
      if (version === undefined || !versions.placed(version)) return;
      newest = later(newest, version);
      lastOf.set(version.process, later(lastOf.get(version.process), version));
    },
    newerThan(version) {
      if (newest !== undefined && versions.older(version, newest)) return newest;
      const last = version === undefined ? undefined : lastOf.get(version.process);
      return last !== undefined && versions.older(version, last) ? last : undefined;
    },
  };
}
