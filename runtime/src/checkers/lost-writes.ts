import { isAcknowledgedWrite } from './changes.ts';
import type { History, Operation, Verdict } from './history.ts';
import { DEFAULT_NAMES, type Names, plural, wordsFor } from './words.ts';

/** What survived at one place: the history of the final leader, or of a live replica where there are no leaders. */
export interface SurvivingHistory {
  /** Who holds it, as explanations call it. */
  readonly holder: string;
  readonly covers: (key: string) => boolean;
  /** Ids of the operations that it ever applied; those that later ones replaced are among them. */
  readonly applied: ReadonlySet<number>;
}

/** Lost writes that a sentence names; the witness has all of them. */
const MAX_TOLD = 3;

/**
 * Whether every acknowledged write was applied in some surviving history of its key. A write that another replaced is not
 * lost, and one of unknown outcome never counts. `unknown` if nothing was acknowledged, or a key has no survivor.
 */
export function checkLostWrites(
  history: History,
  survivors: readonly SurvivingHistory[],
  names: Names = DEFAULT_NAMES,
): Verdict {
  const acknowledged = history.operations.filter(isAcknowledgedWrite);
  const lost = lostWrites(history, survivors);
  if (lost.length > 0) {
    const { the, at } = wordsFor(names, lost);
    const where = (write: Operation) => survivors.filter(({ covers }) => covers(write.key)).map(({ holder }) => holder);
    const told = lost
      .slice(0, MAX_TOLD)
      .map(
        write =>
          `${the(write)}${write.key === '' ? '' : ` to ${write.key}`}, acknowledged at ${at(write.complete)}, is missing from ${where(write).join(', ')}`,
      );
    const more =
      lost.length > MAX_TOLD
        ? [`and so ${lost.length === MAX_TOLD + 1 ? 'is 1 other' : `are ${lost.length - MAX_TOLD} others`}`]
        : [];
    return verdict(
      'violated',
      `${[...told, ...more].join('; ')} (of ${plural(acknowledged.length, 'acknowledged write')}).`,
      lost.map(({ id }) => id),
    );
  }
  if (acknowledged.length === 0) return verdict('unknown', 'Nothing was checked: no write was acknowledged.');
  const orphan = acknowledged.find(({ key }) => !survivors.some(({ covers }) => covers(key)));
  if (orphan !== undefined)
    return verdict('unknown', `Nobody was left at the end who could tell what became of the writes to ${orphan.key}.`);
  return verdict('holds', `All of ${plural(acknowledged.length, 'acknowledged write')} survived.`);
}

/** The acknowledged writes that no survivor of their key ever applied. Keys without survivors are left out. */
export function lostWrites(history: History, survivors: readonly SurvivingHistory[]): Operation[] {
  return history.operations.filter(operation => {
    if (!isAcknowledgedWrite(operation)) return false;
    const asked = survivors.filter(({ covers }) => covers(operation.key));
    return asked.length > 0 && !asked.some(({ applied }) => applied.has(operation.id));
  });
}

function verdict(kind: Verdict['verdict'], why: string, operations?: readonly number[]): Verdict {
  return {
    property: 'no lost-writes',
    verdict: kind,
    why,
    witness: operations === undefined ? null : { operations, events: [] },
  };
}
