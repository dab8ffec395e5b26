/**
 * Invariants of versions over several groups, looked at in what participants' machines have read and written, after every
 * step: each is a sentence about timestamps, so no order of events can hide a breach (Bernstein, Hadzilacos & Goodman 1987,
 * §5.2: what a multiversion history must be to be equivalent to one of single versions in the order of timestamps).
 */
import type { Transaction } from '../../design/store.ts';
import type { Monitor } from '../contract.ts';
import type { Machine } from '../machine.ts';
import { certifies, type Deed, readsSnapshot } from './versions.ts';

export const versionInvariants = {
  NoLostUpdate: 'committed versions of a key form a chain: who has read a key and writes it replaces what it has read',
  FirstCommitterWins: 'of two that write the same key at once, one commits',
  SnapshotRead: 'reads of a transaction are the newest versions at its timestamp, for good',
  OneSnapshot: 'a transaction has the same start timestamp at all participants',
  OneCommit: 'and the same commit timestamp, which none of them has ruled out',
  CertifiedReads: 'what a transaction has read is still the newest at its commit timestamp',
} as const;
export type VersionInvariant = keyof typeof versionInvariants;

/** Those that this transaction promises; by locks, none. */
export function versionInvariantsOf({ concurrency, isolation }: Transaction): readonly VersionInvariant[] {
  if (concurrency === 'locks') return [];
  const all: VersionInvariant[] = ['OneCommit'];
  if (readsSnapshot(isolation)) all.push('NoLostUpdate', 'FirstCommitterWins', 'SnapshotRead', 'OneSnapshot');
  if (certifies(isolation)) all.push('CertifiedReads');
  return all;
}

/** What is known of one key of one group. */
interface Key {
  /** Timestamps of committed versions, ascending. */
  readonly versions: number[];
  /** Above the newest version: one that comes below them would be out of the chain of versions for those before. */
  reads: Extract<Deed, { kind: 'read' | 'certified' }>[];
}

/** A timestamp as people compare it with others of the run. */
const ms = (at: number): string => (at === Number.MIN_SAFE_INTEGER ? 'the beginning' : `${(at / 1e6).toFixed(6)} ms`);

/** One per declared transaction and run. `breaches` go to whoever asks for that invariant next. */
export function watchVersions(name: string) {
  const prefix = `${name}#`;
  const keys = new Map<string, Key>();
  const known = new Set<string>();
  const starts = new Map<string, number>();
  const commits = new Map<string, number>();
  const seen = new WeakMap<object, number>();
  const breaches = new Map<VersionInvariant, string>();
  const breach = (invariant: VersionInvariant, id: string, why: string) => {
    if (id.startsWith(prefix) && !breaches.has(invariant)) breaches.set(invariant, why);
  };

  const stale = (group: string, { kind, id, key, at, saw }: Key['reads'][number], version: number) =>
    breach(
      kind === 'read' ? 'SnapshotRead' : 'CertifiedReads',
      id,
      `${id} ${kind === 'read' ? 'reads at' : 'commits at'} ${ms(at)} what ${group}/${key} was at ${ms(saw)}, and there is a version of ${ms(version)}`,
    );

  const read = (group: string, deed: Key['reads'][number], of: Key) => {
    of.reads.push(deed);
    const newest = of.versions.findLast(version => version <= deed.at);
    if (newest !== undefined && newest > deed.saw) stale(group, deed, newest);
    if (deed.kind !== 'read') return;
    const start = starts.get(deed.id) ?? deed.at;
    starts.set(deed.id, start);
    if (start !== deed.at)
      breach('OneSnapshot', deed.id, `${deed.id} reads at ${ms(start)} and, in ${group}, at ${ms(deed.at)}`);
  };

  const write = (group: string, deed: Extract<Deed, { kind: 'write' }>, of: Key) => {
    const { id, key, at, over, start, saw, least } = deed;
    const place = `${group}/${key}`;
    if (saw !== null && saw !== over)
      breach('NoLostUpdate', id, `${id} has read ${place} of ${ms(saw)} and replaces that of ${ms(over)}`);
    if (at <= over) breach('NoLostUpdate', id, `${id} puts ${place} of ${ms(at)} on top of that of ${ms(over)}`);
    if (start !== null && over > start)
      breach('FirstCommitterWins', id, `${id} began at ${ms(start)}, and ${place} was written at ${ms(over)}`);
    for (const one of of.reads) if (one.saw < at && at <= one.at && one.id !== id) stale(group, one, at);
    of.reads = of.reads.filter(one => one.at >= at);
    of.versions.splice(of.versions.findLastIndex(version => version < at) + 1, 0, at);
    if (id === '') return;
    const commit = commits.get(id) ?? at;
    commits.set(id, commit);
    if (commit !== at) breach('OneCommit', id, `${id} commits at ${ms(commit)} and, in ${group}, at ${ms(at)}`);
    if (at < least) breach('OneCommit', id, `${id} commits ${place} at ${ms(at)}, and voted for ${ms(least)} or later`);
  };

  /** Only what is new since the last look at this machine, and no other replica has shown. */
  const lookAt = (group: string, { transactions }: Machine) => {
    const { count, last } = transactions.deeds;
    const before = seen.get(transactions) ?? 0;
    if (before === count) return;
    seen.set(transactions, count);
    for (const deed of last.slice(-Math.max(0, count - before))) {
      const place = `${group}/${deed.key}`;
      const is = `${place} ${deed.kind} ${deed.id} ${deed.at}`;
      if (known.has(is)) continue;
      known.add(is);
      let of = keys.get(place);
      if (of === undefined) keys.set(place, (of = { versions: [], reads: [] }));
      if (deed.kind === 'write') write(group, deed, of);
      else read(group, deed, of);
    }
  };

  /** @param machineOf of a participant's state; undefined: it does not stand for its group */
  return (invariant: VersionInvariant, machineOf: (state: unknown) => Machine | undefined): Monitor<unknown> => ({
    step(_node, state, view) {
      const machine = machineOf(state);
      if (machine !== undefined) lookAt(view.group.name, machine);
      const why = breaches.get(invariant);
      breaches.delete(invariant);
      return why;
    },
  });
}
