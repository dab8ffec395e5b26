/**
 * A client session: one operation at a time, each in attempts. An attempt that is refused turns to the next node; one
 * that times out, or is told that nobody knows, leaves the outcome open. What is recorded is what the client can know.
 */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { Overrides, Workload } from '../design/scenario.ts';
import type { SourceRange } from '../design/source.ts';
import type { Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { RandomStream } from '../kernel/random.ts';
import type { Port, Simulation } from '../kernel/simulation.ts';
import { schedule } from '../kernel/simulation.ts';
import { transmit } from '../kernel/transport.ts';
import type { ClientRequest, Reply, StoreMap } from '../protocols/contract.ts';
import { type Cache, type Cached, cachedReadNs } from './cache.ts';
import { askDirectory } from './directory.ts';
import { carriedTo, learn } from './knowledge.ts';
import { type ClientLog, complete, invoke, type LoggedOperation } from './log.ts';
import type { Router } from './router.ts';
import { nodesByDistance } from './routing.ts';
import { routed, type Step } from './transaction-routes.ts';

/** How a session behaves; a workload's settings, or those of a scripted client. */
export type SessionSettings = Pick<
  Workload,
  'session' | 'sessionToken' | 'timeoutNs' | 'retries' | 'idempotent' | 'cacheNs' | 'place'
> &
  Partial<Overrides>;

/** Pause after every known node has refused: a leader may be in the making. */
const refusedEverywherePauseNs = 10_000_000;

export interface Session {
  readonly sim: Simulation;
  readonly log: ClientLog;
  readonly port: Port;
  readonly process: number;
  readonly settings: SessionSettings;
  /** How it wants its requests to be served; undefined: as each store has chosen. */
  readonly overrides: Overrides | undefined;
  readonly random: RandomStream;
  /** Whose turn it is among equally near nodes. */
  readonly turn: number;
  /** Position in the list of near nodes, by partition: where a sticky session is at home now. */
  readonly home: Map<number, number>;
  sequence: number;
  current: Attempting | null;
  /** Last value read or written per key: what a compare-and-set expects. */
  readonly known: Map<string, Value>;
  /** What it was given to keep, by store and key. */
  readonly contexts: Map<string, unknown>;
  /** What it has seen, by partition, if it carries tokens. */
  readonly tokens: Map<number, unknown>;
  readonly cache: Cache;
  /** What it knows of where keys are. */
  readonly router: Router;
  /** Who waits for the answer to which request that is no attempt. */
  readonly gathering: Map<number, (reply: Reply) => void>;
}

interface Attempting {
  readonly operation: LoggedOperation;
  /** null: a transaction's. */
  readonly store: Store | null;
  /** The group to ask; -1: the store's directory has to say. */
  partition: number;
  nodes: readonly NodeId[];
  readonly via: NodeId | null;
  /** What is asked, where it is not what the history records. */
  input: Value | undefined;
  /** Of a transaction. */
  readonly steps: readonly Step[] | undefined;
  readonly sequence: number;
  position: number;
  attempt: number;
  /** Request under way; -1: none. */
  request: number;
  /** Some attempt may have taken effect. */
  ambiguous: boolean;
  refusals: number;
  attemptEndsNs: number;
  readonly done: (operation: LoggedOperation) => void;
}

export interface Asked {
  /** null: a transaction's. */
  readonly store: Store | null;
  readonly kind: OperationKind;
  readonly key: string;
  readonly input: Value;
  /** Steps of a transaction, and the group that coordinates it. */
  readonly transaction?: { readonly name: string; readonly coordinator: number; readonly steps: readonly Step[] };
  /** Node to turn to; null: by the session's routing. */
  readonly via: NodeId | null;
  /** Where it is written: in which workload, or as which action. */
  readonly at: SourceRange;
  readonly declaration: string;
}

export function start(session: Session, asked: Asked, done: (operation: LoggedOperation) => void): void {
  const { sim, log } = session;
  const { kind, key, input } = asked;
  const operation = invoke(
    sim,
    log,
    session.port.endpoint,
    { process: session.process, store: asked.transaction?.name ?? asked.store!.name, key, kind, input },
    sim.trace.source(asked.at, asked.declaration, ''),
  );
  const partition = asked.transaction?.coordinator ?? session.router.groupFor(asked.store!, asked.key);
  if (partition === undefined) {
    complete(
      sim,
      operation,
      session.port.endpoint,
      'fail',
      null,
      `no partition of ${operation.store} holds such a key`,
    );
    return done(operation);
  }
  const nodes = asked.via !== null ? [asked.via] : servingNodes(session, partition, asked.kind);
  session.current = {
    operation,
    store: asked.store,
    partition: partition ?? -1,
    nodes,
    via: asked.via,
    input: asked.transaction && [],
    steps: asked.transaction?.steps,
    sequence: ++session.sequence,
    position: partition === null ? 0 : firstPosition(session, partition, nodes.length),
    attempt: 0,
    request: -1,
    ambiguous: false,
    refusals: 0,
    attemptEndsNs: 0,
    done,
  };
  const cached = kind === 'read' && asked.via === null ? session.cache.find(operation.store, key, sim.now) : undefined;
  if (cached === undefined) beginAttempt(session, session.current);
  else answerFromCache(session, session.current, cached);
}

function answerFromCache(session: Session, current: Attempting, { value, event }: Cached): void {
  const { sim, port } = session;
  const { id } = current.operation;
  const text = `answers from its cache: what it was told at event ${event}`;
  const row = sim.trace.event(sim.now, 'local', port.endpoint, 'cache', event, id, text);
  schedule(sim, sim.now + cachedReadNs, () => {
    sim.cause = row;
    finish(session, current, 'ok', value, '');
  });
}

/** null: not known yet. */
function servingNodes(
  { sim, settings, turn }: Session,
  partition: number | null,
  kind: OperationKind,
): readonly NodeId[] {
  if (partition === null) return [];
  const { replicas, observers } = sim.design.partitions[partition]!;
  return nodesByDistance(sim.design, settings.place, kind === 'read' ? [...replicas, ...observers] : replicas, turn);
}

/** Turns to whoever holds the key by the map that the session knows now; the directory is asked where it knows none. */
function reroute(session: Session, current: Attempting): void {
  const { operation, store } = current;
  const partition = session.router.groupFor(store!, operation.key);
  if (partition === null) return lookUp(session, current, store!);
  if (partition === undefined)
    return finish(session, current, current.ambiguous ? 'unknown' : 'fail', null, 'no partition holds such a key');
  if (partition !== current.partition) {
    const first = current.partition < 0 && current.via !== null;
    current.partition = partition;
    if (!first) current.nodes = servingNodes(session, partition, operation.kind);
    current.position = firstPosition(session, partition, current.nodes.length);
  }
  ask(session, current, current.nodes[current.position % current.nodes.length]!);
}

/** Asks the directory of a store, and goes on with the attempt. */
function lookUp(session: Session, current: Attempting, store: Store): void {
  const { attempt } = current;
  const isOver = () =>
    session.current !== current || current.attempt !== attempt || session.sim.now >= current.attemptEndsNs;
  askDirectory(session, store, isOver, () => {
    if (current.steps === undefined) reroute(session, current);
    else routeSteps(session, current, current.steps);
  });
}

/** Asks the coordinator, with the groups that hold the keys. */
function routeSteps(session: Session, current: Attempting, steps: readonly Step[]): void {
  const found = routed(session.sim.design, session.router, steps);
  if (found === undefined) return finish(session, current, 'fail', null, 'no partition holds such a key');
  if ('ask' in found) return lookUp(session, current, found.ask);
  current.input = found.input;
  ask(session, current, current.nodes[current.position % current.nodes.length]!);
}

function firstPosition(session: Session, partition: number, count: number): number {
  switch (session.settings.session) {
    case 'any':
      return session.random.int(count);
    case 'nearest':
      return 0;
    case 'sticky':
      return (session.home.get(partition) ?? 0) % count;
  }
}

function beginAttempt(session: Session, current: Attempting): void {
  const { sim, settings } = session;
  current.attemptEndsNs = sim.now + settings.timeoutNs;
  current.refusals = 0;
  sim.cause = current.operation.invokeEvent;
  const { attempt } = current;
  schedule(sim, current.attemptEndsNs, () => {
    if (session.current === current && current.attempt === attempt) timedOut(session, current);
  });
  if (current.steps !== undefined) routeSteps(session, current, current.steps);
  else if (current.partition < 0) lookUp(session, current, current.store!);
  else ask(session, current, current.nodes[current.position % current.nodes.length]!);
}

function ask(session: Session, current: Attempting, node: NodeId): void {
  const { sim, log, settings } = session;
  const { operation } = current;
  operation.node = node;
  const request: ClientRequest = {
    id: log.attempts++,
    command: {
      kind: operation.kind,
      key: operation.key,
      input: current.input ?? operation.input,
      operation: operation.id,
    },
    session: settings.idempotent ? { client: session.process, sequence: current.sequence } : null,
    attempt: current.attempt,
    carried: carriedTo(session, current.partition, operation.store, operation.key),
    ...(session.overrides && { overrides: session.overrides }),
  };
  current.request = request.id;
  const bytes = 64 + sim.groups[current.partition]!.recordBytes;
  transmit(
    sim,
    session.port.endpoint,
    node,
    { kind: 'request', partition: current.partition, request, hops: 0 },
    'request',
    'client',
    bytes,
  );
}

export function receive(session: Session, _from: number, id: number, reply: Reply): void {
  const { current } = session;
  const leg = session.gathering.get(id);
  if (leg !== undefined) return leg(reply);
  // Answers to attempts that were given up come too late to be believed.
  if (current === null || current.request !== id) return;
  switch (reply.kind) {
    case 'ok':
      learn(session, current.partition, current.operation.store, current.operation.key, reply);
      if (reply.siblings !== undefined) current.operation.siblings = reply.siblings;
      return finish(session, current, 'ok', outputOf(current, reply.output), '');
    case 'failed':
      if (reply.map !== undefined) session.router.refusedBy(reply.map);
      return finish(session, current, current.ambiguous ? 'unknown' : 'fail', null, reply.why);
    case 'unknown':
      current.ambiguous = true;
      return nextAttempt(session, current, reply.why);
    case 'refused':
      return refused(session, current, reply);
  }
}

/** A transaction's answer as the history has it: its steps, with what was read. */
function outputOf({ input, operation }: Attempting, output: Value): Value {
  if (input === undefined) return output;
  const read = output as readonly Value[];
  return (operation.input as readonly (readonly Value[])[]).map((step, i) =>
    step[0] === 'read' ? ['read', step[1]!, read[i]!] : step,
  );
}

function refused(session: Session, current: Attempting, reply: Extract<Reply, { kind: 'refused' }>): void {
  const { sim } = session;
  current.request = -1;
  if (reply.map !== undefined && current.store !== null) return refusedByMap(session, current, reply.map);
  current.refusals++;
  moveOn(session, current, reply.leader);
  const { cause } = sim;
  const again = () => {
    if (session.current !== current || current.request !== -1 || sim.now >= current.attemptEndsNs) return;
    sim.cause = cause;
    ask(session, current, current.nodes[current.position % current.nodes.length]!);
  };
  if (current.refusals % current.nodes.length === 0) schedule(sim, sim.now + refusedEverywherePauseNs, again);
  else again();
}

/** Another group owns the key, or does so as soon as it has come. */
function refusedByMap(session: Session, current: Attempting, map: StoreMap): void {
  const { sim, router } = session;
  const { attempt, partition } = current;
  router.refusedBy(map);
  const { cause } = sim;
  const again = () => {
    if (session.current !== current || current.attempt !== attempt || sim.now >= current.attemptEndsNs) return;
    sim.cause = cause;
    reroute(session, current);
  };
  // Who is not sent elsewhere waits for what is on its way.
  if (router.groupFor(current.store!, current.operation.key) === partition || router.directoryOf(current.store!))
    schedule(sim, sim.now + refusedEverywherePauseNs, again);
  else again();
}

/** The next node, or the one that was named as leader; a sticky session stays there. */
function moveOn(session: Session, current: Attempting, hint: NodeId | null): void {
  const hinted = hint === null ? -1 : current.nodes.indexOf(hint);
  current.position = hinted >= 0 ? hinted : (current.position + 1) % current.nodes.length;
  if (session.settings.session === 'sticky' && current.via === null)
    session.home.set(current.partition, current.position);
}

function timedOut(session: Session, current: Attempting): void {
  if (current.request !== -1) {
    current.ambiguous = true;
    moveOn(session, current, null);
  }
  nextAttempt(session, current, current.ambiguous ? 'timed out' : 'refused by every node until the timeout');
}

function nextAttempt(session: Session, current: Attempting, why: string): void {
  current.request = -1;
  // Another attempt of a transaction is another transaction: never while the first one may still commit.
  const once = current.input !== undefined && current.ambiguous;
  if (current.attempt < session.settings.retries && !once) {
    current.attempt++;
    beginAttempt(session, current);
  } else finish(session, current, current.ambiguous ? 'unknown' : 'fail', null, why);
}

function finish(
  session: Session,
  current: Attempting,
  outcome: 'ok' | 'fail' | 'unknown',
  output: Value,
  why: string,
): void {
  const { operation } = current;
  session.current = null;
  complete(session.sim, operation, session.port.endpoint, outcome, output, why);
  session.cache.ended(operation);
  if (outcome === 'ok') remember(session, operation);
  current.done(operation);
}

function remember(session: Session, { kind, key, input, output }: LoggedOperation): void {
  if (kind === 'read') session.known.set(key, output);
  else if (kind === 'write') session.known.set(key, input);
  else if (kind === 'cas' && output === true && Array.isArray(input)) session.known.set(key, input[1]!);
  else if (kind !== 'transaction') session.known.delete(key);
}
