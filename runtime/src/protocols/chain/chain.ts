/**
 * Chain replication: van Renesse & Schneider, "Chain Replication for Supporting High Throughput and Availability"
 * (OSDI 2004). The head puts updates in order, every node passes them on once they are on its disk, the tail makes them
 * stable and answers reads. What each event does stands in `updates`, `reads`, `joining` and `service`.
 */
import type { Chain } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest, NodeContext, Protocol } from '../contract.ts';
import { cloneLog, lastIndex, lastTerm, positionTokens } from '../log.ts';
import { appliedOperations, apply, contents, emptyMachine, fromImage, takeImage } from '../machine.ts';
import { compact } from './compaction.ts';
import { following, headOf, isFormed, predecessorOf, successorOf, without } from './configuration.ts';
import { chainInvariants } from './invariants.ts';
import { askToJoin, receiveCopy, receiveJoin, tendExtension } from './joining.ts';
import { read } from './reads.ts';
import { answered, learn, poll, propose, takePlace } from './service.ts';
import {
  againNs,
  type ChainDisk,
  type ChainIo,
  type ChainMessage,
  type ChainState,
  type ChainWrite,
  chainDisk,
  detectNs,
  tickNs,
} from './state.ts';
import {
  acknowledge,
  heardUpstream,
  inChain,
  isCurrent,
  isHead,
  isTail,
  receiveAck,
  receiveForward,
  sendAgain,
  settle,
  update,
} from './updates.ts';

function boot(context: NodeContext<Chain>, image: ChainDisk | undefined, io: ChainIo): ChainState {
  const { options, group, self } = context;
  const disk = image ?? chainDisk.empty();
  const alone = options.master === null;
  const state: ChainState = {
    context,
    configuration:
      image === undefined && alone ? { epoch: 1, chain: group.replicas, members: group.replicas } : disk.configuration,
    log: cloneLog(disk.log),
    base: disk.base,
    fresh: image === undefined && !alone,
    unsettled: false,
    connected: group.replicas.length === 1 && group.replicas[0] === self,
    machine: disk.base === null ? emptyMachine(group.model, group.shard) : fromImage(disk.base.image),
    synced: lastIndex(disk.log),
    stable: disk.log.base,
    downstream: null,
    upstreamHeardNs: io.monotonicNs(),
    extension: null,
    copiedIn: -1,
    pending: {},
    reads: [],
    calls: {},
    nextToken: 1,
    asked: { token: 0, ns: Number.NEGATIVE_INFINITY, open: false },
    confirmed: 0,
    proposal: null,
  };
  for (const { command, session } of state.log.entries) apply(state.machine, command, session);
  if (alone && image === undefined) {
    state.base = { index: 0, term: 0, image: takeImage(state.machine) };
    io.persist({ kind: 'copy', copy: state.base });
    io.persist({ kind: 'configuration', configuration: state.configuration });
  }
  if (state.configuration.chain.length === 1 && inChain(state)) state.connected = true;
  state.unsettled = !alone && isTail(state);
  takePlace(state, false, io);
  settle(state, io);
  acknowledge(state, io);
  poll(state, io);
  io.setTimer('tick', tickNs, tickNs);
  return state;
}

function request(state: ChainState, request: ClientRequest, io: ChainIo): void {
  if (!isFormed(state.configuration) || (state.fresh && inConfiguration(state)))
    return io.reply(request, { kind: 'refused', why: 'takes no part in a chain yet', leader: null });
  if (request.command.kind === 'read') return read(state, request, io);
  if (!isHead(state)) return io.forward(request, headOf(state.configuration)!);
  if (!state.connected)
    return io.reply(request, { kind: 'refused', why: 'the next one in the chain was not heard yet', leader: null });
  update(state, request, io);
}

const inConfiguration = ({ configuration, context }: ChainState): boolean => configuration.chain.includes(context.self);

function receive(state: ChainState, from: NodeId, m: ChainMessage, io: ChainIo): void {
  switch (m.type) {
    case 'forward':
      return receiveForward(state, from, m, io);
    case 'ack':
      return receiveAck(state, from, m, io);
    case 'heartbeat':
      if (isCurrent(state, from, m.epoch, io) && from === predecessorOf(state.configuration, state.context.self))
        heardUpstream(state, m.stable, io);
      return;
    case 'new-config':
      return learn(state, m.configuration, io);
    case 'join':
      return receiveJoin(state, from, m, io);
    case 'extend-copy':
      return receiveCopy(state, from, m, io);
  }
}

function tick(state: ChainState, io: ChainIo): void {
  io.setTimer('tick', tickNs, tickNs);
  if (state.proposal !== null && io.monotonicNs() - state.proposal.ns > againNs) state.proposal = null;
  poll(state, io);
  if (state.fresh) return;
  compact(state, io);
  if (!inChain(state)) return askToJoin(state, io);
  const { configuration, downstream, stable } = state;
  acknowledge(state, io);
  if (downstream !== null) {
    sendAgain(state, downstream, io);
    io.send(downstream.node, {
      type: 'heartbeat',
      epoch: configuration.epoch,
      stable: downstream.open ? stable - downstream.offset : stable,
    });
  }
  removeSilent(state, io);
  if (state.unsettled) propose(state, configuration, following(configuration), io);
  else if (isTail(state)) tendExtension(state, io);
}

/** A neighbour that is not heard any more is taken out (§3.1 to §3.3): the service decides who takes out whom. */
function removeSilent(state: ChainState, io: ChainIo): void {
  const { configuration, downstream, context } = state;
  const before = predecessorOf(configuration, context.self);
  const late = (heardNs: number) => io.monotonicNs() - heardNs > detectNs;
  const silent =
    downstream !== null && late(downstream.heardNs)
      ? successorOf(configuration, context.self)
      : before !== undefined && late(state.upstreamHeardNs)
        ? before
        : undefined;
  if (silent !== undefined)
    propose(state, configuration, following(configuration, { chain: without(configuration.chain, silent) }), io);
}

function administer(state: ChainState, request: AdminRequest, io: ChainIo): void {
  const { configuration, context } = state;
  const failed = (why: string) => io.reply(request, { kind: 'failed', why });
  if (request.kind === 'promote') return failed('the head of a chain follows from its order: remove those before it');
  if (context.options.master === null) return failed('a chain without a configuration service never changes');
  if (request.as === 'observer') return failed('a chain has no observers');
  if (!inChain(state) || state.proposal !== null)
    return io.reply(request, { kind: 'refused', why: 'cannot change the chain now', leader: null });
  const chain = without(configuration.chain, ...request.remove);
  if (chain.length === 0) return failed('nobody would be left in the chain');
  const kept = without(configuration.members, ...request.remove);
  const members = [...kept, ...without(request.add, ...kept)];
  propose(state, configuration, following(configuration, { chain, members }), io, request);
}

export const chainReplication: Protocol<ChainState, ChainMessage, ChainWrite, ChainDisk, Chain> = {
  kind: 'chain',
  messages: {
    forward: 'updates, from the head towards the tail',
    ack: 'how far updates have come, from the tail towards the head',
    heartbeat: 'the predecessor is alive',
    'new-config': 'the configuration that the service has decided',
    join: 'let me follow you as the tail',
    'extend-copy': 'the history, for the next tail',
  },
  classOf(message) {
    switch (message.type) {
      case 'forward':
      case 'extend-copy':
        return 'write-request';
      case 'ack':
        return 'write-acknowledge';
      default:
        return 'control';
    }
  },
  bytes(message, recordBytes) {
    if (message.type === 'forward') return 64 + message.entries.length * (32 + recordBytes);
    if (message.type === 'extend-copy') return 64 + Object.keys(message.copy.image.data).length * recordBytes;
    return 64;
  },
  disk: chainDisk,
  boot,
  request,
  administer,
  receive,
  timer: (state, _name, io) => tick(state, io),
  persisted(state, token) {
    state.synced = Math.max(state.synced, Math.min(token, lastIndex(state.log)));
  },
  answered,
  leads: state => (isHead(state) ? state.configuration.epoch : -1),
  members: state => state.configuration.chain,
  watched: {
    role: state => (!inChain(state) ? 'outside' : isHead(state) ? 'head' : isTail(state) ? 'tail' : 'middle'),
    epoch: state => state.configuration.epoch,
    predecessor: state => predecessorOf(state.configuration, state.context.self) ?? null,
    successor: state => state.downstream?.node ?? null,
    lastUpdate: state => lastIndex(state.log),
    stable: state => state.stable,
  },
  watchedNodes: new Set(['predecessor', 'successor']),
  contents: state => contents(state.machine),
  machine: state => state.machine,
  // What the tail has, everybody before it has on disk; what others have may be lost with whoever has passed it on.
  settled: state => isTail(state) && state.connected,
  applied: state => appliedOperations(state.machine),
  tokens: positionTokens(({ log }) => ({ term: lastTerm(log), index: lastIndex(log) })),
  invariants: chainInvariants,
};
