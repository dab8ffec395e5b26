/** The parts of a design that one can point at: in the picture, in the text, and where the two meet. */
import type { Design } from '@dsys/runtime/design/design';
import type { Workload } from '@dsys/runtime/design/scenario';
import type { SourceRange } from '@dsys/runtime/design/source';
import type { TextRange } from '../protocol.ts';

export type PartKind = 'region' | 'node' | 'cluster' | 'link' | 'store' | 'partition' | 'workload' | 'transaction';

export interface Part {
  /** `node:3`, `store:orders`. */
  readonly key: string;
  readonly kind: PartKind;
  /** `node e1`. */
  readonly title: string;
  readonly at: SourceRange;
}

export const keyOf = (kind: PartKind, name: string | number): string => `${kind}:${name}`;

/** All parts; those that defaults made carry the range of what they complete. */
export function partsOf(design: Design): readonly Part[] {
  const named =
    (kind: PartKind) =>
    ({ name, at }: { readonly name: string; readonly at: SourceRange }): Part => ({
      key: keyOf(kind, name),
      kind,
      title: `${kind} ${name}`,
      at,
    });
  return [
    ...design.regions.map(named('region')),
    ...design.clusters.map(named('cluster')),
    ...design.nodes.map(
      ({ id, name, at }): Part => ({ key: keyOf('node', id), kind: 'node', title: `node ${name}`, at }),
    ),
    ...design.stores.map(named('store')),
    ...writtenPartitions(design),
    ...writtenWorkloads(design).map(named('workload')),
    ...design.transactions.map(named('transaction')),
    ...writtenLinks(design),
  ];
}

/** Without the workload that runs are given where none is written: it carries the range of the store that it asks. */
export const writtenWorkloads = ({ workloads, stores }: Design): readonly Workload[] =>
  workloads.filter(workload => !stores.some(({ at }) => textOf(at) === textOf(workload.at)));

const textOf = ({ file, start, end }: SourceRange): string =>
  [file, start.line, start.character, end.line, end.character].join();

/** Partitions that have a line of their own (ranges, lists): what `into 16` makes stands where its store stands. */
function writtenPartitions(design: Design): readonly Part[] {
  const sharing = new Map<string, number>();
  for (const { at } of design.partitions) sharing.set(textOf(at), (sharing.get(textOf(at)) ?? 0) + 1);
  return design.partitions
    .filter(({ at, store, name }) => sharing.get(textOf(at)) === 1 && name !== store)
    .map(({ id, name, at }) => ({ key: keyOf('partition', id), kind: 'partition', title: `partition ${name}`, at }));
}

/** Link rules that name two regions and that somebody wrote. */
function writtenLinks(design: Design): readonly Part[] {
  const isWritten = ({ start }: SourceRange): boolean =>
    ![...design.regions, ...design.nodes].some(
      ({ at }) => at.start.line === start.line && at.start.character === start.character,
    );
  return design.links.flatMap((rule): Part[] => {
    const [from, to] = [rule.from?.regions[0], rule.to?.regions[0]];
    if (from === undefined || to === undefined || from === to || !isWritten(rule.at)) return [];
    const order = design.regions.map(({ name }) => name);
    const [a, b] = order.indexOf(from) <= order.indexOf(to) ? [from, to] : [to, from];
    return [{ key: `link:${a}/${b}`, kind: 'link', title: `link ${a} – ${b}`, at: rule.at }];
  });
}

const linesOf = ({ start, end }: TextRange): number => end.line - start.line;
const holds = ({ start, end }: TextRange, line: number): boolean => start.line <= line && line <= end.line;

/** The index of the file that a document is in its design; -1: it is not one of them. */
export const fileOf = (design: Design, uri: string): number => design.files.findIndex(file => file.uri === uri);

/**
 * What is written on a line: the innermost parts that it belongs to. On a line with several nodes these are all of
 * them; in a cluster's own lines its nodes.
 */
export function partsAt(design: Design, parts: readonly Part[], file: number, line: number): readonly Part[] {
  const around = parts.filter(({ at }) => at.file === file && holds(at, line));
  if (around.length === 0) return [];
  const least = Math.min(...around.map(({ at }) => linesOf(at)));
  const inner = around.filter(({ at }) => linesOf(at) === least);
  // One line may hold a cluster and, in it, its nodes: the cursor is at all of them.
  const clusters = inner.filter(({ kind }) => kind === 'cluster');
  const nodes = clusters.flatMap(({ key }) => {
    const cluster = design.clusters.find(({ name }) => key === keyOf('cluster', name));
    const members = new Set((cluster?.nodes ?? []).map(id => keyOf('node', id)));
    return parts.filter(part => members.has(part.key) && !inner.includes(part));
  });
  return [...inner, ...nodes];
}

/** The part that a finding is about: the innermost that holds its beginning; undefined: the file as a whole. */
export function partOf(parts: readonly Part[], file: number, { start }: TextRange): Part | undefined {
  const inside = ({ at }: Part): boolean =>
    at.file === file &&
    (at.start.line < start.line || (at.start.line === start.line && at.start.character <= start.character)) &&
    (start.line < at.end.line || (start.line === at.end.line && start.character <= at.end.character));
  const size = ({ at }: Part): number =>
    linesOf(at) * 10_000 + (linesOf(at) === 0 ? at.end.character - at.start.character : 0);
  return parts.filter(inside).sort((a, b) => size(a) - size(b))[0];
}
