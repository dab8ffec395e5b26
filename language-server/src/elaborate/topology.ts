/** Regions, clusters and their nodes. */
import type { Cluster, Members, Name, Option, Region, Specification } from '@dsys/grammar';
import type {
  Capacity,
  Clock,
  Cluster as ClusterSpec,
  Disk,
  NodeRole,
  NodeSpec,
  Region as RegionSpec,
  Reliability,
} from '@dsys/runtime/design/topology';
import { maxNodesPerLine, membersWithNodes } from '../names/nodes.ts';
import { type Context, located, report, symbolOf } from './context.ts';
import { defaults } from './defaults.ts';
import { type Readers, readOptions } from './options.ts';
import { choice, count, distribution, duration, first, literal, wordOf } from './values.ts';

/** Most nodes of a design; more could not be simulated usefully. */
export const maxNodes = 1000;

export function elaborateRegions(context: Context, files: readonly Specification[]): RegionSpec[] {
  const regions = files.flatMap(file => file.declarations.filter((one): one is Region => one.$type === 'Region'));
  return regions.map(region => {
    readOptions(context, 'a region', region.options, {});
    return {
      ...located(context, region),
      name: region.name,
      zones: region.zones.filter(zone => zone.name).map(zone => `${region.name}.${zone.name}`),
    };
  });
}

interface Hardware {
  disk: Disk;
  clock: Clock;
  reliability: Reliability;
  capacity: Capacity;
}

export function elaborateClusters(context: Context, files: readonly Specification[]): ClusterSpec[] {
  const clusters = files.flatMap(file => file.declarations.filter((one): one is Cluster => one.$type === 'Cluster'));
  return clusters.filter(cluster => cluster.name).map(cluster => elaborateCluster(context, cluster));
}

function elaborateCluster(context: Context, cluster: Cluster): ClusterSpec {
  const common: Hardware = {
    disk: defaults.disk,
    clock: defaults.clock,
    reliability: defaults.reliability,
    capacity: defaults.capacity,
  };
  readOptions(context, 'a cluster', cluster.options, hardwareReaders(context, common));
  const ids: number[] = [];
  const ofLine = new Map<
    Members,
    { readonly hardware: Hardware; readonly region: string | null; readonly zone: string | null }
  >();
  for (const line of cluster.members) {
    const hardware = { ...common };
    if (line.block !== undefined)
      readOptions(context, 'a line of nodes', line.block.options, hardwareReaders(context, hardware));
    if (line.count !== undefined) {
      const wanted = count(context, line.count, line.role, line);
      if (wanted !== undefined && wanted > maxNodesPerLine)
        report(
          context,
          'option-value',
          line.count,
          `${wanted} nodes are more than the ${maxNodes} that a design may have.`,
        );
      if (line.role !== 'nodes')
        report(
          context,
          'option-value',
          line.count,
          `A ${line.role} is named, not counted: ${line.role} ${cluster.name}-${line.role}.`,
        );
    }
    ofLine.set(line, { hardware, ...placeOfLine(context, line.place) });
  }
  for (const { name, members, declaration } of membersWithNodes(cluster)) {
    const path = `${cluster.name}.${name}`;
    if (context.nodeIds.has(path)) continue;
    const id = context.nodes.length;
    if (id >= maxNodes) {
      report(context, 'option-value', members, `A design may have ${maxNodes} nodes at most.`);
      break;
    }
    const { hardware, region, zone } = ofLine.get(members)!;
    const role: NodeRole = members.role === 'nodes' ? 'member' : members.role;
    const node: NodeSpec = {
      ...located(context, declaration),
      id,
      name,
      cluster: cluster.name,
      role,
      region,
      zone,
      ...hardware,
    };
    context.nodes.push(node);
    context.nodeIds.set(path, id);
    ids.push(id);
  }
  if (ids.length === 0)
    report(
      context,
      'empty-cluster',
      cluster,
      `Cluster ${cluster.name} has no nodes: give it some, for example "nodes 3".`,
    );
  return { ...located(context, cluster), name: cluster.name, nodes: ids };
}

export function placeOfLine(
  context: Context,
  place: Name | undefined,
): { readonly region: string | null; readonly zone: string | null } {
  const symbol = place === undefined ? undefined : symbolOf(context, place);
  if (symbol?.kind === 'zone') return { region: symbol.path.slice(0, symbol.path.indexOf('.')), zone: symbol.path };
  return { region: symbol?.kind === 'region' ? symbol.path : null, zone: null };
}

function hardwareReaders(context: Context, into: Hardware): Readers {
  return {
    disk: option => {
      readOptions(context, 'disk', option.block?.options ?? [], {
        fsync: one => {
          const fsync = distribution(context, one.values[0], 'fsync', one);
          if (fsync !== undefined) into.disk = { ...into.disk, fsync };
        },
        volatile: () => {
          into.disk = { ...into.disk, volatile: true };
        },
      });
      if (option.block === undefined)
        report(context, 'option-value', option, 'disk needs a block: disk { fsync 1ms } or disk { volatile }.');
    },
    clock: option => {
      const set = (change: Partial<Clock>) => {
        into.clock = { ...into.clock, ...change };
      };
      readOptions(context, 'clock', option.block?.options ?? [], {
        skew: one => set({ skewNs: duration(context, one.values[0], 'skew', one) ?? into.clock.skewNs }),
        drift: one => set({ driftPpm: first(context, one, 'Ppm') ?? into.clock.driftPpm }),
        'max-offset': one =>
          set({ maxOffsetNs: duration(context, one.values[0], 'max-offset', one, true) ?? into.clock.maxOffsetNs }),
        timers: one => set({ timers: choice(context, one, ['monotonic', 'wall'] as const) ?? 'monotonic' }),
      });
      if (option.block === undefined)
        report(context, 'option-value', option, 'clock needs a block: clock { skew 10ms }.');
    },
    reliability: option => {
      const set = (change: Partial<Reliability>) => {
        into.reliability = { ...into.reliability, ...change };
      };
      readOptions(context, 'reliability', option.block?.options ?? [], {
        mtbf: one => set({ mtbfNs: duration(context, one.values[0], 'mtbf', one, true) ?? into.reliability.mtbfNs }),
        mttr: one => set({ mttrNs: duration(context, one.values[0], 'mttr', one, true) ?? into.reliability.mttrNs }),
      });
      if (option.block === undefined)
        report(context, 'option-value', option, 'reliability needs a block: reliability { mtbf 90d mttr 10min }.');
    },
    capacity: option => readCapacity(context, option, into),
  };
}

function readCapacity(context: Context, option: Option, into: Hardware): void {
  for (let i = 0; i < option.values.length; i += 2) {
    const word = wordOf(option.values[i]);
    const perSecond = literal(context, option.values[i + 1], 'Rate', 'capacity', option);
    if (perSecond === undefined) return;
    if (perSecond <= 0) report(context, 'option-value', option.values[i + 1]!, 'A capacity must be more than 0.');
    else if (word === 'read') into.capacity = { ...into.capacity, readPerSecond: perSecond };
    else if (word === 'write') into.capacity = { ...into.capacity, writePerSecond: perSecond };
    else
      report(
        context,
        'option-value',
        option.values[i]!,
        'A capacity is for read or for write: capacity read 4000/s write 2000/s.',
      );
  }
}
