/** Reads that do not go through the log: read-index, lease, local (thesis §6.4). */
import type { Raft } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { termAt } from '../log.ts';
import { readingOf } from '../machine.ts';
import { decides } from './configuration.ts';
import { broadcast } from './replication.ts';
import type { RaftIo, RaftState } from './state.ts';

/** A leader's answer to a read, by the options that it sees; `log` reads are appended like writes and do not come here. */
export function read(state: RaftState, request: ClientRequest, { read: how }: Raft, io: RaftIo): void {
  if (how.kind === 'local') return serve(state, request, false, io);
  // Giving up the lease comes first when leadership is handed over (rule 41).
  if (
    how.kind === 'lease' &&
    hasCommittedInTerm(state) &&
    !state.leaseForfeited &&
    io.monotonicNs() < state.leaseUntilNs
  ) {
    return serve(state, request, true, io);
  }
  state.reads.push({ request, round: 0, index: 0 });
  startRound(state, io);
}

/** Until its first entry has committed, a leader does not know which entries are committed (§6.4, step 1). */
export const hasCommittedInTerm = (state: RaftState): boolean => termAt(state.log, state.commitIndex) === state.term;

/** One round of heartbeats serves all reads that wait for one; reads that come meanwhile wait for the next. */
function startRound(state: RaftState, io: RaftIo): void {
  if (!hasCommittedInTerm(state)) return;
  const waiting = state.reads.filter(pending => pending.round === 0);
  const underWay = state.reads.some(pending => pending.round > state.confirmedRound);
  if (waiting.length === 0 || underWay) return;
  for (const pending of waiting) {
    pending.round = state.round + 1;
    pending.index = state.commitIndex;
  }
  broadcast(state, io);
}

/** Called when a peer echoed a later round: what a quorum has echoed proves leadership at that round's start. */
export function confirmRounds(state: RaftState, io: RaftIo): void {
  const echoed = (round: number) => (node: NodeId) =>
    node === state.context.self || (state.peers[node]?.round ?? 0) >= round;
  // Rounds are in order, and who echoed a later one has echoed the earlier ones: the latest that decides is the answer.
  let at = state.roundStarts.length - 1;
  while (at >= 0 && !decides(state, echoed(state.roundStarts[at]!.round))) at--;
  if (at < 0 || state.roundStarts[at]!.round <= state.confirmedRound) return;
  const { round: confirmed, ns: started } = state.roundStarts[at]!;
  state.confirmedRound = confirmed;
  state.roundStarts = state.roundStarts.filter(start => start.round > confirmed);
  const { read: how } = state.context.options;
  if (how.kind === 'lease') state.leaseUntilNs = started + how.ns;
  serveReads(state, io);
}

export function serveReads(state: RaftState, io: RaftIo): void {
  if (state.reads.length === 0) return;
  const waiting: typeof state.reads = [];
  for (const pending of state.reads) {
    if (pending.round > 0 && pending.round <= state.confirmedRound && state.lastApplied >= pending.index) {
      serve(state, pending.request, false, io);
    } else waiting.push(pending);
  }
  state.reads = waiting;
  startRound(state, io);
}

/** Answers from this member's own state. */
export function serve(state: RaftState, request: ClientRequest, lease: boolean, io: RaftIo): void {
  state.served.push({ id: request.id, index: state.lastApplied, lease });
  io.reply(request, readingOf(state.machine, request.command.key));
}
