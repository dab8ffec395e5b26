/** Actions of a scenario: verbs with their targets and amounts. */
import {
  type Action as ActionAst,
  isMembershipAction,
  type MembershipAction,
  type NodeAction,
  type Target as TargetAst,
} from '@dsys/grammar';
import type { Target, Verb } from '@dsys/runtime/design/scenario';
import type { NodeId } from '@dsys/runtime/design/topology';
import { placeOf } from '../diagnostic.ts';
import { closest } from '../names/suggest.ts';
import { clientAction } from './client-actions.ts';
import { andList, type Context, nodeNames, oneLine, orList, report, symbolOf } from './context.ts';
import { readLinkOptions } from './network.ts';
import { nodesIn } from './properties.ts';
import { askWords } from './questions.ts';
import { type Data, elaborateTargets, partitionsOf } from './targets.ts';
import { blockOf, duration, literal } from './values.ts';

export interface ElaboratedAction {
  readonly verb: Verb;
  /** Undoes itself after this long; null: stays. */
  readonly forNs: number | null;
}

const verbs = [
  ...['crash', 'restart', 'pause', 'resume', 'isolate', 'cut', 'heal', 'degrade', 'slow', 'skew', 'drift'],
  ...['fail disk of', 'add', 'remove', 'promote', 'move', 'lose', 'delay', 'client'],
];

/** What an action does; undefined if it cannot be understood, which is reported. */
export function elaborateAction(
  context: Context,
  data: Data,
  ast: ActionAst | undefined,
): ElaboratedAction | undefined {
  if (ast === undefined) return undefined;
  const lasts = 'duration' in ast ? ast.duration : undefined;
  const forNs = lasts === undefined ? null : (duration(context, lasts, 'for', ast, true) ?? null);
  const verb = verbOf(context, data, ast);
  return verb === undefined ? undefined : { verb, forNs };
}

function verbOf(context: Context, data: Data, ast: ActionAst): Verb | undefined {
  const targets = (list: readonly TargetAst[]) => elaborateTargets(context, data, list);
  switch (ast.$type) {
    case 'NodeAction':
      return nodeAction(context, data, ast);
    case 'HealAction':
      return { kind: 'heal' };
    case 'CutAction': {
      const [a, b] = [targets(ast.left), targets(ast.right)];
      return a.length === 0 || b.length === 0 ? undefined : { kind: 'cut', a, b, oneWay: ast.direction === 'to' };
    }
    case 'DegradeAction': {
      const a = ast.kind === undefined ? null : targets(ast.left);
      const b = ast.kind === undefined || ast.kind === 'within' ? a : targets(ast.right);
      return degrade(context, ast, a, b);
    }
    case 'DiskAction': {
      const disks = targets(ast.targets);
      return disks.length === 0 ? undefined : { kind: 'fail-disk', targets: disks };
    }
    case 'MembershipAction':
      return membership(context, data, ast);
    case 'MoveAction':
      return move(context, data, ast);
    case 'MessageAction': {
      const from = ast.left.length === 0 ? null : targets(ast.left);
      const to = ast.right.length === 0 ? null : targets(ast.right);
      if (!ast.message || from?.length === 0 || to?.length === 0) return undefined;
      if (ast.verb === 'lose') {
        if (ast.amount !== undefined) refuse(context, ast.amount, 'A message is lost or not: leave "by" out.');
        return { kind: 'lose', message: ast.message, from, to };
      }
      const byNs = duration(context, ast.amount, 'delay by', ast, true);
      return byNs === undefined ? undefined : { kind: 'delay', message: ast.message, from, to, byNs };
    }
    case 'ClientAction':
      return clientAction(context, data, ast);
  }
}

const refuse = (context: Context, place: Parameters<typeof report>[2], message: string): void =>
  report(context, 'option-not-applicable', place, message);

function degrade(
  context: Context,
  ast: Extract<ActionAst, { $type: 'DegradeAction' }>,
  a: readonly Target[] | null,
  b: readonly Target[] | null,
): Verb | undefined {
  const found = context.diagnostics.length;
  const {
    latency,
    loss = null,
    duplicate = null,
    reorder = null,
    bitsPerSecond = null,
  } = readLinkOptions(context, 'degrade', blockOf(context, ast));
  if (context.diagnostics.length > found || a?.length === 0 || b?.length === 0) return undefined;
  const classes = Object.keys(latency ?? {}).filter(kind => kind !== 'all');
  if (classes.length > 0) {
    const message = `degrade delays every message alike: write latency without ${andList(classes)}. "delay MESSAGE by 100ms" delays one kind.`;
    refuse(context, ast.block ?? ast, message);
    return undefined;
  }
  if (ast.block !== undefined && ast.block.options.length === 0) {
    report(context, 'option-value', ast, 'degrade says what gets worse: degrade { loss 20%  latency 100ms }.');
    return undefined;
  }
  return { kind: 'degrade', a, b, loss, duplicate, reorder, latency: latency?.all ?? null, bitsPerSecond };
}

const amounts = { slow: 'Factor', skew: 'Duration', drift: 'Ppm' } as const;

function nodeAction(context: Context, data: Data, ast: NodeAction): Verb | undefined {
  const { verb } = ast;
  if (!verb) return undefined;
  const known = ['crash', 'restart', 'pause', 'resume', 'isolate', 'slow', 'skew', 'drift', 'promote'] as const;
  const kind = known.find(each => each === verb);
  if (kind === undefined) {
    const near = closest(verb, verbs);
    const hint = near === undefined ? `There are ${orList(verbs)}.` : `Did you mean ${near}?`;
    report(context, 'unknown-verb', placeOf(ast, 'verb'), `There is no action "${verb}". ${hint}`);
    return undefined;
  }
  if (ast.losing && kind !== 'crash') refuse(context, ast, 'Only a crash loses a disk: crash e1 losing disk.');
  const takesAmount = kind === 'slow' || kind === 'skew' || kind === 'drift';
  if (ast.amount !== undefined && !takesAmount) refuse(context, ast.amount, `${verb} has no amount: leave "by" out.`);
  if (ast.store !== undefined && kind !== 'promote') {
    refuse(context, ast.store, `${verb} is done to nodes, whatever they hold: leave "on" out.`);
  }
  if (ast.duration !== undefined && (kind === 'restart' || kind === 'resume' || kind === 'promote')) {
    refuse(context, ast.duration, `${verb} is not undone after a while: leave "for" out.`);
    return undefined;
  }
  const targets = elaborateTargets(context, data, ast.targets);
  if (ast.amount !== undefined && takesAmount) context.ask?.(ast.amount, { kind: 'quantity', type: amounts[kind] });
  if (targets.length === 0) return undefined;
  switch (kind) {
    case 'crash':
      return { kind, targets, losingDisk: ast.losing };
    case 'slow': {
      const factor = literal(context, ast.amount, amounts[kind], 'slow by', ast);
      if (factor === undefined) return undefined;
      if (factor > 1) return { kind, targets, factor };
      report(context, 'option-value', ast.amount ?? ast, 'A slowed node takes longer: slow e2 by 10x.');
      return undefined;
    }
    case 'skew': {
      const byNs = literal(context, ast.amount, amounts[kind], 'skew by', ast);
      return byNs === undefined ? undefined : { kind, targets, byNs };
    }
    case 'drift': {
      const ppm = literal(context, ast.amount, amounts[kind], 'drift by', ast);
      return ppm === undefined ? undefined : { kind, targets, ppm };
    }
    case 'promote':
      return promote(context, data, ast, targets);
    default:
      return { kind, targets };
  }
}

const namedIn = (targets: readonly Target[]): NodeId[] =>
  targets.flatMap(target => ('nodes' in target ? [...target.nodes] : []));

function promote(context: Context, data: Data, ast: NodeAction, targets: readonly Target[]): Verb | undefined {
  const nodes = namedIn(targets);
  const held = new Set(
    data.partitions.filter(one => nodes.some(node => one.replicas.includes(node))).map(one => one.store),
  );
  const path =
    ast.store === undefined ? (held.size === 1 ? [...held][0] : undefined) : symbolOf(context, ast.store)?.path;
  if (path === undefined) {
    if (ast.store === undefined) {
      const example = [...held][0] ?? data.stores[0]?.name ?? 'S';
      report(context, 'option-value', ast, `Promoted in which store? ${oneLine(ast)} on ${example}.`);
    }
    return undefined;
  }
  const store = storeOf(data, path);
  const copies = data.partitions.filter(one => one.store === store).flatMap(one => [...one.replicas, ...one.observers]);
  const stranger = nodes.find(node => !copies.includes(node));
  if (stranger !== undefined && copies.length > 0) {
    const message = `${nodeNames(context, [stranger])} holds no copy of ${store}, so it cannot lead it.`;
    report(context, 'node-not-in-store', ast, message);
  }
  return { kind: 'promote', targets, store };
}

/** The store of a partition, or the store itself. */
const storeOf = (data: Data, path: string): string => data.partitions[partitionsOf(data, path)[0] ?? -1]?.store ?? path;

/** Nodes that are named; roles cannot stand where new members or homes are meant, and are reported. */
function byName(context: Context, targets: readonly TargetAst[], example: string): NodeId[] {
  const nodes = new Set<NodeId>();
  for (const target of targets) {
    if (target.$type === 'Name' && symbolOf(context, target) !== undefined) {
      for (const node of nodesIn(context, target)) nodes.add(node);
    } else if (target.$type === 'Role' || ['rest', 'all'].includes(oneLine(target))) {
      report(context, 'option-value', target, `"${oneLine(target)}" is no name of a node: ${example}.`);
    }
  }
  return [...nodes];
}

function membership(context: Context, data: Data, ast: MembershipAction): Verb | undefined {
  askWords(context, ast, ['voter', 'observer'], 'role');
  const path = symbolOf(context, ast.store)?.path;
  if (path === undefined) return undefined;
  const store = storeOf(data, path);
  if (ast.verb === 'remove') {
    if (ast.role !== undefined) refuse(context, ast, 'A node is removed, whatever it was: leave "as" out.');
    const nodes = elaborateTargets(context, data, ast.targets);
    return nodes.length === 0 ? undefined : { kind: 'remove', nodes, store };
  }
  const as = ast.role ?? 'voter';
  if (as !== 'observer' && as !== 'voter') {
    report(context, 'option-value', ast, `A node is added as voter or as observer, not as "${as}".`);
    return undefined;
  }
  const nodes = byName(context, ast.targets, `add e9 to ${store}`);
  if (nodes.length === 0) return undefined;
  const members = data.partitions
    .filter(one => one.store === store)
    .flatMap(one => [...one.replicas, ...one.witnesses]);
  const left = new Set(removedBefore(context, ast, path));
  const already = nodes.filter(node => members.includes(node) && !left.has(node));
  if (already.length > 0 && as === 'voter') {
    const are = already.length === 1 ? 'belongs' : 'belong';
    const message = `${nodeNames(context, already)} ${are} to ${store} from the beginning; what is added later is a spare: "spare e9" in the cluster.`;
    report(context, 'node-already-in-store', ast, message, { severity: 'warning' });
  }
  return { kind: 'add', nodes, store, as };
}

/** Nodes that the lines before it remove from the store: those may come back. */
function removedBefore(context: Context, ast: MembershipAction, path: string): NodeId[] {
  const { schedule } = ast.$container.$container;
  const actions = schedule.slice(0, schedule.indexOf(ast.$container)).flatMap(({ action }) => action ?? []);
  return actions
    .filter(isMembershipAction)
    .filter(({ verb, store }) => verb === 'remove' && symbolOf(context, store)?.path === path)
    .flatMap(({ targets }) => targets)
    .flatMap(one => (one.$type === 'Name' && symbolOf(context, one) !== undefined ? [...nodesIn(context, one)] : []));
}

function move(context: Context, data: Data, ast: Extract<ActionAst, { $type: 'MoveAction' }>): Verb | undefined {
  const path = symbolOf(context, ast.partition)?.path;
  const partitions = path === undefined ? [] : partitionsOf(data, path);
  const nodes = byName(context, ast.targets, `move ${path} to us`);
  const [partition, ...others] = partitions;
  if (partition === undefined || nodes.length === 0) return undefined;
  if (others.length > 0) {
    const { name } = data.partitions[partition]!;
    const message = `${path} is ${partitions.length} partitions; one is moved at a time: move ${name} to ${oneLine(ast.targets[0])}.`;
    report(context, 'option-value', ast.partition, message);
    return undefined;
  }
  return { kind: 'move', partition, to: ast.targets.map(oneLine).join(', '), nodes };
}
