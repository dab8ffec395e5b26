/** Linear programs, by the simplex method of YALPS: pure JavaScript, no randomness, no clock without integer variables. */
import { type Constraint, solve } from 'yalps';
import { type Known, known, unknown } from './known.ts';

/** One variable, at least 0: what it costs, and its coefficient in each row that it is in. */
export interface Variable {
  readonly cost: number;
  readonly rows: readonly (readonly [row: number, coefficient: number])[];
}

export type Row = { readonly equal: number } | { readonly max: number };

/** Most cells of the simplex tableau (32 MB). */
export const cellsMax = 4_000_000;

/** Coefficients of this size and smaller count as 0; the programs here are scaled so that numbers are around 1. */
const precision = 1e-10;
const pivotsMax = 20_000;

/**
 * Minimises the total cost of variables that are at least 0, subject to the rows.
 * @returns the value of each variable, within about 1e-9; unknown when nothing satisfies the rows or the program is too large
 */
export function minimise(variables: readonly Variable[], rows: readonly Row[]): Known<readonly number[]> {
  const cells = (variables.length + 1) * (rows.length * 2 + 1);
  if (cells > cellsMax) return unknown(`a linear program of ${cells} cells; at most ${cellsMax} are solved`);
  const constraints: [number, Constraint][] = rows.map((row, i) => [i, row]);
  const objective = -1;
  const { status, variables: found } = solve<number, number>(
    {
      direction: 'minimize',
      objective,
      constraints,
      variables: variables.map(({ cost, rows }, i) => [i, [[objective, cost], ...rows]]),
    },
    { precision, maxPivots: pivotsMax, checkCycles: false },
  );
  if (status === 'infeasible') return unknown('no strategy satisfies the limits');
  if (status !== 'optimal') return unknown(`the linear program was not solved: ${status}`);
  const values = new Array<number>(variables.length).fill(0);
  for (const [i, value] of found) values[i] = Math.max(0, value);
  return known(values);
}
