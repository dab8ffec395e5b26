/**
 * Leaderless replication with the last write of each key winning. What each event does stands in `coordinator` (for a
 * client), `replica` (for a coordinator) and `repair` (for each other).
 */
import type { Value } from '../../checkers/history.ts';
import type { Leaderless } from '../../design/mechanism.ts';
import { resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { NodeContext, Protocol } from '../contract.ts';
import { synced } from '../deeds.ts';
import { seeStamp } from '../versions/stamps.ts';
import { begin, coordinate, receiveFound, receiveHeld, receiveStored } from './coordinator.ts';
import { leaderlessInvariants } from './invariants.ts';
import { LEAVES, leafOf, mixed } from './merkle.ts';
import {
  compareWithNext,
  handOver,
  receiveCompare,
  receiveHandedOver,
  receiveVersions,
  receiveWant,
} from './repair.ts';
import { collect, receiveFetch, receiveHold, receiveStore } from './replica.ts';
import {
  type LeaderlessDisk,
  type LeaderlessIo,
  type LeaderlessMessage,
  type LeaderlessState,
  type LeaderlessWrite,
  leaderlessDisk,
  readingOf,
  tickNs,
} from './state.ts';

function boot(context: NodeContext<Leaderless>, image: LeaderlessDisk | undefined, io: LeaderlessIo): LeaderlessState {
  const { options, group, self } = context;
  const quorum = (spec: Leaderless['read']) => resolveQuorum(spec, group.replicas, node => group.regionOf(node), self);
  const life = (image?.life ?? 0) + 1;
  const now = io.monotonicNs();
  const cells = { ...image?.cells };
  const hints = { ...image?.hints };
  const state: LeaderlessState = {
    context,
    homes: group.replicas,
    read: quorum(options.read),
    write: quorum(options.write),
    clockKind: options.resolve.kind === 'last-write-wins' ? options.resolve.clock : 'hybrid',
    life,
    cells,
    hints,
    applied: { ...image?.applied },
    clock: { time: 0, count: 0 },
    puts: {},
    gets: {},
    heardNs: {},
    silentNs: {},
    deletedNs: {},
    leaves: Array.from({ length: LEAVES }, () => 0),
    // Answers to an earlier life must not count for this one.
    seen: {},
    nextId: life * 4_294_967_296,
    token: 0,
    unsynced: [],
    deeds: [],
    peer: self,
  };
  for (const [key, { stamp, deleted }] of Object.entries(cells)) {
    const leaf = leafOf(key);
    state.leaves[leaf] = state.leaves[leaf]! ^ mixed(key, stamp);
    if (deleted) state.deletedNs[key] = now;
    seeStamp(state.clockKind, state.clock, stamp, io.wallNs());
  }
  // No stamp is given before the new life is on disk.
  io.persist({ kind: 'life', life });
  io.setTimer('tick', tickNs, tickNs);
  if (options.antiEntropyNs !== null) io.setTimer('compare', options.antiEntropyNs / 2, options.antiEntropyNs * 1.5);
  return state;
}

function receive(state: LeaderlessState, from: NodeId, m: LeaderlessMessage, io: LeaderlessIo): void {
  state.deeds = [];
  state.heardNs[from] = io.monotonicNs();
  delete state.silentNs[from];
  switch (m.type) {
    case 'store':
    case 'repair':
      return receiveStore(state, from, m, io);
    case 'stored':
      if (m.hint !== 0) receiveHandedOver(state, m.hint, io);
      return receiveStored(state, from, m, io);
    case 'hold':
      return receiveHold(state, from, m, io);
    case 'held':
      return receiveHeld(state, m, io);
    case 'fetch':
      return receiveFetch(state, from, m, io);
    case 'found':
      return receiveFound(state, from, m, io);
    case 'compare':
      return receiveCompare(state, from, m, io);
    case 'versions':
      return receiveVersions(state, from, m, io);
    case 'want':
      return receiveWant(state, from, m, io);
  }
}

function timer(state: LeaderlessState, name: string, io: LeaderlessIo): void {
  state.deeds = [];
  if (name === 'compare') {
    const every = state.context.options.antiEntropyNs!;
    io.setTimer('compare', every / 2, every * 1.5);
    return compareWithNext(state, io);
  }
  io.setTimer('tick', tickNs, tickNs);
  coordinate(state, io);
  handOver(state, io);
  collect(state, io);
}

function contents(state: LeaderlessState): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const key of Object.keys(state.cells).sort()) {
    const cell = state.cells[key]!;
    if (!cell.deleted) values[key] = readingOf(state, cell);
  }
  return values;
}

export const leaderlessProtocol: Protocol<
  LeaderlessState,
  LeaderlessMessage,
  LeaderlessWrite,
  LeaderlessDisk,
  Leaderless
> = {
  kind: 'leaderless',
  messages: {
    store: 'a write, from who coordinates it or has kept it',
    stored: 'it, or a later one, is on disk',
    hold: 'keep this write for a replica that does not answer',
    held: 'it is kept, on disk',
    fetch: 'a read: what do you have of this key?',
    found: 'the write with the highest stamp',
    repair: 'what a read or a comparison has found, for who has older',
    compare: 'hashes of a Merkle tree',
    versions: 'stamps of the keys in leaves that differ',
    want: 'keys of which the sender has older writes',
  },
  classOf(message) {
    switch (message.type) {
      case 'store':
      case 'hold':
      case 'repair':
        return 'write-request';
      case 'stored':
      case 'held':
        return 'write-acknowledge';
      case 'fetch':
        return 'read-request';
      case 'found':
        return 'read-response';
      default:
        return 'control';
    }
  },
  bytes(message, recordBytes) {
    switch (message.type) {
      case 'store':
      case 'hold':
      case 'repair':
        return 64 + recordBytes;
      case 'found':
        return 64 + (message.cell === null ? 0 : recordBytes);
      case 'compare':
        return 64 + 8 * Object.keys(message.hashes).length;
      case 'versions':
        return 64 + 32 * Object.keys(message.of).length;
      case 'want':
        return 64 + 16 * message.keys.length;
      default:
        return 64;
    }
  },
  disk: leaderlessDisk,
  boot,
  request(state, request, io) {
    state.deeds = [];
    begin(state, request, io);
  },
  administer: (_state, request, io) =>
    io.reply(request, { kind: 'failed', why: 'the replicas of a key are what the design says' }),
  receive,
  timer,
  persisted(state, token) {
    state.deeds = [];
    synced(state, token);
  },
  watched: {
    keys: state => Object.keys(state.cells).length,
    writes: state => Object.keys(state.puts).length,
    reads: state => Object.keys(state.gets).length,
    hints: state => Object.keys(state.hints).length,
    tombstones: state => Object.keys(state.deletedNs).length,
  },
  contents,
  applied: state => Object.keys(state.applied).map(Number),
  invariants: leaderlessInvariants,
};
