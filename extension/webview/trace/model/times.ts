/** Virtual times in words. */

const MS = 1_000_000;
const S = 1_000_000_000;

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1000, ms: MS, s: S };

/** `12ms`, `-1.5s` in ns; without a unit, ms. */
export function timeOf(text: string): number | undefined {
  const [, number, unit] = /^(-?\d+(?:\.\d+)?) ?(ns|us|ms|s)?$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit ?? 'ms'];
}

/** A moment as ms with as many decimals as it has, three at most: `4006 ms`, `2178.04 ms`. */
export function moment(ns: number): string {
  return `${trimmed(ns / MS)} ms`;
}

/** A length of time in the unit that makes it short: `994 ms`, `1.6 s`, `12 µs`, `0`. */
export function duration(ns: number): string {
  const size = Math.abs(ns);
  if (size === 0) return '0 ms';
  if (size < 1000) return `${ns} ns`;
  if (size < MS) return `${significant(ns / 1000)} µs`;
  if (size < S) return `${significant(ns / MS)} ms`;
  return `${significant(ns / S)} s`;
}

/** A mark on an axis whose marks are `step` apart. */
export function tick(ns: number, step: number): string {
  if (step >= S) return `${trimmed(ns / S)} s`;
  if (step >= 1000) return `${trimmed(ns / MS)} ms`;
  return `${trimmed(ns / 1000)} µs`;
}

/** Distance between marks, from the series 1, 2, 5, so that about `count` of them fit into `span`. */
export function niceStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  if (!(rough > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find(one => one * power >= rough * 0.999) ?? 10;
  return Math.max(1, factor * power);
}

function trimmed(value: number): string {
  const text = value.toFixed(3).replace(/\.?0+$/, '');
  return text === '-0' ? '0' : text;
}

function significant(value: number): string {
  const whole = Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
  return `${whole}`;
}

/** A count with thousands separated. */
export function grouped(count: number): string {
  return `${count}`.replace(/\B(?=(\d{3})+$)/g, ',');
}
