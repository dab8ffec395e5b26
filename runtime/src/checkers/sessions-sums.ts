import { explanation } from './explain.ts';
import type { History, Operation } from './history.ts';
import type { Session, SessionFinding, SessionGuarantee } from './sessions.ts';
import type { Names } from './words.ts';

/**
 * Session guarantees of counters that only count up: an answer below what the session added itself, or below what it had
 * read before, has lost something. Which increments an answer contains does not show, so the guarantees about the order
 * of writes cannot be judged.
 */
export function checkSeenSums(
  history: History,
  sessions: readonly Session[],
  guarantee: SessionGuarantee,
  names: Names,
): SessionFinding | string {
  if (guarantee === 'monotonic-writes' || guarantee === 'writes-follow-reads')
    return 'A counter does not show which increments an answer contains, so the order of writes cannot be judged.';
  if (history.operations.some(operation => amountOf(operation) < 0))
    return 'Session guarantees are judged only for counters that count up: here some increments are negative, and less may be right.';
  let relevant = 0;
  for (const session of sessions) {
    const floors = new Map<string, { value: number; because: Operation }>();
    for (const operation of session) {
      const floor = floors.get(operation.key);
      if (operation.kind === 'read' && operation.outcome === 'ok') {
        const value = (operation.output ?? 0) as number;
        if (floor !== undefined) {
          relevant++;
          if (value < floor.value) return { relevant, violation: tell(operation, floor, guarantee, names) };
        }
        if (guarantee === 'monotonic-reads') floors.set(operation.key, { value, because: operation });
      } else if (guarantee === 'read-your-writes' && operation.outcome === 'ok' && operation.kind === 'increment') {
        const before = floor?.value ?? ((history.initial ?? 0) as number);
        floors.set(operation.key, { value: before + amountOf(operation), because: operation });
      }
    }
  }
  return { relevant };
}

function amountOf({ kind, input }: Operation): number {
  return kind !== 'increment' ? 0 : ((input ?? 1) as number);
}

function tell(
  read: Operation,
  { value, because }: { value: number; because: Operation },
  guarantee: SessionGuarantee,
  names: Names,
) {
  return explanation([read, because], names, ({ did, verb, noun, at }) =>
    guarantee === 'monotonic-reads'
      ? `${did(because)} at ${at(because.invoke)} and then ${verb(read)} at ${at(read.invoke)}, although the counter only counts up.`
      : `${did(read)} at ${at(read.invoke)}, but with its own ${noun(because)}, which had returned at ${at(because.complete)}, the session's increments make at least ${value}.`,
  );
}
