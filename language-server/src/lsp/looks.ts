/** Requests that look into recorded runs: the run is executed again, as long as the design's texts are those of then. */
import type { RecordedRun } from '@dsys/runtime/trace/changes';
import { type Likelihood, type Looked, MOMENTS_MAX, SEEDS_MAX } from '@dsys/runtime/trace/probability';
import type { Moment, Origin, Rebuilt } from '@dsys/runtime/trace/state';
import { LSPErrorCodes, ProgressType, ResponseError } from 'vscode-languageserver';
import {
  type OriginParams,
  type ProbabilitiesParams,
  requests,
  type StateAnswer,
  type StateParams,
} from '../protocol.ts';
import type { Project } from './project.ts';
import { checkedChanges, refuseOthers } from './recorded.ts';
import { projectAt, type RequestHost, runnable, wholeNumber } from './requests.ts';

/** Results on the way. */
const partial = new ProgressType<Likelihood>();

export function offerLooks(host: RequestHost): void {
  const { connection, runs } = host;
  /** Every change of the text makes a new project. */
  const keys = new WeakMap<Project, number>();
  let lastKey = 0;

  const recorded = async ({ uri, run }: { readonly uri: string; readonly run: RecordedRun }) => {
    const project = await projectAt(host, uri);
    const { seed, scenario: name, sources } = run;
    const changes = checkedChanges(run.changes);
    refuseOthers(project, sources);
    const { design, scenario } = runnable(project, name);
    if (!keys.has(project)) keys.set(project, ++lastKey);
    const key = `${keys.get(project)} ${name} ${seed} ${JSON.stringify(changes)}`;
    return { key, design, scenario, changes, seed: wholeNumber('seed', seed, 0) };
  };

  connection.onRequest<Rebuilt<StateAnswer>, void>(requests.state, async (params: StateParams, token) => {
    const { moment, before, node, ...of } = params;
    const job = { ...(await recorded(of)), kind: 'state', node: wholeNumber('node', node, 0) } as const;
    hasNode(job.design.nodes.length, node);
    return runs.execute({ ...job, moment: checked(moment), before: before && checked(before) }, { token });
  });

  connection.onRequest<Rebuilt<Origin>, void>(requests.origin, async (params: OriginParams, token) => {
    const { moment, path, node, ...of } = params;
    const job = { ...(await recorded(of)), kind: 'origin', node: wholeNumber('node', node, 0) } as const;
    hasNode(job.design.nodes.length, node);
    if (!Array.isArray(path) || !path.every(name => typeof name === 'string')) throw wrong('path is no list of names');
    return runs.execute({ ...job, moment: checked(moment), path }, { token });
  });

  connection.onRequest<Rebuilt<readonly Likelihood[]>, void>(
    requests.probabilities,
    async (params: ProbabilitiesParams, token) => {
      const { looked, moments, partialResultToken, ...of } = params;
      const seeds = wholeNumber('seeds', params.seeds, 1);
      if (seeds > SEEDS_MAX) throw wrong(`at most ${SEEDS_MAX} seeds can be asked for at once`);
      if (!Array.isArray(moments) || moments.length > MOMENTS_MAX)
        throw wrong(`at most ${MOMENTS_MAX} moments can be asked for at once`);
      if (!isKind(looked?.kind) || typeof looked.name !== 'string') throw wrong('what is looked for is not understood');
      const { design, scenario, seed, changes } = await recorded(of);
      const job = { kind: 'probabilities', design, scenario, seed, changes, looked, seeds } as const;
      const progress = (one: Likelihood) => {
        if (partialResultToken !== undefined) void connection.sendProgress(partial, partialResultToken, one);
      };
      return runs.execute({ ...job, moments: moments.map(checked) }, { token, progress });
    },
  );
}

const isKind = (kind: unknown): kind is Looked['kind'] => kind === 'check' || kind === 'invariant';

const wrong = (message: string) => new ResponseError(LSPErrorCodes.RequestFailed, message);

function hasNode(count: number, node: number): void {
  if (node >= count) throw wrong(`the design has ${count} nodes, and none with number ${node}`);
}

function checked({ event, prefix }: Moment): Moment {
  return { event: wholeNumber('event', event, 0), prefix: `${prefix}` };
}
