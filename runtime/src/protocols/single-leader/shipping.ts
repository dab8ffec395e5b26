/** Shipping the log: writes at the leader, entries to followers, acknowledgements, gaps, rejoining with other history. */
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { compactLog, emptyLog, entriesFrom, entryAt, lastIndex, lastTerm, termAt, writeEntries } from '../log.ts';
import { answerOf, apply, emptyMachine, fromImage, readingOf, takeImage } from '../machine.ts';
import { followLeader, seeEpoch } from './failover.ts';
import { fenceOneself, mayAcknowledgeUntil } from './fencing.ts';
import { followersOf, isAcknowledged, promotionPossibleWithout } from './rules.ts';
import type { BaseImage, Entry, Follower, SingleLeaderIo, SingleLeaderMessage, SingleLeaderState } from './state.ts';

const entriesPerShip = 64;
const shipsInFlight = 16;

/** `acknowledge received`: a follower applies its relay log this much later. */
export const relayDelayNs: readonly [number, number] = [1_000_000, 20_000_000];

export const newFollower = (state: SingleLeaderState, nowNs: number): Follower => ({
  next: lastIndex(state.log) + 1,
  acknowledged: 0,
  round: 0,
  heardNs: nowNs,
  inFlight: 0,
  dropped: false,
});

export function append(state: SingleLeaderState, entry: Entry, io: SingleLeaderIo): number {
  const sequence = lastIndex(state.log) + 1;
  state.log.entries.push(entry);
  if (entry.kind === 'members') {
    state.members = entry.members;
    state.membersSequence = sequence;
  }
  io.persist({ kind: 'entries', from: sequence, entries: [entry] }, sequence);
  return sequence;
}

/** A client's write at the leader. */
export function write(state: SingleLeaderState, request: ClientRequest, io: SingleLeaderIo): void {
  const { options } = state.context;
  if (options.mode === 'synchronous' && options.onReplicaDown === 'block') {
    const down = followersOf(state).find(node => isDown(state, node, io));
    if (down !== undefined) {
      return io.reply(request, {
        kind: 'failed',
        why: 'a replica is down and every replica must acknowledge: writes are refused until it returns',
      });
    }
  }
  const { command, session } = request;
  const sequence = append(state, { term: state.epoch, kind: 'command', command, session }, io);
  state.pending[sequence] = { request, sinceNs: io.monotonicNs() };
  // Asynchronously, the log is shipped in the background: what is acknowledged meanwhile stands on one disk.
  if (options.mode === 'asynchronous') armShipping(state, io);
  else shipToAll(state, io);
}

/** Between a write and its shipment, in asynchronous mode: the lag of an idle network. */
export const shippingDelayNs: readonly [number, number] = [1_000_000, 20_000_000];

function armShipping(state: SingleLeaderState, io: SingleLeaderIo): void {
  if (state.shipping) return;
  state.shipping = true;
  io.setTimer('ship', shippingDelayNs[0], shippingDelayNs[1]);
}

export function shipInBackground(state: SingleLeaderState, io: SingleLeaderIo): void {
  state.shipping = false;
  if (state.role === 'leader') shipToAll(state, io);
}

export function isDown(state: SingleLeaderState, node: NodeId, io: SingleLeaderIo): boolean {
  const { detect } = state.context.options.failover;
  const limit = detect.kind === 'timeout' ? detect.ns : 1_000_000_000;
  return io.monotonicNs() - (state.followers[node]?.heardNs ?? Number.NEGATIVE_INFINITY) > limit;
}

export function shipToAll(state: SingleLeaderState, io: SingleLeaderIo): void {
  for (const node of [...followersOf(state), ...state.context.group.observers]) {
    const follower = followerOf(state, node, io);
    if (follower.inFlight < shipsInFlight && follower.next <= lastIndex(state.log)) ship(state, node, io);
  }
}

export function followerOf(state: SingleLeaderState, node: NodeId, io: SingleLeaderIo): Follower {
  return (state.followers[node] ??= newFollower(state, io.monotonicNs()));
}

export function ship(state: SingleLeaderState, node: NodeId, io: SingleLeaderIo): void {
  const follower = followerOf(state, node, io);
  const { log } = state;
  if (follower.next <= log.base && state.base !== null) return sendSnapshot(state, node, io);
  const prevSequence = follower.next - 1;
  const entries = entriesFrom(log, follower.next, entriesPerShip);
  follower.next += entries.length;
  follower.inFlight++;
  io.send(node, {
    type: 'log-ship',
    epoch: state.epoch,
    prevSequence,
    prevEpoch: termAt(log, prevSequence),
    entries,
    committed: state.committed,
    round: state.round,
  });
}

/** Everything as of now: what is in the machine, which for a leader is what clients were told. */
function sendSnapshot(state: SingleLeaderState, node: NodeId, io: SingleLeaderIo): void {
  const sequence = state.applied;
  const base: BaseImage = {
    sequence,
    epoch: termAt(state.log, sequence),
    members: state.members,
    image: takeImage(state.machine),
  };
  const follower = followerOf(state, node, io);
  follower.next = sequence + 1;
  follower.inFlight++;
  io.note(`sends a full copy up to ${sequence}`);
  io.send(node, { type: 'snapshot', epoch: state.epoch, base, round: state.round });
}

/** Applies and answers, in order, everything that has reached whom it must reach. */
export function advance(state: SingleLeaderState, io: SingleLeaderIo): void {
  if (state.role !== 'leader') return;
  fenceOneself(state, io);
  if (state.suspended) return;
  while (state.committed < lastIndex(state.log) && isAcknowledged(state, state.committed + 1)) {
    state.committed++;
    applyUpTo(state, state.committed, io);
  }
  serveReads(state, io);
}

export function applyUpTo(state: SingleLeaderState, sequence: number, io: SingleLeaderIo): void {
  while (state.applied < Math.min(sequence, lastIndex(state.log))) {
    const at = ++state.applied;
    const entry = entryAt(state.log, at)!;
    const output = entry.kind === 'command' ? apply(state.machine, entry.command, entry.session) : null;
    const waiting = state.pending[at];
    if (waiting === undefined) continue;
    delete state.pending[at];
    if (state.role === 'leader') io.reply(waiting.request, answerOf(output), mayAcknowledgeUntil(state));
  }
}

export function receiveShip(
  state: SingleLeaderState,
  from: NodeId,
  m: Extract<SingleLeaderMessage, { type: 'log-ship' }>,
  io: SingleLeaderIo,
): void {
  if (!followLeader(state, from, m.epoch, io)) return;
  const { log } = state;
  const { options } = state.context;
  const gap = (next: number, clone = false) =>
    io.send(from, { type: 'fetch-gap', epoch: state.epoch, from: next, clone, round: m.round });
  if (m.prevSequence > lastIndex(log)) return gap(lastIndex(log) + 1);
  // Bare positions cannot tell whose entry stands there: a different history goes unnoticed.
  const follows =
    m.prevSequence < log.base || options.log === 'positions' || termAt(log, m.prevSequence) === m.prevEpoch;
  // What a full copy stands for cannot be taken back entry by entry.
  if (!follows && (options.rejoin === 'reclone' || m.prevSequence <= log.base)) return gap(1, true);
  if (!follows) return gap(m.prevSequence);
  for (let i = 0; i < m.entries.length; i++) {
    const sequence = m.prevSequence + 1 + i;
    if (sequence <= log.base) continue;
    const known = termAt(log, sequence);
    if (known === m.entries[i]!.term || (options.log === 'positions' && known >= 0)) continue;
    if (known >= 0 && options.rejoin === 'reclone') return gap(1, true);
    if (known >= 0) leaveHistory(state, sequence, io);
    const fresh = m.entries.slice(i);
    writeEntries(state.log, sequence, fresh);
    for (const entry of fresh) if (entry.kind === 'members') state.members = entry.members;
    io.persist({ kind: 'entries', from: sequence, entries: fresh });
    break;
  }
  const end = m.prevSequence + m.entries.length;
  state.committed = Math.max(state.committed, Math.min(m.committed, end));
  if (options.acknowledge === 'applied') {
    applyUpTo(state, end, io);
    io.send(from, { type: 'ack-applied', epoch: state.epoch, sequence: end, round: m.round });
  } else {
    io.send(from, { type: 'ack-received', epoch: state.epoch, sequence: end, round: m.round });
    if (state.applied < lastIndex(state.log)) io.setTimer('relay', relayDelayNs[0], relayDelayNs[1]);
  }
}

/** Entries from `sequence` on are not the leader's: they are taken back, or (`rejoin keep`) stay executed. */
function leaveHistory(state: SingleLeaderState, sequence: number, io: SingleLeaderIo): void {
  const own = state.log.entries.slice(sequence - state.log.base - 1);
  const { rejoin } = state.context.options;
  if (rejoin === 'keep') {
    const executed = own.slice(0, Math.max(0, state.applied - sequence + 1));
    state.errant = [...state.errant, ...executed];
    io.persist({ kind: 'errant', entries: executed });
    io.note(`keeps ${executed.length} executed entries that the leader never had`);
    state.applied = Math.min(state.applied, sequence - 1);
    return;
  }
  io.note(`rewinds ${own.length} entries that the leader never had`);
  if (state.applied < sequence) return;
  state.machine =
    state.base === null
      ? emptyMachine(state.context.group.model, state.context.group.shard)
      : fromImage(state.base.image);
  state.applied = state.log.base;
  applyUpTo(state, sequence - 1, io);
}

export function receiveSnapshot(
  state: SingleLeaderState,
  from: NodeId,
  m: Extract<SingleLeaderMessage, { type: 'snapshot' }>,
  io: SingleLeaderIo,
): void {
  if (!followLeader(state, from, m.epoch, io)) return;
  const { base } = m;
  const type = state.context.options.acknowledge === 'applied' ? 'ack-applied' : 'ack-received';
  const acknowledge = () => io.send(from, { type, epoch: state.epoch, sequence: base.sequence, round: m.round });
  // A late or duplicated copy must not take back what was acknowledged since.
  const known = base.sequence <= state.applied && termAt(state.log, base.sequence) === base.epoch;
  if (known || (lastTerm(state.log) === m.epoch && lastIndex(state.log) >= base.sequence)) return acknowledge();
  state.base = base;
  state.log = { ...emptyLog<Entry>(base.sequence, base.epoch), truncations: state.log.truncations + 1 };
  state.machine = fromImage(base.image);
  state.applied = base.sequence;
  state.committed = base.sequence;
  state.members = base.members;
  state.errant = [];
  io.persist({ kind: 'base', base, whole: true });
  io.note(`starts anew from a full copy up to ${base.sequence}`);
  acknowledge();
}

export function receiveAck(
  state: SingleLeaderState,
  from: NodeId,
  m: Extract<SingleLeaderMessage, { type: 'ack-received' | 'ack-applied' }>,
  io: SingleLeaderIo,
): void {
  const follower = heard(state, from, m.epoch, m.round, io);
  if (follower === undefined) return;
  follower.inFlight = Math.max(0, follower.inFlight - 1);
  if (m.sequence > follower.acknowledged) {
    follower.acknowledged = m.sequence;
    follower.next = Math.max(follower.next, m.sequence + 1);
    if (follower.dropped && m.sequence >= state.committed) {
      follower.dropped = false;
      io.note('a replica that was left out has caught up');
    }
  }
  advance(state, io);
  // Degradation ends when acknowledgements have caught up with the log.
  if (state.degraded && isAcknowledged({ ...state, degraded: false }, lastIndex(state.log))) {
    state.degraded = false;
    io.note('semi-synchronous again');
  }
  const more = follower.next <= lastIndex(state.log) && follower.inFlight < shipsInFlight;
  if (more && state.context.options.mode === 'asynchronous') armShipping(state, io);
  else if (more) ship(state, from, io);
}

export function receiveFetchGap(
  state: SingleLeaderState,
  from: NodeId,
  m: Extract<SingleLeaderMessage, { type: 'fetch-gap' }>,
  io: SingleLeaderIo,
): void {
  const follower = heard(state, from, m.epoch, m.round, io);
  if (follower === undefined) return;
  follower.inFlight = Math.max(0, follower.inFlight - 1);
  if (m.clone) return sendSnapshot(state, from, io);
  follower.next = Math.max(1, Math.min(follower.next, m.from));
  ship(state, from, io);
}

/** A sign of life from a follower of this epoch; a later epoch ends this leadership. */
export function heard(
  state: SingleLeaderState,
  from: NodeId,
  epoch: number,
  round: number,
  io: SingleLeaderIo,
): Follower | undefined {
  seeEpoch(state, epoch, io);
  if (state.role !== 'leader' || epoch !== state.epoch) return undefined;
  const follower = followerOf(state, from, io);
  follower.heardNs = io.monotonicNs();
  if (round > follower.round) {
    follower.round = round;
    confirm(state, io);
  }
  return follower;
}

/** The latest round echoed by so many that the others could not promote anyone behind this leader's back. */
export function confirm(state: SingleLeaderState, io: SingleLeaderIo): void {
  let confirmed: { round: number; ns: number } | undefined;
  for (const start of state.roundStarts) {
    if (start.round <= state.confirmedRound) continue;
    if (!promotionPossibleWithout(state, node => (state.followers[node]?.round ?? 0) >= start.round)) confirmed = start;
  }
  if (confirmed === undefined) return;
  state.confirmedRound = confirmed.round;
  state.confirmedNs = confirmed.ns;
  state.roundStarts = state.roundStarts.filter(start => start.round > state.confirmedRound);
  if (state.suspended) {
    state.suspended = false;
    io.note('heard by enough replicas: acknowledges again');
    advance(state, io);
  }
  serveReads(state, io);
}

/** Answers the reads whose round has been confirmed, as soon as this epoch's beginning is acknowledged. */
function serveReads(state: SingleLeaderState, io: SingleLeaderIo): void {
  if (state.committed < state.readsFrom) return;
  const waiting: typeof state.reads = [];
  for (const read of state.reads) {
    if (read.round <= state.confirmedRound) answerRead(state, read.request, io);
    else waiting.push(read);
  }
  state.reads = waiting;
}

export const answerRead = (state: SingleLeaderState, request: ClientRequest, io: SingleLeaderIo): void =>
  io.reply(request, readingOf(state.machine, request.command.key));

/** Entries older than the log's retention are forgotten: who needs them later gets a full copy. */
export function trim(state: SingleLeaderState, io: SingleLeaderIo): void {
  const now = io.monotonicNs();
  const { logRetentionNs } = state.context.options;
  const over = state.checkpoints.filter(checkpoint => now - checkpoint.takenNs >= logRetentionNs);
  const last = over[over.length - 1];
  if (last !== undefined && last.base.sequence > state.log.base) {
    state.base = last.base;
    compactLog(state.log, last.base.sequence, last.base.epoch);
    io.persist({ kind: 'base', base: last.base, whole: false });
    io.note(`forgets log entries up to ${last.base.sequence}: their retention is over`);
  }
  state.checkpoints = state.checkpoints.filter(checkpoint => !over.includes(checkpoint));
  const sequence = state.applied;
  const epoch = termAt(state.log, sequence);
  if (epoch >= 0)
    state.checkpoints.push({
      base: { sequence, epoch, members: state.members, image: takeImage(state.machine) },
      takenNs: now,
    });
}

export const position = (state: SingleLeaderState) => ({
  sequence: lastIndex(state.log),
  lastEpoch: lastTerm(state.log),
});
