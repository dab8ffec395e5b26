/** Stores: where they stand and how they are split; mechanisms and claims have files of their own. */
import { dataModels } from '@dsys/runtime/design/store';
import type { Choices } from './choices.ts';
import { consensus } from './consensus.ts';
import { block } from './layout.ts';
import { partitionOptions, randomSplit, type Shape } from './partitions.ts';
import type { Places } from './places.ts';
import { claims } from './properties.ts';
import { fieldNames, record } from './records.ts';
import { replication } from './replication.ts';
import { type Home, nodesOn, type Sketch, type StoreSketch } from './sketch.ts';
import { size } from './values.ts';

const names = ['orders', 'users', 'routes', 'store', 'log2'];

/** Where stores stand and how they are split. A store may be placed with one before it. */
export function sketchStores(c: Choices, places: Places): StoreSketch[] {
  const chosen = c.some(names, 1, 4);
  const sketches: StoreSketch[] = [];
  for (const name of chosen) sketches.push(sketchStore(c, places, name, sketches, chosen));
  return sketches;
}

function sketchStore(
  c: Choices,
  places: Places,
  name: string,
  before: readonly StoreSketch[],
  all: readonly string[],
): StoreSketch {
  if (before.length > 0 && c.chance(12)) return besides(c, name, c.pick(before));
  const clusters = c.some(
    places.clusters.map(cluster => cluster.name),
    1,
    2,
  );
  const fields = fieldNames(c);
  const unplaced = c.chance(8);
  const isSplit = unplaced || c.chance(55);
  const options = isSplit ? partitionOptions(c) : [];
  const inBlock = c.chance(50);
  const split = isSplit
    ? randomSplit(
        c,
        {
          fields,
          nodeCount: unplaced ? 1 : nodesOn(places, clusters, 'nodes').length,
          clusters: places.clusters.map(cluster => cluster.name),
          mustSay: unplaced,
          directories: all.filter(other => other !== name),
        },
        inBlock ? [] : options,
      )
    : { text: null, shapes: [{ path: '', clusters: [] }] };
  const standing = unplaced ? [] : clusters;
  const where = split.shapes.map(shape => (shape.clusters.length > 0 ? shape.clusters : standing));
  const perRegion = c.chance(25);
  const most = Math.min(...where.map(one => mostReplicas(places, one, perRegion)));
  const isOneCopy = c.chance(8);
  const says = (inBlock && options.length > 0) || c.chance(isOneCopy ? 20 : 40);
  const replicas = !says ? null : isOneCopy ? 1 : c.between(1, most);
  const text = replicas === null ? null : `replicas ${replicas}${perRegion && !isOneCopy ? ' per region' : ''}`;
  const behind = text !== null && split.text !== null && (inBlock || c.chance(50));
  return {
    ...held(places, where, isOneCopy ? 1 : replicas, perRegion && !isOneCopy),
    isOneCopy,
    model: randomModel(c),
    name,
    fields,
    partitions: pathsOf(name, split.shapes),
    head: unplaced ? `store ${name}` : `store ${name} on ${clusters.join(', ')}`,
    partitioning: behind ? withReplicas(c, split.text!, text!, inBlock ? options : []) : split.text,
    replicas: behind ? null : text,
  };
}

const withReplicas = (c: Choices, split: string, replicas: string, options: readonly string[]): string =>
  options.length === 0 ? `${split} ${replicas}` : block(c, `${split} ${replicas}`, options);

const pathsOf = (name: string, shapes: readonly Shape[]): string[] =>
  shapes.map(({ path }) => `${name}.${path === '' ? 'p0' : path}`);

const regionsOf = (places: Places, clusters: readonly string[]) => {
  const regions = new Map<string | null, number>();
  for (const { region } of nodesOn(places, clusters, 'nodes')) regions.set(region, (regions.get(region) ?? 0) + 1);
  return regions;
};

const mostReplicas = (places: Places, clusters: readonly string[], perRegion: boolean): number =>
  perRegion ? Math.min(...regionsOf(places, clusters).values()) : nodesOn(places, clusters, 'nodes').length;

/** Who holds what, as elaboration will place it. */
function held(
  places: Places,
  where: readonly (readonly string[])[],
  replicas: number | null,
  perRegion: boolean,
): Pick<StoreSketch, 'homes' | 'holders' | 'witnesses' | 'observers'> {
  const homes = where.map((clusters): Home => {
    const all = nodesOn(places, clusters, 'nodes').length;
    const copies = replicas === null ? all : replicas * (perRegion ? regionsOf(places, clusters).size : 1);
    return { clusters, copies, witnesses: nodesOn(places, clusters, 'witness').length };
  });
  const same = where.every(clusters => clusters.join() === where[0]!.join());
  const everywhere = (role: 'witness' | 'observer') => (same ? nodesOn(places, where[0]!, role) : []);
  return {
    homes,
    holders: same && replicas === null ? nodesOn(places, where[0]!, 'nodes') : [],
    witnesses: everywhere('witness'),
    observers: everywhere('observer'),
  };
}

const randomModel = (c: Choices) => (c.chance(50) ? c.pick(dataModels) : null);

function besides(c: Choices, name: string, other: StoreSketch): StoreSketch {
  const paths = other.partitions.map(path => path.slice(other.name.length + 1));
  const fewest = Math.min(...other.homes.map(({ copies }) => copies));
  const replicas = c.chance(30) ? c.between(1, fewest) : null;
  const isOneCopy = other.isOneCopy || (replicas === 1 && c.chance(30));
  const text = `partition with ${other.name}`;
  return {
    ...other,
    ...(replicas !== null && { homes: other.homes.map(home => ({ ...home, copies: replicas })), holders: [] }),
    name,
    isOneCopy,
    model: randomModel(c),
    fields: fieldNames(c),
    // Only those of one level can be named where the text does not tell how the store is split.
    partitions: paths.filter(path => !path.includes('.')).map(path => `${name}.${path}`),
    head: `store ${name}`,
    partitioning: replicas === null ? text : `${text} replicas ${replicas}`,
    replicas: null,
  };
}

export function randomStore(c: Choices, sketch: Sketch, store: StoreSketch): string {
  const others = sketch.stores.filter(one => one !== store);
  const references = others.flatMap(other => other.fields.map(field => `${other.name}.${field}`));
  const mechanism = store.isOneCopy ? [] : [c.pick([replication, consensus])(c, sketch, store)];
  const items = [
    ...(store.model === null ? [] : [`model ${store.model}`]),
    ...record(c, store.fields, references),
    ...(c.chance(30) ? [`data ${size(c)}`] : []),
    ...(store.partitioning === null ? [] : [store.partitioning]),
    ...(store.replicas === null ? [] : [store.replicas]),
    ...mechanism,
    ...claims(c, sketch, { stores: [store], of: 'store' }),
  ];
  return block(c, store.head, items);
}
