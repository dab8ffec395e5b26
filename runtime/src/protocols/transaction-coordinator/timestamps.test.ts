/** What a coordinator does with timestamps, by itself: which it takes, whom it asks what, and how long it keeps a commit back. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../../checkers/history.ts';
import { coordinatorOptions } from '../../testing/coordinator.ts';
import type { Command, Reply } from '../contract.ts';
import { transactionCoordinator as protocol } from './protocol.ts';
import { type CoordinatorDisk, type CoordinatorOptions, coordinatorDisk, type RoutedStep } from './state.ts';

const options = coordinatorOptions({ versions: { keepNs: 2e9, waitNs: 100 } });

function stage(changes: Partial<CoordinatorOptions> = {}, image?: CoordinatorDisk) {
  const disk = image ?? coordinatorDisk.empty();
  const clock = { wall: 1000 };
  const calls: { group: string; input: Value; token: number }[] = [];
  const replies: Reply['kind'][] = [];
  let asked = 0;
  const timers: Record<string, number> = {};
  const io = {
    persist: (write: never) => coordinatorDisk.apply(disk, write),
    call: (group: string, { kind, input }: Command, token: number) =>
      void calls.push({ group, input: kind === 'transaction' ? input : [kind, input], token }),
    reply: (_: unknown, reply: Reply) => void replies.push(reply.kind),
    setTimer: (name: string, ns: number) => {
      timers[name] = ns;
    },
    wallNs: () => clock.wall,
    monotonicNs: () => clock.wall,
    note() {},
  } as never;
  const state = protocol.boot({ self: 1, options: { ...options, ...changes }, group: {} as never }, image, io);
  return {
    disk,
    clock,
    calls,
    replies,
    timers,
    ask: (...steps: readonly RoutedStep[]) =>
      protocol.request(
        state,
        {
          id: ++asked,
          command: { kind: 'transaction', key: '', input: steps as unknown as Value, operation: 7 },
          session: null,
          attempt: 0,
        },
        io,
      ),
    answer: (index: number, output: Value) =>
      protocol.answered!(state, calls[index]!.token, { kind: 'ok', output }, io),
    wake: (name: string) => protocol.timer(state, name, io),
    words: () => calls.map(({ group, input }) => `${(input as string[])[0]} ${group}`),
    input: (index: number) => calls[index]!.input as Value[],
  };
}

const read = (group: string): RoutedStep => [group, 'read', 'x', null];
const write = (group: string): RoutedStep => [group, 'write', 'x', 1];

describe('whom it asks what', () => {
  it('the same start timestamp for all', () => {
    const { ask, clock, input } = stage();
    clock.wall = 5000;
    ask(write('g'), write('h'));
    expect([input(0).at(-1), input(1).at(-1)]).toEqual([
      [5000, 2e9],
      [5000, 2e9],
    ]);
  });

  it.each<[CoordinatorOptions['isolation'], readonly RoutedStep[], readonly string[]]>([
    ['serializable', [read('g'), write('h')], ['prepare g', 'prepare h']],
    ['snapshot', [read('g'), write('h')], ['prepare h', 'snapshot g']],
    ['serializable', [read('g'), read('h')], ['snapshot g', 'snapshot h']],
    ['read-committed', [read('g'), read('h')], ['snapshot g', 'snapshot h']],
  ])('%s: %j', (isolation, steps, words) => {
    const one = stage({ isolation });
    one.ask(...steps);
    expect(one.words().sort()).toEqual(words);
  });

  it('who only reads is answered without an outcome, a record or a wait', () => {
    const { ask, answer, words, replies, disk } = stage();
    ask(read('g'), read('h'));
    answer(0, ['values', [1]]);
    expect(replies).toEqual([]);
    answer(1, ['values', [2]]);
    expect(replies).toEqual(['ok']);
    expect(words()).toEqual(['snapshot g', 'snapshot h']);
    expect(disk.decisions).toEqual({});
  });

  it('begins again at what it was told, or later', () => {
    const { ask, answer, wake, clock, input } = stage();
    ask(write('g'));
    answer(0, ['no', 'x was written after its start', 7000]);
    clock.wall = 2000;
    wake('again');
    expect(input(2).at(-1)).toEqual([7000, 2e9]);
  });
});

describe('a commit', () => {
  it.each([
    ['of the largest vote', 1000, 4000],
    ['of its clock', 9000, 9000],
  ])('has the timestamp %s', (_what, wall, stamp) => {
    const { ask, answer, clock, input, disk } = stage({ versions: { keepNs: 2e9, waitNs: null } });
    ask(write('g'), write('h'));
    clock.wall = wall;
    answer(0, ['yes', [null], 4000]);
    answer(1, ['yes', [null], 3000]);
    expect([input(2)[2], input(3)[2]]).toEqual([stamp, stamp]);
    expect(Object.values(disk.decisions).map(one => one.stamp)).toEqual([stamp]);
  });

  it('is kept back from everybody until its timestamp is past on every clock', () => {
    const { ask, answer, clock, words, wake, replies, timers, disk } = stage();
    ask(write('g'));
    answer(0, ['yes', [null], 4000]);
    expect(Object.keys(disk.decisions)).toHaveLength(1);
    expect(timers['commit-wait']).toBe(3101);
    for (clock.wall of [4000, 4100]) {
      wake('commit-wait');
      expect([replies, words()]).toEqual([[], ['prepare g']]);
    }
    clock.wall = 4101;
    wake('commit-wait');
    expect([replies, words()]).toEqual([['ok'], ['prepare g', 'commit g']]);
  });

  it('is not put off by one that comes after it', () => {
    const { ask, answer, clock, wake, replies, timers } = stage();
    ask(write('g'));
    answer(0, ['yes', [null], 4000]);
    clock.wall = 2000;
    ask(write('h'));
    answer(1, ['yes', [null], 4050]);
    expect(timers['commit-wait']).toBe(2101);
    clock.wall = 4101;
    wake('commit-wait');
    expect(replies).toEqual(['ok']);
    expect(timers['commit-wait']).toBe(50);
    clock.wall = 4151;
    wake('commit-wait');
    expect(replies).toEqual(['ok', 'ok']);
  });

  it('also after a restart, at the same timestamp', () => {
    const decision = {
      id: 't#1.1.5',
      outcome: 'commit',
      groups: ['g'],
      stamp: 4000,
      unanimous: true,
      early: true,
    } as const;
    const { words, wake, clock, input } = stage({}, { incarnation: 1, begun: {}, decisions: { 't#1.1.5': decision } });
    expect(words()).not.toContain('commit g');
    clock.wall = 4101;
    wake('commit-wait');
    expect(words().at(-1)).toBe('commit g');
    expect(input(words().length - 1)[2]).toBe(4000);
  });

  it('of somebody else that stands in the Raft store has the timestamp that stands there', () => {
    const { ask, answer, calls, clock, input, words } = stage({
      decisions: 'd',
      versions: { keepNs: 2e9, waitNs: null },
    });
    ask(write('g'));
    answer(0, ['yes', [null], 4000]);
    expect(calls[1]).toMatchObject({ group: 'd', input: ['cas', [null, ['commit', 4000]]] });
    answer(1, false);
    clock.wall = 9000;
    answer(2, ['commit', 3500]);
    expect(words().at(-1)).toBe('commit g');
    expect(input(3)[2]).toBe(3500);
  });
});
