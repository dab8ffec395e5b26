/**
 * Quorums: what a person writes (`QuorumSpec`, relative to whoever holds a key) and what it means for a given set of
 * replicas (`Quorum`, a monotone set system). A majority of five is not written as ten triples: the tree is the system.
 */
import type { NodeId } from './topology.ts';

export type QuorumSpec =
  | { readonly kind: 'count'; readonly count: number }
  | { readonly kind: 'majority' }
  | { readonly kind: 'all' }
  | { readonly kind: 'one' }
  /** Any replica in the coordinator's region. */
  | { readonly kind: 'local-one' }
  /** A majority of the replicas in the coordinator's region. */
  | { readonly kind: 'local-majority' }
  /** A majority in every region that holds a replica. */
  | { readonly kind: 'each-majority' }
  /** `any 2 of (…)`, `all of (…)` with need = members.length. */
  | { readonly kind: 'of'; readonly need: number; readonly members: readonly (NodeId | QuorumSpec)[] }
  | { readonly kind: 'weight'; readonly need: number; readonly weights: readonly (readonly [NodeId, number])[] }
  /** Replicas in placement order fill `rows` × `columns`; `cross` = one row and one column. */
  | {
      readonly kind: 'grid';
      readonly rows: number;
      readonly columns: number;
      readonly take: 'row' | 'column' | 'cross';
    };

export type Quorum =
  | { readonly kind: 'nodes'; readonly need: number; readonly of: readonly NodeId[] }
  | { readonly kind: 'combine'; readonly need: number; readonly of: readonly Quorum[] }
  | { readonly kind: 'weight'; readonly need: number; readonly weights: readonly (readonly [NodeId, number])[] };

export const majorityOf = (count: number): number => Math.floor(count / 2) + 1;

/** True when the nodes for which `has` is true contain a quorum. */
export function isQuorum(quorum: Quorum, has: (node: NodeId) => boolean): boolean {
  let votes = 0;
  switch (quorum.kind) {
    case 'nodes':
      for (const node of quorum.of) if (has(node) && ++votes >= quorum.need) return true;
      return quorum.need <= 0;
    case 'combine':
      for (const part of quorum.of) if (isQuorum(part, has) && ++votes >= quorum.need) return true;
      return quorum.need <= 0;
    case 'weight':
      for (const [node, weight] of quorum.weights) if (has(node)) votes += weight;
      return votes >= quorum.need;
  }
}

const nodes = (need: number, of: readonly NodeId[]): Quorum => ({ kind: 'nodes', need, of });

/**
 * The set system of `spec` over `replicas` (in placement order). `regionOf` is asked only by the regional forms;
 * `coordinator` is the node that gathers the quorum. Without it `local majority` is what any coordinator may gather, a
 * majority of some region, and `local one` any replica. Impossible specs (4 of 3) give a system without quorums: elaboration has refused them before.
 */
export function resolveQuorum(
  spec: QuorumSpec,
  replicas: readonly NodeId[],
  regionOf: (node: NodeId) => string | null,
  coordinator?: NodeId,
): Quorum {
  switch (spec.kind) {
    case 'count':
      return nodes(spec.count, replicas);
    case 'majority':
      return nodes(majorityOf(replicas.length), replicas);
    case 'all':
      return nodes(replicas.length, replicas);
    case 'one':
      return nodes(1, replicas);
    case 'local-one':
      return nodes(1, coordinator === undefined ? replicas : localTo(regionOf(coordinator), replicas, regionOf));
    case 'local-majority':
      if (coordinator !== undefined) return majorityIn(regionOf(coordinator), replicas, regionOf);
      return { kind: 'combine', need: 1, of: majorities(replicas, regionOf) };
    case 'each-majority': {
      const parts = majorities(replicas, regionOf);
      return { kind: 'combine', need: parts.length, of: parts };
    }
    case 'of':
      return {
        kind: 'combine',
        need: spec.need,
        of: spec.members.map(member =>
          typeof member === 'number' ? nodes(1, [member]) : resolveQuorum(member, replicas, regionOf, coordinator),
        ),
      };
    case 'weight':
      return { kind: 'weight', need: spec.need, weights: spec.weights };
    case 'grid':
      return grid(spec.rows, spec.columns, spec.take, replicas);
  }
}

type RegionOf = (node: NodeId) => string | null;

const localTo = (region: string | null, replicas: readonly NodeId[], regionOf: RegionOf): readonly NodeId[] =>
  replicas.filter(node => regionOf(node) === region);

function majorityIn(region: string | null, replicas: readonly NodeId[], regionOf: RegionOf): Quorum {
  const local = localTo(region, replicas, regionOf);
  return nodes(majorityOf(local.length), local);
}

const majorities = (replicas: readonly NodeId[], regionOf: RegionOf): Quorum[] =>
  [...new Set(replicas.map(regionOf))].map(region => majorityIn(region, replicas, regionOf));

function grid(rows: number, columns: number, take: 'row' | 'column' | 'cross', replicas: readonly NodeId[]): Quorum {
  if (rows * columns > replicas.length) return nodes(rows * columns, replicas);
  const lines = (count: number, length: number, index: (line: number, i: number) => number): Quorum => ({
    kind: 'combine',
    need: 1,
    of: Array.from({ length: count }, (_, line) =>
      nodes(
        length,
        Array.from({ length }, (_, i) => replicas[index(line, i)]!),
      ),
    ),
  });
  const row = lines(rows, columns, (line, i) => line * columns + i);
  const column = lines(columns, rows, (line, i) => i * columns + line);
  if (take === 'row') return row;
  if (take === 'column') return column;
  return { kind: 'combine', need: 2, of: [row, column] };
}

/** Size of the smallest quorum; `Infinity` when there is none. */
export function smallestQuorum(quorum: Quorum): number {
  switch (quorum.kind) {
    case 'nodes':
      return quorum.need <= quorum.of.length ? Math.max(0, quorum.need) : Number.POSITIVE_INFINITY;
    case 'combine': {
      // Exact where the parts share no nodes, which is how nested quorums are written; else an upper bound.
      const sizes = quorum.of.map(smallestQuorum).sort((a, b) => a - b);
      if (quorum.need > sizes.length) return Number.POSITIVE_INFINITY;
      return sizes.slice(0, quorum.need).reduce((sum, size) => sum + size, 0);
    }
    case 'weight': {
      const weights = quorum.weights.map(([, weight]) => weight).sort((a, b) => b - a);
      let sum = 0;
      for (let i = 0; i < weights.length; i++) if ((sum += weights[i]!) >= quorum.need) return i + 1;
      return Number.POSITIVE_INFINITY;
    }
  }
}

/** All nodes that occur in the system. */
export function quorumNodes(quorum: Quorum): readonly NodeId[] {
  switch (quorum.kind) {
    case 'nodes':
      return quorum.of;
    case 'combine':
      return [...new Set(quorum.of.flatMap(quorumNodes))];
    case 'weight':
      return quorum.weights.map(([node]) => node);
  }
}
