/**
 * The configuration service (the paper's master) is the store that the design names, a replicated group of its own:
 * members ask it which configuration is the latest, and change it by compare-and-set. Members watch their neighbours in
 * its place, for a store cannot. Without one, the chain is what the design says, for ever.
 */
import type { AdminRequest, Reply } from '../contract.ts';
import { takeImage } from '../machine.ts';
import {
  type Configuration,
  decode,
  encode,
  following,
  isFormed,
  successorOf,
  without,
  withStarted,
} from './configuration.ts';
import { handReadsOn, serveReads } from './reads.ts';
import { againNs, type ChainIo, type ChainState, pollNs } from './state.ts';
import { acknowledge, isHead, isTail, newLink, settle } from './updates.ts';

const command = (state: ChainState) => ({ key: state.context.group.name, operation: -1 });

/** Asks which configuration is the latest, unless a question is on its way. */
export function ask(state: ChainState, io: ChainIo): void {
  const { master } = state.context.options;
  const now = io.monotonicNs();
  if (master === null || (state.asked.open && now - state.asked.ns < againNs)) return;
  const token = state.nextToken++;
  state.asked = { token, ns: now, open: true };
  state.calls[token] = { kind: 'ask' };
  io.call(master, { ...command(state), kind: 'read', input: null }, token);
}

/** Asks whenever somebody waits for it, or nobody has asked for a while. */
export function poll(state: ChainState, io: ChainIo): void {
  const waits = state.fresh || state.reads.length > 0 || !isFormed(state.configuration);
  if (waits || io.monotonicNs() - state.asked.ns >= pollNs) ask(state, io);
}

/** Proposes the configuration that follows `base`; one proposal at a time. It may be decided however late it arrives. */
export function propose(
  state: ChainState,
  base: Configuration,
  configuration: Configuration,
  io: ChainIo,
  admin: AdminRequest | null = null,
): void {
  const { master } = state.context.options;
  if (master === null || state.proposal !== null) return;
  const token = state.nextToken++;
  state.proposal = { token, ns: io.monotonicNs() };
  state.calls[token] = { kind: 'propose', configuration, admin };
  io.note(`proposes epoch ${configuration.epoch}`);
  io.call(master, { ...command(state), kind: 'cas', input: [encode(base), encode(configuration)] }, token);
}

export function answered(state: ChainState, token: number, reply: Reply, io: ChainIo): void {
  const call = state.calls[token];
  delete state.calls[token];
  if (call === undefined) return;
  if (call.kind === 'propose') return decided(state, token, call, reply, io);
  if (token === state.asked.token) state.asked.open = false;
  if (reply.kind !== 'ok') return;
  const latest = decode(reply.output);
  // Nothing before this answer has lost a disk since this boot: a group that is still forming has no history.
  if (!isFormed(latest)) state.fresh = false;
  learn(state, latest, io);
  if (latest.epoch === state.configuration.epoch) {
    state.confirmed = Math.max(state.confirmed, token);
    serveReads(state, io);
  }
  if (state.reads.length > 0 && !state.asked.open) ask(state, io);
}

function decided(
  state: ChainState,
  token: number,
  call: Extract<ChainState['calls'][number], { kind: 'propose' }>,
  reply: Reply,
  io: ChainIo,
): void {
  if (state.proposal?.token === token) state.proposal = null;
  const { configuration, admin } = call;
  const won = reply.kind === 'ok' && reply.output === true;
  if (admin !== null) io.reply(admin, won ? { kind: 'ok', output: null } : notDecided(reply));
  if (!won) return ask(state, io);
  // A node without a disk that has put itself out of the chain: what its disk had said counts for nothing now.
  if (!configuration.chain.includes(state.context.self)) state.fresh = false;
  learn(state, configuration, io);
  if (!isFormed(configuration)) return;
  const { replicas, spares } = state.context.group;
  for (const node of [...replicas, ...spares])
    if (node !== state.context.self) io.send(node, { type: 'new-config', configuration });
}

const notDecided = (reply: Reply): Reply =>
  reply.kind === 'ok'
    ? { kind: 'refused', why: 'the configuration has changed meanwhile', leader: null }
    : { kind: 'unknown', why: 'the configuration service did not answer' };

/** A configuration that the service has, or had. */
export function learn(state: ChainState, latest: Configuration, io: ChainIo): void {
  const { self, group } = state.context;
  if (!isFormed(latest)) {
    if (latest.epoch < state.configuration.epoch) return;
    state.configuration = latest;
    if (group.replicas.includes(self) && !latest.members.includes(self))
      propose(state, latest, withStarted(latest, self, group.replicas), io);
    return;
  }
  if (latest.epoch <= state.configuration.epoch && !state.fresh) return;
  if (!state.fresh) return adopt(state, latest, io);
  state.configuration = latest;
  if (!latest.members.includes(self)) return;
  // The chain may count on a history that stood on this node's disk, or be about to: a new epoch without it ends both.
  const chain = without(latest.chain, self);
  if (chain.length === 0) return io.note('has lost the only copy: the chain stands still');
  propose(state, latest, following(latest, { chain }), io);
}

function adopt(state: ChainState, configuration: Configuration, io: ChainIo): void {
  const { self } = state.context;
  if (state.base === null) {
    state.base = { index: 0, term: 0, image: takeImage(state.machine) };
    io.persist({ kind: 'copy', copy: state.base });
  }
  const repaired = isFormed(state.configuration);
  state.configuration = configuration;
  io.persist({ kind: 'configuration', configuration });
  io.note(`epoch ${configuration.epoch}`);
  state.proposal = null;
  state.extension = null;
  state.unsettled = false;
  state.copiedIn = -1;
  takePlace(state, repaired, io);
  if (!isHead(state)) {
    const { pending } = state;
    state.pending = {};
    for (const { request } of Object.values(pending))
      io.reply(request, { kind: 'unknown', why: 'the chain has changed' });
  }
  if (!isTail(state)) handReadsOn(state, io);
  if (configuration.chain.length === 1 && configuration.chain[0] === self) state.connected = true;
  // The predecessor learns by the acknowledgement what is missing here.
  settle(state, io);
  acknowledge(state, io);
}

/** New neighbours have as long as old ones to be heard. */
export function takePlace(state: ChainState, repaired: boolean, io: ChainIo): void {
  const now = io.monotonicNs();
  const next = state.fresh ? undefined : successorOf(state.configuration, state.context.self);
  state.downstream = next === undefined ? null : newLink(next, now, !repaired || state.context.options.resend);
  state.upstreamHeardNs = now;
}
