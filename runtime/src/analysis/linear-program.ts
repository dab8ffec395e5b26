/**
 * Linear programs, by the simplex method of YALPS: pure JavaScript, no randomness, no clock without integer variables.
 * Its arithmetic is plain doubles, so no result is taken on trust: the dual program is solved as well, and only where
 * both meet (weak duality: then both are optimal) is there an answer.
 */
import { type Coefficients, type Constraint, type SolutionStatus, solve } from 'yalps';
import { type Known, known, unknown } from './known.ts';

/** One variable, at least 0: what it costs, and its coefficient in each row that it is in. */
export interface Variable {
  readonly cost: number;
  readonly rows: readonly (readonly [row: number, coefficient: number])[];
}

export type Row = { readonly equal: number } | { readonly max: number };

/** Most cells of the simplex tableau (32 MB). */
export const cellsMax = 4_000_000;

/** Coefficients of this size and smaller count as 0; after scaling all are around 1. Tried in turn until the answer is certain. */
const precisions = [1e-9, 1e-8, 1e-10, 1e-11, 1e-7] as const;
const pivotsMax = 20_000;
/** Largest relative difference of the two programs' optima. */
const gapMax = 1e-6;
/** Largest amount by which a scaled row may be missed. */
const missMax = 1e-8;
/** Rounds of scaling rows and columns by their largest coefficients. */
const scalings = 4;

/**
 * Minimises the total cost of variables that are at least 0, subject to the rows. Costs must be at least 0.
 * @returns the value of each variable, to about 8 digits; unknown when nothing satisfies the rows, the program is too large, or its numbers
 * are too far apart for doubles
 */
export function minimise(variables: readonly Variable[], rows: readonly Row[]): Known<readonly number[]> {
  const cells = (variables.length + 1) * (rows.length * 2 + 1);
  if (cells > cellsMax) return unknown(`a linear program of ${cells} cells; at most ${cellsMax} are solved`);
  const { row, column, cost } = scalesOf(variables, rows.length);
  const scaled = variables.map(({ cost: own, rows: entries }, j) => ({
    cost: (own * column[j]!) / cost,
    rows: entries.map(([i, coefficient]) => [i, coefficient * row[i]! * column[j]!] as const),
  }));
  const bounds = rows.map((one, i) => ('equal' in one ? one.equal : one.max) * row[i]!);
  let infeasible = 0;
  for (const precision of precisions) {
    const primal = run(
      scaled.map((one, j) => [j, [[objective, one.cost], ...one.rows]]),
      rows.map((one, i) => [i, 'equal' in one ? { equal: bounds[i]! } : { max: bounds[i]! }]),
      precision,
    );
    const dual = dualOptimum(scaled, rows, bounds, precision);
    if (primal.status === 'infeasible' && dual.status === 'unbounded') infeasible++;
    if (primal.status !== 'optimal' || dual.optimum === undefined) continue;
    const values = new Array<number>(variables.length).fill(0);
    for (const [j, value] of primal.variables) values[j] = Math.max(0, value);
    const reached = scaled.reduce((sum, one, j) => sum + one.cost * values[j]!, 0);
    if (!satisfies(scaled, rows, bounds, values)) continue;
    if (Math.abs(reached - dual.optimum) > gapMax * reached + Number.EPSILON) continue;
    return known(values.map((value, j) => value * column[j]!));
  }
  if (infeasible === precisions.length) return unknown('no strategy satisfies the limits');
  return unknown('the linear program cannot be solved accurately: its numbers are too far apart');
}

function satisfies(
  variables: readonly Variable[],
  rows: readonly Row[],
  bounds: readonly number[],
  values: readonly number[],
): boolean {
  const sums = new Float64Array(rows.length);
  variables.forEach((one, j) => {
    for (const [i, coefficient] of one.rows) sums[i]! += coefficient * values[j]!;
  });
  return rows.every(
    (one, i) => sums[i]! <= bounds[i]! + missMax && (!('equal' in one) || sums[i]! >= bounds[i]! - missMax),
  );
}

const objective = -1;

const run = (variables: [number, Coefficients<number>][], constraints: [number, Constraint][], precision: number) =>
  solve<number, number>(
    { direction: 'minimize', objective, constraints, variables },
    { precision, maxPivots: pivotsMax, checkCycles: false },
  );

/**
 * Maximise b·y subject to A'y <= c, y at most 0 for rows with a maximum: at costs of at least 0, y = 0 is a start.
 * The optimum is undefined when there is none, or what was found misses a row.
 */
function dualOptimum(
  variables: readonly Variable[],
  rows: readonly Row[],
  bounds: readonly number[],
  precision: number,
): { readonly status: SolutionStatus; readonly optimum: number | undefined } {
  const columns: [number, number][][] = rows.map(() => []);
  variables.forEach((one, j) => {
    for (const [i, coefficient] of one.rows) columns[i]!.push([j, coefficient]);
  });
  // Variable 2i is what y of row i is above 0, variable 2i + 1 what it is below.
  const parts: [number, Coefficients<number>][] = [];
  rows.forEach((one, i) => {
    if ('equal' in one) parts.push([2 * i, [[objective, -bounds[i]!], ...columns[i]!]]);
    parts.push([2 * i + 1, [[objective, bounds[i]!], ...columns[i]!.map(([j, value]) => [j, -value] as const)]]);
  });
  const { status, variables: found } = run(
    parts,
    variables.map((one, j) => [j, { max: one.cost }]),
    precision,
  );
  if (status !== 'optimal') return { status, optimum: undefined };
  const y = new Float64Array(rows.length);
  for (const [part, value] of found) y[part >> 1]! += (part % 2 === 0 ? 1 : -1) * value;
  const isFeasible = variables.every(
    one => one.rows.reduce((sum, [i, coefficient]) => sum + coefficient * y[i]!, 0) <= one.cost + missMax,
  );
  return { status, optimum: isFeasible ? y.reduce((sum, value, i) => sum + value * bounds[i]!, 0) : undefined };
}

/** Factors that bring the largest coefficient of every row and column near 1, and the costs with them. */
function scalesOf(variables: readonly Variable[], rows: number) {
  const row = new Float64Array(rows).fill(1);
  const column = new Float64Array(variables.length).fill(1);
  for (let round = 0; round < scalings; round++) {
    const most = new Float64Array(rows);
    variables.forEach((one, j) => {
      for (const [i, value] of one.rows) most[i] = Math.max(most[i]!, Math.abs(value) * row[i]! * column[j]!);
    });
    for (let i = 0; i < rows; i++) if (most[i]! > 0) row[i]! /= Math.sqrt(most[i]!);
    variables.forEach((one, j) => {
      let largest = 0;
      for (const [i, value] of one.rows) largest = Math.max(largest, Math.abs(value) * row[i]! * column[j]!);
      if (largest > 0) column[j]! /= Math.sqrt(largest);
    });
  }
  const cost = variables.reduce((most, one, j) => Math.max(most, one.cost * column[j]!), 0) || 1;
  return { row, column, cost };
}
