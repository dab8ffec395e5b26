/**
 * Reads ask a classic quorum for the highest slot that it has voted in. Every quorum that has chosen something meets it,
 * so what was acknowledged before stands in a slot up to that one; the read is answered when all of these are applied.
 */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { look } from '../machine.ts';
import { type FastIo, type FastMessage, type FastState, giveUpNs, type Read, resendNs } from './state.ts';

export function read(state: FastState, request: ClientRequest, io: FastIo): void {
  const one: Read = { id: state.nextId++, request, sinceNs: io.monotonicNs(), answers: [], until: 0 };
  state.reads.push(one);
  query(state, one, io);
}

function query(state: FastState, one: Read, io: FastIo): void {
  for (const node of state.acceptors) if (!one.answers.includes(node)) io.send(node, { type: 'query', read: one.id });
}

export function receiveAnswer(
  state: FastState,
  from: NodeId,
  m: Extract<FastMessage, { type: 'answer' }>,
  io: FastIo,
): void {
  const one = state.reads.find(({ id }) => id === m.read);
  if (one === undefined || one.answers.includes(from)) return;
  one.answers.push(from);
  one.until = Math.max(one.until, m.top);
  state.heardTop = Math.max(state.heardTop, m.top);
  serveReads(state, io);
}

export function serveReads(state: FastState, io: FastIo): void {
  if (state.reads.length === 0) return;
  state.reads = state.reads.filter(({ request, answers, until }) => {
    if (until > state.applied || !isQuorum(state.classic, node => answers.includes(node))) return true;
    io.reply(request, { kind: 'ok', output: look(state.machine, request.command.key) });
    return false;
  });
}

export function tendReads(state: FastState, io: FastIo): void {
  const now = io.monotonicNs();
  for (const one of state.reads) {
    if (now - one.sinceNs >= giveUpNs)
      io.reply(one.request, { kind: 'refused', why: 'no quorum answers', leader: null });
    else if (now - one.sinceNs >= resendNs) query(state, one, io);
  }
  state.reads = state.reads.filter(one => now - one.sinceNs < giveUpNs);
}
