/** The requests of `protocol.ts`: a design is read under the workspace's lock, and executed in a thread without it. */
import type { Design } from '@dsys/runtime/design/design';
import type { Scenario } from '@dsys/runtime/design/scenario';
import { obstacles } from '@dsys/runtime/run/executable';
import { URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import {
  type Connection,
  LSPErrorCodes,
  ResponseError,
  WorkDoneProgress,
  type WorkDoneProgressBegin,
  type WorkDoneProgressEnd,
  type WorkDoneProgressReport,
} from 'vscode-languageserver';
import { factsPage } from '../facts/page.ts';
import { livePlan } from '../live/plan.ts';
import { isIn, type KnownVerdicts } from '../live/verdicts.ts';
import {
  type DesignAnswer,
  type DesignParams,
  errorCodes,
  type FactsParams,
  type NotRunnableData,
  type ProgressToken,
  type RunAnswer,
  type RunParams,
  requests,
  type ScenariosAnswer,
  type ScenariosParams,
  type TestAnswer,
  type TestParams,
  type TraceChunk,
  type TraceParams,
} from '../protocol.ts';
import type { Runs } from '../runs/runs.ts';
import { createTraces } from '../runs/traces.ts';
import { type Project, projectOf } from './project.ts';
import { checkedChanges, refuseOthers } from './recorded.ts';

/** The facts of a design, an object of the schema `dsys.facts/1`. */
export type FactsOf = (design: Design) => unknown;

export interface RequestHost {
  readonly connection: Connection;
  readonly shared: LangiumSharedServices;
  readonly runs: Runs;
  readonly verdicts: KnownVerdicts;
  readonly facts: FactsOf | undefined;
  changed(project: Project): void;
}

export function offerRequests(host: RequestHost): void {
  const { connection, runs, verdicts } = host;
  const traces = createTraces();

  connection.onRequest(requests.run, async (params: RunParams, token): Promise<RunAnswer> => {
    const seed = wholeNumber('seed', params.seed ?? 1, 0);
    const changes = checkedChanges(params.changes);
    const project = await projectAt(host, params.uri);
    if (params.sources !== undefined) refuseOthers(project, params.sources);
    const { design, scenario } = runnable(project, params.scenario);
    const progress = progressFor(connection, params.workDoneToken, `Run ${scenario.name}, seed ${seed}`);
    try {
      const wantTrace = params.wantTrace === true;
      const answer = await runs.execute({ kind: 'run', design, scenario, seed, wantTrace, changes }, { token });
      const { report, unmet } = answer;
      const { outcome } = report;
      if (unmet.length > 0)
        throw notRunnable(`What was to be changed does not come up in this run: ${unmet.join('; ')}.`);
      // What was changed is not what the file says.
      if (changes.length > 0) return { report, trace: answer.trace && traces.add(answer.trace) };
      const found = { scenario: scenario.name, outcome, seeds: { from: seed, ran: 1 }, showing: seed };
      verdicts.addScenario(project, found);
      host.changed(project);
      return { report, trace: answer.trace && traces.add(answer.trace) };
    } finally {
      progress.end();
    }
  });

  connection.onRequest(requests.test, async (params: TestParams, token): Promise<TestAnswer> => {
    const seeds = params.seeds === undefined ? undefined : wholeNumber('seeds', params.seeds, 1);
    const project = await projectAt(host, params.uri);
    const all = params.scenario === undefined ? namesOf(project) : [params.scenario];
    const chosen = all.map(name => runnable(project, name));
    const progress = progressFor(connection, params.workDoneToken, `Test ${all.join(', ')}`);
    const total = chosen.reduce((sum, { scenario }) => sum + (seeds ?? scenario.seeds), 0);
    let before = 0;
    try {
      const reports: TestAnswer['reports'][number][] = [];
      for (const { design, scenario } of chosen) {
        const count = seeds ?? scenario.seeds;
        const say = (ran: number) =>
          progress.report((100 * (before + ran)) / total, `${scenario.name}: ${ran} of ${count} seeds`);
        const report = await runs.execute({ kind: 'test', design, scenario, seeds: count }, { token, progress: say });
        before += count;
        reports.push(report);
        const { outcome, seeds: ran, showing } = report;
        verdicts.addScenario(project, { scenario: scenario.name, outcome, seeds: ran, showing });
        host.changed(project);
      }
      return { reports };
    } finally {
      progress.end();
    }
  });

  connection.onRequest(requests.facts, async ({ uri }: FactsParams) => {
    const { facts } = host;
    if (facts === undefined) throw new ResponseError(errorCodes.notOffered, 'The facts of designs are not built yet.');
    const project = await projectAt(host, uri);
    refuseErrors(project);
    return facts(project.design());
  });

  connection.onRequest(requests.factsPage, async ({ uri }: FactsParams) => {
    const project = await projectAt(host, uri);
    refuseErrors(project);
    return factsPage(project.design());
  });

  connection.onRequest(requests.design, async ({ uri }: DesignParams): Promise<DesignAnswer> => {
    const project = await projectAt(host, uri);
    const design = project.design();
    // Clients have the texts, or can read them.
    const files = design.files.map(file => ({ ...file, text: '' }));
    const isBroken = project.analysis().diagnostics.some(one => one.severity === 'error');
    return { design: { ...design, files }, isBroken };
  });

  connection.onRequest(requests.scenarios, async ({ uri }: ScenariosParams): Promise<ScenariosAnswer> => {
    const project = await projectAt(host, uri);
    const own = project.design().scenarios.filter(({ at }) => isIn(project, at));
    return { scenarios: own.map(({ name, at: { start, end }, seeds }) => ({ name, range: { start, end }, seeds })) };
  });

  connection.onRequest(requests.trace, ({ id, offset }: TraceParams): TraceChunk => traces.chunk(id, offset));
}

/** The file as the client's last message left it: changes that arrived before are built first. */
export async function projectAt({ shared }: RequestHost, uri: string): Promise<Project> {
  const { WorkspaceManager, WorkspaceLock, LangiumDocuments } = shared.workspace;
  await WorkspaceManager.ready;
  return WorkspaceLock.read(async () => {
    const parsed = URI.parse(uri);
    const document = await LangiumDocuments.getOrCreateDocument(parsed).catch(() => undefined);
    if (document === undefined || !shared.ServiceRegistry.hasServices(parsed))
      throw notRunnable(`There is no dsys file ${uri} that can be read.`);
    const project = await projectOf(shared, document);
    // While nobody writes: the tree of this text may be taken apart for the next one.
    project.analysis();
    return project;
  });
}

const namesOf = (project: Project): string[] => project.design().scenarios.map(({ name }) => name);

/** A scenario of the file, or one of those with which live execution tries its claims. */
export function runnable(project: Project, name: string | undefined): { design: Design; scenario: Scenario } {
  refuseErrors(project);
  const design = project.design();
  const found = name === undefined ? design.scenarios[0] : design.scenarios.find(one => one.name === name);
  const plan = found
    ? undefined
    : livePlan(
        design,
        design.stores.filter(({ claims }) => claims.length > 0),
      );
  const scenario = found ?? plan!.stores.flatMap(({ scenarios }) => scenarios).find(one => one.name === name);
  if (scenario === undefined) {
    if (name === undefined) throw notRunnable('The file has no store, so there is nothing to run.');
    throw notRunnable(`The file has no scenario ${name}; it has ${namesOf(project).join(', ') || 'none'}.`);
  }
  const asked = plan?.design ?? design;
  const inTheWay = obstacles(asked, scenario);
  if (inTheWay.length > 0) {
    const diagnostics = inTheWay.map(({ at, message }) => ({
      rule: 'not-executable',
      message,
      uri: design.files[at.file]?.uri ?? project.uri,
      range: { start: at.start, end: at.end },
    }));
    throw notRunnable(`Scenario ${scenario.name} cannot be executed: ${inTheWay[0]!.message}.`, diagnostics);
  }
  return { design: asked, scenario };
}

function refuseErrors(project: Project): void {
  const errors = project.analysis().diagnostics.filter(one => one.severity === 'error');
  if (errors.length === 0) return;
  const data = errors.map(({ rule, message, uri, range }) => ({ rule, message, uri, range }));
  throw notRunnable(`The file cannot be interpreted: ${errors[0]!.message}`, data);
}

const notRunnable = (message: string, diagnostics: NotRunnableData['diagnostics'] = []) =>
  new ResponseError<NotRunnableData>(errorCodes.notRunnable, message, { diagnostics });

export function wholeNumber(name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new ResponseError(
    LSPErrorCodes.RequestFailed,
    `${name} is ${JSON.stringify(value)}; it has to be a whole number of at least ${least}.`,
  );
}

function progressFor(connection: Connection, token: ProgressToken | undefined, title: string) {
  const send = (value: WorkDoneProgressBegin | WorkDoneProgressReport | WorkDoneProgressEnd) => {
    if (token !== undefined) void connection.sendProgress(WorkDoneProgress.type, token, value);
  };
  send({ kind: 'begin', title, cancellable: true });
  return {
    report: (percentage: number, message: string) =>
      send({ kind: 'report', percentage: Math.floor(percentage), message }),
    end: () => send({ kind: 'end' }),
  };
}
