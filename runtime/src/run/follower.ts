/**
 * A tracer that numbers everything as the recorder does and keeps nothing: for runs that are executed again to look into
 * them. It knows the fingerprint of every beginning (`trace/prefix.ts`), which messages are under way, and when what one
 * event brought about is complete.
 */

import type { Endpoint } from '../kernel/network.ts';
import { noCounts, noSource, type Tracer } from '../kernel/tracer.ts';
import { FAULT_KINDS, KIND, OP_KINDS } from '../trace/kinds.ts';
import { absorbEvent, nameWord } from '../trace/prefix.ts';
import { createRollingHash, rollingHashText } from '../trace/rolling-hash.ts';

/** A message copy between its sending and its end. */
export interface UnderWay {
  readonly type: string;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly sentNs: number;
  readonly sendRow: number;
  readonly payload: unknown;
}

export interface Follower {
  readonly tracer: Tracer;
  readonly underWay: ReadonlyMap<number, UnderWay>;
  /** First event of the last step: of those that took effect together, up to `tracer.counts.events`. */
  from: number;
  /** Its lane. */
  lane: Endpoint;
  /** The fingerprint up to an event of the last step; undefined for others. */
  prefixAt(event: number): string | undefined;
  /** From now on no event is of the last step: something without a row may have happened since. */
  forget(): void;
  /** Told when the last step's effects are complete, and nothing that comes later has had one yet. */
  settled: (() => void) | undefined;
  /** To be called between two queued events: what the last one brought about is complete. */
  settle(): void;
}

/**
 * Events with which a step begins: from them on a node's state may change anew. What else is recorded belongs to the step:
 * what a handler sends, notes, and is found to have violated.
 */
const begins = new Set<number>([
  KIND.init,
  KIND.timerFire,
  KIND.deliver,
  KIND.crash,
  KIND.restart,
  KIND.pause,
  KIND.resume,
  KIND.storage,
  ...OP_KINDS,
  ...FAULT_KINDS,
  KIND.annotate,
]);

export function createFollower(): Follower {
  const counts = noCounts();
  const hash = createRollingHash();
  /** The two words of the hash after each event of the step. */
  const hashes: number[] = [];
  const words = new Map<string, number>();
  const underWay = new Map<number, UnderWay>();
  const faultRows: number[] = [];
  let messages = 0;
  let settledRows = 0;
  let sending: Omit<UnderWay, 'to' | 'payload'> | undefined;

  const settle = () => {
    if (counts.events === settledRows) return;
    settledRows = counts.events;
    follower.settled?.();
  };
  const wordOf = (name: string): number => {
    let word = words.get(name);
    if (word === undefined) words.set(name, (word = nameWord(name)));
    return word;
  };
  const add = (timeNs: number, kind: number, node: number, what: number, cause: number): number => {
    if (begins.has(kind)) settle();
    if (counts.events === settledRows) {
      follower.from = settledRows;
      follower.lane = node;
      hashes.length = 0;
    }
    absorbEvent(hash, timeNs, kind, node, what, cause);
    hashes.push(hash[0]!, hash[1]!);
    return counts.events++;
  };
  const end = (timeNs: number, kind: number, message: number): number => {
    const to = underWay.get(message)?.to ?? 0;
    underWay.delete(message);
    return add(timeNs, kind, to, message, -1);
  };
  const tracer: Tracer = {
    detailed: true,
    counts,
    source: () => noSource,
    event(timeNs, kind, lane, name, cause) {
      // The answer to a call arrives elsewhere, and what the node makes of it is a step of its own.
      if (name === 'answered') settle();
      const row = add(timeNs, KIND[kind], lane, wordOf(name), cause);
      if (kind === 'send') sending = { type: name, from: lane, sentNs: timeNs, sendRow: row };
      return row;
    },
    message(_sendRow, to, _bytes, payload) {
      counts.sent++;
      underWay.set(messages, { ...sending!, to, payload });
      return messages++;
    },
    duplicated(timeNs, message) {
      counts.duplicated++;
      const original = underWay.get(message)!;
      underWay.set(messages, original);
      add(timeNs, KIND.duplicate, original.to, messages, -1);
      return messages++;
    },
    delivered(timeNs, message) {
      counts.delivered++;
      return end(timeNs, KIND.deliver, message);
    },
    dropped(timeNs, message) {
      counts.lost++;
      return end(timeNs, KIND.drop, message);
    },
    invoked: (timeNs, lane, _process, kind) => add(timeNs, KIND.invoke, lane, wordOf(kind), -1),
    completed: (timeNs, lane, operation, status) => add(timeNs, KIND[status], lane, operation, -1),
    faultStart(timeNs, lane, kind) {
      const row = add(timeNs, KIND.faultStart, lane, wordOf(kind), -1);
      return { fault: faultRows.push(row) - 1, row };
    },
    faultEnd: (timeNs, lane, fault) => add(timeNs, KIND.faultEnd, lane, faultRows[fault] ?? -1, faultRows[fault] ?? -1),
    state: () => {},
    epoch: () => {},
  };
  const follower: Follower = {
    tracer,
    underWay,
    from: 0,
    lane: -1,
    prefixAt(event) {
      const at = 2 * (event - follower.from);
      return at in hashes ? rollingHashText(Uint32Array.of(hashes[at]!, hashes[at + 1]!)) : undefined;
    },
    forget: () => void (hashes.length = 0),
    settled: undefined,
    settle,
  };
  return follower;
}
