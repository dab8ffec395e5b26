/** dsys quorum: what a quorum expression means: who meets whom, what it bears, how much it carries, how to use it. */
import { parseQuantity } from '@dsys/grammar';
import { readQuorums } from '@dsys/language-server';
import { type QuorumReport, reportOnQuorums } from '@dsys/runtime/analysis/quorum-report';
import type { Goal, NodeFigures, ReadFractions } from '@dsys/runtime/analysis/quorum-strategy';
import { type Colors, exitCode, json, print, Unusable } from '../output.ts';
import { renderQuorum } from '../render-quorum.ts';

export interface QuorumCommandOptions {
  readonly format: 'text' | 'json';
  readonly write?: string;
  /** A number of nodes, or their names. */
  readonly nodes?: string;
  readonly readFraction: string;
  readonly nodeAvailability: string;
  readonly capacity?: string;
  readonly latency?: string;
  readonly failures: number;
  readonly optimize: Goal;
  readonly colors: Colors;
}

/** More nodes have no quorum that a person would write as an expression. */
const nodesMax = 200;

export async function quorum(text: string, options: QuorumCommandOptions): Promise<number> {
  const texts = options.write === undefined ? [text] : [text, options.write];
  const found = await readQuorums(texts, furtherNodes(options.nodes));
  if ('problem' in found) throw new Unusable(found.problem);
  const { nodes, quorums } = found;
  if (nodes.length > nodesMax)
    throw new Unusable(`${nodes.length} nodes are too many; a quorum expression has at most ${nodesMax}.`);
  const availability = perNode('--node-availability', options.nodeAvailability, nodes, 0.99, fraction);
  const capacity = perNode('--capacity', options.capacity, nodes, [1, 1] as const, perSecond);
  const latency = perNode('--latency', options.latency, nodes, 0, duration);
  const report = reportOnQuorums({
    nodes,
    read: quorums[0]!,
    write: quorums[1],
    readFractions: readFractions(options.readFraction),
    availability: node => availability[node]!,
    figures: (node): NodeFigures => ({
      readPerSecond: capacity[node]![0],
      writePerSecond: capacity[node]![1],
      latency: latency[node]!,
    }),
    hasLatencies: options.latency !== undefined,
    failures: options.failures,
    optimise: options.optimize,
  });
  if (options.format === 'json')
    print(json({ schema: 'dsys.quorum/1', expression: { read: text, write: options.write ?? null }, ...report }));
  else print(renderQuorum(text, options.write, report, options.colors));
  return codeOf(report);
}

/** Quorums too many to be listed are no gap: what follows from them is in the figures. */
const codeOf = ({ unknown }: QuorumReport): number =>
  Object.keys(unknown).every(path => /\.(quorums|dual)$/.test(path)) ? exitCode.ok : exitCode.unknown;

function furtherNodes(text: string | undefined): string[] {
  if (text === undefined) return [];
  if (!/^\d+$/.test(text.trim())) return text.split(',').map(name => name.trim());
  const count = Number(text);
  if (count < 1 || count > nodesMax) throw new Unusable(`--nodes ${text}: there can be 1 to ${nodesMax} nodes.`);
  return Array.from({ length: count }, (_, i) => `n${i + 1}`);
}

/** One value for all nodes, or `a=1,b=2` for single ones, the others keeping `otherwise`. */
function perNode<T>(
  option: string,
  text: string | undefined,
  nodes: readonly string[],
  otherwise: T,
  parse: (option: string, text: string) => T,
): readonly T[] {
  const values = nodes.map(() => otherwise);
  for (const part of text === undefined ? [] : text.split(',')) {
    const [name, value] = part.includes('=') ? part.split('=', 2) : [undefined, part];
    const parsed = parse(option, value!.trim());
    if (name === undefined) values.fill(parsed);
    else {
      const at = nodes.indexOf(name.trim());
      if (at < 0) throw new Unusable(`${option}: there is no node ${name.trim()}; there are ${nodes.join(', ')}.`);
      values[at] = parsed;
    }
  }
  return values;
}

/** `0.99` or `99%`. */
function fraction(option: string, text: string): number {
  const percent = text.endsWith('%') ? parseQuantity('percent', text) : undefined;
  const value =
    percent === undefined ? (text === '' ? Number.NaN : Number(text)) : 'value' in percent ? percent.value : Number.NaN;
  if (!(value >= 0 && value <= 1))
    throw new Unusable(`${option} needs a share from 0 to 1, or from 0% to 100%, not "${text}".`);
  return value;
}

/** `1000` for both kinds of operation, or `2000/1000`: reads, then writes. */
function perSecond(option: string, text: string): readonly [number, number] {
  const [reads, writes] = text.split('/', 2).map(Number);
  const both = [reads!, writes ?? reads!] as const;
  if (!both.every(value => value > 0 && value < Number.POSITIVE_INFINITY))
    throw new Unusable(
      `${option} needs operations per second above 0, such as 1000, or 2000/1000 for reads and writes, not "${text}".`,
    );
  return both;
}

function duration(option: string, text: string): number {
  const parsed = parseQuantity('duration', text);
  if ('problem' in parsed || parsed.value < 0)
    throw new Unusable(`${option} needs a duration such as 10ms, not "${text}".`);
  return parsed.value;
}

/** `0.5`, or a distribution: `0.9:3,0.1:1`. */
function readFractions(text: string): ReadFractions {
  const parts = text.split(',').map(part => {
    const [share, weight] = part.split(':', 2);
    const heavy = weight === undefined ? 1 : weight.trim() === '' ? Number.NaN : Number(weight);
    if (!(heavy >= 0 && heavy < Number.POSITIVE_INFINITY))
      throw new Unusable(`--read-fraction: "${weight}" is no weight; write 0.9:3,0.1:1.`);
    return [fraction('--read-fraction', share!.trim()), heavy] as const;
  });
  if (!parts.some(([, weight]) => weight > 0)) throw new Unusable('--read-fraction needs a weight above 0.');
  return parts;
}
