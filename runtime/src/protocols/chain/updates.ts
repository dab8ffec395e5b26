/**
 * Updates on their way down the chain and acknowledgements on their way up (OSDI'04 §3). The paper's channels are
 * reliable and first-in first-out; here messages are lost and overtake each other, so they carry positions, and what
 * nobody acknowledges is sent again. The tail's answer to an update travels up the chain to the head, which the client
 * has asked, instead of straight to the client.
 */
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { entriesFrom, lastIndex } from '../log.ts';
import { answerOf, apply } from '../machine.ts';
import { headOf, isFormed, predecessorOf, successorOf, tailOf } from './configuration.ts';
import { extendingProgress } from './joining.ts';
import { serveReads } from './reads.ts';
import { ask } from './service.ts';
import { againNs, type ChainIo, type ChainMessage, type ChainState, type Entry, type Link } from './state.ts';

const entriesPerForward = 64;

export const isHead = (state: ChainState): boolean =>
  !state.fresh && headOf(state.configuration) === state.context.self;
export const isTail = (state: ChainState): boolean =>
  !state.fresh && tailOf(state.configuration) === state.context.self;
/** The tail, and nothing that it has proposed before a crash can make somebody else the tail behind its back. */
export const actsAsTail = (state: ChainState): boolean => isTail(state) && state.connected && !state.unsettled;
export const inChain = (state: ChainState): boolean =>
  !state.fresh && state.configuration.chain.includes(state.context.self);

export const newLink = (node: NodeId, nowNs: number, resend = true): Link => ({
  node,
  resend,
  open: false,
  next: 0,
  received: 0,
  offset: 0,
  heardNs: nowNs,
  progressNs: nowNs,
});

/** A client's update at the head. */
export function update(state: ChainState, request: ClientRequest, io: ChainIo): void {
  const { command, session } = request;
  const [output] = take(state, [{ term: state.configuration.epoch, command, session }], io);
  state.pending[lastIndex(state.log)] = { request, output };
  passDown(state, io);
  settle(state, io);
}

/** Adds to the history, on disk and in the machine; answers what each update came to. */
function take(state: ChainState, entries: readonly Entry[], io: ChainIo) {
  const from = lastIndex(state.log) + 1;
  state.log.entries.push(...entries);
  io.persist({ kind: 'entries', from, entries }, lastIndex(state.log));
  return entries.map(({ command, session }) => apply(state.machine, command, session));
}

/** Everything that the next ones have not been sent yet; it leaves when it is on this node's disk. */
export function passDown(state: ChainState, io: ChainIo): void {
  if (state.downstream !== null) send(state, state.downstream, io);
  if (state.extension?.copied) send(state, state.extension.link, io);
}

function send(state: ChainState, link: Link, io: ChainIo): void {
  if (!link.open) return;
  while (link.next <= lastIndex(state.log)) {
    const entries = entriesFrom(state.log, link.next, entriesPerForward);
    io.send(link.node, {
      type: 'forward',
      epoch: state.configuration.epoch,
      prev: link.next - 1 - link.offset,
      entries,
      stable: state.stable - link.offset,
    });
    link.next += entries.length;
  }
}

/** What was sent and not acknowledged for a while is sent again. */
export function sendAgain(state: ChainState, link: Link, io: ChainIo): void {
  const now = io.monotonicNs();
  if (!link.open || link.next <= link.received + 1) link.progressNs = now;
  if (now - link.progressNs < againNs) return;
  link.progressNs = now;
  link.next = link.received + 1;
  send(state, link, io);
}

export function receiveForward(
  state: ChainState,
  from: NodeId,
  m: Extract<ChainMessage, { type: 'forward' }>,
  io: ChainIo,
): void {
  if (!isCurrent(state, from, m.epoch, io) || !comesBefore(state, from)) return;
  heardUpstream(state, m.stable, io);
  const known = lastIndex(state.log) - m.prev;
  if (known >= 0 && known < m.entries.length) {
    take(state, m.entries.slice(known), io);
    passDown(state, io);
    settle(state, io);
  }
  acknowledge(state, io);
}

/** Is `from` the one whose updates this node takes: its predecessor, or the tail that it is to follow? */
const comesBefore = (state: ChainState, from: NodeId): boolean =>
  inChain(state)
    ? from === predecessorOf(state.configuration, state.context.self)
    : state.copiedIn === state.configuration.epoch && from === tailOf(state.configuration);

/** A message counts only within its epoch: that is what fences off who was removed. */
export function isCurrent(state: ChainState, from: NodeId, epoch: number, io: ChainIo): boolean {
  if (state.fresh) return false;
  const { configuration } = state;
  if (epoch > configuration.epoch) ask(state, io);
  if (epoch < configuration.epoch && isFormed(configuration)) io.send(from, { type: 'new-config', configuration });
  return epoch === configuration.epoch;
}

/** A sign of life from the predecessor, which knows that `stable` updates had come this far. */
export function heardUpstream(state: ChainState, stable: number, io: ChainIo): void {
  state.upstreamHeardNs = io.monotonicNs();
  if (!isHead(state) && lastIndex(state.log) >= stable) connect(state, io);
}

function connect(state: ChainState, io: ChainIo): void {
  if (state.connected) return;
  state.connected = true;
  settle(state, io);
}

/** Tells the one before how far updates have come; it leaves when they are on this node's disk. */
export function acknowledge(state: ChainState, io: ChainIo): void {
  const to = inChain(state) ? predecessorOf(state.configuration, state.context.self) : tailOf(state.configuration);
  if (to === undefined || (!inChain(state) && state.copiedIn !== state.configuration.epoch)) return;
  const { epoch } = state.configuration;
  io.send(to, { type: 'ack', epoch, received: lastIndex(state.log), stable: state.stable });
}

export function receiveAck(
  state: ChainState,
  from: NodeId,
  m: Extract<ChainMessage, { type: 'ack' }>,
  io: ChainIo,
): void {
  if (!isCurrent(state, from, m.epoch, io)) return;
  if (state.extension?.link.node === from) {
    if (!state.extension.copied) openLink(state, state.extension.link, m.received, io);
    state.extension.copied = true;
    progress(state.extension.link, m.received, io);
    send(state, state.extension.link, io);
    extendingProgress(state, state.extension, io);
    return settle(state, io);
  }
  const link = state.downstream;
  if (link === null || link.node !== from || from !== successorOf(state.configuration, state.context.self)) return;
  link.heardNs = io.monotonicNs();
  if (!link.open && !openLink(state, link, m.received, io)) return;
  if (isHead(state)) connect(state, io);
  progress(link, m.received, io);
  send(state, link, io);
  if (advance(state, Math.min(m.stable + link.offset, lastIndex(state.log)), io)) acknowledge(state, io);
}

/**
 * The next one tells where it stands: what it lacks of Sent is sent again (§3.3), unless the design leaves that out.
 * Refused when it has more than this node, which has lost its disk then.
 */
function openLink(state: ChainState, link: Link, received: number, io: ChainIo): boolean {
  const last = lastIndex(state.log);
  if (received > last || received < state.log.base) return false;
  link.open = true;
  link.offset = link.resend ? 0 : last - received;
  link.next = received + link.offset + 1;
  link.received = received + link.offset;
  link.progressNs = io.monotonicNs();
  return true;
}

function progress(link: Link, received: number, io: ChainIo): void {
  link.heardNs = io.monotonicNs();
  if (received + link.offset <= link.received) return;
  link.received = received + link.offset;
  link.next = Math.max(link.next, link.received + 1);
  link.progressNs = link.heardNs;
}

/** At the tail, what is in its history is stable; if another tail is about to follow, what that one has, too. */
export function settle(state: ChainState, io: ChainIo): void {
  if (!actsAsTail(state)) return;
  const { extension } = state;
  const bound = extension?.deciding ? extension.link.received : Number.POSITIVE_INFINITY;
  if (advance(state, Math.min(lastIndex(state.log), bound), io)) acknowledge(state, io);
  serveReads(state, io);
}

/** More updates are at the tail: their clients are answered. True when there were more. */
export function advance(state: ChainState, stable: number, io: ChainIo): boolean {
  if (stable <= state.stable) return false;
  const before = state.stable;
  state.stable = stable;
  for (let at = before + 1; at <= stable; at++) {
    const waiting = state.pending[at];
    if (waiting === undefined) continue;
    delete state.pending[at];
    io.reply(waiting.request, answerOf(waiting.output));
  }
  return true;
}
