/** Workloads: clients, arrival, mix, keys, sessions. */
import type { Operations, Option, Specification, Workload as WorkloadAst } from '@dsys/grammar';
import type { MixEntry, Workload, WorkloadOperationKind } from '@dsys/runtime/design/scenario';
import type { DataModel, Store, Transaction } from '@dsys/runtime/design/store';
import { type Context, located, oneLine, orList, report, symbolOf, textOf } from './context.ts';
import { defaults } from './defaults.ts';
import { readOptions } from './options.ts';
import { placeOfLine } from './topology.ts';
import {
  count,
  distribution,
  duration,
  first,
  isWord,
  literal,
  onOff,
  phrase,
  phraseWord,
  quorum,
  wordOf,
} from './values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

export const operationKinds: readonly WorkloadOperationKind[] = [
  'read',
  'scan',
  'write',
  'cas',
  'delete',
  'increment',
  'add',
  'append',
  'transaction',
];

export function elaborateWorkloads(
  context: Context,
  files: readonly Specification[],
  stores: readonly Store[],
  transactions: readonly Transaction[],
): Workload[] {
  const asts = files
    .flatMap(file => file.declarations.filter((one): one is WorkloadAst => one.$type === 'Workload'))
    .filter(one => one.name);
  return asts.map(ast => elaborateWorkload(context, ast, stores, transactions));
}

/** What is asked when nothing is said: half read, half the write of the data model. */
export function defaultMix(models: readonly DataModel[], transactions: boolean, at: MixEntry['at']): MixEntry[] {
  const writes = new Set(
    models.map(model =>
      model === 'counter' ? 'increment' : model === 'set' ? 'add' : model === 'list' ? 'append' : 'write',
    ),
  );
  const kinds: WorkloadOperationKind[] = [...writes];
  if (transactions) kinds.push('transaction');
  const reads = models.length > 0 ? 0.5 : 0;
  return [
    ...(reads > 0 ? [{ at, kind: 'read' as const, share: reads, on: null, by: null }] : []),
    ...kinds.map(kind => ({ at, kind, share: (1 - reads) / kinds.length, on: null, by: null })),
  ];
}

/** Name of the workload that runs where a file has none. */
export const defaultWorkload = 'default';

export const emptyWorkload = (at: Workload['at'], name: string, targets: readonly string[]): Mutable<Workload> => ({
  at,
  name,
  doc: null,
  targets,
  clients: defaults.workload.clients,
  place: null,
  arrival: { kind: 'closed', think: defaults.workload.think },
  mix: [],
  keys: { count: defaults.workload.keys, choice: 'uniform' },
  session: 'sticky',
  sessionToken: false,
  timeoutNs: defaults.workload.timeoutNs,
  retries: 0,
  idempotent: false,
  cacheNs: null,
  read: { from: null, local: false, quorum: null },
  write: { quorum: null },
});

function elaborateWorkload(
  context: Context,
  ast: WorkloadAst,
  stores: readonly Store[],
  transactions: readonly Transaction[],
): Workload {
  const { at } = located(context, ast);
  const targets =
    ast.targets.length > 0
      ? ast.targets.flatMap(name => symbolOf(context, name)?.path ?? [])
      : stores.map(store => store.name);
  const draft = { ...emptyWorkload(at, ast.name, targets), doc: context.docOf(ast) };
  readOptions(context, 'a workload', ast.options, {
    clients: option => {
      draft.clients = count(context, option.values[0], 'clients', option) ?? draft.clients;
      const where = phrase(option, 'in')?.values[0];
      if (where?.$type === 'Name') draft.place = clientPlace(context, where);
    },
    rate: option => {
      const perSecond = first(context, option, 'Rate');
      if (perSecond !== undefined && perSecond > 0) draft.arrival = { kind: 'open', perSecond };
      else if (perSecond !== undefined) report(context, 'option-value', option, 'A rate must be more than 0.');
    },
    think: option => {
      const think = distribution(context, option.values[0], 'think', option);
      if (think !== undefined) draft.arrival = { kind: 'closed', think };
    },
    keys: option => readKeys(context, option, draft),
    session: option => {
      const word = wordOf(option.values[0]);
      if (word === 'sticky' || word === 'any' || word === 'nearest') draft.session = word;
      else report(context, 'option-value', option, 'A session is sticky, any or nearest.');
    },
    'session-token': option => void (draft.sessionToken = onOff(context, option) ?? true),
    timeout: option =>
      void (draft.timeoutNs = duration(context, option.values[0], 'timeout', option, true) ?? draft.timeoutNs),
    retries: option => {
      draft.retries = count(context, option.values[0], 'retries', option, 0) ?? 0;
      draft.idempotent = option.values.some(value => isWord(value, 'idempotent'));
    },
    cache: option => void (draft.cacheNs = duration(context, option.values[0], 'cache', option, true) ?? null),
    read: option => readOverride(context, option, draft),
    write: option => {
      const spec = quorum(context, option.values[0], 'write', option);
      if (spec !== undefined) draft.write = { quorum: spec };
    },
  });
  const both = ast.options.filter(option => option.name === 'rate' || option.name === 'think');
  if (both.length === 2)
    report(
      context,
      'option-not-applicable',
      both[1]!,
      'A workload is an open loop (rate) or a closed one (think), not both.',
    );
  const [operations, ...others] = ast.operations;
  for (const other of others) report(context, 'duplicate-option', other, `${ast.name} already says what it asks for.`);
  const models = stores.filter(store => targets.includes(store.name)).map(store => store.model);
  const hasTransactions = transactions.some(one => targets.includes(one.name));
  draft.mix = operations === undefined ? defaultMix(models, hasTransactions, at) : readMix(context, operations, ast);
  return draft;
}

/** Clients stand in regions and zones; a cluster or node stands for its own place. */
function clientPlace(context: Context, name: Parameters<typeof placeOfLine>[1]): Workload['place'] {
  const { region, zone } = placeOfLine(context, name);
  if (region !== null) return { region, zone };
  const symbol = name === undefined ? undefined : symbolOf(context, name);
  const node = context.nodes.find(one => one.cluster === symbol?.path || `${one.cluster}.${one.name}` === symbol?.path);
  if (node === undefined) return null;
  if (node.region === null) {
    report(
      context,
      'option-value',
      name!,
      `${symbol!.path} stands in no region: clients are placed in regions and zones.`,
    );
    return null;
  }
  return { region: node.region, zone: node.zone };
}

function readKeys(context: Context, option: Option, draft: Mutable<Workload>): void {
  const keys = count(context, option.values[0], 'keys', option);
  const word = wordOf(option.values[1]);
  let choice: Workload['keys']['choice'] = 'uniform';
  if (word === 'sequential' || word === 'uniform') choice = word;
  else if (word === 'zipf') {
    const zipf =
      option.values[2] === undefined ? 1 : literal(context, option.values[2], 'NumberLiteral', 'zipf', option);
    if (zipf !== undefined && zipf < 0)
      report(context, 'option-value', option, 'A Zipf exponent is at least 0; 0 is uniform, 1 is common.');
    choice = { zipf: Math.max(0, zipf ?? 1) };
  } else if (word !== undefined)
    report(context, 'option-value', option, `Keys are chosen uniform, sequential or zipf, not "${word}".`);
  if (keys !== undefined) draft.keys = { count: keys, choice };
}

/** `read local one`, `read majority`, `read from any`. */
function readOverride(context: Context, option: Option, draft: Mutable<Workload>): void {
  const from = phraseWord(option, 'from');
  if (from === 'leader' || from === 'followers' || from === 'any' || from === 'nearest') {
    draft.read = { ...draft.read, from };
    return;
  }
  const local = isWord(option.values[0], 'local');
  const value = option.values[local ? 1 : 0];
  if (value === undefined && local) {
    draft.read = { ...draft.read, local };
    return;
  }
  const spec = quorum(context, value, 'read', option);
  if (spec !== undefined) draft.read = { ...draft.read, local, quorum: spec };
}

function readMix(context: Context, operations: Operations, ast: WorkloadAst): MixEntry[] {
  const mix: MixEntry[] = [];
  for (const share of operations.shares) {
    const kind = share.operation as WorkloadOperationKind;
    if (!operationKinds.includes(kind)) {
      report(
        context,
        'option-value',
        share,
        `There is no operation "${share.operation}": there are ${orList(operationKinds)}.`,
      );
      continue;
    }
    if (share.amount.$type !== 'Percent') {
      report(context, 'option-value', share, `Operations of a workload are shares: 50% ${share.operation}.`);
      continue;
    }
    mix.push({
      ...located(context, share),
      kind,
      share: Number(share.amount.value),
      on: share.target === undefined ? null : textOf(share.target),
      by: share.field === undefined ? null : share.field.parts.at(-1)!,
    });
  }
  const sum = mix.reduce((total, entry) => total + entry.share, 0);
  if (mix.length > 0 && Math.abs(sum - 1) > 1e-9) {
    report(
      context,
      'operations-sum',
      operations,
      `The operations of ${ast.name} add up to ${Math.round(sum * 10000) / 100}%, not 100%: "${oneLine(operations)}".`,
    );
  }
  return mix;
}
