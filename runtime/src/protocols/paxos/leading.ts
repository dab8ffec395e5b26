/** A leader's life: heartbeats, standing down, handing over (PMMC §2.2, §3; Ongaro's thesis, §6.4.1 for leases). */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { resend } from './accepting.ts';
import { decides } from './configuration.ts';
import { armElection, calmDown, prepare, promise, refuse } from './electing.ts';
import { learnUpTo } from './learning.ts';
import { grant, receiveGrant, requestLease } from './lease.ts';
import { callAuxiliary, silentAfter, tendMains } from './mains.ts';
import {
  askedOf,
  currentConfiguration,
  isAuxiliary,
  leaseOf,
  type PaxosIo,
  type PaxosMessage,
  type PaxosState,
  save,
} from './state.ts';

type Of<T extends PaxosMessage['type']> = Extract<PaxosMessage, { type: T }>;

const ms = 1_000_000;
const heartbeatNs = 50 * ms;
/** A lease that would have to be renewed more often than this is lost again and again; reads take turns with the log then. */
const shortestBeatNs = ms;
/** A leader whom no quorum answers for this long can serve nobody. */
const deafNs = 1_000 * ms;
const handOverNs = 1_000 * ms;

/** A quorum has promised. */
export function lead(state: PaxosState, promisedBy: readonly NodeId[], io: PaxosIo): void {
  const { self, group } = state.context;
  const heardNs = io.monotonicNs();
  state.role = 'leader';
  state.leader = self;
  state.promisedBy = [...promisedBy];
  state.promises = [];
  state.bound = {};
  state.peers = {};
  for (const node of [...state.acceptors, ...group.observers]) {
    // Whoever kept a candidate waiting is not waited for again.
    const missed = state.calling && !promisedBy.includes(node) ? silentAfter : 0;
    state.peers[node] = { heardNs, grantNs: Number.NEGATIVE_INFINITY, learned: 0, missed };
  }
  state.acceptedBy = {};
  state.pending = {};
  state.waiting = [];
  state.leaseUntilNs = Number.NEGATIVE_INFINITY;
  state.leaseForfeited = false;
  state.nextSlot = state.applied + 1;
  state.resendBelow = state.nextSlot;
  state.recoveredUpTo = state.applied;
  state.wanted = null;
  state.fillUpTo = 0;
  state.calledUpTo = 0;
  io.cancelTimer('election');
  io.note(`leads ballot ${state.ballot}`);
  callAuxiliary(state, io);
  beat(state, io);
}

function beat(state: PaxosState, io: PaxosIo): void {
  const sentNs = io.monotonicNs();
  const lease = requestLease(state, sentNs);
  const { group, options, self } = state.context;
  const { ballot, applied: chosenUpTo } = state;
  state.fresh.asked = true;
  const others = options.kind === 'cheap-paxos' ? group.replicas : state.acceptors;
  for (const node of new Set([...others, ...askedOf(state, currentConfiguration(state)), ...group.observers])) {
    if (node === self) continue;
    state.peers[node]!.missed++;
    io.send(node, { type: 'heartbeat', ballot, chosenUpTo, sentNs, lease });
    if (options.kind === 'cheap-paxos' && options.auxiliary.includes(node)) state.fresh.called.push(node);
  }
  const every = Math.min(heartbeatNs, Math.max(shortestBeatNs, Math.floor((leaseOf(options) ?? heartbeatNs * 4) / 4)));
  io.setTimer('heartbeat', every, every);
}

/** The timer of a leader: says that it is there, and repairs what losses have left behind. */
export function heartbeatTimeout(state: PaxosState, io: PaxosIo): void {
  if (state.role !== 'leader') return;
  const since = io.monotonicNs() - deafNs;
  const heard = (node: NodeId) => node === state.context.self || state.peers[node]!.heardNs >= since;
  if (!isQuorum(currentConfiguration(state).quorums.accept, heard)) return standDown(state, 'no quorum answers', io);
  calmDown(state);
  tendMains(state, io);
  beat(state, io);
  if (state.configurations.some(({ quorums }) => !decides(quorums.prepare, state.promisedBy))) prepare(state, io);
  resend(state, io);
}

/** What a leader sends: followed if its ballot is not below the promise, else refused, and false. */
export function follow(state: PaxosState, from: NodeId, ballot: number, io: PaxosIo): boolean {
  if (ballot < state.promised) {
    refuse(state, from, ballot, io);
    return false;
  }
  if (ballot > state.promised) promise(state, ballot, io);
  state.leader = from;
  armElection(state, io);
  return true;
}

export function receiveHeartbeat(state: PaxosState, from: NodeId, m: Of<'heartbeat'>, io: PaxosIo): void {
  if (!follow(state, from, m.ballot, io)) return;
  calmDown(state);
  if (m.lease) grant(state, from, m.ballot, io);
  const missing = !isAuxiliary(state) && learnUpTo(state, m.chosenUpTo, m.ballot, io);
  // What a main acceptor says that it has learned, auxiliary ones may forget: it has to survive a crash.
  if (state.context.options.kind === 'cheap-paxos' && state.learnedOnDisk < state.applied)
    save(state, { kind: 'learn', slots: [], chosenUpTo: state.applied }, null, io);
  const { ballot, sentNs, lease: granted } = m;
  io.send(from, { type: 'heartbeat-response', ballot, sentNs, granted, learned: state.learnedOnDisk });
  if (missing) io.send(from, { type: 'catch-up', from: state.applied + 1 });
}

export function receiveHeartbeatResponse(
  state: PaxosState,
  from: NodeId,
  m: Of<'heartbeat-response'>,
  io: PaxosIo,
): void {
  const peer = state.peers[from];
  if (state.role !== 'leader' || m.ballot !== state.ballot || peer === undefined) return;
  state.fresh.answered = from;
  peer.learned = Math.max(peer.learned, m.learned);
  if (m.granted) receiveGrant(state, peer, m.sentNs);
  heard(state, from, io);
}

/** It answers this leader: it is there. */
export function heard(state: PaxosState, from: NodeId, io: PaxosIo): void {
  const peer = state.peers[from]!;
  peer.heardNs = io.monotonicNs();
  peer.missed = 0;
  if (state.calling) callAuxiliary(state, io);
}

export function standDown(state: PaxosState, why: string, io: PaxosIo): void {
  if (state.role === 'follower') return;
  io.note(`stands down: ${why}`);
  const led = state.role === 'leader';
  state.role = 'follower';
  state.leader = null;
  state.promises = [];
  state.calling = false;
  if (led) {
    io.cancelTimer('heartbeat');
    io.cancelTimer('hand-over');
    // A later leader may find them in a promise and have them chosen: nobody here can tell.
    for (const slot in state.pending) {
      const why = 'leadership was lost before the proposal was known to be chosen';
      io.reply(state.pending[slot]!, { kind: 'unknown', why });
    }
    for (const request of state.waiting)
      io.reply(request, { kind: 'refused', why: 'leadership was lost', leader: null });
    if (state.handOver !== null) io.reply(state.handOver.request, { kind: 'ok', output: null });
    state.pending = {};
    state.waiting = [];
    state.acceptedBy = {};
    state.promisedBy = [];
    state.bound = {};
    state.peers = {};
    state.handOver = null;
    state.leaseUntilNs = Number.NEGATIVE_INFINITY;
  }
  armElection(state, io);
}

/** The target outbids this leader, which gives up its lease before it tells anybody to (rule of Ongaro's thesis, §6.4.1). */
export function handOver(
  state: PaxosState,
  request: NonNullable<PaxosState['handOver']>['request'],
  target: NodeId,
  io: PaxosIo,
): void {
  state.handOver = { request, target };
  state.leaseForfeited = true;
  state.leaseUntilNs = Number.NEGATIVE_INFINITY;
  io.send(target, { type: 'take-over', ballot: state.ballot });
  io.setTimer('hand-over', handOverNs, handOverNs);
}

export function handOverTimeout(state: PaxosState, io: PaxosIo): void {
  if (state.handOver === null) return;
  io.reply(state.handOver.request, { kind: 'unknown', why: 'the other member did not take over in time' });
  state.handOver = null;
}
