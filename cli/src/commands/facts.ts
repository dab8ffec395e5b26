/** dsys facts: what a design is, by arithmetic on its text: ceilings, labels, failures tolerated, quorums, figures. */
import { missingFigures } from '@dsys/language-server';
import { factsOfDesign } from '@dsys/runtime/protocols/facts';
import { loadRunnable } from '../load.ts';
import { type Colors, exitCode, json, print } from '../output.ts';
import { renderFacts } from '../render-facts.ts';
import { version } from '../version.ts';

export interface FactsOptions {
  readonly format: 'text' | 'json';
  readonly colors: Colors;
  readonly quiet: boolean;
}

/** Exit 3 when a figure that the design should have could not be computed. */
export async function facts(file: string, options: FactsOptions): Promise<number> {
  const { design } = await loadRunnable(file);
  const found = factsOfDesign(design);
  if (options.format === 'json') print(json({ schema: found.schema, tool: version, file, stores: found.stores }));
  else print(renderFacts(found.stores, options));
  const isComplete = found.stores.every(store => Object.keys(missingFigures(store)).length === 0);
  return isComplete ? exitCode.ok : exitCode.unknown;
}
