/** Scenarios: what runs, what goes wrong when, what is expected. */
import type {
  At,
  Chaos as ChaosAst,
  Every,
  Expectation as ExpectationAst,
  Exploration as ExplorationAst,
  Scenario as ScenarioAst,
  Specification,
  When,
} from '@dsys/grammar';
import type {
  Action,
  Chaos,
  ChaosVerb,
  Expectation,
  Exploration,
  Scenario,
  Trigger,
  Workload,
  WorkloadOperationKind,
} from '@dsys/runtime/design/scenario';
import { elaborateVerb } from './actions.ts';
import { type Context, located, oneLine, orList, report, symbolOf } from './context.ts';
import { defaults } from './defaults.ts';
import { readOptions } from './options.ts';
import { elaborateProperty } from './properties.ts';
import { type Data, elaborateTargets } from './targets.ts';
import { count, duration } from './values.ts';
import { defaultWorkload, operationKinds } from './workloads.ts';

export function elaborateScenarios(
  context: Context,
  files: readonly Specification[],
  data: Data,
  workloads: readonly Workload[],
): Scenario[] {
  const asts = files
    .flatMap(file => file.declarations.filter((one): one is ScenarioAst => one.$type === 'Scenario'))
    .filter(one => one.name);
  return asts.map(ast => elaborateScenario(context, ast, data, workloads));
}

/** Load stops and repairs go on: long enough for two rounds of the slowest anti-entropy. */
export function defaultSettle(data: Data): number {
  const slowest = Math.max(
    0,
    ...data.stores.map(({ mechanism }) => (mechanism.kind === 'leaderless' ? (mechanism.antiEntropyNs ?? 0) : 0)),
  );
  return Math.max(defaults.scenario.settleNs, defaults.scenario.settleAntiEntropies * slowest);
}

function elaborateScenario(context: Context, ast: ScenarioAst, data: Data, workloads: readonly Workload[]): Scenario {
  const settings = { seeds: defaults.scenario.seeds as number, settleNs: defaultSettle(data) };
  readOptions(context, 'a scenario', ast.options, {
    seeds: option => void (settings.seeds = count(context, option.values[0], 'seeds', option) ?? settings.seeds),
    settle: option =>
      void (settings.settleNs = duration(context, option.values[0], 'settle', option) ?? settings.settleNs),
  });
  const runs = ast.runs.flatMap((run): { workload: string | null; forNs: number }[] => {
    const forNs = duration(context, run.duration, 'run for', run, true) ?? defaults.scenario.forNs;
    const names = run.workloads.flatMap(name => symbolOf(context, name)?.path ?? []);
    return run.workloads.length === 0 ? [{ workload: null, forNs }] : names.map(workload => ({ workload, forNs }));
  });
  // Without a run every workload runs, or the default one, as in a file without scenarios.
  const scripted = ast.schedule.some(one => one.action?.$type === 'ClientAction');
  const names = workloads.length > 0 ? workloads.map(workload => workload.name) : scripted ? [null] : [defaultWorkload];
  if (ast.runs.length === 0)
    runs.push(...names.map(workload => ({ workload, forNs: defaults.scenario.forNs as number })));
  const endNs = Math.max(0, ...runs.map(run => run.forNs));
  const schedule = ast.schedule.flatMap(one => elaborateAction(context, data, one, endNs + settings.settleNs) ?? []);
  return {
    ...located(context, ast),
    name: ast.name,
    doc: context.docOf(ast),
    generated: false,
    runs,
    ...settings,
    actions: schedule,
    chaos: ast.chaos.flatMap(one => elaborateChaos(context, one, endNs) ?? []),
    expectations: ast.expectations.flatMap(one => elaborateExpectation(context, one)),
  };
}

function elaborateAction(context: Context, data: Data, ast: At | Every | When, endNs: number): Action | undefined {
  const trigger = elaborateTrigger(context, data, ast, endNs);
  const action = elaborateVerb(context, data, ast.action);
  if (trigger === undefined || action === undefined) return undefined;
  const { verb, forNs } = action;
  if (trigger.kind === 'when' && ['operation', 'add', 'remove', 'promote', 'move'].includes(verb.kind)) {
    report(
      context,
      'option-not-applicable',
      ast.action,
      'What happens when a message passes is a fault; operations and topology changes have times.',
    );
    return undefined;
  }
  return { ...located(context, ast), trigger, verb, forNs, text: oneLine(ast) };
}

function elaborateTrigger(context: Context, data: Data, ast: At | Every | When, endNs: number): Trigger | undefined {
  const inside = (ns: number | undefined, what: string, at: At | Every): number | undefined => {
    if (ns === undefined) return undefined;
    const says =
      ns < 0
        ? `${what} is before the scenario's time 0.`
        : ns > endNs
          ? `${what} is after the end of the scenario (${endNs / 1e9}s with settling): it would never happen.`
          : undefined;
    if (says === undefined) return ns;
    report(context, 'time-outside-run', at, says);
    return undefined;
  };
  switch (ast.$type) {
    case 'At': {
      const ns = inside(ast.time?.value as number | undefined, oneLine(ast.time), ast);
      return ns === undefined || Number.isNaN(ns) ? undefined : { kind: 'at', ns };
    }
    case 'Every': {
      const periodNs = duration(context, ast.period, 'every', ast, true);
      const fromNs =
        ast.from === undefined ? (periodNs ?? 0) : inside(ast.from.value as number, oneLine(ast.from), ast);
      const untilNs = ast.until === undefined ? endNs : inside(ast.until.value as number, oneLine(ast.until), ast);
      if (periodNs === undefined || fromNs === undefined || untilNs === undefined) return undefined;
      if (untilNs <= fromNs)
        report(context, 'time-outside-run', ast, `From ${fromNs / 1e9}s until ${untilNs / 1e9}s is no time at all.`);
      return { kind: 'every', periodNs, fromNs, untilNs };
    }
    case 'When': {
      const targets = elaborateTargets(context, data, [ast.target]);
      return targets.length === 0 ? undefined : { kind: 'when', message: ast.message, edge: ast.event, targets };
    }
  }
}

const chaosVerbs: readonly ChaosVerb[] = ['crash', 'cut', 'pause', 'isolate', 'slow', 'skew'];

function elaborateChaos(context: Context, ast: ChaosAst, endNs: number): Chaos | undefined {
  const fromNs = ast.from === undefined ? 0 : Number(ast.from.value);
  const untilNs = ast.until === undefined ? endNs : Number(ast.until.value);
  if (fromNs < 0 || untilNs > endNs || untilNs <= fromNs) {
    report(
      context,
      'time-outside-run',
      ast,
      `Chaos from ${fromNs / 1e9}s until ${untilNs / 1e9}s does not lie within the run (0s to ${endNs / 1e9}s).`,
    );
    return undefined;
  }
  const parts = ast.faults.flatMap(fault => {
    const everyNs = duration(context, fault.period, `${fault.verb} every`, fault, true);
    const upTo = count(context, fault.count, `${fault.verb} up to`, fault);
    if (!(chaosVerbs as readonly string[]).includes(fault.verb)) {
      report(context, 'unknown-verb', fault, `Chaos cannot "${fault.verb}": it can ${orList(chaosVerbs)}.`);
      return [];
    }
    return everyNs === undefined || upTo === undefined
      ? []
      : [{ verb: fault.verb as ChaosVerb, upTo, everyNs, targets: null }];
  });
  return { ...located(context, ast), fromNs, untilNs, parts };
}

function elaborateExpectation(context: Context, ast: ExpectationAst): Expectation[] {
  const properties = elaborateProperty(context, ast.property);
  const scopes = ast.scopes.flatMap(name => symbolOf(context, name)?.path ?? []);
  const window = {
    fromNs: ast.from === undefined ? null : Number(ast.from.value),
    untilNs: ast.until === undefined ? null : Number(ast.until.value),
  };
  if (window.fromNs !== null && window.untilNs !== null && window.untilNs <= window.fromNs) {
    report(
      context,
      'time-outside-run',
      ast,
      `From ${window.fromNs / 1e9}s until ${window.untilNs / 1e9}s is no time at all.`,
    );
  }
  return properties.flatMap(property =>
    (scopes.length === 0 ? [null] : scopes).map(of => ({
      ...located(context, ast),
      property,
      violation: ast.violation,
      of,
      ...window,
    })),
  );
}

const singular: Readonly<Record<string, string>> = {
  crashes: 'crash',
  losses: 'loss',
  duplicates: 'duplicate',
  timeouts: 'timeout',
  changes: 'change',
};

export function elaborateExplorations(context: Context, files: readonly Specification[]): Exploration[] {
  const asts = files
    .flatMap(file => file.declarations.filter((one): one is ExplorationAst => one.$type === 'Exploration'))
    .filter(one => one.name);
  return asts.map(ast => {
    readOptions(context, 'an exploration', ast.options, {});
    const atMost: Record<string, number> = {};
    for (const bound of ast.bounds) {
      const event = singular[bound.event] ?? bound.event;
      const known = ['crash', 'loss', 'duplicate', 'timeout', 'change'];
      const limit = count(context, bound.count, 'at most', bound, 0);
      if (!known.includes(event))
        report(context, 'unknown-verb', bound, `An exploration bounds ${orList(known)}, not "${bound.event}".`);
      else if (event in atMost) report(context, 'duplicate-option', bound, `The bound on ${event} is already given.`);
      else if (limit !== undefined) atMost[event] = limit;
    }
    const operations = ast.operations
      .flatMap(one => one.shares)
      .flatMap(share => {
        const kind = share.operation as WorkloadOperationKind;
        const number = count(context, share.amount, 'operations', share);
        if (!operationKinds.includes(kind))
          report(context, 'option-value', share, `There is no operation "${share.operation}".`);
        return number === undefined || !operationKinds.includes(kind) ? [] : [{ kind, count: number }];
      });
    return {
      ...located(context, ast),
      name: ast.name,
      of: symbolOf(context, ast.target)?.path ?? '',
      operations,
      atMost,
      expectations: ast.expectations.flatMap(one => elaborateExpectation(context, one)),
    };
  });
}
