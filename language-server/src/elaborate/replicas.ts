/** How many copies a store keeps, and on which nodes those of each partition stand. */
import type { Option, Store as StoreAst } from '@dsys/grammar';
import type { Partition, Store } from '@dsys/runtime/design/store';
import type { NodeId, NodeRole, NodeSpec } from '@dsys/runtime/design/topology';
import { placeOf } from '../diagnostic.ts';
import { andList, type Context, counted, nameOrWhole, nodeNames, oneLine, report, reportMissing } from './context.ts';
import type { Shape } from './partitioning.ts';
import { byRegion, placeAtRandom, placePerRegion, placeReplicas } from './placement.ts';
import { askWords } from './questions.ts';
import { count, phrase, wordOf } from './values.ts';

/** Most copies of the partitions of one store together. */
export const maxCopies = 100_000;

export type Replicas = Store['replicas'];

/** `replicas 3 [per region]` of the partitioning or of the store; null: not said. */
export function replicasOf(context: Context, ast: StoreAst): Replicas | null {
  const [option, ...others] = writtenReplicas(ast);
  for (const other of others) {
    const message = `The replicas of ${ast.name} are already given: "${oneLine(option)}". One of the two must go.`;
    report(context, 'duplicate-option', placeOf(other, 'name'), message);
  }
  if (option === undefined) return null;
  const wanted = count(context, option.values[0], 'replicas', option);
  const per = phrase(context, option, 'per');
  askWords(context, per?.values[0], ['region']);
  const unit = wordOf(context, per?.values[0]);
  if (unit !== undefined && unit !== 'region') {
    report(context, 'option-value', per!, `Replicas are counted in all, or per region, not per ${unit}.`);
  }
  return wanted === undefined ? null : { count: wanted, perRegion: unit === 'region' };
}

export const writtenReplicas = (ast: StoreAst): Option[] => [
  ...ast.partitionings.slice(0, 1).flatMap(({ replicas }) => replicas ?? []),
  ...ast.options.filter(option => option.name === 'replicas'),
];

/** The nodes of some clusters that have a role, in the order of the clusters as written. */
export const nodesOf = (context: Context, clusters: readonly string[], role: NodeRole): NodeId[] =>
  [...new Set(clusters)].flatMap(cluster =>
    membersOf(context, cluster)
      .filter(node => node.role === role)
      .map(({ id }) => id),
  );

const members = new WeakMap<Context['nodes'], ReadonlyMap<string, readonly NodeSpec[]>>();

/** The nodes of a cluster, once the topology is complete: stores come after it. */
function membersOf({ nodes }: Context, cluster: string): readonly NodeSpec[] {
  let known = members.get(nodes);
  if (known === undefined) members.set(nodes, (known = Map.groupBy(nodes, node => node.cluster)));
  return known.get(cluster) ?? [];
}

type Copies = Pick<Partition, 'replicas' | 'witnesses' | 'observers' | 'spares'>;

/** Where the copies of each partition stand; reports once per store what is not possible. */
export function placeAll(
  context: Context,
  ast: StoreAst,
  shapes: readonly Shape[],
  clusters: readonly string[],
  replicas: Replicas | null,
  placement: Store['placement'],
): Copies[] {
  let copies = 0;
  let reported = false;
  const problem = (rule: string, shape: Shape, message: string) => {
    if (!reported) {
      const place = shape.clusters.length > 0 ? shape.at : (writtenReplicas(ast)[0] ?? nameOrWhole(ast));
      report(context, rule, place, message);
    }
    reported = true;
  };
  return shapes.map((shape, index) => {
    const names = shape.clusters.length > 0 ? shape.clusters : clusters;
    const others = {
      witnesses: nodesOf(context, names, 'witness'),
      observers: nodesOf(context, names, 'observer'),
      spares: nodesOf(context, names, 'spare'),
    };
    if (shape.replicas !== undefined) {
      const some = replicas === null ? shape.replicas : shape.replicas.slice(0, replicas.count);
      return { ...others, replicas: some };
    }
    const candidates = nodesOf(context, names, 'member');
    const what = shape.path === '' ? ast.name : `${ast.name}.${shape.path}`;
    if (candidates.length === 0) {
      const without = noData(context, what, names);
      if (without !== undefined) problem('store-without-cluster', shape, without);
      return { ...others, replicas: [] };
    }
    const wanted = replicas ?? { count: candidates.length, perRegion: false };
    const scarce = tooFew(context, what, names, candidates, wanted);
    if (scarce !== undefined) problem('replicas-exceed-nodes', shape, scarce);
    copies += Math.min(wanted.count, candidates.length);
    if (copies > maxCopies) {
      const each = Math.min(wanted.count, candidates.length);
      const message = `${counted(shapes.length, 'partition')} with ${each} replicas each are more than the ${maxCopies} copies that a store may have: take fewer partitions or replicas.`;
      problem('option-value', shape, message);
      return { ...others, replicas: candidates.slice(0, 1) };
    }
    if (replicas === null) return { ...others, replicas: candidates };
    // Copysets: whole groups of neighbours share their partitions, so that few sets of nodes hold all copies of a key.
    const start = placement === 'copysets' ? Math.floor(index / wanted.count) * wanted.count : index;
    if (placement === 'random') {
      const groups = wanted.perRegion ? [...byRegion(context.nodes, candidates).values()] : [candidates];
      return { ...others, replicas: groups.flatMap(group => placeAtRandom(group, wanted.count, what)) };
    }
    const choose = wanted.perRegion ? placePerRegion : placeReplicas;
    return { ...others, replicas: choose(context.nodes, candidates, wanted.count, start) };
  });
}

/** Why clusters that have nodes have none for data; undefined if that is said elsewhere. */
function noData(context: Context, what: string, clusters: readonly string[]): string | undefined {
  const nodes = clusters.flatMap(cluster => membersOf(context, cluster));
  if (nodes.length === 0) return undefined;
  const roles = [...new Set(nodes.map(node => node.role))].map(role =>
    counted(nodes.filter(node => node.role === role).length, role),
  );
  return `No node holds the data of ${what}: ${andList(clusters)} has ${andList(roles)} (${nodeNames(
    context,
    nodes.map(node => node.id),
  )}) and no nodes for data.`;
}

function tooFew(
  context: Context,
  what: string,
  clusters: readonly string[],
  candidates: readonly NodeId[],
  wanted: Replicas,
): string | undefined {
  const where = andList(clusters);
  if (!wanted.perRegion) {
    if (wanted.count <= candidates.length) return undefined;
    return `${wanted.count} replicas of ${what} need ${wanted.count} nodes; ${where} has ${candidates.length}. Write replicas ${candidates.length}, or add nodes.`;
  }
  for (const [region, inside] of byRegion(context.nodes, candidates)) {
    if (inside.length >= wanted.count) continue;
    const site = region === null ? 'outside of all regions there' : `in ${region} there`;
    const are = inside.length === 1 ? 'is 1' : `are ${inside.length}`;
    return `${wanted.count} replicas of ${what} per region need ${wanted.count} nodes in each; ${site} ${are} of ${where}.`;
  }
  return undefined;
}

/** A store that says on no cluster where it stands, and does not say it for each of its partitions either. */
export function checkStands(context: Context, ast: StoreAst, shapes: readonly Shape[]): void {
  if (ast.clusters.length > 0 || shapes.every(shape => shape.clusters.length > 0 || shape.replicas !== undefined))
    return;
  if (ast.partitionings.some(({ with: other }) => other !== undefined)) return;
  const message = `Store ${ast.name} stands nowhere: say on which cluster, "store ${ast.name} on NAME".`;
  reportMissing(context, 'store-without-cluster', ast, message);
}
