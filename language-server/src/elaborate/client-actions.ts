/** Scripted operations: `client c1 write x = 1 via e1 on orders`. */
import type { ClientAction, Datum } from '@dsys/grammar';
import { clientOperations, type Value, type Verb } from '@dsys/runtime/design/scenario';
import { placeOf } from '../diagnostic.ts';
import { type Context, nodeNames, oneLine, orList, report, symbolOf, textOf } from './context.ts';
import { askWords } from './questions.ts';
import { type Data, elaborateTargets } from './targets.ts';

/** Undefined if something is wrong, which is reported. */
export function clientAction(context: Context, data: Data, ast: ClientAction): Verb | undefined {
  const wrong = (message: string): undefined => {
    report(context, 'option-value', ast, message);
    return undefined;
  };
  askWords(context, ast, clientOperations, 'operation');
  const operation = clientOperations.find(each => each === ast.operation);
  if (ast.key === undefined || !ast.operation) return undefined;
  if (operation === undefined) return wrong(`A client can ${orList(clientOperations)}, not "${ast.operation}".`);
  const takesValue = ['write', 'cas', 'add', 'append', 'increment'].includes(operation);
  if (operation === 'cas' && ast.newValue === undefined) {
    return wrong('A compare-and-set names both values: client c1 cas x = 1 -> 2.');
  }
  if (takesValue && operation !== 'increment' && ast.value === undefined) {
    return wrong(`${operation} needs a value: client c1 ${operation} x = 1.`);
  }
  if (!takesValue && operation !== 'delete' && ast.value !== undefined)
    return wrong(`${operation} has no value: client c1 ${operation} x.`);
  if (operation !== 'cas' && ast.newValue !== undefined) {
    return wrong(`Only cas has a second value; ${operation} has one: client c1 ${operation} x = 1.`);
  }
  const via = ast.via === undefined ? null : elaborateTargets(context, data, [ast.via]);
  const base = { kind: 'operation', client: ast.client, operation, via } as const;
  const key = String(dataOf(ast.key) ?? '');
  if (operation === 'transaction') {
    const transaction = data.transactions.find(one => one.name === key);
    if (transaction !== undefined) return { ...base, key: '', value: null, expected: null, on: transaction.name };
    // Name resolution has reported a name that is none.
    return ast.key.$type === 'Name' ? undefined : wrong('A transaction has a name: client c1 transaction NAME.');
  }
  const on = storeOf(context, data, ast, via?.flatMap(target => ('nodes' in target ? target.nodes : [])) ?? []);
  if (on === undefined) return undefined;
  const value = dataOf(ast.value);
  if (operation === 'delete') {
    const isSet = data.stores.find(one => one.name === on)?.model === 'set';
    if (isSet && ast.value === undefined) return wrong('Of a set, delete names the element: client c1 delete x = 1.');
    if (!isSet && ast.value !== undefined) return wrong('delete has no value: client c1 delete x.');
  }
  if (operation === 'cas') return { ...base, key, value: dataOf(ast.newValue), expected: value, on };
  return { ...base, key, value, expected: null, on };
}

/** The store that is named, or the only one there is, or the only one that the node holds. */
function storeOf(context: Context, data: Data, ast: ClientAction, via: readonly number[]): string | undefined {
  const holders = (store: string) =>
    new Set(data.partitions.filter(one => one.store === store).flatMap(one => [...one.replicas, ...one.observers]));
  const all = data.stores.map(store => store.name);
  const possible = all.length === 1 ? all : all.filter(store => via.some(node => holders(store).has(node)));
  const on =
    ast.store === undefined ? (possible.length === 1 ? possible[0] : undefined) : symbolOf(context, ast.store)?.path;
  if (on === undefined) {
    const message = `On which store? There are ${all.join(', ')}: ${oneLine(ast)} on ${all[0]}.`;
    if (ast.store === undefined && all.length > 0) report(context, 'option-value', ast, message);
    return undefined;
  }
  const held = holders(on);
  const stranger = via.find(node => !held.has(node));
  if (stranger !== undefined && held.size > 0) {
    const message = `${nodeNames(context, [stranger])} holds no copy of ${on}; ${nodeNames(context, [...held])} would answer.`;
    report(context, 'node-not-in-store', placeOf(ast, 'via'), message);
  }
  return on;
}

/** `nothing` is the absent value: cas x = nothing -> 1. */
function dataOf(value: Datum | undefined): Value {
  if (value === undefined) return null;
  if (value.$type === 'Name') return textOf(value) === 'nothing' ? null : textOf(value);
  return typeof value.value === 'number' && Number.isNaN(value.value) ? null : value.value;
}
