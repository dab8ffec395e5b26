/** One run as it is told to people and programs: `dsys.run/1`. */

import { availability, latencies, recovery, type Side, summary } from '../checkers/figures.ts';
import { staleness } from '../checkers/staleness.ts';
import { scanOf } from '../clients/transactions.ts';
import type { Design } from '../design/design.ts';
import type { Scenario } from '../design/scenario.ts';
import { traceSha256 } from '../trace/hash.ts';
import type { Trace } from '../trace/model.ts';
import { type Executed, execute, type RunOptions } from './execute.ts';
import { faultFreeFigures } from './fault-free.ts';
import { clientsOf } from './figures.ts';
import { type Judged, judge } from './judge.ts';
import { type LoadFigures, loadOf, type MoveFigures, movesOf } from './load.ts';
import { finishRecording, record } from './record.ts';
import { judgeSurvival } from './survival.ts';
import { viewOf } from './view.ts';

export type Outcome = 'pass' | 'fail' | 'unknown' | 'error' | 'cancelled';

export interface LatencyFigures {
  readonly p50: number;
  readonly p99: number;
  readonly 'p99.9': number;
  readonly mean: number;
  readonly max: number;
}

export interface RunReport {
  readonly schema: 'dsys.run/1';
  readonly tool: string;
  readonly file: string;
  readonly scenario: string;
  readonly seed: number;
  readonly outcome: Outcome;
  readonly properties: readonly Judged[];
  readonly covered: {
    readonly events: number;
    readonly messages: {
      readonly sent: number;
      readonly delivered: number;
      readonly lost: number;
      readonly duplicated: number;
    };
    readonly operations: {
      readonly invoked: number;
      readonly ok: number;
      readonly failed: number;
      readonly unknown: number;
    };
    readonly faults: Readonly<Record<string, number>>;
    readonly leaderChanges: number;
    /** What moved between partitions. */
    readonly moves: readonly MoveFigures[];
    /** Actions that found nobody to act on, orders that were not carried out, arrivals turned away. */
    readonly skipped: readonly string[];
  };
  readonly metrics: {
    readonly latencyNs: {
      readonly read: LatencyFigures | null;
      readonly write: LatencyFigures | null;
      /** Reads of several keys: as long as the slowest partition that was asked. */
      readonly scan: LatencyFigures | null;
    };
    readonly availability: number | null;
    readonly throughputPerSecond: number;
    readonly stalenessNs: { readonly p50: number; readonly p99: number } | null;
    readonly recoveryNs: number | null;
    /** Of stores in several partitions. */
    readonly load: readonly LoadFigures[];
  };
  readonly virtualTimeNs: number;
  /** null when no trace was recorded. */
  readonly traceSha256: string | null;
}

export interface RunResult {
  readonly report: RunReport;
  readonly executed: Executed;
  readonly trace: Trace | null;
}

export interface ScenarioRunOptions extends Omit<RunOptions, 'trace'> {
  readonly tool: string;
  /** False: verdicts only, no trace and no `traceSha256`. */
  readonly record: boolean;
  /** False leaves the extra runs for `survives` and for figures out: they are the same for every seed of a scenario. */
  readonly extraRuns?: boolean;
}

/** Executes and judges one scenario under one seed. Call `obstacles` first: what cannot be executed throws. */
export function runScenario(design: Design, scenario: Scenario, options: ScenarioRunOptions): RunResult {
  const recording = options.record
    ? record(design, { tool: options.tool, scenario: scenario.name, seed: options.seed, changes: options.changes })
    : undefined;
  const executed = execute(design, scenario, { ...options, trace: recording?.tracer });
  const extra = options.extraRuns !== false && executed.ended !== 'cancelled';
  const properties = judge(executed, {
    survival: extra ? judgeSurvival(executed, options) : undefined,
    faultFree: extra ? faultFreeFigures(executed, options) : undefined,
  });
  const outcome = outcomeOf(executed, properties);
  const trace = recording === undefined ? null : finishRecording(recording, executed, outcome, properties);
  const report = reportOf(executed, properties, outcome, options, trace);
  return { report, executed, trace };
}

export function outcomeOf(executed: Executed, properties: readonly Judged[]): Outcome {
  if (executed.ended === 'cancelled') return 'cancelled';
  if (properties.some(one => one.verdict === 'violated' && !one.expected)) return 'fail';
  if (executed.ended !== 'complete' || executed.leaderless.length > 0) return 'unknown';
  if (properties.length === 0 || properties.some(one => one.verdict === 'unknown')) return 'unknown';
  // With one seed, a violation that was not seen may show under another.
  if (properties.some(one => one.origin === 'expect violation' && one.verdict !== 'violated')) return 'unknown';
  return 'pass';
}

/** Figures of all stores together, and of the whole load. */
function metricsOf(executed: Executed): RunReport['metrics'] {
  const views = executed.stores.map(store => viewOf(executed, store));
  const { load } = views[0]!;
  const together = (side?: Side) =>
    Float64Array.from(views.flatMap(view => [...latencies(view.history, view.load, side)])).sort();
  const figures = (side: Side): LatencyFigures | null => {
    const { count, ...rest } = summary(together(side));
    return count === 0 ? null : (rest as LatencyFigures);
  };
  const shares = views.flatMap(view => availability(view.history, view.load, clientsOf(view)) ?? []);
  const ages = Float64Array.from(views.flatMap(view => [...staleness(view.history, view.model, view.load).ns])).sort();
  const { p50, p99 } = summary(ages);
  const recoveries = views.flatMap(view => recovery(view.history, view.load, view.faults, view.partitionOf)?.ns ?? []);
  const ok = executed.log.operations.filter(one => one.outcome === 'ok').length;
  const seconds = (load.until - load.from) / 1e9;
  return {
    latencyNs: { read: figures('read'), write: figures('write'), scan: scansOf(executed) },
    availability: shares.length === 0 ? null : Math.min(...shares),
    throughputPerSecond: seconds === 0 ? 0 : ok / seconds,
    stalenessNs: p50 === null || p99 === null ? null : { p50, p99 },
    recoveryNs: recoveries.length === 0 ? null : Math.max(...recoveries),
    load: loadOf(executed),
  };
}

/** Those that began in the load; what is open at its end has lasted until then. */
function scansOf({ log, stores, originNs, loadEndNs }: Executed): LatencyFigures | null {
  const names = new Set(stores.map(({ name }) => scanOf(name)));
  const lasted = log.operations
    .filter(one => names.has(one.store) && one.invoke >= originNs && one.invoke < loadEndNs)
    .map(one => (Number.isFinite(one.ended) ? one.ended : loadEndNs) - one.invoke);
  const { count, ...rest } = summary(Float64Array.from(lasted).sort());
  return count === 0 ? null : (rest as LatencyFigures);
}

function reportOf(
  executed: Executed,
  properties: readonly Judged[],
  outcome: Outcome,
  options: ScenarioRunOptions,
  trace: Trace | null,
): RunReport {
  const { log, sim, faults, operator, endNs, design, scenario } = executed;
  const { counts } = sim.trace;
  const of = (wanted: string) => log.operations.filter(one => one.outcome === wanted).length;
  const notDone = operator.orders
    .filter(order => order.outcome !== 'done')
    .map(order => `${order.text}: ${order.outcome}`);
  for (const { changes } of executed.moving.values())
    for (const { text, outcome } of changes) if (outcome !== 'done') notDone.push(`${text}: ${outcome}`);
  const turnedAway = executed.turnedAway > 0 ? [`${executed.turnedAway} arrivals found no free session`] : [];
  const cut = executed.ended === 'event-limit' ? [`the run was stopped after ${sim.handled} events`] : [];
  const leaderless = executed.leaderless.map(name => `${name} had no leader when the scenario began`);
  return {
    schema: 'dsys.run/1',
    tool: options.tool,
    file: design.files[0]?.path ?? '',
    scenario: scenario.name,
    seed: options.seed,
    outcome,
    properties,
    covered: {
      events: counts.events,
      messages: { sent: counts.sent, delivered: counts.delivered, lost: counts.lost, duplicated: counts.duplicated },
      operations: {
        invoked: log.operations.length,
        ok: of('ok'),
        failed: of('fail'),
        unknown: of('unknown') + of('open'),
      },
      faults: { ...faults.counts },
      leaderChanges: executed.leaderChanges,
      moves: movesOf(executed),
      skipped: [...faults.skipped, ...notDone, ...turnedAway, ...cut, ...leaderless],
    },
    metrics: metricsOf(executed),
    virtualTimeNs: endNs - executed.originNs,
    traceSha256: trace === null ? null : traceSha256(trace),
  };
}
