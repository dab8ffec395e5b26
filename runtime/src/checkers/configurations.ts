const START_SLOTS = 1024;
const START_ARENA = 8192;

/**
 * The configurations that a search has visited: tuples of 32-bit integers, exact (compared, not only hashed), in two
 * typed arrays. A tuple is a head, which must be equal, and a tail of bits, the optional operations that were used: who
 * got to the same point with fewer of them can do all that the other can.
 */
export class Configurations {
  #slots = new Int32Array(START_SLOTS);
  #arena = new Int32Array(START_ARENA);
  #used = 1; // offset 0 means an empty slot
  size = 0;

  /** Integers in use. */
  get memory(): number {
    return this.#used + this.#slots.length;
  }

  /** Adds the first `length` integers of `tuple`; false if one with the same head and no other bits was there already. */
  add(tuple: Int32Array, head: number, length: number): boolean {
    if (this.size * 2 >= this.#slots.length) this.#grow();
    const hash = hashOf(tuple, 0, head);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (let offset = this.#slots[slot]; offset !== 0; offset = this.#slots[slot]) {
      if (this.#covers(offset, tuple, head, length, hash)) return false;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = this.#append(tuple, length, hash);
    this.size++;
    return true;
  }

  #covers(offset: number, tuple: Int32Array, head: number, length: number, hash: number): boolean {
    const arena = this.#arena;
    if (arena[offset] !== hash || arena[offset + 1] !== length) return false;
    const start = offset + 2;
    for (let i = 0; i < head; i++) if (arena[start + i] !== tuple[i]) return false;
    for (let i = head; i < length; i++) if ((arena[start + i] & ~tuple[i]) !== 0) return false;
    return true;
  }

  #append(tuple: Int32Array, length: number, hash: number): number {
    const offset = this.#used;
    if (offset + length + 2 > this.#arena.length) {
      const larger = new Int32Array(Math.max(this.#arena.length * 2, offset + length + 2));
      larger.set(this.#arena);
      this.#arena = larger;
    }
    this.#arena[offset] = hash;
    this.#arena[offset + 1] = length;
    for (let i = 0; i < length; i++) this.#arena[offset + 2 + i] = tuple[i];
    this.#used = offset + length + 2;
    return offset;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (const offset of this.#slots) {
      if (offset === 0) continue;
      let slot = this.#arena[offset] & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = offset;
    }
    this.#slots = slots;
  }
}

/** Murmur3's mixing of 32-bit words. */
function hashOf(words: Int32Array, from: number, to: number): number {
  let h = 0;
  for (let i = from; i < to; i++) {
    let k = Math.imul(words[i], 0xcc9e2d51);
    k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
    h ^= k;
    h = (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
