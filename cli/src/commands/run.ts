/** dsys run: one deterministic run of a scenario, judged, explained, recorded. */

import type { Diagnostic } from '@dsys/language-server';
import { type Design, obstacles, type RunReport, runScenario } from '@dsys/runtime';
import type { Scenario } from '@dsys/runtime/design/scenario';
import { stopAfter } from '../cancel.ts';
import { loadRunnable } from '../load.ts';
import { type Colors, exitCode, json, print, Unusable } from '../output.ts';
import { renderRun } from '../render-run.ts';
import { designTexts, traceWriters, writeTraces } from '../trace-files.ts';
import { version } from '../version.ts';

export interface RunCommandOptions {
  readonly format: 'text' | 'json';
  readonly seed: number;
  readonly traces: readonly string[];
  readonly eventLimit?: number;
  readonly timeLimitMs?: number;
  readonly colors: Colors;
  readonly quiet: boolean;
}

export const outcomeCode = (outcome: RunReport['outcome']): number => {
  switch (outcome) {
    case 'pass':
      return exitCode.ok;
    case 'fail':
      return exitCode.violated;
    case 'unknown':
      return exitCode.unknown;
    case 'cancelled':
      return exitCode.cancelled;
    case 'error':
      return exitCode.unusable;
  }
};

/** The scenario that was asked for; without a name the only one, or the first. */
export function pickScenario(design: Design, name: string | undefined, file: string): Scenario {
  const { scenarios } = design;
  if (scenarios.length === 0) throw new Unusable(`${file} has no store, so there is nothing to run.`);
  if (name === undefined) return scenarios[0]!;
  const found = scenarios.find(one => one.name === name);
  if (found === undefined)
    throw new Unusable(`${file} has no scenario ${name}; it has ${scenarios.map(one => one.name).join(', ')}.`);
  return found;
}

/** Says what cannot be executed (yet), located, instead of running something else. */
export function refuseObstacles(design: Design, scenario: Scenario): void {
  const found = obstacles(design, scenario);
  if (found.length === 0) return;
  const diagnostics = found.map(
    ({ at, message }): Diagnostic => ({
      rule: 'not-executable',
      severity: 'error',
      message,
      uri: design.files[at.file]?.uri ?? '',
      range: { start: at.start, end: at.end },
    }),
  );
  throw new Unusable(`Scenario ${scenario.name} cannot be executed: ${found[0]!.message}.`, diagnostics);
}

export async function run(file: string, scenarioName: string | undefined, options: RunCommandOptions): Promise<number> {
  const writers = traceWriters(options.traces);
  const { design } = await loadRunnable(file);
  const scenario = pickScenario(design, scenarioName, file);
  refuseObstacles(design, scenario);
  const cancelled = stopAfter(options.timeLimitMs);
  const { report, executed, trace } = runScenario(design, scenario, {
    tool: version,
    seed: options.seed,
    record: true,
    eventLimit: options.eventLimit,
    cancelled,
  });
  writeTraces(writers, trace!, designTexts(design));
  if (options.format === 'json') print(json(jsonOf(report)));
  else
    print(
      renderRun(report, executed, trace!, { colors: options.colors, quiet: options.quiet, traces: options.traces }),
    );
  return outcomeCode(report.outcome);
}

/** Source ranges and internal kinds stay inside. */
export function jsonOf(report: RunReport) {
  return {
    ...report,
    properties: report.properties.map(({ property, of, origin, verdict, why, measured, witness, expected }) => ({
      property,
      of,
      origin,
      verdict,
      why,
      measured,
      witness,
      ...(expected && { expected }),
    })),
  };
}
