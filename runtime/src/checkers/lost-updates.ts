import { valueKey } from '../model/value.ts';
import { isAcknowledgedWrite } from './changes.ts';
import type { History, Operation, Value, Verdict } from './history.ts';
import { writtenBy } from './versions.ts';
import { DEFAULT_NAMES, type Names, plural, wordsFor } from './words.ts';

/** What a live replica holds at the end: values side by side, by key. Keys that are not in it hold nothing. */
export interface FinalValues {
  readonly holder: string;
  readonly covers: (key: string) => boolean;
  readonly values: ReadonlyMap<string, readonly Value[]>;
}

const property = 'no lost-updates';
/** Lost updates that a sentence names; the witness has all of them. */
const MAX_TOLD = 3;

/**
 * Whether no acknowledged write was discarded for one that had not seen it. A value that nobody holds at the end must
 * have been seen by a client that then wrote the key itself: it was told of it by an answer, or had written it. An element
 * that was added must be there, unless somebody deleted it; increments must be in the sum. Deletions are not judged.
 *
 * This is a matter of what clients knew, not of the order in which a store took their writes: a client that overwrites
 * what it has not read loses an update of any store.
 */
export function checkLostUpdates(
  history: History,
  finals: readonly FinalValues[],
  names: Names = DEFAULT_NAMES,
): Verdict {
  const told = history.operations.filter(one => isAcknowledgedWrite(one) && one.kind !== 'delete');
  if (told.length === 0) return verdict('unknown', 'Nothing was checked: no write was acknowledged.');
  const lost: Operation[] = [];
  for (const [key, operations] of Map.groupBy(history.operations, one => one.key)) {
    const held = finals.filter(({ covers }) => covers(key)).map(({ values }) => values.get(key) ?? []);
    if (held.length === 0) return verdict('unknown', `Nobody was left at the end who could tell what ${key} is.`);
    const missing = missingFrom(operations, held);
    if (missing === undefined)
      return verdict(
        'unknown',
        `What becomes of appends to a value, or of negative increments (${key}), is not judged.`,
      );
    lost.push(...missing);
  }
  if (lost.length === 0)
    return verdict(
      'holds',
      `Of ${plural(told.length, 'acknowledged write')} none was discarded for one that had not seen it.`,
    );
  const { the, at } = wordsFor(names, lost);
  const said = lost
    .slice(0, MAX_TOLD)
    .map(
      one =>
        `${the(one)}${one.key === '' ? '' : ` to ${one.key}`}, acknowledged at ${at(one.complete)}, is gone, and nobody who wrote since had seen it`,
    );
  const more = lost.length > MAX_TOLD ? [`and so are ${lost.length - MAX_TOLD} more`] : [];
  return verdict(
    'violated',
    `${[...said, ...more].join('; ')} (of ${plural(told.length, 'acknowledged write')}).`,
    lost.map(({ id }) => id),
  );
}

/** Acknowledged writes of one key that were lost; undefined: that cannot be told. */
function missingFrom(all: readonly Operation[], held: readonly (readonly Value[])[]): Operation[] | undefined {
  const values = held.flat();
  const keys = new Set(values.map(valueKey));
  const kinds = new Set(all.map(({ kind }) => kind));
  if (kinds.has('increment')) return incrementsLost(all, held);
  if (kinds.has('add') || (kinds.has('append') && values.every(Array.isArray))) return elementsLost(all, values);
  if (kinds.has('append')) return undefined;
  const seen = seenBeforeWriting(all);
  return all.filter(one => {
    const value = writtenBy(one);
    if (value === undefined || one.kind === 'delete' || !isAcknowledgedWrite(one)) return false;
    return !keys.has(valueKey(value)) && !seen.has(valueKey(value));
  });
}

/** Values that some client knew when it wrote something else. */
function seenBeforeWriting(all: readonly Operation[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const knows = new Map<number, Set<string>>();
  for (const one of all) {
    let known = knows.get(one.process);
    if (known === undefined) knows.set(one.process, (known = new Set()));
    const value = writtenBy(one);
    const written = value === undefined ? undefined : valueKey(value);
    const isWrite = written !== undefined || one.kind === 'delete';
    // A compare-and-set that was applied had found what it expected.
    if (one.kind === 'cas' && isWrite && Array.isArray(one.input)) known.add(valueKey(one.input[0]!));
    if (isWrite && one.outcome !== 'fail') for (const other of known) if (other !== written) seen.add(other);
    if (written !== undefined) known.add(written);
    if (one.outcome !== 'ok') continue;
    if (one.kind === 'read') known.add(valueKey(one.output));
    for (const sibling of one.siblings ?? []) known.add(valueKey(sibling));
  }
  return seen;
}

function elementsLost(all: readonly Operation[], values: readonly Value[]): Operation[] {
  const there = new Set(values.flatMap(one => (Array.isArray(one) ? one.map(valueKey) : [])));
  const deleted = new Set(
    all.flatMap(one => (one.kind === 'delete' && one.outcome !== 'fail' ? [valueKey(one.input)] : [])),
  );
  return all.filter(
    one =>
      (one.kind === 'add' || one.kind === 'append') &&
      isAcknowledgedWrite(one) &&
      !there.has(valueKey(one.input)) &&
      !deleted.has(valueKey(one.input)),
  );
}

/** All of them, if the sum falls short at every holder: which ones is not to be told. */
function incrementsLost(all: readonly Operation[], held: readonly (readonly Value[])[]): Operation[] | undefined {
  const increments = all.filter(({ kind }) => kind === 'increment');
  const amount = ({ input }: Operation) => (typeof input === 'number' ? input : 1);
  if (increments.some(one => amount(one) < 0)) return undefined;
  const acknowledged = increments.filter(isAcknowledgedWrite);
  const due = acknowledged.reduce((sum, one) => sum + amount(one), 0);
  const reaches = held.some(([value]) => (typeof value === 'number' ? value : 0) >= due);
  return reaches ? [] : acknowledged;
}

function verdict(kind: Verdict['verdict'], why: string, operations?: readonly number[]): Verdict {
  return {
    property,
    verdict: kind,
    why,
    witness: operations === undefined ? null : { operations, events: [] },
  };
}
