/**
 * How often to use which quorum. A strategy is a probability for each quorum; its load is the share of time that the
 * busiest node works per operation, its capacity the operations per second at which that node is fully busy.
 * Naor and Wool, "The load, capacity and availability of quorum systems", SIAM J. Comput. 1998; with reads and writes,
 * node capacities, latencies and resilience: Whittaker et al., "Read-Write Quorum Systems Made Practical", PaPoC 2021.
 */
import { isQuorum, type Quorum, quorumNodes } from '../design/quorum.ts';
import type { NodeId } from '../design/topology.ts';
import { type Known, known, unknown } from './known.ts';
import { minimise, type Row, type Variable } from './linear-program.ts';
import { minimalQuorums, type QuorumSets, resilientQuorums, sizeOf } from './quorum-sets.ts';

export interface System {
  readonly read: Quorum;
  readonly write: Quorum;
}

/** What one node can do. Defaults: 1 operation per second, no latency. */
export interface NodeFigures {
  readonly readPerSecond: number;
  readonly writePerSecond: number;
  /** Until it has answered, in any unit. */
  readonly latency: number;
}
export type FiguresOf = (node: NodeId) => NodeFigures;
export const unitFigures: FiguresOf = () => ({ readPerSecond: 1, writePerSecond: 1, latency: 0 });

/** Shares of operations that are reads, each with its weight; weights need not add up to 1. */
export type ReadFractions = readonly (readonly [fraction: number, weight: number])[];
export const always = (fraction: number): ReadFractions => [[fraction, 1]];

export interface Question {
  readonly system: System;
  readonly figures: FiguresOf;
  readonly readFractions: ReadFractions;
  /** Use only quorums that remain quorums when any this many of their nodes fail. */
  readonly failures: number;
}

export interface Choice {
  readonly nodes: readonly NodeId[];
  readonly probability: number;
}

export interface Strategy {
  readonly read: readonly Choice[];
  readonly write: readonly Choice[];
  /** Seconds of the busiest node per operation, averaged over the read fractions. */
  readonly load: number;
  /** Operations per second, averaged over the read fractions. */
  readonly capacity: number;
  /** Messages: expected size of the quorum that an operation asks. */
  readonly network: number;
  /** Expected time until a quorum has answered, in the unit of the nodes' latencies. */
  readonly latency: number;
}

export type Goal = 'load' | 'network' | 'latency';
export type Limits = Partial<Readonly<Record<Goal, number>>>;

/** One quorum with all that a program needs to know about it. */
interface Column {
  readonly set: number;
  readonly size: number;
  readonly latency: number;
}

interface Family {
  readonly nodes: readonly NodeId[];
  readonly columns: readonly Column[];
}

/**
 * The strategy that minimises `goal` within `limits`, by linear programming over all minimal (f-resilient) quorums.
 * @returns unknown when no strategy satisfies the limits, no quorum is resilient enough, or there are too many quorums
 */
export function optimalStrategy(question: Question, goal: Goal, limits: Limits = {}): Known<Strategy> {
  const problem = problemOf(question);
  if (problem !== undefined) return unknown(problem);
  const families = familiesOf(question);
  if (!('value' in families)) return families;
  const { read, write } = families.value;
  const fractions = normalised(question.readFractions);
  const fraction = meanOf(fractions);
  const scale = Math.max(
    ...busiest(question, read.nodes).map(({ readPerSecond, writePerSecond }) =>
      Math.max(readPerSecond, writePerSecond),
    ),
  );
  const latest = Math.max(1e-300, ...[...read.columns, ...write.columns].map(column => column.latency));
  // Rows: both families sum to 1; each node's load at each read fraction is at most that fraction's; the limits.
  const rows: Row[] = [{ equal: 1 }, { equal: 1 }];
  const rowOf = (row: Row): number => rows.push(row) - 1;
  const nodes = read.nodes;
  const loadRows = fractions.map(() => nodes.map(() => rowOf({ max: 0 })));
  const networkRow = limits.network === undefined ? undefined : rowOf({ max: limits.network / nodes.length });
  const latencyRow = limits.latency === undefined ? undefined : rowOf({ max: limits.latency / latest });
  const loadRow = limits.load === undefined ? undefined : rowOf({ max: limits.load * scale });

  const variables: Variable[] = [];
  const add = (family: Family, own: number, share: number, isRead: boolean): void => {
    for (const { set, size, latency } of family.columns) {
      const coefficients: [number, number][] = [[own, 1]];
      for (const [f, [readShare]] of fractions.entries()) {
        for (const [bit, node] of nodes.entries()) {
          if (((set >> bit) & 1) === 0) continue;
          const { readPerSecond, writePerSecond } = question.figures(node);
          const load = isRead ? (readShare * scale) / readPerSecond : ((1 - readShare) * scale) / writePerSecond;
          if (load !== 0) coefficients.push([loadRows[f]![bit]!, load]);
        }
      }
      const network = (share * size) / nodes.length;
      const late = (share * latency) / latest;
      if (networkRow !== undefined && network !== 0) coefficients.push([networkRow, network]);
      if (latencyRow !== undefined && late !== 0) coefficients.push([latencyRow, late]);
      variables.push({ cost: goal === 'network' ? network : goal === 'latency' ? late : 0, rows: coefficients });
    }
  };
  add(read, 0, fraction, true);
  add(write, 1, 1 - fraction, false);
  for (const [f, [, weight]] of fractions.entries()) {
    variables.push({
      cost: goal === 'load' ? weight : 0,
      rows: [
        ...loadRows[f]!.map(row => [row, -1] as const),
        ...(loadRow === undefined ? [] : [[loadRow, weight] as const]),
      ],
    });
  }
  const solved = minimise(variables, rows);
  if (!('value' in solved)) return solved;
  const probabilities = solved.value;
  return known(
    strategyOf(
      question,
      fractions,
      read,
      write,
      index => probabilities[index]!,
      index => probabilities[read.columns.length + index]!,
    ),
  );
}

/** Every minimal (f-resilient) quorum as often as every other. @returns unknown beyond the limits of writing them out */
export function uniformStrategy(question: Question): Known<Strategy> {
  const problem = problemOf(question);
  if (problem !== undefined) return unknown(problem);
  const families = familiesOf(question);
  if (!('value' in families)) return families;
  const { read, write } = families.value;
  return known(
    strategyOf(
      question,
      normalised(question.readFractions),
      read,
      write,
      () => 1,
      () => 1,
    ),
  );
}

/** What makes no sense in a question; undefined when it does. */
export function problemOf({ readFractions, system, figures }: Omit<Question, 'failures'>): string | undefined {
  const weights = readFractions.reduce((sum, [, weight]) => sum + weight, 0);
  if (!(weights > 0 && weights < Infinity)) return 'the weights of the read fractions must be above 0';
  for (const [fraction, weight] of readFractions) {
    if (!(fraction >= 0 && fraction <= 1)) return `a read fraction of ${fraction} is not between 0 and 1`;
    if (!(weight >= 0)) return `a weight of ${weight} is below 0`;
  }
  for (const node of nodesOf(system)) {
    const { readPerSecond, writePerSecond } = figures(node);
    if (!(readPerSecond > 0 && writePerSecond > 0)) return 'the capacities of all nodes must be above 0';
  }
  return undefined;
}

const nodesOf = ({ read, write }: System): NodeId[] => [...new Set([...quorumNodes(read), ...quorumNodes(write)])];
const busiest = ({ figures }: Question, nodes: readonly NodeId[]): NodeFigures[] => nodes.map(figures);

function normalised(fractions: ReadFractions): ReadFractions {
  const total = fractions.reduce((sum, [, weight]) => sum + weight, 0);
  return fractions.filter(([, weight]) => weight > 0).map(([fraction, weight]) => [fraction, weight / total]);
}

/** The read fraction on average. */
export function meanOf(fractions: ReadFractions): number {
  const total = fractions.reduce((sum, [, weight]) => sum + weight, 0);
  return fractions.reduce((sum, [fraction, weight]) => sum + (fraction * weight) / total, 0);
}

function familiesOf(question: Question): Known<{ readonly read: Family; readonly write: Family }> {
  const { system, failures } = question;
  const nodes = nodesOf(system);
  const both: Family[] = [];
  for (const word of ['read', 'write'] as const) {
    const sets = failures === 0 ? minimalQuorums(system[word], nodes) : resilientQuorums(system[word], failures, nodes);
    if (!('value' in sets)) return sets;
    if (sets.value.sets.length === 0) {
      return unknown(failures === 0 ? `there is no ${word} quorum` : `no ${word} quorum bears ${failures} failures`);
    }
    both.push(familyOf(question, system[word], sets.value));
  }
  return known({ read: both[0]!, write: both[1]! });
}

function familyOf({ figures }: Question, quorum: Quorum, { nodes, sets }: QuorumSets): Family {
  const bySpeed = nodes
    .map((node, bit) => ({ node, bit, latency: figures(node).latency }))
    .sort((a, b) => a.latency - b.latency);
  const latencyOf = (set: number): number => {
    const answered = new Set<NodeId>();
    for (const { node, bit, latency } of bySpeed) {
      if (((set >> bit) & 1) === 0) continue;
      answered.add(node);
      if (isQuorum(quorum, one => answered.has(one))) return latency;
    }
    return 0;
  };
  const hasLatency = bySpeed.some(({ latency }) => latency > 0);
  return { nodes, columns: sets.map(set => ({ set, size: sizeOf(set), latency: hasLatency ? latencyOf(set) : 0 })) };
}

function strategyOf(
  question: Question,
  fractions: ReadFractions,
  read: Family,
  write: Family,
  readWeight: (index: number) => number,
  writeWeight: (index: number) => number,
): Strategy {
  const reads = chosen(read, readWeight);
  const writes = chosen(write, writeWeight);
  const loads = fractions.map(([fraction, weight]) => {
    const load = read.nodes.map((node, bit) => {
      const { readPerSecond, writePerSecond } = question.figures(node);
      return (
        (fraction * reads.marginals[bit]!) / readPerSecond + ((1 - fraction) * writes.marginals[bit]!) / writePerSecond
      );
    });
    return [Math.max(...load), weight] as const;
  });
  const fraction = meanOf(fractions);
  return {
    read: reads.choices,
    write: writes.choices,
    load: loads.reduce((sum, [load, weight]) => sum + load * weight, 0),
    capacity: loads.reduce((sum, [load, weight]) => sum + weight / load, 0),
    network: fraction * reads.size + (1 - fraction) * writes.size,
    latency: fraction * reads.latency + (1 - fraction) * writes.latency,
  };
}

/** Probabilities below this are what rounding leaves of 0. */
const negligible = 1e-9;

function chosen({ nodes, columns }: Family, weightOf: (index: number) => number) {
  const used = columns
    .map((column, i) => ({ column, weight: weightOf(i) }))
    .filter(({ weight }) => weight > negligible);
  const total = used.reduce((sum, { weight }) => sum + weight, 0);
  const marginals = nodes.map(() => 0);
  let size = 0;
  let latency = 0;
  const choices: Choice[] = used.map(({ column, weight }) => {
    const probability = weight / total;
    size += probability * column.size;
    latency += probability * column.latency;
    const members = nodes.filter((_, bit) => (column.set >> bit) & 1);
    nodes.forEach((_, bit) => {
      if ((column.set >> bit) & 1) marginals[bit]! += probability;
    });
    return { nodes: members, probability };
  });
  return { choices, marginals, size, latency };
}
