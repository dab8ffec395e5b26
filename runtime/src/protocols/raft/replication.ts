/** Log replication, commitment, application, snapshots (ATC'14 §5.3, §5.4.2, §7; thesis ch. 3 and 5). */
import type { NodeId } from '../../design/topology.ts';
import { compactLog, emptyLog, entriesFrom, entryAt, firstOfTerm, lastIndex, termAt, writeEntries } from '../log.ts';
import { answerOf, apply, fromImage } from '../machine.ts';
import { adoptConfiguration, decides, initialConfiguration, recipients, useConfiguration } from './configuration.ts';
import { armElection, seeTerm, stepDown } from './election.ts';
import { changeProgress, configurationCommitted } from './membership.ts';
import { confirmRounds, serveReads } from './reads.ts';
import { type Entry, type Peer, type RaftIo, type RaftMessage, type RaftState, snapshotOf } from './state.ts';

/** Entries in one append, and appends under way to one peer: bounds of pipelining (thesis §10.2). */
export const entriesPerAppend = 64;
export const appendsInFlight = 16;

export const newPeer = (state: RaftState, node: NodeId, nowNs: number): Peer => ({
  next: lastIndex(state.log) + 1,
  match: node === state.context.self ? lastIndex(state.log) : 0,
  inFlight: 0,
  round: 0,
  heardNs: nowNs,
});

/** The leader's own copy counts only once it is on its disk: `persisted` says so. */
export function appendEntry(state: RaftState, entry: Entry, io: RaftIo): number {
  const index = lastIndex(state.log) + 1;
  state.log.entries.push(entry);
  if (entry.kind === 'configuration') useConfiguration(state, entry.configuration, index);
  io.persist({ kind: 'entries', from: index, entries: [entry] }, index);
  return index;
}

export function ownEntryPersisted(state: RaftState, index: number, io: RaftIo): void {
  const own = state.peers[state.context.self];
  if (state.role !== 'leader' || own === undefined || index > lastIndex(state.log)) return;
  own.match = Math.max(own.match, index);
  if (index > state.commitIndex) advanceCommit(state, io);
}

/** Entries or a heartbeat to everyone, under the current round. */
export function broadcast(state: RaftState, io: RaftIo): void {
  const now = io.monotonicNs();
  state.roundStarts.push({ round: ++state.round, ns: now });
  if (state.roundStarts.length > 64) state.roundStarts.shift();
  for (const node of recipients(state)) if (node !== state.context.self) sendAppend(state, node, io);
  confirmRounds(state, io);
}

/** New entries to those whose pipeline has room; others get them with the next answer. */
export function replicate(state: RaftState, io: RaftIo): void {
  for (const node of recipients(state)) {
    if (node === state.context.self) continue;
    const peer = peerOf(state, node, io);
    if (peer.inFlight < appendsInFlight && peer.next <= lastIndex(state.log)) sendAppend(state, node, io);
  }
}

function peerOf(state: RaftState, node: NodeId, io: RaftIo): Peer {
  return (state.peers[node] ??= newPeer(state, node, io.monotonicNs()));
}

function sendAppend(state: RaftState, node: NodeId, io: RaftIo): void {
  const peer = peerOf(state, node, io);
  const { log } = state;
  if (peer.next <= log.base && state.snapshot !== null) {
    io.send(node, { type: 'install-snapshot', term: state.term, snapshot: state.snapshot, round: state.round });
    peer.next = state.snapshot.index + 1;
    peer.inFlight++;
    return;
  }
  const prevIndex = peer.next - 1;
  const entries = entriesFrom(log, peer.next, entriesPerAppend);
  io.send(node, {
    type: 'append-entries',
    term: state.term,
    prevIndex,
    prevTerm: termAt(log, prevIndex),
    entries,
    commitIndex: state.commitIndex,
    round: state.round,
  });
  peer.next += entries.length;
  peer.inFlight++;
}

/** The timer of an idle leader: asserts leadership, and repairs what losses have left behind. */
export function heartbeat(state: RaftState, io: RaftIo): void {
  if (state.role !== 'leader') return;
  // A full pipeline may be waiting for answers that were lost: the next append tells.
  for (const peer of Object.values(state.peers)) peer.inFlight = 0;
  broadcast(state, io);
  io.setTimer('heartbeat', state.context.options.heartbeatNs, state.context.options.heartbeatNs);
}

/** A message of the current term's leader: follow it. */
function follow(state: RaftState, from: NodeId, io: RaftIo): void {
  if (state.role !== 'follower') stepDown(state, io, `n${from} leads term ${state.term}`);
  state.leader = from;
  state.leaderHeardNs = io.monotonicNs();
  armElection(state, io);
}

type Append = Extract<RaftMessage, { type: 'append-entries' }>;
type InstallSnapshot = Extract<RaftMessage, { type: 'install-snapshot' }>;

/** What a leader sends: refused in an older term (§5.1), else it is followed and `accept` says what the log matches. */
export function receiveFromLeader(state: RaftState, from: NodeId, m: Append | InstallSnapshot, io: RaftIo): void {
  seeTerm(state, m.term, io);
  let answer: Matched = { success: false, index: 0 };
  if (m.term === state.term) {
    follow(state, from, io);
    answer = m.type === 'append-entries' ? append(state, m, io) : installSnapshot(state, m, io);
  }
  io.send(from, { type: 'append-entries-response', term: state.term, ...answer, round: m.round });
}

/** Last index known to match the leader's log; without success, where to try next. */
interface Matched {
  readonly success: boolean;
  readonly index: number;
}

function append(state: RaftState, m: Append, io: RaftIo): Matched {
  const { log } = state;
  const end = m.prevIndex + m.entries.length;
  if (m.prevIndex > log.base && termAt(log, m.prevIndex) !== m.prevTerm) {
    const known = Math.min(m.prevIndex, lastIndex(log));
    return { success: false, index: known < m.prevIndex ? known + 1 : firstOfTerm(log, known) };
  }
  // Entries that stand already are left alone: a late, shorter append must not cut off what was acknowledged (§5.3).
  for (let i = 0; i < m.entries.length; i++) {
    const index = m.prevIndex + 1 + i;
    if (index <= log.base || termAt(log, index) === m.entries[i]!.term) continue;
    const fresh = m.entries.slice(i);
    const cutsConfiguration = index <= state.configurationIndex;
    writeEntries(log, index, fresh);
    io.persist({ kind: 'entries', from: index, entries: fresh });
    if (cutsConfiguration || fresh.some(entry => entry.kind === 'configuration')) adoptConfiguration(state);
    break;
  }
  if (m.commitIndex > state.commitIndex) {
    state.commitIndex = Math.max(state.commitIndex, Math.min(m.commitIndex, end));
    applyCommitted(state, io);
  }
  return { success: true, index: end };
}

export function receiveAppendResponse(
  state: RaftState,
  from: NodeId,
  m: Extract<RaftMessage, { type: 'append-entries-response' }>,
  io: RaftIo,
): void {
  seeTerm(state, m.term, io);
  const peer = state.peers[from];
  if (state.role !== 'leader' || m.term < state.term || peer === undefined) return;
  peer.heardNs = io.monotonicNs();
  peer.inFlight = Math.max(0, peer.inFlight - 1);
  if (m.round > peer.round) {
    peer.round = m.round;
    confirmRounds(state, io);
  }
  if (m.success) {
    if (m.index > peer.match) {
      peer.match = m.index;
      peer.next = Math.max(peer.next, m.index + 1);
      if (m.index > state.commitIndex) advanceCommit(state, io);
    }
  } else if (m.index > peer.match || m.round >= peer.round) {
    // Below `match`, an answer of an earlier round is older than what we know; one of this round comes from a server
    // that has lost its disk. To believe less than is there is always safe.
    peer.match = Math.min(peer.match, Math.max(0, m.index - 1));
    peer.next = Math.max(1, Math.min(peer.next, m.index));
    sendAppend(state, from, io);
  }
  if (state.role !== 'leader') return;
  changeProgress(state, io);
  if (peer.next <= lastIndex(state.log) && peer.inFlight < appendsInFlight) sendAppend(state, from, io);
}

/** Counting replicas commits only entries of the current term; earlier ones follow (§3.6.2, Fig. 3.7). */
export function advanceCommit(state: RaftState, io: RaftIo): void {
  const matches: number[] = [];
  for (const node in state.peers) {
    const { match } = state.peers[node]!;
    if (match > state.commitIndex && !matches.includes(match)) matches.push(match);
  }
  if (matches.length > 1) matches.sort((a, b) => b - a);
  for (const index of matches) {
    if (!decides(state, node => (state.peers[node]?.match ?? 0) >= index)) continue;
    const term = termAt(state.log, index);
    if (term !== state.term && !state.context.options.commitOldTerms) return;
    state.commitIndex = index;
    applyCommitted(state, io);
    return;
  }
}

export function applyCommitted(state: RaftState, io: RaftIo): void {
  const leads = state.role === 'leader';
  while (state.lastApplied < state.commitIndex) {
    const index = ++state.lastApplied;
    const entry = entryAt(state.log, index)!;
    if (entry.kind === 'command') {
      const output = apply(state.machine, entry.command, state.context.options.deduplicate ? entry.session : null);
      const request = leads ? state.pending[index] : undefined;
      if (request !== undefined) {
        delete state.pending[index];
        io.reply(request, answerOf(output));
      }
    }
    if (entry.kind === 'configuration' && state.role === 'leader')
      configurationCommitted(state, index, entry.configuration, io);
  }
  if (state.role === 'leader') {
    changeProgress(state, io);
    serveReads(state, io);
  }
  takeSnapshot(state, io);
}

function takeSnapshot(state: RaftState, io: RaftIo): void {
  const every = state.context.options.snapshotEvery;
  if (every === null || state.lastApplied - state.log.base < every) return;
  const index = state.lastApplied;
  const term = termAt(state.log, index);
  // The configuration as of `index`: the log may already hold a later one.
  let configuration = state.snapshot?.configuration ?? null;
  for (let i = index; i > state.log.base; i--) {
    const entry = entryAt(state.log, i)!;
    if (entry.kind === 'configuration') {
      configuration = entry.configuration;
      break;
    }
  }
  if (configuration === null)
    configuration = state.configurationIndex <= index ? state.configuration : initialConfiguration(state.context.group);
  state.snapshot = snapshotOf(state, index, term, configuration);
  compactLog(state.log, index, term);
  io.persist({ kind: 'snapshot', snapshot: state.snapshot, whole: false });
  io.note(`snapshot up to ${index}`);
}

function installSnapshot(state: RaftState, { snapshot }: InstallSnapshot, io: RaftIo): Matched {
  if (snapshot.index > state.commitIndex) {
    // Entries behind the snapshot are kept when the log agrees with it (thesis §5.1, Fig. 5.3 step 6).
    const agrees = termAt(state.log, snapshot.index) === snapshot.term;
    state.snapshot = snapshot;
    if (agrees) compactLog(state.log, snapshot.index, snapshot.term);
    else state.log = { ...emptyLog(snapshot.index, snapshot.term), truncations: state.log.truncations + 1 };
    state.machine = fromImage(snapshot.image);
    state.commitIndex = snapshot.index;
    state.lastApplied = snapshot.index;
    io.persist({ kind: 'snapshot', snapshot, whole: !agrees });
    adoptConfiguration(state);
    io.note(`installs the snapshot up to ${snapshot.index}`);
  }
  return { success: true, index: snapshot.index };
}
