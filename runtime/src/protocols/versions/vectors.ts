/**
 * Version vectors (Parker et al., "Detection of Mutual Inconsistency in Distributed Systems", IEEE TSE 1983) and vector
 * clocks (Fidge 1988, Mattern 1989): how many events of each actor are known. They are never changed.
 */

/** A server or a client, as vectors name it. */
export type Actor = string;

/** Actors that are not in it count 0. */
export type Vector = Readonly<Record<Actor, number>>;

export const entryOf = (vector: Vector, actor: Actor): number => vector[actor] ?? 0;

/** Everything that one of them knows. */
export function joined(vectors: Iterable<Vector>): Vector {
  const result: Record<Actor, number> = {};
  for (const vector of vectors)
    for (const [actor, count] of Object.entries(vector)) result[actor] = Math.max(result[actor] ?? 0, count);
  return result;
}

export const withEntry = (vector: Vector, actor: Actor, count: number): Vector => ({ ...vector, [actor]: count });

/** An event of this actor: of the vector clock of its process. */
export const ticked = (vector: Vector, actor: Actor): Vector => withEntry(vector, actor, entryOf(vector, actor) + 1);

/** `a` knows everything that `b` knows. */
export const descends = (a: Vector, b: Vector): boolean =>
  Object.entries(b).every(([actor, count]) => entryOf(a, actor) >= count);

/** How `a` stands to `b`. */
export function compareVectors(a: Vector, b: Vector): 'equal' | 'before' | 'after' | 'concurrent' {
  const knowsB = descends(a, b);
  const knowsA = descends(b, a);
  if (knowsA && knowsB) return 'equal';
  return knowsA ? 'before' : knowsB ? 'after' : 'concurrent';
}

/** As in the papers: `[(Sx,2),(Sy,1)]`, in the order of the actors' names. */
export const showVector = (vector: Vector, nameOf: (actor: Actor) => string = actor => actor): string =>
  `[${Object.entries(vector)
    .filter(([, count]) => count > 0)
    .map(([actor, count]) => `(${nameOf(actor)},${count})`)
    .sort()
    .join(',')}]`;
