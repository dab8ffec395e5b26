/** The designs of the matrix, executed. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Fault,
  type Matrix,
  type Model,
  matrixDesign,
  models,
  type Variant,
} from '@dsys/language-server/mechanisms/matrix';
import { type Design, obstacles } from '@dsys/runtime';
import { promisesOf } from '@dsys/runtime/protocols/descriptors';
import { execute } from '@dsys/runtime/run/execute';
import { judgeConsistency } from '@dsys/runtime/run/judge';
import { designOf } from './design.ts';

export async function matrixDesignOf(variant: Variant, fault: Fault): Promise<Design> {
  const design = await designOf(matrixDesign(variant, fault), 'matrix.dsys', { withErrors: true });
  const [why] = obstacles(design, design.scenarios[0]!);
  if (why !== undefined) throw new Error(`${variant.store}: ${why.message}`);
  return design;
}

/** What the last search has found. */
export const matrixFound = (): Matrix =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'data', 'matrix.json'), 'utf8'));

/** Models that the run under this seed violates. Where nobody promises more to who changes the replica, each stay is judged. */
export function violatedModels(design: Design, seed: number, asked: readonly Model[] = models): readonly Model[] {
  const executed = execute(design, design.scenarios[0]!, { seed });
  const store = executed.stores.find(({ name }) => name === 's')!;
  const sticky = promisesOf(design, store).read.availability === 'sticky';
  return asked.filter(model => judgeConsistency(executed, store, model, undefined, sticky).verdict === 'violated');
}
