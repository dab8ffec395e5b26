/**
 * Raft elections: the figures of Ongaro's thesis (ch. 9), from the real protocol on the real kernel, beside the targets.
 * No disk and no processor cost, fixed one-way delay, timeouts uniform over a range that begins at its own width.
 */

import type { Design } from '../runtime/src/design/design.ts';
import { constant, uniform } from '../runtime/src/design/distribution.ts';
import { stream } from '../runtime/src/kernel/random.ts';
import { noTrace, type Tracer } from '../runtime/src/kernel/tracer.ts';
import { execute } from '../runtime/src/run/execute.ts';
import { atMs, leaderTarget, nodesTarget, raftOptions, sketch } from '../runtime/src/testing/design.ts';
import { printTable } from './table.ts';

const ms = 1_000_000;

/** When somebody began to lead, in virtual ns. */
function leadershipTimes(): { readonly tracer: Tracer; readonly times: number[] } {
  const bare = noTrace();
  const times: number[] = [];
  let now = 0;
  const tracer: Tracer = {
    ...bare,
    event(timeNs) {
      now = timeNs;
      return bare.counts.events++;
    },
    delivered(timeNs) {
      now = timeNs;
      return bare.counts.events++;
    },
    epoch(_row, _group, _role, _epoch, leads) {
      if (leads) times.push(now);
    },
  };
  return { tracer, times };
}

const bare = { preVote: false, leaderStickiness: false, checkQuorum: false };

/**
 * Mean time, in one-way delays, from when a crash of the leader can first be noticed (one delay after it) to the next
 * leader; `down` further servers are down all the time.
 */
function meanElection(nodes: number, down: number, range: number, elections: number): number {
  const delay = 1 * ms;
  const mechanism = raftOptions({
    ...bare,
    electionTimeoutNs: [range * delay, 2 * range * delay],
    heartbeatNs: (range * delay) / 2,
  });
  const perRun = 100;
  // Long enough for several split votes and for the old leader to come back; not a multiple of the heartbeat.
  const period = range * 30 + 0.37;
  let sum = 0;
  let count = 0;
  for (let seed = 1; count < elections; seed++) {
    const random = stream(seed, 'crashes');
    const crashes = Array.from({ length: perRun }, (_, i) => i * period + 10 * range + random.uniform() * range);
    const dead = Array.from({ length: down }, (_, i) =>
      atMs(0, { kind: 'crash', targets: [nodesTarget(nodes - 1 - i)], losingDisk: false }),
    );
    const actions = [
      ...dead,
      ...crashes.map(time => atMs(time, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, range * 15)),
    ];
    const { design, scenario } = sketch({
      nodes,
      mechanism,
      latency: constant(delay),
      fsync: constant(0),
      workload: null,
      forNs: Math.round(perRun * period * ms),
      settleNs: 0,
      actions,
    });
    const { tracer, times } = leadershipTimes();
    const executed = execute(design, scenario, { seed, trace: tracer });
    for (const crash of crashes) {
      const at = executed.originNs + crash * ms;
      const next = times.find(time => time > at);
      if (next === undefined) continue;
      sum += (next - at) / delay - 1;
      count++;
    }
  }
  return sum / count;
}

/** Times to a leader from fresh timers at 0, in ms: five servers over a WAN, `failed` of them unreachable. */
function wanElections(failed: number, elections: number): number[] {
  const { design, scenario } = sketch({
    nodes: 5,
    mechanism: raftOptions({ ...bare, electionTimeoutNs: [300 * ms, 600 * ms], heartbeatNs: 150 * ms }),
    latency: uniform(30 * ms, 40 * ms),
    fsync: constant(0),
    // A client that never asks: without one nobody would care whether there is a leader.
    workload: { clients: 1 },
    forNs: 0,
    settleNs: 0,
  });
  const unreachable = { nodes: Array.from({ length: failed }, (_, i) => 4 - i), regions: [], zones: [] };
  const links = [
    ...design.links,
    { at: scenario.at, from: unreachable, to: null, bothWays: true, latency: {}, loss: 1 },
  ];
  const cut: Design = failed === 0 ? design : { ...design, links };
  return Array.from({ length: elections }, (_, i) => execute(cut, scenario, { seed: i + 1 }).originNs / ms).sort(
    (a, b) => a - b,
  );
}

/** The same set-up, simulated directly: no kernel, no protocol code, a different generator. */
function directWan(failed: number, elections: number): number[] {
  let state = 0x2545f491;
  const random = () => {
    state = Math.imul(state ^ (state >>> 15), state | 1);
    state ^= state + Math.imul(state ^ (state >>> 7), state | 61);
    return ((state ^ (state >>> 14)) >>> 0) / 4294967296;
  };
  const between = (a: number, b: number) => a + random() * (b - a);
  const times: number[] = [];
  for (let trial = 0; trial < elections; trial++) {
    const alive = 5 - failed;
    const term = new Array<number>(alive).fill(0);
    const voted = new Array<number>(alive).fill(0);
    const votes = new Array<number>(alive).fill(0);
    const candidate = new Array<boolean>(alive).fill(false);
    const deadline = Array.from({ length: alive }, () => between(300, 600));
    let messages: { at: number; to: number; from: number; term: number; vote: boolean | null }[] = [];
    for (let done = false; !done; ) {
      const timer = deadline.indexOf(Math.min(...deadline));
      const next = messages.reduce(
        (first, one) => (first === undefined || one.at < first.at ? one : first),
        messages[0],
      );
      if (next === undefined || deadline[timer]! <= next.at) {
        const now = deadline[timer]!;
        term[timer]!++;
        voted[timer] = term[timer]!;
        votes[timer] = 1;
        candidate[timer] = true;
        deadline[timer] = now + between(300, 600);
        for (let to = 0; to < alive; to++)
          if (to !== timer)
            messages.push({ at: now + between(30, 40), to, from: timer, term: term[timer]!, vote: null });
        continue;
      }
      messages = messages.filter(one => one !== next);
      const { at, to, from } = next;
      if (next.term > term[to]!) {
        term[to] = next.term;
        candidate[to] = false;
      }
      if (next.vote === null) {
        const granted = next.term === term[to]! && voted[to]! < next.term;
        if (granted) {
          voted[to] = next.term;
          deadline[to] = at + between(300, 600);
        }
        messages.push({ at: at + between(30, 40), to: from, from: to, term: term[to]!, vote: granted });
      } else if (next.vote && candidate[to]! && next.term === term[to]! && ++votes[to]! >= 3) {
        times.push(at);
        done = true;
      }
    }
  }
  return times.sort((a, b) => a - b);
}

const percent = (ours: number, target: number) => `${((ours / target - 1) * 100).toFixed(1)} %`;
const elections = process.argv.includes('--quick') ? 500 : 4_000;
const targets = [
  [5, 4, 10, 12.2],
  [5, 4, 20, 21.4],
  [5, 3, 10, 17.0],
  [5, 3, 20, 26.3],
  [3, 2, 10, 16.2],
  [3, 2, 20, 26.7],
] as const;
printTable(
  `Raft elections, fixed delay: mean time in one-way delays (${elections} elections each)`,
  ['servers, alive, range', 'ours', 'thesis', 'off by'],
  targets.map(([n, alive, range, target]) => {
    const ours = meanElection(n, n - 1 - alive, range, elections);
    return [`n=${n} s=${alive} T=${range}`, ours.toFixed(2), target, percent(ours, target)];
  }),
);

const trials = process.argv.includes('--quick') ? 1_000 : 10_000;
const mean = (sorted: readonly number[]) => sorted.reduce((sum, value) => sum + value, 0) / sorted.length;
const rank = (sorted: readonly number[], p: number) => sorted[Math.ceil(p * sorted.length) - 1]!;
printTable(
  `Raft elections over a WAN: delay U[30,40] ms, timeout U[300,600] ms, n=5 (${trials} elections; target: direct simulation, within 6 %)`,
  ['failed', 'mean ms', 'direct', 'off by', 'p99.9 ms', 'direct', 'off by'],
  [1, 2].map(failed => {
    const ours = wanElections(failed, trials);
    const direct = directWan(failed, trials * 4);
    const tails = [rank(ours, 0.999), rank(direct, 0.999)] as const;
    return [
      failed,
      mean(ours).toFixed(1),
      mean(direct).toFixed(1),
      percent(mean(ours), mean(direct)),
      tails[0].toFixed(0),
      tails[1].toFixed(0),
      percent(...tails),
    ];
  }),
);
