/** The replica that a client has asked: sends to all replicas of the key, and answers when a quorum has answered. */
import type { Value } from '../../checkers/history.ts';
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { type DataModel, modelNamed } from '../../model/model.ts';
import { type ClientRequest, type Command, type Reply, transactionWord } from '../contract.ts';
import { forgetSeen, isCopy } from '../copies.ts';
import { refusedByMap, serves } from '../ownership.ts';
import { versionFor, type Writer } from '../versions/siblings.ts';
import { compareStamps, nextStamp } from '../versions/stamps.ts';
import {
  hasAll,
  isUnion,
  mergedState,
  newestOf,
  readingOf,
  together,
  unversioned,
  valuesOf,
  writable,
} from './cells.ts';
import { beginChange, coordinateChanges, storedChange } from './changes.ts';
import { levelOf } from './levels.ts';
import { coordinateOrders, begin as order, refusedElsewhere } from './owning.ts';
import { keepHint, merge, seeAll } from './replica.ts';
import {
  type Cell,
  type Get,
  giveUpNs,
  type LeaderlessIo,
  type LeaderlessMessage,
  type LeaderlessState,
  type Put,
  repairNs,
  resendNs,
  type Write,
} from './state.ts';

type Of<T extends LeaderlessMessage['type']> = Extract<LeaderlessMessage, { type: T }>;

export function begin(state: LeaderlessState, request: ClientRequest, io: LeaderlessIo): void {
  const { kind, key } = request.command;
  const { options, group } = state.context;
  if (isCopy(state.seen, request, io.monotonicNs())) return;
  if (transactionWord(request.command) !== undefined) return order(state, request, io);
  if (state.ownership !== null && !serves(state.ownership, key))
    return io.reply(request, refusedByMap(state.ownership, key));
  if (kind === 'read') return get(state, request, io);
  if (kind === 'cas' && options.cas !== 'refuse') return change(state, request, io);
  if (!writable(options, modelNamed(group.model)!).includes(kind)) {
    const why = `${kind} of ${key} needs an order of all writes, which nobody gives here`;
    return io.reply(request, { kind: 'failed', why });
  }
  if (options.resolve.kind === 'siblings' && !state.homes.includes(state.context.self))
    // Versions are counted by who keeps them.
    return io.forward(request, state.homes[request.id % state.homes.length]!);
  // Attiya, Bar-Noy & Dolev 1995 for many writers (Lynch & Shvartsman 1997): a write first finds the highest stamp.
  if (options.readWriteBack) get(state, request, io);
  else put(state, request, null, io);
}

function change(state: LeaderlessState, request: ClientRequest, io: LeaderlessIo): void {
  const { context, homes, cells } = state;
  const { command } = request;
  if (context.options.cas === 'paxos') return beginChange(state, request, io);
  if (!homes.includes(context.self)) return io.forward(request, homes[request.id % homes.length]!);
  const model = modelNamed(context.group.model)!;
  const { output } = model.apply(mergedState(state, cells[command.key] ?? []), command);
  if (output !== true) return io.reply(request, { kind: 'ok', output });
  put(state, request, cells[command.key] ?? null, io);
}

/** @param found what a quorum has, if it was asked: stamps there are to be exceeded, whatever the clock says */
function put(state: LeaderlessState, request: ClientRequest, found: Cell | null, io: LeaderlessIo): void {
  const { command } = request;
  const { key, operation } = command;
  const { resolve } = state.context.options;
  let cell: Cell;
  let context: Cell | undefined;
  if (resolve.kind === 'siblings') {
    const known = contextOf(request);
    const write = sibling(state, resolve, request, known, found ?? [], io);
    state.deeds.push({ kind: 'written', key, operation, write, told: known.map(({ version }) => version.id) });
    // Counted, it has to stand here before anybody else hears of it; and who has a server's dot has its earlier ones.
    merge(state, key, [write], io);
    cell = state.cells[key]!;
    context = together(resolve, cell, known);
  } else {
    // Clocks that learn give it a stamp after what its session has seen.
    if (carriesTokens(request)) seeAll(state, contextOf(request), io);
    const write = lastWrite(state, command, found, io);
    state.deeds.push({ kind: 'written', key, operation, write, told: [] });
    cell = [write];
    if (carriesTokens(request)) context = cell;
  }
  const now = io.monotonicNs();
  const by = state.nextId++;
  const progress = { sinceNs: now, sentNs: now, stored: [], stale: [], answered: false, standIns: {} };
  const output = command.kind === 'cas' ? true : null;
  const one: Put = { by, request, key, cell, output, context, ...progress };
  state.puts[by] = one;
  for (const node of state.homes) io.send(node, { type: 'store', key, cell, by, hint: 0 });
}

/** Of a compare-and-set that was found to apply, what it replaces the value by. */
const valueAfter = (model: DataModel, command: Command): Value =>
  command.kind === 'cas' ? (command.input as readonly Value[])[1]! : model.apply(model.initial(null), command).state;

function lastWrite(state: LeaderlessState, command: Command, found: Cell | null, io: LeaderlessIo): Write {
  const { self, group } = state.context;
  const model = modelNamed(group.model)!;
  const given = nextStamp(state.clockKind, state.clock, io.wallNs(), self, state.life);
  let stamp = given;
  if (found !== null && compareStamps(given, newestOf(found).stamp) <= 0) {
    // Two that have found the same one must not get the same stamp.
    const before = newestOf(found).stamp;
    const { exceeding } = state;
    const after = exceeding !== null && compareStamps(exceeding, before) > 0 ? exceeding : before;
    stamp = { ...given, time: after.time, count: after.count + 1 };
    state.exceeding = stamp;
  }
  return {
    stamp,
    version: unversioned(stamp),
    state: valueAfter(model, command),
    deleted: command.kind === 'delete',
    operation: command.operation,
  };
}

/** What the client knows of the key, which it sends along. */
const contextOf = ({ carried }: ClientRequest): Cell => (carried?.context as Cell | undefined) ?? [];

/** Its session is not to find less than it has seen. */
const carriesTokens = ({ carried }: ClientRequest): boolean => carried?.token !== undefined;

type Siblings = Extract<LeaderlessState['context']['options']['resolve'], { kind: 'siblings' }>;

function sibling(
  state: LeaderlessState,
  { by, per }: Siblings,
  request: ClientRequest,
  known: Cell,
  found: Cell,
  io: LeaderlessIo,
): Write {
  const { command, carried } = request;
  const { self, group } = state.context;
  const model = modelNamed(group.model)!;
  const stored = [...(state.cells[command.key] ?? []), ...found];
  seeAll(state, known, io);
  // Who is no client session (another group) counts as this server.
  const writer: Writer =
    per === 'client' && carried !== undefined
      ? { kind: 'client', actor: `c${carried.client}`, sequence: carried.sequence }
      : { kind: 'server', actor: state.actor, floor: state.floor };
  const version = versionFor(by, known, stored, writer);
  const given = nextStamp(state.clockKind, state.clock, io.wallNs(), self, state.life);
  return {
    version,
    stamp: by === 'lamport' ? { ...given, time: version.count } : given,
    state: model.apply(isUnion(model) ? mergedState(state, known) : model.initial(null), command).state,
    deleted: command.kind === 'delete' && model.overwrites.includes('delete'),
    operation: command.operation,
  };
}

function get(state: LeaderlessState, request: ClientRequest, io: LeaderlessIo): void {
  const { key, operation } = request.command;
  const now = io.monotonicNs();
  const by = state.nextId++;
  const one: Get = {
    by,
    request,
    key,
    sinceNs: now,
    sentNs: now,
    found: [],
    stale: [],
    phase: 'asking',
    together: null,
    has: [],
  };
  state.gets[by] = one;
  if (request.command.kind === 'read') state.deeds.push({ kind: 'asks', key, operation });
  for (const node of state.homes) io.send(node, { type: 'fetch', key, by });
}

export function receiveStored(state: LeaderlessState, from: NodeId, m: Of<'stored'>, io: LeaderlessIo): void {
  const one = state.puts[m.by];
  if (one !== undefined) return stored(state, one, from, io);
  const changing = state.changes[m.by];
  if (changing !== undefined) return storedChange(state, changing, from, io);
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
  if (!one.answered && isQuorum(levelOf(state, one.request, 'write'), node => one.stored.includes(node))) {
    one.answered = true;
    const { context, output } = one;
    io.reply(one.request, { kind: 'ok', output, ...(context && told(state, context, one.cell)) });
  }
  if (one.stored.length === state.homes.length) delete state.puts[one.by];
}

export function receiveFound(state: LeaderlessState, from: NodeId, m: Of<'found'>, io: LeaderlessIo): void {
  if (m.cell !== null) seeAll(state, m.cell, io);
  const one = state.gets[m.by];
  if (one === undefined || one.found.some(other => other.from === from)) return;
  one.found.push({ from, cell: m.cell });
  const has = (node: NodeId) => one.found.some(other => other.from === node);
  if (one.phase === 'asking' && isQuorum(levelOf(state, one.request, 'read'), has)) {
    one.together = allFound(state, one);
    if (isBehind(state, one)) return one.found.length < state.homes.length ? undefined : refuse(state, one, io);
    if (one.request.command.kind !== 'read') {
      delete state.gets[one.by];
      return put(state, one.request, one.together, io);
    }
    if (state.context.options.readWriteBack && one.together !== null) writeBack(state, one, one.together, io);
    else answer(state, one, io);
  }
  if (one.phase === 'answered' && one.found.length === state.homes.length) repair(state, one, io);
}

/** Those who have answered do not have what the session has seen of the key: the others may. */
const isBehind = ({ context }: LeaderlessState, { request, together }: Get): boolean =>
  request.command.kind === 'read' &&
  carriesTokens(request) &&
  !hasAll(context.options.resolve, together, contextOf(request));

function refuse(state: LeaderlessState, one: Get, io: LeaderlessIo): void {
  io.reply(one.request, late('no replica has what the session has seen', 'refused'));
  delete state.gets[one.by];
}

/** Where keys change hands: without this replica. Whatever has no quorum left is given up. */
export function receiveStale(state: LeaderlessState, from: NodeId, m: Of<'stale'>, io: LeaderlessIo): void {
  const isLeft =
    ({ stale }: Put | Get) =>
    (node: NodeId) =>
      !stale.includes(node);
  const put = state.puts[m.by];
  const get = state.gets[m.by];
  for (const one of [put, get]) if (one !== undefined && !one.stale.includes(from)) one.stale.push(from);
  if (put !== undefined && !put.answered && !isQuorum(levelOf(state, put.request, 'write'), isLeft(put))) {
    // Sent once, and nobody has taken it: then nobody ever does.
    const isSentOnce = put.sentNs === put.sinceNs;
    const isNowhere = isSentOnce && put.stale.length === state.homes.length;
    if (!isSentOnce || put.stale.length + put.stored.length === state.homes.length) {
      const why = 'too few replicas serve the key any more';
      io.reply(put.request, isNowhere ? refusedElsewhere(state, m.map, put.key) : late(why, 'unknown'));
      delete state.puts[put.by];
    }
  }
  if (get === undefined || get.phase === 'answered') return;
  if (isQuorum(levelOf(state, get.request, get.phase === 'asking' ? 'read' : 'write'), isLeft(get))) return;
  io.reply(get.request, refusedElsewhere(state, m.map, get.key));
  delete state.gets[get.by];
}

function allFound({ context }: LeaderlessState, { found }: Get): Cell | null {
  let all: Cell | null = null;
  for (const { cell } of found) if (cell !== null) all = together(context.options.resolve, all, cell);
  return all;
}

/** Attiya, Bar-Noy & Dolev 1995: what is about to be told is first on a write quorum, so no later read tells less. */
function writeBack(state: LeaderlessState, one: Get, cell: Cell, io: LeaderlessIo): void {
  one.phase = 'writing back';
  one.sentNs = io.monotonicNs();
  one.has = one.found.filter(other => hasAll(state.context.options.resolve, other.cell, cell)).map(({ from }) => from);
  for (const node of state.homes)
    if (!one.has.includes(node)) io.send(node, { type: 'repair', key: one.key, cell, by: one.by });
  finishWriteBack(state, one, io);
}

function finishWriteBack(state: LeaderlessState, one: Get, io: LeaderlessIo): void {
  if (isQuorum(levelOf(state, one.request, 'write'), node => one.has.includes(node))) answer(state, one, io);
}

function answer(state: LeaderlessState, one: Get, io: LeaderlessIo): void {
  const { request, key } = one;
  const { resolve } = state.context.options;
  const cell = one.together ?? [];
  one.phase = 'answered';
  state.deeds.push({ kind: 'answers', key, operation: request.command.operation, cell });
  const output = readingOf(state, cell);
  if (resolve.kind === 'siblings') {
    if (cell.length > 1) io.note(`finds ${cell.length} siblings of ${key}`);
    // What the client has known before, and what it is told now.
    const context = together(resolve, cell, contextOf(request));
    io.reply(request, { kind: 'ok', output, ...told(state, context, cell) });
  } else io.reply(request, { kind: 'ok', output, ...(carriesTokens(request) && { context: cell }) });
  if (!state.context.options.readRepair) delete state.gets[one.by];
}

/** What goes to the client with an answer: the context that it is to send along, and all siblings. */
const told = (state: LeaderlessState, context: Cell, cell: Cell) => ({
  context,
  ...(cell.length > 1 && { siblings: valuesOf(state, cell) }),
});

/** Whoever has not everything gets it (Dynamo §5). */
function repair(state: LeaderlessState, one: Get, io: LeaderlessIo): void {
  const all = allFound(state, one);
  if (all !== null)
    for (const { from, cell } of one.found)
      if (!hasAll(state.context.options.resolve, cell, all))
        io.send(from, { type: 'repair', key: one.key, cell: all, by: 0 });
  delete state.gets[one.by];
}

const late = (why: string, kind: 'unknown' | 'refused'): Reply =>
  kind === 'unknown' ? { kind, why } : { kind, why, leader: null };

/** Sends again, asks stand-ins, gives up. */
export function coordinate(state: LeaderlessState, io: LeaderlessIo): void {
  const now = io.monotonicNs();
  forgetSeen(state.seen, now);
  coordinateChanges(state, now, io);
  coordinateOrders(state, now, io);
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
          io.send(node, { type: 'repair', key: one.key, cell: one.together!, by: one.by });
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
  const mayKeep = (who: NodeId) => group.handoffWithin === undefined || group.regionOf(who) === group.regionOf(node);
  const other = options.sloppy ? group.spares.find(spare => mayKeep(spare) && !taken.includes(spare)) : undefined;
  const hint = { target: node, key: one.key, cell: one.cell };
  if (other !== undefined) {
    one.standIns[node] = other;
    io.send(other, { type: 'hold', key: one.key, cell: one.cell, by: one.by, target: node });
  } else if (!options.sloppy && mayKeep(self)) {
    one.standIns[node] = self;
    keepHint(state, hint, io);
  }
}
