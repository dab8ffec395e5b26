/**
 * Proposers ("Paxos Made Simple" §2.2, phases 1a and 2a): every node is one, for the requests that clients bring it, one
 * at a time per key. Who finds that a value may have been chosen carries that one through, and comes again with its own
 * in the next instance.
 */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { ballotOf, pauseNs } from '../ballots.ts';
import type { ClientRequest } from '../contract.ts';
import { answerOf, apply, fromImage, takeImage } from '../machine.ts';
import { advance, cellOf, see } from './acceptor.ts';
import { readAnew, serveReads } from './reads.ts';
import {
  type Accepted,
  type Outcome,
  type PaxosIo,
  type PaxosMessage,
  type PaxosState,
  type Proposal,
  type Round,
  resendNs,
} from './state.ts';

export function update(state: PaxosState, request: ClientRequest, io: PaxosIo): void {
  const { key } = request.command;
  state.queues[key] ??= [];
  state.queues[key].push({ request, sinceNs: io.monotonicNs(), proposed: null });
  if (state.rounds[key] === undefined) start(state, key, io);
}

/** Phase 1a, with a ballot above all that were seen for the key. */
export function start(state: PaxosState, key: string, io: PaxosIo): void {
  const { base } = cellOf(state, key);
  const ballot = ballotOf((state.seen[key] ?? 0) + 1, state.context.self, state.epoch);
  see(state, key, ballot);
  state.rounds[key] = { base, ballot, phase: 'prepare', promises: [], accepts: [], proposal: null };
  ask(state, key, state.rounds[key], io);
}

/** Asks everyone who has not answered yet, and asks again after a while. */
function ask(state: PaxosState, key: string, round: Round, io: PaxosIo): void {
  const { base, ballot, proposal } = round;
  io.setTimer(`round ${key}`, resendNs, resendNs);
  for (const node of state.acceptors) {
    if (round.phase === 'prepare') {
      if (!round.promises.some(one => one.from === node)) io.send(node, { type: 'prepare', key, ballot, base });
    } else if (!round.accepts.includes(node)) io.send(node, { type: 'accept', key, ballot, base, proposal: proposal! });
  }
}

export function askAgain(state: PaxosState, key: string, io: PaxosIo): void {
  const round = state.rounds[key];
  if (round === undefined) return;
  if (round.phase === 'pause') start(state, key, io);
  else ask(state, key, round, io);
}

/** The round that a message answers, if it is still under way. */
function roundOfAnswer(
  state: PaxosState,
  m: { readonly key: string; readonly instance: number; readonly ballot: number },
  phase?: Round['phase'],
): Round | undefined {
  const round = state.rounds[m.key];
  const fits = round?.ballot === m.ballot && round.base.instance + 1 === m.instance && round.phase !== 'pause';
  return fits && (phase === undefined || round.phase === phase) ? round : undefined;
}

export function receivePromise(
  state: PaxosState,
  from: NodeId,
  m: Extract<PaxosMessage, { type: 'promise' }>,
  io: PaxosIo,
): void {
  const round = roundOfAnswer(state, m, 'prepare');
  if (round === undefined || round.promises.some(one => one.from === from)) return;
  round.promises.push({ from, accepted: m.accepted });
  const promises = round.promises.map(one => one.from);
  if (!isQuorum(state.quorum, node => promises.includes(node))) return;
  const adopted = adopt(state, round);
  if (adopted !== null) io.note(`adopts ${adopted.proposal.id} of ballot ${adopted.ballot}`);
  round.proposal = adopted?.proposal ?? ownProposal(state, m.key, round.base);
  // Somebody else's value was to be brought to its end, and there is none: nothing is left to do.
  if (round.proposal === null) {
    finish(state, m.key, io);
    return readAnew(state, m.key, io);
  }
  round.phase = 'accept';
  state.deeds.push({ kind: 'proposed', key: m.key, ballot: round.ballot, proposal: round.proposal, promises });
  ask(state, m.key, round, io);
}

/** P2c: the value that was accepted in the highest ballot, for it may have been chosen. */
function adopt(state: PaxosState, { promises }: Round): Accepted | null {
  const accepted = promises.flatMap(one => (one.accepted === null ? [] : [one.accepted]));
  if (accepted.length === 0) return null;
  if (state.context.options.adopt === 'first') return accepted[0]!;
  return accepted.reduce((a, b) => (b.ballot > a.ballot ? b : a));
}

function ownProposal(state: PaxosState, key: string, base: Outcome): Proposal | null {
  const waiting = state.queues[key]?.[0];
  if (waiting === undefined) return null;
  const { command, session } = waiting.request;
  const { self } = state.context;
  const instance = base.instance + 1;
  // One operation is one value of an instance, in whatever ballot: so it is known when somebody else carries it through.
  const known = waiting.proposed?.instance === instance ? waiting.proposed.id : undefined;
  const id = known ?? `${self}.${state.epoch}.${state.nextId++}`;
  waiting.proposed = { id, instance };
  const machine = fromImage(base.image);
  const output = apply(machine, command, session);
  return {
    id,
    command,
    outcome: { instance, image: takeImage(machine), done: { ...base.done, [self]: { id, output } } },
  };
}

export function receiveAccepted(
  state: PaxosState,
  from: NodeId,
  m: Extract<PaxosMessage, { type: 'accepted' }>,
  io: PaxosIo,
): void {
  const round = roundOfAnswer(state, m, 'accept');
  if (round === undefined || round.accepts.includes(from)) return;
  round.accepts.push(from);
  if (!isQuorum(state.quorum, node => round.accepts.includes(node))) return;
  const { outcome } = round.proposal!;
  for (const node of state.acceptors)
    if (node !== state.context.self) io.send(node, { type: 'learn', key: m.key, outcome });
  advance(state, m.key, outcome, io);
}

/** Somebody has a higher ballot: this one is over, and another follows after a pause. */
export function receiveNack(state: PaxosState, m: Extract<PaxosMessage, { type: 'nack' }>, io: PaxosIo): void {
  see(state, m.key, m.promised);
  const round = roundOfAnswer(state, m);
  if (round === undefined) return;
  round.phase = 'pause';
  const attempt = state.attempts[m.key] ?? 0;
  state.attempts[m.key] = attempt + 1;
  io.setTimer(`round ${m.key}`, ...pauseNs(state.context.options.retry, attempt));
}

/** An outcome is known: who waits for it is answered, who was passed over proposes anew. */
export function learned(state: PaxosState, key: string, io: PaxosIo): void {
  const { base } = cellOf(state, key);
  const [waiting] = state.queues[key] ?? [];
  const done = base.done[state.context.self];
  if (waiting?.proposed && done?.id === waiting.proposed.id) {
    state.queues[key]!.shift();
    delete state.attempts[key];
    io.reply(waiting.request, answerOf(done.output));
    // Its instance chose something else, and always will have: to propose it again cannot make it happen twice.
  } else if (waiting?.proposed && waiting.proposed.instance <= base.instance) waiting.proposed = null;
  const round = state.rounds[key];
  if (round !== undefined && round.base.instance < base.instance) finish(state, key, io);
  serveReads(state, key, io);
}

function finish(state: PaxosState, key: string, io: PaxosIo): void {
  delete state.rounds[key];
  io.cancelTimer(`round ${key}`);
  if ((state.queues[key]?.length ?? 0) > 0) return start(state, key, io);
  delete state.queues[key];
}
