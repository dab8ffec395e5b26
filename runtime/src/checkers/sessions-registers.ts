import { type Explanation, explanation, returned } from './explain.ts';
import type { Operation } from './history.ts';
import type { Session, SessionFinding } from './sessions.ts';
import { type Frontier, frontier, type Version, type VersionOrder, type Versions } from './versions.ts';
import { type Names, plural, type Words } from './words.ts';

/** Session guarantees of registers and key-value entries, by the versions that answers show. */
export interface RegisterView {
  readonly sessions: readonly Session[];
  readonly versions: Versions;
  readonly order: VersionOrder;
  readonly names: Names;
  readonly manyKeys: boolean;
}

/** Reads are judged one by one: it is enough that one of the versions that a read may have seen is allowed. */
export function readYourWrites(view: RegisterView): SessionFinding {
  const doubts = doubtsIn(view);
  let relevant = 0;
  for (const session of view.sessions) {
    const own = perKey(view.versions);
    for (const operation of session) {
      const seen = view.versions.seenBy(operation);
      const written = own.get(operation.key);
      if (seen !== undefined && written !== undefined) {
        relevant++;
        const newer = seen.map(version => written.newerThan(version));
        if (seen.length > 0 && newer.every(write => write !== undefined)) {
          const write = newer[0]!;
          const violation = explain(view, [operation, write, seen[0]], words =>
            [
              `${words.did(operation)} at ${words.at(operation.invoke)}, but its own ${words.noun(write)} had returned at ${words.at(write.complete)}`,
              olderBecause(view, seen[0], write, words),
            ].join(', and '),
          );
          return { relevant, violation };
        }
        doubts.look(operation, seen, false);
      }
      if (operation.outcome === 'ok' && view.versions.madeBy(operation) !== undefined) {
        own.of(operation.key).add(operation);
        doubts.lookPlace(operation);
      }
    }
  }
  return { relevant, doubt: doubts.text() };
}

/** What a session reads of a key must go forward: never to an older version, and never back to one it had left. */
export function monotonicReads(view: RegisterView): SessionFinding {
  const doubts = doubtsIn(view);
  let relevant = 0;
  for (const session of view.sessions) {
    const before = perKey(view.versions);
    const readerOf = new Map<Version, Operation>();
    const current = new Map<string, { version: Version; read: Operation }>();
    for (const operation of session) {
      const seen = view.versions.seenBy(operation);
      if (seen === undefined) continue;
      const known = before.get(operation.key);
      const last = current.get(operation.key);
      if (known !== undefined && last !== undefined) {
        relevant++;
        const newer = seen.map(
          version =>
            known.newerThan(version) ?? (known.has(version) && last.version !== version ? last.version : undefined),
        );
        if (seen.length > 0 && newer.every(write => write !== undefined)) {
          const write = newer[0]!;
          const read = readerOf.get(write)!;
          const again = known.has(seen[0]) && view.versions.older(seen[0], write) === false;
          const first = again ? readerOf.get(seen[0]) : undefined;
          const violation = explain(view, [operation, read, first, ...(again ? [] : [write, seen[0]])], words =>
            again
              ? `${words.did(first!)} at ${words.at(first!.invoke)}, then ${words.verb(read)} at ${words.at(read.invoke)}, and then ${words.verb(operation)} again at ${words.at(operation.invoke)}`
              : `${words.did(read)} at ${words.at(read.invoke)} and then ${words.verb(operation)} at ${words.at(operation.invoke)}, but ${olderBecause(view, seen[0], write, words)}`,
          );
          return { relevant, violation };
        }
      }
      doubts.look(operation, seen, true);
      if (seen.length !== 1) continue;
      before.of(operation.key).add(seen[0]);
      if (!readerOf.has(seen[0])) readerOf.set(seen[0], operation);
      current.set(operation.key, { version: seen[0], read: operation });
    }
  }
  return { relevant, doubt: doubts.text() };
}

const MONOTONIC_WRITES = 'monotonic writes';

export function monotonicWrites(view: RegisterView): SessionFinding {
  return dependentWrites(view, MONOTONIC_WRITES, (earlier, add) => {
    if (earlier.outcome === 'ok') add(view.versions.madeBy(earlier), earlier);
  });
}

export function writesFollowReads(view: RegisterView): SessionFinding {
  return dependentWrites(view, 'writes following reads', (earlier, add) => {
    const seen = view.versions.seenBy(earlier);
    if (seen?.length === 1) add(seen[0], earlier);
  });
}

/** Tells which version an operation of the session makes later writes of the session depend on. */
type Dependencies = (earlier: Operation, add: (version: Version, by: Operation) => void) => void;

/**
 * A write must be newer than the versions of its key that its session depended on. Of other keys, an answer that shows
 * the write and a later one without what it depended on would prove a violation only if the reader itself never went
 * back, which is another guarantee; so that is a doubt.
 */
function dependentWrites(view: RegisterView, what: string, dependencies: Dependencies): SessionFinding {
  const { versions, order } = view;
  let relevant = 0;
  let unplaced: Operation | undefined;
  for (const session of view.sessions) {
    const needed = perKey(versions);
    const sources = new Map<Version, Operation>();
    const note = (operation: Operation) =>
      dependencies(operation, (version, by) => {
        if (version === undefined) return;
        needed.of(version.key).add(version);
        if (!sources.has(version)) sources.set(version, by);
      });
    for (const operation of session) {
      // A cas reads before it writes; a write depends on nothing of its own.
      if (versions.seenBy(operation) !== undefined) note(operation);
      const write = versions.madeBy(operation);
      if (write !== undefined && typeof order !== 'string') {
        if (!versions.placed(write) && write.outcome === 'ok') unplaced ??= write;
        const earlier = needed.get(write.key);
        if (earlier !== undefined) relevant++;
        const newer = earlier?.newerThan(write);
        if (newer !== undefined) {
          const by = sources.get(newer)!;
          const violation = explain(
            view,
            [write, newer, by],
            words =>
              `${words.did(by)} at ${words.at(by.invoke)} and ${words.verb(write)} at ${words.at(write.invoke)}, but of the two versions the later one became the older`,
          );
          return { relevant, violation };
        }
      }
      if (versions.seenBy(operation) === undefined) note(operation);
    }
  }
  if (unplaced !== undefined) return { relevant, doubt: noPlace(view, unplaced) };
  const { seen, doubt } = lookForGaps(view, what, dependencies);
  // Where the order decides and no answer is needed, it does not matter that one is ambiguous.
  const unclear = typeof order !== 'string' && what === MONOTONIC_WRITES ? undefined : ambiguityIn(view);
  return { relevant: relevant + seen, doubt: doubt ?? unclear };
}

function ambiguityIn(view: RegisterView): string | undefined {
  const doubts = doubtsIn(view);
  for (const session of view.sessions) {
    for (const operation of session) {
      const seen = view.versions.seenBy(operation);
      if (seen !== undefined) doubts.look(operation, seen, true);
    }
  }
  return doubts.text();
}

/** Reads of a session that saw a write, and afterwards something older than what that write depended on. */
function lookForGaps(view: RegisterView, what: string, dependencies: Dependencies): { seen: number; doubt?: string } {
  const { versions, sessions } = view;
  const sessionOf = new Map(sessions.map(session => [session[0].process, session]));
  let count = 0;
  for (const session of sessions) {
    const needed = perKey(versions);
    const reached = new Map<number, number>(); // how far into each other session's past this one has seen
    const proof = new Map<Version, Operation>();
    for (const operation of session) {
      const seen = versions.seenBy(operation);
      if (seen?.length !== 1) continue;
      const [version] = seen;
      const required = needed.get(operation.key);
      if (required !== undefined) count++;
      const newer = required?.newerThan(version);
      if (newer !== undefined) {
        const { why } = explain(
          view,
          [operation, newer, proof.get(newer)],
          words =>
            `${words.did(proof.get(newer)!)} at ${words.at(proof.get(newer)!.invoke)}, written after ${words.the(newer)} was known to its writer, and then ${words.verb(operation)} at ${words.at(operation.invoke)}, which is older: either ${what} failed or the reader itself went back, and answers alone cannot tell which`,
        );
        return { seen: count, doubt: why };
      }
      if (version === undefined || version.process === operation.process) continue;
      const past = sessionOf.get(version.process)!;
      let next = reached.get(version.process) ?? 0;
      for (; next < past.length && past[next].id < version.id; next++)
        dependencies(past[next], dependency => {
          if (dependency === undefined) return;
          needed.of(dependency.key).add(dependency);
          if (!proof.has(dependency)) proof.set(dependency, operation);
        });
      reached.set(version.process, next);
    }
  }
  return { seen: count };
}

function perKey(versions: Versions) {
  const frontiers = new Map<string, Frontier>();
  return {
    get: (key: string) => frontiers.get(key),
    of(key: string): Frontier {
      const known = frontiers.get(key);
      if (known !== undefined) return known;
      const created = frontier(versions);
      frontiers.set(key, created);
      return created;
    },
  };
}

/** Collects why a check without a violation is not a proof. */
function doubtsIn(view: RegisterView) {
  let ambiguous = 0;
  let nowhere: Operation | undefined;
  let unplaced: Operation | undefined;
  return {
    look(read: Operation, seen: readonly Version[], ambiguityMatters: boolean): void {
      if (seen.length === 0) nowhere ??= read;
      if (seen.length > 1 && ambiguityMatters) ambiguous++;
      for (const version of seen) if (version !== undefined && !view.versions.placed(version)) unplaced ??= version;
    },
    lookPlace(write: Operation): void {
      if (!view.versions.placed(write)) unplaced ??= write;
    },
    text(): string | undefined {
      if (nowhere !== undefined) {
        const read = nowhere;
        return explain(
          view,
          [read],
          words => `${words.did(read)} at ${words.at(read.invoke)}, which nobody had written`,
        ).why;
      }
      if (unplaced !== undefined) return noPlace(view, unplaced);
      if (ambiguous === 0) return undefined;
      return `${plural(ambiguous, 'answer')} may come from more than one write of the same value, so it is not known which version was read.`;
    },
  };
}

function noPlace(view: RegisterView, write: Operation): string {
  return explain(view, [write], words => `${words.the(write)} has no place in the order of versions that was given`)
    .why;
}

function explain(view: RegisterView, operations: readonly Version[], tell: (words: Words) => string): Explanation {
  const [{ key }] = operations as readonly Operation[];
  return explanation(operations, view.names, words => `${view.manyKeys ? `${key}: ` : ''}${tell(words)}.`);
}

function olderBecause({ order }: RegisterView, a: Version, b: Operation, words: Words): string {
  if (a === undefined) return 'what it read was there before all writes';
  if (typeof order !== 'string') return `${words.the(a)} comes before that in the order of versions`;
  if (a.process === b.process) return `${words.the(a)} came before ${words.noun(b)} in the same session`;
  return `${returned(a, words)} before ${words.the(b)} began at ${words.at(b.invoke)}`;
}
