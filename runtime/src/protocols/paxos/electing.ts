/** Phase 1: ballots, promises, and what a new leader is bound to (PMMC §2.2, §3; Lamport 2001, §2.2 to §3). */
import type { NodeId } from '../../design/topology.ts';
import { advance, synced } from './accepting.ts';
import { decides } from './configuration.ts';
import { heard, lead, standDown } from './leading.ts';
import { install, learn } from './learning.ts';
import { mayPromise, patienceNs } from './lease.ts';
import { type ReportedSlot, reportFrom } from './slots.ts';
import {
  askedOf,
  currentConfiguration,
  lastConfiguration,
  type PaxosIo,
  type PaxosMessage,
  type PaxosState,
  save,
} from './state.ts';

type Of<T extends PaxosMessage['type']> = Extract<PaxosMessage, { type: T }>;

const ms = 1_000_000;
/** Without a heartbeat for this long, and a random part of `spreadNs` more, a leader is taken for dead. */
const suspicionNs = 150 * ms;
const spreadNs = 150 * ms;
/** A candidate asks again, and then auxiliary acceptors, too. */
const repeatNs = 75 * ms;
/** Between leaders, both double each time that candidates are seen to get in each other's way, up to 2^4 times. */
const doublingsMax = 4;
/** After so many heartbeats of one leader, they are halved again. */
const steadyHeartbeats = 64;

/** Witnesses and auxiliary acceptors vote and serve no data; observers and spares do not vote. */
export const mayLead = (state: PaxosState): boolean =>
  state.context.group.replicas.includes(state.context.self) &&
  lastConfiguration(state).main.includes(state.context.self);

/** Above every ballot that it has heard of, and its own (`ownerOf`). */
function nextBallot({ acceptors, context, promised, seen }: PaxosState): number {
  const round = Math.floor(Math.max(promised, seen) / acceptors.length) + 1;
  return round * acceptors.length + acceptors.indexOf(context.self);
}

export function armElection(state: PaxosState, io: PaxosIo): void {
  if (!state.context.group.replicas.includes(state.context.self)) return;
  const { retry } = state.context.options;
  if (state.attempts > 0 && retry.kind === 'fixed') return io.setTimer('election', retry.ns, retry.ns);
  // The loss of a leader is noticed as fast as ever; whoever has promised somebody waits for that one to lead.
  const scale = state.leader === null ? 1 << state.attempts : 1;
  // Whoever has granted no lease has none to wait for: a group gets its first leader at once.
  const mayStand = mayPromise(state, state.context.self, null, io);
  const least = Math.max(suspicionNs * scale, mayStand ? 0 : patienceNs(state));
  io.setTimer('election', least, least + spreadNs * scale);
}

export function electionTimeout(state: PaxosState, io: PaxosIo): void {
  if (state.role === 'leader') return;
  armElection(state, io);
  if (!mayLead(state) || !mayPromise(state, state.context.self, null, io)) return;
  if (state.role !== 'candidate') return campaign(state, null, io);
  // Nobody has outbid it: prepares or promises were lost or are still on their way, or an acceptor is dead.
  state.calling = true;
  prepare(state, io);
  io.setTimer('election', repeatNs, repeatNs);
}

/** `released`: the leader before has given up the leases of its ballot, and asks this member to stand. */
export function campaign(state: PaxosState, released: number | null, io: PaxosIo): void {
  state.ballot = nextBallot(state);
  state.promised = state.ballot;
  state.role = 'candidate';
  state.leader = null;
  state.promises = [];
  state.calling = false;
  state.released = released;
  state.preparedFrom = state.applied + 1;
  io.note(`prepares ballot ${state.ballot} from slot ${state.preparedFrom} on`);
  const { ballot } = state;
  const done = save(state, { kind: 'promise', ballot }, { ballot, votes: [] }, io);
  prepare(state, io);
  io.setTimer('election', repeatNs, repeatNs);
  if (done !== null) synced(state, done, io);
}

/** Asks those who have not promised yet; a leader, those whom a configuration needs that has just begun. */
export function prepare(state: PaxosState, io: PaxosIo): void {
  const { ballot, context, released } = state;
  const promised = state.role === 'leader' ? state.promisedBy : usable(state);
  const asked = new Set(state.configurations.flatMap(one => askedOf(state, one)));
  state.fresh.asked = true;
  for (const node of asked) {
    if (node === context.self || promised.includes(node)) continue;
    io.send(node, { type: 'prepare', ballot, from: state.applied + 1, released });
    if (context.options.kind === 'cheap-paxos' && context.options.auxiliary.includes(node))
      state.fresh.called.push(node);
  }
}

/** The candidate's own promise counts once it is on disk. */
export function promiseSynced(state: PaxosState, io: PaxosIo): void {
  const { base } = state.slots;
  countPromise(state, state.context.self, base, reportFrom(state.slots, state.preparedFrom), io);
}

export function receivePrepare(state: PaxosState, from: NodeId, m: Of<'prepare'>, io: PaxosIo): void {
  if (m.ballot < state.promised) return refuse(state, from, m.ballot, io);
  if (m.ballot > state.promised) {
    if (!mayPromise(state, from, m.released, io))
      return io.note('promises nothing: the lease that it granted still runs');
    if (state.role === 'follower' && state.leader === null) backOff(state);
    promise(state, m.ballot, io);
    state.leader = null;
    armElection(state, io);
  }
  const { base } = state.slots;
  const snapshot = m.from <= base ? state.snapshot : null;
  io.send(from, { type: 'promise', ballot: m.ballot, base, snapshot, slots: reportFrom(state.slots, m.from) });
}

export const refuse = (state: PaxosState, from: NodeId, ballot: number, io: PaxosIo): void =>
  io.send(from, { type: 'nack', ballot, promised: state.promised });

/** From here on this acceptor accepts nothing below `ballot`. */
export function promise(state: PaxosState, ballot: number, io: PaxosIo): void {
  state.promised = ballot;
  outbid(state, ballot, io);
  const done = save(state, { kind: 'promise', ballot }, { ballot, votes: [] }, io);
  if (done !== null) synced(state, done, io);
}

/** Whoever is outbid waits longer before it stands again, so that one of two who duel gets through (PMMC §3). */
function outbid(state: PaxosState, ballot: number, io: PaxosIo): void {
  if (state.role === 'follower') return;
  backOff(state);
  standDown(state, `outbid by ballot ${ballot}`, io);
}

/** Two candidates within the time that one needs to lead: on slow links everybody has to wait for longer. */
function backOff(state: PaxosState): void {
  state.attempts = Math.min(state.attempts + 1, doublingsMax);
  state.steady = 0;
}

/** A leader is there. */
export function calmDown(state: PaxosState): void {
  if (state.context.options.retry.kind === 'fixed') state.attempts = 0;
  if (state.attempts === 0 || ++state.steady < steadyHeartbeats) return;
  state.attempts--;
  state.steady = 0;
}

export function receiveNack(state: PaxosState, m: Of<'nack'>, io: PaxosIo): void {
  state.seen = Math.max(state.seen, m.promised);
  if (m.ballot === state.ballot && m.promised > state.ballot) outbid(state, m.promised, io);
}

export function receivePromise(state: PaxosState, from: NodeId, m: Of<'promise'>, io: PaxosIo): void {
  if (m.ballot !== state.ballot || state.role === 'follower') return;
  state.fresh.answered = from;
  if (state.role === 'leader') heard(state, from, io);
  install(state, m.snapshot, io);
  learn(state, m.slots, io);
  if (state.role === 'leader') joinPromise(state, from, m, io);
  else countPromise(state, from, m.base, m.slots, io);
}

/** Whose promises tell of every slot that is not applied here. */
const usable = ({ promises, applied }: PaxosState): NodeId[] =>
  promises.filter(({ base }) => base <= applied).map(({ node }) => node);

function countPromise(
  state: PaxosState,
  node: NodeId,
  base: number,
  slots: readonly ReportedSlot[],
  io: PaxosIo,
): void {
  if (state.role !== 'candidate') return;
  if (!state.promises.some(one => one.node === node)) state.promises.push({ node, base, slots });
  if (!mayLead(state)) return standDown(state, 'it is no main acceptor any more', io);
  const promisedBy = usable(state);
  if (!decides(currentConfiguration(state).quorums.prepare, promisedBy)) return;
  const promises = state.promises.filter(one => promisedBy.includes(one.node));
  lead(state, promisedBy, io);
  for (const one of promises) bind(state, one.slots);
  state.recoveredUpTo = Math.max(state.recoveredUpTo, state.applied);
  advance(state, io);
}

/** A promise that comes after the leader has begun counts for slots that it has not proposed yet. */
function joinPromise(state: PaxosState, node: NodeId, m: Of<'promise'>, io: PaxosIo): void {
  if (state.promisedBy.includes(node) || m.base > state.applied) return;
  state.promisedBy.push(node);
  bind(state, m.slots);
  advance(state, io);
}

/** Of each slot the leader is bound to the proposal with the highest ballot (P2c). */
function bind(state: PaxosState, slots: readonly ReportedSlot[]): void {
  for (const { slot, ballot, proposal } of slots) {
    if (slot < state.nextSlot) continue;
    state.recoveredUpTo = Math.max(state.recoveredUpTo, slot);
    const known = state.bound[slot];
    if (known === undefined || (ballot > known.ballot && state.context.options.adopt === 'highest'))
      state.bound[slot] = { ballot, proposal };
  }
}

export function receiveTakeOver(state: PaxosState, m: Of<'take-over'>, io: PaxosIo): void {
  if (state.role === 'leader' || m.ballot < state.promised || !mayLead(state)) return;
  if (mayPromise(state, state.context.self, m.ballot, io)) campaign(state, m.ballot, io);
}
