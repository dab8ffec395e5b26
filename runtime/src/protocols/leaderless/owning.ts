/**
 * Keys that change hands where no log orders operations (`protocols/ownership.ts` has the steps). Each replica takes a map
 * for itself, and whichever one the operator asks gathers the others:
 *
 * - What leaves is given when so many replicas have stopped serving it that the others contain neither a read nor a write
 *   quorum: from then on nothing completes by the old map, and what has completed is known to one of those that gave it
 *   (as a reconfiguration reads from a quorum of the old configuration: Lynch & Shvartsman, "RAMBO", DISC 2002, §4).
 * - What comes is served by each replica from when it stands there. The change goes on when so many have it that the
 *   others contain no quorum; whoever was away catches up from one that has everything, before it serves anything new.
 *
 * A replica takes no map whose predecessor it has not had whole: of what happened in between it knows nothing. One with
 * an empty disk does not know whether it is new or has lost everything: it serves nothing before so many others have said
 * that they are new, too, that the rest contains no quorum, or before one of them has given it what it has.
 */
import type { Value } from '../../checkers/history.ts';
import type { Leaderless } from '../../design/mechanism.ts';
import { groupHolding, mapFrom, mapValue, type PartitionMap } from '../../design/partition-map.ts';
import { isQuorum, resolveQuorum } from '../../design/quorum.ts';
import type { PartitionId } from '../../design/store.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest, Group, NodeContext, Reply } from '../contract.ts';
import { type Entry, holds, noting, type Ownership, ownedAtFirst, type Parcel } from '../ownership.ts';
import { together } from './cells.ts';
import { forget, merge } from './replica.ts';
import {
  type Cell,
  type Cells,
  giveUpNs,
  type LeaderlessDisk,
  type LeaderlessIo,
  type LeaderlessMessage,
  type LeaderlessState,
  mapsNs,
  type Order,
  type Owned,
  resendNs,
} from './state.ts';

type Of<T extends LeaderlessMessage['type']> = Extract<LeaderlessMessage, { type: T }>;

/** Before the first map: nobody owns anything. */
const nowhere: PartitionMap = { epoch: 0, members: [], groups: [] };

/** As it stands on the disk, or as the design has it. */
export function ownershipAtBoot(
  { group }: NodeContext<Leaderless>,
  image: LeaderlessDisk | undefined,
): Ownership | null {
  if (group.shard === undefined) return null;
  const first = ownedAtFirst(group.shard);
  if (image?.owned === undefined) return { ...first, before: nowhere };
  const [map, before] = image.owned;
  return { ...first, map: mapFrom(map)!, before: before === null ? null : mapFrom(before)! };
}

/** Whether these members could complete a read or a write by themselves, whoever coordinates it. */
export function couldServe(group: Group, options: Leaderless, has: (node: NodeId) => boolean): boolean {
  const specs = [options.read, options.write, ...(group.levels ?? [])];
  return specs.some(spec =>
    isQuorum(
      resolveQuorum(spec, group.replicas, one => group.regionOf(one)),
      has,
    ),
  );
}

/** What a client is told whose key other replicas do not serve, by their map. */
export const refusedElsewhere = (state: LeaderlessState, map: Of<'stale'>['map'], key: string): Reply => ({
  kind: 'refused',
  why: `too few replicas serve ${key} in epoch ${map[0]}`,
  leader: null,
  map: [state.ownership!.space.name, map],
});

const isOf = ({ groups }: PartitionMap, group: PartitionId): boolean => groups.includes(group);

function go(state: LeaderlessState, map: PartitionMap, before: PartitionMap | null, io: LeaderlessIo): void {
  state.ownership = { ...state.ownership!, map, before };
  state.isCleared = false;
  keepOwned(state, io);
}

function keepOwned(state: LeaderlessState, io: LeaderlessIo): void {
  const { map, before } = state.ownership!;
  const owned: Owned = [mapValue(map), before === null ? null : mapValue(before), state.isCleared];
  io.persist({ kind: 'owns', owned });
}

/** The operator asks: this node has its replicas do it. */
export function begin(state: LeaderlessState, request: ClientRequest, io: LeaderlessIo): void {
  const [word, map, entries, , operations, before] = request.command.input as readonly unknown[];
  const { ownership } = state;
  if (ownership === null || mapFrom(map) === undefined) return io.reply(request, { kind: 'ok', output: ['no'] });
  const by = state.nextId++;
  const at = { by, map: map as Of<'give'>['map'] };
  let asked: Order['asked'];
  if (word === 'install') {
    const anew = !isOf(mapFrom(before)!, ownership.group);
    const cells = Object.fromEntries(entries as readonly (readonly [string, Cell])[]);
    asked = { type: 'take', ...at, cells, operations: operations as readonly number[], anew };
  } else asked = word === 'forget' ? { type: 'drop', ...at } : { type: 'give', ...at, copies: word === 'copy' };
  const now = io.monotonicNs();
  state.orders[by] = { by, request, asked, sinceNs: now, sentNs: now, done: [] };
  for (const node of state.homes) io.send(node, asked);
}

/** Asks again whoever has not done it. The operator asks somebody else if it takes long, and needs no answer then. */
export function coordinateOrders(state: LeaderlessState, now: number, io: LeaderlessIo): void {
  for (const one of Object.values(state.orders)) {
    if (now - one.sinceNs >= giveUpNs) delete state.orders[one.by];
    else if (now - one.sentNs >= resendNs) {
      one.sentNs = now;
      for (const node of state.homes) if (!one.done.some(({ from }) => from === node)) io.send(node, one.asked);
    }
  }
}

export function receiveGive(state: LeaderlessState, from: NodeId, m: Of<'give'>, io: LeaderlessIo): void {
  const map = mapFrom(m.map)!;
  const known = state.ownership!;
  if (m.copies) return give(state, from, m.by, known.map, map, io);
  if (map.epoch === known.map.epoch + 1 && known.before === null) go(state, map, known.map, io);
  const { map: now, before } = state.ownership!;
  // Who is behind catches up first; who has everything already is asked too late.
  if (now.epoch === map.epoch && before !== null) give(state, from, m.by, before, map, io);
}

/** What leaves between the two maps. It waits for the disk. */
function give(
  state: LeaderlessState,
  to: NodeId,
  by: number,
  before: PartitionMap,
  map: PartitionMap,
  io: LeaderlessIo,
): void {
  const { space, group } = state.ownership!;
  const leaves = ([key]: readonly [string, Cell]) =>
    groupHolding(space, before, key) === group && groupHolding(space, map, key) !== group;
  const cells = Object.fromEntries(Object.entries(state.cells).filter(leaves));
  io.send(to, { type: 'given', by, cells, operations: Object.keys(state.applied).map(Number) });
}

export function receiveTake(state: LeaderlessState, from: NodeId, m: Of<'take'>, io: LeaderlessIo): void {
  const map = mapFrom(m.map)!;
  const { map: known, before } = state.ownership!;
  if (known.epoch > map.epoch) return;
  if (known.epoch < map.epoch || before !== null) {
    const follows = known.epoch === map.epoch || (known.epoch + 1 === map.epoch && before === null);
    if (!follows && !m.anew) return;
    if (!follows) dropWhere(state, () => true, io);
    takeAll(state, m.cells, m.operations, io);
    go(state, map, null, io);
    const entries = Object.entries(m.cells) as unknown as readonly Entry[];
    state.ownership = noting(state.ownership!, { kind: 'installed', map, entries, operations: m.operations });
  }
  io.send(from, { type: 'taken', by: m.by });
}

function takeAll(state: LeaderlessState, cells: Cells, operations: readonly number[], io: LeaderlessIo): void {
  for (const [key, cell] of Object.entries(cells)) merge(state, key, cell, io);
  const others = operations.filter(one => state.applied[one] === undefined);
  for (const one of others) state.applied[one] = true;
  if (others.length > 0) io.persist({ kind: 'superseded', operations: others });
}

export function receiveDrop(state: LeaderlessState, from: NodeId, m: Of<'drop'>, io: LeaderlessIo): void {
  const map = mapFrom(m.map)!;
  const owned = state.ownership!;
  if (owned.map.epoch !== map.epoch) return;
  // To a group that owns nothing any more nothing comes.
  if (owned.before !== null && !isOf(map, owned.group)) go(state, map, null, io);
  if (state.ownership!.before !== null) return;
  clear(state, io);
  io.send(from, { type: 'dropped', by: m.by });
}

function clear(state: LeaderlessState, io: LeaderlessIo): void {
  if (state.isCleared) return;
  const owned = state.ownership!;
  dropWhere(state, key => !holds(owned, key), io);
  state.isCleared = true;
  keepOwned(state, io);
}

/** Of these keys nothing is kept here, for nobody. */
function dropWhere(state: LeaderlessState, isMeant: (key: string) => boolean, io: LeaderlessIo): void {
  for (const key of Object.keys(state.cells)) if (isMeant(key)) forget(state, key, { kind: 'dropped', key }, io);
  for (const [id, { key }] of Object.entries(state.hints)) {
    if (!isMeant(key)) continue;
    delete state.hints[Number(id)];
    io.persist({ kind: 'unhint', id: Number(id) });
  }
}

export function receiveDone(
  state: LeaderlessState,
  from: NodeId,
  m: Of<'given' | 'taken' | 'dropped'>,
  io: LeaderlessIo,
): void {
  const order = state.orders[m.by];
  if (order === undefined || order.done.some(one => one.from === from)) return;
  const { cells, operations } = m.type === 'given' ? m : { cells: {}, operations: [] };
  order.done.push({ from, cells, operations });
  const { group, options } = state.context;
  const has = (node: NodeId) => order.done.some(one => one.from === node);
  if (couldServe(group, options, node => !has(node))) return;
  delete state.orders[order.by];
  io.reply(order.request, { kind: 'ok', output: outputOf(state, order) });
}

function outputOf(state: LeaderlessState, { asked, done }: Order): Value {
  const map = mapFrom(asked.map)!;
  if (asked.type !== 'give') return [asked.type === 'take' ? 'installed' : 'forgotten'];
  const { resolve } = state.context.options;
  const all: Record<string, Cell> = {};
  for (const { cells } of done)
    for (const [key, cell] of Object.entries(cells)) all[key] = together(resolve, all[key], cell);
  const leaving = new Map<PartitionId, Entry[]>();
  for (const key of Object.keys(all).sort()) {
    const to = groupHolding(state.ownership!.space, map, key) ?? -1;
    leaving.set(to, [...(leaving.get(to) ?? []), [key, all[key] as unknown as Value]]);
  }
  const parcels: readonly Parcel[] = [...leaving];
  if (!asked.copies) state.ownership = noting(state.ownership!, { kind: 'released', map, parcels });
  const operations = leaving.size === 0 ? [] : [...new Set(done.flatMap(one => one.operations))];
  return ['released', map.epoch, parcels as unknown as Value, [], operations];
}

/** Tells one of the others how far it is; who is new, or thinks so, tells all of them. */
export function compareMaps(state: LeaderlessState, io: LeaderlessIo): void {
  io.setTimer('maps', mapsNs / 2, mapsNs);
  const { self } = state.context;
  if (isNew(state)) return askAll(state, io);
  const others = state.homes.filter(node => node !== self);
  if (others.length > 0) io.send(others[state.turn++ % others.length]!, epochOf(state));
}

function epochOf({ ownership, isCleared }: LeaderlessState): Of<'epoch'> {
  const { map, before } = ownership!;
  return { type: 'epoch', epoch: map.epoch, whole: before === null, cleared: isCleared, answers: false };
}

/** The latest epoch of which it has everything: what is on its way belongs to the next one. */
const wholeIn = ({ epoch, whole }: Of<'epoch'>): number => (whole ? epoch : epoch - 1);

const isNew = ({ ownership }: LeaderlessState): boolean => ownership!.before?.epoch === 0;

function askAll(state: LeaderlessState, io: LeaderlessIo): void {
  const { self } = state.context;
  for (const node of state.homes) if (node !== self) io.send(node, epochOf(state));
  beginIfAllAreNew(state, io);
}

/** Who holds no copy has nothing to lose: it coordinates by the map of the design until it is told of another one. */
function beginIfAllAreNew(state: LeaderlessState, io: LeaderlessIo): void {
  const { group, options, self } = state.context;
  const isOther = (node: NodeId) => node !== self && !state.newcomers.includes(node);
  if (!isNew(state) || (state.homes.includes(self) && couldServe(group, options, isOther))) return;
  go(state, state.ownership!.map, null, io);
}

/** Whoever has less gets what this one has, also if it waits for more itself: both are asked for what leaves. */
export function receiveEpoch(state: LeaderlessState, from: NodeId, m: Of<'epoch'>, io: LeaderlessIo): void {
  const { space, group, map, before } = state.ownership!;
  const mine = epochOf(state);
  // Whoever was away when the others were told hears it from them.
  if (m.cleared && m.epoch === mine.epoch && mine.whole) clear(state, io);
  if (wholeIn(m) === 0 && !state.newcomers.includes(from)) state.newcomers.push(from);
  // Who is new is told so by those that are.
  if (wholeIn(mine) < wholeIn(m) || (isNew(state) && wholeIn(m) === 0 && !m.answers))
    io.send(from, { ...mine, answers: true });
  if (isNew(state)) beginIfAllAreNew(state, io);
  if (wholeIn(m) >= wholeIn(mine)) return;
  const had = before ?? map;
  const isMine = ([key]: readonly [string, Cell]) => groupHolding(space, had, key) === group;
  // Who holds no copy needs the map alone.
  const cells = state.homes.includes(from) ? Object.fromEntries(Object.entries(state.cells).filter(isMine)) : {};
  const operations = Object.keys(state.applied).map(Number);
  io.send(from, { type: 'catch-up', map: mapValue(had), cells, operations });
}

export function receiveCatchUp(state: LeaderlessState, m: Of<'catch-up'>, io: LeaderlessIo): void {
  const map = mapFrom(m.map)!;
  if (wholeIn(epochOf(state)) >= map.epoch) return;
  const { space, group } = state.ownership!;
  dropWhere(state, key => groupHolding(space, map, key) !== group, io);
  takeAll(state, m.cells, m.operations, io);
  // After what it brings: whoever crashes in between asks again.
  go(state, map, null, io);
  io.note(`goes by epoch ${map.epoch} from here on`);
}
