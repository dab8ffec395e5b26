import { describe, expect, it } from 'vitest';
import { lognormal } from '../../design/distribution.ts';
import type { Mechanism, MultiPaxos } from '../../design/mechanism.ts';
import {
  atMs,
  flexiblePaxosOptions,
  leaderTarget,
  multiPaxosOptions,
  raftOptions,
  type Sketch,
} from '../../testing/design.ts';
import { allTarget, chaosOf, degrade, everyMs } from '../../testing/faults.ts';
import {
  brokenIn,
  complaints,
  complaintsOf,
  firstCaught,
  linearizability,
  replicasAgree,
  runSketch,
} from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { multiPaxos } from './multi-paxos.ts';
import { type PaxosDisk, type PaxosState, type PaxosWrite, paxosDisk } from './state.ts';

const seeds = (standard: number) => seedsTo(seedCount(standard, 10 * standard));

describe('multi-paxos without faults', () => {
  it.each([
    ['3 nodes', 3, multiPaxosOptions()],
    ['5 nodes, reads under a lease', 5, multiPaxosOptions({ leaseNs: 400_000_000 })],
    ['5 nodes, 4 to prepare and 2 to accept', 5, flexiblePaxosOptions(4, 2)],
    ['a single node', 1, multiPaxosOptions({ leaseNs: 400_000_000 })],
  ] as [string, number, Mechanism][])('answers every operation: %s', (_name, nodes, mechanism) => {
    for (const seed of seeds(3)) {
      const executed = runSketch({ nodes, mechanism, forNs: 2_000_000_000, settleNs: 500_000_000 }, seed);
      expect(brokenIn(executed)).toEqual([]);
      expect(executed.leaderChanges).toBe(0);
      expect(executed.log.operations.length).toBeGreaterThan(500);
      expect(executed.log.operations.filter(one => one.outcome !== 'ok')).toEqual([]);
      expect(linearizability(executed)).toBe('holds');
      // A single replica has nobody to agree with.
      if (nodes > 1) expect(replicasAgree(executed)).toBe('holds');
    }
  });
});

const faulty = (wanted: Sketch): Sketch => ({
  nodes: 5,
  mechanism: multiPaxosOptions(),
  workload: { idempotent: true, retries: 2, timeoutNs: 300_000_000 },
  forNs: 3_000_000_000,
  settleNs: 3_000_000_000,
  ...wanted,
});

describe('multi-paxos under faults', () => {
  it.each([
    [
      'leaders crash',
      { actions: [everyMs(700, 400, 2_900, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 400)] },
    ],
    ['the leader is cut off', { actions: [atMs(500, { kind: 'isolate', targets: [leaderTarget] }, 1_200)] }],
    ['messages are lost, doubled and reordered', { loss: 0.05, duplicate: 0.05, reorder: 0.2 }],
    ['all restart', { actions: [atMs(1_000, { kind: 'crash', targets: [allTarget], losingDisk: false }, 300)] }],
  ] as [string, Sketch][])('stays linearizable and converges: %s', (_name, wanted) => {
    expect(complaintsOf(seeds(5), seed => runSketch(faulty(wanted), seed))).toEqual([]);
  });
});

/** Leaders that die young with votes that only some have, on links that lose. */
const storm = (mechanism: Mechanism = multiPaxosOptions(), loss = 0.1): Sketch => ({
  nodes: 5,
  mechanism,
  latency: lognormal(2_000_000, 0.8),
  workload: {
    idempotent: true,
    clients: 8,
    timeoutNs: 100_000_000,
    keys: { count: 3, choice: 'uniform' },
    arrival: { kind: 'open', perSecond: 400 },
  },
  forNs: 4_000_000_000,
  settleNs: 3_000_000_000,
  chaos: [chaosOf(0, 4_000, ['crash', 2, 200], ['cut', 2, 200], ['isolate', 1, 300], ['pause', 1, 300])],
  actions: [
    everyMs(330, 20, 4_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 60),
    everyMs(10_000, 0, 10, degrade({ loss, reorder: 0.1 }), 4_000),
  ],
});

const oneShort = (state: PaxosState): PaxosState => ({
  ...state,
  configurations: state.configurations.map(one => ({
    ...one,
    quorums: { ...one.quorums, accept: { kind: 'nodes', need: 2, of: state.acceptors } },
  })),
});

/** Two of five are a quorum of phase 2 to its leaders. */
const shortQuorum: AnyProtocol = { ...multiPaxos, boot: (...given) => oneShort(multiPaxos.boot(...given)) };

/** The disk says that votes are written, and keeps the promise alone. */
const volatileVotes: AnyProtocol = {
  ...multiPaxos,
  disk: {
    empty: paxosDisk.empty,
    apply(image: PaxosDisk, write: PaxosWrite) {
      if (write.kind !== 'accept') paxosDisk.apply(image, write);
      else paxosDisk.apply(image, { kind: 'promise', ballot: write.ballot });
    },
  },
};

/** A new leader starts its slots afresh, whatever the promises say. */
const deafToPromises: AnyProtocol = {
  ...multiPaxos,
  receive(state, from, message, io) {
    multiPaxos.receive(state, from, message.type === 'promise' ? { ...message, slots: [] } : message, io);
  },
};

describe('availability', () => {
  const succeeded = (wanted: Sketch): number =>
    seedsTo(8)
      .flatMap(seed => runSketch(wanted, seed).log.operations)
      .filter(one => one.outcome === 'ok').length;

  it('is that of Raft in the same weather', () => {
    const weather: Sketch = {
      nodes: 5,
      loss: 0.02,
      workload: { idempotent: true, retries: 2, timeoutNs: 300_000_000, clients: 8 },
      forNs: 6_000_000_000,
      chaos: [chaosOf(0, 6_000, ['crash', 2, 1_000], ['cut', 2, 600], ['pause', 1, 600])],
    };
    const withRaft = succeeded({ ...weather, mechanism: raftOptions() });
    expect(succeeded({ ...weather, mechanism: multiPaxosOptions() })).toBeGreaterThan(0.9 * withRaft);
  });

  // Members do not know how long a round trip takes: they learn it from getting in each other's way.
  it.each([1, 100, 200, 400])('copes with any latency: %d ms', latency => {
    for (const seed of seedsTo(3)) {
      const executed = runSketch(
        {
          nodes: 5,
          mechanism: multiPaxosOptions(),
          latency: lognormal(latency * 1_000_000, 0.1),
          workload: { timeoutNs: 5_000_000_000, clients: 4 },
          forNs: 20_000_000_000,
          settleNs: 6_000_000_000,
          actions: [atMs(10_000, { kind: 'crash', targets: [leaderTarget], losingDisk: false }, 2_000)],
        },
        seed,
      );
      const { operations } = executed.log;
      expect(operations.filter(one => one.outcome === 'ok').length).toBeGreaterThan(0.6 * operations.length);
      expect(complaints(executed)).toBe('');
    }
  });
});

describe('a broken multi-paxos is caught', () => {
  it.each([
    ['a quorum one short', shortQuorum, /LearnOnlyChosen/],
    ['votes that a crash forgets', volatileVotes, /LeaderRecovers|Agreement/],
    ['a leader that ignores what promises report', deafToPromises, /LeaderRecovers|Agreement/],
  ] as [string, AnyProtocol, RegExp][])('%s', (_name, protocol, expected) => {
    const caught = firstCaught(seedsTo(10), seed => runSketch(storm(), seed, protocol));
    expect(caught?.why).toMatch(expected);
  });

  it.each([
    ['promises that are not durable', { durablePromises: false }, /PromiseKept|LeaderRecovers|Agreement/],
    ['the first proposal that a promise reports', { adopt: 'first' }, /LeaderRecovers|Agreement/],
  ] as [string, Partial<MultiPaxos>, RegExp][])('by option: %s', (_name, options, expected) => {
    const caught = firstCaught(seedsTo(20), seed => runSketch(storm(multiPaxosOptions(options), 0.3), seed));
    expect(caught?.why).toMatch(expected);
  });

  it.each([
    ['majorities', multiPaxosOptions()],
    ['leases', multiPaxosOptions({ leaseNs: 100_000_000 })],
    ['4 to prepare and 2 to accept', flexiblePaxosOptions(4, 2)],
    ['2 to prepare and 4 to accept', flexiblePaxosOptions(2, 4)],
  ] as [string, Mechanism][])('and the same storm finds nothing wrong with the real one: %s', (_name, mechanism) => {
    expect(complaintsOf(seeds(4), seed => runSketch(storm(mechanism), seed))).toEqual([]);
  });
});
