/**
 * Leaderless replication: the last write of a key wins, or siblings are kept (`cells`). What each event does stands in `coordinator` (for a
 * client), `replica` (for a coordinator) and `repair` (for each other).
 */
import type { ClockKind, Leaderless } from '../../design/mechanism.ts';
import { resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { NodeContext, Protocol } from '../contract.ts';
import { synced } from '../deeds.ts';
import { receivePrepare, receivePropose } from './acceptor.ts';
import { contentsOf, isDeleted, sideBySide } from './cells.ts';
import { changeTimer, receiveAccepted, receiveOutbid, receivePromise } from './changes.ts';
import { begin, coordinate, receiveFound, receiveHeld, receiveStale, receiveStored } from './coordinator.ts';
import { leaderlessInvariants } from './invariants.ts';
import { LEAVES, leafOf, mixed } from './merkle.ts';
import {
  compareMaps,
  couldServe,
  ownershipAtBoot,
  receiveCatchUp,
  receiveDone,
  receiveDrop,
  receiveEpoch,
  receiveGive,
  receiveTake,
} from './owning.ts';
import {
  compareWithNext,
  handOver,
  receiveCompare,
  receiveHandedOver,
  receiveVersions,
  receiveWant,
} from './repair.ts';
import { collect, receiveFetch, receiveHold, receiveStore, seeAll } from './replica.ts';
import {
  type Cell,
  type LeaderlessDisk,
  type LeaderlessIo,
  type LeaderlessMessage,
  type LeaderlessState,
  type LeaderlessWrite,
  leaderlessDisk,
  tickNs,
} from './state.ts';

/** With siblings stamps order nothing but what clients make of them; a Lamport stamp is the version, too. */
function clockOf(resolve: Leaderless['resolve']): ClockKind {
  if (resolve.kind === 'last-write-wins') return resolve.clock;
  return resolve.by === 'lamport' ? 'lamport' : 'hybrid';
}

function boot(context: NodeContext<Leaderless>, image: LeaderlessDisk | undefined, io: LeaderlessIo): LeaderlessState {
  const { options, group, self } = context;
  const quorum = (spec: Leaderless['read']) => resolveQuorum(spec, group.replicas, node => group.regionOf(node), self);
  const life = (image?.life ?? 0) + 1;
  const now = io.monotonicNs();
  const { shard } = group;
  // Keys that change hands keep what was counted of them: no two groups of a node count in one name.
  const actor = image?.actor || `${self}.${io.wallNs()}${shard === undefined ? '' : `.${shard.group}`}`;
  const cells = { ...image?.cells };
  const hints = { ...image?.hints };
  const state: LeaderlessState = {
    context,
    homes: group.replicas,
    read: quorum(options.read),
    write: quorum(options.write),
    levels: {},
    clockKind: clockOf(options.resolve),
    life,
    actor,
    floor: image?.floor ?? 0,
    cells,
    hints,
    applied: { ...image?.applied },
    clock: { time: 0, count: 0 },
    acceptances: { ...image?.acceptances },
    tried: { ...image?.tried },
    ownership: ownershipAtBoot(context, image),
    isCleared: image?.owned?.[2] ?? false,
    puts: {},
    gets: {},
    changes: {},
    orders: {},
    newcomers: [],
    round: 0,
    exceeding: null,
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
    peer: 0,
    turn: self,
  };
  for (const [key, cell] of Object.entries(cells)) {
    const leaf = leafOf(key);
    for (const { version } of cell) state.leaves[leaf] = state.leaves[leaf]! ^ mixed(key, version.id);
    if (isDeleted(cell)) state.deletedNs[key] = now;
    seeAll(state, cell, io);
  }
  // No stamp is given before the new life is on disk.
  io.persist({ kind: 'life', life, actor });
  io.setTimer('tick', tickNs, tickNs);
  if (state.ownership !== null) compareMaps(state, io);
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
    case 'prepare':
      return receivePrepare(state, from, m, io);
    case 'promise':
      return receivePromise(state, from, m, io);
    case 'propose':
      return receivePropose(state, from, m, io);
    case 'accepted':
      return receiveAccepted(state, from, m, io);
    case 'outbid':
      return receiveOutbid(state, m, io);
    case 'give':
      return receiveGive(state, from, m, io);
    case 'take':
      return receiveTake(state, from, m, io);
    case 'drop':
      return receiveDrop(state, from, m, io);
    case 'given':
    case 'taken':
    case 'dropped':
      return receiveDone(state, from, m, io);
    case 'stale':
      return receiveStale(state, from, m, io);
    case 'epoch':
      return receiveEpoch(state, from, m, io);
    case 'catch-up':
      return receiveCatchUp(state, m, io);
  }
}

function timer(state: LeaderlessState, name: string, io: LeaderlessIo): void {
  state.deeds = [];
  if (name === 'compare') {
    const every = state.context.options.antiEntropyNs!;
    io.setTimer('compare', every / 2, every * 1.5);
    return compareWithNext(state, io);
  }
  if (name === 'maps') return compareMaps(state, io);
  if (name !== 'tick') return changeTimer(state, name, io);
  io.setTimer('tick', tickNs, tickNs);
  coordinate(state, io);
  handOver(state, io);
  collect(state, io);
}

/** Each write is a record, with an entry of 24 bytes in its version for each actor that it has seen. */
const cellBytes = (cell: Cell, recordBytes: number): number =>
  cell.reduce((sum, { version }) => sum + recordBytes + 24 * Object.keys(version.past).length, 0);

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
    stored: 'it, or what replaces it, is on disk',
    hold: 'keep this write for a replica that does not answer',
    held: 'it is kept, on disk',
    fetch: 'a read: what do you have of this key?',
    found: 'what stands there',
    repair: 'what a read or a comparison has found, for who has not all of it',
    compare: 'hashes of a Merkle tree',
    versions: 'stamps and versions of the keys in leaves that differ',
    want: 'keys of which the sender has not everything',
    prepare: 'a compare-and-set, 1a: promise to accept nothing below this ballot',
    promise: '1b: promised, with what stands there and what was accepted upon it',
    propose: '2a: accept this change upon that write',
    accepted: '2b: accepted',
    outbid: 'a higher ballot was promised, or something else stands there',
    give: 'serve no more what by this map is not yours, and give it',
    given: 'what leaves',
    take: 'serve from now on what by this map is yours: here it is',
    taken: 'it is on disk',
    drop: 'keep nothing of what by this map is not yours',
    dropped: 'it is gone',
    stale: 'the sender serves this key no more, or not yet',
    epoch: 'by which map the sender goes, and whether it has all that it brings',
    'catch-up': 'everything that is owned, for who has missed a map',
  },
  classOf(message) {
    switch (message.type) {
      case 'store':
      case 'hold':
      case 'repair':
        return 'write-request';
      case 'propose':
        return 'write-request';
      case 'accepted':
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
        return 64 + cellBytes(message.cell, recordBytes);
      case 'found':
        return 64 + (message.cell === null ? 0 : cellBytes(message.cell, recordBytes));
      case 'promise':
        return 64 + recordBytes * ((message.cell === null ? 0 : 1) + (message.accepted === null ? 0 : 1));
      case 'propose':
        return 64 + recordBytes * (message.upon === null ? 1 : 2);
      case 'compare':
        return 64 + 8 * Object.keys(message.hashes).length;
      case 'versions':
        return 64 + 32 * Object.keys(message.of).length;
      case 'given':
      case 'take':
      case 'catch-up':
        return Object.values(message.cells).reduce((sum, cell) => sum + cellBytes(cell, recordBytes), 64);
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
    changes: state => Object.keys(state.changes).length,
    hints: state => Object.keys(state.hints).length,
    siblings: state => Object.values(state.cells).reduce((most, cell) => Math.max(most, cell.length), 0),
    tombstones: state => Object.keys(state.deletedNs).length,
  },
  contents: contentsOf,
  sideBySide,
  owners: { of: state => state, couldServe: (group, options, has) => couldServe(group, options, has) },
  applied: state => Object.keys(state.applied).map(Number),
  invariants: leaderlessInvariants,
};
