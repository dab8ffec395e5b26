/** Elections: terms, votes, pre-votes, stepping down (ATC'14 §5.2, §5.4.1; thesis §3.4, §4.2.3, §9.6). */
import type { NodeId } from '../../design/topology.ts';
import { isUpToDate, lastIndex, lastTerm } from '../log.ts';
import { decides, isVoter, maySeekElection, recipients, votersOf } from './configuration.ts';
import { abandonChange } from './membership.ts';
import { appendEntry, broadcast, newPeer } from './replication.ts';
import type { RaftIo, RaftMessage, RaftState } from './state.ts';

export function armElection(state: RaftState, io: RaftIo): void {
  const [min, max] = state.context.options.electionTimeoutNs;
  io.setTimer('election', min, max);
}

/** Term and vote are on disk before any message of that term leaves (rule 61: a forgotten vote can be given twice). */
export function persistTerm(state: RaftState, io: RaftIo): void {
  const votedFor = state.context.options.durableVotes ? state.votedFor : null;
  io.persist({ kind: 'term', term: state.term, votedFor });
}

/** Every message with a later term makes its receiver a follower of that term. */
export function seeTerm(state: RaftState, term: number, io: RaftIo): void {
  if (term <= state.term) return;
  state.term = term;
  state.votedFor = null;
  persistTerm(state, io);
  stepDown(state, io, `term ${term} seen`);
  state.leader = null;
}

export function stepDown(state: RaftState, io: RaftIo, why: string): void {
  const led = state.role === 'leader';
  if (state.role !== 'follower') io.note(`steps down: ${why}`);
  state.role = 'follower';
  state.votes = [];
  state.transferring = false;
  if (led) {
    if (state.leader === state.context.self) state.leader = null;
    io.cancelTimer('heartbeat');
    io.cancelTimer('check-quorum');
    io.cancelTimer('transfer');
    // Their entries may still be committed by a later leader: nobody here can tell.
    for (const index of Object.keys(state.pending)) {
      io.reply(state.pending[Number(index)]!, {
        kind: 'unknown',
        why: 'leadership was lost before the entry committed',
      });
    }
    for (const read of state.reads)
      io.reply(read.request, { kind: 'refused', why: 'leadership was lost', leader: null });
    if (state.transfer !== null) io.reply(state.transfer.request, { kind: 'ok', output: null });
    abandonChange(state, io, 'leadership was lost');
    state.pending = {};
    state.reads = [];
    state.peers = {};
    state.transfer = null;
    state.leaseUntilNs = Number.NEGATIVE_INFINITY;
    armElection(state, io);
  }
}

export function electionTimeout(state: RaftState, io: RaftIo): void {
  if (state.role === 'leader') return;
  armElection(state, io);
  if (!maySeekElection(state)) return;
  state.leader = null;
  if (state.context.options.preVote) solicit(state, 'pre-candidate', io);
  else campaign(state, io);
}

/** A vote under a term of one's own; also on `timeout-now` from a leader that hands over (§3.10). */
export function campaign(state: RaftState, io: RaftIo, transferring = false): void {
  state.term++;
  state.votedFor = state.context.self;
  state.transferring = transferring;
  persistTerm(state, io);
  solicit(state, 'candidate', io);
}

function solicit(state: RaftState, role: 'pre-candidate' | 'candidate', io: RaftIo): void {
  const candidate = role === 'candidate';
  state.role = role;
  state.leader = null;
  state.votes = [state.context.self];
  // A pre-vote asks about the next term without entering it (§9.6).
  const message: RaftMessage = {
    type: candidate ? 'request-vote' : 'pre-vote',
    term: candidate ? state.term : state.term + 1,
    lastIndex: lastIndex(state.log),
    lastTerm: lastTerm(state.log),
    transfer: candidate && state.transferring,
  };
  for (const node of votersOf(state.configuration)) if (node !== state.context.self) io.send(node, message);
  countVotes(state, io);
}

function countVotes(state: RaftState, io: RaftIo): void {
  if (!decides(state, node => state.votes.includes(node))) return;
  if (state.role === 'pre-candidate') campaign(state, io);
  else if (state.role === 'candidate') lead(state, io);
}

function lead(state: RaftState, io: RaftIo): void {
  const { self, options } = state.context;
  state.role = 'leader';
  state.leader = self;
  state.transferring = false;
  state.peers = {};
  const now = io.monotonicNs();
  for (const node of recipients(state)) state.peers[node] = newPeer(state, node, now);
  state.round = 0;
  state.confirmedRound = 0;
  state.roundStarts = [];
  state.leaseUntilNs = Number.NEGATIVE_INFINITY;
  state.leaseForfeited = false;
  io.cancelTimer('election');
  io.note(`leads term ${state.term}`);
  // Entries of earlier terms commit only behind one of this term (§3.6.2), and reads wait for it (§6.4).
  appendEntry(state, { term: state.term, kind: 'no-op' }, io);
  broadcast(state, io);
  io.setTimer('heartbeat', options.heartbeatNs, options.heartbeatNs);
  if (options.checkQuorum) io.setTimer('check-quorum', options.electionTimeoutNs[0], options.electionTimeoutNs[0]);
}

/** A leader that a quorum has not answered for an election timeout stops leading (§6.2). */
export function checkQuorum(state: RaftState, io: RaftIo): void {
  if (state.role !== 'leader') return;
  const timeout = state.context.options.electionTimeoutNs[0];
  const since = io.monotonicNs() - timeout;
  const heard = (node: NodeId) => node === state.context.self || (state.peers[node]?.heardNs ?? 0) >= since;
  if (decides(state, heard)) io.setTimer('check-quorum', timeout, timeout);
  else stepDown(state, io, 'no quorum answered for an election timeout');
}

/** Within the minimum election timeout of hearing a leader, nobody helps to depose it (§4.2.3). */
function heardLeaderLately(state: RaftState, io: RaftIo): boolean {
  if (!state.context.options.leaderStickiness) return false;
  return state.role === 'leader' || io.monotonicNs() - state.leaderHeardNs < state.context.options.electionTimeoutNs[0];
}

export function receivePreVote(
  state: RaftState,
  from: NodeId,
  m: Extract<RaftMessage, { type: 'pre-vote' | 'request-vote' }>,
  io: RaftIo,
): void {
  const granted =
    m.term > state.term && isUpToDate(state.log, m.lastTerm, m.lastIndex) && !heardLeaderLately(state, io);
  io.send(from, { type: 'pre-vote-response', term: granted ? m.term : state.term, granted });
}

export function receiveRequestVote(
  state: RaftState,
  from: NodeId,
  m: Extract<RaftMessage, { type: 'pre-vote' | 'request-vote' }>,
  io: RaftIo,
): void {
  if (!m.transfer && m.term > state.term && heardLeaderLately(state, io)) {
    io.note('ignores the vote request: a leader was heard within the election timeout');
    return;
  }
  seeTerm(state, m.term, io);
  const granted =
    m.term === state.term &&
    (state.votedFor === null || state.votedFor === from) &&
    isUpToDate(state.log, m.lastTerm, m.lastIndex);
  if (granted) {
    state.votedFor = from;
    persistTerm(state, io);
    armElection(state, io);
  }
  io.send(from, { type: 'vote', term: state.term, granted });
}

export function receiveVote(
  state: RaftState,
  from: NodeId,
  m: Extract<RaftMessage, { type: 'pre-vote-response' | 'vote' }>,
  io: RaftIo,
): void {
  const preVote = m.type === 'pre-vote-response';
  if (!(preVote && m.granted)) seeTerm(state, m.term, io);
  const asked = preVote
    ? state.role === 'pre-candidate' && m.term === state.term + 1
    : state.role === 'candidate' && m.term === state.term;
  if (!asked || !m.granted || state.votes.includes(from) || !isVoter(state, from)) return;
  state.votes.push(from);
  countVotes(state, io);
}
