/**
 * A fingerprint of a run that costs a few ns an event and keeps nothing: two 32-bit lanes over every recorded fact.
 * Equal runs have equal ones; a hunt keeps it alone, and the full recording of its failing seed must arrive at the same.
 * It does not cover payloads and state values, which a hunt never serialises. It is no cryptographic hash: `hash.ts` has that.
 */

/** Two lanes of running state. */
export type RollingHash = Uint32Array;

export function createRollingHash(): RollingHash {
  return new Uint32Array([0x9e3779b9, 0x243f6a88]);
}

/** Takes in one 32-bit word; every step is a bijection of each lane, so a difference cannot be lost in the word that brings it. */
export function absorb(hash: RollingHash, word: number): void {
  const left = Math.imul(hash[0] ^ word, 0x85ebca6b);
  const right = Math.imul(hash[1] + word, 0xc2b2ae35);
  hash[0] = left ^ (left >>> 15);
  hash[1] = right ^ (right >>> 13);
}

/** Takes in a virtual time: a non-negative integer up to 2^53. */
export function absorbTime(hash: RollingHash, timeNs: number): void {
  absorb(hash, timeNs | 0);
  absorb(hash, (timeNs / 4294967296) | 0);
}

/** The fingerprint so far: 16 hexadecimal digits. Takes nothing in. */
export function rollingHashText(hash: RollingHash): string {
  return finish(hash[0] ^ Math.imul(hash[1], 0x9e3779b1)) + finish(hash[1] ^ Math.imul(hash[0], 0x27d4eb2f));
}

/** MurmurHash3's finalizer (Appleby). */
function finish(lane: number): string {
  let h = lane;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0).toString(16).padStart(8, '0');
}
