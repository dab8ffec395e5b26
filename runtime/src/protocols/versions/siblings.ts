/**
 * Siblings: the writes of one key of which none has seen another one, kept side by side until a client that has seen
 * them writes again (Dynamo §4.4). What a write has seen is told by its version: a version vector (Parker et al. 1983),
 * a dotted version vector (Preguiça, Baquero, Almeida, Fonte and Gonçalves, "Dotted Version Vectors", 2010, and "Brief
 * Announcement: Efficient Causality Tracking in Distributed Storage Systems with Dotted Version Vectors", PODC 2012),
 * or a Lamport stamp, which cannot tell.
 *
 * A version vector with an entry per server counts the new write in the vector itself: a write through the same server
 * whose client had not seen the one before gets the next number, and so seems to have seen it (2010, §3). A dotted one
 * keeps the write's own event, the dot, apart from what it has seen. A server that passes a write on must pass on all
 * siblings that it has of the key: who has a dot of a server has its earlier ones, or later writes that had seen them. So
 * it is with what a client is told: all siblings of a server, also when it has written.
 *
 * Entries per client tell the truth with either of them, and there are as many as clients that ever wrote.
 */
import type { VersionBy } from '../../design/mechanism.ts';
import { type Actor, descends, entryOf, joined, showVector, type Vector, withEntry } from './vectors.ts';

export interface Version {
  /** The actor's event: the dot. Lamport: the stamp's time. */
  readonly actor: Actor;
  readonly count: number;
  /** What it has seen; of a plain vector with its own event, of a Lamport stamp nothing. */
  readonly past: Vector;
  /** No two writes have the same one. */
  readonly id: string;
}

export interface Versioned {
  readonly version: Version;
}

export interface Versioning {
  readonly by: VersionBy;
  readonly per: 'server' | 'client';
}

/** Whether `b` had seen `a`, by what their versions say. */
export function happenedBefore(by: VersionBy, a: Version, b: Version): boolean {
  if (a.id === b.id) return false;
  switch (by) {
    case 'vector':
      return descends(b.past, a.past);
    case 'dotted-vector':
      return entryOf(b.past, a.actor) >= a.count;
    case 'lamport':
      return a.count < b.count;
  }
}

export const concurrent = (by: VersionBy, a: Version, b: Version): boolean =>
  a.id !== b.id && !happenedBefore(by, a, b) && !happenedBefore(by, b, a);

/** Everything that these writes and those before them are. */
export const contextOf = (versions: Iterable<Version>): Vector =>
  joined(
    [...versions].map(({ past, actor, count }) =>
      entryOf(past, actor) >= count ? past : withEntry(past, actor, count),
    ),
  );

const byId = (a: Versioned, b: Versioned): number => (a.version.id < b.version.id ? -1 : 1);

const idsOf = (all: readonly Versioned[]): ReadonlySet<string> => new Set(all.map(({ version }) => version.id));

/**
 * What two replicas know together, in the order of the ids. `a` itself, if there is nothing new in `b`. Of either one no
 * write has seen another.
 */
export function merge<T extends Versioned>(by: VersionBy, a: readonly T[], b: readonly T[]): readonly T[] {
  const inA = idsOf(a);
  const inB = idsOf(b);
  const onlyB = b.filter(({ version }) => !inA.has(version.id));
  const onlyA = a.filter(({ version }) => !inB.has(version.id));
  const newer = (all: readonly T[], others: readonly T[]) =>
    all.filter(one => !others.some(other => happenedBefore(by, one.version, other.version)));
  const added = newer(onlyB, onlyA);
  const kept = newer(onlyA, onlyB);
  if (added.length === 0 && kept.length === onlyA.length) return a;
  return [...a.filter(({ version }) => inB.has(version.id)), ...kept, ...added].sort(byId);
}

/** Each of `b` is in `a`, or something is that had seen it. */
export function includes(by: VersionBy, a: readonly Versioned[], b: readonly Versioned[]): boolean {
  const inA = idsOf(a);
  return b.every(one => inA.has(one.version.id) || a.some(({ version }) => happenedBefore(by, one.version, version)));
}

/** Those that a write of this version had not seen. */
export const discard = <T extends Versioned>(by: VersionBy, siblings: readonly T[], seenBy: Version): readonly T[] =>
  siblings.filter(({ version }) => !happenedBefore(by, version, seenBy));

/** Who writes: a server in whose name writes are counted, or a client that numbers its operations itself, from 1. */
export type Writer =
  | {
      readonly kind: 'server';
      readonly actor: Actor /** Its events up to here may be forgotten. */;
      readonly floor: number;
    }
  | { readonly kind: 'client'; readonly actor: Actor; readonly sequence: number };

/**
 * The version of a new write.
 *
 * @param known what the client has been told of the key: the context that it sends along
 * @param stored what the server has that takes the write
 */
export function versionFor(
  by: VersionBy,
  known: readonly Versioned[],
  stored: readonly Versioned[],
  writer: Writer,
): Version {
  const { actor } = writer;
  const seen = contextOf(known.map(one => one.version));
  if (by === 'lamport') {
    const heard = writer.kind === 'server' ? [...known, ...stored] : known;
    const floor = writer.kind === 'server' ? writer.floor : 0;
    const count = Math.max(floor, ...heard.map(({ version }) => version.count)) + 1;
    return { actor, count, past: {}, id: `${actor}:${writer.kind === 'server' ? count : writer.sequence}` };
  }
  const count =
    writer.kind === 'client'
      ? writer.sequence
      : Math.max(writer.floor, entryOf(seen, actor), entryOf(contextOf(stored.map(({ version }) => version)), actor)) +
        1;
  // A client has seen what it wrote itself, whether or not it was told that it arrived.
  const own = writer.kind === 'client' ? count - 1 : entryOf(seen, actor);
  const past = by === 'vector' ? withEntry(seen, actor, count) : own > 0 ? withEntry(seen, actor, own) : seen;
  return { actor, count, past, id: `${actor}:${count}` };
}

/** As in the papers: of a dotted vector the dot stands behind what was seen. */
export function showVersion(by: VersionBy, { actor, count, past }: Version, nameOf?: (actor: Actor) => string): string {
  const name = nameOf?.(actor) ?? actor;
  switch (by) {
    case 'vector':
      return showVector(past, nameOf);
    case 'dotted-vector':
      return `${showVector(past, nameOf)}(${name},${count})`;
    case 'lamport':
      return `${count} of ${name}`;
  }
}
