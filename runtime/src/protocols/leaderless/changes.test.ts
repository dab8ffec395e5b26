import { describe, expect, it } from 'vitest';
import type { Leaderless } from '../../design/mechanism.ts';
import type { Executed } from '../../run/execute.ts';
import type { Sketch } from '../../testing/design.ts';
import { brokenIn, complaintsOf, firstCaught, linearizability } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { changeInvariants } from './change-invariants.ts';
import { storedChange } from './changes.ts';
import { leaderlessProtocol } from './leaderless.ts';
import type { LeaderlessIo, LeaderlessMessage, LeaderlessState } from './state.ts';
import { everything, mixOf, receiving, run, storm } from './testing/runs.ts';

const paxos: Partial<Leaderless> = { cas: 'paxos', readWriteBack: true };
const mix = mixOf(['read', 0.4], ['write', 0.2], ['cas', 0.4]);
const busy: Sketch = {
  ...everything,
  workload: { ...everything.workload, mix, keys: { count: 3, choice: 'uniform' } },
};
const rough: Sketch = { ...storm, workload: { ...storm.workload, mix, clients: 6 } };

const decided = ({ log }: Executed) => log.operations.filter(one => one.kind === 'cas' && one.outcome === 'ok');
const share = (executed: Executed) =>
  decided(executed).length / executed.log.operations.filter(one => one.kind === 'cas').length;

describe('compare-and-set by Paxos', () => {
  it.each([
    ['alone', { ...busy, chaos: [], loss: 0, forNs: 2_000_000_000 }, paxos, 0.9],
    ['under chaos', busy, paxos, 0.4],
    ['while replicas restart', rough, paxos, 0.3],
    ['with Lamport clocks', busy, { ...paxos, resolve: { kind: 'last-write-wins', clock: 'lamport' } }, 0.4],
    [
      'with clocks that differ',
      { ...busy, clock: { skewNs: 200_000_000 } },
      { ...paxos, resolve: { kind: 'last-write-wins', clock: 'physical' } },
      0.4,
    ],
    [
      'retried idempotently',
      {
        ...busy,
        workload: {
          ...busy.workload,
          mix: mixOf(['read', 0.5], ['cas', 0.5]),
          retries: 3,
          idempotent: true,
          timeoutNs: 300_000_000,
        },
      },
      paxos,
      0.4,
    ],
    [
      'of three in small quorums',
      { ...busy, nodes: 3 },
      { ...paxos, read: { kind: 'one' }, write: { kind: 'all' } },
      0.1,
    ],
  ] as [string, Sketch, Partial<Leaderless>, number][])(
    'is one register with reads and writes: %s',
    (_name, sketch, options, least) => {
      const shares: number[] = [];
      const seeds = seedsTo(seedCount(8, 300));
      let applying = 0;
      for (const seed of seeds) {
        const executed = run(sketch, seed, options);
        expect([...brokenIn(executed), linearizability(executed)], `seed ${seed}`).toEqual(['holds']);
        shares.push(share(executed));
        if (decided(executed).some(one => one.output === true)) applying++;
      }
      // Where every copy has to take part, a storm may leave none that applies.
      expect(applying).toBeGreaterThan(0.95 * seeds.length);
      expect(Math.min(...shares)).toBeGreaterThan(least);
    },
  );
});

describe('compare-and-set at the coordinator alone', () => {
  it('lets two succeed', () => {
    const found = firstCaught(seedsTo(20), seed => run(busy, seed, { ...paxos, cas: 'local' }));
    expect(found?.why).toMatch(/violated/);
  });
});

/** Believes that everybody has what it has just sent. */
const hasty: AnyProtocol = {
  ...leaderlessProtocol,
  receive(state: LeaderlessState, from, m: LeaderlessMessage, io) {
    leaderlessProtocol.receive(state, from, m, io as LeaderlessIo);
    for (const one of Object.values(state.changes)) {
      if (one.phase !== 'storing') continue;
      one.has = state.homes.slice(1);
      storedChange(state, one, state.homes[0]!, io as LeaderlessIo);
    }
  },
};

const mistakes: readonly (readonly [string, AnyProtocol, RegExp])[] = [
  [
    'an acceptor that accepts below its promise',
    receiving((state, m) => {
      if (m.type === 'propose') delete state.acceptances[m.key];
      return m;
    }),
    /PromiseKept|Agreement|violated/,
  ],
  [
    'a proposer that adopts nothing',
    receiving((_state, m) => (m.type === 'promise' ? { ...m, accepted: null } : m)),
    /Agreement|violated/,
  ],
  [
    'acceptors that forget in a crash',
    {
      ...leaderlessProtocol,
      boot: (context, image, io) =>
        leaderlessProtocol.boot(context, image === undefined ? image : { ...image, acceptances: {} }, io),
    } as AnyProtocol,
    /PromiseKept|Agreement|violated/,
  ],
  ['an answer before the change is on a write quorum', hasty, /AckW|Regular|violated/],
];

describe('mistakes', () => {
  it.each(mistakes)('%s', (_what, protocol, caughtAs) => {
    expect(firstCaught(seedsTo(20), seed => run(rough, seed, paxos, protocol))?.why).toMatch(caughtAs);
  });

  it('and every invariant of Paxos has been seen broken', () => {
    const seen = mistakes.flatMap(([, protocol]) =>
      seedsTo(6).flatMap(seed => run(rough, seed, paxos, protocol).sim.broken.map(one => one.invariant)),
    );
    expect(seen).toEqual(expect.arrayContaining(changeInvariants.map(one => one.name)));
  });

  it('and none of them is found in the real one', () => {
    expect(complaintsOf(seedsTo(seedCount(10, 300)), seed => run(rough, seed, paxos))).toEqual([]);
  });
});
