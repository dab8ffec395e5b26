/** `replication …`, with every option. */
import type { Choices } from './choices.ts';
import { block, someOf } from './layout.ts';
import { nameOf, nodesOf } from './places.ts';
import { type Electorate, quorum } from './quorums.ts';
import { copiesOf, fieldOf, type Sketch, type StoreSketch, votersOf } from './sketch.ts';
import { duration, onOff } from './values.ts';

export const replication = (c: Choices, sketch: Sketch, store: StoreSketch): string =>
  c.pick([singleLeader, multiLeader, leaderless, chain])(c, sketch, store);

function singleLeader(c: Choices, sketch: Sketch, store: StoreSketch): string {
  const isLone = copiesOf(store) < 2;
  const leader = store.holders.length > 0 && c.chance(40) ? c.pick(store.holders) : null;
  // A leader is neither its own follower nor asked about its successor.
  const without = (nodes: StoreSketch['holders']) => nodes.filter(node => node !== (leader ?? store.holders[0]));
  const followers: Electorate = { size: copiesOf(store) - 1, nodes: without(store.holders) };
  const asked: Electorate = {
    size: votersOf(store) - 1,
    nodes: store.holders.length > 0 ? without([...store.holders, ...store.witnesses]) : [],
  };
  const mode = c.pick(['', 'synchronous', 'asynchronous', ...(isLone ? [] : ['semi-synchronous'])]);
  const head = ['replication single-leader', mode].join(' ').trimEnd();
  const waits = mode === 'semi-synchronous' && c.chance(80) ? ` ${c.chance(5) ? '0' : quorum(c, followers)}` : '';
  const options = someOf(c, [
    () => `read from ${c.pick(['leader', 'followers', 'any', 'nearest', ...leaderReads(c)])}`,
    () => `acknowledge ${c.pick(['applied', 'received'])}`,
    () => `on-failure ${c.pick(['unknown', 'error'])}`,
    () => `log retention ${duration(c)}`,
    () => `log ${c.pick(['global-ids', 'positions'])}`,
    () => `rejoin ${c.pick(['rewind', 'reclone', 'keep'])}`,
  ]);
  if (c.chance(60)) options.push(failover(c, sketch, isLone ? null : asked));
  if (leader !== null) options.unshift(`leader ${nameOf(c, leader)}`);
  if (mode === 'semi-synchronous' && c.chance(40)) {
    options.push(`fallback ${c.pick(['none', `asynchronous after ${duration(c)}`])}`);
  } else if (mode.length < 12 && mode !== 'asynchronous' && c.chance(40)) {
    options.push(`on-replica-down ${c.pick(['block', 'drop'])}`);
  }
  return options.length === 0 ? head + waits : block(c, head + waits, options);
}

const leaderReads = (c: Choices): string[] => [
  'leader checked',
  'leader lease',
  `leader lease ${duration(c)}`,
  'leader local',
];

function failover(c: Choices, { places, stores }: Sketch, asked: Electorate | null): string {
  const head = `failover ${c.pick(['automatic', 'manual', 'none'])}`;
  if (head === 'failover none' || c.chance(20)) return head;
  const managers = ['peers', nameOf(c, c.pick(nodesOf(places))), c.pick(stores).name];
  const options = someOf(c, [
    () => `detect ${c.pick([duration(c), 'phi 8', 'phi 0.5'])}`,
    () => `promote ${c.pick(['most-advanced', 'any'])}`,
    () => `consult ${asked === null ? 'majority' : quorum(c, asked)}`,
    () => `fencing ${onOff(c)}`,
    () => `manager ${c.pick(managers)}`,
  ]);
  return block(c, head, options);
}

function multiLeader(c: Choices, _: Sketch, store: StoreSketch): string {
  const head = `replication multi-leader${c.pick(['', ' asynchronous', ' synchronous'])}`;
  const leaders = c.some(store.holders, 0).map(node => nameOf(c, node));
  const options = [
    ...(leaders.length > 0 ? [`leader ${leaders.join(', ')}`] : []),
    ...(c.chance(80) ? conflicts(c, store) : []),
  ];
  return options.length === 0 && c.chance(50) ? head : block(c, head, options);
}

const clock = (c: Choices): string => c.pick(['', ...['physical', 'lamport', 'hybrid'].map(one => ` by ${one}`)]);

const versions = (c: Choices): string =>
  c.pick(['', ...['vector', 'dotted-vector', 'lamport'].map(one => ` by ${one}`)]) +
  c.pick(['', ' per server', ' per client']);

/** A policy, with what belongs to it behind it or in a block of its own. */
function conflicts(c: Choices, store: StoreSketch): string[] {
  const withRefinements = (policy: string, refinements: readonly string[]): string[] =>
    refinements.length > 0 && c.chance(40)
      ? [block(c, `conflicts ${policy}`, refinements)]
      : [`conflicts ${policy}`, ...refinements];
  switch (c.below(store.holders.length > 0 ? 7 : 6)) {
    case 1: {
      const refinements = someOf(c, [
        () => `lease ${duration(c)}`,
        () => `fencing ${onOff(c)}`,
        () => `granted-by ${c.pick(['majority', 'all'])}`,
      ]);
      return withRefinements('pessimistic-lock', refinements);
    }
    case 2:
      return withRefinements(
        'optimistic-lock',
        someOf(c, [() => `version-check ${c.pick(['home', 'quorum', 'local'])}`], 80),
      );
    case 3:
      return [`conflicts last-write-wins${clock(c)}`];
    case 4:
      return [`conflicts siblings${versions(c)}`];
    case 5:
      return [`conflicts merge ${c.pick(['g-counter', 'pn-counter', 'g-set', 'or-set', 'lww-register'])}`];
    case 6:
      return [avoidance(c, store), ...(c.chance(70) ? [`on-move ${c.pick(['drain', 'fence', 'none'])}`] : [])];
    default:
      return ['conflicts none'];
  }
}

function avoidance(c: Choices, store: StoreSketch): string {
  const keys = [['"DE"', '"FR"'], ['"US"'], ['7'], ['2024-01-31'], ['rest']].slice(0, c.between(1, 5));
  const homes = keys.map(values => `${values.join(', ')} -> ${nameOf(c, c.pick(store.holders))}`);
  return block(c, `conflicts avoid by ${fieldOf(c, store)}`, homes);
}

function leaderless(c: Choices, _: Sketch, store: StoreSketch): string {
  const replicas: Electorate = { size: copiesOf(store), nodes: store.holders };
  const options = someOf(
    c,
    [
      () => `read ${quorum(c, replicas)}`,
      () => `write ${quorum(c, replicas)}`,
      () => c.pick(['sloppy', 'sloppy off', 'sloppy on']),
      () => `hinted-handoff ${c.pick(['on', 'off', `on for ${duration(c)}`])}`,
      () => `read-repair ${onOff(c)}`,
      () => `read-write-back ${onOff(c)}`,
      () => `anti-entropy ${c.pick(['off', `every ${duration(c)}`])}`,
      () => `resolve ${c.pick([`last-write-wins${clock(c)}`, `siblings${versions(c)}`])}`,
      () => `tombstones keep ${duration(c)}`,
      () => `cas ${c.pick(['refuse', 'paxos', 'local'])}`,
    ],
    45,
  );
  return options.length === 0 ? 'replication leaderless' : block(c, 'replication leaderless', options);
}

function chain(c: Choices, { stores }: Sketch, store: StoreSketch): string {
  const others = stores.filter(one => one !== store).map(({ name }) => name);
  const options = someOf(
    c,
    [
      () => `master ${c.pick(['none', ...others])}`,
      () => `read from ${c.pick(['tail', 'any'])}`,
      () => `resend ${onOff(c)}`,
    ],
    50,
  );
  return options.length === 0 ? 'replication chain' : block(c, 'replication chain', options);
}
