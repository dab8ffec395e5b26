/**
 * Named random streams. Every consumer of randomness draws from its own stream (`network`, `clock:n1`,
 * `workload:checkout`), and a stream is a function of the seed and its name alone: making another stream, or drawing
 * more from one, changes nothing in the rest of a run.
 *
 * Generator: xoroshiro128+ (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", TOMS 2021), from
 * pure-rand. Its 128-bit state is the first half of the SHA-256 of `SEED/NAME`, so names and seeds that differ in one
 * bit start 128 unrelated bits apart; pure-rand's own seeding fills only 64 of them and starts similar seeds close together.
 * The generator's lowest bits are its weakest, so the methods below scale by division instead of taking remainders.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

const TWO_32 = 4294967296;
const TWO_53 = 9007199254740992;

type Generator = ReturnType<typeof xoroshiro128plusFromState>;

/** A class, and not closures, because a draw through a closure costs about three times as much. */
export class RandomStream {
  private generator: Generator;

  constructor(generator: Generator) {
    this.generator = generator;
  }

  /** From here on it draws what the other one would have drawn; the other one is used up by that. */
  become(other: RandomStream): void {
    this.generator = other.generator;
  }

  /** A uniform int32, all 32 bits. */
  bits32(): number {
    return this.generator.next();
  }

  /** Uniform in [0, 1), a multiple of 2^-53. Takes two draws of the generator. */
  uniform(): number {
    const high = this.generator.next() >>> 5;
    const low = this.generator.next() >>> 6;
    return (high * 67108864 + low) / TWO_53;
  }

  /**
   * Uniform integer in [0, n), without bias (rejects what does not divide evenly). `n` is an integer from 1 to 2^53.
   * @throws RangeError for any other `n`
   */
  int(n: number): number {
    if (!(n >= 1 && n <= TWO_53 && n === Math.floor(n))) {
      throw new RangeError(`cannot draw an integer below ${n}: the bound must be an integer from 1 to 2^53`);
    }
    if (n <= TWO_32) {
      const width = Math.floor(TWO_32 / n);
      for (;;) {
        const drawn = Math.floor((this.generator.next() >>> 0) / width);
        if (drawn < n) return drawn;
      }
    }
    const width = Math.floor(TWO_53 / n);
    for (;;) {
      const drawn = Math.floor((this.uniform() * TWO_53) / width);
      if (drawn < n) return drawn;
    }
  }

  /** Uniform integer in [from, to], both ends included; both integers, `from <= to`, at most 2^53 apart. */
  between(from: number, to: number): number {
    return from + this.int(to - from + 1);
  }

  /** True with probability `p`: never for 0 or less, always for 1 or more. Takes the same two draws whatever `p` is. */
  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** One element, each as likely. @throws RangeError when there is none */
  pick<T>(elements: readonly T[]): T {
    return elements[this.int(elements.length)];
  }

  /** Puts an array into a uniformly random order, in place (Fisher and Yates). */
  shuffle<T>(elements: T[]): void {
    for (let last = elements.length - 1; last > 0; last--) {
      const other = this.int(last + 1);
      const moved = elements[last];
      elements[last] = elements[other];
      elements[other] = moved;
    }
  }
}

/**
 * The stream of this name in the run of this seed.
 * @param seed an integer with |seed| <= 2^53
 * @throws RangeError when the seed is no safe integer
 */
export function stream(seed: number, name: string): RandomStream {
  if (!Number.isSafeInteger(seed))
    throw new RangeError(`a seed must be an integer between -2^53 and 2^53, not ${seed}`);
  const digest = sha256(utf8ToBytes(`${seed}/${name}`));
  const words = new DataView(digest.buffer, digest.byteOffset, digest.byteLength);
  const state = [words.getInt32(0), words.getInt32(4), words.getInt32(8), words.getInt32(12)];
  return new RandomStream(xoroshiro128plusFromState(state));
}

/** All streams of one run, so that they can be drawn from another seed from some moment on. */
export interface Streams {
  /** Of streams that are made from now on. */
  seed: number;
  readonly made: { readonly name: string; readonly stream: RandomStream }[];
}

export const createStreams = (seed: number): Streams => ({ seed, made: [] });

export function streamIn(streams: Streams, name: string): RandomStream {
  const made = stream(streams.seed, name);
  streams.made.push({ name, stream: made });
  return made;
}

/**
 * Every stream, whoever holds it, begins anew as the stream of its name under another seed. What was drawn before stays:
 * clocks keep their errors, timers their deadlines, messages under way the times of their arrival, clients the moment of
 * their next request, and chaos that of its next strike.
 */
export function reseed(streams: Streams, seed: number): void {
  streams.seed = seed;
  for (const { name, stream: held } of streams.made) held.become(stream(seed, name));
}
