/** A scenario's actions in time: faults, topology changes, scripted client operations. */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { Mover } from '../clients/mover.ts';
import { give, type Operator } from '../clients/operator.ts';
import { type Asked, type Session, type SessionSettings, start } from '../clients/session.ts';
import { type Runnable, transactionAsked } from '../clients/transactions.ts';
import type { Design } from '../design/design.ts';
import type { Action, Scenario, Verb } from '../design/scenario.ts';
import type { PartitionId, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { type Faults, type FaultVerb, startFault } from '../kernel/faults.ts';
import { memberOf, type Simulation, schedule } from '../kernel/simulation.ts';
import { leaderOf, resolveTarget } from '../kernel/targets.ts';
import type { AdminRequest } from '../protocols/contract.ts';
import { copiesOn, type MapChange, nextMap } from './partitions.ts';

export interface Stage {
  readonly sim: Simulation;
  readonly faults: Faults;
  readonly operator: Operator;
  readonly scenario: Scenario;
  readonly design: Design;
  readonly originNs: number;
  readonly transactions: readonly Runnable[];
  readonly unique: { next: number };
  /** What actions do to the maps of stores. */
  readonly changes: ReadonlyMap<Action, MapChange>;
  readonly mover: Mover;
  readonly newSession: (name: string, workload: string | null, settings: SessionSettings, turn: number) => Session;
}

/** Scripted clients stand beside the node that they call, wait a second, and do not retry. */
const scripted: SessionSettings = {
  session: 'sticky',
  sessionToken: false,
  timeoutNs: 1_000_000_000,
  retries: 0,
  idempotent: false,
  cacheNs: null,
  place: null,
};

export function scheduleActions(stage: Stage): void {
  const { sim, scenario, originNs } = stage;
  const script = createScript(stage);
  for (const action of scenario.actions) {
    const { trigger } = action;
    const act = () => perform(stage, script, action);
    if (trigger.kind === 'at') schedule(sim, originNs + trigger.ns, act);
    else if (trigger.kind === 'every') {
      for (let at = trigger.fromNs; at < trigger.untilNs; at += trigger.periodNs) schedule(sim, originNs + at, act);
    }
  }
}

function perform(stage: Stage, script: Script, action: Action): void {
  const { verb } = action;
  switch (verb.kind) {
    case 'operation':
      return script(verb, action);
    case 'add':
    case 'remove':
    case 'promote':
    case 'move':
      return order(stage, action, verb);
    default:
      startFault(stage.faults, verb as FaultVerb, action.forNs, action.text, action.at);
  }
}

function order(
  stage: Stage,
  action: Action,
  verb: Extract<Verb, { kind: 'add' | 'remove' | 'promote' | 'move' }>,
): void {
  const { design, faults, operator, mover } = stage;
  faults.counts[verb.kind] = (faults.counts[verb.kind] ?? 0) + 1;
  const change = stage.changes.get(action);
  const leaving =
    verb.kind === 'remove' ? verb.nodes.flatMap(target => resolveTarget(faults.context, target, []).nodes) : [];
  if (change !== undefined) {
    mover.change(change.store.name, action.text, action.at, map => nextMap(design, change, map, leaving));
    if (change.kind === 'remove') takeOver(stage, action, change.store, leaving);
    return;
  }
  const partitions =
    verb.kind === 'move' ? [verb.partition] : design.stores.find(store => store.name === verb.store)!.partitions;
  for (const partition of partitions) {
    const base = { text: action.text, at: action.at, partition, outcome: 'asked' };
    if (verb.kind === 'promote') {
      const node = verb.targets.flatMap(target => resolveTarget(faults.context, target, []).nodes)[0];
      if (node === undefined) {
        faults.skipped.push(`${action.text}: nobody to promote`);
        continue;
      }
      give(operator, { ...base, otherwise: node, make: id => ({ kind: 'promote', id, node }) });
      continue;
    }
    const members = design.partitions[partition]!.replicas;
    const add: readonly NodeId[] = verb.kind === 'add' || verb.kind === 'move' ? verb.nodes : [];
    const remove: readonly NodeId[] =
      verb.kind === 'remove' ? leaving : verb.kind === 'move' ? members.filter(node => !verb.nodes.includes(node)) : [];
    const as = verb.kind === 'add' ? verb.as : 'voter';
    give(operator, { ...base, otherwise: null, make: id => ({ kind: 'change-members', id, add, remove, as }) });
  }
}

/** Copies of other partitions on nodes that leave: first somebody else gets one, then the node goes. */
function takeOver({ design, sim, operator }: Stage, action: Action, store: Store, leaving: readonly NodeId[]): void {
  const base = (partition: PartitionId) => ({
    text: action.text,
    at: action.at,
    partition,
    outcome: 'asked',
    otherwise: null,
  });
  for (const { partition, remove, add } of copiesOn(design, store, leaving)) {
    const come = add.filter(node => memberOf(sim, partition, node));
    const order = (change: Pick<MemberChange, 'add' | 'remove'>, after?: () => void): void =>
      give(operator, {
        ...base(partition),
        make: id => ({ kind: 'change-members', id, ...change, as: 'voter' }),
        ...(after && { after }),
      });
    const stays = [...design.partitions[partition]!.replicas, ...come].find(node => !remove.includes(node));
    const goes = () => {
      const leader = leaderOf(sim, [partition]);
      // A primary does not leave: somebody else leads first.
      if (
        store.mechanism.kind === 'single-leader' &&
        leader !== undefined &&
        remove.includes(leader) &&
        stays !== undefined
      )
        give(operator, {
          ...base(partition),
          make: id => ({ kind: 'promote', id, node: stays }),
          after: () => order({ add: [], remove }),
        });
      else order({ add: [], remove });
    };
    if (come.length === 0) goes();
    else order({ add: come, remove: [] }, goes);
  }
}

type MemberChange = Extract<AdminRequest, { kind: 'change-members' }>;

type Operation = Extract<Verb, { kind: 'operation' }>;
type Script = (operation: Operation, action: Action) => void;

interface ScriptedClient {
  readonly session: Session;
  readonly waiting: { readonly operation: Operation; readonly action: Action }[];
}

/** Scripted clients do one thing after the other: an operation that comes due while one is open waits for it. */
function createScript(stage: Stage): Script {
  const clients = new Map<string, ScriptedClient>();
  const run = (client: ScriptedClient) => {
    const next = client.waiting[0];
    if (next === undefined || client.session.current !== null) return;
    client.waiting.shift();
    const { operation, action } = next;
    const via =
      operation.via === null
        ? null
        : (operation.via.flatMap(target => resolveTarget(stage.faults.context, target, []).nodes)[0] ?? null);
    start(client.session, askedOf(stage, operation, { via, at: action.at, declaration: action.text }), () =>
      run(client),
    );
  };
  return (operation, action) => {
    let client = clients.get(operation.client);
    if (client === undefined) {
      client = { session: stage.newSession(operation.client, null, scripted, 0), waiting: [] };
      clients.set(operation.client, client);
    }
    client.waiting.push({ operation, action });
    run(client);
  };
}

function askedOf(stage: Stage, operation: Operation, from: Pick<Asked, 'via' | 'at' | 'declaration'>): Asked {
  if (operation.operation === 'transaction') {
    const runnable = stage.transactions.find(({ transaction }) => transaction.name === operation.on)!;
    const keysOf = (store: Store, count: number | null) => scriptedKeys(stage.scenario, store, count);
    // Negative, so that no workload writes the same.
    return transactionAsked(runnable, keysOf, () => -stage.unique.next++, from);
  }
  const store = stage.design.stores.find(one => one.name === operation.on)!;
  return {
    store,
    kind: operation.operation as OperationKind,
    key: keyOf(store, operation),
    input: inputOf(operation),
    ...from,
  };
}

/** Keys that the scenario's scripted operations name on the store, in order; then `k0`, `k1`, … until there are enough. */
function scriptedKeys(scenario: Scenario, store: Store, count: number | null): readonly string[] {
  if (store.model === 'register') return ['x'];
  const named = scenario.actions.flatMap(({ verb }) =>
    verb.kind === 'operation' && verb.on === store.name ? [verb.key] : [],
  );
  const keys = new Set([...new Set(named)].slice(0, count ?? undefined));
  for (let i = 0; keys.size < (count ?? 1); i++) keys.add(`k${i}`);
  return [...keys];
}

const keyOf = (store: Store, operation: Operation): string => (store.model === 'register' ? 'x' : operation.key);

function inputOf(operation: Operation): Value {
  switch (operation.operation) {
    case 'read':
      return null;
    case 'cas':
      return [operation.expected, operation.value];
    case 'increment':
      return operation.value ?? 1;
    default:
      return operation.value;
  }
}
