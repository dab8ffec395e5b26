/** Moves with deliberate mistakes: each is caught by the invariant that it breaks, and every invariant is seen broken. */
import { type Design, execute } from '@dsys/runtime';
import type { Mistakes } from '@dsys/runtime/clients/mover';
import type { AnyProtocol } from '@dsys/runtime/protocols/contract';
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
scenario moves { run w for 3s  settle 1s  at 1s move s.p1 to us }`,
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

it.each(['comes', 'goes', 'moves', 'asks'])('and the real one breaks none of them: %s', scenario => {
  for (let seed = 1; seed <= 5; seed++) expect(run(scenario, seed, {}).sim.broken).toEqual([]);
});
