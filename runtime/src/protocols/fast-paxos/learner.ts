/** Learners: every node counts votes, applies what is chosen in the order of slots, and helps those who lag. */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { apply, fromImage, takeImage } from '../machine.ts';
import { seeCollision } from './coordinator.ts';
import { chosenElsewhere, valueApplied } from './proposer.ts';
import { serveReads } from './reads.ts';
import { type FastIo, type FastMessage, type FastState, isFast, type Snapshot, type Value } from './state.ts';

/** Chosen slots that stay at hand for those who lag; how many more there must be before the older ones are dropped. */
const keptSlots = 128;
const droppedAtOnce = 256;
/** Slots told of in one go. */
const slotsAtOnce = 64;

export function receiveAccepted(
  state: FastState,
  from: NodeId,
  { slot, rnd, value }: Extract<FastMessage, { type: 'accepted' }>,
  io: FastIo,
): void {
  state.heardTop = Math.max(state.heardTop, slot);
  if (slot <= state.applied || state.chosen[slot] !== undefined) return;
  state.openSinceNs[slot] ??= io.monotonicNs();
  state.tallies[slot] ??= {};
  state.tallies[slot][rnd] ??= {};
  const votes = state.tallies[slot][rnd];
  votes[from] = value;
  const quorum = isFast(state, rnd) ? state.fast : state.classic;
  if (!isQuorum(quorum, node => votes[node]?.id === value.id)) return seeCollision(state, slot, rnd, io);
  const voters = Object.keys(votes)
    .map(Number)
    .filter(node => votes[node]!.id === value.id);
  state.deeds.push({ kind: 'learned', slot, rnd, value, voters });
  learn(state, slot, value, io);
}

/** A slot is decided. */
export function learn(state: FastState, slot: number, value: Value, io: FastIo): void {
  if (slot <= state.applied || state.chosen[slot] !== undefined) return;
  state.chosen[slot] = value;
  state.top = Math.max(state.top, slot);
  state.heardTop = Math.max(state.heardTop, slot);
  io.persist({ kind: 'chosen', slot, value });
  close(state, slot);
  applyChosen(state, io);
  chosenElsewhere(state, slot, value, io);
  serveReads(state, io);
}

function close(state: FastState, slot: number): void {
  for (const part of [state.tallies, state.rounds, state.openSinceNs, state.seen, state.attempts]) delete part[slot];
}

export function applyChosen(state: FastState, io: FastIo): void {
  for (let value = state.chosen[state.applied + 1]; value !== undefined; value = state.chosen[state.applied + 1]) {
    state.applied++;
    if (value.proposer < 0) continue;
    const outputs = value.entries.map(({ command, session }) => apply(state.machine, command, session));
    state.done[value.proposer] = { id: value.id, outputs };
    valueApplied(state, value.proposer, io);
  }
  drop(state, io);
}

/** Votes and values that a snapshot stands for. */
function drop(state: FastState, io: FastIo): void {
  if (state.applied - state.kept < keptSlots + droppedAtOnce) return;
  state.snapshot = snapshotOf(state);
  io.persist({ kind: 'snapshot', snapshot: state.snapshot });
  forget(state, state.applied - keptSlots);
}

function forget(state: FastState, upTo: number): void {
  for (; state.kept <= upTo; state.kept++) {
    delete state.chosen[state.kept];
    delete state.votes[state.kept];
  }
}

const snapshotOf = (state: FastState): Snapshot => ({
  applied: state.applied,
  image: takeImage(state.machine),
  done: { ...state.done },
});

export function receiveSnapshot(
  state: FastState,
  { snapshot }: Extract<FastMessage, { type: 'snapshot' }>,
  io: FastIo,
): void {
  if (snapshot.applied <= state.applied) return;
  for (let slot = state.applied + 1; slot <= snapshot.applied; slot++) close(state, slot);
  state.machine = fromImage(snapshot.image);
  state.done = { ...snapshot.done };
  state.applied = snapshot.applied;
  state.snapshot = snapshot;
  state.top = Math.max(state.top, snapshot.applied);
  state.heardTop = Math.max(state.heardTop, snapshot.applied);
  io.persist({ kind: 'snapshot', snapshot });
  forget(state, snapshot.applied);
  io.note(`starts from a snapshot of ${snapshot.applied} slots`);
  valueApplied(state, state.context.self, io);
  passedOver(state, io);
  applyChosen(state, io);
  serveReads(state, io);
}

/** The slot of this node's own proposal lies behind, and the proposal was not what it chose. */
function passedOver(state: FastState, io: FastIo): void {
  if (state.proposed !== null && state.proposed.slot <= state.applied)
    chosenElsewhere(state, state.proposed.slot, null, io);
}

/** Tells a node that is at `slot` how it went on from there, for so many slots. */
export function helpAlong(state: FastState, node: NodeId, slot: number, count: number, io: FastIo): void {
  if (slot < state.kept) return io.send(node, { type: 'snapshot', snapshot: snapshotOf(state) });
  for (let at = slot; at < slot + count; at++) {
    const value = state.chosen[at];
    if (value === undefined) return;
    io.send(node, { type: 'learn', slot: at, value });
  }
}

export function receiveProgress(
  state: FastState,
  from: NodeId,
  m: Extract<FastMessage, { type: 'progress' }>,
  io: FastIo,
): void {
  state.heardTop = Math.max(state.heardTop, m.top);
  // Whoever is under way gets there by itself; who is far behind gets it all at once.
  const lag = state.applied - m.applied;
  const isStuck = state.peers[from] === m.applied;
  state.peers[from] = m.applied;
  if (lag > slotsAtOnce) io.send(from, { type: 'snapshot', snapshot: snapshotOf(state) });
  else if (lag > 0 && isStuck) helpAlong(state, from, m.applied + 1, slotsAtOnce, io);
}
