import type { DataModel } from '../model/model.ts';
import type { Explanation } from './explain.ts';
import type { History, Operation, Verdict } from './history.ts';
import { historyProblem } from './history-problem.ts';
import { checkSeenElements } from './sessions-elements.ts';
import { monotonicReads, monotonicWrites, readYourWrites, writesFollowReads } from './sessions-registers.ts';
import { checkSeenSums } from './sessions-sums.ts';
import { type VersionOrder, versionsOf } from './versions.ts';
import { DEFAULT_NAMES, type Names, plural } from './words.ts';

export const SESSION_GUARANTEES = [
  'read-your-writes',
  'monotonic-reads',
  'monotonic-writes',
  'writes-follow-reads',
] as const;
export type SessionGuarantee = (typeof SESSION_GUARANTEES)[number];

/** What a check of one guarantee found. */
export interface SessionFinding {
  /** Answers that could have shown a violation; none: nothing was checked. */
  readonly relevant: number;
  readonly violation?: Explanation;
  /** Why it cannot be said that the guarantee holds. */
  readonly doubt?: string;
}

/** The operations of one session in their order, without failed ones. */
export type Session = readonly Operation[];

/**
 * The session guarantees of Terry et al. (PDIS 1994), each on its own.
 *
 * - read-your-writes: a read never returns a version older than the session's own acknowledged writes
 * - monotonic-reads: nor one older than what the session has read before
 * - monotonic-writes: versions of a key are ordered as the sessions wrote them
 * - writes-follow-reads: what a session wrote is newer than what it had read of that key before
 *
 * `order` says which version is the older one (see `VersionOrder`); where it does not say, no violation is claimed. The
 * last two are about the order of versions, which answers alone do not show in registers: there they are decided by an
 * order that was given, and what merely looks like a violation is `unknown`. Sets, lists and counters show which changes
 * an answer contains, and need no order. Values written more than once count only if every writer would be a violation.
 */
export function checkSessionGuarantee(
  history: History,
  model: DataModel,
  guarantee: SessionGuarantee,
  order: VersionOrder = 'real-time',
  names: Names = DEFAULT_NAMES,
): Verdict {
  const verdict = (kind: Verdict['verdict'], why: string): Verdict => ({
    property: guarantee,
    verdict: kind,
    why,
    witness: null,
  });
  const problem = historyProblem(history, model);
  if (problem !== undefined) return verdict('unknown', problem);
  const finding = find(history, model, guarantee, order, names);
  if (typeof finding === 'string') return verdict('unknown', finding);
  const { violation, doubt, relevant } = finding;
  if (violation !== undefined)
    return { ...verdict('violated', violation.why), witness: { operations: violation.operations, events: [] } };
  if (doubt !== undefined) return verdict('unknown', doubt);
  if (relevant === 0) return verdict('unknown', `Nothing was checked: ${NOTHING[guarantee]}.`);
  return verdict('holds', `${plural(relevant, 'answer')} could have shown a violation, and none did.`);
}

const NOTHING: Record<SessionGuarantee, string> = {
  'read-your-writes': 'no session read a key that it had written',
  'monotonic-reads': 'no session read a key twice',
  'monotonic-writes': 'no answer shows more than one write of a session',
  'writes-follow-reads': 'no answer shows a write of a session that had read before',
};

function find(
  history: History,
  model: DataModel,
  guarantee: SessionGuarantee,
  order: VersionOrder,
  names: Names,
): SessionFinding | string {
  const sessions = sessionsOf(history);
  switch (model.name) {
    case 'set':
    case 'list':
      return checkSeenElements(history, sessions, guarantee, names);
    case 'counter':
      return checkSeenSums(history, sessions, guarantee, names);
    case 'multi-register':
      return 'Session guarantees are not judged for transactions on several registers.';
  }
  if (history.operations.some(operation => operation.kind === 'append'))
    return 'Session guarantees are not judged for texts that are appended to; a list shows which appends an answer contains.';
  const view = { sessions, versions: versionsOf(history, order), order, names, manyKeys: hasManyKeys(history) };
  switch (guarantee) {
    case 'read-your-writes':
      return readYourWrites(view);
    case 'monotonic-reads':
      return monotonicReads(view);
    case 'monotonic-writes':
      return monotonicWrites(view);
    case 'writes-follow-reads':
      return writesFollowReads(view);
  }
}

function sessionsOf(history: History): Session[] {
  const sessions = new Map<number, Operation[]>();
  for (const operation of history.operations) {
    if (operation.outcome === 'fail') continue;
    const session = sessions.get(operation.process);
    if (session === undefined) sessions.set(operation.process, [operation]);
    else session.push(operation);
  }
  return [...sessions.values()];
}

function hasManyKeys({ operations }: History): boolean {
  return operations.some(operation => operation.key !== operations[0].key);
}
