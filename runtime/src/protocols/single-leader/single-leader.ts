/**
 * Single-leader replication, synchronous, semi-synchronous or asynchronous, with failover (primary–backup: Alsberg &
 * Day 1976; Budhiraja et al. 1993; semi-synchronous acknowledgement, global ids and relay logs as in MySQL). Reads are
 * served by the leader, checked or not, or by followers. Promotion, fencing and rejoining stand in `failover` and
 * `shipping`; what the options amount to, in `rules`.
 */
import type { SingleLeader } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest, Group, NodeContext, Protocol } from '../contract.ts';
import { cloneLog, entryAt, lastIndex, positionTokens, termAt } from '../log.ts';
import { appliedOperations, contents, emptyMachine, fromImage } from '../machine.ts';
import { seenBy } from '../overrides.ts';
import { singleLeaderDescriptor } from './descriptor.ts';
import {
  armDetection,
  armRetention,
  beat,
  detect,
  heartbeat,
  promoteByOrder,
  receiveHeartbeat,
  receiveHeartbeatAck,
  receivePromote,
  receivePromoteVote,
  receiveTakeOver,
  retention,
  seeEpoch,
  switchoverProgress,
  switchoverTimeout,
} from './failover.ts';
import { fenceOneself } from './fencing.ts';
import { singleLeaderInvariants } from './invariants.ts';
import { heartbeatNs } from './rules.ts';
import {
  advance,
  answerRead,
  append,
  applyUpTo,
  newFollower,
  receiveAck,
  receiveFetchGap,
  receiveShip,
  receiveSnapshot,
  shipInBackground,
  shipToAll,
  write,
} from './shipping.ts';
import {
  type SingleLeaderDisk,
  type SingleLeaderIo,
  type SingleLeaderMessage,
  type SingleLeaderState,
  type SingleLeaderWrite,
  singleLeaderDisk,
} from './state.ts';

export const designatedLeader = (options: SingleLeader, group: Group): NodeId => options.leader ?? group.replicas[0]!;

function boot(
  context: NodeContext<SingleLeader>,
  image: SingleLeaderDisk | undefined,
  io: SingleLeaderIo,
): SingleLeaderState {
  const { options, group, self } = context;
  const disk = image ?? singleLeaderDisk.empty();
  const { base } = disk;
  const state: SingleLeaderState = {
    context,
    epoch: Math.max(1, disk.epoch),
    log: cloneLog(disk.log),
    base,
    errant: disk.errant,
    role: 'follower',
    leader: null,
    members: base?.members ?? group.replicas,
    membersSequence: 0,
    machine: base === null ? emptyMachine(group.model, group.shard) : fromImage(base.image),
    applied: base?.sequence ?? 0,
    committed: base?.sequence ?? 0,
    synced: lastIndex(disk.log),
    leaderHeardNs: io.monotonicNs(),
    gaps: [],
    votes: [],
    followers: {},
    pending: {},
    reads: [],
    round: 0,
    roundStarts: [],
    confirmedRound: 0,
    confirmedNs: Number.NEGATIVE_INFINITY,
    readsFrom: 0,
    suspended: false,
    degraded: false,
    checkpoints: [],
    shipping: false,
    switchover: null,
    promotion: null,
    errors: [],
  };
  for (let at = state.log.base + 1; at <= lastIndex(state.log); at++) {
    const entry = entryAt(state.log, at)!;
    if (entry.kind === 'members') state.members = entry.members;
  }
  // What stands in the log was executed before the crash, or will be compared with the leader's log.
  applyUpTo(state, lastIndex(state.log), io);
  const first = disk.epoch === 0 && designatedLeader(options, group) === self;
  // Where nobody is promoted by themselves, the leader comes back as leader; else it must not assume that it still is.
  const resumes = disk.leads && options.failover.mode !== 'automatic';
  if (first || resumes) resumeLeading(state, first, io);
  else armDetection(state, io);
  return state;
}

function resumeLeading(state: SingleLeaderState, first: boolean, io: SingleLeaderIo): void {
  const { options, self, group } = state.context;
  const now = io.monotonicNs();
  state.role = 'leader';
  state.leader = self;
  state.synced = lastIndex(state.log);
  state.committed = lastIndex(state.log);
  for (const node of state.members) if (node !== self) state.followers[node] = newFollower(state, now);
  // It may have lost its disk or been replaced meanwhile: with fencing it waits until enough replicas have answered.
  state.suspended = options.failover.mode !== 'none' && options.failover.fencing && group.replicas.length > 1;
  state.confirmedNs = now;
  io.persist({ kind: 'epoch', epoch: state.epoch, leads: true });
  if (first) append(state, { term: state.epoch, kind: 'epoch' }, io);
  beat(state, io);
  io.setTimer('heartbeat', heartbeatNs(options), heartbeatNs(options));
  armRetention(state, io);
}

function request(state: SingleLeaderState, request: ClientRequest, io: SingleLeaderIo): void {
  const { self, group } = state.context;
  const options = seenBy(singleLeaderDescriptor, state.context.options, request.overrides);
  const leads = state.role === 'leader';
  if (group.witnesses.includes(self)) return passOn(state, request, io);
  if (request.command.kind !== 'read') return leads ? acceptWrite(state, request, io) : passOn(state, request, io);
  switch (options.read) {
    case 'any':
    case 'nearest':
      return answerRead(state, request, io);
    case 'followers': {
      if (!leads) return answerRead(state, request, io);
      const follower = state.members.find(node => node !== self);
      return follower === undefined ? answerRead(state, request, io) : io.forward(request, follower);
    }
    case 'leader':
      return leads ? leaderRead(state, request, options, io) : passOn(state, request, io);
  }
}

function passOn(state: SingleLeaderState, request: ClientRequest, io: SingleLeaderIo): void {
  if (state.leader !== null && state.leader !== state.context.self) io.forward(request, state.leader);
  else io.reply(request, { kind: 'refused', why: 'no leader is known', leader: null });
}

function acceptWrite(state: SingleLeaderState, request: ClientRequest, io: SingleLeaderIo): void {
  if (state.switchover !== null)
    return io.reply(request, { kind: 'refused', why: 'the leader is being changed', leader: state.switchover.target });
  fenceOneself(state, io);
  if (state.suspended)
    return io.reply(request, { kind: 'refused', why: 'the leader is not heard by enough replicas', leader: null });
  write(state, request, io);
}

function leaderRead(state: SingleLeaderState, request: ClientRequest, options: SingleLeader, io: SingleLeaderIo): void {
  const { leaderRead: how } = options;
  if (how.kind === 'local' || options.failover.mode === 'none') return answerRead(state, request, io);
  if (how.kind === 'lease' && io.monotonicNs() < state.confirmedNs + how.ns && state.committed >= state.readsFrom)
    return answerRead(state, request, io);
  state.reads.push({ request, round: state.round + 1 });
  // One round serves all reads that come before it starts.
  if (state.reads.every(read => read.round === state.round + 1)) beat(state, io);
}

function receive(state: SingleLeaderState, from: NodeId, m: SingleLeaderMessage, io: SingleLeaderIo): void {
  switch (m.type) {
    case 'log-ship':
      return receiveShip(state, from, m, io);
    case 'heartbeat':
      return receiveHeartbeat(state, from, m, io);
    case 'heartbeat-ack':
      receiveHeartbeatAck(state, from, m, io);
      return startWaitingReads(state, io);
    case 'ack-received':
    case 'ack-applied':
      receiveAck(state, from, m, io);
      switchoverProgress(state, io);
      return startWaitingReads(state, io);
    case 'fetch-gap':
      return receiveFetchGap(state, from, m, io);
    case 'snapshot':
      return receiveSnapshot(state, from, m, io);
    case 'promote':
      return receivePromote(state, from, m, io);
    case 'promote-vote':
      return receivePromoteVote(state, from, m, io);
    case 'take-over':
      return receiveTakeOver(state, m, io);
    case 'fence':
      return seeEpoch(state, m.epoch, io);
  }
}

/** Reads that came while a round was under way get the next one. */
function startWaitingReads(state: SingleLeaderState, io: SingleLeaderIo): void {
  if (state.role === 'leader' && state.reads.length > 0 && state.reads.every(read => read.round > state.round))
    beat(state, io);
}

function administer(state: SingleLeaderState, request: AdminRequest, io: SingleLeaderIo): void {
  if (request.kind === 'promote') return promoteByOrder(state, request, io);
  if (state.role !== 'leader')
    return io.reply(request, { kind: 'refused', why: 'not the leader', leader: state.leader });
  const kept = state.members.filter(node => !request.remove.includes(node));
  if (!kept.includes(state.context.self))
    return io.reply(request, { kind: 'failed', why: 'promote another replica before removing the leader' });
  const members = request.as === 'voter' ? [...kept, ...request.add.filter(node => !kept.includes(node))] : kept;
  append(state, { term: state.epoch, kind: 'members', members }, io);
  for (const node of request.add) state.followers[node] = { ...newFollower(state, io.monotonicNs()), next: 1 };
  io.reply(request, { kind: 'ok', output: null });
  shipToAll(state, io);
  advance(state, io);
}

export const singleLeader: Protocol<
  SingleLeaderState,
  SingleLeaderMessage,
  SingleLeaderWrite,
  SingleLeaderDisk,
  SingleLeader
> = {
  kind: 'single-leader',
  messages: {
    'log-ship': 'log entries from the leader',
    heartbeat: 'the leader is alive',
    'heartbeat-ack': 'heard; how far the log reaches here',
    'ack-received': 'entries are on disk',
    'ack-applied': 'entries are executed',
    'fetch-gap': 'send from here on instead',
    snapshot: 'everything, in place of entries that are gone',
    promote: 'may I take over in this epoch?',
    'promote-vote': 'answer to it',
    'take-over': 'lead this epoch',
    fence: 'your epoch is over',
  },
  classOf(message) {
    switch (message.type) {
      case 'log-ship':
      case 'snapshot':
        return 'write-request';
      case 'ack-received':
      case 'ack-applied':
      case 'fetch-gap':
        return 'write-acknowledge';
      default:
        return 'control';
    }
  },
  bytes(message, recordBytes) {
    if (message.type === 'log-ship') return 64 + message.entries.length * (32 + recordBytes);
    if (message.type === 'snapshot') return 64 + Object.keys(message.base.image.data).length * recordBytes;
    return 64;
  },
  disk: singleLeaderDisk,
  boot,
  request,
  administer,
  receive,
  timer(state, name, io) {
    switch (name) {
      case 'heartbeat':
        return heartbeat(state, io);
      case 'detect':
        return detect(state, io);
      case 'relay':
        return applyUpTo(state, lastIndex(state.log), io);
      case 'ship':
        return shipInBackground(state, io);
      case 'retention':
        return retention(state, io);
      case 'switchover':
        return switchoverTimeout(state, io);
    }
  },
  persisted(state, token, io) {
    if (state.role !== 'leader') return;
    state.synced = Math.max(state.synced, token);
    advance(state, io);
  },
  leads: state => (state.role === 'leader' ? state.epoch : -1),
  members: state => [...state.members, ...state.context.group.observers],
  watched: {
    role: state => state.role,
    epoch: state => state.epoch,
    leader: state => state.leader,
    lastSequence: state => lastIndex(state.log),
    acknowledged: state => state.committed,
    applied: state => state.applied,
    suspended: state => state.suspended,
    degraded: state => state.degraded,
  },
  watchedNodes: new Set(['leader']),
  contents: state => contents(state.machine),
  machine: state => state.machine,
  applied: state => appliedOperations(state.machine),
  tokens: positionTokens(({ log, applied }) => ({ term: termAt(log, applied), index: applied })),
  invariants: singleLeaderInvariants,
};
