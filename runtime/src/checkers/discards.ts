import { isAcknowledgedWrite } from './changes.ts';
import type { History, Verdict } from './history.ts';
import { DEFAULT_NAMES, type Names, plural, wordsFor } from './words.ts';

/** At one place a write gave way to another that had not seen it. */
export interface Discard {
  /** Id of the operation that was discarded; -1: none of the history. */
  readonly loser: number;
  /** And of the one that stayed; -1: none of the history. */
  readonly winner: number;
  /** Where, as explanations call it. */
  readonly holder: string;
}

/**
 * Whether no acknowledged write was discarded for one that had not seen it (the anomaly P4 of Berenson et al., SIGMOD
 * 1995, for single keys and their replicas). `unknown` if nothing was acknowledged.
 */
export function checkDiscards(history: History, discards: readonly Discard[], names: Names = DEFAULT_NAMES): Verdict {
  const acknowledged = history.operations.filter(isAcknowledgedWrite);
  const byLoser = Map.groupBy(discards, ({ loser }) => loser);
  const lost = acknowledged.filter(({ id }) => byLoser.has(id));
  const [first] = lost;
  if (first !== undefined) {
    const { holder, winner } = byLoser.get(first.id)![0]!;
    const other = history.operations.find(({ id }) => id === winner);
    const { the, at } = wordsFor(names, other === undefined ? [first] : [first, other]);
    const instead = other === undefined ? 'for one' : `for ${the(other)}`;
    const where = first.key === '' ? '' : ` to ${first.key}`;
    return {
      property: 'no lost-updates',
      verdict: 'violated',
      why: `${the(first)}${where}, acknowledged at ${at(first.complete)}, was discarded at ${holder} ${instead}, which had not seen it (${lost.length} of ${plural(acknowledged.length, 'acknowledged write')}).`,
      witness: { operations: other === undefined ? [first.id] : [first.id, other.id], events: [] },
    };
  }
  return acknowledged.length === 0
    ? {
        property: 'no lost-updates',
        verdict: 'unknown',
        why: 'Nothing was checked: no write was acknowledged.',
        witness: null,
      }
    : {
        property: 'no lost-updates',
        verdict: 'holds',
        why: `None of ${plural(acknowledged.length, 'acknowledged write')} gave way to one that had not seen it.`,
        witness: null,
      };
}
