/** Regions, clusters and their nodes. */
import type { Cluster, Members, Name, Option, Specification } from '@dsys/grammar';
import type {
  Capacity,
  Clock,
  Cluster as ClusterSpec,
  Disk,
  NodeRole,
  Region as RegionSpec,
  Reliability,
} from '@dsys/runtime/design/topology';
import { membersWithNodes } from '../names/nodes.ts';
import { type Context, declarationsOf, firstOfEachName, located, report, reportMissing, symbolOf } from './context.ts';
import { defaults } from './defaults.ts';
import { distribution } from './distributions.ts';
import { type Readers, readOptions } from './options.ts';
import { askWords } from './questions.ts';
import { blockOf, choice, duration, first, literal, onOff, wordOf, wrongValue } from './values.ts';

/** Most nodes of a design; more could not be simulated usefully. */
export const maxNodes = 1000;

export function elaborateRegions(context: Context, files: readonly Specification[]): RegionSpec[] {
  return declarationsOf(files, 'Region').map(region => {
    readOptions(context, `region ${region.name}`, region.options, {});
    const zones = firstOfEachName(region.zones).map(zone => `${region.name}.${zone.name}`);
    return { ...located(context, region), name: region.name, zones };
  });
}

interface Hardware {
  disk: Disk;
  clock: Clock;
  reliability: Reliability;
  capacity: Capacity;
}

export function elaborateClusters(context: Context, files: readonly Specification[]): ClusterSpec[] {
  return declarationsOf(files, 'Cluster').map(cluster => elaborateCluster(context, cluster));
}

function elaborateCluster(context: Context, cluster: Cluster): ClusterSpec {
  const common: Hardware = {
    disk: defaults.disk,
    clock: defaults.clock,
    reliability: defaults.reliability,
    capacity: defaults.capacity,
  };
  readOptions(context, `cluster ${cluster.name}`, cluster.options, hardwareReaders(context, common));
  const ofLine = new Map(cluster.members.map(line => [line, elaborateLine(context, line, common)]));
  const ids: number[] = [];
  for (const { name, members, declaration } of membersWithNodes(cluster)) {
    const path = `${cluster.name}.${name}`;
    if (context.nodeIds.has(path)) continue;
    const id = context.nodes.length;
    if (id >= maxNodes) {
      if (context.isFull.now) break;
      context.isFull.now = true;
      const message = `A design may have ${maxNodes} nodes; ${cluster.name} would bring it to more.`;
      report(context, 'option-value', members.count ?? declaration, message);
      break;
    }
    const line = ofLine.get(members)!;
    const role: NodeRole = members.role === 'nodes' ? 'member' : members.role;
    context.nodes.push({ ...located(context, declaration), id, name, cluster: cluster.name, role, ...line });
    context.nodeIds.set(path, id);
    ids.push(id);
  }
  if (cluster.members.length === 0) {
    const message = `Cluster ${cluster.name} has no nodes: give it some, for example "nodes 3".`;
    reportMissing(context, 'empty-cluster', cluster, message);
  }
  return { ...located(context, cluster), name: cluster.name, nodes: ids };
}

function elaborateLine(context: Context, line: Members, common: Hardware): Hardware & Site {
  const hardware = { ...common };
  readOptions(context, 'a line of nodes', line.block?.options ?? [], hardwareReaders(context, hardware));
  return { ...hardware, ...siteOf(context, line.place) };
}

interface Site {
  readonly region: string | null;
  readonly zone: string | null;
}

/** The region and zone that a name stands for; none of both if it stands for something else. */
export function siteOf(context: Context, place: Name | undefined): Site {
  const symbol = symbolOf(context, place);
  if (symbol?.kind === 'zone') return { region: symbol.path.slice(0, symbol.path.indexOf('.')), zone: symbol.path };
  return { region: symbol?.kind === 'region' ? symbol.path : null, zone: null };
}

function hardwareReaders(context: Context, into: Hardware): Readers {
  const set = <K extends keyof Hardware>(part: K, change: Partial<Hardware[K]>): void => {
    into[part] = { ...into[part], ...change };
  };
  const ns = (option: Option, positive = false) => duration(context, option.values[0], option.name, option, positive);
  return {
    disk: block(context, 'disk { fsync 1ms }, or disk { volatile }', {
      fsync: option => {
        const fsync = distribution(context, option.values[0], 'fsync', option);
        if (fsync !== undefined) set('disk', { fsync });
      },
      volatile: option => set('disk', { volatile: onOff(context, option) ?? into.disk.volatile }),
    }),
    clock: block(context, 'clock { skew 10ms drift 50ppm }', {
      skew: option => set('clock', { skewNs: ns(option) ?? into.clock.skewNs }),
      drift: option => {
        const ppm = first(context, option, 'Ppm');
        if (ppm !== undefined && ppm < 0) wrongValue(context, option.values[0]!, 'drift', 'a bound of 0ppm or more');
        else if (ppm !== undefined) set('clock', { driftPpm: ppm });
      },
      'max-offset': option => set('clock', { maxOffsetNs: ns(option, true) ?? into.clock.maxOffsetNs }),
      timers: option =>
        set('clock', { timers: choice(context, option, ['monotonic', 'wall'] as const) ?? into.clock.timers }),
    }),
    reliability: block(context, 'reliability { mtbf 90d mttr 10min }', {
      mtbf: option => set('reliability', { mtbfNs: ns(option, true) ?? into.reliability.mtbfNs }),
      mttr: option => set('reliability', { mttrNs: ns(option, true) ?? into.reliability.mttrNs }),
    }),
    capacity: option => readCapacity(context, option, into),
  };
}

/** Reads an option that is nothing but a block. */
const block =
  (context: Context, example: string, readers: Readers) =>
  (option: Option): void => {
    readOptions(context, option.name, blockOf(context, option), readers);
    if (option.block === undefined) {
      report(context, 'option-value', option, `${option.name} is said in a block: ${example}.`);
    }
  };

function readCapacity(context: Context, option: Option, into: Hardware): void {
  const example = 'A capacity is for read or for write: capacity read 4000/s write 2000/s.';
  if (option.values.length === 0) report(context, 'option-value', option, example);
  for (let i = 0; i < option.values.length; i += 2) {
    askWords(context, option.values[i], ['read', 'write']);
    const word = wordOf(context, option.values[i]);
    const perSecond = literal(context, option.values[i + 1], 'Rate', 'capacity', option);
    if (perSecond === undefined) return;
    if (perSecond <= 0) wrongValue(context, option.values[i + 1]!, 'capacity', 'a rate of more than 0');
    else if (word === 'read') into.capacity = { ...into.capacity, readPerSecond: perSecond };
    else if (word === 'write') into.capacity = { ...into.capacity, writePerSecond: perSecond };
    else report(context, 'option-value', option.values[i]!, example);
  }
}
