/** What is expected in scenarios and explorations: properties with a scope and a window. */
import { type Expectation as ExpectationAst, formatDuration } from '@dsys/grammar';
import type { Expectation } from '@dsys/runtime/design/scenario';
import { type Context, located, pathsOf, report } from './context.ts';
import { elaborateProperty } from './properties.ts';
import { finite } from './values.ts';

/**
 * One per property and scope; none if something is wrong and reported.
 * @param endNs when the scenario ends; null: it has no times
 */
export function elaborateExpectation(context: Context, ast: ExpectationAst, endNs: number | null): Expectation[] {
  const properties = elaborateProperty(context, ast.property);
  const scopes = pathsOf(context, ast.scopes);
  // Of scopes that are not there nothing is expected, rather than of everything.
  if (scopes.length === 0 && ast.scopes.length > 0) return [];
  const fromNs = finite(ast.from?.value) ?? null;
  const untilNs = finite(ast.until?.value) ?? null;
  if (fromNs !== null && untilNs !== null && untilNs <= fromNs) {
    const message = `From ${formatDuration(fromNs)} until ${formatDuration(untilNs)} is no time at all.`;
    report(context, 'time-outside-run', ast.until ?? ast, message);
  } else if (endNs === null && (fromNs !== null || untilNs !== null)) {
    report(
      context,
      'option-not-applicable',
      ast.from ?? ast.until ?? ast,
      'An exploration has no times: leave them out.',
    );
  } else if (endNs !== null && fromNs !== null && fromNs >= endNs) {
    const message = `The scenario is over at ${formatDuration(endNs)}, with settling: nothing can be expected from ${formatDuration(fromNs)} on.`;
    report(context, 'time-outside-run', ast.from ?? ast, message);
  }
  const { violation } = ast;
  return properties.flatMap(property =>
    (scopes.length === 0 ? [null] : scopes).map(of => ({
      ...located(context, ast),
      property,
      violation,
      of,
      fromNs,
      untilNs,
    })),
  );
}
