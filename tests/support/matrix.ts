/** The designs of the matrix, executed. */
import { type Fault, type Model, matrixDesign, models, type Variant } from '@dsys/language-server/mechanisms/matrix';
import { type Design, obstacles } from '@dsys/runtime';
import { execute } from '@dsys/runtime/run/execute';
import { judge } from '@dsys/runtime/run/judge';
import { designOf } from './design.ts';

export async function matrixDesignOf(variant: Variant, fault: Fault): Promise<Design> {
  const design = await designOf(matrixDesign(variant, fault), 'matrix.dsys', { withErrors: true });
  const [why] = obstacles(design, design.scenarios[0]!);
  if (why !== undefined) throw new Error(`${variant.store}: ${why.message}`);
  return design;
}

/** Models that the run under this seed violates. */
export function violatedModels(design: Design, seed: number): readonly Model[] {
  const judged = judge(execute(design, design.scenarios[0]!, { seed }));
  return models.filter(model =>
    judged.some(
      ({ origin, property, verdict }) =>
        origin === 'expect' && property === `consistency ${model}` && verdict === 'violated',
    ),
  );
}
