/**
 * Distributions of durations, as plain data in ns: what a design says about latencies, think times and clock errors.
 * Sampling them is the kernel's; what can be said without a run (mean, variance, least value, quantiles) is here.
 */

export type Distribution =
  | { readonly kind: 'constant'; readonly ns: number }
  | { readonly kind: 'uniform'; readonly from: number; readonly to: number }
  /** Cut at 0: a negative draw counts as 0 ns, so there is a mass of probability at 0. */
  | { readonly kind: 'normal'; readonly mean: number; readonly sd: number }
  /** `sigma`: standard deviation of the logarithm. */
  | { readonly kind: 'lognormal'; readonly median: number; readonly sigma: number }
  | { readonly kind: 'exponential'; readonly mean: number }
  /** Pareto type I: P(X > x) = (scale / x)^shape for x >= scale. */
  | { readonly kind: 'pareto'; readonly scale: number; readonly shape: number }
  /** One of the parts, chosen in proportion to the weights, which need not add up to 1. */
  | { readonly kind: 'mix'; readonly parts: readonly { readonly weight: number; readonly of: Distribution }[] }
  /** The sum of independent draws. */
  | { readonly kind: 'sum'; readonly parts: readonly Distribution[] };

/** Each constructor takes ns (sigma, shape and weights are plain numbers) and throws a RangeError with `problemOf`'s text. */
export const constant = (ns: number): Distribution => checked({ kind: 'constant', ns });
export const uniform = (from: number, to: number): Distribution => checked({ kind: 'uniform', from, to });
export const normal = (mean: number, sd: number): Distribution => checked({ kind: 'normal', mean, sd });
export const lognormal = (median: number, sigma: number): Distribution => checked({ kind: 'lognormal', median, sigma });
export const exponential = (mean: number): Distribution => checked({ kind: 'exponential', mean });
export const pareto = (scale: number, shape: number): Distribution => checked({ kind: 'pareto', scale, shape });
export const mix = (...parts: readonly (readonly [weight: number, of: Distribution])[]): Distribution =>
  checked({ kind: 'mix', parts: parts.map(([weight, of]) => ({ weight, of })) });
export const sum = (...parts: readonly Distribution[]): Distribution => checked({ kind: 'sum', parts });

function checked(distribution: Distribution): Distribution {
  const problem = problemOf(distribution);
  if (problem !== undefined) throw new RangeError(problem);
  return distribution;
}

/** What is wrong with the parameters, in a plain sentence; `undefined` when they make sense. */
export function problemOf(d: Distribution): string | undefined {
  const duration = (value: number): boolean => value >= 0 && value < Infinity;
  const positive = (value: number): boolean => value > 0 && value < Infinity;
  switch (d.kind) {
    case 'constant':
      return duration(d.ns) ? undefined : `a duration cannot be ${d.ns} ns: it must be 0 or more`;
    case 'uniform':
      return duration(d.from) && duration(d.to) && d.from <= d.to
        ? undefined
        : `uniform(${d.from} ns, ${d.to} ns) needs 0 <= first <= second`;
    case 'normal':
      return duration(d.mean) && duration(d.sd)
        ? undefined
        : `normal(${d.mean} ns, ${d.sd} ns) needs a mean and a standard deviation of 0 or more`;
    case 'lognormal':
      return positive(d.median) && duration(d.sigma)
        ? undefined
        : `lognormal(${d.median} ns, ${d.sigma}) needs a median above 0 and a sigma of 0 or more`;
    case 'exponential':
      return duration(d.mean) ? undefined : `exponential(${d.mean} ns) needs a mean of 0 or more`;
    case 'pareto':
      return positive(d.scale) && positive(d.shape)
        ? undefined
        : `pareto(${d.scale} ns, ${d.shape}) needs a scale and a shape above 0`;
    case 'mix':
      return d.parts.every(part => duration(part.weight)) && positive(weightOf(d.parts))
        ? firstProblem(d.parts.map(part => part.of))
        : 'a mix needs weights of 0 or more that do not all vanish';
    case 'sum':
      return d.parts.length > 0 ? firstProblem(d.parts) : 'a sum needs at least one part';
  }
}

function firstProblem(parts: readonly Distribution[]): string | undefined {
  for (const part of parts) {
    const problem = problemOf(part);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** Sum of a mix's weights. */
export function weightOf(parts: readonly { readonly weight: number }[]): number {
  return parts.reduce((total, part) => total + part.weight, 0);
}

/** Expected value in ns; `Infinity` for a Pareto tail of shape 1 or less. */
export function mean(d: Distribution): number {
  return moments(d).first;
}

/** Variance in ns squared; `Infinity` for a Pareto tail of shape 2 or less. */
export function variance(d: Distribution): number {
  const { first, variance } = moments(d);
  return first === Infinity ? Infinity : variance;
}

function moments(d: Distribution): { first: number; variance: number } {
  switch (d.kind) {
    case 'constant':
      return { first: d.ns, variance: 0 };
    case 'uniform':
      return { first: (d.from + d.to) / 2, variance: ((d.to - d.from) * (d.to - d.from)) / 12 };
    case 'normal': {
      // The rectified normal distribution max(0, X): its moments from the density and distribution at mean/sd.
      if (d.sd === 0) return { first: d.mean, variance: 0 };
      const z = d.mean / d.sd;
      const first = d.mean * normalCdf(z) + d.sd * normalDensity(z);
      const second = (d.mean * d.mean + d.sd * d.sd) * normalCdf(z) + d.mean * d.sd * normalDensity(z);
      return { first, variance: second - first * first };
    }
    case 'lognormal': {
      const square = d.sigma * d.sigma;
      const first = d.median * Math.exp(square / 2);
      return { first, variance: first * first * (Math.exp(square) - 1) };
    }
    case 'exponential':
      return { first: d.mean, variance: d.mean * d.mean };
    case 'pareto': {
      const { scale, shape } = d;
      if (shape <= 1) return { first: Infinity, variance: Infinity };
      const first = (shape * scale) / (shape - 1);
      const spread = (scale * scale * shape) / ((shape - 1) * (shape - 1) * (shape - 2));
      return { first, variance: shape <= 2 ? Infinity : spread };
    }
    case 'mix': {
      // Law of total variance: the mean of the variances plus the variance of the means.
      const total = weightOf(d.parts);
      const parts = d.parts
        .filter(part => part.weight > 0)
        .map(part => ({ share: part.weight / total, of: moments(part.of) }));
      const first = parts.reduce((all, { share, of }) => all + share * of.first, 0);
      if (first === Infinity) return { first, variance: Infinity };
      const variance = parts.reduce(
        (all, { share, of }) => all + share * (of.variance + (of.first - first) * (of.first - first)),
        0,
      );
      return { first, variance };
    }
    case 'sum': {
      const parts = d.parts.map(moments);
      return {
        first: parts.reduce((all, of) => all + of.first, 0),
        variance: parts.reduce((all, of) => all + of.variance, 0),
      };
    }
  }
}

/** Least value that can occur, in ns. */
export function least(d: Distribution): number {
  switch (d.kind) {
    case 'mix':
      return d.parts.reduce((low, part) => (part.weight > 0 ? Math.min(low, least(part.of)) : low), Infinity);
    case 'sum':
      return d.parts.reduce((all, part) => all + least(part), 0);
    default:
      return quantileOfPrimitive(d, 0);
  }
}

/**
 * The value in ns that a draw stays at or below with probability `p` (0 <= p < 1), where there is a closed form;
 * `undefined` for a mix and for a sum of several parts that vary.
 */
export function quantile(d: Distribution, p: number): number | undefined {
  if (d.kind === 'mix') {
    const possible = d.parts.filter(part => part.weight > 0);
    return possible.length === 1 ? quantile(possible[0].of, p) : undefined;
  }
  if (d.kind === 'sum') {
    const varying = d.parts.filter(part => variance(part) > 0);
    if (varying.length > 1) return undefined;
    const fixed = d.parts.filter(part => variance(part) === 0).reduce((all, part) => all + mean(part), 0);
    if (varying.length === 0) return fixed;
    const rest = quantile(varying[0], p);
    return rest === undefined ? undefined : fixed + rest;
  }
  return quantileOfPrimitive(d, p);
}

/** Distributions that are not made of others. */
export type PrimitiveDistribution = Exclude<Distribution, { kind: 'mix' } | { kind: 'sum' }>;

/** The inverse of the distribution function at `p` in [0, 1), in ns. With a uniform `p` this is also how one is sampled. */
export function quantileOfPrimitive(d: PrimitiveDistribution, p: number): number {
  switch (d.kind) {
    case 'constant':
      return d.ns;
    case 'uniform':
      return d.from + (d.to - d.from) * p;
    case 'normal':
      return d.sd === 0 ? d.mean : Math.max(0, d.mean + d.sd * normalQuantile(p));
    case 'lognormal':
      return d.sigma === 0 ? d.median : d.median * Math.exp(d.sigma * normalQuantile(p));
    case 'exponential':
      return d.mean === 0 ? 0 : 0 - d.mean * Math.log(1 - p);
    case 'pareto':
      return d.scale * Math.exp(-Math.log(1 - p) / d.shape);
  }
}

/** Density of the standard normal distribution. */
export function normalDensity(z: number): number {
  return 0.3989422804014327 * Math.exp(-0.5 * z * z);
}

/** P(Z <= z) of the standard normal distribution, absolute error below 1e-15 (Marsaglia, "Evaluating the Normal Distribution", JSS 2004). */
export function normalCdf(z: number): number {
  if (z < -8.3) return 0;
  if (z > 8.3) return 1;
  let total = z;
  let term = z;
  for (let odd = 3, before = 0; total !== before; odd += 2) {
    before = total;
    term *= (z * z) / odd;
    total += term;
  }
  return 0.5 + total * normalDensity(z);
}

/**
 * Inverse of `normalCdf`, relative error about 1e-16; -Infinity at 0 and Infinity at 1.
 * Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution", Applied Statistics 37 (1988), PPND16.
 */
export function normalQuantile(p: number): number {
  const q = p - 0.5;
  if (q >= -0.425 && q <= 0.425) return q * ratio(0.180625 - q * q, CENTRE_ABOVE, CENTRE_BELOW);
  const r = Math.sqrt(-Math.log(q < 0 ? p : 1 - p));
  if (r === Infinity) return q < 0 ? -Infinity : Infinity;
  const tail = r <= 5 ? ratio(r - 1.6, NEAR_ABOVE, NEAR_BELOW) : ratio(r - 5, FAR_ABOVE, FAR_BELOW);
  return q < 0 ? -tail : tail;
}

/** Coefficients from the constant term upwards, as the nearest doubles of the published ones. */
const CENTRE_ABOVE = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const CENTRE_BELOW = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852546,
];
const NEAR_ABOVE = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const NEAR_BELOW = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];
const FAR_ABOVE = [
  6.657904643501103, 5.463784911164114, 1.7848265399172913, 0.29656057182850487, 0.026532189526576124,
  0.0012426609473880784, 2.7115555687434876e-5, 2.0103343992922881e-7,
];
const FAR_BELOW = [
  1, 0.599832206555888, 0.1369298809227358, 0.014875361290850615, 0.0007868691311456133, 1.8463183175100548e-5,
  1.421511758316446e-7, 2.0442631033899397e-15,
];

function ratio(x: number, above: readonly number[], below: readonly number[]): number {
  let numerator = above[7];
  let denominator = below[7];
  for (let power = 6; power >= 0; power--) {
    numerator = numerator * x + above[power];
    denominator = denominator * x + below[power];
  }
  return numerator / denominator;
}
