import { describe, expect, it } from 'vitest';
import type { ConflictPolicy, MultiLeader } from '../../design/mechanism.ts';
import { lostUpdates } from '../../run/state-checks.ts';
import { atMs, nodesTarget, type Sketch } from '../../testing/design.ts';
import { everything, mix, runLeaders, wrongIn } from '../../testing/multi-leader.ts';
import { okShare, replicasAgree } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';

type Kept = Parameters<typeof wrongIn>[1];
type Case = readonly [ConflictPolicy, Sketch, Kept, least: number, Partial<MultiLeader>?];

const all: Kept = ['copies', 'updates', 'writes'];
const counting: Sketch = { model: 'counter', workload: { mix: mix(['read', 0.5], ['increment', 0.5]) } };
const collecting: Sketch = { model: 'set', workload: { mix: mix(['read', 0.5], ['add', 0.5]) } };
const homes: readonly (readonly [string, number])[] = Array.from({ length: 10 }, (_, i) => [`k${i}`, i % 5] as const);

/** Clients of one kind of object, by policy: what is kept of it, and how much is answered at least. */
const cases: Readonly<Record<string, Case>> = {
  none: [{ kind: 'none' }, {}, ['writes'], 0.8],
  'last-write-wins by hybrid': [{ kind: 'last-write-wins', clock: 'hybrid' }, {}, ['copies', 'writes'], 0.8],
  'last-write-wins by lamport, two leaders': [
    { kind: 'last-write-wins', clock: 'lamport' },
    {},
    ['copies', 'writes'],
    0.7,
    { leaders: [1, 3] },
  ],
  'last-write-wins by physical, synchronous': [
    { kind: 'last-write-wins', clock: 'physical' },
    {},
    ['copies', 'writes'],
    0.4,
    { mode: 'synchronous' },
  ],
  'merge g-counter': [{ kind: 'merge', type: 'g-counter' }, counting, all, 0.8],
  'merge pn-counter, two leaders': [{ kind: 'merge', type: 'pn-counter' }, counting, all, 0.7, { leaders: [0, 4] }],
  'merge g-set': [{ kind: 'merge', type: 'g-set' }, collecting, all, 0.8],
  'merge or-set': [{ kind: 'merge', type: 'or-set' }, collecting, all, 0.8],
  'merge lww-register': [{ kind: 'merge', type: 'lww-register' }, {}, ['copies', 'writes'], 0.8],
  'siblings by dotted-vector per server': [
    { kind: 'siblings', by: 'dotted-vector', per: 'server' },
    {},
    ['copies', 'writes'],
    0.8,
  ],
  'siblings by vector per client, two leaders': [
    { kind: 'siblings', by: 'vector', per: 'client' },
    {},
    ['copies', 'writes'],
    0.6,
    { leaders: [1, 2] },
  ],
  'siblings of sets': [
    { kind: 'siblings', by: 'dotted-vector', per: 'server' },
    collecting,
    ['copies', 'writes', 'updates'],
    0.8,
  ],
  'version-check home': [{ kind: 'optimistic-lock', check: 'home' }, {}, all, 0.6],
  'version-check quorum': [{ kind: 'optimistic-lock', check: 'quorum' }, {}, all, 0.6],
  'version-check quorum of a counter': [{ kind: 'optimistic-lock', check: 'quorum' }, counting, all, 0.6],
  'version-check quorum with cas': [
    { kind: 'optimistic-lock', check: 'quorum' },
    { workload: { mix: mix(['read', 0.4], ['write', 0.2], ['cas', 0.3], ['delete', 0.1]) } },
    all,
    0.5,
  ],
  'pessimistic-lock by a majority': [
    { kind: 'pessimistic-lock', leaseNs: 500_000_000, fencing: true, grantedBy: 'majority' },
    {},
    all,
    0.6,
  ],
  'pessimistic-lock by all of three': [
    { kind: 'pessimistic-lock', leaseNs: 500_000_000, fencing: true, grantedBy: 'all' },
    {},
    all,
    0.45,
    { leaders: [0, 1, 2] },
  ],
  'pessimistic-lock of a counter': [
    { kind: 'pessimistic-lock', leaseNs: 500_000_000, fencing: true, grantedBy: 'majority' },
    counting,
    all,
    0.6,
  ],
  'avoid, drained': [{ kind: 'avoid', field: 'id', homes, onMove: 'drain' }, {}, all, 0.45],
  'avoid, fenced': [{ kind: 'avoid', field: 'id', homes, onMove: 'fence' }, {}, ['copies', 'writes'], 0.45],
};
const promote = (node: number, at: number) =>
  atMs(at, { kind: 'promote', store: 'db', targets: [nodesTarget(node)] }, null);

describe('multi-leader replication', () => {
  it.each(Object.entries(cases))(
    'keeps what it promises under chaos: %s',
    (_name, [conflicts, one, keeps, least, changes]) => {
      const shares: number[] = [];
      const actions = conflicts.kind === 'avoid' ? [promote(2, 1_000), promote(4, 2_500)] : [];
      for (const seed of seedsTo(seedCount(4, 200))) {
        const wanted = { ...everything, ...one, actions, workload: { ...everything.workload, ...one.workload } };
        const executed = runLeaders(wanted, seed, conflicts, changes);
        expect(wrongIn(executed, keeps), `seed ${seed}`).toEqual([]);
        expect(executed.ended).toBe('complete');
        shares.push(okShare(executed));
      }
      const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
      expect(mean).toBeGreaterThan(least);
    },
  );

  it('answers everything while nothing goes wrong', () => {
    for (const [name, [conflicts, one, , , changes]] of Object.entries(cases)) {
      const executed = runLeaders({ nodes: 5, ...one, forNs: 1_000_000_000 }, 1, conflicts, changes);
      expect(wrongIn(executed, []), name).toEqual([]);
      const { operations } = executed.log;
      // Optimists meet: what is refused then is a conflict.
      const wrong = operations.filter(({ outcome, why }) => outcome !== 'ok' && !why.startsWith('a conflict: '));
      expect(wrong, name).toEqual([]);
      expect(okShare(executed), name).toBeGreaterThan(0.9);
    }
  });

  it('counts every increment that was acknowledged, and no more than were asked for', () => {
    for (const name of ['merge g-counter', 'version-check quorum of a counter', 'pessimistic-lock of a counter']) {
      const [conflicts] = cases[name]!;
      const executed = runLeaders(
        { ...everything, ...counting, workload: { ...everything.workload, ...counting.workload } },
        3,
        conflicts,
      );
      const [member] = executed.sim.groups[0]!.members.values();
      const sums = Object.values(member!.protocol.contents(member!.state)).map(Number);
      const total = sums.reduce((sum, one) => sum + one, 0);
      const increments = executed.log.operations.filter(({ kind }) => kind === 'increment');
      expect(total, name).toBeGreaterThanOrEqual(increments.filter(({ outcome }) => outcome === 'ok').length);
      expect(total, name).toBeLessThanOrEqual(increments.filter(({ outcome }) => outcome !== 'fail').length);
    }
  });

  it('brings a replica that has lost its disk up to date', () => {
    const lost = atMs(800, { kind: 'crash', targets: [nodesTarget(2)], losingDisk: true }, 300);
    for (const name of Object.keys(cases).filter(one => one !== 'none')) {
      const [conflicts, one, , , changes] = cases[name]!;
      const executed = runLeaders({ nodes: 5, ...one, forNs: 1_500_000_000, actions: [lost] }, 2, conflicts, changes);
      expect(replicasAgree(executed), name).toBe('holds');
    }
  });

  it('goes on where others can be reached or nobody has to be', () => {
    const late = (name: string) => {
      const [conflicts, one, , , changes] = cases[name]!;
      // Clients stand beside the nodes that they call: only nodes are cut from each other.
      const cut = atMs(500, { kind: 'cut', a: [nodesTarget(0, 1)], b: [nodesTarget(2, 3, 4)], oneWay: false }, null);
      const executed = runLeaders({ nodes: 5, ...one, forNs: 3_000_000_000, actions: [cut] }, 1, conflicts, changes);
      const writes = executed.log.operations.filter(
        ({ kind, invoke, node }) => kind !== 'read' && invoke > executed.originNs + 1_500_000_000 && node < 2,
      );
      return writes.filter(({ outcome }) => outcome === 'ok').length;
    };
    for (const name of ['none', 'last-write-wins by hybrid', 'merge or-set', 'merge g-counter'])
      expect(late(name), name).toBeGreaterThan(20);
    // On the side of two of five there is no majority.
    for (const name of ['version-check quorum', 'pessimistic-lock by a majority']) expect(late(name), name).toBe(0);
  });
});

describe('lost updates', () => {
  const both: Sketch = {
    nodes: 3,
    workload: { mix: mix(['read', 0.2], ['write', 0.8]), keys: { count: 2, choice: 'uniform' } },
  };
  const judged = (conflicts: ConflictPolicy) => {
    const executed = runLeaders(both, 1, conflicts, { leaders: [0, 1, 2] });
    return lostUpdates(executed, executed.stores[0]!);
  };

  it.each([
    ['none', { kind: 'none' }, 'violated'],
    ['the last write wins', { kind: 'last-write-wins', clock: 'hybrid' }, 'violated'],
    ['versions are compared with nobody’s', { kind: 'optimistic-lock', check: 'local' }, 'violated'],
    ['versions are compared at home', { kind: 'optimistic-lock', check: 'home' }, 'holds'],
    ['versions are compared by a majority', { kind: 'optimistic-lock', check: 'quorum' }, 'holds'],
    ['locks', { kind: 'pessimistic-lock', leaseNs: 1_000_000_000, fencing: true, grantedBy: 'majority' }, 'holds'],
  ] as [string, ConflictPolicy, string][])('%s', (_name, conflicts, verdict) => {
    const found = judged(conflicts);
    expect(found.verdict, found.why).toBe(verdict);
  });

  it('and a compare-and-set that needs an order of all writes is refused where there is none', () => {
    const trying: Sketch = { nodes: 3, workload: { mix: mix(['cas', 1]) }, forNs: 300_000_000 };
    const executed = runLeaders(trying, 1, { kind: 'last-write-wins', clock: 'hybrid' }, { leaders: [0, 1, 2] });
    expect(executed.log.operations.length).toBeGreaterThan(10);
    for (const { outcome, why } of executed.log.operations) {
      expect(outcome).toBe('fail');
      expect(why).toMatch(/needs an order of all writes/);
    }
  });
});
