/**
 * How many rounds of anti-entropy it takes until every replica has a write that only one had at first, from runs, beside the
 * push-pull of Demers et al. ("Epidemic algorithms for replicated database maintenance", PODC 1987, §1.3). There all nodes
 * begin a round together, and may draw themselves; runs are made that way, and as they are, when each has its own timer.
 */
import { gossipRounds } from '@dsys/runtime/analysis/gossip';
import { leaderlessProtocol } from '@dsys/runtime/protocols/leaderless/leaderless';
import type { LeaderlessIo, LeaderlessState } from '@dsys/runtime/protocols/leaderless/state';
import { begin } from '@dsys/runtime/run/execute';
import { describe, expect, it } from 'vitest';
import { designOf, isLong } from './support/design.ts';

const trials = isLong ? 200 : 20;

const everyNs = 10e9;

/** All nodes begin their comparisons at the same times. */
const inStep = (io: LeaderlessIo): LeaderlessIo => ({
  ...io,
  setTimer: (name, min, max) =>
    io.setTimer(name, ...(name === 'compare' ? ([everyNs, everyNs] as const) : ([min, max] as const))),
});
const inStepProtocol: typeof leaderlessProtocol = {
  ...leaderlessProtocol,
  boot: (context, image, io) => leaderlessProtocol.boot(context, image, inStep(io)),
  timer: (state, name, io) => leaderlessProtocol.timer(state, name, inStep(io)),
};

/** A write that reaches only who takes it. */
const designFor = (nodes: number, first: number) =>
  designOf(
    `network { latency 1ms }
cluster db { nodes ${nodes} }
store s on db { replicas ${nodes}  replication leaderless { read 1  write 1  read-repair off  hinted-handoff off  anti-entropy every 10s } }
scenario rumour {
  run for 300s
  at 1s lose store from db${first} to rest for 30s
  at 2s client c1 write x = 1 via db${first}
}`,
    'gossip.dsys',
    { withErrors: true },
  );

/** Mean number of comparisons that a node has begun when all have the write; another one is the first in each trial. */
async function rounds(nodes: number, protocol: typeof leaderlessProtocol): Promise<number> {
  let sum = 0;
  for (let trial = 0; trial < trials; trial++) {
    const design = await designFor(nodes, 1 + (trial % nodes));
    const { sim, advance } = begin(design, design.scenarios[0]!, { seed: trial, protocolOf: () => protocol });
    const states = () => [...sim.groups[0]!.members.values()].map(({ state }) => state as LeaderlessState);
    const begun = () => states().reduce((all, { peer }) => all + peer, 0);
    let before = 0;
    const isEverywhere = () => {
      const knowing = states().filter(({ cells }) => cells.x !== undefined).length;
      if (knowing === 0) before = begun();
      return knowing === nodes;
    };
    // Held: it is everywhere before the run is over.
    expect(advance(isEverywhere)).toBeUndefined();
    sum += (begun() - before) / nodes;
  }
  return sum / trials;
}

describe('until all have it', () => {
  // Push-pull, mean of an independent run. Among few it counts that here nobody draws itself, or another one twice in a row.
  it.each([
    [10, 3.7, 0.2],
    [32, 5.21, 0.1],
    [64, 6.11, 0.1],
  ])('of %i nodes', async (nodes, mean, tolerance) => {
    expect(Math.abs(gossipRounds(nodes, 'push-pull', 2000, 1) / mean - 1)).toBeLessThan(0.05);
    expect(Math.abs((await rounds(nodes, inStepProtocol)) / mean - 1)).toBeLessThan(tolerance);
    // News may go on within a round where each has its own: about as much sooner whatever their number.
    const own = await rounds(nodes, leaderlessProtocol);
    expect(own).toBeGreaterThan(mean - 2.2);
    expect(own).toBeLessThan(mean - 0.8);
  });
});
