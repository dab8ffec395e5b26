/**
 * Quantities as people write them (`0.4ms`, `64KB`, `99.95%`) and the numbers that they mean: the one table of units.
 * Parsing is exact: decimal text is scaled in integers, so 0.1ms is 100000 ns and not 99999.99999999999.
 */

export type QuantityKind =
  | 'duration' // integer nanoseconds
  | 'size' // integer bytes; KB, MB, GB, TB are powers of 1000, as in network and disk figures
  | 'bandwidth' // integer bits per second
  | 'rate' // per second
  | 'percent' // fraction: 1% is 0.01
  | 'ppm' // parts per million: 50ppm is 50
  | 'factor' // 10x is 10
  | 'percentile' // in percent: p99.9 is 99.9
  | 'number';

export interface Unit {
  readonly name: string;
  /** One of this unit in the base unit of its kind. */
  readonly base: number;
}

/** Units by kind, smallest first. */
export const units: Readonly<Record<'duration' | 'size' | 'bandwidth', readonly Unit[]>> = {
  duration: [
    { name: 'ns', base: 1 },
    { name: 'us', base: 1e3 },
    { name: 'ms', base: 1e6 },
    { name: 's', base: 1e9 },
    { name: 'min', base: 60e9 },
    { name: 'h', base: 3600e9 },
    { name: 'd', base: 86400e9 },
  ],
  size: [
    { name: 'B', base: 1 },
    { name: 'KB', base: 1e3 },
    { name: 'MB', base: 1e6 },
    { name: 'GB', base: 1e9 },
    { name: 'TB', base: 1e12 },
  ],
  bandwidth: [
    { name: 'kbit/s', base: 1e3 },
    { name: 'Mbit/s', base: 1e6 },
    { name: 'Gbit/s', base: 1e9 },
  ],
};

/** What a quantity of each kind looks like, for messages. */
export const examples: Readonly<Record<QuantityKind, string>> = {
  duration: '150ms',
  size: '64KB',
  bandwidth: '1Gbit/s',
  rate: '200/s',
  percent: '99.95%',
  ppm: '50ppm',
  factor: '10x',
  percentile: 'p99',
  number: '3',
};

/** The largest value that is still a design and not a slip of the hand, in text and in base units. */
export const limits: Readonly<Record<QuantityKind, { readonly text: string; readonly value: number }>> = {
  duration: { text: '36500d', value: 36500 * 86400e9 },
  size: { text: '1000000TB', value: 1e18 },
  bandwidth: { text: '1000000Gbit/s', value: 1e15 },
  rate: { text: '1000000000/s', value: 1e9 },
  percent: { text: '1000000%', value: 1e4 },
  ppm: { text: '1000000ppm', value: 1e6 },
  factor: { text: '1000000x', value: 1e6 },
  percentile: { text: 'p100', value: 100 },
  number: { text: '9007199254740991', value: Number.MAX_SAFE_INTEGER },
};

export type ParsedQuantity = { readonly value: number } | { readonly problem: string };

/** The value of one unsigned quantity in the base unit of its kind, or what is wrong with it. */
export function parseQuantity(kind: QuantityKind, text: string): ParsedQuantity {
  const match = /^p?(\d+(?:\.\d+)?)(.*)$/.exec(text);
  if (!match || text.startsWith('p') !== (kind === 'percentile')) return notA(kind, text);
  const [, number, unit] = match;
  const value = scaled(kind, number, unit);
  if (value === undefined) return notA(kind, text);
  if (Number.isNaN(value)) {
    const smallest = kind === 'duration' ? '1ns' : kind === 'size' ? '1B' : '1 bit/s';
    return { problem: `${text} is not a whole multiple of ${smallest}, the finest that dsys calculates with.` };
  }
  const limit = limits[kind];
  if (value > limit.value)
    return { problem: `${text} is more than ${limit.text}, the largest that dsys accepts here.` };
  return { value };
}

/** Undefined if the unit is not of this kind, NaN if the value is finer than the base unit. */
function scaled(kind: QuantityKind, number: string, unit: string): number | undefined {
  switch (kind) {
    case 'duration':
    case 'size':
    case 'bandwidth': {
      const found = units[kind].find(each => each.name === unit);
      return found && wholeMultiple(number, found.base);
    }
    case 'rate':
      return unit === '/s' ? Number(number) : unit === '/min' ? Number(number) / 60 : undefined;
    case 'percent':
      return unit === '%' ? Number(`${number}e-2`) : undefined;
    case 'ppm':
      return unit === 'ppm' ? Number(number) : undefined;
    case 'factor':
      return unit === 'x' ? Number(number) : undefined;
    default:
      return unit === '' ? Number(number) : undefined;
  }
}

function wholeMultiple(number: string, base: number): number {
  const [whole, fraction = ''] = number.split('.');
  const scale = 10n ** BigInt(fraction.length);
  const product = BigInt(whole + fraction) * BigInt(base);
  return product % scale === 0n ? Number(product / scale) : Number.NaN;
}

function notA(kind: QuantityKind, text: string): ParsedQuantity {
  return { problem: `'${text}' is not a ${kind} such as ${examples[kind]}.` };
}

/**
 * Days since 1970-01-01 of a date such as 2024-01-31, or undefined if the calendar has no such day.
 * Years 0000 to 9999, proleptic Gregorian.
 */
export function parseDate(text: string): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!match) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  // Date rolls 2023-02-30 over to March; then the text no longer agrees.
  if (Number.isNaN(date.getTime()) || date.toISOString().slice(0, 10) !== text) return undefined;
  return date.getTime() / 86400e3;
}

/** Text that parses back to exactly `nanoseconds` (an integer, possibly negative): 1500000 is `1.5ms`. */
export function formatDuration(nanoseconds: number): string {
  // Minutes, hours and days are not decimal: only whole ones of them are written.
  return formatScaled(nanoseconds, units.duration, unit => unit.base <= 1e9);
}

/** Text that parses back to exactly `bytes`, an integer. */
export function formatSize(bytes: number): string {
  return formatScaled(bytes, units.size, () => true);
}

/** Text for `bitsPerSecond`, an integer; parses back exactly from 1 kbit/s on. */
export function formatBandwidth(bitsPerSecond: number): string {
  return formatScaled(bitsPerSecond, units.bandwidth, () => true);
}

/** `0.9995` is `99.95%`. Parses back to exactly `fraction`. */
export function formatPercent(fraction: number): string {
  const [mantissa, exponent = '0'] = fraction.toString().split('e');
  return `${plainDecimal(mantissa, Number(exponent) + 2)}%`;
}

/** `200` is `200/s`. */
export function formatRate(perSecond: number): string {
  const perMinute = perSecond * 60;
  const whole = !Number.isInteger(perSecond) && Number.isInteger(perMinute);
  return whole ? `${plainNumber(perMinute)}/min` : `${plainNumber(perSecond)}/s`;
}

/** `99.9` is `p99.9`. */
export function formatPercentile(percent: number): string {
  return `p${plainNumber(percent)}`;
}

function formatScaled(value: number, of: readonly Unit[], mayBeFraction: (unit: Unit) => boolean): string {
  if (value < 0) return `-${formatScaled(-value, of, mayBeFraction)}`;
  let best = of[0];
  for (const unit of of) {
    if (value >= unit.base && (value % unit.base === 0 || mayBeFraction(unit))) best = unit;
  }
  return decimalQuotient(BigInt(value), BigInt(best.base)) + best.name;
}

/** `numerator / denominator` in decimal; the denominator is a power of ten or divides the numerator. */
function decimalQuotient(numerator: bigint, denominator: bigint): string {
  const whole = numerator / denominator;
  const rest = numerator % denominator;
  if (rest === 0n) return whole.toString();
  const digits = denominator.toString().length - 1;
  return `${whole}.${rest.toString().padStart(digits, '0').replace(/0+$/, '')}`;
}

function plainNumber(value: number): string {
  const [mantissa, exponent = '0'] = value.toString().split('e');
  return plainDecimal(mantissa, Number(exponent));
}

/** `mantissa` times ten to the `exponent`, without an exponent: the language has none. */
function plainDecimal(mantissa: string, exponent: number): string {
  const negative = mantissa.startsWith('-');
  const [whole, fraction = ''] = mantissa.replace('-', '').split('.');
  const digits = whole + fraction;
  const point = whole.length + exponent;
  const padded = point <= 0 ? '0'.repeat(1 - point) + digits : digits.padEnd(point, '0');
  const at = point <= 0 ? 1 : point;
  const left = padded.slice(0, at).replace(/^0+(?=\d)/, '');
  const right = padded.slice(at).replace(/0+$/, '');
  return `${negative ? '-' : ''}${left}${right && `.${right}`}`;
}
