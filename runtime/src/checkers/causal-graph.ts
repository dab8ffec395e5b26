import { valueKey } from '../model/value.ts';
import type { History, Operation, Value } from './history.ts';
import { readBy, writtenBy } from './versions.ts';

/** The read or the write of an operation. A successful cas is two events: what it saw, and then what it wrote. */
export interface CausalEvent {
  readonly operation: Operation;
  readonly kind: 'read' | 'write';
  readonly key: number;
}

export const INITIAL = -1;
export const UNSOURCED = -2;

/**
 * A history as causal models see it: events in session order, and which write each read got its value from. Arrays are
 * indexed by event. Events of one chain are totally ordered: those of a session, and, each alone, the writes of unknown
 * outcome that were read (nothing is known to follow them but their readers; those that were not read are left out).
 */
export interface CausalGraph {
  readonly events: readonly CausalEvent[];
  readonly chain: Int32Array;
  /** From 1. */
  readonly position: Int32Array;
  readonly chains: number;
  /** The event before it in its session, -1 for the first. */
  readonly previous: Int32Array;
  /** The write that a read got its value from; `INITIAL`; `UNSOURCED` for writes, and for reads that say nothing. */
  readonly source: Int32Array;
  /** By key, then by chain: the writes in order. */
  readonly writes: readonly ReadonlyMap<number, readonly number[]>[];
  /** The last event of each session. */
  readonly lastOf: readonly number[];
  /** A read of a value that nobody wrote (ThinAirRead). */
  readonly thinAir: Operation | undefined;
  /** Why the graph does not say all that the history does, so that finding nothing wrong proves nothing. */
  readonly incomplete: string | undefined;
}

export function causalGraph(history: History): CausalGraph {
  const writers = writersOf(history);
  const wasRead = readValues(history);
  const keys = new Map<string, number>();
  const events: CausalEvent[] = [];
  const chain: number[] = [];
  const position: number[] = [];
  const previous: number[] = [];
  const chainOf = new Map<number, number>(); // process → chain
  const lastOf = new Map<number, number>(); // process → event
  let chains = 0;
  let refused = false;
  let split = false;
  for (const operation of history.operations) {
    if (operation.outcome === 'fail') continue;
    if (!keys.has(operation.key)) keys.set(operation.key, keys.size);
    const key = keys.get(operation.key)!;
    const written = writtenBy(operation);
    const read = readBy(operation);
    if (operation.kind === 'cas' && operation.output === false) refused = true;
    const last = lastOf.get(operation.process) ?? -1;
    if (operation.outcome === 'unknown') {
      if (written === undefined || !wasRead.has(keyAndValue(operation.key, written))) continue;
      if (operation.kind === 'cas') split = true;
      chain.push(chains++);
      position.push(1);
      previous.push(last);
      events.push({ operation, kind: 'write', key });
      continue;
    }
    if (read !== undefined && written !== undefined) split = true;
    for (const kind of [
      ...(read === undefined ? [] : ['read' as const]),
      ...(written === undefined ? [] : ['write' as const]),
    ]) {
      const before = lastOf.get(operation.process) ?? -1;
      if (!chainOf.has(operation.process)) chainOf.set(operation.process, chains++);
      chain.push(chainOf.get(operation.process)!);
      position.push(before < 0 ? 1 : position[before] + 1);
      previous.push(before);
      lastOf.set(operation.process, events.length);
      events.push({ operation, kind, key });
    }
  }
  const { source, thinAir, ambiguous } = sourcesOf(events, writers, history.initial);
  const reasons = [
    ...(ambiguous > 0 ? ['some values that were read were written more than once'] : []),
    ...(split ? ['a cas is judged as a read and a write that others may come between'] : []),
    ...(refused ? ['what a refused cas says is left out'] : []),
  ];
  return {
    events,
    chain: Int32Array.from(chain),
    position: Int32Array.from(position),
    chains,
    previous: Int32Array.from(previous),
    source,
    writes: writesByKey(events, chain, keys.size),
    lastOf: [...lastOf.values()],
    thinAir,
    incomplete: reasons.length === 0 ? undefined : reasons.join(', and '),
  };
}

const keyAndValue = (key: string, value: Value) => `${key.length}:${key}${valueKey(value)}`;

function writersOf({ operations }: History): Map<string, Operation[]> {
  const writers = new Map<string, Operation[]>();
  for (const operation of operations) {
    const value = writtenBy(operation);
    if (value === undefined) continue;
    const key = keyAndValue(operation.key, value);
    const same = writers.get(key);
    if (same === undefined) writers.set(key, [operation]);
    else same.push(operation);
  }
  return writers;
}

function readValues({ operations }: History): Set<string> {
  const values = new Set<string>();
  for (const operation of operations) {
    const value = readBy(operation);
    if (value !== undefined) values.add(keyAndValue(operation.key, value));
  }
  return values;
}

function sourcesOf(events: readonly CausalEvent[], writers: ReadonlyMap<string, readonly Operation[]>, initial: Value) {
  const eventOf = new Map<Operation, number>();
  for (const [event, { operation, kind }] of events.entries()) if (kind === 'write') eventOf.set(operation, event);
  const initialKey = valueKey(initial);
  const source = new Int32Array(events.length).fill(UNSOURCED);
  let thinAir: Operation | undefined;
  let ambiguous = 0;
  for (const [event, { operation, kind }] of events.entries()) {
    if (kind === 'write') continue;
    const value = readBy(operation)!;
    const candidates = writers.get(keyAndValue(operation.key, value)) ?? [];
    const choices = candidates.length + (valueKey(value) === initialKey ? 1 : 0);
    if (choices === 0) thinAir ??= operation;
    else if (choices > 1) ambiguous++;
    else source[event] = candidates.length === 0 ? INITIAL : eventOf.get(candidates[0])!;
  }
  return { source, thinAir, ambiguous };
}

function writesByKey(events: readonly CausalEvent[], chain: readonly number[], keys: number): Map<number, number[]>[] {
  const writes = Array.from({ length: keys }, () => new Map<number, number[]>());
  for (const [event, { kind, key }] of events.entries()) {
    if (kind === 'read') continue;
    const inChain = writes[key].get(chain[event]);
    if (inChain === undefined) writes[key].set(chain[event], [event]);
    else inChain.push(event);
  }
  return writes;
}
