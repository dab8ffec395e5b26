/** The replica that a client has asked: sends to all replicas of the key, and answers when a quorum has answered. */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { modelNamed } from '../../model/model.ts';
import type { ClientRequest, Reply } from '../contract.ts';
import { compareStamps, nextStamp, type Stamp, seeStamp } from '../versions/stamps.ts';
import { keepHint } from './replica.ts';
import {
  type Cell,
  type Get,
  giveUpNs,
  type LeaderlessIo,
  type LeaderlessMessage,
  type LeaderlessState,
  type Put,
  readingOf,
  repairNs,
  resendNs,
  seenNs,
} from './state.ts';

type Of<T extends LeaderlessMessage['type']> = Extract<LeaderlessMessage, { type: T }>;

export function begin(state: LeaderlessState, request: ClientRequest, io: LeaderlessIo): void {
  const { kind, key } = request.command;
  const model = modelNamed(state.context.group.model)!;
  if (state.seen[request.id] !== undefined) return;
  state.seen[request.id] = io.monotonicNs();
  if (kind === 'read') return get(state, request, io);
  if (model.overwrites.includes(kind))
    // Attiya, Bar-Noy & Dolev 1995 for many writers (Lynch & Shvartsman 1997): a write first finds the highest stamp.
    return state.context.options.readWriteBack ? get(state, request, io) : put(state, request, null, io);
  io.reply(request, { kind: 'failed', why: `${kind} of ${key} needs an order of all writes, which nobody gives here` });
}

/** @param after a stamp that is to be exceeded, whatever the clock says */
function put(state: LeaderlessState, request: ClientRequest, after: Stamp | null, io: LeaderlessIo): void {
  const { command } = request;
  const { key, operation } = command;
  const { self, group } = state.context;
  const model = modelNamed(group.model)!;
  const given = nextStamp(state.clockKind, state.clock, io.wallNs(), self, state.life);
  const stamp =
    after === null || compareStamps(given, after) > 0 ? given : { ...given, time: after.time, count: after.count + 1 };
  const cell: Cell = {
    stamp,
    state: model.apply(model.initial(null), command).state,
    deleted: command.kind === 'delete',
    operation,
  };
  const now = io.monotonicNs();
  const by = state.nextId++;
  const one: Put = { by, request, key, cell, sinceNs: now, sentNs: now, stored: [], answered: false, standIns: {} };
  state.puts[by] = one;
  state.deeds.push({ kind: 'stamped', key, operation, stamp });
  for (const node of state.homes) io.send(node, { type: 'store', key, cell, by, hint: 0 });
}

function get(state: LeaderlessState, request: ClientRequest, io: LeaderlessIo): void {
  const { key, operation } = request.command;
  const now = io.monotonicNs();
  const by = state.nextId++;
  const one: Get = { by, request, key, sinceNs: now, sentNs: now, found: [], phase: 'asking', newest: null, has: [] };
  state.gets[by] = one;
  if (request.command.kind === 'read') state.deeds.push({ kind: 'asks', key, operation });
  for (const node of state.homes) io.send(node, { type: 'fetch', key, by });
}

export function receiveStored(state: LeaderlessState, from: NodeId, m: Of<'stored'>, io: LeaderlessIo): void {
  const one = state.puts[m.by];
  if (one !== undefined) return stored(state, one, from, io);
  const read = state.gets[m.by];
  if (read?.phase === 'writing back' && !read.has.includes(from)) {
    read.has.push(from);
    finishWriteBack(state, read, io);
  }
}

export function receiveHeld(state: LeaderlessState, { by, target }: Of<'held'>, io: LeaderlessIo): void {
  const one = state.puts[by];
  if (one !== undefined) stored(state, one, target, io);
}

function stored(state: LeaderlessState, one: Put, replica: NodeId, io: LeaderlessIo): void {
  if (!one.stored.includes(replica)) one.stored.push(replica);
  if (!one.answered && isQuorum(state.write, node => one.stored.includes(node))) {
    one.answered = true;
    io.reply(one.request, { kind: 'ok', output: null });
  }
  if (one.stored.length === state.homes.length) delete state.puts[one.by];
}

export function receiveFound(state: LeaderlessState, from: NodeId, m: Of<'found'>, io: LeaderlessIo): void {
  if (m.cell !== null) seeStamp(state.clockKind, state.clock, m.cell.stamp, io.wallNs());
  const one = state.gets[m.by];
  if (one === undefined || one.found.some(other => other.from === from)) return;
  one.found.push({ from, cell: m.cell });
  if (one.phase === 'asking' && isQuorum(state.read, node => one.found.some(other => other.from === node))) {
    one.newest = newestOf(one);
    if (one.request.command.kind !== 'read') {
      delete state.gets[one.by];
      return put(state, one.request, one.newest?.stamp ?? null, io);
    }
    if (state.context.options.readWriteBack && one.newest !== null) writeBack(state, one, io);
    else answer(state, one, io);
  }
  if (one.phase === 'answered' && one.found.length === state.homes.length) repair(state, one, io);
}

function newestOf({ found }: Get): Cell | null {
  let newest: Cell | null = null;
  for (const { cell } of found)
    if (cell !== null && (newest === null || compareStamps(cell.stamp, newest.stamp) > 0)) newest = cell;
  return newest;
}

/** Attiya, Bar-Noy & Dolev 1995: what is about to be told is first on a write quorum, so no later read tells less. */
function writeBack(state: LeaderlessState, one: Get, io: LeaderlessIo): void {
  const cell = one.newest!;
  one.phase = 'writing back';
  one.sentNs = io.monotonicNs();
  one.has = one.found
    .filter(other => other.cell !== null && compareStamps(other.cell.stamp, cell.stamp) === 0)
    .map(({ from }) => from);
  for (const node of state.homes)
    if (!one.has.includes(node)) io.send(node, { type: 'repair', key: one.key, cell, by: one.by });
  finishWriteBack(state, one, io);
}

function finishWriteBack(state: LeaderlessState, one: Get, io: LeaderlessIo): void {
  if (isQuorum(state.write, node => one.has.includes(node))) answer(state, one, io);
}

function answer(state: LeaderlessState, one: Get, io: LeaderlessIo): void {
  const { newest, request, key } = one;
  one.phase = 'answered';
  state.deeds.push({ kind: 'answers', key, operation: request.command.operation, stamp: newest?.stamp ?? null });
  io.reply(request, { kind: 'ok', output: readingOf(state, newest) });
  if (!state.context.options.readRepair) delete state.gets[one.by];
}

/** Whoever told less than the newest gets it (Dynamo §5). */
function repair(state: LeaderlessState, one: Get, io: LeaderlessIo): void {
  const newest = newestOf(one);
  if (newest !== null)
    for (const { from, cell } of one.found)
      if (cell === null || compareStamps(cell.stamp, newest.stamp) < 0)
        io.send(from, { type: 'repair', key: one.key, cell: newest, by: 0 });
  delete state.gets[one.by];
}

const late = (why: string, kind: 'unknown' | 'refused'): Reply =>
  kind === 'unknown' ? { kind, why } : { kind, why, leader: null };

/** Sends again, asks stand-ins, gives up. */
export function coordinate(state: LeaderlessState, io: LeaderlessIo): void {
  const now = io.monotonicNs();
  for (const [id, since] of Object.entries(state.seen)) if (now - since > seenNs) delete state.seen[Number(id)];
  for (const one of Object.values(state.puts)) {
    if (now - one.sinceNs >= giveUpNs) {
      if (!one.answered) io.reply(one.request, late('too few replicas have acknowledged the write', 'unknown'));
      delete state.puts[one.by];
      continue;
    }
    if (now - one.sentNs < resendNs) continue;
    one.sentNs = now;
    const { key, cell, by } = one;
    for (const node of state.homes) {
      if (one.stored.includes(node)) continue;
      io.send(node, { type: 'store', key, cell, by, hint: 0 });
      standIn(state, one, node, now, io);
    }
  }
  for (const one of Object.values(state.gets)) {
    const age = now - one.sinceNs;
    if (one.phase === 'answered') {
      if (age >= repairNs) repair(state, one, io);
    } else if (age >= giveUpNs) {
      io.reply(one.request, late('too few replicas answer', 'refused'));
      delete state.gets[one.by];
    } else if (now - one.sentNs >= resendNs) {
      one.sentNs = now;
      for (const node of state.homes) {
        if (one.phase === 'asking' && !one.found.some(({ from }) => from === node))
          io.send(node, { type: 'fetch', key: one.key, by: one.by });
        if (one.phase === 'writing back' && !one.has.includes(node))
          io.send(node, { type: 'repair', key: one.key, cell: one.newest!, by: one.by });
      }
    }
  }
}

/**
 * For a replica that does not answer somebody else keeps the write: in a sloppy quorum a node that is no replica, which
 * then counts as it (Dynamo §4.6), otherwise this node, which does not. Nobody does for a replica that has been away for
 * longer than hints are kept.
 */
function standIn(state: LeaderlessState, one: Put, node: NodeId, now: number, io: LeaderlessIo): void {
  const { self, group, options } = state.context;
  if (node === self || options.hintedHandoffNs === null || one.standIns[node] === self) return;
  state.silentNs[node] ??= one.sinceNs;
  if (now - state.silentNs[node] > options.hintedHandoffNs) return;
  const taken = Object.values(one.standIns);
  const other = options.sloppy ? group.spares.find(spare => !taken.includes(spare)) : undefined;
  const hint = { target: node, key: one.key, cell: one.cell };
  if (other !== undefined) {
    one.standIns[node] = other;
    io.send(other, { type: 'hold', key: one.key, cell: one.cell, by: one.by, target: node });
  } else if (!options.sloppy) {
    one.standIns[node] = self;
    keepHint(state, hint, io);
  }
}
