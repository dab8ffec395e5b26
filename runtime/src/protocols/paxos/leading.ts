/**
 * Phase 1 and the leader's life: ballots, promises, recovery, heartbeats, standing down (PMMC §2.2 scouts and leaders,
 * §3 liveness; Lamport 2001, §3).
 */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { learn, learnUpTo, propose, resend, synced } from './accepting.ts';
import { grant, mayPromise, patienceNs, receiveGrant, requestLease } from './lease.ts';
import {
  leaseOf,
  type PaxosIo,
  type PaxosMessage,
  type PaxosState,
  type Placed,
  type Proposal,
  reportFrom,
  save,
} from './state.ts';

type Of<T extends PaxosMessage['type']> = Extract<PaxosMessage, { type: T }>;

const ms = 1_000_000;
const heartbeatNs = 50 * ms;
/** Without a heartbeat for this long, and a random part of `spreadNs` more, a leader is taken for dead. */
const suspicionNs = 150 * ms;
const spreadNs = 150 * ms;
/** The random part doubles with every campaign that did not end in a leader, up to 2^6 times. */
const doublingsMax = 6;
/** A leader whom no quorum answers for this long can serve nobody. */
const deafNs = 1_000 * ms;
const handOverNs = 1_000 * ms;

/** Witnesses vote and serve no data; observers and spares do not vote. */
const mayLead = (state: PaxosState): boolean => state.context.group.replicas.includes(state.context.self);

/** Above every ballot that it has heard of, and its own (`ownerOf`). */
function nextBallot({ acceptors, context, promised, seen }: PaxosState): number {
  const round = Math.floor(Math.max(promised, seen) / acceptors.length) + 1;
  return round * acceptors.length + acceptors.indexOf(context.self);
}

export function armElection(state: PaxosState, io: PaxosIo): void {
  if (!mayLead(state)) return;
  const { retry } = state.context.options;
  if (state.attempts > 0 && retry.kind === 'fixed') return io.setTimer('election', retry.ns, retry.ns);
  const least = Math.max(suspicionNs, patienceNs(state));
  io.setTimer('election', least, least + spreadNs * (1 << Math.min(state.attempts, doublingsMax)));
}

export function electionTimeout(state: PaxosState, io: PaxosIo): void {
  if (state.role === 'leader') return;
  state.attempts++;
  if (!mayPromise(state, state.context.self, io)) return armElection(state, io);
  // Nobody has outbid it: the prepares or promises were lost, or are still on their way.
  if (state.role === 'candidate') prepare(state, io);
  else campaign(state, io);
  armElection(state, io);
}

export function campaign(state: PaxosState, io: PaxosIo): void {
  state.ballot = nextBallot(state);
  state.promised = state.ballot;
  state.role = 'candidate';
  state.leader = null;
  state.promises = [];
  state.preparedFrom = state.applied + 1;
  io.note(`prepares ballot ${state.ballot} from slot ${state.preparedFrom} on`);
  const { ballot } = state;
  const done = save(state, { kind: 'promise', ballot }, { ballot, votes: [] }, io);
  prepare(state, io);
  if (done !== null) synced(state, done, io);
}

function prepare(state: PaxosState, io: PaxosIo): void {
  for (const node of state.acceptors) {
    if (node !== state.context.self) io.send(node, { type: 'prepare', ballot: state.ballot, from: state.preparedFrom });
  }
}

/** The candidate's own promise counts once it is on disk. */
export function promiseSynced(state: PaxosState, io: PaxosIo): void {
  countPromise(state, state.context.self, reportFrom(state.slots, state.preparedFrom), io);
}

export function receivePrepare(state: PaxosState, from: NodeId, m: Of<'prepare'>, io: PaxosIo): void {
  if (m.ballot < state.promised) return refuse(state, from, m.ballot, io);
  if (m.ballot > state.promised) {
    if (!mayPromise(state, from, io)) return io.note('promises nothing: the lease that it granted still runs');
    promise(state, m.ballot, io);
    state.leader = null;
    armElection(state, io);
  }
  io.send(from, { type: 'promise', ballot: m.ballot, slots: reportFrom(state.slots, m.from) });
}

const refuse = (state: PaxosState, from: NodeId, ballot: number, io: PaxosIo): void =>
  io.send(from, { type: 'nack', ballot, promised: state.promised });

/** From here on this acceptor accepts nothing below `ballot`. */
function promise(state: PaxosState, ballot: number, io: PaxosIo): void {
  state.promised = ballot;
  standDown(state, `ballot ${ballot} is higher`, io);
  const done = save(state, { kind: 'promise', ballot }, { ballot, votes: [] }, io);
  if (done !== null) synced(state, done, io);
}

export function receivePromise(state: PaxosState, from: NodeId, m: Of<'promise'>, io: PaxosIo): void {
  if (m.ballot === state.ballot) countPromise(state, from, m.slots, io);
}

function countPromise(state: PaxosState, node: NodeId, slots: Of<'promise'>['slots'], io: PaxosIo): void {
  if (state.role !== 'candidate' || state.promises.some(one => one.node === node)) return;
  state.promises.push({ node, slots });
  if (isQuorum(state.quorums.prepare, one => state.promises.some(promised => promised.node === one))) lead(state, io);
}

/** Of each slot the proposal that the new leader is bound to, and the last slot that somebody has voted on. */
function bound(state: PaxosState): { readonly proposals: ReadonlyMap<number, Proposal>; readonly last: number } {
  const highest = new Map<number, { ballot: number; proposal: Proposal }>();
  let last = state.applied;
  for (const { slots } of state.promises) {
    for (const { slot, ballot, proposal } of slots) {
      last = Math.max(last, slot);
      const known = highest.get(slot);
      if (known === undefined || (ballot > known.ballot && state.context.options.adopt === 'highest'))
        highest.set(slot, { ballot, proposal });
    }
  }
  return { proposals: new Map([...highest].map(([slot, { proposal }]) => [slot, proposal])), last };
}

/** A quorum has promised: finishes what earlier leaders began, with no-ops where they left holes (Lamport 2001, §3). */
function lead(state: PaxosState, io: PaxosIo): void {
  const { self, group } = state.context;
  const now = io.monotonicNs();
  state.role = 'leader';
  state.leader = self;
  state.attempts = 0;
  state.peers = {};
  for (const node of [...state.acceptors, ...group.observers])
    state.peers[node] = { heardNs: now, grantNs: Number.NEGATIVE_INFINITY };
  state.acceptedBy = {};
  state.pending = {};
  state.leaseUntilNs = Number.NEGATIVE_INFINITY;
  io.cancelTimer('election');
  io.note(`leads ballot ${state.ballot}`);
  for (const { slots } of state.promises) learn(state, slots, io);
  const { proposals, last } = bound(state);
  const entries: Placed[] = [];
  for (let slot = state.applied + 1; slot <= last; slot++) {
    if (state.slots[slot]?.chosen !== true) entries.push({ slot, proposal: proposals.get(slot) ?? { kind: 'no-op' } });
  }
  state.recoveredUpTo = last;
  state.nextSlot = last + 1;
  state.resendBelow = state.nextSlot;
  state.promises = [];
  beat(state, io);
  propose(state, entries, io);
}

function beat(state: PaxosState, io: PaxosIo): void {
  const sentNs = io.monotonicNs();
  const lease = requestLease(state, sentNs);
  for (const node of [...state.acceptors, ...state.context.group.observers]) {
    if (node !== state.context.self)
      io.send(node, { type: 'heartbeat', ballot: state.ballot, chosenUpTo: state.applied, sentNs, lease });
  }
  const every = Math.min(heartbeatNs, Math.floor((leaseOf(state.context.options) ?? heartbeatNs * 4) / 4));
  io.setTimer('heartbeat', every, every);
}

/** The timer of a leader: says that it is there, and repairs what losses have left behind. */
export function heartbeatTimeout(state: PaxosState, io: PaxosIo): void {
  if (state.role !== 'leader') return;
  const since = io.monotonicNs() - deafNs;
  const heard = (node: NodeId) => node === state.context.self || state.peers[node]!.heardNs >= since;
  if (!isQuorum(state.quorums.accept, heard)) return standDown(state, 'no quorum answers', io);
  beat(state, io);
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
  state.attempts = 0;
  armElection(state, io);
  return true;
}

export function receiveHeartbeat(state: PaxosState, from: NodeId, m: Of<'heartbeat'>, io: PaxosIo): void {
  if (!follow(state, from, m.ballot, io)) return;
  if (m.lease) grant(state, from, io);
  io.send(from, { type: 'heartbeat-response', ballot: m.ballot, sentNs: m.sentNs, granted: m.lease });
  if (learnUpTo(state, m.chosenUpTo, m.ballot, io)) io.send(from, { type: 'catch-up', from: state.applied + 1 });
}

export function receiveHeartbeatResponse(
  state: PaxosState,
  from: NodeId,
  m: Of<'heartbeat-response'>,
  io: PaxosIo,
): void {
  const peer = state.peers[from];
  if (state.role !== 'leader' || m.ballot !== state.ballot || peer === undefined) return;
  peer.heardNs = io.monotonicNs();
  if (m.granted) receiveGrant(state, peer, m.sentNs);
}

export function receiveNack(state: PaxosState, m: Of<'nack'>, io: PaxosIo): void {
  state.seen = Math.max(state.seen, m.promised);
  if (state.role === 'follower' || m.ballot !== state.ballot || m.promised <= state.ballot) return;
  state.attempts++;
  standDown(state, `outbid by ballot ${m.promised}`, io);
}

export function standDown(state: PaxosState, why: string, io: PaxosIo): void {
  if (state.role === 'follower') return;
  io.note(`stands down: ${why}`);
  const led = state.role === 'leader';
  state.role = 'follower';
  state.leader = null;
  state.promises = [];
  if (led) {
    io.cancelTimer('heartbeat');
    io.cancelTimer('hand-over');
    // A later leader may find them in a promise and have them chosen: nobody here can tell.
    for (const slot in state.pending) {
      const why = 'leadership was lost before the proposal was known to be chosen';
      io.reply(state.pending[slot]!, { kind: 'unknown', why });
    }
    if (state.handOver !== null) io.reply(state.handOver.request, { kind: 'ok', output: null });
    state.pending = {};
    state.acceptedBy = {};
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
  state.leaseUntilNs = Number.NEGATIVE_INFINITY;
  io.send(target, { type: 'take-over', ballot: state.ballot });
  io.setTimer('hand-over', handOverNs, handOverNs);
}

export function handOverTimeout(state: PaxosState, io: PaxosIo): void {
  if (state.handOver === null) return;
  io.reply(state.handOver.request, { kind: 'unknown', why: 'the other member did not take over in time' });
  state.handOver = null;
}

export function receiveTakeOver(state: PaxosState, m: Of<'take-over'>, io: PaxosIo): void {
  if (state.role === 'leader' || m.ballot < state.promised || !mayLead(state)) return;
  if (mayPromise(state, state.context.self, io)) campaign(state, io);
  armElection(state, io);
}
