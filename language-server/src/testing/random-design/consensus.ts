/** `consensus …` and `commit …`, with every option. */
import type { Choices } from './choices.ts';
import { block, someOf } from './layout.ts';
import { nameOf, nodesOf } from './places.ts';
import { type Electorate, quorum } from './quorums.ts';
import { type Sketch, type StoreSketch, votersOf } from './sketch.ts';
import { duration, milliseconds, onOff } from './values.ts';

export function consensus(c: Choices, sketch: Sketch, store: StoreSketch): string {
  const voters: Electorate = {
    size: votersOf(store),
    nodes: store.holders.length > 0 ? [...store.holders, ...store.witnesses] : [],
  };
  const commits = ['two-phase-commit', 'three-phase-commit'];
  const [algorithm, ...options] = c.pick([
    () => ['raft', ...raft(c, voters)],
    () => ['paxos', ...paxos(c), ...someOf(c, [() => `quorum ${quorum(c, voters)}`])],
    () => ['multi-paxos', ...paxos(c), ...multiPaxos(c, voters)],
    () => ['fast-paxos', ...paxos(c), ...fastPaxos(c, voters)],
    () => ['flexible-paxos', ...paxos(c), ...flexiblePaxos(c, voters)],
    () => ['epaxos', ...someOf(c, [() => `fast ${quorum(c, voters)}`])],
    () => (voters.nodes.length > 1 ? ['cheap-paxos', ...paxos(c), ...cheapPaxos(c, voters)] : ['raft']),
    () => {
      const protocol = c.pick(commits);
      return [protocol, ...commitOptions(c, sketch, protocol)];
    },
  ])() as [string, ...string[]];
  const head = `consensus ${algorithm}`;
  return options.length === 0 && c.chance(80) ? head : block(c, head, options);
}

/** How a transaction commits. */
export function commit(c: Choices, sketch: Sketch): string {
  const protocol = c.pick(['two-phase-commit', 'three-phase-commit']);
  const options = commitOptions(c, sketch, protocol);
  return options.length === 0 ? `commit ${protocol}` : block(c, `commit ${protocol}`, options);
}

const commitOptions = (c: Choices, { places }: Sketch, protocol: string): string[] => [
  ...someOf(c, [
    () => `coordinator ${c.pick([nameOf(c, c.pick(nodesOf(places))), `raft on ${c.pick(places.clusters).name}`])}`,
    () => `timeout ${duration(c)}`,
  ]),
  ...(protocol === 'two-phase-commit'
    ? someOf(c, [
        () => `on-timeout ${c.pick(['block', 'abort', 'commit'])}`,
        () => `durable-log ${onOff(c)}`,
        () => `presume ${c.pick(['abort', 'commit', 'nothing'])}`,
      ])
    : someOf(c, [() => `on-timeout ${c.pick(['skeen', 'terminate', 'discard'])}`])),
];

const raft = (c: Choices, voters: Electorate): string[] =>
  someOf(c, [
    () => `election-timeout ${c.pick([`${milliseconds(c, 1, 300)}..${milliseconds(c, 300, 900)}`, duration(c)])}`,
    () => `heartbeat ${duration(c)}`,
    () => `read ${c.pick(['index', `lease ${duration(c)}`, 'log', 'local', 'local from any'])}`,
    ...['pre-vote', 'check-quorum', 'leader-stickiness', 'durable-votes', 'commit-old-terms', 'deduplicate'].map(
      name => () => `${name} ${onOff(c)}`,
    ),
    () => `membership ${c.pick(['joint', 'single', 'single-early', 'unsafe'])}`,
    () => `new-voters ${c.pick(['catch-up', 'at-once'])}`,
    () => `quorum ${quorum(c, voters)}`,
    () => `snapshot ${c.pick(['off', `every ${c.between(1, 5000)} entries`, `every ${c.between(1, 9)}`])}`,
  ]);

const paxos = (c: Choices): string[] =>
  someOf(
    c,
    [
      () => `retry ${c.pick(['randomized', `fixed ${duration(c)}`])}`,
      () => `durable-promises ${onOff(c)}`,
      () => `adopt ${c.pick(['highest', 'first'])}`,
    ],
    25,
  );

const multiPaxos = (c: Choices, voters: Electorate): string[] =>
  someOf(c, [() => `lease ${duration(c)}`, () => `quorum ${quorum(c, voters)}`]);

const fastPaxos = (c: Choices, voters: Electorate): string[] =>
  someOf(c, [
    () => `classic ${quorum(c, voters)}`,
    () => `fast ${quorum(c, voters)}`,
    () => `recovery ${c.pick(['coordinated', 'uncoordinated'])}`,
  ]);

const flexiblePaxos = (c: Choices, voters: Electorate): string[] =>
  someOf(c, [() => `prepare ${quorum(c, voters)}`, () => `accept ${quorum(c, voters)}`], 60);

function cheapPaxos(c: Choices, { nodes }: Electorate): string[] {
  const chosen = c.some(nodes, 2).map(node => nameOf(c, node));
  const main = c.between(1, chosen.length - 1);
  return [
    `main ${chosen.slice(0, main).join(', ')}`,
    `auxiliary ${chosen.slice(main).join(', ')}`,
    ...someOf(c, [() => `reconfigure ${duration(c)}`]),
  ];
}
