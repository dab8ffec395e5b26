/**
 * Two generals over a lossy channel (Gray, "Notes on Data Base Operating Systems", 1978, §3.8.3.3): with k messages that
 * answer each other, each of them lost with probability p, they attack both with (1 - p)^k, and one of them alone with
 * p(1 - p)^(k - 1): never 0, however many messages there are.
 */
import { expect, it } from 'vitest';
import { constant } from '../design/distribution.ts';
import { runProbe } from '../testing/probe.ts';
import { seedCount } from '../testing/seeds.ts';

const trials = seedCount(20_000, 1_000_000);
const first = 0;
const second = 1;

/** Shares of trials in which both attack, and in which one does alone. A general attacks iff the last message to it arrived. */
function agreement(k: number, loss: number): { readonly both: number; readonly alone: number } {
  /** How many messages of each trial have arrived: each is sent when the one before it arrives. */
  const arrived = new Uint8Array(trials);
  let next = 0;
  runProbe(
    { nodes: 2, loss, latency: constant(1000), forNs: trials * 1000 + 1_000_000 },
    {
      boot: (state, io) => {
        if (state.self === first) io.setTimer('begin', 1000, 1000);
      },
      timer(_state, _name, io) {
        if (k > 0) io.send(second, { type: 'order', number: next });
        if (++next < trials) io.setTimer('begin', 1000, 1000);
      },
      receive(state, _from, { number }, io) {
        if (++arrived[number!]! < k) io.send(state.self === first ? second : first, { type: 'order', number: number! });
      },
    },
  );
  expect(next).toBe(trials);
  let [both, alone] = [0, 0];
  for (const count of arrived) {
    if (count === k) both++;
    // Whoever sent the last message has had all that were addressed to it.
    else if (count === k - 1) alone++;
  }
  return { both: both / trials, alone: alone / trials };
}

it.each([
  [1, 0.1],
  [2, 0.1],
  [3, 0.5],
  [5, 0.05],
  [8, 0.3],
])('with %i messages and a loss of %f, one attacks alone as often as the formula says', (k, loss) => {
  const { both, alone } = agreement(k, loss);
  for (const [seen, expected] of [
    [both, (1 - loss) ** k],
    [alone, loss * (1 - loss) ** (k - 1)],
  ] as const) {
    const deviation = Math.sqrt((expected * (1 - expected)) / trials);
    expect(Math.abs(seen - expected)).toBeLessThan(4.5 * deviation);
  }
  expect(alone).toBeGreaterThan(0);
});
