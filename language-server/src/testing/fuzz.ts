/** How many random cases a test draws, and from which seed. */
const { DSYS_LONG, DSYS_FUZZ, DSYS_SEED } = process.env;

/** By how much counts are multiplied: by ten in the long run, by what the nightly one says. */
const factor = Number(DSYS_FUZZ ?? (DSYS_LONG === '1' ? 10 : 1));

export interface Cases {
  readonly numRuns: number;
  readonly seed: number;
  readonly endOnFailure: boolean;
}

/** The standard count and seed, or those that the environment asks for. */
export const fuzz = (numRuns: number, seed: number): Cases => ({
  numRuns: Math.ceil(numRuns * factor),
  seed: DSYS_SEED === undefined ? seed : Number(DSYS_SEED),
  // At night what is found is reported at once: making it small may take longer than finding it.
  endOnFailure: DSYS_FUZZ !== undefined,
});

/** For a test of so many seconds at the standard count, on a busy machine. */
export const timeFor = (seconds: number): number => Math.max(1, factor) * seconds * 1000;
