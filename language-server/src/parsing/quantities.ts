import { formatDuration, parseQuantity, type QuantityKind } from '@dsys/grammar';

/**
 * Spellings of units that people bring from elsewhere, by the unit that dsys has. Compared without regard to case,
 * after the exact units have been tried.
 */
const aliases: Readonly<Record<string, readonly string[]>> = {
  ns: ['nsec', 'nanos', 'nanosecond', 'nanoseconds'],
  us: ['µs', 'μs', 'usec', 'micros', 'microsecond', 'microseconds'],
  ms: ['msec', 'msecs', 'millis', 'millisecond', 'milliseconds'],
  s: ['sec', 'secs', 'second', 'seconds'],
  min: ['m', 'mins', 'minute', 'minutes'],
  h: ['hr', 'hrs', 'hour', 'hours'],
  d: ['day', 'days'],
  B: ['byte', 'bytes'],
  KB: ['k', 'kib', 'kilobytes'],
  MB: ['mib', 'megabytes'],
  GB: ['g', 'gib', 'gigabytes'],
  TB: ['t', 'tib', 'terabytes'],
  'kbit/s': ['kbit', 'kbps', 'kb/s'],
  'Mbit/s': ['mbit', 'mbps', 'mb/s'],
  'Gbit/s': ['gbit', 'gbps', 'gb/s'],
  '/s': ['rps', 'qps', 'tps', 'ops/s', 'per-second', '/sec', '/second'],
  '/min': ['rpm', '/minute'],
  '%': ['percent', 'pct'],
  ppm: [],
  x: ['times'],
};

/** For messages about text that looks like no quantity at all. */
export const formsOfQuantities =
  'quantities end with a unit: ns us ms s min h d, B KB MB GB TB, kbit/s Mbit/s Gbit/s, /s /min, %, ppm, x';

const unitNames = Object.keys(aliases);

/** What kind of quantity each token of the grammar is. */
export const kindOfToken: Readonly<Record<string, QuantityKind>> = {
  DURATION: 'duration',
  SIZE: 'size',
  BANDWIDTH: 'bandwidth',
  RATE: 'rate',
  PERCENT: 'percent',
  PPM: 'ppm',
  FACTOR: 'factor',
  PERCENTILE: 'percentile',
  NUMBER: 'number',
};

export type TokenName = 'DURATION' | 'SIZE' | 'BANDWIDTH' | 'RATE' | 'PERCENT' | 'PPM' | 'FACTOR' | 'NUMBER';

export interface Correction {
  /** What to write instead. */
  readonly text: string;
  readonly token: TokenName;
  readonly message: string;
}

/** The dsys unit meant by `unit`, an exact unit or one of its aliases in any case; undefined if none is. */
function unitMeant(unit: string): string | undefined {
  if (unitNames.includes(unit)) return unit;
  const lower = unit.toLowerCase();
  return unitNames.find(name => name.toLowerCase() === lower || aliases[name].includes(lower));
}

function tokenOf(unit: string): TokenName {
  switch (unit) {
    case '%':
      return 'PERCENT';
    case 'ppm':
      return 'PPM';
    case 'x':
      return 'FACTOR';
    case '/s':
    case '/min':
      return 'RATE';
    default:
      return unit.endsWith('bit/s') ? 'BANDWIDTH' : unit.endsWith('B') ? 'SIZE' : 'DURATION';
  }
}

/** What was meant by a word that begins with a digit and is no quantity: `1m`, `1min30s`, `10Gbps`, `1_000`. */
export function correctQuantity(written: string): Correction | undefined {
  return severalUnits(written) ?? otherUnit(written) ?? otherNumber(written);
}

function otherUnit(written: string): Correction | undefined {
  const match = /^(\d+(?:\.\d+)?)[ \t]*(\D+)$/.exec(written);
  if (!match) return undefined;
  const [, number, unit] = match;
  const meant = unitMeant(unit);
  if (meant === undefined) return undefined;
  const text = number + meant;
  const what = text === written.replace(/[ \t]/g, '') ? spaced(written) : unknownUnit(unit, number);
  return {
    text,
    token: tokenOf(meant),
    message: `${what} Write ${unit === 'm' ? `${number}min or ${number}ms` : text}.`,
  };
}

const spaced = (written: string) => `'${written}' has a space in it: a number and its unit are written together.`;

const unknownUnit = (unit: string, number: string) =>
  unit === 'm' ? `'${number}m' could be minutes or milliseconds.` : `There is no unit '${unit}'.`;

/** `1min30s` is 90s: a quantity has one unit. */
function severalUnits(written: string): Correction | undefined {
  if (!/^(\d+(\.\d+)?(ns|us|ms|min|s|h|d|m)){2,}$/.test(written)) return undefined;
  const parts = written.match(/\d+(\.\d+)?(ns|us|ms|min|s|h|d|m)/g)!.map(part => part.replace(/m$/, 'min'));
  let total = 0;
  for (const part of parts) {
    const parsed = parseQuantity('duration', part);
    if (!('value' in parsed)) return undefined;
    total += parsed.value;
  }
  const text = formatDuration(total);
  return { text, token: 'DURATION', message: `'${written}' has more than one unit. Write ${text}.` };
}

function otherNumber(written: string): Correction | undefined {
  const plain = written.replaceAll('_', '');
  if (!/^\d+(\.\d+)?(e\d{1,2})?$/i.test(plain)) return undefined;
  const value = Number(plain);
  if (!Number.isSafeInteger(value) && plain.includes('e')) return undefined;
  const text = plain.includes('e') ? value.toString() : plain;
  return { text, token: 'NUMBER', message: `'${written}' is not a number of this language. Write ${text}.` };
}

const spacedUnit = new RegExp(
  `[ \\t]+(${[...unitNames, 'sec', 'secs', 'seconds', 'minutes', 'hours', 'days', 'percent', 'mb', 'gb', 'kb']
    .sort((a, b) => b.length - a.length)
    .join('|')})(?![A-Za-z0-9_]|-[A-Za-z0-9_]|[ \\t]*[:=.(])`,
  'y',
);

/** The length of a space and a unit at `offset` in `text`, directly after a number (`5 ms`), or 0. */
export function spacedUnitLength(text: string, offset: number): number {
  spacedUnit.lastIndex = offset;
  return spacedUnit.exec(text)?.[0].length ?? 0;
}
