/** How many seeds a suite runs: the standard count, or the full one (`npm run test:long`). */
export const seedCount = (standard = 100, full = 1_000): number =>
  (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env.DSYS_LONG ? full : standard;

/** 1 … count. */
export const seedsTo = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);
