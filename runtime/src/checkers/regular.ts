import type { DataModel } from '../model/model.ts';
import { type Explanation, explainUnwritten, explanation, returned } from './explain.ts';
import type { History, Operation, Verdict } from './history.ts';
import { historyProblem } from './history-problem.ts';
import { byObject, completionOf } from './objects.ts';
import { ValueIds } from './value-ids.ts';
import { DEFAULT_NAMES, type Names, plural } from './words.ts';

const PROPERTY = 'regular';

/**
 * Whether every key is a regular register (Lamport, "On interprocess communication II", 1986; with several writers as in
 * Shao, Pierce & Welch, DISC 2003): there is one order of the key's writes that respects real time, and each read returns
 * the last of them that had returned before it began, or one that was running at the same time. Two such reads may
 * disagree about writes that are still running, which linearizability does not allow.
 *
 * Exact, in O(n log n), for reads and writes of values that are written once; `unknown` otherwise.
 */
export function checkRegular(history: History, model: DataModel, names: Names = DEFAULT_NAMES): Verdict {
  const unknown = (why: string): Verdict => ({ property: PROPERTY, verdict: 'unknown', why, witness: null });
  const problem = historyProblem(history, model);
  if (problem !== undefined) return unknown(problem);
  const objects = byObject(history, model);
  let reads = 0;
  const unclear: string[] = [];
  for (const { key, operations } of objects) {
    const finding = judge(operations, history.initial);
    if (finding === undefined) unclear.push(key);
    else if (typeof finding === 'function') {
      const { why, operations: ids } = finding(names);
      const told = objects.length > 1 ? `${key}: ${why}` : why;
      return { property: PROPERTY, verdict: 'violated', why: told, witness: { operations: ids, events: [] } };
    } else reads += finding;
  }
  if (unclear.length > 0)
    return unknown(
      `${plural(unclear.length, 'key')} of ${objects.length} could not be judged: regularity is about reads and writes, and a value that was read must have been written once.`,
    );
  if (reads === 0) return unknown('Nothing was checked: no read of the history has a known result.');
  return {
    property: PROPERTY,
    verdict: 'holds',
    why: `${plural(reads, 'read')} returned the last write or one that was running.`,
    witness: null,
  };
}

interface Write {
  /** `undefined`: the initial value. */
  readonly operation: Operation | undefined;
  readonly returned: number;
  /** Other writes that had returned before this time must come before it. */
  bound: number;
  /** The read that moved the bound beyond the write's own invocation. */
  by: Operation | undefined;
}

/** How many reads were right; `undefined` if that cannot be told. */
function judge(
  operations: readonly Operation[],
  initial: History['initial'],
): number | undefined | ((names: Names) => Explanation) {
  if (operations.some(({ kind }) => kind !== 'read' && kind !== 'write')) return undefined;
  const ids = new ValueIds();
  const first: Write = {
    operation: undefined,
    returned: Number.NEGATIVE_INFINITY,
    bound: Number.NEGATIVE_INFINITY,
    by: undefined,
  };
  const writeOf: (Write | 'several')[] = [];
  writeOf[ids.of(initial)] = first;
  const writes: Write[] = [first];
  for (const operation of operations) {
    if (operation.kind === 'read') continue;
    const id = ids.of(operation.input);
    const write: Write = { operation, returned: completionOf(operation), bound: operation.invoke, by: undefined };
    writeOf[id] = writeOf[id] === undefined ? write : 'several';
    writes.push(write);
  }
  let reads = 0;
  for (const read of operations) {
    if (read.kind === 'write') continue;
    reads++;
    const id = ids.find(read.output);
    const write = id === undefined ? undefined : writeOf[id];
    if (write === 'several') return undefined;
    if (write === undefined) return names => explainUnwritten(read, read.output, undefined, names);
    if (write.operation !== undefined && write.operation.invoke > read.complete) {
      const late = write.operation;
      return names => explainUnwritten(read, read.output, late, names);
    }
    // The write had returned: it must be the last of those that had, so all others that had come before it.
    if (write.returned < read.invoke && read.invoke > write.bound) {
      write.bound = read.invoke;
      write.by = read;
    }
  }
  return findCycle(writes) ?? reads;
}

/**
 * `a` comes before `b` if `a` had returned before `b`'s bound. Takes out, again and again, a write that no other must come
 * before: the one with the least bound, or the one that returned first (which needs only the second to have returned
 * late enough). If neither can go, the first two to return must come before each other.
 */
function findCycle(writes: readonly Write[]): ((names: Names) => Explanation) | undefined {
  const byReturn = [...writes].sort((a, b) => a.returned - b.returned);
  const byBound = [...writes].sort((a, b) => a.bound - b.bound);
  const gone = new Set<Write>();
  let first = 0;
  let second = 1;
  let least = 0;
  while (gone.size < writes.length) {
    while (gone.has(byReturn[first])) first++;
    second = Math.max(second, first + 1);
    while (second < byReturn.length && gone.has(byReturn[second])) second++;
    while (gone.has(byBound[least])) least++;
    const before = (write: Write) => (write === byReturn[first] ? byReturn[second] : byReturn[first]);
    const free = [byBound[least], byReturn[first]].find(write => !(before(write)?.returned < write.bound));
    if (free === undefined) return names => explainCycle(byReturn[first], byReturn[second], names);
    gone.add(free);
  }
  return undefined;
}

/** Each of the two had returned before the other's bound. */
function explainCycle(a: Write, b: Write, names: Names): Explanation {
  return explanation([a.operation, a.by, b.operation, b.by], names, words => {
    const { did, at, the } = words;
    const told: string[] = [];
    for (const [earlier, later] of [
      [b, a],
      [a, b],
    ]) {
      if (earlier.operation === undefined) continue; // the initial value: older than all without saying
      if (later.by !== undefined)
        told.push(`${did(later.by)} at ${at(later.by.invoke)}, but ${returned(earlier.operation, words)}`);
      else if (later.operation !== undefined)
        told.push(
          `${returned(earlier.operation, words)} before ${the(later.operation)} began at ${at(later.operation.invoke)}`,
        );
    }
    return `${told.join(', and ')}.`;
  });
}
