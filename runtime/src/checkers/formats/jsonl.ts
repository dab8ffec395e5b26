import type { Operation, OperationKind, Outcome, Value } from '../history.ts';
import type { Recorded } from './events.ts';

/**
 * One operation a line, as JSON with the fields of `Operation`: `process`, `kind`, `input`, `output`, `invoke` and
 * `complete` in ns (`null`: never), `outcome`; `key` where there are several; `id` is given by position. A line
 * `{"initial": value}` says what every key held before. Lines may come in any order. Throws an Error that names the line.
 */
export function historyOfJsonl(text: string): Recorded {
  const operations: Operation[] = [];
  let initial: Value = null;
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const entry = parse(line, i + 1);
    if (!('kind' in entry) && 'initial' in entry) initial = entry.initial as Value;
    else operations.push(operationOf(entry, i + 1));
  }
  operations.sort((a, b) => a.invoke - b.invoke);
  return { history: { operations: operations.map((operation, id) => ({ ...operation, id })), initial }, clock: 'ns' };
}

function parse(line: string, number: number): Record<string, unknown> {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) return entry as Record<string, unknown>;
  } catch {}
  throw new Error(`line ${number}: not a JSON object`);
}

const KINDS: readonly string[] = ['read', 'write', 'cas', 'increment', 'add', 'append', 'delete', 'transaction'];
const OUTCOMES: readonly string[] = ['ok', 'fail', 'unknown'];

function operationOf(entry: Record<string, unknown>, line: number): Operation {
  const { process, key = '', kind, input = null, output = null, invoke, outcome, abandoned } = entry;
  const wrong = (what: string): never => {
    throw new Error(`line ${line}: ${what}`);
  };
  if (!Number.isSafeInteger(process)) wrong('"process" must be a whole number');
  if (typeof key !== 'string') wrong('"key" must be a text');
  if (!KINDS.includes(kind as string)) wrong(`"kind" must be one of ${KINDS.join(', ')}`);
  if (typeof invoke !== 'number') wrong('"invoke" must be a time in ns');
  if (!OUTCOMES.includes(outcome as string)) wrong(`"outcome" must be one of ${OUTCOMES.join(', ')}`);
  const complete = entry.complete ?? Number.POSITIVE_INFINITY;
  if (typeof complete !== 'number') wrong('"complete" must be a time in ns, or null if the operation never returned');
  if (!isValue(input) || !isValue(output))
    wrong('"input" and "output" are null, truth values, numbers, texts, or lists of these');
  return {
    id: 0,
    process: process as number,
    key: key as string,
    kind: kind as OperationKind,
    input: input as Value,
    output: output as Value,
    invoke: invoke as number,
    complete: complete as number,
    outcome: outcome as Outcome,
    ...(typeof abandoned === 'number' ? { abandoned } : {}),
  };
}

function isValue(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isValue) : value === null || typeof value !== 'object';
}
