/** Where the nodes of a design stand: regions, and in them zones; what has no region stands in one site of its own. */
import type { Design } from '@dsys/runtime/design/design';
import type { Workload } from '@dsys/runtime/design/scenario';
import type { NodeSpec } from '@dsys/runtime/design/topology';
import { writtenWorkloads } from './parts.ts';

export interface Group {
  /** Unique among all groups. */
  readonly key: string;
  /** As it is called; empty: the box needs no name, because it is all that its site has. */
  readonly title: string;
  readonly kind: 'zone' | 'cluster' | 'plain';
  readonly nodes: readonly NodeSpec[];
}

export interface Site {
  /** null: the site of nodes without a region. */
  readonly region: string | null;
  readonly title: string;
  readonly groups: readonly Group[];
  /** Workloads whose clients stand here. */
  readonly clients: readonly Workload[];
}

export interface Place {
  readonly sites: readonly Site[];
  /** Workloads whose clients stand beside whichever node they call. */
  readonly unplaced: readonly Workload[];
}

export function placesOf(design: Design): Place {
  const sites = design.regions.map(({ name, zones }): Site => {
    const nodes = design.nodes.filter(node => node.region === name);
    const groups: Group[] = zones.map(zone => ({
      key: `zone:${zone}`,
      title: zone.slice(name.length + 1),
      kind: 'zone',
      nodes: nodes.filter(node => node.zone === zone),
    }));
    const others = nodes.filter(node => node.zone === null || !zones.includes(node.zone));
    if (others.length > 0 || zones.length === 0)
      groups.push({
        key: `rest:${name}`,
        title: zones.length === 0 ? '' : 'no zone named',
        kind: 'plain',
        nodes: others,
      });
    return { region: name, title: name, groups, clients: clientsIn(design, name) };
  });
  const named = new Set(design.regions.map(({ name }) => name));
  const elsewhere = design.nodes.filter(node => node.region === null || !named.has(node.region));
  if (elsewhere.length > 0) sites.push(ownSite(design, elsewhere));
  return {
    sites,
    unplaced: writtenWorkloads(design).filter(({ place }) => place === null || !named.has(place.region)),
  };
}

/** Without regions, what a design divides nodes by is clusters. */
function ownSite(design: Design, nodes: readonly NodeSpec[]): Site {
  const clusters = design.clusters
    .map(({ name }) => ({ name, nodes: nodes.filter(node => node.cluster === name) }))
    .filter(one => one.nodes.length > 0);
  const groups = clusters.map(
    (cluster): Group => ({
      key: `cluster:${cluster.name}`,
      title: `cluster ${cluster.name}`,
      kind: 'cluster',
      nodes: cluster.nodes,
    }),
  );
  return {
    region: null,
    title: design.regions.length === 0 ? 'one site' : 'no region named',
    groups,
    clients: [],
  };
}

const clientsIn = (design: Design, region: string): readonly Workload[] =>
  writtenWorkloads(design).filter(({ place }) => place?.region === region);
