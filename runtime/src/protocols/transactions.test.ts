/** A partition's part in transactions: locks by isolation level, votes, outcomes that come twice, late or wrongly. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../checkers/history.ts';
import { type IsolationLevel, isolationLevels } from '../design/property.ts';
import type { DataModel } from '../design/store.ts';
import type { Command } from './contract.ts';
import {
  answerOf,
  appliedOperations,
  apply,
  copyMachine,
  emptyMachine,
  fromImage,
  type Machine,
  readingOf,
  takeImage,
} from './machine.ts';
import { watchTransaction } from './transaction-coordinator/invariants.ts';
import { inquireInput, outcomeInput, prepareInput, type Step } from './transactions.ts';

const command = (input: Value, operation = -1): Command => ({ kind: 'transaction', key: '', input, operation });
const prepare = (
  machine: Machine,
  id: string,
  steps: readonly Step[],
  {
    age = 1,
    isolation = 'serializable' as IsolationLevel,
    deadlock = 'detect' as 'detect' | 'wait',
    operation = -1,
  } = {},
) =>
  apply(machine, command(prepareInput(id, { age, groups: ['g'], isolation, steps }, deadlock), operation), null) as [
    string,
    Value,
  ];
const finish = (machine: Machine, id: string, commits: boolean) =>
  apply(machine, command(outcomeInput(id, commits)), null);
const single = (machine: Machine, kind: Command['kind'], input: Value = null, key = 'x') =>
  answerOf(apply(machine, { kind, key, input, operation: -1 }, null));

function holding(model: DataModel = 'kv'): Machine {
  const machine = emptyMachine(model);
  if (model === 'kv') single(machine, 'write', 0);
  return machine;
}

describe('prepare', () => {
  it('reads, and changes nothing before the outcome; nobody sees past it', () => {
    const machine = holding();
    expect(
      prepare(machine, 't#1', [
        ['read', 'x', null],
        ['write', 'x', 7],
      ]),
    ).toEqual(['yes', [0, null]]);
    expect(machine.data.x).toBe(0);
    expect(single(machine, 'read')).toMatchObject({ kind: 'refused' });
    expect(readingOf(machine, 'x')).toMatchObject({ kind: 'refused' });
    expect(single(machine, 'write', 1)).toMatchObject({ kind: 'refused' });
    expect(single(machine, 'write', 1, 'y')).toMatchObject({ kind: 'ok' });
    finish(machine, 't#1', true);
    expect(readingOf(machine, 'x')).toEqual({ kind: 'ok', output: 7 });
    expect(machine.transactions.locks).toEqual({});
  });

  it('a refused operation of a session may come again, and is executed then', () => {
    const machine = holding();
    prepare(machine, 't#1', [['write', 'x', 7]]);
    const write = { kind: 'write', key: 'x', input: 8, operation: 3 } as const;
    const session = { client: 1, sequence: 1 };
    expect(answerOf(apply(machine, write, session)).kind).toBe('refused');
    finish(machine, 't#1', false);
    expect(answerOf(apply(machine, write, session)).kind).toBe('ok');
    expect(machine.data.x).toBe(8);
  });

  it.each(isolationLevels)('read locks at %s', isolation => {
    const machine = holding();
    const short = isolation === 'read-committed' || isolation === 'read-uncommitted';
    expect(prepare(machine, 't#1', [['read', 'x', null]], { isolation })).toEqual(['yes', [0]]);
    expect(single(machine, 'read').kind).toBe('ok');
    expect(single(machine, 'write', 5).kind).toBe(short ? 'ok' : 'refused');
    const other = prepare(machine, 't#2', [['write', 'x', 6]], { isolation, age: 2 });
    expect(other[0]).toBe(short ? 'yes' : 'no');
  });

  it.each(isolationLevels)('what another has only prepared, at %s', isolation => {
    const machine = holding();
    prepare(machine, 't#1', [['write', 'x', 6]]);
    const reader = prepare(machine, 't#2', [['read', 'x', null]], { isolation, age: 2 });
    expect(reader).toEqual(isolation === 'read-uncommitted' ? ['yes', [6]] : ['no', expect.stringContaining('t#1')]);
  });

  it('the older waits, the younger gives way; without detection everybody waits', () => {
    const machine = holding();
    prepare(machine, 't#5', [['write', 'x', 6]], { age: 5 });
    const steps: Step[] = [['write', 'x', 9]];
    expect(prepare(machine, 't#4', steps, { age: 4 })[0]).toBe('wait');
    expect(prepare(machine, 't#6', steps, { age: 6 })[0]).toBe('no');
    expect(prepare(machine, 't#7', steps, { age: 6, deadlock: 'wait' })[0]).toBe('wait');
    expect(Object.keys(machine.transactions.prepared)).toEqual(['t#5']);
  });

  it('that comes twice is answered as before; after an abort it is too late', () => {
    const machine = holding();
    const steps: Step[] = [
      ['read', 'x', null],
      ['write', 'x', 9],
    ];
    expect(prepare(machine, 't#1', steps)).toEqual(prepare(machine, 't#1', steps));
    finish(machine, 't#2', false);
    expect(prepare(machine, 't#2', [['write', 'y', 1]])[0]).toBe('no');
    finish(machine, 't#1', true);
    finish(machine, 't#1', true);
    expect(prepare(machine, 't#1', steps)[0]).toBe('no');
    expect(machine.data).toEqual({ x: 9 });
  });

  it('a no is final: the same prepare, repeated on its way, is no yes', () => {
    const machine = holding();
    prepare(machine, 't#1', [['write', 'x', 6]]);
    expect(prepare(machine, 't#2', [['write', 'x', 9]], { age: 2 })[0]).toBe('no');
    finish(machine, 't#1', true);
    expect(prepare(machine, 't#2', [['write', 'x', 9]], { age: 2 })[0]).toBe('no');
    expect(machine.transactions.outcomes['t#2']).toBe('aborted');
  });

  it('lists grow and counters count when it commits', () => {
    const list = holding('list');
    prepare(list, 't#1', [
      ['read', 'x', null],
      ['append', 'x', 1],
      ['read', 'x', null],
    ]);
    expect(prepare(list, 't#1', [])).toEqual(['yes', [[], null, [1]]]);
    finish(list, 't#1', true);
    expect(list.data.x).toEqual([1]);
    const counter = holding('counter');
    prepare(counter, 't#1', [['increment', 'x', -3]]);
    finish(counter, 't#1', true);
    expect(counter.data.x).toBe(-3);
  });

  it('stands in images and copies, and is among what survives', () => {
    const machine = holding();
    prepare(machine, 't#1', [['write', 'x', 6]], { operation: 42 });
    for (const other of [fromImage(takeImage(machine)), copyMachine(machine)]) {
      expect(apply(other, command(inquireInput('t#')), null)).toEqual([['t#1', ['g']]]);
      expect([...appliedOperations(other)]).toEqual([42]);
      finish(other, 't#1', false);
      expect([...appliedOperations(other)]).toEqual([]);
    }
    expect(machine.transactions.outcomes).toEqual({});
    finish(machine, 't#1', true);
    expect([...appliedOperations(machine)]).toEqual([42]);
  });
});

describe('monitors', () => {
  const view = (name: string) => ({ group: { name }, nameOf: () => `${name}1` }) as never;
  const watch = () => {
    const { ofParticipant } = watchTransaction('t');
    return (invariant: 'AC1' | 'AC2' | 'AC3' | 'InDoubtLocks', group: string, machine: Machine) =>
      ofParticipant(invariant, state => state as Machine).step(0, machine, view(group));
  };

  it('AC1: one commits, the other aborts', () => {
    const [a, b] = [holding(), holding()];
    for (const one of [a, b]) prepare(one, 't#1', [['write', 'x', 6]]);
    const look = watch();
    finish(a, 't#1', true);
    expect(look('AC1', 'a', a)).toBeUndefined();
    finish(b, 't#1', false);
    expect(look('AC1', 'b', b)).toMatch(/aborted at b and committed at a/);
  });

  it('AC2: told to commit what was never prepared', () => {
    const machine = holding();
    finish(machine, 't#1', true);
    expect(watch()('AC2', 'a', machine)).toMatch(/not prepared at a/);
  });

  it('AC3: told to commit what was aborted', () => {
    const machine = holding();
    const look = watch();
    finish(machine, 't#1', false);
    expect(look('AC3', 'a', machine)).toBeUndefined();
    finish(machine, 't#1', true);
    expect(look('AC3', 'a', machine)).toMatch(/was nothing at a, where it was aborted before|told to commit/);
  });

  it('InDoubtLocks: a lock that was let go', () => {
    const machine = holding();
    prepare(machine, 't#1', [['write', 'x', 6]]);
    machine.transactions.locks = {};
    expect(watch()('InDoubtLocks', 'a', machine)).toMatch(/does not hold the lock of a\/x/);
  });
});
