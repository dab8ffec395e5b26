/** Explorations: every interleaving within bounds. */
import type { Exploration as ExplorationAst, Specification } from '@dsys/grammar';
import { type BoundedEvent, boundedEvents, type Exploration, workloadOperations } from '@dsys/runtime/design/scenario';
import { type Context, declarationsOf, located, orList, report, symbolOf } from './context.ts';
import { elaborateExpectation } from './expectations.ts';
import { readOptions } from './options.ts';
import { askWords } from './questions.ts';
import { count } from './values.ts';

/** More of anything than this cannot be explored. */
const most = 1000;

/** Plurals as they are written: `at most 2 losses`. */
const plurals: Readonly<Record<string, BoundedEvent>> = {
  crashes: 'crash',
  losses: 'loss',
  duplicates: 'duplicate',
  timeouts: 'timeout',
  changes: 'change',
};

export const elaborateExplorations = (context: Context, files: readonly Specification[]): Exploration[] =>
  declarationsOf(files, 'Exploration').flatMap(ast => elaborateExploration(context, ast) ?? []);

/** Undefined if what is explored is not there, which is reported. */
function elaborateExploration(context: Context, ast: ExplorationAst): Exploration | undefined {
  readOptions(context, 'an exploration', ast.options, {});
  const expectations = ast.expectations.flatMap(one => elaborateExpectation(context, one, null));
  const atMost = boundsOf(context, ast);
  const operations = ast.operations
    .flatMap(each => each.shares)
    .flatMap(share => {
      askWords(context, share, workloadOperations, 'operation');
      const kind = workloadOperations.find(each => each === share.operation);
      const number = count(context, share.amount, 'operations', share, { most });
      if (kind === undefined && share.operation) {
        const message = `There is no operation "${share.operation}"; there are ${orList(workloadOperations)}.`;
        report(context, 'option-value', share, message);
      }
      return number === undefined || kind === undefined ? [] : [{ kind, count: number }];
    });
  const of = symbolOf(context, ast.target)?.path;
  return of === undefined
    ? undefined
    : { ...located(context, ast), name: ast.name, of, operations, atMost, expectations };
}

function boundsOf(context: Context, ast: ExplorationAst): Partial<Record<BoundedEvent, number>> {
  const atMost: Partial<Record<BoundedEvent, number>> = {};
  for (const bound of ast.bounds) {
    askWords(context, bound, boundedEvents, 'event');
    if (!bound.event) continue;
    const event = boundedEvents.find(each => each === bound.event) ?? plurals[bound.event];
    const limit = count(context, bound.count, 'at most', bound, { most });
    if (event === undefined) {
      const message = `An exploration bounds ${orList(boundedEvents)}, not "${bound.event}".`;
      report(context, 'unknown-verb', bound, message);
    } else if (atMost[event] !== undefined) {
      report(context, 'duplicate-option', bound, `The bound on ${event} is already given: ${atMost[event]}.`);
    } else if (limit !== undefined) atMost[event] = limit;
  }
  return atMost;
}
