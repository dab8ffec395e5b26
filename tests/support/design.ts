/** Designs from text or from files, for tests of the whole way from a file to a verdict. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { analyse, type Diagnostic } from '@dsys/language-server';
import { allRules } from '@dsys/language-server/rules/all';
import { type Design, obstacles, runTest, type TestReport } from '@dsys/runtime';

const ruleIds = new Set(allRules.map(({ id }) => id));

export const isLong = process.env.DSYS_LONG === '1';

const describe = (one: Diagnostic): string => `${one.range.start.line + 1}: ${one.severity} ${one.rule} ${one.message}`;

/**
 * @param options.withErrors takes designs that contradict themselves: what rules say against them is not looked at
 * @throws Error with the diagnostics, when there is any of them that is not mere information
 */
export async function designOf(
  text: string,
  path = 'test.dsys',
  options: { readonly withErrors?: boolean } = {},
): Promise<Design> {
  const uri = pathToFileURL(resolve(path)).href;
  const analysis = await analyse(
    uri,
    asked => (asked === uri ? text : undefined),
    asked => asked,
  );
  // What was not understood is left out, and then the design is not the one that was meant.
  const isMisread = ({ rule }: Diagnostic) => !ruleIds.has(rule);
  const problems = analysis!.diagnostics.filter(
    one => one.severity !== 'information' && (!options.withErrors || isMisread(one)),
  );
  if (problems.length > 0) throw new Error(`${path}\n${problems.map(describe).join('\n')}`);
  return analysis!.design;
}

export const designAt = (path: string): Promise<Design> => designOf(readFileSync(path, 'utf8'), path);

/** One scenario of a design over the first seeds. */
export function testScenario(design: Design, name: string, seeds: number): TestReport {
  const scenario = design.scenarios.find(one => one.name === name)!;
  const found = obstacles(design, scenario);
  if (found.length > 0) throw new Error(found.map(one => one.message).join('\n'));
  return runTest(design, scenario, { tool: 'test', from: 1, seeds });
}
