import { describe, expect, it } from 'vitest';
import type { Mechanism } from '../../design/mechanism.ts';
import type { NodeRole } from '../../design/topology.ts';
import { plainGroup, silentIo } from '../../testing/by-hand.ts';
import {
  atMs,
  cheapPaxosOptions,
  flexiblePaxosOptions,
  multiPaxosOptions,
  nodesTarget,
  type Sketch,
} from '../../testing/design.ts';
import { brokenIn, complaintsOf, linearizability, replicasAgree, runSketch } from '../../testing/runs.ts';
import { seedsTo } from '../../testing/seeds.ts';
import type { ClientRequest, Reply } from '../contract.ts';
import { snapshotEvery } from './learning.ts';
import { multiPaxos } from './multi-paxos.ts';
import { lastSlot } from './slots.ts';
import type { PaxosDisk, PaxosMessage, PaxosState, PaxosWrite } from './state.ts';

type Run = ReturnType<typeof runSketch>;
const groupOf = (executed: Run) => executed.sim.groups[0]!;
const statesOf = (executed: Run) => groupOf(executed).states as ReadonlyMap<number, PaxosState>;
const leaderOf = (executed: Run) => [...statesOf(executed)].find(([, state]) => state.role === 'leader')?.[0];

const busy = (wanted: Sketch): Sketch => ({
  workload: { idempotent: true, retries: 3, timeoutNs: 400_000_000, clients: 10 },
  forNs: 4_000_000_000,
  settleNs: 2_000_000_000,
  ...wanted,
});
const crash = (node: number, atTime: number, forMs: number) =>
  atMs(atTime, { kind: 'crash', targets: [nodesTarget(node)], losingDisk: false }, forMs);
const promote = (node: number, atTime: number) =>
  atMs(atTime, { kind: 'promote', targets: [nodesTarget(node)], store: 'db' });

describe('snapshots', () => {
  it('bound what members keep in memory and on disk, and bring back who was away', () => {
    for (const seed of seedsTo(4)) {
      const executed = runSketch(
        busy({ mechanism: multiPaxosOptions(), actions: [crash(1, 300, 2_500), crash(0, 3_200, 200)] }),
        seed,
      );
      expect(brokenIn(executed)).toEqual([]);
      expect(linearizability(executed)).toBe('holds');
      expect(replicasAgree(executed)).toBe('holds');
      for (const [node, state] of statesOf(executed)) {
        expect(lastSlot(state.slots)).toBeGreaterThan(4 * snapshotEvery);
        expect(state.slots.known.length).toBeLessThan(2 * snapshotEvery);
        const disk = groupOf(executed).members.get(node)!.image as PaxosDisk;
        expect(disk.slots.known.length).toBeLessThan(2 * snapshotEvery);
        expect(disk.snapshot!.slot).toBe(state.snapshot!.slot);
      }
    }
  });
});

describe('promote', () => {
  it.each([
    ['multi-paxos', multiPaxosOptions()],
    ['multi-paxos under a lease that is longer than the wait for it', multiPaxosOptions({ leaseNs: 3_000_000_000 })],
    ['flexible-paxos', flexiblePaxosOptions(3, 1)],
  ] as [string, Mechanism][])('moves the leadership: %s', (_name, mechanism) => {
    for (const seed of seedsTo(4)) {
      for (const node of [0, 1, 2]) {
        const executed = runSketch(
          busy({ mechanism, forNs: 2_000_000_000, settleNs: 100_000_000, actions: [promote(node, 800)] }),
          seed,
        );
        expect(leaderOf(executed)).toBe(node);
        expect(brokenIn(executed)).toEqual([]);
        expect(linearizability(executed)).toBe('holds');
        // Nobody waits for a lease to run out.
        const slow = executed.log.operations.filter(one => one.ended - one.invoke > 400_000_000);
        expect(slow).toEqual([]);
      }
    }
  });

  it('does nothing where the node holds no data', () => {
    const roles: NodeRole[] = ['member', 'member', 'member', 'witness', 'witness'];
    for (const mechanism of [multiPaxosOptions(), cheapPaxosOptions([0, 1, 2], [3, 4])]) {
      const executed = runSketch(busy({ nodes: 5, roles, mechanism, actions: [promote(3, 800)] }), 1);
      expect(leaderOf(executed)).toBeLessThan(3);
      expect(executed.leaderChanges).toBe(0);
    }
  });
});

describe('leases of any length', () => {
  it.each([
    ['longer than a run: there is nobody to wait for before the first leader', 3_600_000_000_000, 0],
    ['too short to be held: reads go through the log', 1_000, 0],
    ['of a nanosecond', 1, 0],
  ])('%s', (_name, leaseNs, leaderChanges) => {
    const executed = runSketch(busy({ mechanism: multiPaxosOptions({ leaseNs }), forNs: 1_000_000_000 }), 1);
    expect(complaintsOf([1], () => executed)).toEqual([]);
    expect(executed.leaderChanges).toBe(leaderChanges);
    expect(executed.log.operations.length).toBeGreaterThan(300);
    expect(executed.log.operations.filter(one => one.outcome !== 'ok')).toEqual([]);
    expect(executed.leaderless).toEqual([]);
  });
});

describe('who takes part', () => {
  it('witnesses make quorums and do not lead', () => {
    const roles: NodeRole[] = ['member', 'member', 'witness'];
    for (const seed of seedsTo(4)) {
      const executed = runSketch(
        busy({ roles, mechanism: multiPaxosOptions(), actions: [crash(0, 1_000, 900), crash(1, 3_000, 500)] }),
        seed,
      );
      expect(brokenIn(executed)).toEqual([]);
      expect(linearizability(executed)).toBe('holds');
      expect(leaderOf(executed)).toBeLessThan(2);
    }
  });

  it('observers learn everything and are in no quorum', () => {
    const roles: NodeRole[] = ['member', 'member', 'member', 'observer', 'observer'];
    const executed = runSketch(
      busy({ nodes: 5, roles, mechanism: multiPaxosOptions(), actions: [crash(3, 500, 2_000)] }),
      1,
    );
    expect(brokenIn(executed)).toEqual([]);
    const states = statesOf(executed);
    for (const node of [3, 4])
      expect(multiPaxos.contents(states.get(node)!)).toEqual(multiPaxos.contents(states.get(0)!));
    // With two of three members gone, nothing goes on, whatever the observers have.
    const stuck = runSketch(
      busy({
        nodes: 5,
        roles,
        mechanism: multiPaxosOptions(),
        actions: [crash(0, 1_000, 9_000), crash(1, 1_000, 9_000)],
      }),
      1,
    );
    const late = stuck.log.operations.filter(one => one.invoke - stuck.originNs > 1_500_000_000);
    expect(late.filter(one => one.outcome === 'ok')).toEqual([]);
  });

  it('quorum expressions: whoever weighs enough decides', () => {
    const weights = [
      [0, 3],
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ] as const;
    const mechanism = multiPaxosOptions({ quorum: { kind: 'weight', need: 4, weights } });
    // n1 and any other are enough.
    const both = (nodes: readonly number[]) => nodes.map(node => crash(node, 1_000, 9_000));
    const heavy = runSketch(busy({ nodes: 5, mechanism, actions: both([1, 2, 3]) }), 1);
    const light = runSketch(busy({ nodes: 5, mechanism, actions: both([0, 1]) }), 1);
    const done = (executed: Run) =>
      executed.log.operations.filter(one => one.invoke - executed.originNs > 2_500_000_000 && one.outcome === 'ok')
        .length;
    expect(done(heavy)).toBeGreaterThan(100);
    expect(done(light)).toBe(0);
    expect([...brokenIn(heavy), ...brokenIn(light)]).toEqual([]);
  });

  it('any grid of Flexible Paxos will do: rows to prepare, columns to accept', () => {
    const grid = (take: 'row' | 'column') => ({ kind: 'grid', rows: 2, columns: 3, take }) as const;
    const mechanism = { ...flexiblePaxosOptions(1, 1), prepare: grid('row'), accept: grid('column') };
    const run = (seed: number) => runSketch(busy({ nodes: 6, mechanism, actions: [crash(2, 900, 800)] }), seed);
    expect(complaintsOf(seedsTo(4), run)).toEqual([]);
  });
});

/** A leader of three that has proposed one command in slot 1, by hand. */
function leaderWith(request: ClientRequest) {
  const sent: PaxosMessage[] = [];
  const replies: Reply[] = [];
  const io = silentIo<PaxosMessage, PaxosWrite>({
    send: (_to, message) => void sent.push(message),
    persist: (_write, token) => void (token !== undefined && tokens.push(token)),
    reply: (_request, reply) => void replies.push(reply),
  });
  const tokens: number[] = [];
  const group = plainGroup(3);
  const state = multiPaxos.boot({ self: 0, group, options: multiPaxosOptions() }, undefined, io);
  multiPaxos.timer(state, 'election', io);
  multiPaxos.persisted!(state, tokens.shift()!, io);
  const promise = { type: 'promise', ballot: state.ballot, base: 0, snapshot: null, slots: [] } as const;
  multiPaxos.receive(state, 1, promise, io);
  multiPaxos.request(state, request, io);
  return { state, io, replies };
}

it('a leader that learns of another proposal in its slot does not answer its client with what that one found', () => {
  const write = (input: number) => ({ kind: 'write', key: 'x', input, operation: input }) as const;
  const { state, io, replies } = leaderWith({ id: 1, command: write(1), session: null, attempt: 0 });
  expect(state.pending[1]).toBeDefined();
  // A late answer to a question that it asked before it led: another leader has had something else chosen.
  const proposal = { kind: 'command', command: write(2), session: null } as const;
  const chosen = [{ slot: 1, ballot: state.ballot + 1, proposal, chosen: true }];
  multiPaxos.receive(state, 1, { type: 'chosen', snapshot: null, slots: chosen, chosenUpTo: 1 }, io);
  expect(state.applied).toBe(1);
  expect(replies.map(({ kind }) => kind)).toEqual(['unknown']);
});
