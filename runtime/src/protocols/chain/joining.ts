/**
 * Extending the chain (OSDI'04 §3, "Extending a chain"): a new server, or one that was taken out, gets a copy of the
 * tail's history, then every update after it, and becomes the tail when it has all that was acknowledged.
 */
import type { NodeId } from '../../design/topology.ts';
import { emptyLog, lastIndex, lastTerm } from '../log.ts';
import { fromImage, takeImage } from '../machine.ts';
import { following, isFormed, tailOf } from './configuration.ts';
import { propose } from './service.ts';
import { againNs, type ChainIo, type ChainMessage, type ChainState, detectNs, type Extension } from './state.ts';
import { acknowledge, actsAsTail, inChain, isCurrent, newLink, sendAgain } from './updates.ts';

/** A member that is not in the chain asks the tail, now and then, to be its next one. */
export function askToJoin(state: ChainState, io: ChainIo): void {
  const { configuration, context } = state;
  if (!isFormed(configuration) || inChain(state) || !configuration.members.includes(context.self)) return;
  io.send(tailOf(configuration)!, { type: 'join', epoch: configuration.epoch });
  // The tail sees by this that the copy has come, should the first acknowledgement be lost.
  acknowledge(state, io);
}

export function receiveJoin(
  state: ChainState,
  from: NodeId,
  m: Extract<ChainMessage, { type: 'join' }>,
  io: ChainIo,
): void {
  if (!isCurrent(state, from, m.epoch, io) || !actsAsTail(state)) return;
  const { chain, members, epoch } = state.configuration;
  if (chain.includes(from) || !members.includes(from)) return;
  const now = io.monotonicNs();
  state.extension ??= {
    link: newLink(from, now),
    copied: false,
    copySentNs: Number.NEGATIVE_INFINITY,
    deciding: false,
  };
  const { extension } = state;
  if (extension.link.node !== from) return;
  extension.link.heardNs = now;
  if (extension.copied || now - extension.copySentNs < againNs) return;
  extension.copySentNs = now;
  const copy = { index: lastIndex(state.log), term: lastTerm(state.log), image: takeImage(state.machine) };
  io.note(`sends a copy of ${copy.index} updates`);
  io.send(from, { type: 'extend-copy', epoch, copy });
}

export function receiveCopy(
  state: ChainState,
  from: NodeId,
  m: Extract<ChainMessage, { type: 'extend-copy' }>,
  io: ChainIo,
): void {
  if (!isCurrent(state, from, m.epoch, io) || inChain(state) || from !== tailOf(state.configuration)) return;
  // A second copy must not take back what was acknowledged since.
  if (state.copiedIn !== m.epoch) {
    state.copiedIn = m.epoch;
    state.base = m.copy;
    state.log = { ...emptyLog(m.copy.index, m.copy.term), truncations: state.log.truncations + 1 };
    state.machine = fromImage(m.copy.image);
    state.stable = m.copy.index;
    state.synced = 0;
    io.persist({ kind: 'copy', copy: m.copy }, m.copy.index);
    io.note(`starts from a copy of ${m.copy.index} updates`);
  }
  acknowledge(state, io);
}

/** The next tail has everything that was acknowledged: from here on nothing is without it, and the service decides. */
export function extendingProgress(state: ChainState, extension: Extension, io: ChainIo): void {
  if (extension.deciding || !extension.link.open || extension.link.received < state.stable) return;
  if (state.proposal !== null) return;
  extension.deciding = true;
  letIn(state, extension, io);
}

function letIn(state: ChainState, extension: Extension, io: ChainIo): void {
  const { configuration } = state;
  propose(state, configuration, following(configuration, { chain: [...configuration.chain, extension.link.node] }), io);
}

/**
 * Looks after a join under way. One whose proposal is out cannot simply be dropped when the newcomer falls silent: the
 * proposal may yet be decided. Another epoch settles that, whichever it is.
 */
export function tendExtension(state: ChainState, io: ChainIo): void {
  const { extension, configuration } = state;
  if (extension === null) return;
  sendAgain(state, extension.link, io);
  const silent = io.monotonicNs() - extension.link.heardNs > detectNs;
  if (!extension.deciding) {
    if (silent) state.extension = null;
    else extendingProgress(state, extension, io);
  } else if (state.proposal === null) {
    if (silent) propose(state, configuration, following(configuration), io);
    else letIn(state, extension, io);
  }
}
