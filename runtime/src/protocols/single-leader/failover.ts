/** Failure detection, promotion, fencing, and a leader that finds out that it no longer is one. */

import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest } from '../contract.ts';
import { lastIndex, lastTerm, termAt } from '../log.ts';
import { fenceOneself } from './fencing.ts';
import {
  consultQuorum,
  detectNs,
  electorate,
  followersOf,
  heartbeatNs,
  phiWindow,
  promotionPossibleWithout,
  suspects,
} from './rules.ts';
import {
  advance,
  append,
  applyUpTo,
  confirm,
  followerOf,
  heard,
  isDown,
  newFollower,
  position,
  ship,
  shipToAll,
  trim,
} from './shipping.ts';
import type { SingleLeaderIo, SingleLeaderMessage, SingleLeaderState } from './state.ts';

export function persistEpoch(state: SingleLeaderState, io: SingleLeaderIo): void {
  io.persist({ kind: 'epoch', epoch: state.epoch, leads: state.role === 'leader' });
}

/** Detection times are spread a little, so that followers do not all stand at once. */
export function armDetection(state: SingleLeaderState, io: SingleLeaderIo): void {
  const { options } = state.context;
  if (options.failover.mode !== 'automatic' || !mayDecide(state)) return;
  if (options.failover.detect.kind === 'phi') io.setTimer('detect', heartbeatNs(options) / 2, heartbeatNs(options));
  else io.setTimer('detect', detectNs(options), Math.floor(detectNs(options) * 1.2));
}

/** `manager peers`: every follower that holds data; otherwise the one node that was named. */
function mayDecide(state: SingleLeaderState): boolean {
  const { options, self, group } = state.context;
  const { manager } = options.failover;
  if (manager.kind === 'node') return manager.node === self;
  return state.members.includes(self) && !group.witnesses.includes(self);
}

/** A later epoch than known: whatever this node was doing in the old one is over. */
export function seeEpoch(state: SingleLeaderState, epoch: number, io: SingleLeaderIo): void {
  if (epoch <= state.epoch) return;
  const led = state.role === 'leader';
  state.epoch = epoch;
  state.role = 'follower';
  persistEpoch(state, io);
  if (led) stepDown(state, io);
  state.votes = [];
  state.leader = null;
  armDetection(state, io);
}

function stepDown(state: SingleLeaderState, io: SingleLeaderIo): void {
  io.note(`steps down: epoch ${state.epoch} seen`);
  for (const name of ['heartbeat', 'retention', 'switchover']) io.cancelTimer(name);
  for (const sequence of Object.keys(state.pending)) {
    const { request } = state.pending[Number(sequence)]!;
    io.reply(request, { kind: 'unknown', why: 'another leader took over before the write was acknowledged' });
  }
  for (const read of state.reads)
    io.reply(read.request, { kind: 'refused', why: 'another leader took over', leader: null });
  if (state.switchover !== null) io.reply(state.switchover.request, { kind: 'ok', output: null });
  state.pending = {};
  state.reads = [];
  state.followers = {};
  state.switchover = null;
  state.suspended = false;
  state.degraded = false;
  // What stood in the log unacknowledged is applied or taken back when the new leader's log arrives.
  state.committed = state.applied;
}

/** Is the sender the leader to listen to? With fencing, an older epoch is refused and told so. */
export function followLeader(state: SingleLeaderState, from: NodeId, epoch: number, io: SingleLeaderIo): boolean {
  if (epoch < state.epoch) {
    if (state.context.options.failover.fencing || state.leader !== null) {
      io.send(from, { type: 'fence', epoch: state.epoch });
      return false;
    }
  }
  seeEpoch(state, epoch, io);
  if (state.role === 'leader') return false;
  if (state.role === 'candidate') state.role = 'follower';
  const now = io.monotonicNs();
  if (Number.isFinite(state.leaderHeardNs) && state.leader === from) {
    state.gaps.push(now - state.leaderHeardNs);
    if (state.gaps.length > phiWindow) state.gaps.shift();
  }
  state.leader = from;
  state.leaderHeardNs = now;
  armDetection(state, io);
  return true;
}

export function heartbeat(state: SingleLeaderState, io: SingleLeaderIo): void {
  if (state.role !== 'leader') return;
  for (const follower of Object.values(state.followers)) follower.inFlight = 0;
  beat(state, io);
  superviseFollowers(state, io);
  fenceOneself(state, io);
  io.setTimer('heartbeat', heartbeatNs(state.context.options), heartbeatNs(state.context.options));
}

/** A sign of life to everyone, opening a new round. */
export function beat(state: SingleLeaderState, io: SingleLeaderIo): void {
  const { self, group } = state.context;
  state.roundStarts.push({ round: ++state.round, ns: io.monotonicNs() });
  if (state.roundStarts.length > 64) state.roundStarts.shift();
  for (const node of [...electorate(state), ...group.observers]) {
    if (node === self) continue;
    const behind = !group.witnesses.includes(node) && followerOf(state, node, io).next <= lastIndex(state.log);
    if (behind) ship(state, node, io);
    else io.send(node, { type: 'heartbeat', epoch: state.epoch, committed: state.committed, round: state.round });
  }
  confirm(state, io);
}

/** Synchronous and semi-synchronous modes when replicas do not answer: drop, fall back, or tell the clients. */
function superviseFollowers(state: SingleLeaderState, io: SingleLeaderIo): void {
  const { options } = state.context;
  const now = io.monotonicNs();
  if (options.mode === 'synchronous') {
    for (const node of followersOf(state)) {
      const follower = followerOf(state, node, io);
      if (!isDown(state, node, io) || follower.dropped) continue;
      if (options.onReplicaDown === 'drop') {
        follower.dropped = true;
        io.note('a replica is down and left out of the synchronous set');
        advance(state, io);
      } else giveUpPending(state, io, 'a replica went down before it acknowledged');
    }
  }
  const oldest = state.pending[state.committed + 1];
  if (
    options.fallbackAfterNs !== null &&
    !state.degraded &&
    oldest !== undefined &&
    now - oldest.sinceNs >= options.fallbackAfterNs
  ) {
    state.degraded = true;
    io.note('DEGRADED: no acknowledgement in time, goes on asynchronously');
    advance(state, io);
  }
}

/**
 * The write stands in some logs and not in others: what became of it is not known. `on-failure error` says "error"
 * all the same, which people read as "it did not happen".
 */
function giveUpPending(state: SingleLeaderState, io: SingleLeaderIo, why: string): void {
  const { onFailure } = state.context.options;
  for (const sequence of Object.keys(state.pending)) {
    const { request } = state.pending[Number(sequence)]!;
    delete state.pending[Number(sequence)];
    if (onFailure === 'error') state.errors.push(request.command.operation);
    io.reply(request, { kind: 'unknown', why: onFailure === 'error' ? `error: ${why}` : why });
  }
}

export function receiveHeartbeat(
  state: SingleLeaderState,
  from: NodeId,
  m: Extract<SingleLeaderMessage, { type: 'heartbeat' }>,
  io: SingleLeaderIo,
): void {
  if (!followLeader(state, from, m.epoch, io)) return;
  state.committed = Math.max(state.committed, Math.min(m.committed, lastIndex(state.log)));
  io.send(from, { type: 'heartbeat-ack', epoch: state.epoch, ...position(state), round: m.round });
}

export function receiveHeartbeatAck(
  state: SingleLeaderState,
  from: NodeId,
  m: Extract<SingleLeaderMessage, { type: 'heartbeat-ack' }>,
  io: SingleLeaderIo,
): void {
  const follower = heard(state, from, m.epoch, m.round, io);
  if (follower === undefined || state.context.group.witnesses.includes(from)) return;
  // What it has of this very history counts as acknowledged: the acknowledgement itself may have been lost.
  if (m.sequence > follower.acknowledged && termAt(state.log, m.sequence) === m.lastEpoch) {
    follower.acknowledged = m.sequence;
    follower.next = Math.max(follower.next, m.sequence + 1);
    advance(state, io);
  }
  // Nothing is under way and it still lacks something: a shipment or an answer was lost.
  if (follower.inFlight === 0 && m.sequence < lastIndex(state.log)) {
    follower.next = Math.max(1, Math.min(follower.next, m.sequence + 1));
    ship(state, from, io);
  } else if (m.sequence === lastIndex(state.log) && m.lastEpoch !== lastTerm(state.log) && follower.inFlight === 0) {
    // As long as its leader's log, but of another history.
    follower.next = Math.max(1, m.sequence);
    ship(state, from, io);
  } else if (m.sequence > lastIndex(state.log) && follower.inFlight === 0) {
    // It has more than its leader: shipping from the end makes it compare histories.
    follower.next = lastIndex(state.log) + 1;
    ship(state, from, io);
  }
}

export function detect(state: SingleLeaderState, io: SingleLeaderIo): void {
  if (state.role === 'leader') return;
  if (!suspects(state, io.monotonicNs())) return armDetection(state, io);
  startPromotion(state, io);
}

/** Asks for a new epoch. Whoever grants it will not grant it to another, and listens to no older leader. */
export function startPromotion(state: SingleLeaderState, io: SingleLeaderIo): void {
  const { self } = state.context;
  const oldLeader = state.leader;
  state.epoch++;
  state.role = 'candidate';
  state.leader = null;
  persistEpoch(state, io);
  state.votes = [{ node: self, ...position(state) }];
  io.note(`suspects ${oldLeader === null ? 'that nobody leads' : 'the leader'}: asks for epoch ${state.epoch}`);
  for (const node of electorate(state)) {
    if (node !== self) io.send(node, { type: 'promote', epoch: state.epoch, ...position(state) });
  }
  io.setTimer('detect', detectNs(state.context.options) / 2, detectNs(state.context.options));
  decide(state, oldLeader, io);
}

export function receivePromote(
  state: SingleLeaderState,
  from: NodeId,
  m: Extract<SingleLeaderMessage, { type: 'promote' }>,
  io: SingleLeaderIo,
): void {
  const { options } = state.context;
  // A leader that is heard well does not help to replace itself, unless it is handing over.
  const content =
    state.role === 'leader' &&
    !state.suspended &&
    state.switchover?.target !== from &&
    options.failover.mode === 'automatic' &&
    !promotionPossibleWithout(state, node => !isDown(state, node, io));
  const granted = m.epoch > state.epoch && !content;
  if (granted) seeEpoch(state, m.epoch, io);
  io.send(from, { type: 'promote-vote', epoch: granted ? m.epoch : state.epoch, granted, ...position(state) });
}

export function receivePromoteVote(
  state: SingleLeaderState,
  from: NodeId,
  m: Extract<SingleLeaderMessage, { type: 'promote-vote' }>,
  io: SingleLeaderIo,
): void {
  if (!m.granted) return seeEpoch(state, m.epoch, io);
  if (state.role !== 'candidate' || m.epoch !== state.epoch || state.votes.some(vote => vote.node === from)) return;
  state.votes.push({ node: from, sequence: m.sequence, lastEpoch: m.lastEpoch });
  decide(state, state.leader, io);
}

/** Enough were consulted: the most advanced of them leads, or (`promote any`) whoever asked. */
function decide(state: SingleLeaderState, oldLeader: NodeId | null, io: SingleLeaderIo): void {
  const { options, group, self } = state.context;
  const quorum = consultQuorum(options, electorate(state), oldLeader, group);
  if (!isQuorum(quorum, node => state.votes.some(vote => vote.node === node))) return;
  let best = state.votes[0]!;
  if (options.failover.promote === 'most-advanced') {
    for (const vote of state.votes) {
      if (group.witnesses.includes(vote.node)) continue;
      if (vote.lastEpoch > best.lastEpoch || (vote.lastEpoch === best.lastEpoch && vote.sequence > best.sequence))
        best = vote;
    }
  }
  if (best.node === self && state.members.includes(self)) return takeOver(state, io);
  if (state.promotion !== null) {
    io.reply(state.promotion, { kind: 'failed', why: 'a replica that is more advanced takes over in its place' });
    state.promotion = null;
  }
  state.role = 'follower';
  io.send(best.node, { type: 'take-over', epoch: state.epoch, ordered: false });
  armDetection(state, io);
}

export function receiveTakeOver(
  state: SingleLeaderState,
  m: Extract<SingleLeaderMessage, { type: 'take-over' }>,
  io: SingleLeaderIo,
): void {
  if (m.epoch < state.epoch || state.role === 'leader') return;
  if (m.ordered) {
    if (m.epoch === state.epoch && state.role === 'follower') startPromotion(state, io);
    return;
  }
  seeEpoch(state, m.epoch, io);
  takeOver(state, io);
}

/** Leads the current epoch with everything that stands in the log. */
export function takeOver(state: SingleLeaderState, io: SingleLeaderIo): void {
  const { options, self } = state.context;
  const now = io.monotonicNs();
  applyUpTo(state, lastIndex(state.log), io);
  state.role = 'leader';
  state.leader = self;
  state.votes = [];
  state.synced = lastIndex(state.log);
  state.committed = lastIndex(state.log);
  state.followers = {};
  for (const node of followersOf(state)) state.followers[node] = newFollower(state, now);
  state.round = 0;
  state.confirmedRound = 0;
  state.roundStarts = [];
  state.confirmedNs = now;
  state.checkpoints = [];
  io.cancelTimer('detect');
  io.cancelTimer('relay');
  persistEpoch(state, io);
  io.note(`leads epoch ${state.epoch}`);
  append(state, { term: state.epoch, kind: 'epoch' }, io);
  state.readsFrom = lastIndex(state.log);
  beat(state, io);
  io.setTimer('heartbeat', heartbeatNs(options), heartbeatNs(options));
  armRetention(state, io);
  if (state.promotion !== null) {
    io.reply(state.promotion, { kind: 'ok', output: null });
    state.promotion = null;
  }
}

export function armRetention(state: SingleLeaderState, io: SingleLeaderIo): void {
  const quarter = Math.max(1_000_000, Math.floor(state.context.options.logRetentionNs / 4));
  io.setTimer('retention', quarter, quarter);
}

export function retention(state: SingleLeaderState, io: SingleLeaderIo): void {
  if (state.role !== 'leader') return;
  trim(state, io);
  armRetention(state, io);
}

/** An operator's promotion: handed over by a leader that is there, taken by the node itself otherwise. */
export function promoteByOrder(
  state: SingleLeaderState,
  request: Extract<AdminRequest, { kind: 'promote' }>,
  io: SingleLeaderIo,
): void {
  const { self } = state.context;
  if (state.role === 'leader') {
    if (request.node === self) return io.reply(request, { kind: 'ok', output: null });
    if (!state.members.includes(request.node))
      return io.reply(request, { kind: 'failed', why: 'only a replica can lead' });
    state.switchover = { request, target: request.node, sent: false };
    io.setTimer('switchover', detectNs(state.context.options), detectNs(state.context.options));
    shipToAll(state, io);
    return switchoverProgress(state, io);
  }
  if (request.node !== self)
    return io.reply(request, { kind: 'refused', why: 'ask the node itself, or the leader', leader: state.leader });
  state.promotion = request;
  startPromotion(state, io);
}

export function switchoverProgress(state: SingleLeaderState, io: SingleLeaderIo): void {
  const { switchover } = state;
  if (
    switchover === null ||
    switchover.sent ||
    (state.followers[switchover.target]?.acknowledged ?? 0) < lastIndex(state.log)
  )
    return;
  switchover.sent = true;
  io.send(switchover.target, { type: 'take-over', epoch: state.epoch, ordered: true });
}

export function switchoverTimeout(state: SingleLeaderState, io: SingleLeaderIo): void {
  if (state.switchover === null) return;
  io.reply(state.switchover.request, { kind: 'failed', why: 'the replica did not take over in time' });
  state.switchover = null;
}
