/**
 * Fingerprints of the beginnings of a trace: two runs whose fingerprints at an event are equal have done the same up to
 * it. Whoever executes a run again compares them before it says anything about the recorded one.
 *
 * Taken in is, per event, its time, kind, lane and cause, and what it is: the number of the message that ends or is copied
 * by it, of the operation that it completes, of the event whose fault it ends, else its name. Ids of strings are left out,
 * because files may number them anew, and so is what is known only later (how a message ends).
 */

import { KIND } from './kinds.ts';
import type { Trace } from './model.ts';
import { absorb, absorbTime, createRollingHash, type RollingHash, rollingHashText } from './rolling-hash.ts';

/** Takes in one event; `what` as the top of the file says. */
export function absorbEvent(
  hash: RollingHash,
  timeNs: number,
  kind: number,
  node: number,
  what: number,
  cause: number,
): void {
  absorbTime(hash, timeNs);
  // Lanes are 16 bits in a trace.
  absorb(hash, kind | ((node & 0xffff) << 8));
  absorb(hash, what);
  absorb(hash, cause);
}

/** 32 bits of a name (FNV-1a over its UTF-16 units). */
export function nameWord(name: string): number {
  let word = 0x811c9dc5;
  for (let index = 0; index < name.length; index++) word = Math.imul(word ^ name.charCodeAt(index), 0x01000193);
  return word;
}

/** Events between two fingerprints that are kept, so that asking for one does not begin at the beginning. */
const KEPT_EVERY = 4096;

export interface Prefixes {
  readonly trace: Trace;
  readonly names: Int32Array;
  /** The hash before event `index * KEPT_EVERY`. */
  readonly kept: RollingHash[];
}

export function createPrefixes(trace: Trace): Prefixes {
  return { trace, names: Int32Array.from(trace.strings, nameWord), kept: [createRollingHash()] };
}

/** The fingerprint of the events from the first to this one, both included: 16 hexadecimal digits. */
export function prefixAt(prefixes: Prefixes, event: number): string {
  const { kept, trace } = prefixes;
  const end = Math.min(event, trace.events.length - 1) + 1;
  const from = Math.min(kept.length - 1, Math.floor(end / KEPT_EVERY));
  const hash = kept[from].slice();
  for (let row = from * KEPT_EVERY; row < end; row++) {
    absorbRow(prefixes, hash, row);
    if ((row + 1) % KEPT_EVERY === 0 && kept.length === (row + 1) / KEPT_EVERY) kept.push(hash.slice());
  }
  return rollingHashText(hash);
}

function absorbRow({ trace: { events }, names }: Prefixes, hash: RollingHash, row: number): void {
  const kind = events.kind[row];
  const cause = events.cause[row];
  absorbEvent(hash, events.t[row], kind, events.node[row], whatOf(), cause);

  function whatOf(): number {
    switch (kind) {
      case KIND.deliver:
      case KIND.drop:
      case KIND.duplicate:
        return events.msg[row];
      case KIND.ok:
      case KIND.fail:
      case KIND.info:
        return events.op[row];
      case KIND.faultEnd:
        return cause;
      default:
        return names[events.name[row]] ?? 0;
    }
  }
}
