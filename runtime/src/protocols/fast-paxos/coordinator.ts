/**
 * Collisions and what comes after them ("Fast Paxos" §3.2, §3.3). The votes of round 1 stand for the promises of round 2:
 * who has voted in round 1 votes in nothing below 2 any more. Where that does not help (the coordinator is down, messages
 * are lost, acceptors have picked differently), somebody runs a classic round with both phases.
 */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { ballotOf, pauseNs } from '../ballots.ts';
import { see, vote, voteIn } from './acceptor.ts';
import { type Heard, pick } from './picking.ts';
import {
  coordinatorOf,
  type FastIo,
  type FastMessage,
  type FastState,
  fastRound,
  isFast,
  patienceNs,
  patienceStepNs,
  type Round,
  recoveryRound,
  resendNs,
  silentNs,
  timerOf,
  type Value,
} from './state.ts';

const isClassicQuorum = (state: FastState, nodes: readonly NodeId[]): boolean =>
  isQuorum(state.classic, node => nodes.includes(node));

/** `adopt first` takes what it was told first, whatever may have been chosen. */
function choose(state: FastState, heard: readonly Heard[]): Value | null {
  if (state.context.options.adopt === 'highest') return pick(heard, state.fast);
  return heard.find(({ vote }) => vote.vval !== null)?.vote.vval ?? null;
}

/** A vote was heard of: two values in one fast round, and a classic quorum to see it, are a collision to recover from. */
export function seeCollision(state: FastState, slot: number, rnd: number, io: FastIo): void {
  if (!isFast(state, rnd)) return;
  if (leadsWithoutFastQuorum(state, io)) {
    if (state.rounds[slot] === undefined) begin(state, slot, io);
    return;
  }
  const votes = state.tallies[slot]?.[rnd] ?? {};
  const heard = Object.entries(votes).map(([from, vval]) => ({ from: Number(from), vote: { vrnd: rnd, vval } }));
  const collides = new Set(heard.map(one => one.vote.vval.id)).size > 1;
  if (
    !collides ||
    !isClassicQuorum(
      state,
      heard.map(one => one.from),
    )
  )
    return;
  if (rnd === fastRound && state.context.options.recovery === 'uncoordinated') return pickAlone(state, slot, heard, io);
  if (rnd === fastRound && coordinatorOf(state, slot) === state.context.self) return recover(state, slot, heard, io);
  // The next in line takes over from a coordinator that is silent, and where acceptors have picked differently.
  const next = inTurn(state, slot).find(node => isHeard(state, node, io));
  if (next === state.context.self && state.rounds[slot] === undefined) begin(state, slot, io);
}

const isHeard = (state: FastState, node: NodeId, io: FastIo): boolean =>
  node === state.context.self || io.monotonicNs() - state.heardNs[node]! <= silentNs;

/**
 * Too few are there for a fast round to choose anything: the first one that is there runs a classic round for every
 * slot, without waiting for what cannot come (§2.2: a classic quorum and a coordinator suffice).
 */
function leadsWithoutFastQuorum(state: FastState, io: FastIo): boolean {
  if (isQuorum(state.fast, node => isHeard(state, node, io))) return false;
  return state.acceptors.find(node => isHeard(state, node, io)) === state.context.self;
}

const inTurn = (state: FastState, slot: number): readonly NodeId[] => {
  const first = slot % state.acceptors.length;
  return [...state.acceptors.slice(first), ...state.acceptors.slice(0, first)];
};

/** Coordinated recovery: round 2, without a phase 1. */
function recover(state: FastState, slot: number, heard: readonly Heard[], io: FastIo): void {
  const before = voteIn(state, slot);
  // Its own vote in round 2 leaves before the round is known to anybody, and tells after a crash that there was one.
  if (before.rnd >= recoveryRound || state.rounds[slot] !== undefined) return;
  const value = choose(state, heard)!;
  io.note(`collision in slot ${slot}: round 2 with ${value.id}`);
  state.rounds[slot] = { rnd: recoveryRound, phase: 'accept', promises: [], value };
  state.deeds.push({ kind: 'picked', slot, rnd: recoveryRound, value, quorum: heard.map(one => one.from) });
  vote(state, slot, recoveryRound, value, io);
  ask(state, slot, state.rounds[slot], io);
}

/** Uncoordinated recovery: every acceptor votes in round 2 for what it picks itself. */
function pickAlone(state: FastState, slot: number, heard: readonly Heard[], io: FastIo): void {
  if (voteIn(state, slot).rnd >= recoveryRound) return;
  const value = choose(state, heard)!;
  io.note(`collision in slot ${slot}: picks ${value.id} for round 2`);
  state.deeds.push({ kind: 'picked', slot, rnd: recoveryRound, value, quorum: heard.map(one => one.from) });
  vote(state, slot, recoveryRound, value, io);
}

/** A classic round from its phase 1 on, above all that were seen. */
export function begin(state: FastState, slot: number, io: FastIo): void {
  const rnd = ballotOf((state.seen[slot] ?? 0) + 1, state.context.self, state.epoch);
  see(state, slot, rnd);
  state.rounds[slot] = { rnd, phase: 'prepare', promises: [], value: null };
  ask(state, slot, state.rounds[slot], io);
}

function ask(state: FastState, slot: number, round: Round, io: FastIo): void {
  const { rnd, value } = round;
  io.setTimer(timerOf(slot), resendNs, resendNs);
  for (const node of state.acceptors) {
    if (round.phase === 'accept') {
      if (state.tallies[slot]?.[rnd]?.[node] === undefined) io.send(node, { type: 'accept', slot, rnd, value: value! });
    } else if (!round.promises.some(one => one.from === node)) io.send(node, { type: 'prepare', slot, rnd });
  }
}

export function askAgain(state: FastState, timer: string, io: FastIo): void {
  for (const slot of Object.keys(state.rounds).map(Number)) {
    if (timerOf(slot) !== timer) continue;
    const round = state.rounds[slot]!;
    if (round.phase === 'pause') begin(state, slot, io);
    else ask(state, slot, round, io);
  }
}

export function receivePromise(
  state: FastState,
  from: NodeId,
  m: Extract<FastMessage, { type: 'promise' }>,
  io: FastIo,
): void {
  const round = state.rounds[m.slot];
  if (round?.rnd !== m.rnd || round.phase !== 'prepare' || round.promises.some(one => one.from === from)) return;
  round.promises.push({ from, vote: m.vote });
  const quorum = round.promises.map(one => one.from);
  if (!isClassicQuorum(state, quorum)) return;
  const nothing: Value = { id: `nothing.${m.slot}`, proposer: -1, entries: [] };
  round.value = choose(state, round.promises) ?? nothing;
  round.phase = 'accept';
  io.note(`slot ${m.slot}: round ${m.rnd} with ${round.value.id}`);
  state.deeds.push({ kind: 'picked', slot: m.slot, rnd: m.rnd, value: round.value, quorum });
  ask(state, m.slot, round, io);
}

export function receiveNack(state: FastState, m: Extract<FastMessage, { type: 'nack' }>, io: FastIo): void {
  see(state, m.slot, m.promised);
  const round = state.rounds[m.slot];
  if (round?.rnd !== m.rnd || round.phase === 'pause') return;
  round.phase = 'pause';
  const attempt = state.attempts[m.slot] ?? 0;
  state.attempts[m.slot] = attempt + 1;
  io.setTimer(timerOf(m.slot), ...pauseNs(state.context.options.retry, attempt));
}

/** How far beyond what is applied a node looks after open slots: who is further behind is helped by others first. */
const openAtOnce = 16;

/** Slots that are not getting anywhere: what everybody waits for must not stay open because somebody is gone. */
export function finishOpen(state: FastState, io: FastIo): void {
  const now = io.monotonicNs();
  const atOnce = leadsWithoutFastQuorum(state, io);
  const last = Math.min(state.heardTop, state.applied + openAtOnce);
  for (let slot = state.applied + 1; slot <= last; slot++) {
    if (state.chosen[slot] !== undefined) continue;
    state.openSinceNs[slot] ??= now;
    const turn = inTurn(state, slot).indexOf(state.context.self);
    const patience = atOnce ? 0 : patienceNs + patienceStepNs * turn;
    if (state.rounds[slot] === undefined && now - state.openSinceNs[slot]! >= patience) begin(state, slot, io);
  }
}
