/** A scenario that tries a claim: the fault that it is about, and the claim as an expectation. */
import { isStore, isTransaction, type Property, type Store, type Transaction } from '@dsys/grammar';
import type { Design } from '@dsys/runtime/design/design';
import { type CodeAction, CodeActionKind } from 'vscode-languageserver';
import { placeOf, type Range } from '../../diagnostic.ts';
import type { Project } from '../project.ts';
import { action } from './actions.ts';
import { atEnd, freshName, overlaps } from './edits.ts';

export function scenariosForClaims(project: Project, range: Range): CodeAction[] {
  const owners = project.workspace.entry.document.parseResult.value.declarations.filter(
    (each): each is Store | Transaction => isStore(each) || isTransaction(each),
  );
  return owners.flatMap(owner =>
    owner.claims
      .flatMap(({ claims }) => claims)
      .filter(claim => claim.$cstNode && overlaps(placeOf(claim).range, range))
      .flatMap(claim => scenarioFor(project, owner, claim)),
  );
}

function scenarioFor(project: Project, owner: Store | Transaction, claim: Property): CodeAction[] {
  const claimed = claim.$cstNode!.text.replace(/\s+/g, ' ');
  const fault = faultFor(project.design(), owner, claim);
  if (!owner.name || fault === undefined) return [];
  const words = claimed
    .replace(/[^A-Za-z0-9 -]/g, '')
    .trim()
    .split(/[ -]+/)
    .slice(0, 3);
  const name = freshName(project, `${owner.name}-${words.join('-')}`);
  const workloads = project
    .design()
    .workloads.filter(({ targets, name: each }) => targets.includes(owner.name) && isWritten(project, each))
    .map(workload => workload.name);
  const lines = [
    `/** Tries the claim "${claimed}" of ${owner.name}. */`,
    `scenario ${name} {`,
    ...(workloads.length > 0 ? [`  run ${workloads.join(', ')} for 30s`] : []),
    ...fault.map(each => `  at 5s ${each}`),
    `  expect ${claimed} of ${owner.name}`,
    '}',
  ];
  return [action(`Write a scenario for "${claimed}"`, CodeActionKind.Refactor, [atEnd(project, lines.join('\n'))])];
}

const isWritten = (project: Project, workload: string): boolean =>
  project.names().scopeOf(project.uri).lookup(workload, ['workload']).length > 0;

/** Actions that a claim is about; none: it is tried without faults; undefined: no run can try it. */
function faultFor(design: Design, owner: Store | Transaction, claim: Property): string[] | undefined {
  const { name } = owner;
  const store = isStore(owner) ? name : design.transactions.find(each => each.name === name)?.stores[0];
  switch (claim.$type) {
    case 'SurvivesProperty':
      return claim.place ? [`crash ${claim.place.parts.join('.')}`] : domainsGone(design, store, claim);
    case 'CapProperty':
      return store === undefined ? undefined : [`cut minority of ${store} from majority of ${store} for 4s`];
    case 'ConsistencyProperty':
      return store === undefined || claim.levels.includes('strict') ? undefined : [cutOrCrash(design, store)];
    case 'NoProperty':
      if (store === undefined) return undefined;
      if (claim.anomaly === 'blocking')
        return isStore(owner) ? [crashLeader(design, store)] : [`crash coordinator of ${name} for 4s`];
      return [cutOrCrash(design, store)];
    case 'FigureProperty':
      if (store === undefined) return undefined;
      return claim.words.includes('recovery') || claim.words.includes('loss-window')
        ? [crashLeader(design, store)]
        : [];
    case 'ResidencyProperty':
    case 'ApartProperty':
      return undefined;
    default:
      return [];
  }
}

const hasLeader = (design: Design, store: string): boolean =>
  ['raft', 'multi-paxos', 'single-leader'].includes(
    design.stores.find(each => each.name === store)?.mechanism.kind ?? '',
  );

const crashLeader = (design: Design, store: string): string =>
  hasLeader(design, store) ? `crash leader of ${store} for 4s` : `crash minority of ${store} for 4s`;

const cutOrCrash = (design: Design, store: string): string =>
  hasLeader(design, store)
    ? `crash leader of ${store} for 4s`
    : `cut minority of ${store} from majority of ${store} for 4s`;

/** So many nodes, zones or regions that hold copies of the store. */
function domainsGone(
  design: Design,
  store: string | undefined,
  { count, unit }: Extract<Property, { $type: 'SurvivesProperty' }>,
): string[] | undefined {
  const nodes = design.partitions.filter(each => each.store === store).flatMap(({ replicas }) => replicas);
  const domains = [...new Set(nodes)].map(id => {
    const { name, cluster, zone, region } = design.nodes[id]!;
    const isUnique = design.nodes.filter(each => each.name === name).length === 1;
    if (unit?.startsWith('node')) return isUnique ? name : `${cluster}.${name}`;
    return unit?.startsWith('zone') ? zone : region;
  });
  const distinct = [...new Set(domains)].filter(each => each !== null);
  const wanted = count?.value ?? 0;
  return distinct.length < wanted || wanted < 1 ? undefined : [`crash ${distinct.slice(0, wanted).join(', ')}`];
}
