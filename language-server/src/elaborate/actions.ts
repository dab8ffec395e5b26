/** Actions of a scenario: verbs with their targets and amounts. */
import type { Action as ActionAst, ClientAction, Datum, NodeAction } from '@dsys/grammar';
import type { Value, Verb } from '@dsys/runtime/design/scenario';
import { type Context, nodeOf, oneLine, orList, report, symbolOf, textOf } from './context.ts';
import { readLinkOptions } from './network.ts';
import { nodesAt } from './properties.ts';
import { type Data, elaborateTargets, partitionsOf } from './targets.ts';
import { duration, literal } from './values.ts';

export interface ElaboratedAction {
  readonly verb: Verb;
  readonly forNs: number | null;
}

const verbs = [
  'crash',
  'restart',
  'pause',
  'resume',
  'isolate',
  'cut',
  'heal',
  'degrade',
  'slow',
  'skew',
  'drift',
  'fail disk of',
  'add',
  'remove',
  'promote',
  'move',
  'lose',
  'delay',
  'client',
];

export function elaborateVerb(context: Context, data: Data, ast: ActionAst): ElaboratedAction | undefined {
  const targets = (list: Parameters<typeof elaborateTargets>[2]) => elaborateTargets(context, data, list);
  const forNs =
    'duration' in ast && ast.duration !== undefined
      ? (duration(context, ast.duration, 'for', ast, true) ?? null)
      : null;
  const of = (verb: Verb): ElaboratedAction => ({ verb, forNs });
  switch (ast.$type) {
    case 'NodeAction':
      return nodeAction(context, data, ast, forNs);
    case 'HealAction':
      return of({ kind: 'heal' });
    case 'CutAction': {
      const a = targets(ast.left);
      const b = targets(ast.right);
      if (a.length === 0 || b.length === 0) return undefined;
      return of({ kind: 'cut', a, b, oneWay: ast.direction === 'to' });
    }
    case 'DegradeAction': {
      const draft = readLinkOptions(context, 'degrade', ast.block?.options ?? []);
      if (Object.keys(draft).length === 0)
        report(
          context,
          'option-value',
          ast,
          'degrade says what gets worse: degrade { loss 20% latency 100ms } between eu and us.',
        );
      const a = ast.kind === undefined ? null : targets(ast.left);
      const b = ast.kind === undefined ? null : ast.kind === 'within' ? a : targets(ast.right);
      const { loss = null, duplicate = null, reorder = null, bitsPerSecond = null } = draft;
      return of({
        kind: 'degrade',
        a,
        b,
        loss,
        duplicate,
        reorder,
        latency: draft.latency?.all ?? null,
        bitsPerSecond,
      });
    }
    case 'DiskAction':
      return of({ kind: 'fail-disk', targets: targets(ast.targets) });
    case 'MembershipAction':
      return membership(context, data, ast, forNs);
    case 'MoveAction': {
      const path = symbolOf(context, ast.partition)?.path;
      const [partition] = path === undefined ? [] : partitionsOf(data, path);
      const [to] = targets(ast.targets);
      if (partition === undefined || to === undefined) return undefined;
      const nodes = ast.targets.flatMap(target => (target.$type === 'Name' ? namedNodes(context, target) : []));
      return of({ kind: 'move', partition, to: to.text, nodes });
    }
    case 'MessageAction': {
      const from = ast.left.length === 0 ? null : targets(ast.left);
      const to = ast.right.length === 0 ? null : targets(ast.right);
      if (ast.verb === 'lose') return of({ kind: 'lose', message: ast.message, from, to });
      const byNs = duration(context, ast.amount, 'delay by', ast, true);
      return byNs === undefined ? undefined : of({ kind: 'delay', message: ast.message, from, to, byNs });
    }
    case 'ClientAction':
      return clientAction(context, data, ast);
  }
}

function nodeAction(context: Context, data: Data, ast: NodeAction, forNs: number | null): ElaboratedAction | undefined {
  const targets = elaborateTargets(context, data, ast.targets);
  if (targets.length === 0) return undefined;
  const { verb } = ast;
  if (ast.losing && verb !== 'crash')
    report(context, 'option-not-applicable', ast, 'Only a crash loses a disk: crash e1 losing disk.');
  const takesAmount = verb === 'slow' || verb === 'skew' || verb === 'drift';
  if (ast.amount !== undefined && !takesAmount)
    report(context, 'option-not-applicable', ast.amount, `${verb} has no amount.`);
  switch (verb) {
    case 'crash':
      return { verb: { kind: 'crash', targets, losingDisk: ast.losing }, forNs };
    case 'restart':
    case 'resume':
      if (forNs !== null)
        report(context, 'option-not-applicable', ast, `${verb} is not undone after a while: leave "for" out.`);
      return { verb: { kind: verb, targets }, forNs: null };
    case 'pause':
    case 'isolate':
      return { verb: { kind: verb, targets }, forNs };
    case 'slow': {
      const factor = literal(context, ast.amount, 'Factor', 'slow by', ast);
      if (factor !== undefined && factor < 1)
        report(context, 'option-value', ast, 'A slowed node takes at least as long: slow e2 by 10x.');
      return factor === undefined || factor < 1 ? undefined : { verb: { kind: 'slow', targets, factor }, forNs };
    }
    case 'skew': {
      const byNs = literal(context, ast.amount, 'Duration', 'skew by', ast);
      return byNs === undefined ? undefined : { verb: { kind: 'skew', targets, byNs }, forNs };
    }
    case 'drift': {
      const ppm = literal(context, ast.amount, 'Ppm', 'drift by', ast);
      return ppm === undefined ? undefined : { verb: { kind: 'drift', targets, ppm }, forNs };
    }
    case 'promote': {
      const store =
        ast.store === undefined
          ? onlyStoreOf(
              data,
              targets.flatMap(target => ('nodes' in target ? target.nodes : [])),
            )
          : symbolOf(context, ast.store)?.path;
      if (store === undefined) {
        if (ast.store === undefined)
          report(context, 'option-value', ast, 'Promoted in which store? promote e2 on orders.');
        return undefined;
      }
      return { verb: { kind: 'promote', targets, store: storeName(data, store) }, forNs: null };
    }
    default:
      report(context, 'unknown-verb', ast, `There is no action "${verb}": there are ${orList(verbs)}.`);
      return undefined;
  }
}

/** The one store that all these nodes hold; undefined when there are several or none. */
function onlyStoreOf(data: Data, nodes: readonly number[]): string | undefined {
  const stores = new Set(
    data.partitions.filter(one => nodes.some(node => one.replicas.includes(node))).map(one => one.store),
  );
  return stores.size === 1 ? [...stores][0] : undefined;
}

const storeName = (data: Data, path: string): string =>
  data.partitions[partitionsOf(data, path)[0] ?? -1]?.store ?? path;

function namedNodes(context: Context, name: Parameters<typeof nodeOf>[1]): readonly number[] {
  const node = nodeOf(context, name);
  const symbol = symbolOf(context, name);
  return node !== undefined ? [node] : symbol === undefined ? [] : nodesAt(context, symbol.path, symbol.kind);
}

function membership(
  context: Context,
  data: Data,
  ast: Extract<ActionAst, { $type: 'MembershipAction' }>,
  forNs: number | null,
): ElaboratedAction | undefined {
  const path = symbolOf(context, ast.store)?.path;
  if (path === undefined) return undefined;
  const store = storeName(data, path);
  if (ast.verb === 'remove') {
    if (ast.role !== undefined)
      report(context, 'option-not-applicable', ast, 'A node is removed, whatever it was: leave "as" out.');
    return { verb: { kind: 'remove', nodes: elaborateTargets(context, data, ast.targets), store }, forNs: null };
  }
  const as = ast.role ?? 'voter';
  if (as !== 'observer' && as !== 'voter') {
    report(context, 'option-value', ast, `A node is added as voter or observer, not as "${as}".`);
    return undefined;
  }
  const nodes = ast.targets.flatMap(target => (target.$type === 'Name' ? namedNodes(context, target) : []));
  if (nodes.length === 0) {
    report(context, 'option-value', ast, 'Nodes are added by name: add e9 to orders.');
    return undefined;
  }
  const members = new Set(
    data.partitions.filter(one => one.store === store).flatMap(one => [...one.replicas, ...one.witnesses]),
  );
  const already = nodes.find(node => members.has(node));
  if (already !== undefined && as === 'voter')
    report(
      context,
      'duplicate-name',
      ast,
      `${context.nodes[already]!.name} already holds ${store}; spares are added: "spare e9".`,
      { severity: 'warning' },
    );
  return { verb: { kind: 'add', nodes, store, as }, forNs };
}

const operations = ['read', 'write', 'cas', 'increment', 'add', 'append', 'delete', 'transaction'] as const;
type Operation = (typeof operations)[number];

function clientAction(context: Context, data: Data, ast: ClientAction): ElaboratedAction | undefined {
  const operation = ast.operation as Operation;
  if (!operations.includes(operation)) {
    report(context, 'option-value', ast, `A client can ${orList(operations)}, not "${ast.operation}".`);
    return undefined;
  }
  const needsValue = operation === 'write' || operation === 'cas';
  if (needsValue && ast.value === undefined) {
    report(
      context,
      'option-value',
      ast,
      operation === 'write'
        ? 'What is written? client c1 write x = 1.'
        : 'A compare-and-set names both values: client c1 cas x = 1 -> 2.',
    );
    return undefined;
  }
  if (operation === 'cas' && ast.newValue === undefined) {
    report(context, 'option-value', ast, 'A compare-and-set names both values: client c1 cas x = 1 -> 2.');
    return undefined;
  }
  if (ast.newValue !== undefined && operation !== 'cas')
    report(context, 'option-not-applicable', ast, `Only cas has a second value: ${oneLine(ast)}.`);
  const on =
    ast.store === undefined
      ? data.stores.length === 1
        ? data.stores[0]!.name
        : undefined
      : symbolOf(context, ast.store)?.path;
  if (on === undefined) {
    if (ast.store === undefined)
      report(
        context,
        'option-value',
        ast,
        `On which store? There are ${data.stores.map(store => store.name).join(', ')}: ${oneLine(ast)} on ${data.stores[0]?.name ?? 'S'}.`,
      );
    return undefined;
  }
  const via = ast.via === undefined ? null : elaborateTargets(context, data, [ast.via]);
  const holds = data.partitions.filter(one => one.store === on).flatMap(one => [...one.replicas, ...one.observers]);
  const stranger = via?.flatMap(target => ('nodes' in target ? target.nodes : [])).find(node => !holds.includes(node));
  if (stranger !== undefined)
    report(context, 'node-not-in-store', ast.via!, `${context.nodes[stranger]!.name} holds no copy of ${on}.`);
  const value = datum(ast.value);
  const newValue = datum(ast.newValue);
  return {
    verb: {
      kind: 'operation',
      client: ast.client,
      operation,
      key: String(datum(ast.key) ?? ''),
      value: operation === 'cas' ? newValue : value,
      expected: operation === 'cas' ? value : null,
      via,
      on,
    },
    forNs: null,
  };
}

/** `nothing` is the absent value: cas x = nothing -> 1. */
function datum(value: Datum | undefined): Value {
  if (value === undefined) return null;
  if (value.$type === 'Name') {
    const text = textOf(value);
    return text === 'nothing' ? null : text;
  }
  return value.value as Value;
}
