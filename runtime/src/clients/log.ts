/** What clients asked and were told, as it happens: the history that the checkers will see, and where it is in the trace. */
import type { History, Operation, OperationKind, Outcome, Value } from '../checkers/history.ts';
import type { Endpoint } from '../kernel/network.ts';
import type { Simulation } from '../kernel/simulation.ts';

export interface LoggedOperation {
  readonly id: number;
  readonly process: number;
  readonly store: string;
  readonly key: string;
  readonly kind: OperationKind;
  input: Value;
  output: Value;
  readonly invoke: number;
  /** When the client was told, or gave up (`unknown`). */
  ended: number;
  outcome: Outcome | 'open';
  readonly invokeEvent: number;
  completeEvent: number;
  /** Node that the client turned to last. */
  node: number;
}

export interface ClientLog {
  readonly operations: LoggedOperation[];
  /** Display names of processes. */
  readonly processes: string[];
  attempts: number;
}

export const createLog = (): ClientLog => ({ operations: [], processes: [], attempts: 0 });

export function invoke(
  sim: Simulation,
  log: ClientLog,
  endpoint: Endpoint,
  asked: {
    readonly process: number;
    readonly store: string;
    readonly key: string;
    readonly kind: OperationKind;
    readonly input: Value;
  },
): LoggedOperation {
  const id = log.operations.length;
  const name = sim.trace.detailed ? describe(asked.kind, asked.key, asked.input) : asked.kind;
  const row = sim.trace.event(sim.now, 'invoke', endpoint, name, -1, id, sim.cause);
  sim.cause = row;
  const operation: LoggedOperation = {
    id,
    ...asked,
    output: null,
    invoke: sim.now,
    ended: Number.POSITIVE_INFINITY,
    outcome: 'open',
    invokeEvent: row,
    completeEvent: -1,
    node: -1,
  };
  log.operations.push(operation);
  return operation;
}

export function complete(
  sim: Simulation,
  operation: LoggedOperation,
  endpoint: Endpoint,
  outcome: Outcome,
  output: Value,
  why: string,
): void {
  const kind = outcome === 'ok' ? 'ok' : outcome === 'fail' ? 'fail' : 'info';
  operation.outcome = outcome;
  operation.output = output;
  operation.ended = sim.now;
  const name = !sim.trace.detailed
    ? kind
    : outcome === 'ok'
      ? `${describe(operation.kind, operation.key, operation.input)} → ${told(operation)}`
      : `${operation.kind} ${operation.key}: ${why}`;
  operation.completeEvent = sim.trace.event(sim.now, kind, endpoint, name, -1, operation.id, sim.cause);
}

export function describe(kind: OperationKind, key: string, input: Value): string {
  if (kind === 'read' || kind === 'delete') return `${kind} ${key}`;
  if (kind === 'cas' && Array.isArray(input)) return `cas ${key} ${show(input[0])} → ${show(input[1])}`;
  return `${kind} ${key} ${kind === 'write' ? '= ' : ''}${show(input)}`;
}

const show = (value: Value): string =>
  value === null ? 'nothing' : typeof value === 'string' ? value : JSON.stringify(value);

const told = (operation: LoggedOperation): string =>
  operation.kind === 'read' || operation.kind === 'cas' ? show(operation.output) : 'ok';

/** The history of one store. Operations that were still open count as unknown. Times count from `originNs`. */
export function historyOf(
  log: ClientLog,
  store: string,
  originNs: number,
): { readonly history: History; readonly logged: readonly LoggedOperation[] } {
  const logged = log.operations.filter(operation => operation.store === store);
  const operations = logged.map((operation, id): Operation => {
    const outcome = operation.outcome === 'open' ? 'unknown' : operation.outcome;
    return {
      id,
      process: operation.process,
      key: operation.key,
      kind: operation.kind,
      input: operation.input,
      output: operation.output,
      invoke: operation.invoke - originNs,
      complete: outcome === 'unknown' ? Number.POSITIVE_INFINITY : operation.ended - originNs,
      outcome,
    };
  });
  return { history: { operations, initial: null }, logged };
}
