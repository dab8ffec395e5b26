import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { isQuorum, majorityOf, type Quorum, quorumNodes } from '../design/quorum.ts';
import type { NodeId } from '../design/topology.ts';
import { stream } from '../kernel/random.ts';
import { valueIn } from './known.ts';
import { atLeast, failureProbability, quorumAvailability, quorumAvailabilityInDomains } from './quorum-availability.ts';
import { leastLoad, leastLoadOfTrees, uniformLoad } from './quorum-load.ts';
import { membersOf, minimalQuorums, quorumsMax, resilientQuorums, sizeOf } from './quorum-sets.ts';
import { always, optimalStrategy, uniformStrategy, unitFigures } from './quorum-strategy.ts';
import { disjointPair, dualOf, indispensable, isReadOnce, resilienceOf, sizeOfSmallest } from './quorum-structure.ts';

const any = (need: number, of: readonly NodeId[]): Quorum => ({ kind: 'nodes', need, of });
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Any system over up to 7 nodes, that may name nodes twice. */
const anyQuorum: fc.Arbitrary<Quorum> = fc.letrec<{ quorum: Quorum }>(tie => ({
  quorum: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc
      .uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 5 })
      .chain(of => fc.integer({ min: 1, max: of.length }).map(need => any(need, of))),
    fc
      .array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 6 })
      .filter(weights => weights.some(weight => weight > 0))
      .chain(weights =>
        fc
          .integer({ min: 1, max: weights.reduce((a, b) => a + b) })
          .map((need): Quorum => ({ kind: 'weight', need, weights: weights.map((weight, node) => [node, weight]) })),
      ),
    fc
      .array(tie('quorum'), { minLength: 1, maxLength: 3 })
      .chain(of => fc.integer({ min: 1, max: of.length }).map((need): Quorum => ({ kind: 'combine', need, of }))),
  ),
})).quorum;

/** All subsets of 7 nodes as predicates. */
const subsets = range(128).map(set => ({ set, has: (node: NodeId) => ((set >> node) & 1) === 1 }));

describe('compared with brute force over all subsets', () => {
  test('minimal quorums are exactly the sets that lose their quorum with any node', () => {
    fc.assert(
      fc.property(anyQuorum, quorum => {
        const expected = subsets
          .filter(
            ({ set, has }) =>
              isQuorum(quorum, has) &&
              range(7).every(n => !has(n) || !isQuorum(quorum, one => one !== n && ((set >> one) & 1) === 1)),
          )
          .map(({ set }) => set);
        const { sets } = valueIn(minimalQuorums(quorum, range(7)));
        expect([...sets].sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });

  test('a set contains a quorum of the dual if and only if it meets every quorum', () => {
    fc.assert(
      fc.property(anyQuorum, quorum => {
        const dual = dualOf(quorum);
        for (const { has } of subsets) expect(isQuorum(dual, has)).toBe(!isQuorum(quorum, node => !has(node)));
      }),
    );
  });

  test('smallest quorum, resilience and indispensable members', () => {
    fc.assert(
      fc.property(anyQuorum, quorum => {
        const sizes = subsets.filter(({ has }) => isQuorum(quorum, has)).map(({ set }) => sizeOf(set));
        expect(valueIn(sizeOfSmallest(quorum))).toBe(Math.min(...sizes));
        const fatal = subsets.filter(({ has }) => !isQuorum(quorum, node => !has(node))).map(({ set }) => sizeOf(set));
        expect(valueIn(resilienceOf(quorum))).toBe(Math.min(...fatal) - 1);
        expect([...indispensable(quorum)].sort()).toEqual(
          range(7).filter(lost => !isQuorum(quorum, node => node !== lost)),
        );
      }),
    );
  });

  test('a disjoint pair is found if and only if there is one, and is one', () => {
    fc.assert(
      fc.property(anyQuorum, anyQuorum, (a, b) => {
        const exists = subsets.some(({ has }) => isQuorum(a, has) && isQuorum(b, node => !has(node)));
        const pair = valueIn(disjointPair(a, b));
        expect(pair !== null).toBe(exists);
        if (pair === null) return;
        expect(pair.first.filter(node => pair.second.includes(node))).toEqual([]);
        expect(isQuorum(a, node => pair.first.includes(node))).toBe(true);
        expect(isQuorum(b, node => pair.second.includes(node))).toBe(true);
      }),
    );
  });

  test('availability, and failure probability as its complement', () => {
    const up = (node: NodeId) => [0.9, 0.5, 0.99, 0.7, 0.2, 0.95, 1][node]!;
    fc.assert(
      fc.property(anyQuorum, quorum => {
        let expected = 0;
        for (const { has } of subsets) {
          if (isQuorum(quorum, has))
            expected += range(7).reduce((p, node) => p * (has(node) ? up(node) : 1 - up(node)), 1);
        }
        expect(valueIn(quorumAvailability(quorum, up))).toBeCloseTo(expected, 12);
        expect(valueIn(failureProbability(quorum, up))).toBeCloseTo(1 - expected, 12);
      }),
    );
  });

  test('resilient quorums are minimal sets that bear any loss of f of their nodes', () => {
    fc.assert(
      fc.property(anyQuorum, fc.integer({ min: 1, max: 2 }), (quorum, f) => {
        const bears = (set: number): boolean =>
          sizeOf(set) >= f &&
          subsets.every(
            ({ set: lost }) =>
              sizeOf(lost) !== f ||
              (lost & set) !== lost ||
              isQuorum(quorum, node => (((set & ~lost) >> node) & 1) === 1),
          );
        const expected = subsets
          .map(({ set }) => set)
          .filter(set => bears(set) && range(7).every(n => ((set >> n) & 1) === 0 || !bears(set & ~(1 << n))));
        expect([...valueIn(resilientQuorums(quorum, f, range(7))).sets].sort((a, b) => a - b)).toEqual(expected);
      }),
      { numRuns: 50 },
    );
  });
});

describe('load', () => {
  test('the tree program finds what the program over all quorums finds', () => {
    const readOnce = anyQuorum.filter(quorum => isReadOnce(quorum) && !JSON.stringify(quorum).includes('weight'));
    const figures = (node: NodeId) => ({ readPerSecond: 1 + node, writePerSecond: 3 + (node % 2), latency: 0 });
    fc.assert(
      fc.property(readOnce, readOnce, fc.constantFrom(0, 0.3, 1), (read, write, fraction) => {
        const question = { system: { read, write }, figures };
        const { load } = valueIn(leastLoad({ ...question, readFractions: always(fraction) }));
        expect(valueIn(leastLoadOfTrees({ ...question, readFractions: always(fraction) })).load).toBeCloseTo(load, 8);
      }),
    );
  });

  it('is k/n for any k of n equal nodes, also where the quorums cannot be written out', () => {
    for (const n of [3, 4, 5, 9, 14, 25, 60]) {
      const system = { read: any(majorityOf(n), range(n)), write: any(majorityOf(n), range(n)) };
      expect(valueIn(leastLoad({ system, figures: unitFigures, readFractions: always(0.5) })).load).toBeCloseTo(
        majorityOf(n) / n,
        9,
      );
    }
    const large = any(30, range(60));
    expect(minimalQuorums(large)).toEqual({ unknown: expect.stringContaining('60 nodes') });
    expect(minimalQuorums(any(15, range(30)))).toEqual({ unknown: expect.stringContaining(`${quorumsMax}`) });
  });

  it('is right or unknown where nodes differ a hundredfold, and never wrong where they differ more', () => {
    const random = stream(1, 'capacities');
    for (const [orders, unknownMax] of [
      [2, 0.02],
      [6, 0.3],
    ] as const) {
      let unknowns = 0;
      const runs = 250;
      for (let run = 0; run < runs; run++) {
        const n = 4 + random.int(6);
        const split = () => any(1 + random.int(2), [0, 1]);
        const quorum = (): Quorum =>
          random.chance(0.5)
            ? any(1 + random.int(n), range(n))
            : {
                kind: 'combine',
                need: 1 + random.int(2),
                of: [split(), any(1 + random.int(n - 2), range(n).slice(2))],
              };
        const perSecond = range(n).map(() => [0, 0].map(() => Math.exp(random.uniform() * orders * Math.LN10)));
        const figures = (node: NodeId) => ({
          readPerSecond: perSecond[node]![0]!,
          writePerSecond: perSecond[node]![1]!,
          latency: node,
        });
        const readFractions = range(1 + random.int(3)).map(() => [random.uniform(), 1] as const);
        const question = { system: { read: quorum(), write: quorum() }, figures, readFractions };
        const written = optimalStrategy({ ...question, failures: 0 }, 'load');
        const tree = leastLoadOfTrees(question);
        if (!('value' in written && 'value' in tree)) unknowns++;
        else expect(Math.abs(written.value.load / tree.value.load - 1)).toBeLessThan(1e-5);
        if (!('value' in written)) continue;
        const fast = optimalStrategy({ ...question, failures: 0 }, 'latency', { load: written.value.load * 1.2 });
        if ('value' in fast) expect(fast.value.load).toBeLessThanOrEqual(written.value.load * 1.2 * (1 + 1e-5));
      }
      expect(unknowns / runs).toBeLessThan(unknownMax);
    }
  });

  it('says why there is none', () => {
    const system = { read: any(4, [0, 1, 2]), write: any(1, [0]) };
    expect(uniformStrategy({ system, figures: unitFigures, readFractions: always(1), failures: 0 })).toEqual({
      unknown: 'there is no read quorum',
    });
    expect(
      leastLoad({ system: { read: any(1, [0]), write: any(1, [0]) }, figures: unitFigures, readFractions: always(2) }),
    ).toEqual({
      unknown: expect.stringContaining('not between 0 and 1'),
    });
  });
});

test('the uniform load of large thresholds is what counting gives of small ones', () => {
  const figures = (node: NodeId) => ({ readPerSecond: 1 + node, writePerSecond: 2, latency: 0 });
  const question = (n: number) => ({
    system: { read: any(3, range(n)), write: any(n - 2, range(n)) },
    figures,
    readFractions: [
      [0.2, 1],
      [0.9, 2],
    ] as const,
  });
  const byHand = (n: number, fraction: number) =>
    Math.max(...range(n).map(node => (fraction * 3) / n / (1 + node) + ((1 - fraction) * (n - 2)) / n / 2));
  for (const n of [5, 9, 40]) {
    const { load, capacity } = valueIn(uniformLoad(question(n)));
    expect(load).toBeCloseTo((byHand(n, 0.2) + 2 * byHand(n, 0.9)) / 3, 12);
    expect(capacity).toBeCloseTo((1 / byHand(n, 0.2) + 2 / byHand(n, 0.9)) / 3, 12);
  }
});

describe('beyond enumeration nothing is guessed', () => {
  it('large nested systems are exact, large ones that name nodes twice are unknown', () => {
    const sites = range(5).map(site =>
      any(
        3,
        range(5).map(i => site * 5 + i),
      ),
    );
    const nested: Quorum = { kind: 'combine', need: 3, of: sites };
    expect(valueIn(resilienceOf(nested))).toBe(8);
    const site = atLeast(
      3,
      range(5).map(() => 0.9),
    );
    expect(valueIn(quorumAvailability(nested, () => 0.9))).toBeCloseTo(
      atLeast(
        3,
        range(5).map(() => site),
      ),
      14,
    );
    const twice: Quorum = { kind: 'combine', need: 2, of: [nested, any(1, range(25))] };
    expect(quorumAvailability(twice, () => 0.9)).toEqual({ unknown: expect.stringContaining('25 nodes') });
    const heavy: Quorum = { kind: 'weight', need: 1e9, weights: range(28).map(i => [i, 3e8 + i * i]) };
    expect(quorumAvailability(heavy, () => 0.9)).toEqual({ unknown: expect.stringContaining('weights') });
    expect(resilientQuorums(any(2, range(5)), 1e9)).toEqual({ value: { nodes: range(5), sets: [] } });
    expect(membersOf(0b101, [7, 8, 9])).toEqual([7, 9]);
  });
});

test('nodes that share a domain fail with it', () => {
  const quorum = any(2, [0, 1, 2]);
  const up = () => 0.99;
  const alone = valueIn(quorumAvailability(quorum, up));
  // Two of three in one rack: either the rack is up, or nothing is left.
  const shared = valueIn(quorumAvailabilityInDomains(quorum, up, [{ nodes: [0, 1], availability: 0.9 }]));
  expect(shared).toBeCloseTo(0.9 * alone, 14);
  const apart = range(3).map(node => ({ nodes: [node], availability: 0.9 }));
  expect(valueIn(quorumAvailabilityInDomains(quorum, up, apart))).toBeCloseTo(atLeast(2, [0.891, 0.891, 0.891]), 14);
  expect(quorumNodes(quorum)).toEqual([0, 1, 2]);
});
