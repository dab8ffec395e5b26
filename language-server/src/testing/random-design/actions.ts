/** What happens in scenarios: every verb, aimed at every kind of target. */
import { clientOperations } from '@dsys/runtime/design/scenario';
import type { Choices } from './choices.ts';
import { block, someOf } from './layout.ts';
import { anyPlace, nameOf, nodesOf } from './places.ts';
import type { Sketch, StoreSketch } from './sketch.ts';
import { bandwidth, distribution, duration, percent, text } from './values.ts';

const messages = ['append-entries', 'prepare', 'do-commit', 'log-ship', 'vote', 'read'];

export const message = (c: Choices): string => c.pick(messages);

/** A store, or one of its partitions. */
const storeOrPartition = (c: Choices, { stores }: Sketch): string => {
  const store = c.pick(stores);
  return c.pick([store.name, ...store.partitions]);
};

export function target(c: Choices, sketch: Sketch): string {
  const { places, stores, transactions, workloads } = sketch;
  return c.pick([
    () => nameOf(c, c.pick(nodesOf(places))),
    () => anyPlace(c, places),
    () => `${c.pick(['leader', 'any follower', 'minority', 'majority'])} of ${storeOrPartition(c, sketch)}`,
    () => `coordinator of ${c.pick([...stores, ...transactions]).name}`,
    () => (workloads.length > 0 ? `clients of ${c.pick(workloads)}` : 'all'),
    () => c.pick(['rest', 'all']),
  ])();
}

const targets = (c: Choices, sketch: Sketch): string => c.list(1, 2, () => target(c, sketch)).join(', ');

const lasting = (c: Choices): string => c.pick(['', ` for ${duration(c)}`]);

/** Failures, which may happen at any time. */
export function failure(c: Choices, sketch: Sketch): string {
  const who = () => targets(c, sketch);
  return c.pick([
    () => `crash ${who()}${c.pick(['', ' losing disk', ` losing disk for ${duration(c)}`, ` for ${duration(c)}`])}`,
    () => `restart ${who()}`,
    () => `pause ${who()}${lasting(c)}`,
    () => `resume ${who()}`,
    () => `isolate ${who()}${lasting(c)}`,
    () => `cut ${who()} ${c.pick(['from', 'to'])} ${who()}${lasting(c)}`,
    () => 'heal',
    () => `${degrade(c, sketch)}${lasting(c)}`,
    () => `slow ${who()} by ${c.pick(['10x', '1.5x'])}${lasting(c)}`,
    () => `skew ${who()} by ${c.pick(['+', '-', ''])}${duration(c)}${lasting(c)}`,
    () => `drift ${who()} by ${c.pick(['', '-', '+'])}${c.between(0, 100000)}ppm${lasting(c)}`,
    () => `fail disk of ${who()}${lasting(c)}`,
    () => `lose ${message(c)}${fromTo(c, sketch)}${lasting(c)}`,
    () => `delay ${message(c)}${fromTo(c, sketch)} by ${duration(c)}${lasting(c)}`,
  ])();
}

const fromTo = (c: Choices, sketch: Sketch): string =>
  `${c.pick(['', ` from ${targets(c, sketch)}`])}${c.pick(['', ` to ${targets(c, sketch)}`])}`;

function degrade(c: Choices, sketch: Sketch): string {
  const options = someOf(c, [
    () => `loss ${percent(c, 40)}`,
    () => `duplicate ${percent(c, 20)}`,
    () => `reorder ${percent(c, 20)}`,
    () => `bandwidth ${bandwidth(c)}`,
  ]);
  const [left, right] = [targets(c, sketch), targets(c, sketch)];
  const where = c.pick(['', ` between ${left} and ${right}`, ` from ${left} to ${right}`, ` within ${left}`]);
  return block(c, 'degrade', [`latency ${distribution(c)}`, ...options], where);
}

/** Changes of members and operations, which have times. */
export function step(c: Choices, sketch: Sketch): string {
  return c.pick([() => failure(c, sketch), () => change(c, sketch), () => operation(c, sketch)])();
}

function change(c: Choices, sketch: Sketch): string {
  const { places, stores } = sketch;
  const store = c.pick(stores);
  const where = c.pick([store.name, ...store.partitions]);
  const spares = nodesOf(places, 'spare');
  const movable = stores.flatMap(({ partitions }) => partitions);
  const { holders } = store;
  return c.pick([
    () => `add ${nameOf(c, c.pick(nodesOf(places)))} to ${where} as observer`,
    () =>
      spares.length > 0
        ? `add ${c
            .some(spares, 1, 2)
            .map(node => nameOf(c, node))
            .join(', ')} to ${where}${c.pick(['', ' as voter'])}`
        : `remove all from ${where}`,
    () => `remove ${targets(c, sketch)} from ${where}`,
    () => `promote ${holders.length > 0 ? nameOf(c, c.pick(holders)) : `any follower of ${store.name}`} on ${where}`,
    () =>
      movable.length > 0
        ? `move ${c.pick(movable)} to ${c.list(1, 2, () => anyPlace(c, places)).join(', ')}`
        : `promote leader of ${store.name} on ${store.name}`,
  ])();
}

function operation(c: Choices, { stores, transactions }: Sketch): string {
  const kind = c.pick(clientOperations);
  const client = `client ${c.pick(['c1', 'c2', 'read'])}`;
  if (kind === 'transaction') {
    return transactions.length > 0
      ? `${client} transaction ${c.pick(transactions).name}`
      : `${client} read x`.concat(on(c, c.pick(stores)));
  }
  const store = c.pick(stores);
  const key = c.pick(['x', 'y.z', '5', '"a key"', 'write']);
  const value = (): string => c.pick(['1', '-2.5', 'v', text(c), 'nothing', '5s', '2024-01-31']);
  const data = {
    read: '',
    delete: store.model === 'set' ? ` = ${value()}` : '',
    write: ` = ${value()}`,
    add: ` = ${value()}`,
    append: ` = ${value()}`,
    cas: ` = ${value()} -> ${value()}`,
    increment: c.pick(['', ' = 2']),
  }[kind as string];
  return `${client} ${kind} ${key}${data}${on(c, store)}`;
}

/** The store, and perhaps a node that holds it. */
function on(c: Choices, store: StoreSketch): string {
  const via = [...store.holders, ...store.observers];
  if (via.length === 0 || c.chance(40)) return ` on ${store.name}`;
  const node = nameOf(c, c.pick(via));
  return c.pick([` via ${node} on ${store.name}`, ` on ${store.name} via ${node}`]);
}
