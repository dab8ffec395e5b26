/** Stores: record, partitioning, mechanism, placement, quorums, claims. */
import type {
  Field as FieldAst,
  Option,
  Specification,
  Store as StoreAst,
  Transaction as TransactionAst,
} from '@dsys/grammar';
import type { Mechanism } from '@dsys/runtime/design/mechanism';
import { type Quorum, type QuorumSpec, quorumNodes, resolveQuorum, smallestQuorum } from '@dsys/runtime/design/quorum';
import type { DataModel, Field, FieldValues, Partition, Store, Transaction } from '@dsys/runtime/design/store';
import type { LinkRule, NodeId } from '@dsys/runtime/design/topology';
import { placeOf } from '../diagnostic.ts';
import { type Context, located, oneLine, report, symbolOf, textOf } from './context.ts';
import { defaults } from './defaults.ts';
import { elaborateCommit, elaborateConsensus, type MechanismDraft } from './mechanisms/consensus.ts';
import { elaborateReplication } from './mechanisms/replication.ts';
import { readOptions } from './options.ts';
import { elaboratePartitioning, type Shape } from './partitioning.ts';
import { placePerRegion, placeReplicas, raftTimeouts } from './placement.ts';
import { elaborateProperty } from './properties.ts';
import { choice, count, first, onOff, phraseWord } from './values.ts';

const models: readonly DataModel[] = ['register', 'kv', 'counter', 'set', 'list'];

export function elaborateStores(
  context: Context,
  files: readonly Specification[],
  links: readonly LinkRule[],
): { stores: Store[]; partitions: Partition[] } {
  const partitions: Partition[] = [];
  const asts = files
    .flatMap(file => file.declarations.filter((one): one is StoreAst => one.$type === 'Store'))
    .filter(store => store.name);
  const stores = asts.map(store => elaborateStore(context, store, links, partitions));
  return { stores, partitions };
}

interface Placement {
  readonly replicas: { count: number; perRegion: boolean } | null;
  readonly placement: Store['placement'];
}

function elaborateStore(context: Context, ast: StoreAst, links: readonly LinkRule[], partitions: Partition[]): Store {
  const clusters = ast.clusters.flatMap(name => symbolOf(context, name)?.path ?? []);
  if (ast.clusters.length === 0)
    report(
      context,
      'store-without-cluster',
      ast,
      `Store ${ast.name} stands nowhere: say on which cluster, "store ${ast.name} on NAME".`,
    );
  const repeated = clusters.find((cluster, i) => clusters.indexOf(cluster) !== i);
  if (repeated !== undefined)
    report(context, 'duplicate-name', ast, `${repeated} stands twice in the clusters of ${ast.name}.`);
  const settings = storeOptions(context, ast);
  const fields = ast.records.flatMap(record =>
    record.fields.filter(field => field.name).map(field => elaborateField(context, field)),
  );
  const size = ast.records.find(record => record.size !== undefined)?.size?.value;
  const onClusters = (names: readonly string[], role: string): NodeId[] =>
    context.nodes.filter(node => names.includes(node.cluster) && node.role === role).map(node => node.id);
  const members = onClusters(clusters, 'member');
  const split = elaboratePartitioning(context, ast, fields, Math.max(1, members.length));
  const body = ast.partitionings[0];
  const blockSettings = partitionOptions(
    context,
    body?.block?.options ?? [],
    body?.levels.flatMap(level => level.body?.options ?? []) ?? [],
  );
  const draft = mechanismOf(context, ast);
  const written = replicasOf(context, ast, members.length);
  const replicas = written === null && draft?.kind === 'one-copy' ? { count: 1, perRegion: false } : written;
  const ids: number[] = [];
  const mechanismAst = ast.replications[0] ?? ast.consensus[0] ?? ast;
  let mechanism: Mechanism | undefined;
  for (const [index, shape] of split.shapes.entries()) {
    const names = shape.clusters.length > 0 ? shape.clusters : clusters;
    const placed = place(context, onClusters(names, 'member'), replicas, index, blockSettings.placement, shape, ast);
    const witnesses = onClusters(names, 'witness');
    mechanism ??= complete(context, draft, links, [...placed, ...witnesses]);
    const id = partitions.length;
    partitions.push({
      ...located(context, shape.at),
      id,
      name: split.partitioning.kind === 'none' ? ast.name : `${ast.name}.${shape.path}`,
      store: ast.name,
      index,
      replicas: placed,
      witnesses,
      observers: onClusters(names, 'observer'),
      spares: onClusters(names, 'spare'),
      quorums: {},
    });
    ids.push(id);
  }
  mechanism ??= { kind: 'one-copy' };
  for (const id of ids) {
    const partition = partitions[id]!;
    partitions[id] = { ...partition, quorums: quorumsOf(context, ast, mechanism, partition, id === ids[0]) };
  }
  checkLeader(
    context,
    ast,
    mechanism,
    ids.map(id => partitions[id]!),
  );
  return {
    ...located(context, ast),
    name: ast.name,
    doc: context.docOf(ast),
    clusters,
    model: settings.model,
    fields,
    recordBytes: size === undefined || Number.isNaN(size) ? defaults.recordBytes : size,
    dataBytes: settings.dataBytes,
    replicas: replicas ?? { count: members.length, perRegion: false },
    partitioning: split.partitioning,
    ...blockSettings,
    mechanism: { ...mechanism, ...located(context, mechanismAst) },
    claims: ast.claims.flatMap(block => block.claims.flatMap(claim => elaborateProperty(context, claim))),
    partitions: ids,
  };
}

function storeOptions(context: Context, ast: StoreAst): { model: DataModel; dataBytes: number | null } {
  const settings = { model: 'kv' as DataModel, dataBytes: null as number | null };
  readOptions(context, 'a store', ast.options, {
    model: option => void (settings.model = choice(context, option, models) ?? 'kv'),
    data: option => void (settings.dataBytes = first(context, option, 'Size') ?? null),
    replicas: () => {},
  });
  return settings;
}

function partitionOptions(
  context: Context,
  ...blocks: readonly (readonly Option[])[]
): Pick<Store, 'rebalance' | 'staleMap' | 'handoffWithin' | 'placement'> {
  const settings = {
    rebalance: true,
    staleMap: 'reject' as Store['staleMap'],
    handoffWithin: 'anywhere' as Store['handoffWithin'],
    placement: 'spread' as Store['placement'],
  };
  readOptions(context, 'a partitioning', blocks.flat(), {
    rebalance: option => void (settings.rebalance = onOff(context, option) ?? true),
    'stale-map': option =>
      void (settings.staleMap = choice(context, option, ['reject', 'accept'] as const) ?? 'reject'),
    handoff: option => {
      if (phraseWord(option, 'within') === 'region') settings.handoffWithin = 'region';
      else report(context, 'option-value', option, 'Hints may be kept anywhere, or: handoff within region.');
    },
    placement: option =>
      void (settings.placement = choice(context, option, ['spread', 'random', 'copysets'] as const) ?? 'spread'),
  });
  return settings;
}

/** `replicas 3 [per region]` of the partitioning or of an unpartitioned store; null: every node. */
function replicasOf(context: Context, ast: StoreAst, available: number): Placement['replicas'] {
  const option = ast.partitionings[0]?.replicas ?? ast.options.find(one => one.name === 'replicas');
  if (option === undefined) return null;
  const wanted = count(context, option.values[0], 'replicas', option);
  const per = phraseWord(option, 'per');
  if (per !== undefined && per !== 'region')
    report(context, 'option-value', option, `Replicas are counted in all or per region, not per ${per}.`);
  if (wanted === undefined) return null;
  if (per === undefined && wanted > available) {
    report(
      context,
      'replicas-exceed-nodes',
      option,
      `${wanted} replicas need ${wanted} nodes, and ${ast.name} stands on ${available} that hold data.`,
    );
    return { count: available, perRegion: false };
  }
  return { count: wanted, perRegion: per === 'region' };
}

function place(
  context: Context,
  candidates: readonly NodeId[],
  replicas: Placement['replicas'],
  index: number,
  placement: Store['placement'],
  shape: Shape,
  ast: StoreAst,
): NodeId[] {
  if (candidates.length === 0) {
    if (ast.clusters.length > 0)
      report(
        context,
        'store-without-cluster',
        shape.at,
        `No node that holds data is left for ${shape.path === '' ? ast.name : `${ast.name}.${shape.path}`}.`,
      );
    return [];
  }
  if (replicas === null) return [...candidates];
  if (!replicas.perRegion && replicas.count > candidates.length && shape.clusters.length > 0) {
    report(
      context,
      'replicas-exceed-nodes',
      shape.at,
      `${replicas.count} replicas need ${replicas.count} nodes; ${shape.clusters.join(', ')} has ${candidates.length}.`,
    );
  }
  // Copysets: whole groups of neighbours share their partitions, so that few sets of nodes hold all copies of anything.
  const start = placement === 'copysets' ? Math.floor(index / replicas.count) * replicas.count : index;
  return replicas.perRegion
    ? placePerRegion(context.nodes, candidates, replicas.count, start)
    : placeReplicas(context.nodes, candidates, replicas.count, start);
}

function mechanismOf(context: Context, ast: StoreAst): MechanismDraft | undefined {
  const [replication, ...moreReplication] = ast.replications;
  const [consensus, ...moreConsensus] = ast.consensus;
  for (const again of [...moreReplication, ...moreConsensus])
    report(context, 'duplicate-option', again, `${ast.name} already says how its copies are kept.`);
  if (replication !== undefined && consensus !== undefined) {
    report(
      context,
      'two-mechanisms',
      consensus,
      `${ast.name} has both replication and consensus; a store keeps its copies in one way.`,
      {
        related: [{ ...placeOf(replication), message: 'replication is chosen here' }],
      },
    );
  }
  if (consensus !== undefined) return elaborateConsensus(context, consensus);
  if (replication !== undefined) return elaborateReplication(context, replication);
  return { kind: 'one-copy' };
}

function complete(
  context: Context,
  draft: MechanismDraft | undefined,
  links: readonly LinkRule[],
  voters: readonly NodeId[],
): Mechanism {
  if (draft === undefined) return { kind: 'one-copy' };
  if (draft.kind !== 'raft') return draft;
  const derived = raftTimeouts(context.nodes, links, voters);
  const electionTimeoutNs =
    draft.electionTimeoutNs ??
    (draft.heartbeatNs === null
      ? derived.electionTimeoutNs
      : (derived.electionTimeoutNs.map(ns => Math.max(ns, 3 * draft.heartbeatNs!)) as unknown as readonly [
          number,
          number,
        ]));
  const heartbeatNs =
    draft.heartbeatNs ?? Math.max(1, Math.round(electionTimeoutNs[0] / defaults.raft.heartbeatsPerTimeout));
  return { ...draft, electionTimeoutNs, heartbeatNs };
}

/** The quorums of a mechanism, by the word under which they are written. */
function specsOf(mechanism: Mechanism): readonly (readonly [string, QuorumSpec])[] {
  switch (mechanism.kind) {
    case 'raft':
    case 'paxos':
    case 'multi-paxos':
      return [['quorum', mechanism.quorum]];
    case 'flexible-paxos':
      return [
        ['prepare', mechanism.prepare],
        ['accept', mechanism.accept],
      ];
    case 'fast-paxos':
      return [
        ['classic', mechanism.classic],
        ['fast', mechanism.fast],
      ];
    case 'leaderless':
      return [
        ['read', mechanism.read],
        ['write', mechanism.write],
      ];
    case 'epaxos':
      return mechanism.fast === null ? [] : [['fast', mechanism.fast]];
    case 'single-leader':
      return [
        ...(mechanism.acknowledgements === null ? [] : ([['acknowledge', mechanism.acknowledgements]] as const)),
        ['consult', mechanism.failover.consult],
      ];
    default:
      return [];
  }
}

function quorumsOf(
  context: Context,
  ast: StoreAst,
  mechanism: Mechanism,
  partition: Partition,
  tell: boolean,
): Record<string, Quorum> {
  const quorums: Record<string, Quorum> = {};
  const leader = mechanism.kind === 'single-leader' ? (mechanism.leader ?? partition.replicas[0]) : undefined;
  for (const [word, spec] of specsOf(mechanism)) {
    const counted = word === 'acknowledge' || (word === 'consult' && spec.kind !== 'majority');
    const votes =
      word === 'read' || word === 'write' || word === 'acknowledge'
        ? partition.replicas
        : [...partition.replicas, ...partition.witnesses];
    const among = counted ? votes.filter(node => node !== leader) : votes;
    const quorum = resolveQuorum(spec, among, node => context.nodes[node]!.region);
    quorums[word] = quorum;
    if (tell) checkQuorum(context, ast, word, spec, quorum, among);
  }
  return quorums;
}

function checkQuorum(
  context: Context,
  ast: StoreAst,
  word: string,
  spec: QuorumSpec,
  quorum: Quorum,
  among: readonly NodeId[],
): void {
  const at = ast.replications[0] ?? ast.consensus[0] ?? ast;
  const option =
    ast.replications[0]?.block?.options.find(one => one.name === word) ??
    ast.consensus[0]?.block?.options.find(one => one.name === word) ??
    at;
  const names = (nodes: readonly NodeId[]) => nodes.map(node => context.nodes[node]!.name).join(', ');
  const absent = quorumNodes(quorum).filter(node => node !== undefined && !among.includes(node));
  if (absent.length > 0) {
    const own = word === 'acknowledge' || word === 'consult' ? 'a follower of' : 'among the replicas of';
    return report(
      context,
      'node-not-in-store',
      option,
      `${names(absent)} ${absent.length === 1 ? 'is' : 'are'} not ${own} ${ast.name} (${names(among)}): this quorum asks ${absent.length === 1 ? 'a node' : 'nodes'} that cannot answer.`,
    );
  }
  if (spec.kind === 'grid' && spec.rows * spec.columns > among.length) {
    return report(
      context,
      'quorum-size-range',
      option,
      `A grid of ${spec.rows} × ${spec.columns} needs ${spec.rows * spec.columns} replicas; ${ast.name} has ${among.length}.`,
    );
  }
  const size = smallestQuorum(quorum);
  if (size <= among.length && size >= 1) return;
  if (word === 'acknowledge') {
    return report(
      context,
      size === 0 ? 'semisync-k-range' : 'quorum-size-range',
      option,
      size === 0
        ? 'semi-synchronous 0 waits for nobody: that is asynchronous replication.'
        : `waits for ${size} acknowledgements from ${among.length} follower(s): never.`,
    );
  }
  const what = spec.kind === 'count' ? `${word} ${spec.count}` : word;
  report(
    context,
    'quorum-size-range',
    option,
    size > among.length
      ? `${what} can never be gathered: only ${among.length} node(s) of ${ast.name} vote on it.`
      : `${what} asks nobody: a quorum has at least one node.`,
  );
}

function checkLeader(context: Context, ast: StoreAst, mechanism: Mechanism, partitions: readonly Partition[]): void {
  const named: readonly (NodeId | null)[] =
    mechanism.kind === 'single-leader'
      ? [mechanism.leader]
      : mechanism.kind === 'multi-leader'
        ? mechanism.leaders
        : mechanism.kind === 'cheap-paxos'
          ? [...mechanism.main, ...mechanism.auxiliary]
          : [];
  for (const node of named) {
    if (node === null) continue;
    const without = partitions.find(partition => ![...partition.replicas, ...partition.witnesses].includes(node));
    if (without === undefined) continue;
    report(
      context,
      'node-not-in-store',
      ast.replications[0] ?? ast.consensus[0] ?? ast,
      `${context.nodes[node]!.name} holds no copy of ${without.name}, so it cannot play its part there.`,
    );
  }
  if (mechanism.kind === 'one-copy') {
    const copies = partitions[0]?.replicas.length ?? 0;
    if (copies > 1) {
      report(
        context,
        'copies-without-mechanism',
        ast,
        `${ast.name} has ${copies} replicas and says neither replication nor consensus: nothing keeps them equal.`,
      );
    }
  }
}

function elaborateField(context: Context, field: FieldAst): Field {
  let values = null as FieldValues | null;
  let reference = (field.target === undefined ? null : referenceOf(field)) as Field['reference'];
  let zipf = 0;
  for (const attribute of field.attributes) {
    switch (attribute.name) {
      case 'values': {
        const shares = attribute.shares.map(({ value, share }) => [String(value.value), share?.value ?? 0] as const);
        const sum = shares.reduce((total, [, share]) => total + share, 0);
        if (sum > 1 + 1e-9)
          report(
            context,
            'shares-sum',
            attribute,
            `The shares of ${field.name} add up to ${Math.round(sum * 1000) / 10}%.`,
          );
        values = { kind: 'listed', shares };
        break;
      }
      case 'distinct':
        values = {
          kind: 'distinct',
          count: attribute.amount?.$type === 'NumberLiteral' ? attribute.amount.value : 1,
          zipf,
        };
        break;
      case 'zipf':
        zipf = attribute.amount?.$type === 'NumberLiteral' ? attribute.amount.value : 1;
        if (values?.kind === 'distinct') values = { ...values, zipf };
        break;
      case 'increasing':
        values = { kind: 'increasing' };
        break;
      case 'on-delete':
        if (reference === null)
          report(
            context,
            'option-not-applicable',
            attribute,
            `${field.name} refers to nothing: on-delete belongs to a reference (-> users.id).`,
          );
        else reference = { ...reference, onDelete: attribute.action ?? null };
        break;
      default:
        report(
          context,
          'option-not-applicable',
          attribute,
          `There is no attribute ${attribute.name} of a field: there are values, distinct, zipf, increasing and on-delete.`,
        );
    }
  }
  return { ...located(context, field), name: field.name, type: field.type ?? 'string', reference, values };
}

function referenceOf(field: FieldAst): Field['reference'] {
  const [store = '', name = ''] = field.target!.parts;
  return { store, field: name, onDelete: null };
}

const isolations = [
  'serializable',
  'strict-serializable',
  'snapshot',
  'repeatable-read',
  'read-committed',
  'read-uncommitted',
] as const;

export function elaborateTransactions(context: Context, files: readonly Specification[]): Transaction[] {
  const asts = files
    .flatMap(file => file.declarations.filter((one): one is TransactionAst => one.$type === 'Transaction'))
    .filter(one => one.name);
  return asts.map(ast => {
    const settings = {
      isolation: 'serializable' as Transaction['isolation'],
      concurrency: 'locks' as Transaction['concurrency'],
      deadlock: 'detect' as Transaction['deadlock'],
      commitWait: false,
    };
    readOptions(context, 'a transaction', ast.options, {
      isolation: option => void (settings.isolation = choice(context, option, isolations) ?? 'serializable'),
      concurrency: option =>
        void (settings.concurrency = choice(context, option, ['locks', 'versions'] as const) ?? 'locks'),
      deadlock: option => void (settings.deadlock = choice(context, option, ['detect', 'wait'] as const) ?? 'detect'),
      'commit-wait': option => void (settings.commitWait = onOff(context, option) ?? true),
    });
    const [access, ...others] = ast.accesses;
    for (const other of others)
      report(context, 'duplicate-option', other, `${ast.name} already says what it touches: "${oneLine(access!)}".`);
    if (access === undefined)
      report(
        context,
        'option-value',
        ast,
        `${ast.name} touches nothing: say "update orders, stock" or "read all accounts".`,
      );
    for (const again of ast.commits.slice(1))
      report(context, 'duplicate-option', again, `${ast.name} already says how it commits.`);
    return {
      ...located(context, ast),
      name: ast.name,
      doc: context.docOf(ast),
      kind: access?.kind ?? 'update',
      stores: access?.stores.map(textOf) ?? [],
      keys: access?.all ? null : (access?.count?.value ?? 1),
      commit: elaborateCommit(context, ast.commits[0]),
      ...settings,
      claims: ast.claims.flatMap(block => block.claims.flatMap(claim => elaborateProperty(context, claim))),
    };
  });
}
