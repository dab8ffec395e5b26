/**
 * Compare-and-set. `cas paxos` decides it as Cassandra's lightweight transactions do: a round of Paxos per key among the
 * replicas, whose promises tell what stands there, and then a write of what was decided.
 *
 * What is decided upon a write gets the stamp that comes next after it, with nothing in between: the write's own one and
 * the number of changes made upon it. So a plain write that comes meanwhile is either part of what was compared with, or
 * later than the change; and with reads that write back all of them together are one register.
 *
 * A proposal that was made upon something that stands there no more may have been chosen or not: unless what was decided
 * upon it tells, the client is told that nobody knows.
 *
 * `cas local` compares with the coordinator's own copy, and then writes: two may both succeed.
 */
import { isQuorum, type Quorum, resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { modelNamed } from '../../model/model.ts';
import { ballotOf, pauseNs, roundOf } from '../ballots.ts';
import type { ClientRequest, Reply } from '../contract.ts';
import { compareStamps, type Stamp } from '../versions/stamps.ts';
import { uponId } from './acceptor.ts';
import { hasAll, mergedState, together, unversioned } from './cells.ts';
import { levelOf } from './levels.ts';
import {
  type Cell,
  type Change,
  decidedMax,
  giveUpNs,
  type LeaderlessIo,
  type LeaderlessMessage,
  type LeaderlessState,
  resendNs,
  type Write,
} from './state.ts';

type Of<T extends LeaderlessMessage['type']> = Extract<LeaderlessMessage, { type: T }>;

/** What is changed where nothing has been written: below every stamp, also of clocks that are behind 0. */
const nothing: Stamp = { time: -Number.MAX_SAFE_INTEGER, count: 0, node: -1, life: 0 };

export function beginChange(state: LeaderlessState, request: ClientRequest, io: LeaderlessIo): void {
  const { session, command } = request;
  const now = io.monotonicNs();
  const { self } = state.context;
  const one: Change = {
    by: 0,
    request,
    key: command.key,
    id: session === null ? `${self}.${state.nextId}` : `c${session.client}.${session.sequence}`,
    sinceNs: now,
    sentNs: now,
    phase: 'preparing',
    ballot: 0,
    attempt: 0,
    promises: [],
    upon: null,
    write: null,
    accepted: [],
    proposedUpon: undefined,
    cell: [],
    has: [],
    output: undefined,
  };
  prepare(state, one, io);
}

function enter(state: LeaderlessState, one: Change, phase: Change['phase'], io: LeaderlessIo): void {
  delete state.changes[one.by];
  one.by = state.nextId++;
  state.changes[one.by] = one;
  one.phase = phase;
  one.sentNs = io.monotonicNs();
}

function prepare(state: LeaderlessState, one: Change, io: LeaderlessIo): void {
  enter(state, one, 'preparing', io);
  one.ballot = ballotOf(++state.round, state.context.self, state.life);
  one.promises = [];
  ask(state, one, io);
}

/** Asks everyone who has not answered. */
function ask(state: LeaderlessState, one: Change, io: LeaderlessIo): void {
  const { key, by, ballot } = one;
  const { session } = one.request;
  for (const node of state.homes) {
    if (one.phase === 'preparing' && !one.promises.some(({ from }) => from === node))
      io.send(node, { type: 'prepare', key, by, ballot, session });
    if (one.phase === 'proposing' && !one.accepted.includes(node)) {
      const own = one.write!.decided!.at(-1) === one.id ? session : null;
      io.send(node, { type: 'propose', key, by, ballot, upon: one.upon, write: one.write!, session: own });
    }
    if (one.phase === 'storing' && !one.has.includes(node)) io.send(node, { type: 'repair', key, cell: one.cell, by });
  }
}

const majorityOf = ({ context }: LeaderlessState): Quorum =>
  resolveQuorum({ kind: 'majority' }, context.group.replicas, node => context.group.regionOf(node), context.self);

export function receivePromise(state: LeaderlessState, from: NodeId, m: Of<'promise'>, io: LeaderlessIo): void {
  const one = state.changes[m.by];
  if (one?.phase !== 'preparing' || one.promises.some(other => other.from === from)) return;
  one.promises.push({ from, m });
  const has = (node: NodeId) => one.promises.some(other => other.from === node);
  // A majority for Paxos; a read quorum to meet every write that was acknowledged.
  if (isQuorum(majorityOf(state), has) && isQuorum(levelOf(state, one.request, 'read'), has)) choose(state, one, io);
}

/** Everybody has promised: what stands there, and what is to be made of it? */
function choose(state: LeaderlessState, one: Change, io: LeaderlessIo): void {
  const { resolve } = state.context.options;
  let upon: Cell | null = null;
  for (const { m } of one.promises) if (m.cell !== null) upon = together(resolve, upon, m.cell);
  one.upon = upon;
  const standing = upon?.[0];
  if (standing?.decided?.includes(one.id)) return store(state, one, upon!, true, io);
  let adopted: { readonly ballot: number; readonly write: Write } | null = null;
  for (const { m } of one.promises)
    if (uponId(m.cell) === uponId(upon) && m.accepted !== null && m.accepted.ballot > (adopted?.ballot ?? 0))
      adopted = m.accepted;
  if (adopted !== null) return propose(state, one, adopted.write, io);
  if (isOpen(one, standing)) return finish(state, one, unknown, io);
  const model = modelNamed(state.context.group.model)!;
  const { command } = one.request;
  const changed = model.apply(mergedState(state, upon ?? []), command);
  if (changed.output !== true) return store(state, one, upon ?? [], false, io);
  const stamp: Stamp = standing?.stamp ?? nothing;
  const next: Stamp = { ...stamp, changes: (stamp.changes ?? 0) + 1 };
  const write: Write = {
    stamp: next,
    version: unversioned(next),
    state: changed.state,
    deleted: false,
    operation: command.operation,
    decided: [...(standing?.decided ?? []), one.id].slice(-decidedMax),
  };
  one.proposedUpon = standing?.stamp ?? null;
  state.deeds.push({ kind: 'written', key: one.key, operation: command.operation, write, told: [] });
  propose(state, one, write, io);
}

const unknown: Reply = {
  kind: 'unknown',
  why: 'what was proposed before may have been decided, and later writes have replaced it',
};

/** An earlier proposal of this operation may have been chosen, or may still be, upon something else than stands there. */
function isOpen(one: Change, standing: Write | undefined): boolean {
  const tried = one.promises.some(({ m }) => m.tried);
  if (one.proposedUpon === undefined) return tried;
  const before = one.proposedUpon;
  if (before === null ? standing === undefined : standing !== undefined && compareStamps(before, standing.stamp) === 0)
    return false;
  // Decided by others, one after the other, upon what it was made upon: it was not.
  const first = before ?? nothing;
  const isChain = standing !== undefined && compareStamps({ ...standing.stamp, changes: first.changes }, first) === 0;
  return !isChain || (standing.stamp.changes ?? 0) - (first.changes ?? 0) > standing.decided!.length;
}

function propose(state: LeaderlessState, one: Change, write: Write, io: LeaderlessIo): void {
  enter(state, one, 'proposing', io);
  one.write = write;
  one.accepted = [];
  ask(state, one, io);
}

export function receiveAccepted(state: LeaderlessState, from: NodeId, m: Of<'accepted'>, io: LeaderlessIo): void {
  const one = state.changes[m.by];
  if (one?.phase !== 'proposing' || one.accepted.includes(from)) return;
  one.accepted.push(from);
  if (!isQuorum(majorityOf(state), node => one.accepted.includes(node))) return;
  one.attempt = 0;
  store(state, one, [one.write!], one.write!.decided!.at(-1) === one.id ? true : undefined, io);
}

/** What was decided, or compared with, is first on a write quorum, so that no later read tells less. */
function store(state: LeaderlessState, one: Change, cell: Cell, output: boolean | undefined, io: LeaderlessIo): void {
  if (cell.length === 0) return finish(state, one, { kind: 'ok', output: output! }, io);
  const { resolve } = state.context.options;
  const had = one.promises.filter(({ m }) => hasAll(resolve, m.cell, cell)).map(({ from }) => from);
  enter(state, one, 'storing', io);
  one.cell = cell;
  one.output = output;
  one.has = had;
  ask(state, one, io);
  finishStoring(state, one, io);
}

export function storedChange(state: LeaderlessState, one: Change, from: NodeId, io: LeaderlessIo): void {
  if (one.phase !== 'storing' || one.has.includes(from)) return;
  one.has.push(from);
  finishStoring(state, one, io);
}

function finishStoring(state: LeaderlessState, one: Change, io: LeaderlessIo): void {
  if (!isQuorum(levelOf(state, one.request, 'write'), node => one.has.includes(node))) return;
  if (one.output !== false && one.has.length < state.homes.length) passOn(state, one);
  if (one.output === undefined) prepare(state, one, io);
  else finish(state, one, { kind: 'ok', output: one.output }, io);
}

/** What was decided goes on to the others as plain writes do, with hints for those that do not answer. */
function passOn(state: LeaderlessState, { request, key, cell, has, sentNs }: Change): void {
  const by = state.nextId++;
  const progress = { sinceNs: sentNs, sentNs, stored: [...has], stale: [], answered: true, standIns: {} };
  state.puts[by] = { by, request, key, cell, output: true, context: undefined, ...progress };
}

function finish(state: LeaderlessState, one: Change, reply: Reply, io: LeaderlessIo): void {
  delete state.changes[one.by];
  io.cancelTimer(`change ${one.by}`);
  io.reply(one.request, reply);
}

export function receiveOutbid(state: LeaderlessState, { by, ballot, promised }: Of<'outbid'>, io: LeaderlessIo): void {
  const one = state.changes[by];
  state.round = Math.max(state.round, roundOf(promised));
  if (one === undefined || one.ballot !== ballot || (one.phase !== 'preparing' && one.phase !== 'proposing')) return;
  enter(state, one, 'pausing', io);
  const [least, most] = pauseNs({ kind: 'randomized' }, one.attempt++);
  io.setTimer(`change ${one.by}`, least, most);
}

export function changeTimer(state: LeaderlessState, name: string, io: LeaderlessIo): void {
  const one = state.changes[Number(name.slice('change '.length))];
  if (one?.phase === 'pausing') prepare(state, one, io);
}

/** Asks again, gives up. */
export function coordinateChanges(state: LeaderlessState, now: number, io: LeaderlessIo): void {
  for (const one of Object.values(state.changes)) {
    if (now - one.sinceNs >= giveUpNs) {
      const why = 'too few replicas answer';
      const tookNone = one.proposedUpon === undefined && one.output !== true && !one.promises.some(({ m }) => m.tried);
      finish(state, one, tookNone ? { kind: 'refused', why, leader: null } : { kind: 'unknown', why }, io);
    } else if (one.phase !== 'pausing' && now - one.sentNs >= resendNs) {
      one.sentNs = now;
      ask(state, one, io);
    }
  }
}
