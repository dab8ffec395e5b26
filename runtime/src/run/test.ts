/** A scenario as a test: many seeds, one verdict. */
import type { Design } from '../design/design.ts';
import type { Scenario } from '../design/scenario.ts';
import type { Judged } from './judge.ts';
import { type Outcome, type RunReport, runScenario, type ScenarioRunOptions } from './report.ts';

export interface TestReport {
  readonly scenario: string;
  readonly outcome: Outcome;
  readonly seeds: { readonly from: number; readonly to: number; readonly ran: number };
  /** One line per property: its worst verdict, and the first seed that shows it. */
  readonly properties: readonly (Judged & { readonly seed: number; readonly violatedIn: number })[];
  /** First seed whose run shows why the scenario is not `pass`; else the first one that showed an expected violation; else the first. */
  readonly showing: number;
  readonly covered: {
    readonly events: number;
    readonly operations: number;
    readonly faults: Readonly<Record<string, number>>;
  };
}

export interface TestOptions extends Omit<ScenarioRunOptions, 'seed' | 'record'> {
  readonly from: number;
  readonly seeds: number;
  readonly progress?: (ran: number) => void;
}

/**
 * Runs seeds `from … from + seeds − 1`, stopping at the first violation that nobody expected. An expected violation has
 * to be seen under at least one of them.
 */
export function runTest(design: Design, scenario: Scenario, options: TestOptions): TestReport {
  const reports: RunReport[] = [];
  for (let i = 0; i < options.seeds; i++) {
    // What is the same for every seed (survival, figures without faults) is run with the first one only.
    const { report } = runScenario(design, scenario, {
      ...options,
      seed: options.from + i,
      record: false,
      extraRuns: i === 0,
    });
    reports.push(report);
    options.progress?.(reports.length);
    if (report.outcome === 'fail' || report.outcome === 'cancelled') break;
  }
  const properties = mergeProperties(reports);
  const outcome = testOutcome(reports, properties);
  const failing =
    reports.find(report => report.outcome === 'fail') ??
    reports.find(report => report.properties.some(one => one.expected));
  return {
    scenario: scenario.name,
    outcome,
    seeds: { from: options.from, to: options.from + options.seeds - 1, ran: reports.length },
    properties,
    showing: (failing ?? reports[0])?.seed ?? options.from,
    covered: coveredBy(reports),
  };
}

function coveredBy(reports: readonly RunReport[]): TestReport['covered'] {
  const faults: Record<string, number> = {};
  let events = 0;
  let operations = 0;
  for (const { covered } of reports) {
    events += covered.events;
    operations += covered.operations.invoked;
    for (const [kind, count] of Object.entries(covered.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  }
  return { events, operations, faults };
}

const needsExtraRuns = (one: Judged): boolean =>
  one.origin === 'claim' || one.kind === 'survives' || one.kind === 'survives-place';

function mergeProperties(reports: readonly RunReport[]): (Judged & { seed: number; violatedIn: number })[] {
  const merged = new Map<string, Judged & { seed: number; violatedIn: number }>();
  reports.forEach((report, i) => {
    for (const one of report.properties) {
      const key = `${one.origin}\n${one.property}\n${one.of}\n${one.at?.start.line ?? ''}`;
      const known = merged.get(key);
      const violatedIn = (known?.violatedIn ?? 0) + (one.verdict === 'violated' ? 1 : 0);
      // Later seeds leave the extra runs out: their `unknown` says nothing new.
      const silent = i > 0 && one.verdict === 'unknown' && needsExtraRuns(one);
      const worse = known === undefined || (!silent && rank(one, reports) > rank(known, reports));
      merged.set(key, worse ? { ...one, seed: report.seed, violatedIn } : { ...known, violatedIn });
    }
  });
  return [...merged.values()];
}

/** What a reader must hear first: a violation, then what was not checked. A violation that is wanted counts once seen. */
function rank(one: Judged, reports: readonly RunReport[]): number {
  if (one.verdict === 'violated') return one.expected ? 2.5 : 3;
  return one.verdict === 'unknown' ? (one.origin === 'expect violation' && reports.length > 1 ? 0.5 : 2) : 1;
}

function testOutcome(reports: readonly RunReport[], properties: readonly Judged[]): Outcome {
  if (reports.some(report => report.outcome === 'cancelled')) return 'cancelled';
  if (reports.some(report => report.outcome === 'fail')) return 'fail';
  if (properties.some(one => one.origin === 'expect violation' && one.verdict === 'holds')) return 'fail';
  if (properties.some(one => one.verdict === 'unknown')) return 'unknown';
  const cutShort = reports.some(
    report =>
      report.outcome === 'unknown' &&
      !report.properties.some(one => one.verdict === 'unknown' || one.origin === 'expect violation'),
  );
  return cutShort || properties.length === 0 ? 'unknown' : 'pass';
}
