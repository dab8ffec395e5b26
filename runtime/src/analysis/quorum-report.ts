/** Everything that can be said about a quorum system on its own: the data of `dsys quorum`. Nodes by name. */
import { type Quorum, quorumNodes } from '../design/quorum.ts';
import type { NodeId } from '../design/topology.ts';
import { isKnown, type Known, unknown } from './known.ts';
import { failureProbability } from './quorum-availability.ts';
import { type LoadAndCapacity, leastLoad, uniformLoad } from './quorum-load.ts';
import { membersOf, minimalQuorums } from './quorum-sets.ts';
import {
  always,
  type FiguresOf,
  type Goal,
  meanOf,
  optimalStrategy,
  type Question,
  type ReadFractions,
  type Strategy,
  uniformStrategy,
} from './quorum-strategy.ts';
import { disjointPair, dualOf, indispensable, resilienceOf, sizeOfSmallest } from './quorum-structure.ts';

/** More quorums than this are counted in a report, not listed. */
export const listedMax = 100;

export interface QuorumReportOptions {
  /** By position. */
  readonly nodes: readonly string[];
  readonly read: Quorum;
  /** Undefined: the dual of the read quorums, the smallest that meet them all. */
  readonly write?: Quorum;
  readonly readFractions: ReadFractions;
  /** P(a node is up), in [0, 1]. */
  readonly availability: (node: NodeId) => number;
  /** Capacities in operations per second, latencies in ns. */
  readonly figures: FiguresOf;
  /** Whether latencies were given: without them their expectation is nobody's business. */
  readonly hasLatencies: boolean;
  /** Failures that every chosen quorum bears. */
  readonly failures: number;
  readonly optimise: Goal;
}

export interface FamilyReport {
  /** Minimal quorums; null when there are too many to list. */
  readonly quorums: readonly (readonly string[])[] | null;
  /** How many minimal quorums there are. */
  readonly count: number | null;
  readonly size: number | null;
  readonly resilience: number | null;
  /** Members of every quorum. */
  readonly indispensable: readonly string[];
  /** Minimal sets that meet every quorum. */
  readonly dual: readonly (readonly string[])[] | null;
  /** Least load of one operation per second on nodes as declared, this kind of operation only; its inverse. */
  readonly load: number | null;
  readonly capacity: number | null;
  readonly failureProbability: number | null;
}

interface ChoiceReport {
  readonly nodes: readonly string[];
  readonly probability: number;
}

export interface StrategyReport {
  readonly load: number;
  readonly capacity: number;
  /** Expected number of nodes asked; null where the quorums are too many to be written out. */
  readonly network: number | null;
  readonly latencyNs: number | null;
  readonly read: readonly ChoiceReport[] | null;
  readonly write: readonly ChoiceReport[] | null;
}

export interface QuorumReport {
  readonly nodes: readonly string[];
  readonly read: FamilyReport;
  readonly write: FamilyReport & { readonly isDualOfRead: boolean };
  /** Whether every read quorum meets every write quorum; if not, a pair that does not. */
  readonly readMeetsWrite: Meeting | null;
  readonly writeMeetsWrite: Meeting | null;
  readonly readFraction: number;
  readonly failures: number;
  readonly optimised: Goal;
  readonly optimal: StrategyReport | null;
  /** Every minimal quorum as often as every other. */
  readonly uniform: StrategyReport | null;
  /** Why each figure that is null is not known, by its path. */
  readonly unknown: Readonly<Record<string, string>>;
}

export interface Meeting {
  readonly always: boolean;
  readonly disjoint: readonly [readonly string[], readonly string[]] | null;
}

/** A function of its arguments alone. */
export function reportOnQuorums(options: QuorumReportOptions): QuorumReport {
  const reasons: Record<string, string> = {};
  const read = <T>(path: string, figure: Known<T>): T | null => {
    if (isKnown(figure)) return figure.value;
    reasons[path] = figure.unknown;
    return null;
  };
  const write = options.write ?? dualOf(options.read);
  const system = { read: options.read, write };
  const question: Question = {
    system,
    figures: options.figures,
    readFractions: options.readFractions,
    failures: options.failures,
  };
  const named = (nodes: readonly NodeId[]): string[] => nodes.map(node => options.nodes[node]!);

  const list = (path: string, quorum: Quorum) => {
    const sets = read(path, minimalQuorums(quorum));
    if (sets === null) return { count: null, listed: null };
    return {
      count: sets.sets.length,
      listed: sets.sets.length > listedMax ? null : sets.sets.map(set => named(membersOf(set, sets.nodes))),
    };
  };
  const family = (word: 'read' | 'write'): FamilyReport => {
    const quorum = system[word];
    const { count, listed } = list(`${word}.quorums`, quorum);
    const alone = leastLoad({
      system: { read: quorum, write: quorum },
      figures: options.figures,
      readFractions: always(word === 'read' ? 1 : 0),
    });
    const load = read(`${word}.load`, alone);
    return {
      quorums: listed,
      count,
      size: finite(read(`${word}.size`, sizeOfSmallest(quorum))),
      resilience: finite(read(`${word}.resilience`, resilienceOf(quorum))),
      indispensable: named(indispensable(quorum)),
      dual: list(`${word}.dual`, dualOf(quorum)).listed,
      load: load?.load ?? null,
      capacity: load?.capacity ?? null,
      failureProbability: read(`${word}.failureProbability`, failureProbability(quorum, options.availability)),
    };
  };
  const meeting = (path: string, first: Quorum): Meeting | null => {
    const pair = disjointPair(first, write);
    if (!isKnown(pair)) return read(path, pair as Known<Meeting>);
    return { always: pair.value === null, disjoint: pair.value && [named(pair.value.first), named(pair.value.second)] };
  };
  /** Without the strategy itself at least its figures, where they follow from the structure. */
  const strategy = (
    path: string,
    found: Known<Strategy>,
    figures: () => Known<LoadAndCapacity>,
  ): StrategyReport | null => {
    if (isKnown(found)) {
      const { load, capacity, network, latency, ...chosen } = found.value;
      const choices = (of: Strategy['read']): ChoiceReport[] | null =>
        of.length > listedMax ? null : of.map(({ nodes, probability }) => ({ nodes: named(nodes), probability }));
      const latencyNs = options.hasLatencies ? latency : null;
      return { load, capacity, network, latencyNs, read: choices(chosen.read), write: choices(chosen.write) };
    }
    const figuresKnown = options.failures === 0 && !options.hasLatencies ? figures() : found;
    const alone = read(path, isKnown(figuresKnown) ? figuresKnown : found);
    return alone && { ...alone, network: null, latencyNs: null, read: null, write: null };
  };
  return {
    nodes: named([...new Set([...quorumNodes(options.read), ...quorumNodes(write)])]),
    read: family('read'),
    write: { ...family('write'), isDualOfRead: options.write === undefined },
    readMeetsWrite: meeting('readMeetsWrite', options.read),
    writeMeetsWrite: meeting('writeMeetsWrite', write),
    readFraction: meanOf(options.readFractions),
    failures: options.failures,
    optimised: options.optimise,
    optimal: strategy('optimal', optimalStrategy(question, options.optimise), () =>
      options.optimise === 'load' ? leastLoad(question) : unknown('only the load follows from the structure'),
    ),
    uniform: strategy('uniform', uniformStrategy(question), () => uniformLoad(question)),
    unknown: reasons,
  };
}

const finite = (value: number | null): number | null => (value === null || Number.isFinite(value) ? value : null);
