/**
 * Multi-leader replication. How writes travel stands in `replication`, what they do to a copy in `install`; what is done
 * about conflicts is one policy each: `immediate` (none, last-write-wins, merge), `side-by-side` (siblings), `lock-holder`
 * and `lock-table`, `version-check`, `homes`.
 */
import type { Value } from '../../checkers/history.ts';
import type { MultiLeader } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import { modelNamed } from '../../model/model.ts';
import type { NodeContext, Protocol } from '../contract.ts';
import { synced } from '../deeds.ts';
import { seeStamp } from '../versions/stamps.ts';
import { joined } from '../versions/vectors.ts';
import { firstHomes } from './homes.ts';
import { contentOf, install } from './install.ts';
import { multiLeaderInvariants } from './invariants.ts';
import { policyOf } from './policy.ts';
import { giveUpRelays, receiveRelayed } from './relaying.ts';
import { ask, gossip, receivePositions, receiveReceived, receiveReplicate, resend, stored } from './replication.ts';
import { begin, beginFor, beginLate, forget } from './requests.ts';
import { siblingsIn, valuesOf } from './side-by-side.ts';
import {
  type Cell,
  gossipNs,
  hasAll,
  type MultiLeaderDisk,
  type MultiLeaderIo,
  type MultiLeaderMessage,
  type MultiLeaderState,
  type MultiLeaderWrite,
  multiLeaderDisk,
  type Positions,
  positionsOf,
  tickNs,
} from './state.ts';

function boot(context: NodeContext<MultiLeader>, image: MultiLeaderDisk | undefined, io: MultiLeaderIo) {
  const { options, group, self } = context;
  const leaders = options.leaders.filter(node => group.replicas.includes(node));
  const life = (image?.life ?? 0) + 1;
  const born = image?.life ? image.born : io.wallNs();
  const { conflicts } = options;
  const homes = conflicts.kind === 'avoid' ? firstHomes(conflicts, leaders) : firstHomes({ ...noHomes }, [self]);
  const state: MultiLeaderState = {
    context,
    policy: policyOf(options, leaders),
    leaders,
    holders: [...group.replicas, ...group.observers],
    life,
    stream: `${self}.${born}`,
    streams: {},
    refused: {},
    cells: {},
    heard: {},
    sessions: {},
    discarded: new Map(),
    locks: { table: { ...image?.locks }, waiting: {}, wanted: {}, highest: {} },
    checks: { votes: { ...image?.votes }, doubts: {}, attempts: {} },
    homes: image?.homes ? { ...homes, durable: image.homes } : homes,
    clock: { time: 0, count: 0 },
    early: {},
    pending: {},
    relays: {},
    relayed: {},
    behind: [],
    known: {},
    sentNs: {},
    heardNs: {},
    seen: {},
    // Answers to an earlier life must not count for this one.
    nextId: life * 4_294_967_296,
    peer: self,
    conflicts: 0,
    token: 0,
    unsynced: [],
    deeds: [],
  };
  for (const { write, refused } of image?.arrived ?? []) {
    install(state, write, refused);
    if (conflicts.kind === 'last-write-wins') seeStamp(conflicts.clock, state.clock, write.stamp, io.wallNs());
    if (conflicts.kind === 'merge' || conflicts.kind === 'siblings')
      seeStamp('hybrid', state.clock, write.stamp, io.wallNs());
  }
  state.deeds.push({ kind: 'boots', positions: positionsOf(state) });
  // Nothing is said before the new life is on disk.
  io.persist({ kind: 'life', life, born });
  io.setTimer('tick', tickNs, tickNs);
  if (!state.holders.includes(self)) return state;
  io.setTimer('gossip', gossipNs / 2, gossipNs * 1.5);
  for (const node of state.holders) if (node !== self) ask(state, node, io, true);
  state.policy.booted?.(state, io);
  return state;
}

const noHomes = { kind: 'avoid', field: '', homes: [], onMove: 'none' } as const;

function receive(state: MultiLeaderState, from: NodeId, m: MultiLeaderMessage, io: MultiLeaderIo): void {
  state.deeds = [];
  state.heardNs[from] = io.monotonicNs();
  switch (m.type) {
    case 'replicate':
      receiveReplicate(state, from, m, io);
      return beginLate(state, io);
    case 'received':
      return receiveReceived(state, from, m, io);
    case 'positions':
      return receivePositions(state, from, m, io);
    case 'relay':
      return beginFor(state, from, m, io);
    case 'relayed':
      return receiveRelayed(state, m, io);
    default:
      return state.policy.receive?.(state, from, m, io);
  }
}

function timer(state: MultiLeaderState, name: string, io: MultiLeaderIo): void {
  state.deeds = [];
  switch (name) {
    case 'tick':
      io.setTimer('tick', tickNs, tickNs);
      forget(state, io);
      if (!state.holders.includes(state.context.self)) return;
      resend(state, io);
      giveUpRelays(state, io);
      beginLate(state, io);
      return state.policy.tick?.(state, io);
    case 'gossip':
      io.setTimer('gossip', gossipNs / 2, gossipNs * 1.5);
      return gossip(state, io);
    default:
      return state.policy.timer?.(state, name, io);
  }
}

function contents(state: MultiLeaderState): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const key of Object.keys(state.cells).sort()) {
    const cell = state.cells[key]!;
    if (!cell.deleted) values[key] = contentOf(state, cell);
  }
  return values;
}

function besideIn(state: MultiLeaderState, cell: Cell): readonly Value[] {
  if (state.context.options.conflicts.kind !== 'siblings') return [contentOf(state, cell)];
  return valuesOf(modelNamed(state.context.group.model)!, siblingsIn(cell));
}

const lengths = (streams: MultiLeaderState['streams']): number =>
  Object.values(streams).reduce((sum, one) => sum + one.length, 0);

export const multiLeaderProtocol: Protocol<
  MultiLeaderState,
  MultiLeaderMessage,
  MultiLeaderWrite,
  MultiLeaderDisk,
  MultiLeader
> = {
  kind: 'multi-leader',
  messages: {
    replicate: 'writes of one leader, in their order',
    received: 'they are on disk up to here',
    positions: 'what the sender has of each leader’s writes: what is missing comes back',
    relay: 'what a replica is asked and only a leader does',
    relayed: 'its answer, and the writes that come with it',
    'lock-request': 'grant the lock of a key for this token',
    'lock-grant': 'granted, and what the grantor has',
    'lock-busy': 'somebody else holds it, or a higher token was granted',
    'lock-release': 'the holder has finished, or gives way',
    'lock-probe': 'goes along who waits for whom: back at its sender it has found a deadlock',
    'write-if': 'to the home of a key: write this if the version is still so',
    written: 'it was, and the write is on disk',
    'vote-request': 'agree to this as the next version of the key',
    agreed: 'to no other one',
    conflict: 'there is a later version',
    inquire: 'what became of the version that was agreed to?',
    cancel: 'it was given up',
    'home-drain': 'make way for another home',
    'home-drained': 'this is all that the old home took',
    'home-move': 'where each value has its home, and since which epoch',
    'home-known': 'so it is on disk here',
  },
  classOf(message) {
    switch (message.type) {
      case 'replicate':
      case 'write-if':
      case 'relay':
        return 'write-request';
      case 'received':
      case 'written':
      case 'relayed':
        return 'write-acknowledge';
      default:
        return 'control';
    }
  },
  bytes(message, recordBytes) {
    switch (message.type) {
      case 'replicate':
        return 64 + message.writes.length * (64 + recordBytes);
      case 'write-if':
      case 'relay':
        return 64 + recordBytes;
      case 'received':
      case 'positions':
        return 64 + 16 * Object.keys(message.positions).length;
      default:
        return 64;
    }
  },
  disk: multiLeaderDisk,
  boot,
  request(state, request, io) {
    state.deeds = [];
    begin(state, request, io);
  },
  administer(state, request, io) {
    state.deeds = [];
    if (state.policy.administer !== undefined) return state.policy.administer(state, request, io);
    io.reply(request, { kind: 'failed', why: 'leaders and replicas are what the design says' });
  },
  receive,
  timer,
  persisted(state, token, io) {
    state.deeds = [];
    synced(state, token);
    stored(state, io);
  },
  watched: {
    writes: state => lengths(state.streams),
    keys: state => Object.keys(state.cells).length,
    unacknowledged: state => Object.keys(state.pending).length,
    early: state => lengths(state.early),
    conflicts: state => state.conflicts,
    discarded: state => state.discarded.size,
    siblings: state =>
      state.context.options.conflicts.kind === 'siblings'
        ? Math.max(0, ...Object.values(state.cells).map(cell => siblingsIn(cell).length))
        : null,
    granted: state => Object.values(state.locks.table).filter(({ held }) => held).length,
    holds: state => Object.values(state.locks.wanted).filter(({ phase }) => phase === 'writing').length,
    epoch: state => Math.floor(Math.max(...Object.values(state.homes.durable.of).map(({ epoch }) => epoch)) / 4096),
  },
  contents,
  *applied({ streams }) {
    for (const writes of Object.values(streams))
      for (const { operation } of writes) if (operation >= 0) yield operation;
  },
  sideBySide: state =>
    Object.fromEntries(Object.entries(state.cells).map(([key, cell]) => [key, besideIn(state, cell)])),
  // Of siblings it is told by what clients knew.
  discarded: state => (state.context.options.conflicts.kind === 'siblings' ? undefined : state.discarded),
  tokens: {
    of: positionsOf,
    covers: (state, token) => hasAll(state, token as Positions),
    join: (one, other) => joined([one as Positions, other as Positions]),
  },
  invariants: multiLeaderInvariants,
};
