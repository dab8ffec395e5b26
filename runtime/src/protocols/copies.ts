/** The network may bring a request twice: what came lately is known by its number, and a copy of it is nothing new. */
import type { ClientRequest } from './contract.ts';

/** Numbers of attempts, each with when it came, on the monotonic clock. */
export type Seen = Record<number, number>;

/** For so long a copy is known as one. */
const seenNs = 5_000_000_000;

/** Whether it came before; from now on it did. */
export function isCopy(seen: Seen, { id }: ClientRequest, nowNs: number): boolean {
  if (seen[id] !== undefined) return true;
  seen[id] = nowNs;
  return false;
}

/** Forgets what came long ago; answers which. */
export function forgetSeen(seen: Seen, nowNs: number): readonly number[] {
  const old: number[] = [];
  for (const [text, since] of Object.entries(seen)) {
    if (nowNs - since <= seenNs) continue;
    delete seen[Number(text)];
    old.push(Number(text));
  }
  return old;
}
