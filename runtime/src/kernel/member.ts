/** One node's part in one replica group: its `io`, and how events reach its protocol. */

import type { Value } from '../checkers/history.ts';
import type { NodeId } from '../design/topology.ts';
import {
  type AdminRequest,
  type ClientRequest,
  type GroupView,
  type Io,
  type Message,
  type Reply,
  transactionWord,
} from '../protocols/contract.ts';
import { monotonicNs, realTimeOf, timerNs, wallNs } from './clock.ts';
import { type DiskWrite, writeToDisk } from './disk.ts';
import type { Endpoint } from './network.ts';
import { handlerSource, type Member, nodeName, type Simulation, schedule, type Timer } from './simulation.ts';
import { transmit } from './transport.ts';

/** A request is handed on at most this often: two nodes that each believe in the other must not play ball. */
export const forwardLimit = 3;

export function createIo(sim: Simulation, member: () => Member): Io<Message, unknown> {
  return {
    send(to, message) {
      const me = member();
      // Nothing to wait for is the common case, and needs no closure.
      if (me.synced === me.written) sendMessage(sim, me, to, message);
      else leaveWhenSynced(sim, me, () => sendMessage(sim, me, to, message));
    },
    persist: (write, token) => persist(sim, member(), write, token),
    reply: (request, reply, untilNs) => answer(sim, member(), request.id, reply, untilNs),
    forward: (request, to) => leaveWhenSynced(sim, member(), () => forward(sim, member(), request, to)),
    setTimer: (name, min, max) => setTimer(sim, member(), name, min, max),
    cancelTimer(name) {
      const timer = member().timers.get(name);
      if (timer !== undefined) timer.deadlineNs = Number.POSITIVE_INFINITY;
    },
    wallNs: () => wallNs(member().node.clock, sim.now),
    monotonicNs: () => monotonicNs(member().node.clock, sim.now),
    call: (group, command, token) =>
      leaveWhenSynced(sim, member(), () => sim.hooks.call(member(), group, command, token)),
    leads(group) {
      const { node } = member();
      return node.members.find(other => other.group.name === group)?.leads ?? -1;
    },
    note(text) {
      if (sim.trace.detailed) sim.trace.event(sim.now, 'local', member().node.id, 'note', sim.cause, -1, text);
    },
  };
}

/** Effects leave in order: nothing overtakes what still waits for the disk. */
function leaveWhenSynced(sim: Simulation, member: Member, leave: () => void): void {
  if (member.synced === member.written) leave();
  else member.held.push({ barrier: member.written, cause: sim.cause, leave });
}

function persist(sim: Simulation, member: Member, write: unknown, token: number | undefined): void {
  member.written++;
  writeToDisk(sim, member.node, { member, write, token, cause: sim.cause }, writes => synced(sim, writes));
}

function synced(sim: Simulation, writes: readonly DiskWrite[]): void {
  const members = new Set<Member>();
  for (const { member, write } of writes) {
    if (!member.node.disk.volatile) {
      member.image ??= member.protocol.disk.empty();
      member.protocol.disk.apply(member.image, write);
    }
    member.synced++;
    members.add(member);
  }
  for (const member of members) {
    const row = sim.trace.event(sim.now, 'storage', member.node.id, 'synced', writes[0]!.cause);
    let released = 0;
    while (released < member.held.length && member.held[released]!.barrier <= member.synced) {
      sim.cause = row;
      member.held[released++]!.leave();
    }
    if (released > 0) member.held.splice(0, released);
    for (const { member: owner, token } of writes) {
      if (owner !== member || token === undefined || member.state === undefined) continue;
      sim.cause = row;
      member.protocol.persisted?.(member.state, token, member.io as Io<unknown, unknown>);
      afterEvent(sim, member, row);
    }
  }
}

function sendMessage(sim: Simulation, member: Member, to: NodeId, message: Message): void {
  const { protocol, partition } = member;
  const bytes = protocol.bytes(message, sim.groups[partition.id]!.recordBytes);
  transmit(
    sim,
    member.node.id,
    to,
    { kind: 'protocol', partition: partition.id, message },
    message.type,
    protocol.classOf(message),
    bytes,
  );
}

function forward(sim: Simulation, member: Member, request: ClientRequest, to: NodeId): void {
  const hops = (member.returns.get(request.id)?.hops ?? 0) + 1;
  if (hops > forwardLimit || to === member.node.id) {
    return answer(sim, member, request.id, { kind: 'refused', why: 'no leader was found', leader: null });
  }
  transmit(
    sim,
    member.node.id,
    to,
    { kind: 'request', partition: member.partition.id, request, hops },
    'forward',
    'client',
    requestBytes(sim, member),
  );
}

const requestBytes = (sim: Simulation, member: Member): number => 64 + sim.groups[member.partition.id]!.recordBytes;

/** Answers travel back the way that the request came. */
function answer(sim: Simulation, member: Member, id: number, said: Reply, untilNs = Number.POSITIVE_INFINITY): void {
  const back = takeReturn(member, id);
  if (back === undefined) return;
  const epoch = member.leads;
  const { request } = back;
  const reply = said.kind === 'ok' && request !== null ? withToken(member, request, said) : said;
  leaveWhenSynced(sim, member, () => {
    if (monotonicNs(member.node.clock, sim.now) >= untilNs) {
      sendReply(sim, member, back, id, { kind: 'unknown', why: 'the answer had waited for too long' });
      return;
    }
    const row = sendReply(sim, member, back, id, reply);
    if (reply.kind === 'ok' && request !== null) acknowledge(sim, member, request, reply.output, epoch, row);
  });
}

const behind: Reply = { kind: 'refused', why: 'this replica is behind what the session has seen', leader: null };

/** For a session that carries tokens: how far this member had come, or that it had not come far enough. */
function withToken(
  { protocol, state }: Member,
  { command, carried }: ClientRequest,
  reply: Extract<Reply, { kind: 'ok' }>,
): Reply {
  const token = carried?.token;
  if (token === undefined || protocol.tokens === undefined) return reply;
  // What came to the group with its map is there from when it has the map; a token of before says nothing of it.
  const owned = protocol.machine?.(state).ownership ?? null;
  const isBefore = owned !== null && owned.map.epoch < carried!.epoch!;
  const isBehind = isBefore || (token !== null && !protocol.tokens.covers(state, token));
  if (command.kind === 'read' && isBehind) return behind;
  return { ...reply, token: protocol.tokens.of(state) };
}

function takeReturn(member: Member, id: number) {
  const back = member.returns.get(id);
  member.returns.delete(id);
  return back;
}

type Return = NonNullable<ReturnType<typeof takeReturn>>;

function sendReply(sim: Simulation, member: Member, { to, request }: Return, id: number, reply: Reply): number {
  const body = { kind: 'reply', partition: member.partition.id, id, reply } as const;
  return transmit(sim, member.node.id, to, body, replyName(request, reply), 'client', requestBytes(sim, member));
}

/** What participants of a transaction answer has names of its own. */
function replyName(request: ClientRequest | null, reply: Reply): string {
  const word = request === null ? undefined : transactionWord(request.command);
  if (word === undefined || reply.kind !== 'ok' || !Array.isArray(reply.output)) return 'reply';
  if (word === 'inquire') return 'doubts';
  return String(reply.output[0]);
}

function acknowledge(
  sim: Simulation,
  member: Member,
  { command, overrides }: ClientRequest,
  output: Value,
  epoch: number,
  row: number,
): void {
  // What a transaction's coordinator is told is no write that a client has been promised.
  if (transactionWord(command) !== undefined) return;
  const run = sim.groups[member.partition.id]!;
  for (const entry of run.monitors) {
    if (entry.broken || entry.monitor.acknowledged === undefined) continue;
    const why = entry.monitor.acknowledged(member.node.id, command, viewOf(sim, member), output, overrides);
    if (why !== undefined) report(sim, member, entry, why, row);
  }
  if (command.kind === 'read') return;
  const { operation } = command;
  sim.hooks.acknowledged({
    partition: member.partition.id,
    node: member.node.id,
    epoch,
    timeNs: sim.now,
    operation,
    event: row,
  });
}

function setTimer(sim: Simulation, member: Member, name: string, minNs: number, maxNs: number): void {
  const { clock } = member.node;
  const span = maxNs > minNs ? Math.floor(sim.timerRandom.uniform() * (maxNs - minNs + 1)) : 0;
  let timer = member.timers.get(name);
  if (timer === undefined) {
    timer = { name, deadlineNs: 0, queuedNs: Number.POSITIVE_INFINITY, ticket: 0, cause: -1 };
    member.timers.set(name, timer);
  }
  timer.deadlineNs = timerNs(clock, sim.now) + minNs + span;
  timer.cause = sim.cause;
  lookAtTimer(sim, member, timer);
}

/** Queues a look at the timer unless one is queued already that comes early enough: re-arming costs no queue traffic. */
export function lookAtTimer(sim: Simulation, member: Member, timer: Timer): void {
  if (timer.deadlineNs === Number.POSITIVE_INFINITY) return;
  const due = realTimeOf(member.node.clock, sim.now, timer.deadlineNs);
  if (timer.queuedNs <= due || due === Number.POSITIVE_INFINITY) return;
  timer.queuedNs = due;
  const ticket = ++timer.ticket;
  const { incarnation } = member.node;
  const look = () => {
    if (timer.ticket !== ticket || member.node.incarnation !== incarnation) return;
    if (member.node.paused) {
      member.node.backlog.push(look);
      return;
    }
    timer.queuedNs = Number.POSITIVE_INFINITY;
    if (timer.deadlineNs === Number.POSITIVE_INFINITY) return;
    if (timerNs(member.node.clock, sim.now) < timer.deadlineNs) return lookAtTimer(sim, member, timer);
    timer.deadlineNs = Number.POSITIVE_INFINITY;
    fire(sim, member, timer);
  };
  schedule(sim, due, look);
}

function fire(sim: Simulation, member: Member, timer: Timer): void {
  if (member.state === undefined) return;
  const source = handlerSource(sim, member.partition.id, timer.name);
  const row = sim.trace.event(sim.now, 'timerFire', member.node.id, timer.name, timer.cause, -1, undefined, source);
  sim.cause = row;
  member.protocol.timer(member.state, timer.name, member.io as Io<unknown, unknown>);
  afterEvent(sim, member, row);
}

export function deliverMessage(sim: Simulation, member: Member, from: NodeId, message: Message, row: number): void {
  sim.cause = row;
  member.protocol.receive(member.state, from, message, member.io as Io<unknown, unknown>);
  afterEvent(sim, member, row);
}

export function deliverRequest(
  sim: Simulation,
  member: Member,
  from: Endpoint,
  request: ClientRequest,
  hops: number,
  row: number,
): void {
  sim.cause = row;
  // A request that comes back to a node that handed it on is answered to whoever asked first.
  const known = member.returns.get(request.id);
  member.returns.set(request.id, { to: known?.to ?? from, hops, request });
  member.protocol.request(member.state, request, member.io as Io<unknown, unknown>);
  afterEvent(sim, member, row);
}

export function deliverAdmin(
  sim: Simulation,
  member: Member,
  from: Endpoint,
  request: AdminRequest,
  row: number,
): void {
  sim.cause = row;
  member.returns.set(request.id, { to: from, hops: 0, request: null });
  member.protocol.administer(member.state, request, member.io as Io<unknown, unknown>);
  afterEvent(sim, member, row);
}

/** An answer on its way back through a node that had handed the request on. */
export function passReplyOn(sim: Simulation, member: Member, id: number, reply: Reply, row: number): void {
  sim.cause = row;
  const back = takeReturn(member, id);
  if (back !== undefined) sendReply(sim, member, back, id, reply);
}

export function deliverAnswer(sim: Simulation, member: Member, token: number, reply: Reply, row: number): void {
  if (member.state === undefined) return;
  // The answer came to an endpoint of the node's, or never came: what it changes here is an event of the node itself.
  const source = handlerSource(sim, member.partition.id, 'answered');
  const event = sim.trace.event(sim.now, 'local', member.node.id, 'answered', row, -1, undefined, source);
  sim.cause = event;
  member.protocol.answered?.(member.state, token, reply, member.io as Io<unknown, unknown>);
  afterEvent(sim, member, event);
}

export function viewOf(sim: Simulation, member: Member): GroupView<unknown> {
  return sim.groups[member.partition.id]!.view;
}

/** What a watched field is told as: nodes by their names. */
export const watchedValue = (sim: Simulation, protocol: Member['protocol'], path: string, value: unknown): unknown =>
  typeof value === 'number' && protocol.watchedNodes?.has(path) ? nodeName(sim, value) : value;

/** After every event: what changed is recorded, leadership is noticed, every invariant is checked. */
export function afterEvent(sim: Simulation, member: Member, row: number): void {
  const { protocol, state } = member;
  if (state === undefined) return;
  member.lastRow = row;
  const run = sim.groups[member.partition.id]!;
  if (sim.trace.detailed) {
    for (const path in protocol.watched) {
      const value = protocol.watched[path]!(state);
      const before = member.watched[path];
      if (value === before) continue;
      member.watched[path] = value;
      const [was, is] = [before, value].map(one => watchedValue(sim, protocol, path, one));
      sim.trace.state(row, member.partition.name, path, was, is);
    }
  }
  if (protocol.leads !== undefined) {
    const leads = protocol.leads(state);
    if (leads !== member.leads) {
      const before = member.leads;
      member.leads = leads;
      sim.trace.epoch(
        row,
        member.partition.name,
        leads >= 0 ? 'leader' : 'follower',
        Math.max(leads, before),
        leads >= 0,
      );
      sim.hooks.leadership(member, before);
    }
  }
  const { monitors, view } = run;
  for (let i = 0; i < monitors.length; i++) {
    const entry = monitors[i]!;
    if (entry.broken) continue;
    const why = entry.monitor.step(member.node.id, state, view);
    if (why !== undefined) report(sim, member, entry, why, row);
  }
}

function report(
  sim: Simulation,
  member: Member,
  entry: { readonly name: string; broken: boolean },
  why: string,
  row: number,
): void {
  entry.broken = true;
  const event = sim.trace.event(sim.now, 'violation', member.node.id, entry.name, row, -1, why);
  sim.broken.push({
    invariant: entry.name,
    partition: member.partition.id,
    why,
    event: event >= 0 ? event : row,
    timeNs: sim.now,
  });
}
