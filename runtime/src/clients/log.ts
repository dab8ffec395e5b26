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
  /** Values side by side that the answer told of. */
  siblings?: readonly Value[];
  readonly invoke: number;
  /** When the client was told, or gave up (`unknown`). */
  ended: number;
  outcome: Outcome | 'open';
  /** What the client was told when it was not `ok`. */
  why: string;
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
  source: number,
): LoggedOperation {
  const id = log.operations.length;
  const row = sim.trace.invoked(sim.now, endpoint, asked.process, asked.kind, asked.key, asked.input, source);
  sim.cause = row;
  const operation: LoggedOperation = {
    id,
    ...asked,
    output: null,
    invoke: sim.now,
    ended: Number.POSITIVE_INFINITY,
    outcome: 'open',
    invokeEvent: row,
    why: '',
    completeEvent: -1,
    node: -1,
  };
  log.operations.push(operation);
  return operation;
}

/** Operations whose answer says something. */
const answers: ReadonlySet<OperationKind> = new Set(['read', 'cas', 'transaction']);

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
  operation.why = why;
  operation.completeEvent = sim.trace.completed(
    sim.now,
    endpoint,
    operation.id,
    kind,
    outcome === 'ok' ? (answers.has(operation.kind) ? output : undefined) : why,
  );
}

/** The history of one store. Operations that were still open count as unknown. Times count from `originNs`. */
export function historyOf(
  log: ClientLog,
  store: string,
  originNs: number,
  wanted: (operation: LoggedOperation) => boolean = () => true,
): { readonly history: History; readonly logged: readonly LoggedOperation[] } {
  const logged = log.operations.filter(operation => operation.store === store && wanted(operation));
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
      ...(outcome === 'unknown' && Number.isFinite(operation.ended) && { abandoned: operation.ended - originNs }),
      outcome,
      ...(operation.siblings !== undefined && { siblings: operation.siblings }),
    };
  });
  return { history: { operations, initial: null }, logged };
}
