import { constant, lognormal } from '../../design/distribution.ts';
import type { FastPaxos } from '../../design/mechanism.ts';
import { describeMistakes, type Mistake } from '../../testing/broken.ts';
import type { Sketch } from '../../testing/design.ts';
import { runFast } from '../../testing/fast-paxos.ts';
import { chaosOf, degrade, everyMs } from '../../testing/faults.ts';
import { seedCount } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { fastPaxosProtocol } from './fast-paxos.ts';
import { fastPaxosInvariants } from './invariants.ts';
import type { FastDisk, FastIo, FastMessage, FastState, FastWrite } from './state.ts';

/** Proposers that collide all the time, and acceptors that restart. */
const storm: Sketch = {
  latency: lognormal(2_000_000, 0.8),
  fsync: constant(100_000),
  workload: { clients: 10, timeoutNs: 150_000_000, keys: { count: 3, choice: 'uniform' } },
  forNs: 3_000_000_000,
  settleNs: 1_500_000_000,
  chaos: [chaosOf(0, 3_000, ['crash', 2, 80], ['cut', 1, 100])],
  actions: [everyMs(10_000, 0, 10, degrade({ loss: 0.05, reorder: 0.1 }), 3_000)],
};

const receiving = (change: (state: FastState, message: FastMessage) => FastMessage): AnyProtocol => ({
  ...fastPaxosProtocol,
  receive: (state: FastState, from, message: FastMessage, io) =>
    fastPaxosProtocol.receive(state, from, change(state, message), io as FastIo),
});

/** Acceptors vote again for whoever comes next in the same fast round. */
const fickle = receiving((state, m) => {
  const vote = m.type === 'propose' ? state.votes[m.slot] : undefined;
  if (m.type === 'propose' && vote?.vrnd === 1) state.votes[m.slot] = { rnd: 1, vrnd: 0, vval: null };
  return m;
});

/** Promises tell nothing of earlier votes. */
const silent = receiving((_state, m) =>
  m.type === 'promise' ? { ...m, vote: { ...m.vote, vrnd: 0, vval: null } } : m,
);

/** Learners take one vote less for enough. */
const oneShort: AnyProtocol = {
  ...fastPaxosProtocol,
  boot(context, image: FastDisk | undefined, io) {
    const state = fastPaxosProtocol.boot(context, image, io as FastIo);
    return { ...state, fast: { kind: 'nodes', need: 3, of: state.acceptors } };
  },
};

/** Acceptors vote below what they have promised. */
const faithless = receiving((state, m) => {
  const vote = m.type === 'accept' ? state.votes[m.slot] : undefined;
  if (m.type === 'accept' && vote !== undefined) state.votes[m.slot] = { ...vote, rnd: 0 };
  return m;
});

/** Votes are not written to disk. */
const unwritten: AnyProtocol = {
  ...fastPaxosProtocol,
  disk: {
    empty: fastPaxosProtocol.disk.empty,
    apply(image: FastDisk, write: FastWrite) {
      if (write.kind !== 'vote') fastPaxosProtocol.disk.apply(image, write);
    },
  },
};

const one = { kind: 'count', count: 3 } as const;
const mistakes: readonly Mistake<FastPaxos>[] = [
  ['fast quorums that are too small', fastPaxosProtocol, { fast: one }, /FastQuorum|Agreement/],
  ['learners that count one vote too few', oneShort, {}, /FastQuorum|Agreement|O4Rule/],
  [
    'votes that a crash forgets',
    fastPaxosProtocol,
    { durablePromises: false },
    /AcceptOncePerFastRound|PromiseKept|O4Rule/,
  ],
  ['the first value instead of the one that may be chosen', fastPaxosProtocol, { adopt: 'first' }, /O4Rule|Agreement/],
  [
    'the same without a coordinator',
    fastPaxosProtocol,
    { adopt: 'first', recovery: 'uncoordinated' },
    /O4Rule|Agreement/,
  ],
  ['two votes in a fast round', fickle, {}, /AcceptOncePerFastRound/],
  ['no value adopted', silent, {}, /O4Rule|Agreement/],
  ['promises that are broken', faithless, {}, /PromiseKept/],
  ['votes that are not on disk', unwritten, {}, /AcceptOncePerFastRound|PromiseKept|O4Rule/],
];

describeMistakes('broken Fast Paxos is caught', {
  mistakes,
  invariants: fastPaxosInvariants,
  run: (seed, options, protocol) => runFast(storm, seed, options, protocol),
  sound: { coordinated: {}, uncoordinated: { recovery: 'uncoordinated' } },
  seeds: seedCount(10, 500),
});
