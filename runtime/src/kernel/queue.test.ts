import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cancel, createQueue, type EventQueue, type Handle, handleOf, peekTime, pop, push } from './queue.ts';

function drain(queue: EventQueue): number[] {
  const order: number[] = [];
  for (let slot = pop(queue); slot >= 0; slot = pop(queue)) order.push(queue.a[slot]);
  return order;
}

/** The plainest queue there is: an array, sorted by time and then by insertion. */
interface OracleEntry {
  time: number;
  id: number;
}

type Command = ['push', number] | ['pop'] | ['cancel', number] | ['peek'];

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 5, arbitrary: fc.tuple(fc.constant('push' as const), fc.nat(20)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('pop' as const)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('cancel' as const), fc.nat(1_000_000)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('peek' as const)) },
);

function compareWithOracle(commands: readonly Command[]): void {
  const queue = createQueue(4);
  let oracle: OracleEntry[] = [];
  const handles: Handle[] = [];
  const everyHandleMade: { handle: Handle; id: number }[] = [];
  let now = 0;
  for (const [name, argument] of commands) {
    if (name === 'push') {
      const id = handles.length;
      const slot = push(queue, now + argument!, 7, id, ~id, id * 2, `event ${id}`);
      handles.push(handleOf(queue, slot));
      everyHandleMade.push({ handle: handles[id], id });
      oracle.push({ time: now + argument!, id });
      oracle.sort((left, right) => left.time - right.time || left.id - right.id);
    } else if (name === 'pop') {
      const expected = oracle.shift();
      const slot = pop(queue);
      if (expected === undefined) {
        expect(slot).toBe(-1);
      } else {
        now = expected.time;
        expect([queue.now, queue.kind[slot], queue.a[slot], queue.b[slot], queue.c[slot], queue.ref[slot]]).toEqual([
          now,
          7,
          expected.id,
          ~expected.id,
          expected.id * 2,
          `event ${expected.id}`,
        ]);
      }
    } else if (name === 'cancel') {
      if (everyHandleMade.length === 0) continue;
      const { handle, id } = everyHandleMade[argument! % everyHandleMade.length];
      const pending = oracle.some(entry => entry.id === id);
      expect(cancel(queue, handle)).toBe(pending);
      oracle = oracle.filter(entry => entry.id !== id);
    } else {
      expect(peekTime(queue)).toBe(oracle.length === 0 ? Infinity : oracle[0].time);
    }
    expect(queue.size).toBe(oracle.length);
  }
  expect(drain(queue)).toEqual(oracle.map(entry => entry.id));
}

describe('event queue', () => {
  test('does what a sorted array does, with cancellation', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 300, size: 'max' }), commands => compareWithOracle(commands)),
      {
        numRuns: 400,
      },
    );
  });

  test('equal times come out in the order they went in', () => {
    const queue = createQueue(4);
    for (let id = 0; id < 1000; id++) push(queue, 5, 0, id, 0, 0, null);
    expect(drain(queue)).toEqual(Array.from({ length: 1000 }, (_, id) => id));
  });

  test('the heap is rebuilt when most entries are cancelled, and the order stays', () => {
    const queue = createQueue(4);
    const handles: Handle[] = [];
    for (let id = 0; id < 5000; id++)
      handles.push(handleOf(queue, push(queue, (id * 7919) % 1009, 0, id, 0, 0, { id })));
    const kept = handles.map((_, id) => id).filter(id => id % 5 === 0);
    for (const [id, handle] of handles.entries()) if (id % 5 !== 0) expect(cancel(queue, handle)).toBe(true);
    expect(queue.heapLength).toBeLessThan(5000 / 2 + 1);
    expect(queue.size).toBe(1000);
    expect(drain(queue)).toEqual(
      kept.sort((left, right) => ((left * 7919) % 1009) - ((right * 7919) % 1009) || left - right),
    );
  });

  test('a handle of a slot that was used again cancels nothing', () => {
    const queue = createQueue(4);
    const first = handleOf(queue, push(queue, 1, 0, 1, 0, 0, null));
    pop(queue);
    expect(cancel(queue, first)).toBe(false);
    pop(queue);
    const slot = push(queue, 2, 0, 2, 0, 0, null);
    expect(handleOf(queue, slot) % 1024).toBe(first % 1024);
    expect(cancel(queue, first)).toBe(false);
    expect(queue.size).toBe(1);
  });

  test('a popped event stays readable while its handler pushes others', () => {
    const queue = createQueue(4);
    push(queue, 1, 3, 10, 20, 30, 'first');
    const slot = pop(queue);
    for (let id = 0; id < 50; id++) push(queue, 2, 0, id, 0, 0, null);
    expect([queue.kind[slot], queue.a[slot], queue.ref[slot]]).toEqual([3, 10, 'first']);
  });

  test('given-back slots hold no object alive', () => {
    const queue = createQueue(4);
    for (let id = 0; id < 20; id++) push(queue, id, 0, id, 0, 0, { id });
    const cancelled = handleOf(queue, push(queue, 3, 0, 0, 0, 0, { big: true }));
    cancel(queue, cancelled);
    drain(queue);
    expect(queue.ref.every(ref => ref === undefined)).toBe(true);
  });

  test('refuses the past, what is no number, and more than its maximum', () => {
    const queue = createQueue(4, 8);
    push(queue, 100, 0, 0, 0, 0, null);
    pop(queue);
    expect(() => push(queue, 99, 0, 0, 0, 0, null)).toThrow('cannot be set for 99 ns: virtual time is already 100 ns');
    expect(() => push(queue, Number.NaN, 0, 0, 0, 0, null)).toThrow(RangeError);
    expect(() => push(queue, Infinity, 0, 0, 0, 0, null)).toThrow(RangeError);
    for (let id = 0; id < 7; id++) push(queue, 200, 0, id, 0, 0, null);
    expect(() => push(queue, 200, 0, 0, 0, 0, null)).toThrow(
      '7 events are pending at virtual time 100 ns, and there is room for 8',
    );
    expect(queue.size).toBe(7);
  });
});
