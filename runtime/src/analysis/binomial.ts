/** Binomials in floating point, without powers. */

/** Number of ways to choose k of n, as a double; 0 when there is none. Exact while the result is below 2^53. */
export function choose(n: number, k: number): number {
  if (k < 0 || k > n) return 0;
  let ways = 1;
  for (let i = 1; i <= Math.min(k, n - k); i++) ways = (ways * (n - i + 1)) / i;
  return Math.round(ways) < 9007199254740992 ? Math.round(ways) : ways;
}

/** x to the power of n, for a whole n >= 0, by squaring: the same bits everywhere. */
export function power(x: number, n: number): number {
  let result = 1;
  for (let base = x, rest = n; rest > 0; rest = Math.floor(rest / 2), base *= base) if (rest % 2 === 1) result *= base;
  return result;
}

/** P(exactly k of n independent events of probability p). */
export const exactly = (k: number, n: number, p: number): number => choose(n, k) * power(p, k) * power(1 - p, n - k);

/** Integral of f over [from, to] by Simpson's rule with `steps` (even) intervals. */
export function integrate(f: (x: number) => number, from: number, to: number, steps: number): number {
  const width = (to - from) / steps;
  let total = f(from) + f(to);
  for (let i = 1; i < steps; i++) total += f(from + i * width) * (i % 2 === 1 ? 4 : 2);
  return (total * width) / 3;
}
