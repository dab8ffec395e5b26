/**
 * What a client keeps of its own reads and writes (`cache 5s`): a read within that time asks nobody. A write of its own goes
 * through to the store and replaces what is kept; whatever else it does to a key, and whatever it does not know the outcome
 * of, makes it forget the key. Writes of others it does not hear of: that is what a cache costs.
 */
import type { Value } from '../checkers/history.ts';
import type { LoggedOperation } from './log.ts';

/** A look into one's own memory takes this long. */
export const cachedReadNs = 1000;

export interface Cached {
  readonly value: Value;
  /** When the store said so, virtual ns. */
  readonly sinceNs: number;
  /** Trace row of its answer. */
  readonly event: number;
}

export interface Cache {
  /** What is kept of a key at this time; undefined: the store has to be asked. */
  find(store: string, key: string, nowNs: number): Cached | undefined;
  /** An operation has ended. */
  ended(operation: LoggedOperation): void;
}

/** @param keepNs how long a value is believed; null: nothing is kept */
export function createCache(keepNs: number | null): Cache {
  if (keepNs === null) return { find: () => undefined, ended: () => {} };
  const kept = new Map<string, Cached>();
  return {
    find(store, key, nowNs) {
      const one = kept.get(nameOf(store, key));
      return one !== undefined && nowNs - one.sinceNs < keepNs ? one : undefined;
    },
    ended(operation) {
      // Which keys of which stores a transaction has written is not asked: it forgets all.
      if (operation.kind === 'transaction') return kept.clear();
      const value = known(operation);
      const name = nameOf(operation.store, operation.key);
      if (value === undefined) kept.delete(name);
      else kept.set(name, { value, sinceNs: operation.ended, event: operation.completeEvent });
    },
  };
}

const nameOf = (store: string, key: string): string => `${store}\n${key}`;

/** What the key holds after an operation, as far as who asked knows; undefined: it does not. */
function known({ kind, input, output, outcome }: LoggedOperation): Value | undefined {
  if (outcome !== 'ok') return undefined;
  if (kind === 'read') return output;
  if (kind === 'write') return input;
  if (kind === 'delete') return null;
  return kind === 'cas' && output === true && Array.isArray(input) ? input[1] : undefined;
}
