import {
  isExpectation,
  isOperationShare,
  isScenario,
  isStore,
  isTransaction,
  isWorkload,
  type Name,
  type Store,
} from '@dsys/grammar';
import { type AstNode, AstUtils } from 'langium';
import type { Scope } from './scope.ts';
import type { NameSymbol } from './symbols.ts';

/**
 * The stores whose fields and partitions can be named without the store at a place: the store around it, the stores
 * of the transaction or workload around it, those that an expectation is about.
 */
export function storesAround(node: AstNode, scope: Scope): Store[] {
  const store = AstUtils.getContainerOfType(node, isStore);
  if (store) return [store];
  const share = AstUtils.getContainerOfType(node, isOperationShare);
  if (share?.target) return storesNamed([share.target], scope);
  const expectation = AstUtils.getContainerOfType(node, isExpectation);
  if (expectation?.scopes.length) return storesNamed(expectation.scopes, scope);
  const transaction = AstUtils.getContainerOfType(node, isTransaction);
  if (transaction)
    return storesNamed(
      transaction.accesses.flatMap(each => each.stores),
      scope,
    );
  const workload = AstUtils.getContainerOfType(node, isWorkload);
  if (workload?.targets.length) return storesNamed(workload.targets, scope);
  const scenario = AstUtils.getContainerOfType(node, isScenario);
  const run = scenario?.runs.flatMap(each => each.workloads) ?? [];
  const targets = run
    .flatMap(name => declarationsOf(name, scope, 'workload'))
    .flatMap(each => (isWorkload(each) ? each.targets : []));
  return targets.length > 0 ? storesNamed(targets, scope) : scope.list(['store']).map(asStore);
}

/** The stores that names of stores, partitions and transactions lead to. */
function storesNamed(names: readonly Name[], scope: Scope): Store[] {
  const found = new Set<Store>();
  for (const name of names) {
    for (const { kind, path, declaration } of scope.lookup(textOf(name), ['store', 'partition', 'transaction'])) {
      if (kind !== 'transaction') for (const store of storesCalled(path.split('.')[0], scope)) found.add(store);
      else if (isTransaction(declaration)) {
        const accessed = declaration.accesses.flatMap(access => access.stores);
        for (const store of accessed.flatMap(each => storesCalled(textOf(each), scope))) found.add(store);
      }
    }
  }
  return [...found];
}

const storesCalled = (text: string, scope: Scope) => scope.lookup(text, ['store']).map(asStore);

const textOf = (name: Name) => name.parts.join('.');

function declarationsOf(name: Name, scope: Scope, kind: NameSymbol['kind']): AstNode[] {
  return scope.lookup(textOf(name), [kind]).map(each => each.declaration);
}

const asStore = (symbol: NameSymbol) => symbol.declaration as Store;
