import { describe, expect, it } from 'vitest';
import { lognormal } from '../../design/distribution.ts';
import { atMs, cheapPaxosOptions, leaderTarget, nodesTarget, type Sketch } from '../../testing/design.ts';
import { chaosOf, degrade, everyMs } from '../../testing/faults.ts';
import { brokenIn, complaintsOf, firstCaught, runSketch } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { cheapPaxos } from './multi-paxos.ts';
import type { PaxosState } from './state.ts';

/** Three main acceptors, two auxiliary ones. */
const five = (wanted: Sketch): Sketch => ({
  nodes: 5,
  roles: ['member', 'member', 'member', 'witness', 'witness'],
  mechanism: cheapPaxosOptions([0, 1, 2], [3, 4]),
  workload: { idempotent: true, retries: 2, timeoutNs: 400_000_000, clients: 6 },
  forNs: 4_000_000_000,
  settleNs: 3_000_000_000,
  ...wanted,
});

const crash = (node: number, atTime: number, forMs: number | null = null) =>
  atMs(atTime, { kind: 'crash', targets: [nodesTarget(node)], losingDisk: false }, forMs);

const storm: Sketch = five({
  latency: lognormal(2_000_000, 0.8),
  workload: { idempotent: true, retries: 2, timeoutNs: 300_000_000, clients: 8, keys: { count: 3, choice: 'uniform' } },
  forNs: 6_000_000_000,
  settleNs: 4_000_000_000,
  chaos: [chaosOf(0, 6_000, ['crash', 2, 1_100], ['cut', 2, 700], ['isolate', 1, 1_300], ['pause', 1, 900])],
  actions: [
    everyMs(900, 300, 6_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 500),
    everyMs(10_000, 0, 10, degrade({ loss: 0.05, reorder: 0.1 }), 6_000),
  ],
});

type States = ReadonlyMap<number, PaxosState>;
const statesOf = (executed: ReturnType<typeof runSketch>): States => executed.sim.groups[0]!.states as States;
const mainsOf = (state: PaxosState): readonly number[] => state.configurations.at(-1)!.main;

describe('cheap-paxos', () => {
  it('leaves the auxiliary acceptors alone while the main ones answer', () => {
    const executed = runSketch(five({}), 1);
    expect(brokenIn(executed)).toEqual([]);
    for (const auxiliary of [3, 4]) {
      const state = statesOf(executed).get(auxiliary)!;
      expect([state.promised, state.slots.base, state.slots.known.length]).toEqual([0, 0, 0]);
    }
  });

  it('removes a main acceptor that is gone, goes on without it, and the auxiliary ones forget', () => {
    for (const seed of seedsTo(5)) {
      const executed = runSketch(five({ actions: [crash(0, 1_000)] }), seed);
      expect(brokenIn(executed)).toEqual([]);
      const states = statesOf(executed);
      for (const node of [1, 2]) expect(mainsOf(states.get(node)!)).toEqual([1, 2]);
      // They voted while the dead one was in office, up to some slot, and keep nothing of it.
      for (const auxiliary of [3, 4]) {
        expect(states.get(auxiliary)!.slots.base).toBeGreaterThan(0);
        expect(states.get(auxiliary)!.slots.known).toEqual([]);
      }
      const late = executed.log.operations.filter(one => one.invoke - executed.originNs > 2_500_000_000);
      expect(late.filter(one => one.outcome !== 'ok')).toEqual([]);
    }
  });

  it('takes one that is back into office after its state has been transferred', () => {
    expect(complaintsOf(seedsTo(5), seed => runSketch(five({ actions: [crash(0, 1_000, 1_500)] }), seed))).toEqual([]);
    const executed = runSketch(five({ actions: [crash(0, 1_000, 1_500)] }), 1);
    const states = statesOf(executed);
    for (const node of [0, 1, 2]) expect(mainsOf(states.get(node)!)).toEqual([0, 1, 2]);
    // It missed more than what slots are kept for.
    expect(states.get(0)!.snapshot!.slot).toBeGreaterThan(0);
  });

  it('goes on with one main acceptor of three when the failures come slowly enough', () => {
    const executed = runSketch(five({ actions: [crash(0, 800), crash(1, 2_000)] }), 1);
    expect(brokenIn(executed)).toEqual([]);
    expect(mainsOf(statesOf(executed).get(2)!)).toEqual([2]);
    const late = executed.log.operations.filter(one => one.invoke - executed.originNs > 3_200_000_000);
    expect(late.length).toBeGreaterThan(50);
    expect(late.filter(one => one.outcome !== 'ok')).toEqual([]);
  });

  it('keeps every promise in a storm', () => {
    expect(complaintsOf(seedsTo(seedCount(10, 200)), seed => runSketch(storm, seed))).toEqual([]);
  });
});

const changing = (change: (state: PaxosState) => void): AnyProtocol => {
  const after =
    <A extends unknown[]>(run: (state: PaxosState, ...given: A) => void) =>
    (state: PaxosState, ...given: A) => {
      change(state);
      run(state, ...given);
      change(state);
    };
  return {
    ...cheapPaxos,
    receive: after(cheapPaxos.receive),
    timer: after(cheapPaxos.timer),
    request: after(cheapPaxos.request),
    persisted: after(cheapPaxos.persisted!),
  };
};

/** A new configuration decides from the next slot on: what is open is decided by two. */
const withoutWindow = changing(state => {
  state.configurations = state.configurations.map((one, i) => (i === 0 ? one : { ...one, from: state.applied + 1 }));
});

/** Its leader asks the auxiliary acceptors, whoever answers. */
const neverIdle = changing(state => {
  state.calling = state.role !== 'follower';
});

/** All main acceptors but one are taken for a quorum. */
const oneShort = changing(state => {
  state.configurations = state.configurations.map(one => {
    const quorum = { kind: 'nodes', need: one.main.length - 1, of: [...one.main, ...one.auxiliary] } as const;
    return { ...one, quorums: { prepare: one.quorums.prepare, accept: quorum } };
  });
});

/** Auxiliary acceptors forget what they have voted for without being told. */
const forgetful: AnyProtocol = {
  ...cheapPaxos,
  receive(state, from, message, io) {
    if (state.context.self >= 3 && message.type === 'prepare') state.slots = { base: 0, known: [] };
    cheapPaxos.receive(state, from, message, io);
  },
};

describe('a broken cheap-paxos is caught', () => {
  it.each([
    ['a configuration that begins at once', withoutWindow, /QuorumPerConfig/],
    ['auxiliary acceptors that are always asked', neverIdle, /AuxIdle/],
    ['a quorum one short', oneShort, /LearnOnlyChosen/],
    ['auxiliary acceptors that forget too early', forgetful, /LeaderRecovers|Agreement/],
  ] as [string, AnyProtocol, RegExp][])('%s', (_name, protocol, expected) => {
    const caught = firstCaught(seedsTo(40), seed => runSketch(storm, seed, protocol));
    expect(caught?.why).toMatch(expected);
  });
});
