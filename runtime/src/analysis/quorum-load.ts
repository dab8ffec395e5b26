/**
 * The least load of quorum systems that are too large to be written out. In a tree of thresholds that names no node
 * twice, the probabilities with which nodes are used by some strategy are exactly the solutions of one equation per
 * threshold (the bases of a uniform matroid are the corners of its polytope), so a linear program over nodes does.
 */
import { type Quorum, quorumNodes } from '../design/quorum.ts';
import type { NodeId } from '../design/topology.ts';
import { type Known, known, unknown } from './known.ts';
import { minimise, type Row, type Variable } from './linear-program.ts';
import { optimalStrategy, problemOf, type Question, type ReadFractions, uniformStrategy } from './quorum-strategy.ts';
import { isReadOnce } from './quorum-structure.ts';

export interface LoadAndCapacity {
  /** Seconds of the busiest node per operation. */
  readonly load: number;
  /** Operations per second. */
  readonly capacity: number;
}

type LoadQuestion = Omit<Question, 'failures'>;

/**
 * Load and capacity with the best strategy: from the written-out quorums where that is possible, else from the tree.
 * @returns unknown for large systems that name nodes twice or give weights
 */
export function leastLoad(question: LoadQuestion): Known<LoadAndCapacity> {
  const written = optimalStrategy({ ...question, failures: 0 }, 'load');
  if ('value' in written) return known({ load: written.value.load, capacity: written.value.capacity });
  const { read, write } = question.system;
  if (!(isReadOnce(read) && isReadOnce(write)) || hasWeights(read) || hasWeights(write)) return written;
  return leastLoadOfTrees(question);
}

/**
 * Load and capacity when every minimal quorum is used as often as every other: from the written-out quorums, or as
 * need / n where both families are any `need` of n nodes.
 */
export function uniformLoad(question: LoadQuestion): Known<LoadAndCapacity> {
  const written = uniformStrategy({ ...question, failures: 0 });
  if ('value' in written) return known({ load: written.value.load, capacity: written.value.capacity });
  const { system, figures, readFractions } = question;
  const { read, write } = system;
  const problem = problemOf(question);
  if (problem !== undefined || read.kind !== 'nodes' || write.kind !== 'nodes') return written;
  const share = (of: typeof read, node: NodeId): number => (of.of.includes(node) ? of.need / of.of.length : 0);
  const nodes = [...new Set([...read.of, ...write.of])];
  return known(
    averaged(readFractions, fraction =>
      Math.max(
        ...nodes.map(node => {
          const { readPerSecond, writePerSecond } = figures(node);
          return (
            (fraction * share(read, node)) / readPerSecond + ((1 - fraction) * share(write, node)) / writePerSecond
          );
        }),
      ),
    ),
  );
}

/** Averages over the read fractions of the loads at each, and of their inverses. */
function averaged(readFractions: ReadFractions, loadAt: (fraction: number, index: number) => number): LoadAndCapacity {
  const total = readFractions.reduce((sum, [, weight]) => sum + weight, 0);
  const loads = readFractions
    .map(([fraction, weight], f) => [loadAt(fraction, f), weight / total] as const)
    .filter(([, weight]) => weight > 0);
  return {
    load: loads.reduce((sum, [load, weight]) => sum + load * weight, 0),
    capacity: loads.reduce((sum, [load, weight]) => sum + weight / load, 0),
  };
}

const hasWeights = (quorum: Quorum): boolean =>
  quorum.kind === 'weight' || (quorum.kind === 'combine' && quorum.of.some(hasWeights));

/**
 * Load and capacity from the trees alone; both must name no node twice and have no weights.
 * @returns unknown when a quorum cannot be gathered or the capacities make no sense
 */
export function leastLoadOfTrees({ system, figures, readFractions }: LoadQuestion): Known<LoadAndCapacity> {
  const nodes = [...new Set([...quorumNodes(system.read), ...quorumNodes(system.write)])];
  const problem = problemOf({ system, figures, readFractions });
  if (problem !== undefined) return unknown(problem);
  const scale = Math.max(...nodes.flatMap(node => [figures(node).readPerSecond, figures(node).writePerSecond]));
  const total = readFractions.reduce((sum, [, weight]) => sum + weight, 0);
  const rows: Row[] = [];
  const variables: { cost: number; rows: [number, number][] }[] = [];
  const row = (one: Row): number => rows.push(one) - 1;
  const variable = (): number => variables.push({ cost: 0, rows: [] }) - 1;
  const loadRows = readFractions.map(() => new Map(nodes.map(node => [node, row({ max: 0 })])));
  const loads = readFractions.map(([, weight], f) => {
    const load = variable();
    variables[load]!.cost = weight / total;
    for (const one of loadRows[f]!.values()) variables[load]!.rows.push([one, -1]);
    return load;
  });
  /** `whole`: the variable that says how often this part is used; null: always. */
  const gather = (quorum: Quorum, whole: number | null, use: (node: NodeId, used: number) => void): void => {
    if (quorum.kind === 'weight') throw new RangeError('weighted quorums have no tree of thresholds');
    const parts: readonly (NodeId | Quorum)[] = quorum.of;
    const sum = row({ equal: whole === null ? quorum.need : 0 });
    if (whole !== null) variables[whole]!.rows.push([sum, -quorum.need]);
    for (const part of parts) {
      const used = variable();
      const most = row({ max: whole === null ? 1 : 0 });
      variables[used]!.rows.push([sum, 1], [most, 1]);
      if (whole !== null) variables[whole]!.rows.push([most, -1]);
      if (typeof part === 'number') use(part, used);
      else gather(part, used, use);
    }
  };
  for (const word of ['read', 'write'] as const) {
    gather(system[word], null, (node, used) => {
      const { readPerSecond, writePerSecond } = figures(node);
      readFractions.forEach(([fraction], f) => {
        const share = word === 'read' ? fraction / readPerSecond : (1 - fraction) / writePerSecond;
        if (share !== 0) variables[used]!.rows.push([loadRows[f]!.get(node)!, share * scale]);
      });
    });
  }
  const solved = minimise(variables satisfies Variable[], rows);
  if (!('value' in solved)) return solved;
  return known(averaged(readFractions, (_fraction, f) => solved.value[loads[f]!]! / scale));
}
