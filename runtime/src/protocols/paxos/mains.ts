/**
 * Cheap Paxos: what a leader does about main acceptors that do not answer, and those that are back (Lamport and Massa,
 * DSN 2004, §3). Auxiliary acceptors vote until the failed one is removed by a command in the log, and forget after it.
 */
import type { NodeId } from '../../design/topology.ts';
import { advance, slotsPerMessage } from './accepting.ts';
import { currentConfiguration, lastConfiguration, type PaxosIo, type PaxosState, save } from './state.ts';

/** A main acceptor that has left so many heartbeats unanswered is not waited for. */
export const silentAfter = 3;

const isSilent = (state: PaxosState, node: NodeId): boolean =>
  node !== state.context.self && state.peers[node]!.missed >= silentAfter;

/** Auxiliary acceptors are asked while a main one is silent, and only then. */
export function callAuxiliary(state: PaxosState, io: PaxosIo): void {
  if (state.context.options.kind !== 'cheap-paxos') return;
  const calling = currentConfiguration(state).main.some(node => isSilent(state, node));
  if (calling === state.calling) return;
  state.calling = calling;
  io.note(calling ? 'calls the auxiliary acceptors' : 'every main acceptor answers again');
  // What was sent to the main ones alone is now asked of the others.
  if (calling) state.resendBelow = state.nextSlot;
}

/** With every heartbeat of a leader: one change of the configuration at a time. */
export function tendMains(state: PaxosState, io: PaxosIo): void {
  const { options } = state.context;
  if (options.kind !== 'cheap-paxos') return;
  callAuxiliary(state, io);
  if (isChanging(state)) return;
  if (!state.calling) dismiss(state, io);
  const { main } = currentConfiguration(state);
  const since = io.monotonicNs() - options.reconfigureNs;
  const gone = main.find(node => isSilent(state, node) && state.peers[node]!.heardNs <= since);
  if (gone !== undefined && main.length > 1) {
    io.note(`removes n${gone + 1}, which does not answer`);
    state.wanted = main.filter(node => node !== gone);
  } else if (!state.calling) {
    const back = options.main.find(node => !main.includes(node) && isBack(state, node));
    if (back === undefined) return;
    io.note(`takes n${back + 1} back`);
    state.wanted = options.main.filter(node => node === back || main.includes(node));
  }
  advance(state, io);
}

/** Until the first slot of the new configuration. */
const isChanging = (state: PaxosState): boolean =>
  state.wanted !== null || state.fillUpTo > state.applied || lastConfiguration(state) !== currentConfiguration(state);

/** It answers, and its state has been transferred, but for what is on its way. */
function isBack(state: PaxosState, node: NodeId): boolean {
  const { learned, missed } = state.peers[node]!;
  return missed < silentAfter && learned > 0 && learned >= state.applied - slotsPerMessage;
}

/** Auxiliary acceptors that have voted may forget it once every main one has what was chosen there on its disk. */
function dismiss(state: PaxosState, io: PaxosIo): void {
  const { options, self } = state.context;
  if (options.kind !== 'cheap-paxos' || state.calledUpTo === 0 || state.applied < state.calledUpTo) return;
  if (state.learnedOnDisk < state.applied)
    save(state, { kind: 'learn', slots: [], chosenUpTo: state.applied }, null, io);
  const { main } = currentConfiguration(state);
  const upTo = Math.min(...main.map(node => (node === self ? state.learnedOnDisk : state.peers[node]!.learned)));
  if (upTo < state.calledUpTo) return;
  // Where one of these is lost, that acceptor keeps what it need not: nothing depends on it.
  for (const node of options.auxiliary) io.send(node, { type: 'forget', upTo });
  state.calledUpTo = 0;
}
