import type { DataModel, Request } from '../../model/model.ts';
import type { History, Operation, OperationKind, Value } from '../history.ts';
import type { Random } from './random.ts';

/** How random histories are made: an object that works, whose answers are then tampered with now and then. */
export interface Recipe {
  readonly model: DataModel;
  readonly initial: Value;
  readonly processes: number;
  readonly operations: number;
  readonly keys: readonly string[];
  /** What is asked next; `n` counts the operations of the history, for values that are used once. */
  readonly ask: (random: Random, n: number) => Request;
  readonly unknown: number;
  readonly tamper: number;
  /** Longest operation and longest pause, in ns. Small numbers make equal times frequent. */
  readonly longest: number;
}

export const ask = {
  register: (values: number) => (random: Random) =>
    random.chance(0.5)
      ? { kind: 'read' as const, input: null }
      : { kind: 'write' as const, input: random.below(values) },
  unique: (random: Random, n: number) =>
    random.chance(0.5) ? { kind: 'read' as const, input: null } : { kind: 'write' as const, input: n + 1 },
  cas: (values: number) => (random: Random) => {
    if (random.chance(0.35)) return { kind: 'read' as const, input: null };
    if (random.chance(0.4)) return { kind: 'write' as const, input: random.below(values) };
    return { kind: 'cas' as const, input: [random.below(values), random.below(values)] };
  },
  counter: (amounts: readonly number[]) => (random: Random) =>
    random.chance(0.5)
      ? { kind: 'read' as const, input: null }
      : { kind: 'increment' as const, input: random.pick(amounts) },
  grow: (kind: OperationKind, unique: boolean) => (random: Random, n: number) =>
    random.chance(0.5) ? { kind: 'read' as const, input: null } : { kind, input: unique ? n + 1 : random.below(2) },
};

/** Operations of sessions that ask one thing at a time, in order of `invoke`. */
export function randomHistory(random: Random, recipe: Recipe): History {
  interface Draft extends Request {
    process: number;
    key: string;
    invoke: number;
    complete: number;
    point: number;
    unknown: boolean;
    output: Value;
  }
  const drafts: Draft[] = [];
  const free = new Array<number>(recipe.processes).fill(0);
  for (let n = 0; n < recipe.operations; n++) {
    const process = random.below(recipe.processes);
    const invoke = free[process] + random.below(recipe.longest + 1);
    const complete = invoke + random.below(recipe.longest + 1);
    free[process] = complete;
    const unknown = random.chance(recipe.unknown);
    const point =
      unknown && random.chance(0.5) ? complete + random.below(20) : invoke + random.real() * (complete - invoke);
    drafts.push({
      ...recipe.ask(random, n),
      process,
      key: random.pick(recipe.keys),
      invoke,
      complete,
      point,
      unknown,
      output: null,
    });
  }
  const states = new Map<string, Value>(recipe.keys.map(key => [key, recipe.model.initial(recipe.initial)]));
  const outputs: Value[] = [recipe.model.initial(recipe.initial)];
  for (const draft of [...drafts].sort((a, b) => a.point - b.point)) {
    if (draft.unknown && random.chance(0.3)) continue;
    const applied = recipe.model.apply(states.get(draft.key)!, draft);
    states.set(draft.key, applied.state);
    draft.output = applied.output;
    if (draft.kind === 'read') outputs.push(applied.output);
  }
  for (const draft of drafts) {
    if (draft.kind === 'read' && random.chance(recipe.tamper)) draft.output = random.pick(outputs);
    if (draft.kind === 'cas' && random.chance(recipe.tamper)) draft.output = !draft.output;
  }
  return historyOf(
    drafts.map(({ process, key, kind, input, output, invoke, complete, unknown }) => ({
      process,
      key,
      kind,
      input,
      output: unknown ? null : output,
      invoke,
      complete: unknown ? Number.POSITIVE_INFINITY : complete,
      outcome: unknown ? 'unknown' : 'ok',
    })),
    recipe.initial,
  );
}

/** Sorts by time of invocation and numbers the operations. */
export function historyOf(operations: readonly Omit<Operation, 'id'>[], initial: Value): History {
  const sorted = [...operations].sort((a, b) => a.invoke - b.invoke);
  return { operations: sorted.map((operation, id) => ({ ...operation, id })), initial };
}

const MS = 1_000_000;

/**
 * A history written down: one operation a line, `c1 0..12 write x 1` (times in ms, `5..` never returned, `5..9!` failed).
 * Values are JSON; a cas that was refused is `cas x [1,2] false`.
 */
export function written(text: string, initial: Value): History {
  const operations = text
    .trim()
    .split('\n')
    .map(line => {
      const [, process, from, to, failed, kind, key, value = 'null', output] =
        /^\s*c(\d+) ([\d.]+?)\.\.([\d.]*)(!?) (\w+) (\w+)(?: (\S+))?(?: (\S+))?\s*$/.exec(line) ?? [];
      if (kind === undefined) throw new Error(`not an operation: ${line}`);
      const parsed = JSON.parse(value) as Value;
      const answered = kind === 'read' ? parsed : kind === 'cas' ? output !== 'false' : null;
      return {
        process: Number(process),
        key,
        kind: kind as OperationKind,
        input: kind === 'read' ? null : parsed,
        output: to === '' ? null : answered,
        invoke: Number(from) * MS,
        complete: to === '' ? Number.POSITIVE_INFINITY : Number(to) * MS,
        outcome: to === '' ? ('unknown' as const) : failed === '!' ? ('fail' as const) : ('ok' as const),
      };
    });
  return historyOf(operations, initial);
}

/** A litmus test: `w(x)1 r(y)0 | w(y)1 r(x)0`, sessions side by side. Initially everything is 0; no real time (all at 0). */
export function litmus(text: string): History {
  const operations = text.split('|').flatMap((session, process) =>
    session
      .trim()
      .split(/\s+/)
      .map(step => {
        const [, kind, key, value] = /^([rw])\((\w+)\)(\d+)$/.exec(step)!;
        return {
          process,
          key,
          kind: kind === 'w' ? ('write' as const) : ('read' as const),
          input: kind === 'w' ? Number(value) : null,
          output: kind === 'r' ? Number(value) : null,
          invoke: 0,
          complete: 0,
          outcome: 'ok' as const,
        };
      }),
  );
  return historyOf(operations, 0);
}

/**
 * Sessions that each read and write a copy of their own, to which the writes of others come later, those of one session in
 * their order: such a history is PRAM, until some reads are tampered with. No real time.
 */
export function replicatedSessions(
  random: Random,
  sessions: number,
  operations: number,
  keys: readonly string[],
  tamper: number,
): History {
  const copies = Array.from({ length: sessions }, () => new Map<string, number>());
  const coming = Array.from({ length: sessions }, () => Array.from({ length: sessions }, (): [string, number][] => []));
  const written: [string, number][] = [];
  const made: Omit<Operation, 'id'>[] = [];
  for (let n = 1; n <= operations; n++) {
    const process = random.below(sessions);
    for (const queue of coming[process])
      while (queue.length > 0 && random.chance(0.4)) copies[process].set(...queue.shift()!);
    const key = random.pick(keys);
    const isWrite = random.chance(0.5);
    if (isWrite) {
      copies[process].set(key, n);
      written.push([key, n]);
      for (let other = 0; other < sessions; other++) if (other !== process) coming[other][process].push([key, n]);
    }
    const others = written.filter(([of]) => of === key).map(([, value]) => value);
    const seen = random.chance(tamper) ? random.pick([0, ...others]) : (copies[process].get(key) ?? 0);
    const kind = isWrite ? ('write' as const) : ('read' as const);
    made.push({
      process,
      key,
      kind,
      input: isWrite ? n : null,
      output: isWrite ? null : seen,
      invoke: 0,
      complete: 0,
      outcome: 'ok',
    });
  }
  return historyOf(made, 0);
}
