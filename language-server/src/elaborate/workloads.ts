/** Workloads: clients, arrival, mix, keys, sessions. */
import type { Name, OperationShare, Operations, Option, Specification, Workload as WorkloadAst } from '@dsys/grammar';
import {
  type MixEntry,
  type Workload,
  type WorkloadOperationKind,
  workloadOperations,
} from '@dsys/runtime/design/scenario';
import type { DataModel, Store, Transaction } from '@dsys/runtime/design/store';
import { placeOf } from '../diagnostic.ts';
import { closest } from '../names/suggest.ts';
import { documentationOf } from '../parsing/comments.ts';
import { type Context, declarationsOf, located, orList, pathsOf, report, symbolOf } from './context.ts';
import { defaults } from './defaults.ts';
import { distribution } from './distributions.ts';
import { readOptions } from './options.ts';
import { askWords } from './questions.ts';
import { quorum } from './quorum-specs.ts';
import { siteOf } from './topology.ts';
import {
  choice,
  count,
  duration,
  first,
  isWord,
  literal,
  oneOfWords,
  onOff,
  phrase,
  share,
  wrongValue,
} from './values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const maxClients = 100_000;
const maxKeys = 10_000_000;
const maxRetries = 1000;

export const elaborateWorkloads = (
  context: Context,
  files: readonly Specification[],
  stores: readonly Store[],
  transactions: readonly Transaction[],
): Workload[] => declarationsOf(files, 'Workload').map(ast => elaborateWorkload(context, ast, stores, transactions));

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
  generated: false,
  doc: null,
  targets,
  mix: [],
  ...defaults.workload,
});

function elaborateWorkload(
  context: Context,
  ast: WorkloadAst,
  stores: readonly Store[],
  transactions: readonly Transaction[],
): Workload {
  const { at } = located(context, ast);
  const targets = ast.targets.length > 0 ? pathsOf(context, ast.targets) : stores.map(store => store.name);
  const draft = { ...emptyWorkload(at, ast.name, [...new Set(targets)]), doc: documentationOf(ast) ?? null };
  readOptions(context, 'a workload', ast.options, {
    clients: option => readClients(context, option, draft),
    rate: option => {
      const perSecond = first(context, option, 'Rate');
      if (perSecond !== undefined && perSecond > 0) draft.arrival = { kind: 'open', perSecond };
      else if (perSecond !== undefined) wrongValue(context, option.values[0]!, 'rate', 'more than 0');
    },
    think: option => {
      const think = distribution(context, option.values[0], 'think', option);
      if (think !== undefined) draft.arrival = { kind: 'closed', think };
    },
    keys: option => readKeys(context, option, draft),
    session: option => {
      draft.session = choice(context, option, ['sticky', 'any', 'nearest'] as const) ?? draft.session;
    },
    'session-token': option => {
      draft.sessionToken = onOff(context, option) ?? draft.sessionToken;
    },
    timeout: option => {
      draft.timeoutNs = duration(context, option.values[0], 'timeout', option, true) ?? draft.timeoutNs;
    },
    retries: option => {
      const limits = { least: 0, most: maxRetries };
      draft.retries = count(context, option.values[0], 'retries', option, limits) ?? draft.retries;
      draft.idempotent = option.values.slice(1).some(value => isWord(context, value, 'idempotent'));
    },
    cache: option => {
      draft.cacheNs = duration(context, option.values[0], 'cache', option, true) ?? null;
    },
    read: option => readOverride(context, option, draft),
    write: option => {
      const spec = quorum(context, option.values[0], 'write', option);
      if (spec !== undefined) draft.write = { quorum: spec };
    },
  });
  const [, other] = ast.options.filter(
    ({ name }, i, all) => all.findIndex(one => one.name === name) === i && (name === 'rate' || name === 'think'),
  );
  if (other !== undefined) {
    const message = 'A workload is an open loop (rate) or a closed one (think), not both: one of the two must go.';
    report(context, 'option-not-applicable', placeOf(other, 'name'), message);
  }
  const [operations, ...others] = ast.operations;
  for (const again of others) {
    report(context, 'duplicate-option', again, `${ast.name} already says what it asks for; one list holds all shares.`);
  }
  const models = stores.filter(store => draft.targets.includes(store.name)).map(store => store.model);
  const hasTransactions = transactions.some(one => draft.targets.includes(one.name));
  draft.mix =
    operations === undefined
      ? defaultMix(models, hasTransactions, at)
      : readMix(context, operations, ast, draft.targets);
  return draft;
}

/** `clients 20 in frankfurt`. Clients stand in a region or zone; a cluster or node stands for its own place. */
function readClients(context: Context, option: Option, draft: Mutable<Workload>): void {
  draft.clients = count(context, option.values[0], 'clients', option, { most: maxClients }) ?? draft.clients;
  const [where, ...more] = phrase(context, option, 'in')?.values ?? [];
  if (where === undefined) return;
  if (where.$type !== 'Name' || more.length > 0) {
    const message =
      'The clients of a workload stand in one place: clients 20 in frankfurt. Other places have workloads of their own.';
    report(context, 'option-value', more[0] ?? where, message);
    return;
  }
  draft.place = clientPlace(context, where);
}

function clientPlace(context: Context, name: Name): Workload['place'] {
  const { region, zone } = siteOf(context, name);
  if (region !== null) return { region, zone };
  const symbol = symbolOf(context, name);
  if (symbol === undefined) return null;
  const nodes = context.nodes.filter(
    node => node.cluster === symbol.path || `${node.cluster}.${node.name}` === symbol.path,
  );
  const [node, ...others] = nodes;
  if (node === undefined) return null;
  const { region: home } = node;
  if (home === null || others.some(other => other.region !== home)) {
    const where = home === null ? 'stands in no region' : 'stands in several regions';
    const message = `${symbol.path} ${where}: clients are placed in a region or a zone. Without "in" each stands beside the node that it calls.`;
    report(context, 'option-value', name, message);
    return null;
  }
  return { region: home, zone: others.every(other => other.zone === node.zone) ? node.zone : null };
}

/** `keys 1000 [uniform | sequential | zipf 1.1]`. */
function readKeys(context: Context, option: Option, draft: Mutable<Workload>): void {
  const keys = count(context, option.values[0], 'keys', option, { most: maxKeys });
  const [, value, exponent] = option.values;
  const words = ['uniform', 'sequential', 'zipf'] as const;
  const word = value === undefined ? 'uniform' : oneOfWords(context, value, 'how keys are chosen', words, option);
  if (keys === undefined || word === undefined) return;
  if (word !== 'zipf') {
    draft.keys = { count: keys, choice: word };
    return;
  }
  const zipf = exponent === undefined ? 1 : literal(context, exponent, 'NumberLiteral', 'zipf', option);
  if (zipf === undefined) return;
  if (zipf >= 0) draft.keys = { count: keys, choice: { zipf } };
  else wrongValue(context, exponent!, 'zipf', 'an exponent of at least 0 (0 is uniform, 1 is common)');
}

/** `read local [from any]`, `read majority`, `read from any`. */
function readOverride(context: Context, option: Option, draft: Mutable<Workload>): void {
  const from = phrase(context, option, 'from');
  if (from !== undefined) {
    const words = ['leader', 'followers', 'any', 'nearest'] as const;
    const source = oneOfWords(context, from.values[0], 'read from', words, option);
    if (source !== undefined) draft.read = { ...draft.read, from: source };
  }
  const [value] = option.values;
  if (value === undefined || value === from) return;
  if (isWord(context, value, 'local')) {
    draft.read = { ...draft.read, local: true };
  } else {
    const spec = quorum(context, value, 'read', option);
    if (spec !== undefined) draft.read = { ...draft.read, quorum: spec };
  }
}

function readMix(context: Context, operations: Operations, ast: WorkloadAst, targets: readonly string[]): MixEntry[] {
  const entries = operations.shares.map(each => readShare(context, each, ast, targets));
  const mix = entries.filter(entry => entry !== undefined);
  // Without what could not be understood the sum would mean nothing.
  if (mix.length === 0 || mix.length < entries.length) return mix;
  const sum = mix.reduce((total, entry) => total + entry.share, 0);
  if (Math.abs(sum - 1) > 1e-9) {
    const percent = Math.round(sum * 1e6) / 1e4;
    const way =
      percent < 100
        ? `${Math.round((100 - percent) * 1e4) / 1e4}% are missing`
        : `${Math.round((percent - 100) * 1e4) / 1e4}% are too many`;
    const message = `The operations of ${ast.name} add up to ${percent}%, not 100%: ${way}.`;
    report(context, 'operations-sum', operations, message);
  }
  return mix;
}

function readShare(
  context: Context,
  ast: OperationShare,
  workload: WorkloadAst,
  targets: readonly string[],
): MixEntry | undefined {
  askWords(context, ast, workloadOperations, 'operation');
  if (ast.amount !== undefined) context.ask?.(ast.amount, { kind: 'quantity', type: 'Percent' });
  if (!ast.operation) return undefined;
  const kind = workloadOperations.find(each => each === ast.operation);
  if (kind === undefined) {
    const near = closest(ast.operation, workloadOperations);
    const hint = near === undefined ? `There are ${orList(workloadOperations)}.` : `Did you mean ${near}?`;
    report(context, 'option-value', placeOf(ast, 'operation'), `There is no operation "${ast.operation}". ${hint}`);
    return undefined;
  }
  const amount = share(context, ast.amount, `The share of ${kind}`, ast);
  if (amount === undefined) return undefined;
  if (ast.field !== undefined && kind !== 'read' && kind !== 'scan') {
    report(context, 'option-not-applicable', ast.field, `Only read and scan go by a field; ${kind} goes by key.`);
  }
  const on = symbolOf(context, ast.target)?.path ?? null;
  if (on !== null && !targets.includes(on)) {
    const message = `${on} is no target of ${workload.name}: write workload ${workload.name} on ${[...targets, on].join(', ')}.`;
    report(context, 'option-value', ast.target!, message);
  }
  return { ...located(context, ast), kind, share: amount, on, by: ast.field?.parts.at(-1) ?? null };
}
