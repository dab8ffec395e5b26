/** Bailis et al., "Probabilistically Bounded Staleness for Practical Partial Quorums", VLDB 2012. Milliseconds. */
import { describe, expect, it, test } from 'vitest';
import { type Distribution, exponential, mix, pareto } from '../design/distribution.ts';
import type { Quorum } from '../design/quorum.ts';
import { sample } from '../kernel/distribution.ts';
import type { RandomStream } from '../kernel/random.ts';
import { missesWrite } from './staleness-bounds.ts';
import { consistentAt, percentileOf, simulateWars, type WarsModel, type WarsResult } from './wars.ts';

const ms = 1e6;
const fit = (share: number, scale: number, shape: number, rate: number): Distribution =>
  mix([share, pareto(scale * ms, shape)], [1 - share, exponential(ms / rate)]);
/** Table 3. */
const ssd = fit(0.9122, 0.235, 10, 1.66);
const disk = fit(0.38, 1.05, 1.51, 0.183);
const ymmrWrite = fit(0.939, 3, 3.35, 0.0028);
const ymmrOther = fit(0.982, 1.5, 3.8, 0.0217);

const some = (need: number, n: number): Quorum => ({ kind: 'nodes', need, of: Array.from({ length: n }, (_, i) => i) });

function independent(n: number, r: number, w: number, write: Distribution, other: Distribution): WarsModel {
  const quorums = { read: some(r, n), write: some(w, n) };
  return {
    replicas: n,
    draw: (random, legs) => {
      for (let i = 0; i < n; i++) {
        legs.w[i] = sample(write, random);
        legs.a[i] = sample(other, random);
        legs.r[i] = sample(other, random);
        legs.s[i] = sample(other, random);
      }
      return quorums;
    },
  };
}

/** 75 ms to all but one replica, which one being drawn for the write and for the read. */
function wan(n: number, r: number, w: number): WarsModel {
  const lan = independent(n, r, w, disk, ssd);
  return {
    replicas: n,
    draw: (random: RandomStream, legs) => {
      const quorums = lan.draw(random, legs);
      const [writer, reader] = [random.int(n), random.int(n)];
      for (let i = 0; i < n; i++) {
        if (i !== writer) for (const leg of [legs.w, legs.a]) leg[i]! += 75 * ms;
        if (i !== reader) for (const leg of [legs.r, legs.s]) leg[i]! += 75 * ms;
      }
      return quorums;
    },
  };
}

const long = process.env.DSYS_LONG === '1';
const trials = long ? 1_000_000 : 80_000;
const models: Readonly<Record<string, (r: number, w: number) => WarsModel>> = {
  'LNKD-SSD': (r, w) => independent(3, r, w, ssd, ssd),
  'LNKD-DISK': (r, w) => independent(3, r, w, disk, ssd),
  YMMR: (r, w) => independent(3, r, w, ymmrWrite, ymmrOther),
  WAN: (r, w) => wan(3, r, w),
};
const results = new Map<string, WarsResult>();
function result(name: string, r: number, w: number): WarsResult {
  const key = `${name} ${r} ${w}`;
  const found = results.get(key) ?? simulateWars(models[name]!(r, w), trials, 1);
  results.set(key, found);
  return found;
}

const off = (found: number, expected: number): number => Math.abs(found / expected - 1);

describe('table 4: latencies and t-visibility at 99.9 %', () => {
  // Paper: Lr, Lw, t; then t of an independent run of 10^6 trials, where there was one.
  test.each([
    ['LNKD-SSD', 1, 1, 0.66, 0.66, 1.85, 1.99],
    ['LNKD-SSD', 1, 2, 0.66, 1.63, 1.79, null],
    ['LNKD-SSD', 2, 1, 1.63, 0.65, 0, 0],
    ['LNKD-SSD', 2, 2, 1.62, 1.64, 0, 0],
    ['LNKD-SSD', 3, 1, 4.14, 0.65, 0, 0],
    ['LNKD-SSD', 1, 3, 0.65, 4.09, 0, 0],
    ['LNKD-DISK', 1, 1, 0.66, 10.99, 45.5, 51.9],
    ['LNKD-DISK', 1, 2, 0.65, 20.97, 43.3, null],
    ['LNKD-DISK', 2, 1, 1.63, 10.9, 13.6, 14.4],
    ['LNKD-DISK', 2, 2, 1.64, 20.96, 0, 0],
    ['LNKD-DISK', 3, 1, 4.12, 10.89, 0, 0],
    ['LNKD-DISK', 1, 3, 0.65, 112.65, 0, 0],
    ['YMMR', 1, 1, 5.58, 10.83, 1364, null],
    ['YMMR', 1, 2, 5.61, 427.12, 1352, null],
    ['YMMR', 2, 1, 32.6, 10.73, 202, null],
    ['YMMR', 2, 2, 33.18, 428.11, 0, 0],
    ['YMMR', 3, 1, 219.27, 10.79, 0, 0],
    ['YMMR', 1, 3, 5.63, 1870.86, 0, 0],
    ['WAN', 1, 1, 3.4, 55.12, 113, 115.4],
    ['WAN', 1, 2, 3.4, 167.64, 0, null],
    ['WAN', 2, 1, 151.3, 56.36, 30.2, null],
    ['WAN', 2, 2, 151.31, 167.72, 0, 0],
    ['WAN', 3, 1, 153.86, 55.19, 0, 0],
    ['WAN', 1, 3, 3.44, 241.55, 0, 0],
  ] as const)('%s, R=%i, W=%i', (name, r, w, read, write, t, independentT) => {
    const { readLatency, writeLatency, visibleAfter } = result(name, r, w);
    // 80 of 80 000 trials lie beyond the percentile: tails of heavy distributions wobble by some per cent.
    const tolerance = long ? 0.05 : 0.12;
    expect(off(percentileOf(readLatency, 0.999) / ms, read), 'read').toBeLessThan(tolerance);
    expect(off(percentileOf(writeLatency, 0.999) / ms, write), 'write').toBeLessThan(tolerance);
    const found = percentileOf(visibleAfter, 0.999) / ms;
    if (r + w > 3 || (t === 0 && independentT === 0)) expect(found).toBeLessThanOrEqual(0.05);
    else if (t > 0) expect(off(found, t), `${found}`).toBeLessThan(0.2);
    if (independentT !== null && independentT > 0)
      expect(off(found, independentT), `${found}`).toBeLessThan(long ? 0.05 : 0.16);
  });
});

describe('sections 5.3, 5.6', () => {
  it('P(consistent) at once: SSD 97.4 %, DISK 43.9 % (43.7 %), and DISK after 10 ms 92.5 %', () => {
    // Standard error at most 0.0013.
    expect(Math.abs(consistentAt(result('LNKD-SSD', 1, 1), 0) - 0.9738)).toBeLessThan(0.004);
    expect(Math.abs(consistentAt(result('LNKD-DISK', 1, 1), 0) - 0.437)).toBeLessThan(0.005);
    expect(Math.abs(consistentAt(result('LNKD-DISK', 1, 1), 10 * ms) - 0.926)).toBeLessThan(0.005);
    expect(off(percentileOf(result('LNKD-SSD', 1, 1).readLatency, 0.5) / ms, 0.489)).toBeLessThan(0.03);
    expect(consistentAt(result('LNKD-DISK', 1, 1), 1e12)).toBe(1);
  });

  it.each([
    [4, 0.94],
    [0.1, 0.41],
  ])('exponential writes of rate %f against 1: %f', (rate, expected) => {
    const model = independent(3, 1, 1, exponential(ms / rate), exponential(ms));
    expect(Math.abs(consistentAt(simulateWars(model, 100_000, 1), 0) - expected)).toBeLessThan(0.01);
  });
});

describe('the model itself', () => {
  it('is a function of its seed, and strict quorums are never stale', () => {
    const model = models['LNKD-DISK']!(1, 1);
    expect(simulateWars(model, 1000, 5)).toEqual(simulateWars(model, 1000, 5));
    expect(simulateWars(model, 1000, 5)).not.toEqual(simulateWars(model, 1000, 6));
    expect(consistentAt(result('YMMR', 2, 2), 0)).toBe(1);
    expect(() => simulateWars(model, 0, 1)).toThrow('0 trials');
  });

  it('with writes that stop at the quorum and replicas in random order, it is the closed form', () => {
    const [n, r, w] = [5, 2, 2];
    const model: WarsModel = {
      replicas: n,
      draw: (random, legs) => {
        const fastest = [0, 1, 2, 3, 4];
        random.shuffle(fastest);
        for (let i = 0; i < n; i++) {
          legs.w[i] = fastest.indexOf(i) < w ? 1 : 1e9;
          legs.a[i] = 0;
          legs.r[i] = 0;
          legs.s[i] = random.uniform();
        }
        return { read: some(r, n), write: some(w, n) };
      },
    };
    const stale = 1 - consistentAt(simulateWars(model, 100_000, 1), 1);
    expect(Math.abs(stale - missesWrite(n, r, w))).toBeLessThan(0.008);
  });

  it('takes any quorum system', () => {
    const row: Quorum = {
      kind: 'combine',
      need: 1,
      of: [
        { kind: 'nodes', need: 2, of: [0, 1] },
        { kind: 'nodes', need: 2, of: [2, 3] },
      ],
    };
    const model: WarsModel = {
      replicas: 4,
      draw: (_random, legs) => {
        legs.w.set([1, 9, 3, 4]);
        legs.r.set([1, 9, 3, 4]);
        return { read: row, write: row };
      },
    };
    const { writeLatency, readLatency } = simulateWars(model, 1, 1);
    expect([writeLatency[0], readLatency[0]]).toEqual([4, 4]);
  });
});
