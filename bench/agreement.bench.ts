/**
 * What agreement costs: messages and delays of atomic commit beside Gray and Lamport's count, sizes of quorums beside the
 * published ones, delays and collisions of Fast Paxos, and every mechanism on the same load: Multi-Paxos beside Raft.
 */
import { fastPaxosSizes, flexiblePrepare } from '../runtime/src/analysis/consensus-quorums.ts';
import { constant, exponential } from '../runtime/src/design/distribution.ts';
import type { Mechanism, Paxos } from '../runtime/src/design/mechanism.ts';
import { execute } from '../runtime/src/run/execute.ts';
import {
  coordinatorOn,
  flexiblePaxosOptions,
  multiPaxosOptions,
  raftOptions,
  type Sketch,
  singleLeaderOptions,
  sketch,
  threePhaseOptions,
  twoPhaseOptions,
  writeAtMs,
} from '../runtime/src/testing/design.ts';
import { fastOptions } from '../runtime/src/testing/fast-paxos.ts';
import { isBetweenNodes, watchingTrace } from '../runtime/src/testing/watching.ts';
import { type Row, row, si } from './table.ts';

const ms = 1_000_000;
const paxosOptions: Paxos = {
  kind: 'paxos',
  retry: { kind: 'randomized' },
  durablePromises: true,
  adopt: 'highest',
  quorum: { kind: 'majority' },
};
/** One way, so long that nothing else matters. */
const delayNs = 10 * ms;

interface Ran {
  readonly sent: ReadonlyMap<string, number>;
  /** Of operations that were ok, in ns, the shortest first. */
  readonly took: readonly number[];
  readonly operations: number;
  readonly collisions: number;
  /** Real ms. */
  readonly ms: number;
}

/** Runs it with everything counted that is sent between nodes. */
function ran(wanted: Sketch): Ran {
  const { design, scenario } = sketch(wanted);
  const sent = new Map<string, number>();
  /** Slots of a run with one group. */
  const collided = new Set<string>();
  const trace = watchingTrace(event => {
    if (isBetweenNodes(event)) sent.set(event.name, (sent.get(event.name) ?? 0) + 1);
    const slot = event.name === 'note' ? /^collision in slot (\d+)/.exec(`${event.text}`)?.[1] : undefined;
    if (slot !== undefined) collided.add(slot);
  }, true);
  const began = performance.now();
  const { log } = execute(design, scenario, { seed: 1, trace });
  const took = log.operations.filter(one => one.outcome === 'ok').map(one => one.ended - one.invoke);
  return {
    sent,
    took: took.sort((a, b) => a - b),
    operations: log.operations.length,
    collisions: collided.size,
    ms: performance.now() - began,
  };
}

/** Ten seconds of clients that think for so long between operations, on five nodes. */
const loaded = (mechanism: Mechanism, clients: number, thinkNs: number): Ran =>
  ran({
    nodes: 5,
    mechanism,
    latency: exponential(ms),
    fsync: constant(0.1 * ms),
    workload: { clients, arrival: { kind: 'closed', think: exponential(thinkNs) } },
    forNs: 10_000 * ms,
    settleNs: 0,
  });

const quantile = (ascending: readonly number[], share: number): number =>
  ascending[Math.max(0, Math.ceil(ascending.length * share) - 1)] ?? Number.NaN;
const inMs = (ns: number): string => `${(ns / ms).toFixed(1)} ms`;

/** Messages of one write by a client beside a node, by default the first one, and delays until it has its answer. */
function oneWrite(
  mechanism: Mechanism,
  nodes: number,
  beside = 0,
  apart = 0,
): { readonly messages: number; readonly delays: number } {
  const quiet = {
    mechanism,
    nodes: nodes + apart,
    apart,
    latency: constant(delayNs),
    fsync: constant(0),
    workload: null,
    settleNs: 0,
  };
  const forNs = 3_000 * ms;
  const [without, { sent, took }] = [
    // One that comes after the end: what is sent without it is sent by a store that nobody uses.
    ran({ ...quiet, forNs, actions: [writeAtMs(4_000, beside)] }),
    ran({ ...quiet, forNs, actions: [writeAtMs(1_000, beside)] }),
  ];
  const count = (all: ReadonlyMap<string, number>): number => [...all.values()].reduce((a, b) => a + b, 0);
  return { messages: count(sent) - count(without.sent), delays: Math.round(took[0]! / delayNs) };
}

function commitRows(): Row[] {
  const n = 5;
  const two = oneWrite(twoPhaseOptions({ presume: 'commit' }), n);
  const acknowledged = oneWrite(twoPhaseOptions(), n);
  const three = oneWrite(threePhaseOptions(), n);
  const alone = oneWrite(twoPhaseOptions({ coordinator: { kind: 'node', node: n } }), n, 0, 1);
  const replicated = oneWrite(twoPhaseOptions({ coordinator: coordinatorOn([n, n + 1, n + 2]) }), n, 0, 3);
  const target = 3 * n - 3;
  return [
    row(
      `2PC, ${n} replicas, one of them coordinator: messages`,
      `${two.messages}`,
      `3N − 3 = ${target}`,
      (two.messages / target).toFixed(2),
    ),
    row(
      'the same with acknowledgements (presumed abort)',
      `${acknowledged.messages}`,
      `4N − 4 = ${4 * n - 4}`,
      (acknowledged.messages / (4 * n - 4)).toFixed(2),
    ),
    row(
      '2PC: delays until the decision is answered',
      `${two.delays}`,
      '2 (the third tells the others)',
      (two.delays / 2).toFixed(2),
    ),
    row(
      `2PC, ${n} replicas, a coordinator without a copy: messages but the ${n} acknowledgements`,
      `${alone.messages - n}`,
      `3N − 1 = ${3 * n - 1}`,
      ((alone.messages - n) / (3 * n - 1)).toFixed(2),
    ),
    row('the same: delays until the client has its answer', `${alone.delays}`, '4', (alone.delays / 4).toFixed(2)),
    row(
      'the same, the coordinator a Raft group: delays',
      `${replicated.delays}`,
      '4 + 2',
      (replicated.delays / 6).toFixed(2),
    ),
    row(
      `3PC, ${n} replicas: messages`,
      `${three.messages}`,
      `6N − 6 = ${6 * n - 6}`,
      (three.messages / (6 * n - 6)).toFixed(2),
    ),
  ];
}

/** Fast Paxos: n: the size when both are the same | classic, fast when the classic one is as small as can be. */
const PUBLISHED: readonly (readonly [n: number, same: number, classic: number, fast: number])[] = [
  [3, 3, 2, 3],
  [4, 3, 3, 3],
  [5, 4, 3, 4],
  [6, 5, 4, 5],
  [7, 5, 4, 6],
  [8, 6, 5, 6],
  [9, 7, 5, 7],
  [10, 7, 6, 8],
  [11, 8, 6, 9],
  [13, 9, 7, 10],
];

function quorumRows(): Row[] {
  const fast = PUBLISHED.map(([n, same, classic, most]) => {
    const [one, two] = [fastPaxosSizes(n, 'same'), fastPaxosSizes(n, 'classic')];
    return { n, ours: [one.fast, two.classic, two.fast].join('/'), published: [same, classic, most].join('/') };
  });
  const flexible = [
    [10, 3, 8],
    [5, 2, 4],
    [4, 2, 3],
  ] as const;
  const agree = (pairs: readonly (readonly [string, string])[]): string =>
    `${pairs.filter(([a, b]) => a === b).length} of ${pairs.length} agree`;
  return [
    row(
      'Fast Paxos quorums same/classic/fast',
      fast.map(one => `${one.n}:${one.ours}`).join(' '),
      fast.map(one => `${one.n}:${one.published}`).join(' '),
      agree(fast.map(one => [one.ours, one.published])),
    ),
    row(
      'Flexible Paxos (prepare, accept)',
      flexible.map(([n, accept]) => `${n}:(${flexiblePrepare(n, accept)},${accept})`).join(' '),
      flexible.map(([n, accept, prepare]) => `${n}:(${prepare},${accept})`).join(' '),
      agree(flexible.map(([n, accept, prepare]) => [`${flexiblePrepare(n, accept)}`, `${prepare}`])),
    ),
  ];
}

function fastRows(): Row[] {
  const fast = oneWrite(fastOptions(), 5);
  // Beside one of the nodes is the leader.
  const delays = Array.from({ length: 5 }, (_, node) => oneWrite(multiPaxosOptions(), 5, node).delays);
  const classic = { beside: Math.min(...delays), elsewhere: Math.max(...delays) };
  const rows = [
    row(
      'Fast Paxos: delays until a proposal is learned',
      `${fast.delays}`,
      '2 (Lamport 2006, §3)',
      (fast.delays / 2).toFixed(2),
    ),
    row(
      'Multi-Paxos: delays, beside its leader and elsewhere',
      `${classic.beside}, ${classic.elsewhere}`,
      '2, 4',
      (classic.beside / 2).toFixed(2),
    ),
  ];
  for (const recovery of ['coordinated', 'uncoordinated'] as const)
    for (const clients of [1, 2, 5, 10, 20]) {
      const { collisions, took, operations } = loaded(fastOptions({ recovery }), clients, 20 * ms);
      const share = `${((100 * collisions) / operations).toFixed(1)} %`;
      rows.push(
        row(
          `Fast Paxos, ${recovery}, ${clients} clients: collisions per operation, p50`,
          `${share}, ${inMs(quantile(took, 0.5))}`,
        ),
      );
    }
  return rows;
}

/** The same load on each: what it takes beside Raft. */
function loadRows(): Row[] {
  const load = (mechanism: Mechanism): Ran => loaded(mechanism, 16, 2 * ms);
  const raft = load(raftOptions());
  const told = (name: string, one: Ran): Row => {
    const messages = [...one.sent.values()].reduce((a, b) => a + b, 0) / one.operations;
    const figures = [
      `${si(one.took.length / 10)} ops/s`,
      `p50 ${inMs(quantile(one.took, 0.5))}`,
      `p99 ${inMs(quantile(one.took, 0.99))}`,
      `${messages.toFixed(1)} messages/op`,
      `executed at ${si((one.operations * 1000) / one.ms)} ops/s`,
    ];
    return row(
      `16 clients, 5 nodes: ${name}`,
      figures.join(', '),
      'Raft',
      (one.took.length / raft.took.length).toFixed(2),
    );
  };
  return [
    told('Raft', raft),
    told('Multi-Paxos', load(multiPaxosOptions())),
    told('Multi-Paxos, lease 2 s', load(multiPaxosOptions({ leaseNs: 2_000 * ms }))),
    told('Flexible Paxos (4, 2)', load(flexiblePaxosOptions(4, 2))),
    told('Fast Paxos (3, 4)', load(fastOptions())),
    told('Paxos per key', load(paxosOptions)),
    told('single leader, semi-synchronous 1', load(singleLeaderOptions())),
    told('two-phase commit', load(twoPhaseOptions())),
    told('three-phase commit', load(threePhaseOptions())),
  ];
}

export const rows = (): Row[] => [...commitRows(), ...quorumRows(), ...fastRows(), ...loadRows()];
