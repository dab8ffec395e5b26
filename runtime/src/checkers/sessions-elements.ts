import { showValue, valueKey } from '../model/value.ts';
import { type Explanation, explanation } from './explain.ts';
import type { History, Operation, Value } from './history.ts';
import type { Session, SessionFinding, SessionGuarantee } from './sessions.ts';
import { type Names, plural, type Words } from './words.ts';

/**
 * Session guarantees of sets and lists: an answer shows which additions it contains, and in a list their order. Each
 * guarantee says which additions `needed` an answer must contain if it contains (or is given to) something else.
 */
export function checkSeenElements(
  history: History,
  sessions: readonly Session[],
  guarantee: SessionGuarantee,
  names: Names,
): SessionFinding | string {
  if (history.operations.some(operation => operation.kind === 'delete'))
    return 'Session guarantees are not judged for sets from which elements are taken: an element that is missing may have been taken.';
  const adders = addersOf(history);
  const repeated = [...adders.values()].filter(adder => adder === undefined).length;
  const view: View = {
    adders,
    names,
    sessionOf: new Map(sessions.map(session => [session[0].process, session])),
    pasts: new Map(),
    comparisons: 0,
  };
  let relevant = 0;
  for (const session of sessions) {
    const finding =
      guarantee === 'read-your-writes' || guarantee === 'monotonic-reads'
        ? own(session, guarantee, view)
        : others(session, guarantee, view);
    relevant += finding.relevant;
    if (finding.violation !== undefined) return { relevant, violation: finding.violation };
    if (view.comparisons > MAX_COMPARISONS)
      return { relevant, doubt: `The check gave up after ${plural(MAX_COMPARISONS, 'comparison')} of elements.` };
  }
  if (repeated > 0)
    return {
      relevant,
      doubt: `${plural(repeated, 'element')} were added more than once, so it is not known which addition an answer shows.`,
    };
  return { relevant };
}

/** Elements compared with what their sessions had seen: long lists that are read often take their product. */
const MAX_COMPARISONS = 50_000_000;

interface View {
  /** By key and element: who added it; `undefined` if several did, or it was there from the start. */
  readonly adders: ReadonlyMap<string, Operation | undefined>;
  readonly names: Names;
  readonly sessionOf: ReadonlyMap<number, Session>;
  /** By addition: what its session had added (monotonic writes) or read (writes follow reads) of the key before. */
  readonly pasts: Map<Operation, readonly Need[]>;
  comparisons: number;
}

/** An addition that an answer has to contain, and the operation that makes it so. */
interface Need {
  readonly addition: Operation;
  readonly because: Operation;
}

const elementKey = (key: string, element: Value) => `${key.length}:${key}${valueKey(element)}`;
const listOf = (value: Value) => (value ?? []) as readonly Value[];
const isRead = (operation: Operation) => operation.kind === 'read' && operation.outcome === 'ok';
const isAddition = (operation: Operation) => operation.kind === 'add' || operation.kind === 'append';

function addersOf({ operations, initial }: History): Map<string, Operation | undefined> {
  const adders = new Map<string, Operation | undefined>();
  const there = new Set(listOf(initial).map(valueKey));
  for (const operation of operations) {
    if (!isAddition(operation) || operation.outcome === 'fail') continue;
    const key = elementKey(operation.key, operation.input);
    adders.set(key, adders.has(key) || there.has(valueKey(operation.input)) ? undefined : operation);
  }
  return adders;
}

/** Read-your-writes and monotonic reads: what the session itself added, or had seen, must still be there. */
function own(session: Session, guarantee: SessionGuarantee, view: View): SessionFinding {
  const needs = new Map<string, Map<Operation, Operation>>(); // by key: addition → because of
  let relevant = 0;
  for (const operation of session) {
    const needed = needs.get(operation.key) ?? new Map<Operation, Operation>();
    needs.set(operation.key, needed);
    if (isRead(operation)) {
      if (needed.size > 0) relevant++;
      const seen = new Set(additionsIn(operation, view));
      for (const [addition, because] of needed) {
        if (seen.has(addition)) continue;
        const violation = explanation([operation, addition, because], view.names, words =>
          guarantee === 'read-your-writes'
            ? `${lacking(operation, addition, words)}, but its own ${words.noun(addition)} had returned at ${words.at(addition.complete)}.`
            : `${lacking(operation, addition, words)}, but it had read that before: ${words.verb(because)} at ${words.at(because.invoke)}.`,
        );
        return { relevant, violation };
      }
      if (guarantee === 'monotonic-reads')
        for (const addition of seen) if (!needed.has(addition)) needed.set(addition, operation);
    } else if (guarantee === 'read-your-writes' && operation.outcome === 'ok' && isAddition(operation)) {
      if (isKnown(operation, view)) needed.set(operation, operation);
    }
  }
  return { relevant };
}

/** Monotonic writes and writes-follow-reads: who sees an addition must see, and ahead of it, what its session had done or seen before. */
function others(session: Session, guarantee: SessionGuarantee, view: View): SessionFinding {
  let relevant = 0;
  for (const read of session) {
    if (!isRead(read)) continue;
    if (view.comparisons > MAX_COMPARISONS) break;
    const seen = additionsIn(read, view);
    const position = new Map(seen.map((addition, i) => [addition, i]));
    for (const [i, addition] of seen.entries()) {
      const past = pastOf(addition, guarantee, view);
      if (past.length > 0) relevant++;
      view.comparisons += past.length;
      for (const need of past) {
        const at = position.get(need.addition);
        if (at !== undefined && (at < i || addition.kind === 'add')) continue;
        return { relevant, violation: tell(read, addition, need, at !== undefined, guarantee, view.names) };
      }
    }
  }
  return { relevant };
}

function tell(
  read: Operation,
  addition: Operation,
  { addition: missing, because }: Need,
  present: boolean,
  guarantee: SessionGuarantee,
  names: Names,
): Explanation {
  return explanation([read, addition, missing, because], names, words => {
    const { did, at, verb, noun, the } = words;
    const told = present
      ? `${did(read)} at ${at(read.invoke)}, with ${the(missing)} after ${the(addition)}`
      : lacking(read, missing, words);
    if (guarantee === 'monotonic-writes')
      return `${told}, but ${did(missing)} at ${at(missing.invoke)} before its ${noun(addition)} at ${at(addition.invoke)}.`;
    return `${told}, but ${did(because)} at ${at(because.invoke)} before it ${verb(addition)} at ${at(addition.invoke)}.`;
  });
}

function pastOf(addition: Operation, guarantee: SessionGuarantee, view: View): readonly Need[] {
  const known = view.pasts.get(addition);
  if (known !== undefined) return known;
  const needs = new Map<Operation, Operation>();
  for (const operation of view.sessionOf.get(addition.process)!) {
    if (operation === addition) break;
    if (operation.key !== addition.key || operation.outcome !== 'ok') continue;
    if (guarantee === 'monotonic-writes' && isAddition(operation) && isKnown(operation, view)) {
      // The one before is enough: it needs the one before itself, and so on.
      needs.clear();
      needs.set(operation, operation);
    }
    if (guarantee === 'writes-follow-reads' && isRead(operation))
      for (const seen of additionsIn(operation, view))
        if (seen !== addition && !needs.has(seen)) needs.set(seen, operation);
  }
  const past = Array.from(needs, ([needed, because]) => ({ addition: needed, because }));
  view.pasts.set(addition, past);
  return past;
}

function isKnown(addition: Operation, view: View): boolean {
  return view.adders.get(elementKey(addition.key, addition.input)) === addition;
}

/** The additions that an answer shows, in its order; without elements whose addition is not known. */
function additionsIn(read: Operation, view: View): Operation[] {
  return listOf(read.output)
    .map(element => view.adders.get(elementKey(read.key, element)))
    .filter(addition => addition !== undefined);
}

function lacking(read: Operation, addition: Operation, { did, at }: Words): string {
  return `${did(read)} at ${at(read.invoke)}, without ${showValue(addition.input)}`;
}
