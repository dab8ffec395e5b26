/** What is said of a run, cut to a part of its events: faults, checks, metrics, notes, and the header. */

import type { Check, Fault, Header, Metric, Note, Trace, TraceWitness } from './model.ts';

/** Which rows of a trace a part of it has, and under which numbers. */
export interface Cut {
  readonly has: (event: number) => boolean;
  /** Events kept. */
  readonly count: number;
  /** First and last of them in the whole trace; -1 for none. */
  readonly first: number;
  readonly last: number;
  /** New number of an event; -1 when it is not kept. */
  readonly at: (event: number) => number;
  /** New number of the first kept event from this one on, `count` when there is none; -1 for -1. */
  readonly from: (event: number) => number;
  readonly messages: Renumbering;
  readonly ops: Renumbering;
}

interface Renumbering {
  /** Old rows that are kept. */
  readonly rows: Int32Array;
  /** New row of each old one, or -1. */
  readonly at: Int32Array;
}

/** Faults that last into the part, and, where it has certain lanes only, strike one of them. */
export function cutFaults(trace: Trace, cut: Cut, nodes: readonly number[] | undefined): Fault[] {
  const strikes = ({ nodes: struck, groups }: Fault): boolean =>
    nodes === undefined || [...struck, ...groups.flat()].some(node => nodes.includes(node));
  return trace.faults.flatMap(fault => {
    const start = cut.from(fault.start);
    const end = fault.end < 0 ? cut.count : cut.from(fault.end);
    // A fault of one moment has its start and end in one event.
    const within = start >= 0 && start < cut.count && (start < end || cut.has(fault.start) || cut.has(fault.end));
    return within && strikes(fault) ? [{ ...fault, start, end: end >= cut.count ? -1 : end }] : [];
  });
}

export function cutChecks(trace: Trace, cut: Cut): Check[] {
  return trace.checks.map(check =>
    check.witness === null ? check : { ...check, witness: cutWitness(check.witness, cut) },
  );
}

function cutWitness(witness: TraceWitness, cut: Cut): TraceWitness {
  const { lasso, partials, order } = witness;
  const ops = (list: readonly number[]): number[] => list.map(op => cut.ops.at[op] ?? -1).filter(op => op >= 0);
  return {
    events: witness.events.map(cut.at).filter(event => event >= 0),
    ops: ops(witness.ops),
    ...(partials && { partials: partials.map(ops) }),
    ...(order && { order: ops(order) }),
    ...(lasso && isWhole(cut, lasso[0], lasso[1]) && { lasso: [cut.at(lasso[0]), cut.at(lasso[1])] as const }),
  };
}

/** Whether the part has every event of a range. */
function isWhole(cut: Cut, first: number, last: number): boolean {
  return cut.has(first) && cut.has(last) && cut.at(last) - cut.at(first) === last - first;
}

/** Samples at the times that the part covers. */
export function cutMetrics(trace: Trace, cut: Cut): Metric[] {
  if (cut.count === 0) return [];
  const [from, to] = [trace.events.t[cut.first], trace.events.t[cut.last]];
  return trace.metrics.map(metric => {
    const kept = metric.x.map(x => x >= from && x <= to);
    const series = Object.entries(metric.series).map(([name, values]) => [name, values.filter((_, i) => kept[i])]);
    // `fromEntries` makes own members even of `__proto__`.
    return { ...metric, x: metric.x.filter((_, i) => kept[i]), series: Object.fromEntries(series) };
  });
}

export function cutNotes(trace: Trace, cut: Cut): Note[] {
  return trace.notes.flatMap(note => {
    const { event, range, ...said } = note;
    if (event !== undefined) return cut.has(event) ? [{ ...said, event: cut.at(event) }] : [];
    if (range === undefined) return [note];
    const from = cut.from(range[0]);
    const to = cut.from(range[1] + 1) - 1;
    return from <= to ? [{ ...said, range: [from, to] as const }] : [];
  });
}

/** That the run repeats for ever, or that recording stopped, holds for parts that reach to its end. */
export function cutHeader(trace: Trace, cut: Cut): Header {
  const { loop, truncated, ...header } = trace.header;
  const end = trace.events.length - 1;
  return {
    ...header,
    ...(loop && isWhole(cut, loop.fromEvent, end) && { loop: { fromEvent: cut.at(loop.fromEvent) } }),
    ...(truncated && cut.has(end) && { truncated: { reason: truncated.reason, after: cut.count } }),
  };
}
