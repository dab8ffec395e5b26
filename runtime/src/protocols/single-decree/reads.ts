/**
 * Reads ask a quorum what it knows. Every write that was over before has been accepted there: either it is part of the
 * latest outcome that the quorum tells, or it may be what was accepted in the instance after. That one is brought to its
 * end first. Nothing is promised, so reads get in nobody's way; they cost one round trip while nobody writes.
 */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { fromImage, look } from '../machine.ts';
import { advance, cellOf } from './acceptor.ts';
import { start } from './proposer.ts';
import type { PaxosIo, PaxosMessage, PaxosState, Read } from './state.ts';

export function read(state: PaxosState, request: ClientRequest, io: PaxosIo): void {
  const one: Read = { id: state.nextId++, request, sinceNs: io.monotonicNs(), answers: [], until: 0 };
  state.reads.push(one);
  query(state, one, io);
}

/** Asks everyone who has not answered. */
export function query(state: PaxosState, one: Read, io: PaxosIo): void {
  const { key } = one.request.command;
  for (const node of state.acceptors)
    if (!one.answers.includes(node)) io.send(node, { type: 'query', key, read: one.id });
}

export function receiveAnswer(
  state: PaxosState,
  from: NodeId,
  m: Extract<PaxosMessage, { type: 'answer' }>,
  io: PaxosIo,
): void {
  advance(state, m.key, m.base, io);
  const one = state.reads.find(({ id }) => id === m.read);
  if (one === undefined || one.answers.includes(from)) return;
  one.answers.push(from);
  one.until = Math.max(one.until, m.open ? m.base.instance + 1 : m.base.instance);
  serveReads(state, m.key, io);
}

/** Answers what can be answered by the outcomes known; what waits for a value under way has it brought to its end. */
export function serveReads(state: PaxosState, key: string, io: PaxosIo): void {
  if (!state.reads.some(one => one.request.command.key === key)) return;
  const { base } = cellOf(state, key);
  let waits = false;
  state.reads = state.reads.filter(one => {
    if (one.request.command.key !== key || !isQuorum(state.quorum, node => one.answers.includes(node))) return true;
    if (base.instance < one.until) {
      waits = true;
      return true;
    }
    io.reply(one.request, { kind: 'ok', output: look(fromImage(base.image), key) });
    return false;
  });
  if (waits && state.rounds[key] === undefined) start(state, key, io);
}

/** What was accepted has turned out not to be chosen. That may have been seen before a read began, so it asks anew. */
export function readAnew(state: PaxosState, key: string, io: PaxosIo): void {
  const { base } = cellOf(state, key);
  for (const one of state.reads) {
    if (one.request.command.key !== key || one.until <= base.instance) continue;
    one.answers = [];
    one.until = 0;
    query(state, one, io);
  }
}
