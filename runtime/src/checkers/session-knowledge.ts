import { type CausalGraph, INITIAL } from './causal-graph.ts';
import type { Order } from './happens-before.ts';

/** Clock entries joined, over all sessions, before the check gives up. */
export const MAX_JOINED = 20_000_000_000;

export type SessionFinding =
  | { readonly verdict: 'fine' }
  | { readonly verdict: 'bad'; readonly end: number }
  | { readonly verdict: 'too-much' };

/**
 * Whether some session's reads contradict each other (CyclicHB, WriteHBInitRead), as `findPerSession` in causal.ts, but
 * without telling how, and faster. Only the writes that the session read matter: whoever knows one of them knows what had
 * to come before it. So for each of these it keeps a clock of that, and lets the clocks grow until nothing changes. A
 * session of m reads takes O(m · sessions²) a round, and few rounds.
 */
export function judgeSessions(graph: CausalGraph, causal: Order | undefined): SessionFinding {
  let joined = 0;
  for (const end of graph.lastOf) {
    const known = knowledgeOf(graph, causal, end);
    let verdict: 'grown' | 'fine' | 'bad' = 'grown';
    while (verdict === 'grown') {
      verdict = known.round();
      if (joined + known.joined() > MAX_JOINED) return { verdict: 'too-much' };
    }
    joined += known.joined();
    if (verdict === 'bad') return { verdict: 'bad', end };
  }
  return { verdict: 'fine' };
}

function knowledgeOf(graph: CausalGraph, causal: Order | undefined, end: number) {
  const { chain, position, chains, source, previous, events, writes } = graph;
  const reads: number[] = [];
  for (let event = end; event >= 0; event = previous[event]) if (source[event] >= INITIAL) reads.push(event);
  reads.reverse();

  // The writes that were read, numbered; by chain, in order.
  const targets = [...new Set(reads.map(read => source[read]).filter(event => event >= 0))];
  const targetOf = new Map(targets.map((event, t) => [event, t]));
  const inChain = new Map<number, number[]>();
  for (const event of [...targets].sort((a, b) => position[a] - position[b])) {
    const others = inChain.get(chain[event]);
    if (others === undefined) inChain.set(chain[event], [event]);
    else others.push(event);
  }
  const active = [...inChain.keys()];
  /** By target and chain: how many events of the chain come before the target (itself not counted). */
  const clocks = new Int32Array(targets.length * chains);
  const versions = new Int32Array(targets.length); // how often a target's clock has grown
  const ownChain = chain[end];
  const session = new Int32Array(chains);
  let joins = 0;

  /** Joins what comes before an event by session order and reads-from, itself included. */
  function joinBase(into: Int32Array, at: number, event: number): void {
    if (causal !== undefined) {
      joinRow(into, at, causal.clocks, event * chains);
      return;
    }
    // An event of unknown outcome is alone in its chain, after those of its session.
    for (const each of [event, previous[event]])
      if (each >= 0 && position[each] > into[at + chain[each]]) into[at + chain[each]] = position[each];
  }
  function joinRow(into: Int32Array, at: number, from: Int32Array, start: number): boolean {
    joins++;
    let news = false;
    for (let c = 0; c < chains; c++) {
      if (from[start + c] <= into[at + c]) continue;
      into[at + c] = from[start + c];
      news = true;
    }
    return news;
  }
  // Without a causal order to start from, the session's own reads still make known what they read.
  const ownRows = new Int32Array(causal === undefined ? reads.length * chains : 0);
  if (causal === undefined) {
    for (const [r, read] of reads.entries()) {
      if (r > 0) joinRow(ownRows, r * chains, ownRows, (r - 1) * chains);
      if (source[read] >= 0) joinBase(ownRows, r * chains, source[read]);
    }
  }
  function joinOwn(into: Int32Array, at: number): boolean {
    if (causal !== undefined) return false;
    const r = countAtMost(reads, position, into[at + ownChain]) - 1;
    return r >= 0 && joinRow(into, at, ownRows, r * chains);
  }
  /** The last target of a chain up to a position; -1: none. */
  function lastTarget(c: number, upTo: number): number {
    const list = inChain.get(c)!;
    const count = countAtMost(list, position, upTo);
    return count === 0 ? -1 : targetOf.get(list[count - 1])!;
  }
  // What each target has joined already: by chain, the last target of it, and that one's version.
  const joinedTarget = new Int32Array(targets.length * chains).fill(-1);
  const joinedVersion = new Int32Array(targets.length * chains);
  /** Who knows a target knows what comes before it. True if that was news. */
  function joinTargets(t: number): boolean {
    const at = t * chains;
    let news = joinOwn(clocks, at);
    for (const c of active) {
      const target = lastTarget(c, clocks[at + c]);
      if (target < 0 || target === t) continue;
      if (joinedTarget[at + c] === target && joinedVersion[at + c] === versions[target]) continue;
      joinedTarget[at + c] = target;
      joinedVersion[at + c] = versions[target];
      if (joinRow(clocks, at, clocks, target * chains)) news = true;
    }
    if (news) versions[t]++;
    return news;
  }
  function joinTargetsToSession(): void {
    joinOwn(session, 0);
    for (const c of active) {
      const target = lastTarget(c, session[c]);
      if (target >= 0) joinRow(session, 0, clocks, target * chains);
    }
  }

  for (const [t, event] of targets.entries()) {
    joinBase(clocks, t * chains, event);
    clocks[t * chains + chain[event]] = position[event] - 1;
  }

  /** What a read's answer says of the writes that its session knew. */
  function learn(read: number): 'news' | 'nothing' | 'bad' {
    let result: 'news' | 'nothing' = 'nothing';
    const target = source[read] < 0 ? -1 : targetOf.get(source[read])!;
    // It read what had to come after it.
    if (target >= 0 && clocks[target * chains + ownChain] >= position[read]) return 'bad';
    for (const [c, list] of writes[events[read].key]) {
      const count = countAtMost(list, position, session[c]);
      const write = count === 0 ? -1 : list[count - 1];
      if (write < 0 || write === source[read]) continue;
      if (target < 0) return 'bad';
      if (clocks[target * chains + c] >= position[write]) continue;
      joinBase(clocks, target * chains, write);
      versions[target]++;
      result = 'news';
    }
    return result;
  }

  return {
    joined: () => joins * chains,
    round(): 'grown' | 'fine' | 'bad' {
      let grown = false;
      for (let t = 0; t < targets.length; t++) if (joinTargets(t)) grown = true;
      session.fill(0);
      for (const read of reads) {
        const from = source[read];
        joinBase(session, 0, read);
        if (from >= 0) {
          joinRow(session, 0, clocks, targetOf.get(from)! * chains);
          session[chain[from]] = Math.max(session[chain[from]], position[from]);
        }
        joinTargetsToSession();
        const learnt = learn(read);
        if (learnt === 'bad') return 'bad';
        if (learnt === 'news') grown = true;
      }
      if (grown) return 'grown';
      // Clocks only grow, so circles show at the end: what comes before itself.
      return targets.some((event, t) => clocks[t * chains + chain[event]] >= position[event]) ? 'bad' : 'fine';
    },
  };
}

/** How many events of a list, in order of position, are at most at `upTo`. */
function countAtMost(list: readonly number[], position: Int32Array, upTo: number): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (position[list[middle]] <= upTo) low = middle + 1;
    else high = middle;
  }
  return low;
}
