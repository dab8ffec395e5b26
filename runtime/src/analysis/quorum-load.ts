/**
 * The least load of quorum systems that are too large to be written out. In a tree of thresholds that names no node
 * twice, the probabilities with which nodes are used by some strategy are exactly the solutions of one equation per
 * threshold (the bases of a uniform matroid are the corners of its polytope), so a linear program over nodes does.
 */
import { type Quorum, quorumNodes } from '../design/quorum.ts';
import type { NodeId } from '../design/topology.ts';
import { type Known, known, unknown } from './known.ts';
import { minimise, type Row, type Variable } from './linear-program.ts';
import { always, optimalStrategy, problemOf, type Question, type ReadFractions } from './quorum-strategy.ts';
import { isReadOnce } from './quorum-structure.ts';

export interface LoadAndCapacity {
  /** Seconds of the busiest node per operation. */
  readonly load: number;
  /** Operations per second. */
  readonly capacity: number;
}

/**
 * Load and capacity with the best strategy for one read fraction: from the written-out quorums where that is
 * possible, else from the tree.
 * @returns unknown for large systems that name nodes twice or give weights
 */
export function leastLoad(
  question: Omit<Question, 'readFractions' | 'failures'>,
  readFraction: number,
): Known<LoadAndCapacity> {
  const full: Question = { ...question, readFractions: always(readFraction), failures: 0 };
  const written = optimalStrategy(full, 'load');
  if ('value' in written) return known({ load: written.value.load, capacity: written.value.capacity });
  const { read, write } = question.system;
  if (!(isReadOnce(read) && isReadOnce(write)) || hasWeights(read) || hasWeights(write)) return written;
  return leastLoadOfTrees(question, always(readFraction));
}

const hasWeights = (quorum: Quorum): boolean =>
  quorum.kind === 'weight' || (quorum.kind === 'combine' && quorum.of.some(hasWeights));

/**
 * Load and capacity from the trees alone; both must name no node twice and have no weights.
 * @returns unknown when a quorum cannot be gathered or the capacities make no sense
 */
export function leastLoadOfTrees(
  { system, figures }: Omit<Question, 'readFractions' | 'failures'>,
  readFractions: ReadFractions,
): Known<LoadAndCapacity> {
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
  const found = loads.map(load => solved.value[load]! / scale);
  return known({
    load: found.reduce((sum, load, f) => sum + (load * readFractions[f]![1]) / total, 0),
    capacity: found.reduce((sum, load, f) => sum + readFractions[f]![1] / total / load, 0),
  });
}
