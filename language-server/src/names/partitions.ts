import type { Partition, PartitionLevel, Store } from '@dsys/grammar';

/** More partitions than this are not listed by name, though they are names all the same. */
export const maxListedPartitions = 4096;

export interface PartitionPath {
  /** Without the store: `p3`, `europe`, `europe.p0`. */
  readonly path: string;
  /** Undefined for partitions that are only counted. */
  readonly declaration: Partition | undefined;
}

/**
 * The partitions of a store that its text tells. Those that are written have their written names, counted ones are
 * p0, p1 and so on, and a level below another (`then by`) appends to the path: `europe.p0`. A path may name an inner
 * partition: `europe` is all of europe. How many partitions `modulo nodes`, consistent hashing, a directory or
 * `partition with` make is not in the text of the store: see `hasOpenPartitions`. A store that is not partitioned
 * has one partition, p0.
 */
export function partitionPaths(store: Store): PartitionPath[] {
  const levels = levelsOf(store);
  if (levels.length === 0) return isColocated(store) ? [] : [{ path: 'p0', declaration: undefined }];
  const found: PartitionPath[] = [];
  let parents: PartitionPath[] = [{ path: '', declaration: undefined }];
  for (const level of levels) {
    const here = parents.flatMap(parent =>
      partitionsOf(level).map(({ path, declaration }) => ({
        path: parent.path ? `${parent.path}.${path}` : path,
        declaration: declaration ?? parent.declaration,
      })),
    );
    if (found.length + here.length > maxListedPartitions) break;
    found.push(...here);
    parents = here;
  }
  return found;
}

/** Whether `path` (without the store) names a partition as far as the text of the store tells. */
export function mayBePartition(store: Store, path: readonly string[]): boolean {
  const levels = levelsOf(store);
  if (levels.length === 0) return path.length === 1 && (isColocated(store) || path[0] === 'p0');
  return path.length <= levels.length && path.every((name, i) => isPartitionOf(levels[i], name));
}

const levelsOf = (store: Store): PartitionLevel[] => store.partitionings.flatMap(each => each.levels);

const isColocated = (store: Store) => store.partitionings.some(each => each.with);

function partitionsOf(level: PartitionLevel): PartitionPath[] {
  const written = level.body?.partitions ?? [];
  if (written.length > 0) {
    return written.filter(each => each.name).map(each => ({ path: each.name, declaration: each }));
  }
  const count = Math.min(countOf(level) ?? 0, maxListedPartitions + 1);
  return Array.from({ length: count }, (_, i) => ({ path: `p${i}`, declaration: undefined }));
}

function isPartitionOf(level: PartitionLevel, name: string): boolean {
  const written = level.body?.partitions ?? [];
  if (written.length > 0) return written.some(each => each.name === name);
  const match = /^p(0|[1-9]\d*)$/.exec(name);
  return match !== null && Number(match[1]) < (countOf(level) ?? Number.POSITIVE_INFINITY);
}

/** Undefined where the text does not tell: `modulo nodes`, virtual nodes, a directory. */
function countOf(level: PartitionLevel): number | undefined {
  const count = level.count?.value;
  return count !== undefined && Number.isInteger(count) && count > 0 ? count : undefined;
}
