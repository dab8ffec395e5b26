/**
 * What versions ask of a coordinator: one start timestamp for all participants, a commit timestamp that is above all that
 * they voted and not before its own clock, and if it was asked for, a wait until that is past on every clock (Corbett et
 * al. 2012, §4.2.1). By locks, there is none of it.
 */
import type { Value } from '../../checkers/history.ts';
import { certifies } from '../transactions/versions.ts';
import { prepareInput, snapshotInput } from '../transactions.ts';
import type { CoordinatorIo, CoordinatorOptions, Open } from './state.ts';

/** Groups that have to be prepared: with versions, what is only read needs no outcome, unless it has to be certified. */
export function preparing({ versions, isolation }: CoordinatorOptions, parts: Open['parts']): readonly string[] {
  const groups = Object.keys(parts);
  if (versions === null) return groups;
  const writing = groups.filter(group => parts[group]!.steps.some(([kind]) => kind !== 'read'));
  return writing.length > 0 && certifies(isolation) ? groups : writing;
}

/** The command that asks a group for its vote, or for values. */
export function questionFor(
  { versions, isolation, deadlock }: CoordinatorOptions,
  { id, age, groups, parts, start: at }: Open,
  group: string,
): Value {
  const { steps } = parts[group]!;
  const start = versions === null ? undefined : { at, keepNs: versions.keepNs };
  return start === undefined || groups.includes(group)
    ? prepareInput(id, { age, groups, isolation, steps }, deadlock, start)
    : snapshotInput(id, isolation, steps, start);
}

/** Of a transaction of which everybody has voted yes; null: by locks, or it writes nothing. */
export const commitStamp = ({ stamp }: Open, io: CoordinatorIo): number | null =>
  stamp === null ? null : Math.max(stamp, io.wallNs());

/** What of the commit wait is left, in ns; at most 0: nothing. */
export const remainingWait = ({ versions }: CoordinatorOptions, { phase, stamp }: Open, io: CoordinatorIo): number =>
  phase !== 'committing' || stamp === null || typeof versions?.waitNs !== 'number'
    ? 0
    : stamp + versions.waitNs + 1 - io.wallNs();

/** What is written to the Raft store of decisions: whoever takes the transaction over commits it at the same timestamp. */
export const standing = ({ wants, stamp }: Open): Value =>
  wants === 'commit' && stamp !== null ? [wants, stamp] : wants;

/** Reads what stands there. */
export function decisionOf(tx: Open, written: Value): 'commit' | 'abort' {
  if (!Array.isArray(written)) return written as 'commit' | 'abort';
  tx.stamp = written[1] as number;
  return 'commit';
}
