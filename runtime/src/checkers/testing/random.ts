/** Seeded random numbers for tests (mulberry32): the same seed, the same history. */
export interface Random {
  /** Uniform in [0, 1). */
  real(): number;
  /** Uniform in 0 … below − 1. */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(from: readonly T[]): T;
}

export function seeded(seed: number): Random {
  let state = seed | 0;
  const real = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number) => Math.floor(real() * limit);
  return { real, below, chance: probability => real() < probability, pick: from => from[below(from.length)] };
}
