/** Distribution functions that shards need: gamma with whole shape, beta. */

/** ln of (n-1)! continued to real n > 0: Lanczos' approximation (g = 7, 9 terms), relative error below 1e-14. */
export function logGamma(x: number): number {
  let sum = lanczos[0]!;
  for (let i = 1; i < lanczos.length; i++) sum += lanczos[i]! / (x - 1 + i);
  const t = x + 6.5;
  return 0.9189385332046727 + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}
const lanczos = [
  0.9999999999998099, 676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/**
 * P(X <= x) for the sum X of `shape` independent exponentials of mean 1, which is P(at least `shape` arrivals by x).
 * Sums whichever side of the Poisson distribution is the smaller one.
 */
export function erlangCdf(shape: number, x: number): number {
  if (x <= 0) return 0;
  const at = (arrivals: number): number => Math.exp(-x + arrivals * Math.log(x) - logGamma(arrivals + 1));
  let total = 0;
  if (x < shape) {
    for (let arrivals = shape, term = at(shape); term > total * 1e-17; term *= x / ++arrivals) total += term;
    return Math.min(1, total);
  }
  for (let arrivals = shape - 1, term = at(shape - 1); arrivals >= 0 && term > 0; term *= arrivals-- / x) total += term;
  return Math.max(0, 1 - total);
}

/** P(X <= x) of the beta distribution, a, b > 0: the continued fraction (Numerical Recipes, section 6.4), by Lentz. */
export function betaCdf(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
  return x < (a + 1) / (a + b + 2) ? (front * fraction(a, b, x)) / a : 1 - (front * fraction(b, a, 1 - x)) / b;
}

function fraction(a: number, b: number, x: number): number {
  const guard = (value: number): number => (Math.abs(value) < 1e-300 ? 1e-300 : value);
  let c = 1;
  let d = 1 / guard(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 10_000; m++) {
    for (const step of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / guard(1 + step * d);
      c = guard(1 + step / c);
      result *= d * c;
    }
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return result;
}

/** The x in [low, high] at which a growing function reaches `target`, by bisection. */
export function inverse(f: (x: number) => number, target: number, low: number, high: number): number {
  let [from, to] = [low, high];
  for (let i = 0; i < 100; i++) {
    const middle = (from + to) / 2;
    if (f(middle) < target) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}
