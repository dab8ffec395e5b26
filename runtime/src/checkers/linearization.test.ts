import fc from 'fast-check';
import { expect, test } from 'vitest';
import { modelNamed } from '../model/model.ts';
import type { History, Operation } from './history.ts';
import { decideLinearizable } from './linearizable.ts';
import { linearizationsOf, pointsOf } from './linearization.ts';

const register = modelNamed('register')!;

/** Operations on one register: reads and writes of few values, with any times and outcomes. */
const histories = fc
  .array(
    fc.record({
      read: fc.boolean(),
      value: fc.integer({ min: 1, max: 3 }),
      invoke: fc.nat(40),
      takes: fc.integer({ min: 1, max: 12 }),
      lost: fc.boolean(),
      key: fc.constantFrom('x', 'y'),
    }),
    { minLength: 1, maxLength: 9 },
  )
  .map(
    (drawn): History => ({
      initial: 0,
      operations: [...drawn]
        .sort((a, b) => a.invoke - b.invoke)
        .map(
          ({ read, value, invoke, takes, lost, key }, id): Operation => ({
            id,
            process: id,
            key,
            kind: read ? 'read' : 'write',
            input: read ? null : value,
            output: read ? value : null,
            invoke,
            complete: invoke + takes,
            outcome: lost ? 'unknown' : 'ok',
          }),
        ),
    }),
  );

test('a linearization respects real time and gives every answer, and its points lie within the operations', () => {
  let held = 0;
  let violated = 0;
  fc.assert(
    fc.property(histories, history => {
      const found = linearizationsOf(history, register);
      const verdict = decideLinearizable(history, register);
      if (verdict === 'unknown') return;
      expect(found.every(one => one.complete)).toBe(verdict === 'holds');
      if (verdict === 'holds') held++;
      else violated++;
      for (const { key, operations, complete } of found) {
        let value: unknown = 0;
        for (const [index, one] of operations.entries()) {
          if (one.kind === 'read') expect(one.output).toBe(value);
          else value = one.input;
          for (const later of operations.slice(index + 1))
            if (later.outcome === 'ok') expect(later.complete).toBeGreaterThanOrEqual(one.invoke);
        }
        const mustBeThere = history.operations.filter(one => one.key === key && one.outcome === 'ok');
        if (complete) expect(operations).toEqual(expect.arrayContaining(mustBeThere));
        const points = pointsOf(
          operations.map(one => ({
            first: one.invoke,
            last: one.outcome === 'ok' ? one.complete : Number.POSITIVE_INFINITY,
          })),
        );
        for (const [index, point] of points.entries()) {
          const { invoke, complete: end, outcome } = operations[index]!;
          expect(point).toBeGreaterThanOrEqual(invoke);
          if (outcome === 'ok') expect(point).toBeLessThanOrEqual(end);
          if (index > 0) expect(point).toBeGreaterThanOrEqual(points[index - 1]!);
        }
      }
    }),
    { numRuns: 600, seed: 5 },
  );
  expect(held).toBeGreaterThan(50);
  expect(violated).toBeGreaterThan(50);
});

test('a read that nobody can explain is left out of the longest partial linearization', () => {
  const at = (id: number, kind: 'read' | 'write', value: number, invoke: number, complete: number): Operation => ({
    id,
    process: id,
    key: 'x',
    kind,
    input: kind === 'write' ? value : null,
    output: kind === 'read' ? value : null,
    invoke,
    complete,
    outcome: 'ok',
  });
  const operations = [at(0, 'write', 1, 0, 5), at(1, 'write', 2, 10, 15), at(2, 'read', 1, 20, 25)];
  const [found] = linearizationsOf({ initial: 0, operations }, register);
  expect(found).toMatchObject({ complete: false });
  expect(found!.operations.map(one => one.id)).toEqual([0, 1]);
});

test('points stand half way, one after the other', () => {
  const forever = Number.POSITIVE_INFINITY;
  expect(
    pointsOf([
      { first: 0, last: 10 },
      { first: 2, last: 20 },
      { first: 4, last: forever },
    ]),
  ).toEqual([5, 11, 11]);
});
