/** Figures of papers and handbooks, each with the precision in which it is printed. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  downMinutesPerYear,
  durability,
  inSeries,
  meanTimeToDataLoss,
  nines,
  steadyAvailability,
  withFailovers,
} from './availability.ts';
import { exactly } from './binomial.ts';
import {
  cheapPaxosSizes,
  epaxosSizes,
  fastPaxosIsSafe,
  fastPaxosSizes,
  flexiblePrepare,
  smallestFastQuorum,
  wpaxosSizes,
} from './consensus-quorums.ts';
import {
  bestTimeoutRange,
  expectedElection,
  expectedLeaderProbes,
  expectedSmallestTimeout,
  smallestTimeoutWithin,
  splittingCandidates,
  splitVote,
  splitVoteDrawn,
} from './elections.ts';
import {
  falseSuspicion,
  phiSilenceExponential,
  phiSilenceNormal,
  retries,
  slowFanOut,
  twoGenerals,
} from './failure-detectors.ts';
import { gossipRounds, pushRounds, rumourResidue } from './gossip.ts';
import { atLeast } from './quorum-availability.ts';
import { loadBound, missesVersions, missesWrite, violatesMonotonicReads } from './staleness-bounds.ts';

const near = (found: number, expected: number, tolerance: number): void =>
  expect(Math.abs(found / expected - 1), `${found} instead of ${expected}`).toBeLessThanOrEqual(tolerance);
const long = process.env.DSYS_LONG === '1';
const times = (n: number, p: number) => Array.from({ length: n }, () => p);

describe('availability', () => {
  test.each([
    [0.99, 2, 3, 0.999702],
    [0.99, 3, 4, 0.999408],
    [0.99, 3, 5, 0.99999015],
    [0.99, 4, 7, 0.999999658],
    [0.99, 5, 9, 0.9999999878],
    [0.99, 3, 3, 0.970299],
    [0.9, 2, 3, 0.972],
    [0.9, 3, 4, 0.9477],
    [0.9, 3, 5, 0.99144],
    [0.9, 4, 7, 0.997272],
    [0.9, 5, 9, 0.999109],
    [0.9, 3, 3, 0.729],
    [0.999, 2, 3, 0.999997002],
    [0.999, 3, 5, 0.99999999],
  ])('nodes of %f: %i of %i', (a, k, n, expected) => {
    const digits = `${expected}`.split('.')[1]!.length;
    expect(Number(atLeast(k, times(n, a)).toFixed(digits))).toBe(expected);
  });

  it('a year has 525.6, 52.6 and 5.26 minutes to be down at three, four and five nines', () => {
    expect(downMinutesPerYear(0.999)).toBeCloseTo(525.6, 6);
    expect(downMinutesPerYear(0.9999)).toBeCloseTo(52.56, 6);
    expect(downMinutesPerYear(0.99999)).toBeCloseTo(5.256, 6);
    // 99.99 % claimed, 3 nodes at 99 % with quorum 2: 156 minutes a year.
    near(downMinutesPerYear(atLeast(2, times(3, 0.99))), 156.6, 0.001);
    expect(nines(0.9999)).toBeCloseTo(4, 9);
  });

  it('series, failovers, repair', () => {
    expect(inSeries(times(5, 0.999))).toBeCloseTo(0.995, 4);
    expect(inSeries(times(4, 0.99))).toBeCloseTo(0.961, 3);
    expect(steadyAvailability(99, 1)).toBe(0.99);
    expect(withFailovers(0.9999, 1e15, 1e10)).toBeCloseTo(0.99989, 9);
    expect(withFailovers(0.1, 1, 1)).toBe(0);
  });

  it('mean time to data loss: the closed forms, and a Markov chain solved for two copies', () => {
    expect(meanTimeToDataLoss(1000, 10, 3, 'parallel')).toBeCloseTo(1e9 / (3 * 100), 3);
    expect(meanTimeToDataLoss(1000, 10, 3, 'serial')).toBeCloseTo(1e9 / (6 * 100), 3);
    expect(meanTimeToDataLoss(1000, 10, 1, 'serial')).toBe(1000);
    // Two copies, exactly: (3 MTTR^-1... ) T = MTTF (3 + MTTF / MTTR) / 2.
    near(meanTimeToDataLoss(1e5, 1, 2, 'parallel'), (1e5 * (3 + 1e5)) / 2, 1e-4);
    expect(durability(1e6, 0)).toBe(1);
    expect(() => meanTimeToDataLoss(1, 1, 0, 'serial')).toThrow('0 copies');
  });
});

describe('sizes of consensus quorums', () => {
  test.each([
    [3, 0, 3, 2, 0, 3],
    [4, 1, 3, 3, 1, 3],
    [5, 1, 4, 3, 1, 4],
    [6, 1, 5, 4, 1, 5],
    [7, 2, 5, 4, 1, 6],
    [8, 2, 6, 5, 2, 6],
    [9, 2, 7, 5, 2, 7],
    [10, 3, 7, 6, 2, 8],
    [11, 3, 8, 6, 2, 9],
    [13, 4, 9, 7, 3, 10],
  ])('Fast Paxos, n = %i (Lamport 2006, section 3.4.1)', (n, same, q, classic, fastFailures, fast) => {
    expect(fastPaxosSizes(n, 'same')).toEqual({ fastFailures: same, failures: same, classic: q, fast: q });
    expect(fastPaxosSizes(n, 'classic')).toMatchObject({ classic, fastFailures, fast });
  });

  it('Fast Paxos sizes are safe, and the largest: one failure more is not', () => {
    for (let n = 3; n <= 30; n++) {
      const one = fastPaxosSizes(n, 'same');
      const two = fastPaxosSizes(n, 'classic');
      for (const { classic, fast } of [one, two]) expect(fastPaxosIsSafe(n, classic, fast), `${n}`).toBe(true);
      expect(fastPaxosIsSafe(n, one.classic - 1, one.fast - 1)).toBe(false);
      expect(fastPaxosIsSafe(n, two.classic, two.fast - 1)).toBe(false);
      expect(smallestFastQuorum(n, two.classic)).toBe(two.fast);
    }
    // n=5, classic 3, fast 3: 2·3+3 = 9 ≤ 10.
    expect(fastPaxosIsSafe(5, 3, 3)).toBe(false);
    expect(smallestFastQuorum(5, 3)).toBe(4);
  });

  it('EPaxos, Flexible Paxos, WPaxos, Cheap Paxos', () => {
    const rows = [1, 2, 3, 4, 5].map(f => epaxosSizes(f)).map(({ replicas, fast, slow }) => [replicas, fast, slow]);
    expect(rows).toEqual([
      [3, 2, 2],
      [5, 3, 3],
      [7, 5, 4],
      [9, 6, 5],
      [11, 8, 6],
    ]);
    expect(epaxosSizes(3, 'basic').fast).toBe(6);
    expect([flexiblePrepare(10, 3), flexiblePrepare(5, 2), flexiblePrepare(4, 2)]).toEqual([8, 4, 3]);
    // 3 zones of 3, one node in each and one zone may fail: 2 nodes in 2 zones each way.
    expect(wpaxosSizes(3, 3, 1, 1)).toEqual({ prepare: 4, accept: 4 });
    expect(cheapPaxosSizes(2)).toEqual({ main: 3, auxiliary: 2 });
  });
});

describe('Raft elections (Ongaro, thesis, chapter 9)', () => {
  test.each([
    [5, 4, 0.01, 0.000592],
    [5, 4, 0.1, 0.0523],
    [5, 4, 0.2, 0.1808],
    [5, 3, 0.2, 0.488],
    [9, 5, 0.15, 0.556],
  ])('split vote, n = %i, %i alive, latency %f', (n, s, latency, expected) =>
    near(splitVote(n, s, latency), expected, 0.002),
  );

  it('split vote with latencies uniform in [.1, .2]: 16.5 %, 38.5 %; at a bare majority of 9 only the mean counts', () => {
    const trials = long ? 1_000_000 : 60_000;
    const drawn = (n: number, s: number) => splitVoteDrawn(n, s, random => 0.1 + 0.1 * random.uniform(), trials, 1);
    // Five standard errors, and the last printed digit.
    const tolerance = 2.5 / Math.sqrt(trials) + 0.0005;
    expect(Math.abs(drawn(5, 4) - 0.165)).toBeLessThan(tolerance);
    expect(Math.abs(drawn(5, 3) - 0.385)).toBeLessThan(tolerance);
    expect(Math.abs(drawn(9, 5) - splitVote(9, 5, 0.15))).toBeLessThan(tolerance);
  });

  it('drawn elections with a fixed latency are the closed form', () => {
    for (const [n, s, l] of [
      [5, 4, 0.1],
      [5, 3, 0.2],
      [7, 5, 0.15],
      [9, 7, 0.3],
    ] as const) {
      const drawn = splitVoteDrawn(n, s, () => l, 40_000, 2);
      expect(Math.abs(drawn - splitVote(n, s, l)), `${n} ${s}`).toBeLessThan(0.0125);
    }
  });

  it('timeouts: E of the smallest 1/(s+1), Pr(M_4 <= 1/4) = .68', () => {
    expect(expectedSmallestTimeout(4)).toBe(0.2);
    near(smallestTimeoutWithin(4, 0.25), 0.68, 0.01);
    expect(expectedLeaderProbes(5)).toBe(3);
    expect(splittingCandidates(5, 4)).toBe(3);
  });

  test.each([
    [5, 4, 10, 12.2],
    [5, 4, 20, 21.4],
    [5, 3, 10, 17.0],
    [5, 3, 20, 26.3],
    [3, 2, 10, 16.2],
    [3, 2, 20, 26.7],
    [7, 4, 10, 18.3],
    [9, 5, 10, 19.95],
  ])('expected election, n = %i, %i alive, range %i latencies', (n, s, range, expected) => {
    near(range * expectedElection(n, s, 1 / range), expected, 0.006);
  });

  test.each([
    [5, 4, 3.6, 7.8],
    [5, 3, 4.8, 13.9],
    [9, 5, 7.2, 19.05],
  ])('fastest election, n = %i, %i alive', (n, s, range, election) => {
    const best = bestTimeoutRange(n, s);
    near(best.range, range, 0.03);
    near(best.election, election, 0.01);
  });
});

describe('staleness of uniformly drawn quorums (Bailis et al., VLDB 2012, section 3)', () => {
  test.each([
    [1, 0.3333],
    [2, 0.5556],
    [3, 0.7037],
    [5, 0.8683],
    [10, 0.9827],
  ])('N=3, R=W=1: within %i versions', (k, expected) =>
    expect(1 - missesVersions(3, 1, 1, k)).toBeCloseTo(expected, 4),
  );
  test.each([
    [1, 0.6667],
    [2, 0.8889],
    [3, 0.963],
    [5, 0.9959],
  ])('N=3, R=1, W=2 and R=2, W=1: within %i versions', (k, expected) => {
    expect(1 - missesVersions(3, 1, 2, k)).toBeCloseTo(expected, 4);
    expect(1 - missesVersions(3, 2, 1, k)).toBeCloseTo(expected, 4);
  });
  it('N=100, R=W=30; strict quorums never miss', () => {
    near(missesWrite(100, 30, 30), 1.884e-6, 0.0005);
    expect(missesWrite(3, 2, 2)).toBe(0);
    expect(violatesMonotonicReads(3, 1, 1, 2)).toBeCloseTo(8 / 27, 12);
    expect(violatesMonotonicReads(3, 1, 1, 2, true)).toBeCloseTo(4 / 9, 12);
    expect(loadBound(9, 1, 0)).toBeCloseTo(1 / 3, 12);
  });
});

describe('failure detectors, retries, fan-out', () => {
  test.each([
    [100, [1128, 1233, 1309, 1426, 1561, 1703]],
    [200, [1256, 1465, 1618, 1853, 2122, 2407]],
  ])('phi accrual, gaps normal(1000 ms, %i ms)', (sd, expected) => {
    expect([1, 2, 3, 5, 8, 12].map(phi => Math.round(phiSilenceNormal(phi, 1000, sd)))).toEqual(expected);
  });
  it('phi accrual with exponential gaps: 8 at 18.4 means', () => {
    expect(phiSilenceExponential(8, 1)).toBeCloseTo(18.42, 2);
    near(falseSuspicion(8), 1e-8, 1e-9);
  });
  it('two generals disagree with some probability, however many messages', () => {
    expect(twoGenerals(1, 0.1)).toEqual({ bothAttack: 0.9, disagree: 0.1 });
    for (const k of [1, 5, 50]) expect(twoGenerals(k, 0.1).disagree).toBeGreaterThan(0);
  });
  it('retries with 5 % loss', () => {
    const two = retries(2, 0.05);
    expect(two.unacknowledged).toBeCloseTo(0.00951, 5);
    expect(two.executedUnacknowledged).toBeCloseTo(0.00701, 5);
    expect(two.executedTwiceOrMore).toBeCloseTo(0.0451, 4);
    const three = retries(3, 0.05);
    expect(three.unacknowledged).toBeCloseTo(0.00093, 5);
    expect(three.executedUnacknowledged).toBeCloseTo(0.0008, 5);
    expect(three.executedTwiceOrMore).toBeCloseTo(0.0496, 4);
    expect(three.expectedExecutions).toBeCloseTo(1.0517, 4);
    const endless = retries(1000, 0.05);
    expect(endless.executedTwiceOrMore).toBeCloseTo(0.05, 9);
    expect(endless.expectedExecutions).toBeCloseTo(1.0526, 4);
  });
  it('retries agree with brute force over all outcomes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (attempts, loss) => {
          let twice = 0;
          let silent = 0;
          const visit = (left: number, executions: number, p: number): void => {
            if (left === 0) {
              silent += p;
              if (executions >= 2) twice += p;
              return;
            }
            visit(left - 1, executions, p * loss);
            visit(left - 1, executions + 1, p * (1 - loss) * loss);
            if (executions + 1 >= 2) twice += p * (1 - loss) * (1 - loss);
          };
          visit(attempts, 0, 1);
          const figures = retries(attempts, loss);
          expect(figures.executedTwiceOrMore).toBeCloseTo(twice, 12);
          expect(figures.unacknowledged).toBeCloseTo(silent, 12);
        },
      ),
    );
  });
  it('asking 100 servers', () => near(slowFanOut(100, 0.01), 0.634, 0.001));
});

describe('gossip', () => {
  /** Mean rounds of pull, exactly: of the u nodes that do not know, each learns with probability i / n. */
  const exactPull = (nodes: number): number => {
    const expected = new Float64Array(nodes + 1);
    for (let i = nodes - 1; i >= 1; i--) {
      const stay = exactly(0, nodes - i, i / nodes);
      let sum = 1;
      for (let k = 1; k <= nodes - i; k++) sum += exactly(k, nodes - i, i / nodes) * expected[i + k]!;
      expected[i] = sum / (1 - stay);
    }
    return expected[1]!;
  };

  it.each([10, 32, 100])('pull among %i nodes is what its Markov chain gives', nodes => {
    expect(Math.abs(gossipRounds(nodes, 'pull', 4000, 1) - exactPull(nodes))).toBeLessThan(0.12);
  });

  // The expected figures are of one simulation with few runs: by the exact chain, pull among 10 is 5.64 and not 5.43.
  test.each([
    [10, [6.46, 5.43, 3.7]],
    [32, [9.52, 7.79, 5.21]],
    [64, [11.33, 9.18, 6.11]],
    [100, [12.3, 9.93, 6.53]],
    [256, [14.75, 11.56, 7.66]],
    ...(long
      ? ([
          [1000, [18.1, 13.67, 9.17]],
          [10_000, [23.72, 17.4, 11.58]],
        ] as const)
      : []),
  ] as const)('%i nodes', (nodes, expected) => {
    const trials = Math.min(4000, Math.max(200, Math.round((long ? 4e6 : 4e5) / nodes)));
    for (const [i, kind] of (['push', 'pull', 'push-pull'] as const).entries()) {
      const found = gossipRounds(nodes, kind, trials, 1);
      expect(Math.abs(found - expected[i]!), `${kind}: ${found}`).toBeLessThan(
        0.04 * expected[i]! + 4 / Math.sqrt(trials),
      );
    }
    expect(Math.abs(pushRounds(nodes) - expected[0])).toBeLessThan(1.5);
  });

  it('residue of rumour mongering', () => {
    expect([1, 2, 3, 4, 5].map(k => Number(rumourResidue(k).toFixed(4)))).toEqual([
      0.2032, 0.0595, 0.0198, 0.007, 0.0025,
    ]);
  });
});
