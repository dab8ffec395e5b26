/** dsys test: every scenario over many seeds, as a test runner. */
import { basename } from 'node:path';
import { type Design, runScenario, runTest, type ScenarioRunOptions, type TestReport } from '@dsys/runtime';
import type { Scenario } from '@dsys/runtime/design/scenario';
import { stopAfter } from '../cancel.ts';
import { expand, loadRunnable } from '../load.ts';
import { type Colors, complain, exitCode, json, print, Unusable } from '../output.ts';
import { outcomeWord, verdictWord } from '../render-run.ts';
import { designTexts, namedWriters, type TraceWriter, traceWriters, tryTraces } from '../trace-files.ts';
import { version } from '../version.ts';
import { refuseObstacles } from './run.ts';

export interface TestCommandOptions {
  readonly reporter: 'text' | 'json' | 'junit';
  /** undefined: each scenario's own number. */
  readonly seeds?: number;
  /** Where to store the run that shows each scenario's outcome. */
  readonly traces: readonly string[];
  readonly eventLimit?: number;
  readonly timeLimitMs?: number;
  readonly colors: Colors;
  readonly quiet: boolean;
  /** Progress is shown on a terminal only. */
  readonly progress: boolean;
}

interface Result {
  readonly file: string;
  readonly name: string;
  readonly report: TestReport | null;
  readonly outcome: TestReport['outcome'];
  readonly why: string;
}

export async function test(names: readonly string[], options: TestCommandOptions): Promise<number> {
  const results: Result[] = [];
  const writers = traceWriters(options.traces);
  const notWritten: string[] = [];
  const cancelled = stopAfter(options.timeLimitMs);
  for (const file of expand(names)) {
    const { design } = await loadRunnable(file);
    if (design.scenarios.length + design.explorations.length === 0)
      throw new Unusable(`${file} has no store, so there is nothing to test.`);
    for (const scenario of design.scenarios) refuseObstacles(design, scenario);
    for (const scenario of design.scenarios) {
      if (cancelled()) {
        results.push({ file, name: scenario.name, report: null, outcome: 'cancelled', why: 'not run: cancelled' });
        continue;
      }
      const seeds = options.seeds ?? scenario.seeds;
      const progress = options.progress
        ? (ran: number) => complain(`\r\x1b[K${file} ${scenario.name}: ${ran} of ${seeds} seeds`)
        : undefined;
      const report = runTest(design, scenario, {
        tool: version,
        from: 1,
        seeds,
        eventLimit: options.eventLimit,
        cancelled,
        progress,
      });
      if (options.progress) complain('\r\x1b[K');
      results.push({ file, name: scenario.name, report, outcome: report.outcome, why: whyOf(report) });
      if (report.outcome === 'cancelled') continue;
      notWritten.push(
        ...showingTrace(writers, file, design, scenario, report, { eventLimit: options.eventLimit, cancelled }),
      );
    }
    for (const exploration of design.explorations) {
      results.push({
        file,
        name: exploration.name,
        report: null,
        outcome: 'unknown',
        why: 'explorations are not built yet',
      });
    }
  }
  if (notWritten.length > 0) throw new Unusable(notWritten.join(' '));
  const outcome = overall(results);
  if (options.reporter === 'json') print(json(jsonOf(results, outcome)));
  else if (options.reporter === 'junit') print(junit(results));
  else print(textOf(results, options));
  return {
    pass: exitCode.ok,
    fail: exitCode.violated,
    unknown: exitCode.unknown,
    cancelled: exitCode.cancelled,
    error: exitCode.unusable,
  }[outcome];
}

/** Runs once more, recorded, the seed that shows why a scenario came out as it did; returns what could not be written. */
function showingTrace(
  writers: readonly TraceWriter[],
  file: string,
  design: Design,
  scenario: Scenario,
  { showing }: TestReport,
  limits: Pick<ScenarioRunOptions, 'eventLimit' | 'cancelled'>,
): string[] {
  if (writers.length === 0) return [];
  const { trace } = runScenario(design, scenario, { tool: version, seed: showing, record: true, ...limits });
  const named = namedWriters(writers, `${basename(file, '.dsys')}-${scenario.name}`);
  return tryTraces(named, trace!, designTexts(design));
}

function overall(results: readonly Result[]): TestReport['outcome'] {
  for (const outcome of ['cancelled', 'fail', 'unknown'] as const)
    if (results.some(one => one.outcome === outcome)) return outcome;
  return results.length === 0 ? 'unknown' : 'pass';
}

/** The property that decides, in a sentence. */
function whyOf(report: TestReport): string {
  const telling =
    report.properties.find(one => one.verdict === 'violated' && !one.expected) ??
    report.properties.find(one => one.origin === 'expect violation' && one.verdict === 'holds') ??
    report.properties.find(one => one.verdict === 'unknown') ??
    report.properties.find(one => one.expected);
  if (telling === undefined) return '';
  if (telling.origin === 'expect violation' && telling.verdict === 'holds') {
    return `${telling.property} of ${telling.of} was expected to be violated, and held under all ${report.seeds.ran} seeds`;
  }
  return `${telling.property} of ${telling.of}: ${telling.why} (seed ${telling.seed})`;
}

function textOf(results: readonly Result[], options: TestCommandOptions): string {
  const { colors } = options;
  let text = '';
  for (const { file, name, report, outcome, why } of results) {
    const seeds = report === null ? '' : `${report.seeds.ran} seed${report.seeds.ran === 1 ? '' : 's'}`;
    const covered =
      report === null
        ? ''
        : `, ${report.covered.operations} operations, ${report.covered.events} events, faults: ${faultsOf(report)}`;
    text += `${outcomeWord(outcome, colors)}  ${file} ${colors.bold(name)}  ${colors.dim(`${seeds}${covered}`)}\n`;
    if (why !== '' && !(options.quiet && outcome === 'pass')) text += `      ${why}\n`;
    if (report !== null && outcome === 'fail') {
      for (const one of report.properties.filter(each => each.verdict === 'violated'))
        text += `      ${verdictWord(one, colors)} ${one.property} of ${one.of} (seed ${one.seed})\n`;
      text += `      ${colors.dim(`see: dsys run ${file} ${name} --seed ${report.showing}`)}\n`;
    }
  }
  const count = (outcome: string) => results.filter(one => one.outcome === outcome).length;
  return `${text}\n${count('pass')} passed, ${count('fail')} failed, ${count('unknown')} unknown${count('cancelled') > 0 ? `, ${count('cancelled')} cancelled` : ''}\n`;
}

const faultsOf = (report: TestReport): string =>
  Object.entries(report.covered.faults)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ') || 'none';

function jsonOf(results: readonly Result[], outcome: TestReport['outcome']) {
  return {
    schema: 'dsys.test/1',
    tool: version,
    outcome,
    scenarios: results.map(({ file, name, report, outcome: own, why }) => ({
      file,
      scenario: name,
      outcome: own,
      why,
      seeds: report?.seeds ?? null,
      showing: report?.showing ?? null,
      covered: report?.covered ?? null,
      properties: (report?.properties ?? []).map(one => ({
        property: one.property,
        of: one.of,
        origin: one.origin,
        verdict: one.verdict,
        why: one.why,
        measured: one.measured,
        seed: one.seed,
        violatedIn: one.violatedIn,
        ...(one.expected && { expected: true }),
      })),
    })),
  };
}

const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

function junit(results: readonly Result[]): string {
  const cases = results.map(({ file, name, outcome, why }) => {
    const open = `  <testcase classname="${escapeXml(file)}" name="${escapeXml(name)}"`;
    if (outcome === 'pass') return `${open}/>\n`;
    const element = outcome === 'fail' ? 'failure' : 'skipped';
    return `${open}>\n    <${element} message="${escapeXml(why)}"/>\n  </testcase>\n`;
  });
  const failures = results.filter(one => one.outcome === 'fail').length;
  const skipped = results.filter(one => one.outcome !== 'fail' && one.outcome !== 'pass').length;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuite name="dsys" tests="${results.length}" failures="${failures}" skipped="${skipped}">\n${cases.join('')}</testsuite>\n`;
}
