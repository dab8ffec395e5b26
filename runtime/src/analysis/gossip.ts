/** Epidemic broadcast. Demers et al., "Epidemic algorithms for replicated database maintenance", PODC 1987. */
import { stream } from '../kernel/random.ts';

export type GossipKind = 'push' | 'pull' | 'push-pull';

/**
 * Mean number of rounds until all of n nodes know, one knowing at first; each node contacts one node drawn uniformly
 * (itself included) per round. Monte Carlo, a function of its arguments alone.
 * @param trials at least 1; the standard error falls with its square root
 */
export function gossipRounds(nodes: number, kind: GossipKind, trials: number, seed: number): number {
  const random = stream(seed, `gossip:${kind}`);
  const knows = new Uint8Array(nodes);
  const next = new Uint8Array(nodes);
  let total = 0;
  for (let trial = 0; trial < trials; trial++) {
    knows.fill(0);
    knows[0] = 1;
    for (let knowing = 1; knowing < nodes; total++) {
      next.set(knows);
      for (let node = 0; node < nodes; node++) {
        const other = random.int(nodes);
        if (kind !== 'pull' && knows[node] === 1) next[other] = 1;
        if (kind !== 'push' && knows[other] === 1) next[node] = 1;
      }
      knows.set(next);
      knowing = 0;
      for (let node = 0; node < nodes; node++) knowing += knows[node]!;
    }
  }
  return total / trials;
}

/** Push rounds for large n: log2 n + ln n. Pittel 1987, cited by Demers et al., section 1.1. */
export const pushRounds = (nodes: number): number => Math.log2(nodes) + Math.log(nodes);

/** Share of nodes that a rumour never reaches when k useless contacts stop it on average: s = exp(-(k+1)(1-s)). Section 1.4. */
export function rumourResidue(k: number): number {
  let s = 0;
  // A contraction towards the root below 1.
  for (let i = 0; i < 200; i++) s = Math.exp(-(k + 1) * (1 - s));
  return s;
}
