/** Transactions and workloads. */
import { type WorkloadOperationKind, workloadOperations } from '@dsys/runtime/design/scenario';
import type { Choices } from './choices.ts';
import { commit } from './consensus.ts';
import { block, someOf } from './layout.ts';
import { nameOf, nodesOf, type Places } from './places.ts';
import { claims } from './properties.ts';
import { quorum } from './quorums.ts';
import { fieldOf, type Sketch, type StoreSketch, type TransactionSketch } from './sketch.ts';
import { distribution, duration, onOff, rate } from './values.ts';

export const sketchTransactions = (c: Choices, stores: readonly StoreSketch[]): TransactionSketch[] =>
  c.some(['transfer', 'audit', 'commit'], 0, 2).map(name => ({ name, stores: c.some(stores, 1, 3) }));

export function randomTransaction(c: Choices, sketch: Sketch, { name, stores }: TransactionSketch): string {
  const names = stores.map(store => store.name).join(', ');
  const access = c.pick([
    `update ${names}`,
    `update ${c.between(1, 9)} ${names}`,
    `read ${names}`,
    `read all ${names}`,
    `read ${c.between(1, 9)} ${names}\n  update ${stores[0]!.name}`,
  ]);
  return block(c, `transaction ${name}`, [
    access,
    ...(c.chance(70) ? [commit(c, sketch)] : []),
    ...someOf(c, [
      () =>
        `isolation ${c.pick(['serializable', 'strict-serializable', 'snapshot', 'repeatable-read', 'read-committed', 'read-uncommitted'])}`,
      () => `concurrency ${c.pick(['locks', 'versions'])}`,
      () => `deadlock ${c.pick(['detect', 'wait'])}`,
      () => `commit-wait ${onOff(c)}`,
    ]),
    ...claims(c, sketch, { stores, of: 'transaction' }),
  ]);
}

export const sketchWorkloads = (c: Choices): string[] => c.some(['checkout', 'batch', 'read'], 0, 2);

/** Where clients may stand: in regions and zones, or with nodes that all stand in one region. */
function clientPlaces(c: Choices, places: Places): string[] {
  const together = places.clusters.filter(
    ({ nodes }) => nodes[0]!.region !== null && nodes.every(({ region }) => region === nodes[0]!.region),
  );
  const placed = nodesOf(places).filter(({ region }) => region !== null);
  return [
    ...places.regions,
    ...places.zones,
    ...together.map(({ name }) => name),
    ...(placed.length > 0 ? [nameOf(c, c.pick(placed))] : []),
  ];
}

export function randomWorkload(c: Choices, sketch: Sketch, name: string): string {
  const { places, stores, transactions } = sketch;
  const all = [...stores, ...transactions];
  const targets = c.chance(80) ? c.some(all, 1, 3) : [];
  const meant = targets.length > 0 ? targets : stores;
  const where = clientPlaces(c, places);
  const anyNode = { size: 3, nodes: nodesOf(places) };
  const head = `workload ${name}${targets.length === 0 ? '' : ` on ${targets.map(one => one.name).join(', ')}`}`;
  return block(c, head, [
    ...someOf(c, [
      () => `clients ${c.between(1, 50)}${where.length > 0 && c.chance(50) ? ` in ${c.pick(where)}` : ''}`,
      () => (c.chance(50) ? `rate ${rate(c)}` : `think ${distribution(c)}`),
      () => `keys ${c.between(1, 1000)}${c.pick(['', ' uniform', ' sequential', ' zipf', ' zipf 1.1'])}`,
      () => `session ${c.pick(['sticky', 'any', 'nearest'])}`,
      () => `session-token ${onOff(c)}`,
      () => `timeout ${duration(c)}`,
      () => `retries ${c.between(0, 5)}${c.pick(['', ' idempotent'])}`,
      () => `cache ${duration(c)}`,
      () =>
        `read ${c.pick(['local', 'local from any', quorum(c, anyNode), ...['leader', 'followers', 'any', 'nearest'].map(one => `from ${one}`)])}`,
      () => `write ${quorum(c, anyNode)}`,
    ]),
    ...(c.chance(75) ? [operations(c, sketch, meant)] : []),
  ]);
}

function operations(
  c: Choices,
  { transactions }: Sketch,
  targets: readonly (StoreSketch | TransactionSketch)[],
): string {
  const kinds = c.some(workloadOperations, 1, 4);
  let left = 200;
  const shares = kinds.map((kind, i) => {
    const part = i + 1 === kinds.length ? left : c.between(0, left);
    left -= part;
    return `${part / 2}% ${kind}${aimed(c, kind, targets)}`;
  });
  return `operations ${shares.join(transactions.length > 0 ? ', ' : ',\n    ')}`;
}

function aimed(c: Choices, kind: WorkloadOperationKind, targets: readonly (StoreSketch | TransactionSketch)[]): string {
  const stores = targets.flatMap(target => ('stores' in target ? [] : [target]));
  const target = c.chance(35) ? c.pick(targets) : null;
  const on = target === null ? '' : ` on ${target.name}`;
  const fields = target === null ? stores : stores.filter(store => store === target);
  if ((kind !== 'read' && kind !== 'scan') || fields.length === 0 || c.chance(50)) return on;
  const by = ` by ${fieldOf(c, c.pick(fields))}`;
  return c.pick([on + by, by + on]);
}
