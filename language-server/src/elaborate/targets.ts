/** What actions are aimed at: names resolved to nodes, roles to the partitions that they are played in. */
import type { Name, Target as TargetAst } from '@dsys/grammar';
import type { Target } from '@dsys/runtime/design/scenario';
import type { Partition, Store, Transaction } from '@dsys/runtime/design/store';
import { type Context, located, nodeOf, oneLine, orList, report, symbolOf, textOf } from './context.ts';
import { nodesAt } from './properties.ts';
import { placeOfLine } from './topology.ts';

export interface Data {
  readonly stores: readonly Store[];
  readonly partitions: readonly Partition[];
  readonly transactions: readonly Transaction[];
}

/** Partitions that a store, partition or transaction consists of. */
export function partitionsOf(data: Data, path: string): readonly number[] {
  const store = data.stores.find(one => one.name === path);
  if (store !== undefined) return store.partitions;
  const transaction = data.transactions.find(one => one.name === path);
  if (transaction !== undefined) return transaction.stores.flatMap(name => partitionsOf(data, name));
  // `orders.europe` is all of europe; `orders.p0` of an unpartitioned store is the store.
  const inside = data.partitions.filter(one => one.name === path || one.name.startsWith(`${path}.`));
  if (inside.length > 0) return inside.map(one => one.id);
  return data.partitions.filter(one => `${one.name}.p0` === path).map(one => one.id);
}

export const elaborateTargets = (context: Context, data: Data, targets: readonly TargetAst[]): Target[] =>
  targets.flatMap(target => elaborateTarget(context, data, target) ?? []);

function elaborateTarget(context: Context, data: Data, target: TargetAst): Target | undefined {
  const base = { ...located(context, target), text: oneLine(target) };
  if (target.$type === 'Name') return named(context, target, base);
  const scope = symbolOf(context, target.scope)?.path;
  if (scope === undefined) return undefined;
  if (target.role === 'clients') return { ...base, kind: 'clients', workload: scope };
  const role = target.any
    ? target.role === 'follower'
      ? 'any-follower'
      : undefined
    : target.role === 'follower'
      ? undefined
      : target.role;
  if (
    role === 'leader' ||
    role === 'coordinator' ||
    role === 'any-follower' ||
    role === 'minority' ||
    role === 'majority'
  ) {
    return { ...base, kind: 'role', role, of: scope, partitions: partitionsOf(data, scope) };
  }
  const roles = [
    'leader of S',
    'any follower of S',
    'coordinator of T',
    'minority of S',
    'majority of S',
    'clients of W',
  ];
  report(context, 'unknown-role', target, `"${base.text}" names nobody: a role is ${orList(roles)}.`);
  return undefined;
}

function named(
  context: Context,
  name: Name,
  base: { readonly at: Target['at']; readonly text: string },
): Target | undefined {
  const text = textOf(name);
  const symbol = symbolOf(context, name);
  if (symbol === undefined) return text === 'all' || text === 'rest' ? { ...base, kind: text } : undefined;
  const node = nodeOf(context, name);
  if (node !== undefined) return { ...base, kind: 'nodes', nodes: [node] };
  return { ...base, kind: 'place', nodes: nodesAt(context, symbol.path, symbol.kind), ...placeOfLine(context, name) };
}
