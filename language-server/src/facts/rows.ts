/** The facts of a store in words, for the terminal and for hovers: one row per fact, each with its reason if unknown. */
import type { QuorumFacts, StoreFacts } from '@dsys/runtime/analysis/facts';
import { counted, downPerYear, duration, percent } from '../rules/questions.ts';

export interface FactRow {
  readonly name: string;
  /** Null: not known. */
  readonly value: string | null;
  /** Why it is so, or why it is not known; for consistency, also where that is written. */
  readonly why?: string;
}

/** What the figures of these stores mean, and what they take for granted. */
export const factNotes = (stores: readonly StoreFacts[]): readonly string[] => [
  'Consistency is the strongest that the chosen options support. Availability is that of independent failures, the weakest partition.',
  'Latency floors are what no operation can beat. Load and capacity are those of the best strategy over equal nodes.',
  ...[...new Set(stores.flatMap(({ staleness }) => staleness?.assumes ?? []))].map(text => `Staleness: ${text}`),
];

const words = ['read', 'write'] as const;
type Word = (typeof words)[number];

/** The figure to four digits, without an exponent for what people count. */
const figure = (value: number): string =>
  value !== 0 && (value < 0.001 || value >= 1e7) ? value.toExponential(2) : `${Number(value.toPrecision(4))}`;

const hoursPerYear = 8766;

export function factRows(facts: StoreFacts): readonly FactRow[] {
  const { consistency, operations, tolerates, unknown } = facts;
  const each = (name: string, path: string, show: (word: Word) => string | null): FactRow[] => {
    const values = words.map(word => ({ word, value: show(word), why: unknown[`${path}.${word}`] }));
    const [read, write] = values;
    if (read!.value === write!.value && read!.why === write!.why) return [row(name, read!.value, read!.why)];
    return values.map(({ word, value, why }) => row(`${word} ${name}`, value, why));
  };
  const row = (name: string, value: string | null, why?: string): FactRow => ({
    name,
    value,
    ...(value === null ? { why: why ?? 'not given' } : why !== undefined && { why }),
  });
  const label = (name: string, of: 'cap' | 'pacelc' | 'availabilityUnderPartition', text = (one: string) => one) => {
    const own = words.map(word => `${word} ${text(operations[word]![of])}`);
    const isOne = words.every(word => operations[word]![of] === facts[of]);
    return row(name, isOne ? text(facts[of]) : `${text(facts[of])} (${own.join(', ')})`, unknown[of]);
  };
  return [
    row('consistency', consistency.ceiling, consistency.why),
    row('source', consistency.source),
    label('CAP', 'cap'),
    label('PACELC', 'pacelc'),
    label('when partitioned', 'availabilityUnderPartition', served),
    ...(facts.levels === undefined
      ? []
      : [
          row(
            'also asked for',
            facts.levels.join(', '),
            'what follows are figures of the store’s own reads and writes',
          ),
        ]),
    row('tolerates', tolerates && toleratedText(tolerates), unknown.tolerates),
    ...each('quorum', 'quorums', word => quorumText(facts.quorums[word], word)),
    ...each('availability', 'availability', word => upText(facts.availability[word])),
    ...(words.every(word => facts.availability[word] === facts.availabilityWithoutFailovers[word])
      ? []
      : each('without failovers', 'availabilityWithoutFailovers', word =>
          upText(facts.availabilityWithoutFailovers[word]),
        )),
    row('durability', durabilityText(facts.durability.mttdlHours), unknown['durability.mttdlHours']),
    ...each('latency floor', 'latencyFloorNs', word => {
      const ns = facts.latencyFloorNs[word];
      return ns === null ? null : duration(ns);
    }),
    row('staleness', facts.staleness && stalenessText(facts.staleness), unknown.staleness),
  ];
}

const servedWords: Readonly<Record<string, string>> = {
  total: 'every client that reaches a live replica is served',
  sticky: 'every client that stays with its replica is served',
  majority: 'those who reach a quorum are served',
  'leader-side': 'those who reach the leader are served',
  'both-quorums': 'those who reach a read and a write quorum are served',
  'every-replica': 'nobody is served unless all replicas are together',
  none: 'whoever is cut off from it waits',
};

const served = (availability: string): string => servedWords[availability] ?? availability;

function toleratedText({ nodes, zones, regions }: NonNullable<StoreFacts['tolerates']>): string {
  const some = [counted(nodes, 'node'), counted(zones, 'zone'), counted(regions, 'region')].filter(
    words => !words.startsWith('0'),
  );
  return some.length === 0 ? 'the loss of no node' : `the loss of any ${some.join(', or any ')}`;
}

function quorumText(quorum: QuorumFacts | null, word: Word): string | null {
  if (quorum === null) return null;
  const { size, of, load, capacity, resilience, capacityPerSecond } = quorum;
  const declared =
    capacityPerSecond === null ? '' : `, ${figure(capacityPerSecond)} ${word}s/s with declared capacities`;
  return `${size} of ${of}, resilience ${resilience}, load ${figure(load)}, capacity of ${figure(capacity)} ${capacity === 1 ? 'node' : 'nodes'}${declared}`;
}

function upText(availability: number | null): string | null {
  if (availability === null) return null;
  if (availability >= 1) return 'always up';
  const nines = -Math.log10(1 - availability);
  return `${percent(availability)}, ${nines.toFixed(1)} nines, down ${downPerYear(availability)} a year`;
}

const durabilityText = (hours: number | null): string | null =>
  hours === null
    ? null
    : `some data is lost once in ${figure(hours / hoursPerYear)} years (${figure(hours)} h), on average`;

const stalenessText = ({ pConsistentAt0, tVisibilityNs, trials }: NonNullable<StoreFacts['staleness']>): string =>
  pConsistentAt0 >= 1
    ? `a read right after a write sees it, in all of ${trials} trials`
    : `${percent(pConsistentAt0)} of reads right after a write see it; visible after ${duration(tVisibilityNs.p99)} (p99), ${duration(tVisibilityNs['p99.9'])} (p99.9); ${trials} trials`;

/**
 * Figures that are unknown though the design has them: not staleness where nothing is predicted of the mechanism, nor
 * an endless time until data is lost. By path, with the reason.
 */
export function missingFigures({ mechanism, unknown }: StoreFacts): Readonly<Record<string, string>> {
  const hasNone = (path: string) =>
    path === 'durability.mttdlHours' || (path === 'staleness' && mechanism !== 'leaderless');
  return Object.fromEntries(Object.entries(unknown).filter(([path]) => !hasNone(path)));
}
