import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OperationKind, Value } from '../../checkers/history.ts';
import type { Crdt } from './crdt.ts';
import { type CrdtName, crdtNamed } from './crdts.ts';
import { orSet } from './or-set.ts';

const names: readonly CrdtName[] = ['g-counter', 'pn-counter', 'g-set', 'or-set', 'lww-register'];

/** What a replica does: an operation of the type with a small input, or it takes another one's state. */
type Step =
  | { readonly at: number; readonly does: number; readonly input: number }
  | { readonly at: number; readonly from: number };

const replicas = 3;
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ at: fc.nat(replicas - 1), does: fc.nat(3), input: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ at: fc.nat(replicas - 1), from: fc.nat(replicas - 1) }),
);
const steps = fc.array(step, { minLength: 1, maxLength: 30 });

interface Execution {
  /** Every state that some replica had, the first one among them. */
  readonly states: readonly unknown[];
  readonly deltas: readonly unknown[];
  readonly last: readonly unknown[];
}

function executed(type: Crdt<unknown>, all: readonly Step[]): Execution {
  const now = Array.from({ length: replicas }, () => type.empty);
  const states: unknown[] = [type.empty];
  const deltas: unknown[] = [];
  all.forEach((one, number) => {
    if ('from' in one) now[one.at] = type.merge(now[one.at], now[one.from]);
    else {
      const kind: OperationKind = type.kinds[one.does % type.kinds.length]!;
      const input: Value = type.name === 'pn-counter' ? one.input - 2 : one.input;
      const stamp = { time: one.input, count: number, node: one.at, life: 1 };
      const delta = type.update(now[one.at], { kind, input }, { replica: `r${one.at}`, number, stamp });
      expect(typeof delta).not.toBe('string');
      deltas.push(delta);
      now[one.at] = type.merge(now[one.at], delta);
    }
    states.push(now[one.at]);
  });
  return { states, deltas, last: now };
}

describe.each(names)('%s', name => {
  const type = crdtNamed(name);

  it('merges in a semilattice: associative, commutative, idempotent, and never down', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), (all, at) => {
        const { states } = executed(type, all);
        const [a, b, c] = at.map(i => states[i % states.length]);
        const ab = type.merge(a, b);
        expect(type.merge(b, a)).toEqual(ab);
        expect(type.merge(ab, c)).toEqual(type.merge(a, type.merge(b, c)));
        expect(type.merge(a, a)).toEqual(a);
        // s ⊑ merge(s, ·): what is below adds nothing.
        expect(type.merge(ab, a)).toEqual(ab);
        expect(type.merge(ab, b)).toEqual(ab);
        expect(type.merge(a, type.empty)).toEqual(a);
      }),
      { numRuns: 200 },
    );
  });

  it('comes to the same whatever the order, and however often things come', () => {
    fc.assert(
      fc.property(steps, fc.array(fc.tuple(fc.nat(), fc.boolean()), { maxLength: 40 }), (all, shuffle) => {
        const { deltas, last } = executed(type, all);
        const whole = last.reduce((a, b) => type.merge(a, b));
        const order = deltas.map((_, i) => i);
        for (const [i, [at]] of shuffle.entries()) {
          if (order.length === 0) break;
          const [x, y] = [i % order.length, at % order.length];
          [order[x], order[y]] = [order[y]!, order[x]!];
        }
        const twice = shuffle.flatMap(([at, again]) => (again && order.length > 0 ? [order[at % order.length]!] : []));
        const state = [...order, ...twice].reduce((sum: unknown, i) => type.merge(sum, deltas[i]), type.empty);
        expect(state).toEqual(whole);
        expect(type.value(state)).toEqual(type.value(whole));
      }),
      { numRuns: 200 },
    );
  });
});

describe('what they mean', () => {
  const doing = (replica: string, number: number) => ({
    replica,
    number,
    stamp: { time: number, count: 0, node: 0, life: 1 },
  });
  const run = (name: CrdtName, ...all: readonly (readonly [OperationKind, Value])[]): Value => {
    const type = crdtNamed(name);
    const state = all.reduce(
      (sum: unknown, [kind, input], i) => type.merge(sum, type.update(sum, { kind, input }, doing(`r${i % 2}`, i))),
      type.empty,
    );
    return type.value(state);
  };

  it('one after the other they do what their model does', () => {
    expect(run('g-counter', ['increment', null], ['increment', 2])).toBe(3);
    expect(run('pn-counter', ['increment', 5], ['increment', -7])).toBe(-2);
    expect(run('g-set', ['add', 2], ['add', 1], ['add', 2])).toEqual([1, 2]);
    expect(run('or-set', ['add', 1], ['add', 2], ['delete', 1])).toEqual([2]);
    expect(run('or-set', ['add', 1], ['delete', 1], ['add', 1])).toEqual([1]);
    expect(run('lww-register', ['write', 1], ['write', 2])).toBe(2);
    expect(run('lww-register', ['write', 1], ['delete', null])).toBe(null);
  });

  it('says what it cannot do', () => {
    const says = (name: CrdtName, kind: OperationKind, input: Value) =>
      crdtNamed(name).update(crdtNamed(name).empty, { kind, input }, doing('a', 1));
    expect(says('g-counter', 'increment', -1)).toMatch(/pn-counter/);
    expect(says('g-set', 'delete', 1)).toMatch(/or-set/);
    expect(says('lww-register', 'cas', [1, 2])).toBe('a lww-register knows no cas');
  });

  it('S50: an addition that a removal had not seen stays; sets that are put in place of each other do not come to the same', () => {
    const had = orSet.update(orSet.empty, { kind: 'add', input: 'x' }, doing('a', 1)) as typeof orSet.empty;
    const added = orSet.update(had, { kind: 'add', input: 'x' }, doing('a', 2)) as typeof orSet.empty;
    const removed = orSet.update(had, { kind: 'delete', input: 'x' }, doing('b', 1)) as typeof orSet.empty;
    const [a, b] = [orSet.merge(had, added), orSet.merge(had, removed)];
    expect([orSet.value(a), orSet.value(b)]).toEqual([['x'], []]);
    expect(orSet.value(orSet.merge(a, removed))).toEqual(['x']);
    expect(orSet.value(orSet.merge(b, added))).toEqual(['x']);

    // Without tags: what is in either of two sets, or what both have. The one brings back what was taken out, the other
    // loses what was added, and neither is what both clients wanted.
    const union = (p: readonly string[], q: readonly string[]) => [...new Set([...p, ...q])];
    const common = (p: readonly string[], q: readonly string[]) => p.filter(one => q.includes(one));
    expect(union([], ['x'])).toEqual(['x']); // b has removed x and a has done nothing: x is back.
    expect(common(['x'], [])).toEqual([]); // a has added x and b has done nothing: x is gone.
    // And the last to arrive of two values: the replicas differ for good.
    const lastOf = (..._came: readonly (readonly string[])[]) => _came.at(-1);
    expect(lastOf(['x'], [])).not.toEqual(lastOf([], ['x']));
  });
});
