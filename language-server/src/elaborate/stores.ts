/** Stores: record, partitioning, mechanism, placement, quorums, claims. */
import type { Option, Specification, Store as StoreAst } from '@dsys/grammar';
import type { Mechanism } from '@dsys/runtime/design/mechanism';
import { majorityOf, type QuorumSpec } from '@dsys/runtime/design/quorum';
import { type DataModel, dataModels, type Partition, type Store } from '@dsys/runtime/design/store';
import type { LinkRule, NodeId } from '@dsys/runtime/design/topology';
import { placeOf } from '../diagnostic.ts';
import { documentationOf } from '../parsing/comments.ts';
import { type Context, declarationsOf, located, nameOrWhole, pathsOf, report, symbolOf } from './context.ts';
import { defaults } from './defaults.ts';
import { elaborateFields } from './fields.ts';
import { completeCommit } from './mechanisms/commit.ts';
import { elaborateConsensus, type MechanismDraft } from './mechanisms/consensus.ts';
import { elaborateReplication } from './mechanisms/replication.ts';
import { raftTimeouts } from './mechanisms/timeouts.ts';
import { readOptions } from './options.ts';
import { elaboratePartitioning, type Placed } from './partitioning.ts';
import { elaborateClaims } from './properties.ts';
import { askWords } from './questions.ts';
import { checkQuorums, quorumsOf } from './quorums.ts';
import { checkStands, nodesOf, placeAll, replicasOf, writtenReplicas } from './replicas.ts';
import { choice, finite, first, onOff, phrase, phraseWord } from './values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export function elaborateStores(
  context: Context,
  files: readonly Specification[],
  links: readonly LinkRule[],
): { stores: Store[]; partitions: Partition[] } {
  const stores: Store[] = [];
  const partitions: Partition[] = [];
  for (const ast of inOrder(context, declarationsOf(files, 'Store'))) {
    stores.push(elaborateStore(context, ast, links, { stores, partitions }, partitions));
  }
  return { stores, partitions };
}

/** In the order of the text, but after the store that it is placed with (`partition with users`). */
function inOrder(context: Context, asts: readonly StoreAst[]): StoreAst[] {
  const byName = new Map(asts.map(ast => [ast.name, ast]));
  const done = new Set<StoreAst>();
  const visit = (ast: StoreAst, path: readonly StoreAst[]): void => {
    if (done.has(ast)) return;
    const other = ast.partitionings.find(each => each.with !== undefined);
    const target = byName.get(symbolOf(context, other?.with)?.path ?? '');
    if (target !== undefined && [...path, ast].includes(target)) {
      const message =
        target === ast
          ? `${ast.name} is placed with itself: say how it is split, for example partition by hash(id) into 4.`
          : `${ast.name} is placed with ${target.name}, which in the end is placed with ${ast.name}: one of them must say how it is split.`;
      report(context, 'colocation-cycle', placeOf(other!, 'with'), message);
    } else if (target !== undefined) visit(target, [...path, ast]);
    done.add(ast);
  };
  for (const ast of asts) visit(ast, []);
  return [...done];
}

function elaborateStore(
  context: Context,
  ast: StoreAst,
  links: readonly LinkRule[],
  placed: Placed,
  partitions: Partition[],
): Store {
  const clusters = clustersOf(context, ast, placed);
  const settings = storeOptions(context, ast);
  const fields = elaborateFields(context, ast);
  const nodeCount = Math.max(1, nodesOf(context, clusters, 'member').length);
  const split = elaboratePartitioning(context, ast, fields, nodeCount, placed);
  const partitionSettings = partitionOptions(context, ast);
  const draft = mechanismOf(context, ast);
  const written = replicasOf(context, ast);
  const replicas = written ?? (draft?.kind === 'one-copy' ? { count: 1, perRegion: false } : null);
  checkStands(context, ast, split.shapes);
  const copies = placeAll(context, ast, split.shapes, clusters, replicas, partitionSettings.placement);
  const mechanism = complete(context, draft, links, copies);
  const own = split.shapes.map((shape, index): Partition => {
    const partition: Partition = {
      ...located(context, shape.at),
      id: partitions.length + index,
      name: shape.path === '' ? ast.name : `${ast.name}.${shape.path}`,
      store: ast.name,
      index,
      ...copies[index]!,
      quorums: {},
    };
    return { ...partition, quorums: quorumsOf(context, mechanism, partition) };
  });
  partitions.push(...own);
  checkQuorums(context, ast, mechanism, own);
  checkNamedNodes(context, ast, mechanism, own);
  if (draft?.kind === 'one-copy') checkOneCopy(context, ast, own);
  return {
    ...located(context, ast),
    name: ast.name,
    doc: documentationOf(ast) ?? null,
    clusters: [...new Set([...clusters, ...split.shapes.flatMap(shape => shape.clusters)])],
    ...settings,
    fields,
    recordBytes: recordBytes(context, ast),
    replicas: replicas ?? { count: own[0]?.replicas.length ?? 0, perRegion: false },
    partitioning: split.partitioning,
    ...partitionSettings,
    mechanism: { ...mechanism, ...located(context, ast.replications[0] ?? ast.consensus[0] ?? ast) },
    claims: elaborateClaims(context, ast.claims),
    partitions: own.map(({ id }) => id),
  };
}

/** The clusters that are written, or those of the store that it is placed with. */
function clustersOf(context: Context, ast: StoreAst, { stores }: Placed): string[] {
  const clusters = pathsOf(context, ast.clusters);
  const repeated = clusters.findIndex((cluster, i) => clusters.indexOf(cluster) !== i);
  if (repeated >= 0) {
    const message = `${clusters[repeated]} stands twice among the clusters of ${ast.name}.`;
    report(context, 'duplicate-name', placeOf(ast, 'clusters', repeated), message);
  }
  const other = ast.partitionings[0]?.with;
  const store = stores.find(({ name }) => name === symbolOf(context, other)?.path);
  if (store === undefined) return [...new Set(clusters)];
  if (clusters.length > 0 && store.clusters.some(cluster => !clusters.includes(cluster))) {
    const message = `${ast.name} stands on ${clusters.join(', ')} and ${store.name} on ${store.clusters.join(', ')}: to be placed with ${store.name} it stands where ${store.name} stands.`;
    report(context, 'option-value', placeOf(ast.partitionings[0]!, 'with'), message);
  }
  return [...store.clusters];
}

function recordBytes(context: Context, ast: StoreAst): number {
  const sizes = ast.records.flatMap(record => record.size ?? []);
  for (const again of sizes.slice(1)) {
    report(context, 'duplicate-option', again, `The size of a record of ${ast.name} is already given.`);
  }
  return finite(sizes[0]?.value) ?? defaults.store.recordBytes;
}

function storeOptions(context: Context, ast: StoreAst): { model: DataModel; dataBytes: number | null } {
  const settings = { model: defaults.store.model, dataBytes: null as number | null };
  const options = ast.options.filter(option => option.name !== 'replicas');
  readOptions(context, `store ${ast.name}`, options, {
    model: option => {
      settings.model = choice(context, option, dataModels) ?? settings.model;
    },
    data: option => {
      settings.dataBytes = first(context, option, 'Size') ?? null;
    },
  });
  return settings;
}

function partitionOptions(context: Context, ast: StoreAst): typeof defaults.partitioning {
  const settings: Mutable<typeof defaults.partitioning> = { ...defaults.partitioning };
  const [partitioning] = ast.partitionings;
  const options: Option[] = [
    ...(partitioning?.levels.flatMap(level => level.body?.options ?? []) ?? []),
    ...(partitioning?.block?.options ?? []),
  ];
  readOptions(context, 'a partitioning', options, {
    rebalance: option => {
      settings.rebalance = onOff(context, option) ?? settings.rebalance;
    },
    'stale-map': option => {
      settings.staleMap = choice(context, option, ['reject', 'accept'] as const) ?? settings.staleMap;
    },
    handoff: option => {
      askWords(context, phrase(context, option, 'within')?.values[0], ['region']);
      if (phraseWord(context, option, 'within') === 'region') settings.handoffWithin = 'region';
      else report(context, 'option-value', option, 'Hints may be kept anywhere, or only near: handoff within region.');
    },
    placement: option => {
      settings.placement = choice(context, option, ['spread', 'random', 'copysets'] as const) ?? settings.placement;
    },
  });
  return settings;
}

/** Undefined: something is written that is no mechanism. */
function mechanismOf(context: Context, ast: StoreAst): MechanismDraft | undefined {
  const [replication, ...moreReplication] = ast.replications;
  const [consensus, ...moreConsensus] = ast.consensus;
  for (const again of [...moreReplication, ...moreConsensus]) {
    report(
      context,
      'duplicate-option',
      again,
      `${ast.name} already says how its copies are kept; one of the two must go.`,
    );
  }
  if (replication !== undefined && consensus !== undefined) {
    const message = `${ast.name} has both replication and consensus; a store keeps its copies in one way.`;
    const related = [{ ...placeOf(replication), message: 'Replication is chosen here.' }];
    report(context, 'two-mechanisms', consensus, message, { related });
  }
  if (consensus !== undefined) return elaborateConsensus(context, consensus);
  if (replication !== undefined) return elaborateReplication(context, replication);
  return { kind: 'one-copy' };
}

/** What of a mechanism follows from where its replicas stand. */
function complete(
  context: Context,
  draft: MechanismDraft | undefined,
  links: readonly LinkRule[],
  copies: readonly Pick<Partition, 'replicas' | 'witnesses'>[],
): Mechanism {
  const groups = copies.map(({ replicas, witnesses }) => [...replicas, ...witnesses]);
  if (draft === undefined) return { kind: 'one-copy' };
  switch (draft.kind) {
    case 'raft':
      return { ...draft, ...raftTimeouts(context.nodes, links, groups, draft) };
    case 'two-phase-commit':
      return completeCommit(context, draft, links);
    case 'three-phase-commit':
      return completeCommit(context, draft, links);
    case 'fast-paxos':
      return { ...draft, fast: draft.fast ?? fastQuorum(draft.classic, groups) };
    case 'multi-leader': {
      // Without a declared leader every replica is one.
      const everyone = [...new Set(copies.flatMap(({ replicas }) => replicas))];
      return { ...draft, leaders: draft.leaders.length > 0 ? draft.leaders : everyone };
    }
    default:
      return draft;
  }
}

/**
 * The smallest fast quorum that works with the classic one (Lamport, Fast Paxos, 2006, section 3.4.1: 2·fast + classic
 * > 2n); all acceptors where the groups differ in size or the classic quorum is no plain number.
 */
function fastQuorum(classic: QuorumSpec, groups: readonly (readonly NodeId[])[]): QuorumSpec {
  const sizes = new Set(groups.map(group => group.length));
  const [n] = sizes;
  if (n === undefined || sizes.size > 1 || (classic.kind !== 'majority' && classic.kind !== 'count'))
    return { kind: 'all' };
  const size = classic.kind === 'majority' ? majorityOf(n) : classic.count;
  return { kind: 'count', count: Math.min(n, Math.max(1, Math.floor((2 * n - size) / 2) + 1)) };
}

/** Nodes that options name must hold what they lead or accept. */
function checkNamedNodes(
  context: Context,
  ast: StoreAst,
  mechanism: Mechanism,
  partitions: readonly Partition[],
): void {
  const check = (name: string, nodes: readonly NodeId[]) => {
    for (const [index, node] of nodes.entries()) {
      const without = partitions.find(({ replicas, witnesses }) => ![...replicas, ...witnesses].includes(node));
      if (without === undefined || without.replicas.length === 0) continue;
      const options = (ast.replications[0] ?? ast.consensus[0])?.block?.options ?? [];
      const option = options.find(each => each.name === name);
      const place = option?.values[index] ?? option ?? nameOrWhole(ast);
      const message = `${context.nodes[node]!.name} holds no copy of ${without.name}, so it cannot play its part there: name one that does, or keep more replicas.`;
      report(context, 'node-not-in-store', place, message);
    }
  };
  if (mechanism.kind === 'single-leader' && mechanism.leader !== null) check('leader', [mechanism.leader]);
  if (mechanism.kind === 'multi-leader') {
    const written = ast.replications[0]?.block?.options.some(option => option.name === 'leader');
    if (written) check('leader', mechanism.leaders);
    if (mechanism.conflicts.kind === 'avoid')
      check(
        'conflicts',
        mechanism.conflicts.homes.map(([, node]) => node),
      );
  }
  if (mechanism.kind === 'cheap-paxos') {
    check('main', mechanism.main);
    check('auxiliary', mechanism.auxiliary);
  }
}

/** Copies without a mechanism drift apart. */
function checkOneCopy(context: Context, ast: StoreAst, partitions: readonly Partition[]): void {
  const copies = Math.max(0, ...partitions.map(({ replicas }) => replicas.length));
  if (copies <= 1) return;
  const message = `${ast.name} has ${copies} replicas and says neither replication nor consensus, so nothing keeps them equal: add one of the two, or drop replicas.`;
  report(context, 'copies-without-mechanism', writtenReplicas(ast)[0] ?? nameOrWhole(ast), message);
}
