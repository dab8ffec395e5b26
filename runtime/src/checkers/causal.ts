import type { DataModel } from '../model/model.ts';
import { findElementFlaw } from './causal-elements.ts';
import { type CausalGraph, causalGraph } from './causal-graph.ts';
import { tellCausal } from './causal-words.ts';
import type { Explanation } from './explain.ts';
import {
  comesBefore,
  type DerivedEdge,
  isSourced,
  lastWritesBefore,
  type Order,
  orderEvents,
  readsInitial,
} from './happens-before.ts';
import type { History, Operation, Verdict } from './history.ts';
import { historyProblem } from './history-problem.ts';
import { judgeSessions, MAX_JOINED } from './session-knowledge.ts';
import { DEFAULT_NAMES, type Names, plural } from './words.ts';

export const CAUSAL_MODELS = ['weak-causal', 'causal-convergence', 'causal-memory', 'causal', 'pram'] as const;
export type CausalModel = (typeof CAUSAL_MODELS)[number];

/** Clock entries (4 bytes) that a check may use: events × chains. */
const MAX_CLOCK_ENTRIES = 100_000_000;

/** What is wrong with a history, by the names of Bouajjani et al. Events are indices of the graph. */
export type BadPattern =
  | { readonly kind: 'ThinAirRead'; readonly operation: Operation }
  /** Each event comes before the next, the last before the first; `derived` explains steps that are neither session order nor reads-from. */
  | {
      readonly kind: 'CyclicCO' | 'CyclicCF' | 'CyclicHB';
      readonly cycle: readonly number[];
      readonly derived: readonly DerivedEdge[];
    }
  /** The read of the initial value knew of a write. */
  | {
      readonly kind: 'WriteCOInitRead' | 'WriteHBInitRead';
      readonly read: number;
      readonly write: number;
      readonly derived: readonly DerivedEdge[];
      /** Which reads make known what they read. */
      readonly readsFrom: (read: number) => boolean;
    }
  /** The read got the older of two values although it knew of the newer one. */
  | { readonly kind: 'WriteCORead'; readonly read: number; readonly older: number; readonly newer: number };

/**
 * Causal consistency and PRAM of registers and key-value entries, by the bad patterns of Bouajjani, Enea, Guerraoui and
 * Hamza ("On Verifying Causal Consistency", POPL 2017, table 2), which are exact if every value that was read was
 * written once. Causal order (CO) is session order and reads-from, transitively; real time plays no part.
 *
 * - weak-causal (CC): every answer fits some order of what causally came before it
 * - causal-convergence (CCv): all answers fit one order of the writes
 * - causal-memory (CM): all answers of a session fit one order of what its last operation knew
 * - causal: CM and CCv
 * - pram: as CM, but a session knows others' writes only in the order in which each of these was made
 *
 * Sets and lists that only grow show more, and are judged by that (causal-elements.ts).
 */
export function checkCausal(
  history: History,
  model: DataModel,
  property: CausalModel,
  names: Names = DEFAULT_NAMES,
): Verdict {
  const unknown = (why: string): Verdict => ({ property, verdict: 'unknown', why, witness: null });
  const problem = historyProblem(history, model);
  if (problem !== undefined) return unknown(problem);
  if (model.name === 'set' || model.name === 'list') {
    const finding = findElementFlaw(history, model.name === 'list', property, names);
    if ('unjudged' in finding) return unknown(finding.unjudged);
    if ('flaw' in finding) return violatedBy(property, finding.flaw);
    return finding.answers === 0
      ? unknown(NOTHING)
      : { property, verdict: 'holds', why: `${plural(finding.answers, 'answer')} fit a causal order.`, witness: null };
  }
  if (model.name !== 'register' && model.name !== 'kv')
    return unknown(`Causal models are judged for registers and key-value entries, not for a ${model.name}.`);
  if (history.operations.some(({ kind }) => kind === 'append'))
    return unknown('Causal models are not judged for texts that are appended to.');
  const graph = causalGraph(history);
  const reads = graph.events.filter(({ kind }) => kind === 'read').length;
  if (reads === 0) return unknown(NOTHING);
  if (graph.events.length * graph.chains > MAX_CLOCK_ENTRIES)
    return unknown(
      `${plural(graph.events.length, 'operation')} of ${plural(graph.chains, 'session')} would take more memory than the check may use (${plural(MAX_CLOCK_ENTRIES * 4, 'byte')}).`,
    );
  const pattern = findBadPattern(graph, property);
  if (pattern === 'too-much') return unknown(`The check gave up after ${plural(MAX_JOINED, 'comparison')} of clocks.`);
  if (pattern !== undefined) return violatedBy(property, tellCausal(pattern, graph, names));
  if (graph.incomplete !== undefined)
    return unknown(`Nothing contradicts it, but ${graph.incomplete}, so it is not proved.`);
  return {
    property,
    verdict: 'holds',
    why: `${plural(reads, 'read')} of ${plural(graph.chains, 'session')} show none of the bad patterns.`,
    witness: null,
  };
}

const NOTHING = 'Nothing was checked: no read of the history has a known result.';

function violatedBy(property: CausalModel, { why, operations }: Explanation): Verdict {
  return { property, verdict: 'violated', why, witness: { operations, events: [] } };
}

/** `too-much`: the sessions know too much of each other to be judged within the counted limit. */
export function findBadPattern(graph: CausalGraph, property: CausalModel): BadPattern | 'too-much' | undefined {
  if (graph.thinAir !== undefined) return { kind: 'ThinAirRead', operation: graph.thinAir };
  if (property === 'pram') return findBadSession(graph, undefined);
  const order = orderEvents(graph, [], () => true);
  if ('cycle' in order) return { kind: 'CyclicCO', cycle: order.cycle, derived: [] };
  const weak = findWeak(graph, order);
  if (weak !== undefined || property === 'weak-causal') return weak;
  const convergence = property === 'causal-memory' ? undefined : findConflict(graph, order);
  if (convergence !== undefined || property === 'causal-convergence') return convergence;
  return findBadSession(graph, order);
}

function findBadSession(graph: CausalGraph, causal: Order | undefined): BadPattern | 'too-much' | undefined {
  const finding = judgeSessions(graph, causal);
  if (finding.verdict === 'too-much') return 'too-much';
  return finding.verdict === 'fine' ? undefined : findPerSession(graph, causal, [finding.end]);
}

/** WriteCOInitRead and WriteCORead. */
function findWeak(graph: CausalGraph, order: Order): BadPattern | undefined {
  const last = new Int32Array(graph.chains);
  for (let read = 0; read < graph.events.length; read++) {
    if (!isSourced(graph, read)) continue;
    lastWritesBefore(graph, order, read, last);
    const source = graph.source[read];
    for (const newer of last) {
      if (newer < 0 || newer === source) continue;
      // If any write of a chain lies between the source and the read, the chain's last one before the read does.
      if (readsInitial(graph, read))
        return { kind: 'WriteCOInitRead', read, write: newer, derived: [], readsFrom: () => true };
      if (comesBefore(graph, order, source, newer)) return { kind: 'WriteCORead', read, older: source, newer };
    }
  }
  return undefined;
}

/** CyclicCF: a write that a reader knew comes before the one that it read. */
function findConflict(graph: CausalGraph, order: Order): BadPattern | undefined {
  const last = new Int32Array(graph.chains);
  const derived: DerivedEdge[] = [];
  for (let read = 0; read < graph.events.length; read++) {
    const source = graph.source[read];
    if (source < 0) continue;
    lastWritesBefore(graph, order, read, last);
    for (const write of last) if (write >= 0 && write !== source) derived.push({ before: write, after: source, read });
  }
  const result = orderEvents(graph, derived, () => true);
  return 'cycle' in result ? { kind: 'CyclicCF', cycle: result.cycle, derived } : undefined;
}

/**
 * CyclicHB and WriteHBInitRead, session by session: for the reads of one session, in their order, the writes that it knew
 * come before the one that it read, which makes it know more. It is enough to look at a session's last operation, as the
 * relation only grows along the session. `causal` is the causal order to start from; without it (PRAM), others' reads make
 * nothing known.
 */
export function findPerSession(
  graph: CausalGraph,
  causal: Order | undefined,
  ends: readonly number[],
): BadPattern | undefined {
  const last = new Int32Array(graph.chains);
  for (const end of ends) {
    const reads: number[] = [];
    for (let event = end; event >= 0; event = graph.previous[event]) if (isSourced(graph, event)) reads.push(event);
    const reading = (read: number) => causal !== undefined || graph.chain[read] === graph.chain[end];
    const known = new Set<number>();
    const derived: DerivedEdge[] = [];
    for (let grown = true; grown; ) {
      grown = false;
      const order = causal !== undefined && derived.length === 0 ? causal : orderEvents(graph, derived, reading);
      if ('cycle' in order) return { kind: 'CyclicHB', cycle: order.cycle, derived };
      for (const read of reads) {
        lastWritesBefore(graph, order, read, last);
        const source = graph.source[read];
        for (const write of last) {
          if (write < 0 || write === source) continue;
          if (readsInitial(graph, read)) return { kind: 'WriteHBInitRead', read, write, derived, readsFrom: reading };
          if (comesBefore(graph, order, write, source)) continue;
          const edge = write * graph.events.length + source;
          if (known.has(edge)) continue;
          known.add(edge);
          derived.push({ before: write, after: source, read });
          grown = true;
        }
      }
    }
  }
  return undefined;
}
