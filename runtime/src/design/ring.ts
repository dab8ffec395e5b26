/**
 * Consistent hashing (Karger et al. 1997): every member stands at several points of a ring of 2^32 places, and holds the
 * arc that ends at each of them. A member that comes takes arcs from the others, one that goes leaves its own to them.
 */
import { hashKey } from './keys.ts';

export const ringSize = 4294967296;

/** From `from` to before `to`, both in 0 … 2^32. */
export interface Arc {
  readonly from: number;
  readonly to: number;
  readonly member: number;
}

export interface Ring {
  /** Ends of arcs, in order; the arc of the first one begins behind the last. */
  readonly points: Float64Array;
  readonly members: Int32Array;
}

export function ringOf(members: readonly number[], virtualNodes: number): Ring {
  const all: { readonly point: number; readonly member: number }[] = [];
  for (const member of members)
    for (let i = 0; i < virtualNodes; i++) all.push({ point: hashKey(`${member}/${i}`), member });
  // Of two members at one place the smaller one holds the arc.
  all.sort((a, b) => a.point - b.point || a.member - b.member);
  return {
    points: Float64Array.from(all, one => one.point),
    members: Int32Array.from(all, one => one.member),
  };
}

/** The member at the first point at or behind `place`. */
export function memberAt({ points, members }: Ring, place: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]! >= place) high = middle;
    else low = middle + 1;
  }
  return members[low === points.length ? 0 : low]!;
}

/** The whole ring in arcs, in order from 0; what stands behind the last point belongs to the first. */
export function arcsOf({ points, members }: Ring): readonly Arc[] {
  const arcs: Arc[] = [];
  let from = 0;
  for (const [i, point] of points.entries()) {
    // A point is the last place of its arc.
    if (point + 1 > from) arcs.push({ from, to: point + 1, member: members[i]! });
    from = Math.max(from, point + 1);
  }
  if (from < ringSize) arcs.push({ from, to: ringSize, member: members[0]! });
  return arcs;
}
