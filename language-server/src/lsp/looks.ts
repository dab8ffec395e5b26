/** Requests that look into recorded runs: the run is executed again, as long as the design's texts are those of then. */
import type { RecordedRun } from '@dsys/runtime/trace/changes';
import type { Moment, Origin, Rebuilt } from '@dsys/runtime/trace/state';
import { LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { type OriginParams, requests, type StateAnswer, type StateParams } from '../protocol.ts';
import type { Project } from './project.ts';
import { checkedChanges, refuseOthers } from './recorded.ts';
import { projectAt, type RequestHost, runnable, wholeNumber } from './requests.ts';

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
}

const wrong = (message: string) => new ResponseError(LSPErrorCodes.RequestFailed, message);

function hasNode(count: number, node: number): void {
  if (node >= count) throw wrong(`the design has ${count} nodes, and none with number ${node}`);
}

function checked({ event, prefix }: Moment): Moment {
  return { event: wholeNumber('event', event, 0), prefix: `${prefix}` };
}
