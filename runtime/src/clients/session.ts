/**
 * A client session: one operation at a time, each in attempts. An attempt that is refused turns to the next node; one
 * that times out, or is told that nobody knows, leaves the outcome open. What is recorded is what the client can know.
 */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { Workload } from '../design/scenario.ts';
import type { SourceRange } from '../design/source.ts';
import type { Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { RandomStream } from '../kernel/random.ts';
import type { Port, Simulation } from '../kernel/simulation.ts';
import { schedule } from '../kernel/simulation.ts';
import { transmit } from '../kernel/transport.ts';
import type { ClientRequest, Reply } from '../protocols/contract.ts';
import { type ClientLog, complete, invoke, type LoggedOperation } from './log.ts';
import { nodesByDistance, partitionIndex } from './routing.ts';

/** How a session behaves; a workload's settings, or those of a scripted client. */
export type SessionSettings = Pick<Workload, 'session' | 'timeoutNs' | 'retries' | 'idempotent' | 'place'>;

/** Pause after every known node has refused: a leader may be in the making. */
const refusedEverywherePauseNs = 10_000_000;

export interface Session {
  readonly sim: Simulation;
  readonly log: ClientLog;
  readonly port: Port;
  readonly process: number;
  readonly settings: SessionSettings;
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
}

interface Attempting {
  readonly operation: LoggedOperation;
  readonly partition: number;
  readonly nodes: readonly NodeId[];
  readonly via: NodeId | null;
  /** What is asked, where it is not what the history records. */
  readonly input: Value | undefined;
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
  /** Steps of a transaction, each with the group that holds its key, and the group that coordinates it. */
  readonly transaction?: { readonly name: string; readonly coordinator: number; readonly routed: Value };
  /** Node to turn to; null: by the session's routing. */
  readonly via: NodeId | null;
  /** Where it is written: in which workload, or as which action. */
  readonly at: SourceRange;
  readonly declaration: string;
}

export function start(session: Session, asked: Asked, done: (operation: LoggedOperation) => void): void {
  const { sim, log, settings } = session;
  const { kind, key, input } = asked;
  const operation = invoke(
    sim,
    log,
    session.port.endpoint,
    { process: session.process, store: asked.transaction?.name ?? asked.store!.name, key, kind, input },
    sim.trace.source(asked.at, asked.declaration, ''),
  );
  const partition = asked.transaction?.coordinator ?? asked.store!.partitions[partitionIndex(asked.store!, asked.key)]!;
  const { replicas, observers } = sim.design.partitions[partition]!;
  const serving = asked.kind === 'read' ? [...replicas, ...observers] : replicas;
  const nodes = asked.via !== null ? [asked.via] : nodesByDistance(sim.design, settings.place, serving, session.turn);
  session.current = {
    operation,
    partition,
    nodes,
    via: asked.via,
    input: asked.transaction?.routed,
    sequence: ++session.sequence,
    position: firstPosition(session, partition, nodes.length),
    attempt: 0,
    request: -1,
    ambiguous: false,
    refusals: 0,
    attemptEndsNs: 0,
    done,
  };
  beginAttempt(session, session.current);
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
  ask(session, current, current.nodes[current.position % current.nodes.length]!);
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
    carried: {
      client: session.process,
      sequence: current.sequence,
      context: session.contexts.get(contextName(operation)),
    },
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
  // Answers to attempts that were given up come too late to be believed.
  if (current === null || current.request !== id) return;
  switch (reply.kind) {
    case 'ok':
      if (reply.context !== undefined) session.contexts.set(contextName(current.operation), reply.context);
      if (reply.siblings !== undefined) current.operation.siblings = reply.siblings;
      return finish(session, current, 'ok', outputOf(current, reply.output), '');
    case 'failed':
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
  if (outcome === 'ok') remember(session, operation);
  current.done(operation);
}

const contextName = ({ store, key }: LoggedOperation): string => `${store}\n${key}`;

function remember(session: Session, { kind, key, input, output }: LoggedOperation): void {
  if (kind === 'read') session.known.set(key, output);
  else if (kind === 'write') session.known.set(key, input);
  else if (kind === 'cas' && output === true && Array.isArray(input)) session.known.set(key, input[1]!);
  else if (kind !== 'transaction') session.known.delete(key);
}
