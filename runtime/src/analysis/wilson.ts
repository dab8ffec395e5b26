/** How well a share is known from a number of trials. */

/** Quantile of the normal distribution for a two-sided interval of 95 %. */
const z = 1.959963984540054;

/**
 * Wilson's score interval of 95 % for `found` of `trials` independent trials: unlike the textbook's interval it is sound
 * for few trials and for shares of 0 and 1 (E. B. Wilson, JASA 22, 1927; Brown, Cai and DasGupta, Statistical Science 16,
 * 2001). Without trials nothing is known: 0 to 1.
 */
export function wilson(found: number, trials: number): readonly [low: number, high: number] {
  if (trials === 0) return [0, 1];
  const share = found / trials;
  const square = (z * z) / trials;
  const centre = share + square / 2;
  const spread = z * Math.sqrt((share * (1 - share)) / trials + square / (4 * trials));
  const low = found === 0 ? 0 : (centre - spread) / (1 + square);
  const high = found === trials ? 1 : (centre + spread) / (1 + square);
  return [low, high];
}
