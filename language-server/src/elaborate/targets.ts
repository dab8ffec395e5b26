/** What actions are aimed at: names resolved to nodes, roles to the partitions that they are played in. */
import type { Name, Target as TargetAst } from '@dsys/grammar';
import type { Target } from '@dsys/runtime/design/scenario';
import type { Partition, Store, Transaction } from '@dsys/runtime/design/store';
import { type Context, located, nodeOf, oneLine, orList, report, symbolOf, textOf } from './context.ts';
import { nodesIn } from './properties.ts';
import { siteOf } from './topology.ts';

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

/** Targets that stand for something; the others are reported. */
export const elaborateTargets = (context: Context, data: Data, targets: readonly TargetAst[]): Target[] =>
  targets.flatMap(target => elaborateTarget(context, data, target) ?? []);

function elaborateTarget(context: Context, data: Data, target: TargetAst | undefined): Target | undefined {
  if (target === undefined) return undefined;
  const base = { ...located(context, target), text: oneLine(target) };
  if (target.$type === 'Name') return named(context, target, base);
  const scope = symbolOf(context, target.scope)?.path;
  const role = roleOf(target.any, target.role);
  if (role === undefined) {
    report(context, 'unknown-role', target, `"${base.text}" names nobody: a role is ${orList(roles)}.`);
    return undefined;
  }
  if (scope === undefined) return undefined;
  if (role === 'clients') return { ...base, kind: 'clients', workload: scope };
  return { ...base, kind: 'role', role, of: scope, partitions: partitionsOf(data, scope) };
}

type Role = Extract<Target, { kind: 'role' }>['role'] | 'clients';

export const roles = [
  'leader of S',
  'any follower of S',
  'coordinator of T',
  'minority of S',
  'majority of S',
  'clients of W',
];

/** `any` goes with `follower` and with nothing else. */
function roleOf(any: boolean, word: string): Role | undefined {
  if (any || word === 'follower') return any && word === 'follower' ? 'any-follower' : undefined;
  const plain = ['leader', 'coordinator', 'minority', 'majority', 'clients'] as const;
  return plain.find(each => each === word);
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
  return { ...base, kind: 'place', nodes: nodesIn(context, name), ...siteOf(context, name) };
}
