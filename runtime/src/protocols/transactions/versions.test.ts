/** Versions of one partition: what each level reads, who has to wait or give way, at which timestamps; and every monitor. */
import { describe, expect, it } from 'vitest';
import type { Value } from '../../checkers/history.ts';
import { type IsolationLevel, isolationLevels } from '../../design/property.ts';
import type { DataModel } from '../../design/store.ts';
import type { Command } from '../contract.ts';
import { answerOf, apply, emptyMachine, fromImage, type Machine, readingOf, takeImage } from '../machine.ts';
import { outcomeInput, prepareInput, type Step, snapshotInput, type Vote } from '../transactions.ts';
import { type VersionInvariant, versionInvariantsOf, watchVersions } from './version-invariants.ts';
import { type Deed, readsSnapshot } from './versions.ts';

const command = (input: Value): Command => ({ kind: 'transaction', key: '', input, operation: -1 });
const keepNs = 1000;
const prepare = (
  machine: Machine,
  id: string,
  at: number,
  steps: readonly Step[],
  isolation: IsolationLevel = 'snapshot',
) =>
  apply(
    machine,
    command(prepareInput(id, { age: at, groups: ['g'], isolation, steps }, 'detect', { at, keepNs })),
    null,
  ) as unknown as Vote;
const snapshot = (machine: Machine, at: number, key = 'x', isolation: IsolationLevel = 'snapshot') =>
  apply(
    machine,
    command(snapshotInput('r#1', isolation, [['read', key, null]], { at, keepNs })),
    null,
  ) as unknown as Vote;
const commit = (machine: Machine, id: string, at: number) => apply(machine, command(outcomeInput(id, true, at)), null);
const abort = (machine: Machine, id: string) => apply(machine, command(outcomeInput(id, false)), null);
const single = (machine: Machine, kind: Command['kind'], input: Value = null, key = 'x') =>
  answerOf(apply(machine, { kind, key, input, operation: -1 }, null)).kind;
const write = (value: number, key = 'x'): Step => ['write', key, value];
const read = (key = 'x'): Step => ['read', key, null];

/** x is 0, then 1 from 100 on, 2 from 200 on. */
function holding(model: DataModel = 'kv'): Machine {
  const machine = emptyMachine(model);
  single(machine, 'write', 0);
  for (const value of [1, 2]) {
    prepare(machine, `w#${value}`, value * 100 - 10, [write(value)]);
    commit(machine, `w#${value}`, value * 100);
  }
  return machine;
}

describe('a snapshot', () => {
  it('is what stood there at its timestamp', () => {
    const machine = holding();
    expect([50, 99, 100, 199, 200, 999].map(at => (snapshot(machine, at)[1] as Value[])[0])).toEqual([
      0, 0, 1, 1, 2, 2,
    ]);
    expect(machine.transactions.prepared).toEqual({});
    expect(machine.transactions.locks).toEqual({});
  });

  it('waits for what may commit below it, and for nothing else', () => {
    const machine = holding();
    expect(prepare(machine, 'w#3', 300, [write(3)])).toEqual(['yes', [null], 301]);
    expect(snapshot(machine, 300)).toEqual(['values', [2]]);
    expect(snapshot(machine, 301)[0]).toBe('wait');
    commit(machine, 'w#3', 310);
    expect([300, 309, 310].map(at => snapshot(machine, at)[1])).toEqual([[2], [2], [3]]);
  });

  it('is final: who writes later commits above it', () => {
    const machine = holding();
    snapshot(machine, 500);
    expect(prepare(machine, 'w#3', 400, [write(3)])).toEqual(['yes', [null], 501]);
    abort(machine, 'w#3');
    expect(single(machine, 'write', 7)).toBe('ok');
    expect(snapshot(machine, 500)).toEqual(['values', [2]]);
    expect(snapshot(machine, 501)).toEqual(['values', [7]]);
  });

  it('holds up no writer', () => {
    const machine = holding();
    snapshot(machine, 500, 'x', 'serializable');
    expect(prepare(machine, 'w#3', 600, [write(3)], 'serializable')[0]).toBe('yes');
    abort(machine, 'w#3');
    expect(single(machine, 'write', 3)).toBe('ok');
  });

  it('reads its own writes', () => {
    const machine = holding();
    expect(prepare(machine, 't#1', 300, [read(), write(9), read()])).toEqual(['yes', [2, null, 9], 301]);
  });

  it.each(isolationLevels)('%s: is of the start or of now', isolation => {
    const machine = holding();
    expect(snapshot(machine, 150, 'x', isolation)[1]).toEqual([readsSnapshot(isolation) ? 1 : 2]);
    prepare(machine, 'w#3', 300, [write(3)]);
    expect(snapshot(machine, 400, 'x', isolation)[0]).toBe(readsSnapshot(isolation) ? 'wait' : 'values');
  });
});

describe('who writes', () => {
  it('gives way to what was committed after its start, and is told how late to begin', () => {
    const machine = holding();
    expect(prepare(machine, 't#1', 150, [write(9)])).toEqual(['no', expect.stringContaining('x was written'), 200]);
    expect(prepare(machine, 't#2', 200, [write(9)])[0]).toBe('yes');
    expect(prepare(machine, 't#3', 150, [write(9, 'y')])[0]).toBe('yes');
  });

  it('gives way to who has prepared and began later, and waits for who began earlier: never in a circle', () => {
    const machine = holding();
    prepare(machine, 't#5', 500, [write(5)]);
    expect(prepare(machine, 't#4', 400, [write(4)])).toEqual(['no', expect.stringContaining('t#5'), 501]);
    expect(prepare(machine, 't#6', 501, [write(6)])[0]).toBe('wait');
    abort(machine, 't#5');
    expect(prepare(machine, 't#6', 501, [write(6)])[0]).toBe('yes');
  });

  it('at read committed, nobody gives way to what is committed', () => {
    const machine = holding();
    expect(prepare(machine, 't#1', 150, [read(), write(9)], 'read-committed')).toEqual(['yes', [2, null], 201]);
    expect(single(machine, 'read')).toBe('refused');
    expect(readingOf(machine, 'x').kind).toBe('refused');
  });
});

describe('what was read', () => {
  it.each(isolationLevels)('%s: must be the newest, and stay so until the outcome, or not', isolation => {
    const certified = readsSnapshot(isolation) && isolation !== 'snapshot';
    const machine = holding();
    const late = prepare(machine, 't#1', 150, [read(), write(9, 'y')], isolation);
    expect(late[0]).toBe(certified ? 'no' : 'yes');
    prepare(machine, 't#2', 300, [read(), write(9, 'z')], isolation);
    expect(prepare(machine, 'w#3', 250, [write(3)])[0]).toBe(certified ? 'no' : 'yes');
    expect(prepare(machine, 'w#4', 400, [write(3)])[0]).toBe('wait');
    abort(machine, 'w#3');
    expect(single(machine, 'write', 5)).toBe(certified ? 'refused' : 'ok');
  });

  it('is written by others after its commit timestamp only', () => {
    const machine = holding();
    prepare(machine, 't#1', 300, [read(), write(9, 'y')], 'serializable');
    commit(machine, 't#1', 800);
    expect(prepare(machine, 'w#3', 400, [write(3)])[2]).toBe(801);
  });
});

describe('old versions', () => {
  it('are collected when nobody begins so early any more, and who does is told to begin later', () => {
    const machine = holding();
    for (const value of [3, 4, 5]) {
      prepare(machine, `w#${value}`, value * 1000 - 10, [write(value)]);
      commit(machine, `w#${value}`, value * 1000);
    }
    expect(machine.transactions.chains.x!.versions.map(({ at }) => at)).toEqual([3000, 4000, 5000]);
    expect(snapshot(machine, 3500)).toEqual(['values', [3]]);
    expect(snapshot(machine, 2500)).toEqual(['no', expect.stringContaining('collected'), 3000]);
  });

  it('stand in images', () => {
    const machine = holding();
    const image = takeImage(machine);
    prepare(machine, 'w#3', 300, [write(3)]);
    commit(machine, 'w#3', 310);
    const other = fromImage(image);
    expect([150, 400].map(at => snapshot(other, at)[1])).toEqual([[1], [2]]);
    expect(snapshot(machine, 400)[1]).toEqual([3]);
  });

  it('of keys that no transaction has touched are not kept', () => {
    const machine = emptyMachine('kv');
    for (const value of [1, 2, 3]) single(machine, 'write', value);
    expect(machine.transactions.chains).toEqual({});
    expect(snapshot(machine, -5)).toEqual(['values', [3]]);
  });
});

describe('monitors', () => {
  const all = versionInvariantsOf({ concurrency: 'versions', isolation: 'serializable' } as never);
  /** What the monitors of transaction `t` say of these deeds, group by group. */
  const said = (
    ...deeds: readonly (readonly [group: string, deed: Deed])[]
  ): Partial<Record<VersionInvariant, string>> => {
    const watch = watchVersions('t');
    const found: Partial<Record<VersionInvariant, string>> = {};
    const machines: Record<string, Machine> = {};
    for (const [name, deed] of deeds) {
      const machine = (machines[name] ??= emptyMachine('kv'));
      const { count, last } = machine.transactions.deeds;
      machine.transactions.deeds = { count: count + 1, last: [...last, deed] };
      for (const invariant of all) {
        const monitor = watch(invariant, state => state as Machine);
        const why = monitor.step(0, machine, { group: { name }, nameOf: () => name } as never);
        if (why !== undefined) found[invariant] ??= why;
      }
    }
    return found;
  };
  const reads = (id: string, at: number, saw: number, kind: 'read' | 'certified' = 'read'): Deed => ({
    kind,
    id,
    key: 'x',
    at,
    saw,
  });
  const writes = (id: string, at: number, changes: Partial<Extract<Deed, { kind: 'write' }>> = {}): Deed => ({
    kind: 'write',
    id,
    key: 'x',
    at,
    over: 0,
    start: 5,
    saw: null,
    least: 6,
    ...changes,
  });

  it.each<[VersionInvariant, string, readonly (readonly [string, Deed])[]]>([
    ['NoLostUpdate', 'replaces another than it read', [['g', writes('t#1', 10, { saw: -1 })]]],
    ['NoLostUpdate', 'does not go on top', [['g', writes('t#1', 10, { over: 10, start: 20 })]]],
    ['FirstCommitterWins', 'was written since its start', [['g', writes('t#1', 10, { over: 7 })]]],
    [
      'SnapshotRead',
      'there was a newer one',
      [
        ['g', writes('u#1', 10)],
        ['g', reads('t#1', 12, 0)],
      ],
    ],
    [
      'SnapshotRead',
      'a newer one comes',
      [
        ['g', reads('t#1', 12, 0)],
        ['g', writes('u#1', 10)],
      ],
    ],
    [
      'CertifiedReads',
      'a newer one comes below its commit',
      [
        ['g', reads('t#1', 12, 0, 'certified')],
        ['g', writes('u#1', 10)],
      ],
    ],
    [
      'OneSnapshot',
      'two starts',
      [
        ['g', reads('t#1', 12, 0)],
        ['h', reads('t#1', 13, 0)],
      ],
    ],
    [
      'OneCommit',
      'two commits',
      [
        ['g', writes('t#1', 10)],
        ['h', writes('t#1', 11)],
      ],
    ],
    ['OneCommit', 'below what was voted', [['g', writes('t#1', 10, { least: 11 })]]],
  ])('%s: %s', (invariant, _what, deeds) => {
    expect(Object.keys(said(...deeds))).toEqual([invariant]);
  });

  it('say nothing of what is right, of others, or of what replicas show again', () => {
    const right: readonly (readonly [string, Deed])[] = [
      ['g', reads('t#1', 5, 0)],
      ['g', writes('t#1', 10, { saw: 0 })],
      ['h', reads('t#1', 5, 0)],
      ['g', reads('t#2', 12, 10)],
      ['g', writes('', 13, { over: 10, start: null })],
    ];
    expect(said(...right, ...right)).toEqual({});
    expect(said(['g', writes('u#1', 10, { over: 7 })])).toEqual({});
  });

  it('are those of the level', () => {
    const of = (isolation: IsolationLevel, concurrency: 'locks' | 'versions' = 'versions') =>
      versionInvariantsOf({ concurrency, isolation } as never).length;
    expect([of('serializable'), of('snapshot'), of('read-committed'), of('serializable', 'locks')]).toEqual([
      6, 5, 1, 0,
    ]);
  });
});
