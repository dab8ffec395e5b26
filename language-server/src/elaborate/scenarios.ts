/** Scenarios: what runs, what goes wrong when, what is expected. */
import {
  type At,
  type Chaos as ChaosAst,
  type Duration,
  type Every,
  formatDuration,
  type Scenario as ScenarioAst,
  type Specification,
  type When,
} from '@dsys/grammar';
import {
  type Action,
  type Chaos,
  chaosVerbs,
  type Scenario,
  type Trigger,
  type Workload,
} from '@dsys/runtime/design/scenario';
import { placeOf } from '../diagnostic.ts';
import { closest } from '../names/suggest.ts';
import { documentationOf } from '../parsing/comments.ts';
import { elaborateAction } from './actions.ts';
import { type Context, declarationsOf, located, oneLine, orList, pathsOf, report } from './context.ts';
import { defaults } from './defaults.ts';
import { elaborateExpectation } from './expectations.ts';
import { readOptions } from './options.ts';
import { askWords } from './questions.ts';
import { type Data, elaborateTargets } from './targets.ts';
import { count, duration, finite } from './values.ts';
import { defaultWorkload } from './workloads.ts';

const maxSeeds = 1_000_000;
/** Most times that one `every` happens. */
const maxRepetitions = 100_000;

export const elaborateScenarios = (
  context: Context,
  files: readonly Specification[],
  data: Data,
  workloads: readonly Workload[],
): Scenario[] => declarationsOf(files, 'Scenario').map(ast => elaborateScenario(context, ast, data, workloads));

/** Load stops and repairs go on: long enough for two rounds of the slowest anti-entropy. */
export function defaultSettle({ stores }: Data): number {
  const rounds = stores.map(({ mechanism }) => (mechanism.kind === 'leaderless' ? (mechanism.antiEntropyNs ?? 0) : 0));
  return Math.max(defaults.scenario.settleNs, defaults.scenario.settleAntiEntropies * Math.max(0, ...rounds));
}

function elaborateScenario(context: Context, ast: ScenarioAst, data: Data, workloads: readonly Workload[]): Scenario {
  const settings = { seeds: defaults.scenario.seeds, settleNs: defaultSettle(data) };
  readOptions(context, 'a scenario', ast.options, {
    seeds: option => {
      settings.seeds = count(context, option.values[0], 'seeds', option, { most: maxSeeds }) ?? settings.seeds;
    },
    settle: option => {
      settings.settleNs = duration(context, option.values[0], 'settle', option) ?? settings.settleNs;
    },
  });
  const runs = runsOf(context, ast, workloads);
  const times = { runNs: Math.max(0, ...runs.map(run => run.forNs)), settleNs: settings.settleNs };
  const endNs = times.runNs + times.settleNs;
  return {
    ...located(context, ast),
    name: ast.name,
    doc: documentationOf(ast) ?? null,
    generated: false,
    runs,
    ...settings,
    actions: ast.schedule.flatMap(one => scheduled(context, data, one, times) ?? []),
    chaos: ast.chaos.flatMap(one => elaborateChaos(context, one, times.runNs) ?? []),
    expectations: ast.expectations.flatMap(one => elaborateExpectation(context, one, endNs)),
  };
}

/** Without a run every workload runs, or the default one, as in a file without scenarios; a script runs alone. */
function runsOf(context: Context, ast: ScenarioAst, workloads: readonly Workload[]): Scenario['runs'] {
  const { forNs } = defaults.scenario;
  if (ast.runs.length === 0) {
    const scripted = ast.schedule.some(one => one.action?.$type === 'ClientAction');
    const all = workloads.length > 0 ? workloads.map(({ name }) => name) : [scripted ? null : defaultWorkload];
    return all.map(workload => ({ workload, forNs }));
  }
  return ast.runs.flatMap((run): Scenario['runs'] => {
    const ns = run.duration === undefined ? forNs : (duration(context, run.duration, 'run for', run, true) ?? forNs);
    if (run.workloads.length === 0) return [{ workload: null, forNs: ns }];
    return pathsOf(context, run.workloads).map(workload => ({ workload, forNs: ns }));
  });
}

/** Load until `runNs`, and repairs for `settleNs` after that. */
interface Times {
  readonly runNs: number;
  readonly settleNs: number;
}

/** Undefined if it cannot be understood or would never happen, which is reported. */
function scheduled(context: Context, data: Data, ast: At | Every | When, times: Times): Action | undefined {
  const trigger = elaborateTrigger(context, data, ast, times);
  const action = elaborateAction(context, data, ast.action);
  if (trigger === undefined || action === undefined) return undefined;
  const { verb, forNs } = action;
  if (trigger.kind === 'when' && ['operation', 'add', 'remove', 'promote', 'move'].includes(verb.kind)) {
    const message = 'When a message passes something may fail; operations and changes of members have times: at 5s …';
    report(context, 'option-not-applicable', ast.action, message);
    return undefined;
  }
  return { ...located(context, ast), trigger, verb, forNs, text: oneLine(ast) };
}

function elaborateTrigger(context: Context, data: Data, ast: At | Every | When, times: Times): Trigger | undefined {
  switch (ast.$type) {
    case 'At': {
      const ns = timeIn(context, ast.time, times);
      return ns === undefined ? undefined : { kind: 'at', ns };
    }
    case 'Every':
      return repeated(context, ast, times);
    case 'When': {
      const targets = elaborateTargets(context, data, ast.target === undefined ? [] : [ast.target]);
      const { message, event: edge } = ast;
      return targets.length === 0 || !edge || !message ? undefined : { kind: 'when', message, edge, targets };
    }
  }
}

/** A time within the scenario; undefined if it is not, which is reported. The parser reports negative ones. */
function timeIn(context: Context, time: Duration | undefined, { runNs, settleNs }: Times): number | undefined {
  const ns = finite(time?.value);
  if (time === undefined || ns === undefined || ns < 0) return undefined;
  if (ns <= runNs + settleNs) return ns;
  const message = `${oneLine(time)} is after the end: the scenario runs for ${formatDuration(runNs)} and settles for ${formatDuration(settleNs)}. Run it for longer, or let this happen before ${formatDuration(runNs + settleNs)}.`;
  report(context, 'time-outside-run', time, message);
  return undefined;
}

function repeated(context: Context, ast: Every, times: Times): Trigger | undefined {
  if (ast.period === undefined) return undefined;
  const periodNs = duration(context, ast.period, 'every', ast, true);
  const fromNs = ast.from === undefined ? periodNs : timeIn(context, ast.from, times);
  const untilNs = ast.until === undefined ? times.runNs : timeIn(context, ast.until, times);
  if (periodNs === undefined || fromNs === undefined || untilNs === undefined) return undefined;
  if (untilNs <= fromNs) {
    const message = `From ${formatDuration(fromNs)} until ${formatDuration(untilNs)} is no time at all: this would never happen.`;
    report(context, 'time-outside-run', ast.until ?? ast.from ?? ast.period, message);
    return undefined;
  }
  if ((untilNs - fromNs) / periodNs > maxRepetitions) {
    const message = `Every ${oneLine(ast.period)} is more than ${maxRepetitions} times: take a longer period, or a shorter time.`;
    report(context, 'option-value', ast.period, message);
    return undefined;
  }
  return { kind: 'every', periodNs, fromNs, untilNs };
}

function elaborateChaos(context: Context, ast: ChaosAst, runNs: number): Chaos | undefined {
  const fromNs = ast.from === undefined ? 0 : finite(ast.from.value);
  const untilNs = ast.until === undefined ? runNs : finite(ast.until.value);
  const parts = ast.faults.flatMap(fault => chaosPart(context, fault) ?? []);
  if (fromNs === undefined || untilNs === undefined || fromNs < 0 || untilNs < 0) return undefined;
  if (untilNs <= runNs && fromNs < untilNs) return { ...located(context, ast), fromNs, untilNs, parts };
  const [window, run] = [`from ${formatDuration(fromNs)} until ${formatDuration(untilNs)}`, formatDuration(runNs)];
  const message =
    fromNs >= untilNs
      ? `Chaos ${window} is no time at all.`
      : `Chaos ${window} does not lie within the run, which takes ${run}: end it by then, or run for longer.`;
  report(context, 'time-outside-run', ast.until ?? ast.from ?? ast, message);
  return undefined;
}

function chaosPart(context: Context, fault: ChaosAst['faults'][number]): Chaos['parts'][number] | undefined {
  askWords(context, fault, chaosVerbs, 'verb');
  if (fault.count === undefined || fault.period === undefined) return undefined;
  const verb = chaosVerbs.find(each => each === fault.verb);
  if (verb === undefined) {
    const near = closest(fault.verb, chaosVerbs);
    const hint = near === undefined ? `It can ${orList(chaosVerbs)}.` : `Did you mean ${near}?`;
    report(context, 'unknown-verb', placeOf(fault, 'verb'), `Chaos cannot "${fault.verb}". ${hint}`);
    return undefined;
  }
  const everyNs = duration(context, fault.period, `${verb} every`, fault, true);
  const upTo = count(context, fault.count, `${verb} up to`, fault);
  return everyNs === undefined || upTo === undefined ? undefined : { verb, upTo, everyNs, targets: null };
}
