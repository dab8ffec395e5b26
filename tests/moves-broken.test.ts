/** Moves with deliberate mistakes: each is caught by the invariant that it breaks, and every invariant is seen broken. */
import { type Design, execute } from '@dsys/runtime';
import type { Mistakes } from '@dsys/runtime/clients/mover';
import type { AnyProtocol, Group } from '@dsys/runtime/protocols/contract';
import { leaderlessProtocol } from '@dsys/runtime/protocols/leaderless/leaderless';
import type {
  LeaderlessIo,
  LeaderlessMessage,
  LeaderlessState,
  LeaderlessWrite,
} from '@dsys/runtime/protocols/leaderless/state';
import { ownershipInvariantNames } from '@dsys/runtime/protocols/ownership-invariants';
import { protocolOf } from '@dsys/runtime/protocols/registry';
import { expect, it } from 'vitest';
import { designOf } from './support/design.ts';

const design: Design = await designOf(
  `rules { vnode-imbalance off  even-cluster off  shard-skew off }
cluster eu { nodes 4  spare e9  disk { fsync 0.1ms } }
cluster us { nodes u1, u2, u3  disk { fsync 0.1ms } }
store s on eu { partition by consistent-hash(id) virtual-nodes 16 replicas 3  consensus raft }
workload w on s { clients 10  operations 50% read, 50% write  keys 60 }
scenario comes { run w for 3s  settle 1s  at 1s add e9 to s }
scenario goes { run w for 3s  settle 1s  at 1s remove eu2 from s }
store routes on us { consensus raft }
store d on eu { partition by directory(id) at routes replicas 3  consensus raft }
workload v on d { clients 10  operations 50% read, 50% write  keys 9 }
// Who comes later asks the directory, the others do not.
scenario asks { run v for 3s  settle 1s  at 1s move d.p1 to us
  ${Array.from({ length: 9 }, (_, i) => `at 2s client late${i} write k${i} = ${-1 - i} on d`).join('\n  ')} }
scenario moves { run w for 3s  settle 1s  at 1s move s.p1 to us }
// Without a log each replica takes a map for itself.
store l on eu { partition by hash(id) into 4 replicas 3  replication leaderless { anti-entropy every 1s } }
workload x on l { clients 10  operations 50% read, 50% write  keys 60 }
scenario leaves { run x for 3s  settle 1s  at 1s move l.p1 to us }
scenario lags { run x for 3s  settle 1s  at 900ms cut eu2 from eu3, eu4 for 600ms  at 1s move l.p1 to us }
scenario forgets { run x for 3s  settle 1s  at 1s move l.p1 to us  at 1500ms crash eu2, eu3, eu4 for 100ms }
scenario misses { run x for 3s  settle 1s  at 900ms pause eu3 for 300ms  at 1s move l.p1 to us }
scenario returns { run x for 4s  settle 1s  at 1s move l.p1 to us  at 1500ms pause u2 for 300ms
  at 1600ms move l.p1 to eu  at 2500ms move l.p1 to us }`,
  'test.dsys',
  { withErrors: true },
);

interface Wrong {
  readonly mover?: Mistakes;
  readonly protocolOf?: typeof protocolOf;
}

/** A replica that serves whatever it is asked for, though the design says that it must not. */
const unchecked: typeof protocolOf = store => {
  const protocol = protocolOf(store);
  const boot: AnyProtocol['boot'] = (context, image, io) => {
    const { shard } = context.group;
    const group = shard === undefined ? context.group : { ...context.group, shard: { ...shard, checks: false } };
    return protocol.boot({ ...context, group }, image, io);
  };
  return { ...protocol, boot };
};

/** Leaderless replication with other messages, or other writes to the disk. */
const leaderless =
  (
    received: (
      m: LeaderlessMessage,
      from: number,
      group: Group,
      self: number,
    ) => readonly (readonly [number, LeaderlessMessage])[],
    written: (write: LeaderlessWrite) => boolean = () => true,
  ): typeof protocolOf =>
  store => {
    if (store.mechanism.kind !== 'leaderless') return protocolOf(store);
    const wrap = (io: LeaderlessIo): LeaderlessIo => ({
      ...io,
      persist: (write, token) => (written(write) ? io.persist(write, token) : undefined),
    });
    const broken: AnyProtocol = {
      ...leaderlessProtocol,
      receive(state: LeaderlessState, from, m: LeaderlessMessage, io) {
        for (const [sender, message] of received(m, from, state.context.group, state.context.self))
          leaderlessProtocol.receive(state, sender, message, wrap(io as LeaderlessIo));
      },
    };
    return broken;
  };

/** Whoever gathers what leaves thinks that one replica is all of them. */
const oneIsAll = (m: LeaderlessMessage, from: number, { replicas }: Group) =>
  m.type === 'given'
    ? [[from, m] as const, ...replicas.map(node => [node, { ...m, cells: {}, operations: [] }] as const)]
    : [[from, m] as const];
const oneForAll = leaderless(oneIsAll);
const oneForAllAlone = leaderless((m, from, group, self) =>
  m.type === 'give' && self !== group.replicas[0] ? [] : oneIsAll(m, from, group),
);

/** A ring in which nobody has taken over what the one that left had. */
const gap: Mistakes = {
  mapped: map => ({ ...map, members: [0, 1, 2, 3], groups: map.groups.map((group, i) => (i === 1 ? -1 : group)) }),
};

const mistakes: readonly (readonly [what: string, scenario: string, wrong: Wrong, caught: string, why: RegExp])[] = [
  [
    'what was written during the copying is forgotten',
    'moves',
    { mover: { copiedBeforeNs: 300_000_000 } },
    'MoveNoLoss',
    /released \d+ keys to s\.p1@us for epoch 2, k\d+ as \d+, and what came was \d+|never came/,
  ],
  ['a replica does not check the epoch', 'comes', { protocolOf: unchecked }, 'RejectStaleEpoch', /where s\.p4 owns it/],
  ['a ring with a gap', 'goes', { mover: gap }, 'CoverExactly', /the ring of s has no group for/],
  [
    'what one replica gives is taken for what all have',
    'lags',
    { protocolOf: oneForAll },
    'MoveNoLoss',
    /l\.p1 has acknowledged a write of k\d+ that did not come to l\.p1@us in epoch 2/,
  ],
  [
    'a replica that serves what has left',
    'leaves',
    { protocolOf: unchecked },
    'RejectStaleEpoch',
    /a replica of l\.p1 executed an operation on k\d+ in epoch 2, where l\.p1@us owns it/,
  ],
  [
    'replicas that forget in a crash what they gave up',
    'forgets',
    {
      protocolOf: leaderless(
        (m, from) => [[from, m]],
        ({ kind }) => kind !== 'owns',
      ),
    },
    'OneOwner',
    /two groups could serve k\d+ at a time: eu\d in epoch 1/,
  ],
  [
    'what leaves is gathered from one replica, and the others go on',
    'leaves',
    { protocolOf: oneForAllAlone },
    'OneOwner',
    /two groups could serve k\d+ at a time: eu3 in epoch 1, eu4 in epoch 1 of l\.p1, and u1 in epoch 2/,
  ],
  [
    'the old owner is never told',
    'asks',
    { mover: { neverReleases: true } },
    'OneOwner',
    /d\.p1 executed an operation on k\d+ in epoch 1, which d\.p1@us has served in epoch 2/,
  ],
];

const run = (scenario: string, seed: number, wrong: Wrong) =>
  execute(design, design.scenarios.find(({ name }) => name === scenario)!, { seed, ...wrong });

it.each(mistakes)('%s', (_what, scenario, wrong, caught, why) => {
  const found = [1, 2, 3, 4, 5].flatMap(seed => run(scenario, seed, wrong).sim.broken);
  expect(
    found
      .filter(({ invariant }) => invariant === caught)
      .map(one => one.why)
      .join('\n'),
  ).toMatch(why);
});

it('and every invariant has been seen broken', () => {
  expect(new Set(mistakes.map(([, , , caught]) => caught))).toEqual(new Set(ownershipInvariantNames));
});

it.each(['comes', 'goes', 'moves', 'asks', 'leaves', 'lags', 'forgets', 'misses', 'returns'])(
  'and the real one breaks none of them: %s',
  scenario => {
    for (let seed = 1; seed <= 5; seed++) expect(run(scenario, seed, {}).sim.broken).toEqual([]);
  },
);
