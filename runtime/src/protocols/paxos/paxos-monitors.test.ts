/** Every invariant of the Paxos family fires on the mistake that it is there for. */
import { describe, expect, it } from 'vitest';
import { lognormal } from '../../design/distribution.ts';
import { leaderTarget, multiPaxosOptions, type Sketch } from '../../testing/design.ts';
import { chaosOf, degrade, everyMs } from '../../testing/faults.ts';
import { brokenIn, runSketch } from '../../testing/runs.ts';
import { seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { paxosInvariants } from './invariants.ts';
import { multiPaxos } from './multi-paxos.ts';
import { putSlot, reportFrom, slotAt } from './slots.ts';
import type { PaxosIo, PaxosMessage, PaxosState } from './state.ts';

const storm: Sketch = {
  nodes: 5,
  mechanism: multiPaxosOptions({ leaseNs: 300_000_000 }),
  latency: lognormal(2_000_000, 0.8),
  workload: { idempotent: true, retries: 3, clients: 8, timeoutNs: 100_000_000, keys: { count: 3, choice: 'uniform' } },
  forNs: 5_000_000_000,
  settleNs: 1_000_000_000,
  chaos: [chaosOf(0, 5_000, ['crash', 1, 900], ['cut', 1, 700], ['isolate', 1, 1_100], ['pause', 1, 900])],
  actions: [
    everyMs(700, 500, 5_000, { kind: 'isolate', targets: [leaderTarget] }, 400),
    everyMs(10_000, 0, 10, degrade({ loss: 0.05, reorder: 0.1 }), 5_000),
  ],
};

/** `meddle` before each message. */
const meddling = (meddle: (state: PaxosState, message: PaxosMessage) => void): AnyProtocol => ({
  ...multiPaxos,
  receive(state, from, message, io) {
    meddle(state, message);
    multiPaxos.receive(state, from, message, io);
  },
});

/** Half of the acceptors are asked for something else. */
const twoFaced: AnyProtocol = {
  ...multiPaxos,
  request(state, request, io) {
    const send: PaxosIo['send'] = (to, message) => {
      const entries = message.type === 'accept' && to % 2 === 1 ? message.entries : null;
      io.send(
        to,
        entries === null || message.type !== 'accept'
          ? message
          : { ...message, entries: entries.map(({ slot }) => ({ slot, proposal: { kind: 'no-op' } })) },
      );
    };
    multiPaxos.request(state, request, { ...io, send });
  },
};

const invented = { kind: 'write', key: 'k0', input: 4711, operation: 999_999 } as const;

const mistakes: Record<string, AnyProtocol> = {
  // Nothing that a promise reports is adopted.
  Agreement: {
    ...multiPaxos,
    receive(state, from, message, io) {
      multiPaxos.receive(state, from, message.type === 'promise' ? { ...message, slots: [] } : message, io);
    },
  },
  LeaderRecovers: {
    ...multiPaxos,
    receive(state, from, message, io) {
      multiPaxos.receive(state, from, message.type === 'promise' ? { ...message, slots: [] } : message, io);
    },
  },
  // What a leader proposes is taken for chosen.
  LearnOnlyChosen: {
    ...multiPaxos,
    receive(state, from, message, io) {
      const hasty = message.type === 'accept' ? { ...message, chosenUpTo: message.entries.at(-1)!.slot } : message;
      multiPaxos.receive(state, from, hasty, io);
    },
  },
  OneValuePerBallot: twoFaced,
  PromiseKept: meddling((state, message) => {
    if (message.type === 'accept') state.promised = Math.min(state.promised, message.ballot);
  }),
  Validity: meddling(state => {
    if (state.role === 'leader' && state.applied % 10 === 5)
      state.waiting.push({ id: 999_999, command: invented, session: null, attempt: 0 });
  }),
  // A follower keeps something else than it has voted for.
  PrefixApply: meddling((state, message) => {
    if (message.type !== 'heartbeat' || state.context.self !== 1) return;
    for (const { slot, ...known } of reportFrom(state.slots, state.applied + 1))
      putSlot(state.slots, slot, { ...known, proposal: { kind: 'no-op' } });
  }),
  // What is missing is left out.
  NoGapApply: meddling((state, message) => {
    const missing = slotAt(state.slots, state.applied + 1) === null && state.slots.known.length > 0;
    if (message.type === 'accept' && missing && state.role === 'follower') state.applied++;
  }),
  // A retry is applied as if it were new.
  Dedup: meddling(state => {
    state.machine.sessions = {};
  }),
  // Acceptors do not keep what they have granted.
  LeaseSafety: {
    ...meddling(state => {
      state.granted = { to: null, ballot: 0, untilNs: Number.NEGATIVE_INFINITY };
    }),
    timer(state: PaxosState, name: string, io: PaxosIo) {
      state.granted = { to: null, ballot: 0, untilNs: Number.NEGATIVE_INFINITY };
      multiPaxos.timer(state, name, io);
    },
  },
};

it('there is a mistake for each invariant', () => {
  expect(Object.keys(mistakes).sort()).toEqual(paxosInvariants.map(({ name }) => name).sort());
});

describe('fires', () => {
  it.each(Object.entries(mistakes))('%s', (name, protocol) => {
    const said = seedsTo(20).some(seed =>
      brokenIn(runSketch(storm, seed, protocol)).some(why => why.startsWith(`${name}: `)),
    );
    expect(said).toBe(true);
  });
});

it('nothing fires without a mistake', () => {
  for (const seed of seedsTo(5)) expect(brokenIn(runSketch(storm, seed))).toEqual([]);
});
