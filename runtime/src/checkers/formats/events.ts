import type { History, Operation, OperationKind, Value } from '../history.ts';

/** One line of a log that tells calls and returns apart, as Jepsen's and Porcupine's do. */
export interface Event {
  readonly process: number;
  readonly type: 'invoke' | 'ok' | 'fail' | 'info';
  /** As the log calls the operation: `read`, `put`, `txn` … */
  readonly f: string;
  readonly key: string;
  readonly value: Value;
  /** ns; `undefined` if the log has no times. */
  readonly time: number | undefined;
  /** The log says itself that a nil that was read is a value, and that a failed cas has seen another one. */
  readonly observed?: boolean;
}

/** What logs do not say themselves. */
export interface Meaning {
  /** A cas that failed: `observed`, the value was another one; `ignored`, nothing is known but that it took no effect. */
  readonly failedCas: 'observed' | 'ignored';
  /** A read that returned nil: `value`, there was nothing; `unknown`, what was read is not known. */
  readonly nilRead: 'value' | 'unknown';
  readonly initial: Value;
  /** Whether `add` adds to a number or to a set. */
  readonly addIs: 'add' | 'increment';
}

/** A history and how its times are to be understood. */
export interface Recorded {
  readonly history: History;
  /** `ns`: times are ns. `line`: the source has no times; they count its events. `none`: only the order within sessions is known. */
  readonly clock: 'ns' | 'line' | 'none';
}

/**
 * Pairs calls with returns. The order of the log is the order of events: times that run against it are moved forward.
 * An operation that never returned, or returned with `info`, has an unknown outcome.
 */
export function pairEvents(events: readonly Event[], meaning: Meaning): Recorded {
  const clock = !events.some(event => event.type === 'invoke')
    ? 'none'
    : events.every(event => event.time !== undefined && event.time >= 0)
      ? 'ns'
      : 'line';
  const operations: Mutable<Operation>[] = [];
  const open = new Map<number, Mutable<Operation>>();
  let now = -1;
  for (const [line, event] of events.entries()) {
    now = clock === 'none' ? 0 : clock === 'line' ? line : Math.max(now + 1, event.time!);
    let operation = open.get(event.process);
    if (event.type === 'invoke' || (operation === undefined && clock === 'none')) {
      operation = begin(event, operations.length, now, meaning);
      operations.push(operation);
      open.set(event.process, operation);
      if (event.type === 'invoke') continue;
    }
    if (operation === undefined)
      throw new Error(`event ${line + 1}: process ${event.process} returns from something it never called`);
    open.delete(event.process);
    end(operation, event, now, meaning);
  }
  return { history: { operations, initial: meaning.initial }, clock };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

function begin(event: Event, id: number, now: number, meaning: Meaning): Mutable<Operation> {
  return {
    id,
    process: event.process,
    key: event.key,
    ...requestOf(event, meaning),
    output: null,
    invoke: now,
    complete: Number.POSITIVE_INFINITY,
    outcome: 'unknown',
  };
}

function end(operation: Mutable<Operation>, event: Event, now: number, meaning: Meaning): void {
  if (event.type === 'info') {
    operation.abandoned = now;
    return;
  }
  const nilIsValue = event.observed || meaning.nilRead === 'value';
  operation.complete = now;
  operation.outcome = event.type === 'ok' ? 'ok' : 'fail';
  if (operation.kind === 'cas' && (event.type === 'ok' || event.observed || meaning.failedCas === 'observed')) {
    operation.outcome = 'ok';
    operation.output = event.type === 'ok';
  } else if (event.type === 'fail') return;
  else if (operation.kind === 'read') {
    operation.output = event.value;
    if (event.value === null && !nilIsValue) operation.outcome = 'unknown';
  } else if (operation.kind === 'transaction') {
    const steps = stepsOf(event.value);
    const known = steps.filter(([kind, , value]) => kind !== 'read' || value !== null || nilIsValue);
    operation.output = known;
    operation.input = known.map(([kind, key, value]) => [kind, key, kind === 'read' ? null : value]);
  }
}

const KINDS: Readonly<Record<string, OperationKind>> = {
  read: 'read',
  r: 'read',
  get: 'read',
  write: 'write',
  w: 'write',
  put: 'write',
  cas: 'cas',
  append: 'append',
  delete: 'delete',
  del: 'delete',
  remove: 'delete',
  increment: 'increment',
  inc: 'increment',
  incr: 'increment',
  txn: 'transaction',
};

function requestOf(event: Event, meaning: Meaning): Pick<Operation, 'kind' | 'input'> {
  // A mutex is a register that says whether it is held.
  if (event.f === 'acquire') return { kind: 'cas', input: [false, true] };
  if (event.f === 'release') return { kind: 'cas', input: [true, false] };
  if (event.f === 'add') return { kind: meaning.addIs, input: event.value };
  const kind = Object.hasOwn(KINDS, event.f) ? KINDS[event.f] : undefined;
  if (kind === undefined)
    throw new Error(`the operation "${event.f}" of process ${event.process} is not one that dsys knows`);
  if (kind === 'read') return { kind, input: null };
  if (kind === 'transaction')
    return {
      kind,
      input: stepsOf(event.value).map(([step, key, value]) => [step, key, step === 'read' ? null : value]),
    };
  return { kind, input: event.value };
}

/** `[:r :x 1]`, `[:write :x 1]` → `['read', 'x', 1]`, `['write', 'x', 1]`. */
function stepsOf(value: Value): (readonly [string, string, Value])[] {
  if (!Array.isArray(value)) throw new Error(`a transaction is a list of steps, not ${JSON.stringify(value)}`);
  return value.map(step => {
    if (!Array.isArray(step) || step.length !== 3)
      throw new Error(`a step of a transaction is [operation key value], not ${JSON.stringify(step)}`);
    const name = String(step[0]).replace(/^:/, '');
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
    if (kind === undefined)
      throw new Error(`a step of a transaction reads, writes or appends; "${name}" is none of them`);
    return [kind, String(step[1]).replace(/^:/, ''), step[2]];
  });
}
