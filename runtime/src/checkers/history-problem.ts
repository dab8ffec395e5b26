import type { DataModel } from '../model/model.ts';
import { showValue } from '../model/value.ts';
import type { History, Operation, Value } from './history.ts';

/**
 * Why a history cannot be checked, in one sentence, or `undefined`: operations must be numbered by position, ordered
 * by `invoke`, completed not before they were invoked, one at a time within a session, and such as the model knows.
 */
export function historyProblem(history: History, model?: DataModel): string | undefined {
  const lastOf = new Map<number, Operation>();
  const { operations } = history;
  for (let position = 0; position < operations.length; position++) {
    const operation = operations[position];
    const problem =
      orderProblem(operation, position, operations[position - 1], lastOf.get(operation.process)) ??
      (model === undefined ? undefined : valueProblem(operation, model));
    if (problem !== undefined)
      return `Operation ${position} (${operation.kind} of process ${operation.process}) ${problem}`;
    lastOf.set(operation.process, operation);
  }
  return model === undefined ? undefined : initialProblem(history.initial, model);
}

function orderProblem(
  { id, invoke, complete, outcome }: Operation,
  position: number,
  listedBefore: Operation | undefined,
  sameProcess: Operation | undefined,
): string | undefined {
  if (id !== position) return `has id ${id}: ids must count from 0 in the order of the history.`;
  if (!Number.isFinite(invoke)) return `was invoked at ${invoke}, which is not a time.`;
  if (listedBefore !== undefined && listedBefore.invoke > invoke)
    return `was invoked at ${invoke}, but the one listed before it at ${listedBefore.invoke}: sort the history by time of invocation.`;
  if (outcome === 'ok' && !(complete >= invoke && complete < Number.POSITIVE_INFINITY))
    return `was invoked at ${invoke} and completed at ${complete}: an operation that never returned has the outcome "unknown".`;
  if (sameProcess?.outcome === 'ok' && sameProcess.complete > invoke)
    return `was invoked at ${invoke}, while operation ${sameProcess.id} of the same process was open until ${sameProcess.complete}: a session does one thing at a time.`;
  return undefined;
}

function valueProblem({ kind, input, output, outcome }: Operation, model: DataModel): string | undefined {
  if (!model.kinds.includes(kind))
    return `is not something that a ${model.name} can do; it knows ${model.kinds.join(', ')}.`;
  if (kind === 'cas' && !(Array.isArray(input) && input.length === 2))
    return `has the input ${showValue(input)}: a cas needs [expected, replacement].`;
  if (kind === 'cas' && outcome === 'ok' && typeof output !== 'boolean')
    return `has the output ${showValue(output)}: a cas answers true (applied) or false (refused).`;
  if (kind === 'increment' && input !== null && !Number.isSafeInteger(input))
    return `has the input ${showValue(input)}: counters are checked for whole amounts only, as fractions add up differently in every order.`;
  if (kind === 'transaction' && !(isTransaction(input) && (outcome !== 'ok' || isTransaction(output))))
    return `has the input ${showValue(input)}: a transaction is a list of ["read", key, null] and ["write", key, value].`;
  if (kind === 'read' && outcome === 'ok') {
    const problem = stateProblem(output, model);
    if (problem !== undefined) return `read ${showValue(output)}: ${problem}.`;
  }
  return undefined;
}

function isTransaction(value: Value): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      step =>
        Array.isArray(step) &&
        step.length === 3 &&
        (step[0] === 'read' || step[0] === 'write') &&
        typeof step[1] === 'string',
    )
  );
}

function initialProblem(initial: Value, model: DataModel): string | undefined {
  const problem = stateProblem(initial, model);
  return problem === undefined ? undefined : `The initial value is ${showValue(initial)}: ${problem}.`;
}

function stateProblem(value: Value, model: DataModel): string | undefined {
  if (value === null) return undefined;
  if (model.name === 'counter' && !Number.isSafeInteger(value)) return 'a counter holds a whole number';
  if ((model.name === 'set' || model.name === 'list') && !Array.isArray(value))
    return `a ${model.name} holds a list of elements`;
  return undefined;
}
