/**
 * What a partition does in distributed transactions beyond voting and being told, as commands of its replicated machine:
 * it is pre-committed (Skeen 1981), tells its state and follows whoever terminates (Bernstein, Hadzilacos & Goodman 1987,
 * §7.5), and decides alone when it has waited too long. A machine knows no time: that it has waited is found out by its
 * replicas, and takes effect where it stands in the log.
 *
 * Whoever terminates has a round, as ballots have: from the answer on, the partition takes no pre-commit of a lower one.
 * Round 0 is the transaction's own coordinator; asked in it, a partition tells its state and follows nobody. What it is
 * brought to before an outcome (pre-commit, pre-abort) is an attempt, and the latest attempt tells what may have been
 * decided (Keidar & Dolev 1998, E3PC).
 */
import type { Value } from '../checkers/history.ts';

export interface Phase {
  readonly precommitted: boolean;
  readonly round: number;
  /** Round of the latest pre-commit or pre-abort; -1: there was none. */
  readonly attempt: number;
  /** It has decided by itself, after a timeout. */
  readonly alone: boolean;
}

const first: Phase = { precommitted: false, round: 0, attempt: -1, alone: false };

/** What a partition answers about a transaction. `fenced`: it follows a later round. */
export type Status = 'prepared' | 'precommitted' | 'committed' | 'aborted' | 'fenced';

/** Answer to all but in-doubt; the number is its latest attempt, of the fenced the round that it follows. */
export type StateResponse = readonly ['ack-pre' | 'state-response', Status, number];

/** Of what is in doubt: `[id, groups, status, round]`. */
export type InDoubt = readonly [
  id: string,
  groups: readonly string[],
  status: 'prepared' | 'precommitted',
  round: number,
];

/** The commands, as the input of an operation of kind `transaction`. */
export const precommitInput = (id: string, round: number): Value => ['pre-commit', id, round];
export const preabortInput = (id: string, round: number): Value => ['pre-abort', id, round];
export const stateInput = (id: string, round: number): Value => ['state-request', id, round];
/** Does nothing to a transaction that is not in this state any more: then there is something new to wait for. */
export const timeoutInput = (id: string, status: 'prepared' | 'precommitted', outcome: 'commit' | 'abort'): Value => [
  'time-out',
  id,
  status,
  outcome,
];
export const inDoubtInput = (prefix: string): Value => ['in-doubt', prefix];

/** As much of what a partition keeps of transactions as is needed here. */
interface Kept {
  readonly prepared: Readonly<Record<string, { readonly groups: readonly string[] }>>;
  readonly outcomes: Readonly<Record<string, string>>;
  phases: Readonly<Record<string, Phase>>;
  readonly left: Record<string, Phase>;
}

/**
 * Applies one of the commands above; undefined: it is none of them.
 * @param finish commits or aborts
 */
export function applyPhase(kept: Kept, input: Value, finish: (id: string, commit: boolean) => void): Value | undefined {
  const [word, id, ...rest] = input as readonly [string, string, ...Value[]];
  switch (word) {
    case 'pre-commit':
    case 'pre-abort':
      return attempt(kept, id, word === 'pre-commit', rest[0] as number, finish);
    case 'state-request':
      return tellState(kept, id, rest[0] as number, finish);
    case 'time-out': {
      if (kept.prepared[id] !== undefined && statusOf(kept, id) === rest[0]) {
        change(kept, id, { alone: true });
        finish(id, rest[1] === 'commit');
      }
      return response(kept, id, finish);
    }
    case 'in-doubt':
      return [
        'doubts',
        Object.entries(kept.prepared)
          .filter(([each]) => each.startsWith(id))
          .map(([each, { groups }]) => [each, groups, statusOf(kept, each), phaseOf(kept, each).round]),
      ];
    default:
      return undefined;
  }
}

const phaseOf = ({ phases }: Kept, id: string): Phase => phases[id] ?? first;

const statusOf = (kept: Kept, id: string): 'prepared' | 'precommitted' =>
  phaseOf(kept, id).precommitted ? 'precommitted' : 'prepared';

function change(kept: Kept, id: string, to: Partial<Phase>): void {
  kept.phases = { ...kept.phases, [id]: { ...phaseOf(kept, id), ...to } };
}

/** Its state, now. What has not voted yet never will: a participant may abort before it has voted. */
function response(kept: Kept, id: string, finish: (id: string, commit: boolean) => void): Value {
  if (kept.prepared[id] !== undefined) return ['state-response', statusOf(kept, id), phaseOf(kept, id).attempt];
  if (kept.outcomes[id] === undefined) finish(id, false);
  return ['state-response', kept.outcomes[id] === 'committed' ? 'committed' : 'aborted', -1];
}

function tellState(kept: Kept, id: string, round: number, finish: (id: string, commit: boolean) => void): Value {
  const said = response(kept, id, finish);
  if (kept.prepared[id] === undefined || round === 0) return said;
  const before = phaseOf(kept, id).round;
  if (round < before) return ['state-response', 'fenced', before];
  change(kept, id, { round });
  return said;
}

function attempt(
  kept: Kept,
  id: string,
  precommitted: boolean,
  round: number,
  finish: (id: string, commit: boolean) => void,
): Value {
  if (kept.prepared[id] === undefined) return response(kept, id, finish);
  const before = phaseOf(kept, id).round;
  if (round < before) return ['state-response', 'fenced', before];
  change(kept, id, { precommitted, round, attempt: round });
  return ['ack-pre', statusOf(kept, id), round];
}

/** Told by a termination that another one has overtaken: what it says does not count any more. */
export const isOvertaken = (kept: Kept, id: string, round: Value | undefined): boolean =>
  typeof round === 'number' && kept.prepared[id] !== undefined && round < phaseOf(kept, id).round;

/** The transaction is decided: what phase it was in is kept, for those who watch. */
export function leavePhase(kept: Kept, id: string): void {
  const { [id]: phase, ...others } = kept.phases;
  if (phase === undefined) return;
  kept.phases = others;
  kept.left[id] = phase;
}
