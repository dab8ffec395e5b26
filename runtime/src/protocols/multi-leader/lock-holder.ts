/**
 * Pessimistic locks: a leader writes a key only while it holds the key's lock, which a majority of the leaders (or all)
 * grant for a time, and after it has what was written under the lock before (Gray and Cheriton, "Leases", SOSP 1989;
 * Redis documentation, "Distributed Locks"). With fencing, the token of the grant goes with the write, and is checked where
 * the write arrives (Kleppmann, "How to do distributed locking", 2016).
 */
import type { ConflictPolicy } from '../../design/mechanism.ts';
import { majorityOf } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { plannedPut } from './install.ts';
import { leaseEnded, receiveRelease, receiveRequest, startLease } from './lock-table.ts';
import { type LockMessage, tokenAfter, type Wanted } from './locks-state.ts';
import type { Policy } from './policy.ts';
import { answer } from './relaying.ts';
import { ask, giveUp, write } from './replication.ts';
import { giveUpNs, hasAll, type MultiLeaderIo, type MultiLeaderState, resendNs } from './state.ts';

type Of<T extends LockMessage['type']> = Extract<LockMessage, { type: T }>;
type Options = Extract<ConflictPolicy, { kind: 'pessimistic-lock' }>;

/** Asks those that have not granted it again after this long. */
const askAgainNs = 50_000_000;
/** Who has waited for so long in vain begins anew: the probes that would have told of a circle may have been lost. */
const waitNs = 1_000_000_000;
/** Who has given way pauses for a time in this range. */
const pauseNs = [2_000_000, 60_000_000] as const;
/** Who else must write gets a turn after so many writes under one lock. */
const atOnce = 32;

const optionsOf = ({ context }: MultiLeaderState) => context.options.conflicts as Options;

export function locking({ fencing }: Options): Omit<Policy, 'copies'> {
  return {
    // What was written under the lock before comes first everywhere, with or without tokens.
    causal: true,
    ordered: fencing,
    begin(state, request, io) {
      const { key } = request.command;
      const wanted = state.locks.wanted[key];
      if (wanted !== undefined) {
        wanted.queue.push({ request, sinceNs: io.monotonicNs() });
        return;
      }
      const one: Wanted = {
        key,
        token: 0,
        phase: 'asking',
        queue: [{ request, sinceNs: io.monotonicNs() }],
        granted: [],
        blockers: {},
        behind: {},
        askedNs: 0,
        sentNs: 0,
        writes: [],
      };
      state.locks.wanted[key] = one;
      askAll(state, one, io);
    },
    refuses: (state, { key, stamp }) => fencing && (state.locks.table[key]?.token ?? 0) > stamp.time,
    took(state, _write, io) {
      for (const wanted of Object.values(state.locks.wanted))
        if (wanted.phase === 'catching up') begin(state, wanted, io);
    },
    ended(state, { write: { key, number } }, _acknowledged, io) {
      const wanted = state.locks.wanted[key];
      if (wanted === undefined || !wanted.writes.includes(number)) return;
      wanted.writes = wanted.writes.filter(one => one !== number);
      if (wanted.phase === 'writing' && wanted.writes.length === 0) done(state, wanted, io);
    },
    receive(state, from, m, io) {
      switch (m.type) {
        case 'lock-request':
          return receiveRequest(state, from, m, io);
        case 'lock-release':
          return receiveRelease(state, m, io);
        case 'lock-grant':
          return receiveGrant(state, from, m, io);
        case 'lock-busy':
          return receiveBusy(state, from, m, io);
        case 'lock-probe':
          return receiveProbe(state, m, io);
      }
    },
    timer(state, name, io) {
      const key = name.slice(name.indexOf(' ') + 1);
      if (name.startsWith('lease ')) return leaseEnded(state, key, io);
      const wanted = state.locks.wanted[key];
      if (wanted === undefined) return;
      if (name.startsWith('again ') && wanted.phase === 'pausing') askAll(state, wanted, io);
      if (name.startsWith('hold ') && wanted.phase !== 'pausing') outlived(state, wanted, io);
    },
    tick,
    booted(state, io) {
      for (const [key, { held }] of Object.entries(state.locks.table)) if (held) startLease(state, key, io);
    },
  };
}

const needed = (state: MultiLeaderState): number =>
  optionsOf(state).grantedBy === 'all' ? state.leaders.length : majorityOf(state.leaders.length);

/** Asks for the lock with a token that is higher than all that were heard of. */
function askAll(state: MultiLeaderState, wanted: Wanted, io: MultiLeaderIo): void {
  const { key } = wanted;
  const { self } = state.context;
  const { table, highest } = state.locks;
  const above = Math.max(
    wanted.token,
    table[key]?.token ?? 0,
    highest[key] ?? 0,
    state.cells[key]?.write.stamp.time ?? 0,
  );
  const now = io.monotonicNs();
  const token = tokenAfter(above, self);
  Object.assign(wanted, { token, phase: 'asking', granted: [], blockers: {}, behind: {}, askedNs: now, sentNs: now });
  highest[key] = token;
  const lease = optionsOf(state).leaseNs;
  if (lease !== null) io.setTimer(`hold ${key}`, lease, lease);
  for (const node of state.leaders) io.send(node, { type: 'lock-request', key, token });
}

function receiveGrant(state: MultiLeaderState, from: NodeId, m: Of<'lock-grant'>, io: MultiLeaderIo): void {
  const wanted = state.locks.wanted[m.key];
  if (wanted?.token !== m.token || wanted.phase === 'pausing') {
    // Granted too late: nobody is to wait for it.
    io.send(from, { type: 'lock-release', key: m.key, token: m.token });
    return;
  }
  if (wanted.phase !== 'asking' || wanted.granted.includes(from)) return;
  wanted.granted.push(from);
  delete wanted.blockers[from];
  const behind: Record<string, number> = { ...wanted.behind };
  for (const stream in m.positions) behind[stream] = Math.max(behind[stream] ?? 0, m.positions[stream]!);
  wanted.behind = behind;
  if (wanted.granted.length < needed(state)) return;
  wanted.phase = 'catching up';
  wanted.sentNs = io.monotonicNs();
  state.deeds.push({ kind: 'holds', key: m.key, token: m.token });
  if (!hasAll(state, behind)) for (const node of wanted.granted) ask(state, node, io, false);
  begin(state, wanted, io);
}

/** Writes what waits for the lock, if what was written under it before is here. */
function begin(state: MultiLeaderState, wanted: Wanted, io: MultiLeaderIo): void {
  if (wanted.phase !== 'catching up' || !hasAll(state, wanted.behind)) return;
  const lease = optionsOf(state).leaseNs;
  if (lease !== null && io.monotonicNs() - wanted.askedNs >= lease) return outlived(state, wanted, io);
  wanted.phase = 'writing';
  const { key, token } = wanted;
  const { self } = state.context;
  const batch = wanted.queue.splice(0, atOnce).map(({ request }) => request);
  const first = (state.streams[state.stream]?.length ?? 0) + 1;
  const made: [ClientRequest, ReturnType<typeof plannedPut>][] = [];
  let before = state.cells[key]?.state as Parameters<typeof plannedPut>[2];
  for (const request of batch) {
    const planned = plannedPut(state, request.command, before);
    if (planned.effect?.kind === 'put') before = planned.effect.state;
    if (planned.effect === null) answer(state, request, { kind: 'ok', output: planned.output }, io);
    else made.push([request, planned]);
  }
  wanted.writes = made.map((_, i) => first + i);
  made.forEach(([request, { effect, output }], i) => {
    const { operation } = request.command;
    const stamp = { time: token, count: i, node: self, life: 0 };
    write(state, { key, stamp, operation, session: request.session, effect: effect!, output }, request, io);
  });
  if (made.length === 0) done(state, wanted, io);
}

/** All that was written under the lock is acknowledged: the others may have it. */
function done(state: MultiLeaderState, wanted: Wanted, io: MultiLeaderIo): void {
  release(state, wanted, io);
  if (wanted.queue.length === 0) delete state.locks.wanted[wanted.key];
  else pause(state, wanted, io);
}

function release(state: MultiLeaderState, { key, token }: Wanted, io: MultiLeaderIo): void {
  state.deeds.push({ kind: 'gives up', key, token });
  io.cancelTimer(`hold ${key}`);
  for (const node of state.leaders) io.send(node, { type: 'lock-release', key, token });
}

function pause(state: MultiLeaderState, wanted: Wanted, io: MultiLeaderIo): void {
  wanted.phase = 'pausing';
  wanted.writes = [];
  io.setTimer(`again ${wanted.key}`, ...pauseNs);
  state.conflicts++;
}

/** Gives way: what was granted is given back, and asked for again later. */
function abort(state: MultiLeaderState, wanted: Wanted, why: string, io: MultiLeaderIo): void {
  io.note(`gives up the lock of ${wanted.key}: ${why}`);
  release(state, wanted, io);
  pause(state, wanted, io);
}

/** The lease has ended before all was done. */
function outlived(state: MultiLeaderState, wanted: Wanted, io: MultiLeaderIo): void {
  const open = wanted.writes;
  abort(state, wanted, 'its lease has ended', io);
  for (const number of open) {
    const pending = state.pending[number];
    if (pending !== undefined) giveUp(state, pending, 'the lease ended before the write was acknowledged', io);
  }
}

function receiveBusy(state: MultiLeaderState, from: NodeId, m: Of<'lock-busy'>, io: MultiLeaderIo): void {
  const { key, token, holder } = m;
  const { highest, wanted: all } = state.locks;
  highest[key] = Math.max(highest[key] ?? 0, m.highest);
  const wanted = all[key];
  if (wanted?.token !== token || wanted.phase !== 'asking') return;
  if (holder === null) return askAll(state, wanted, io);
  wanted.blockers[from] = holder;
  if (wanted.granted.length > 0)
    probe(state, wanted, { initiator: state.context.self, token, highest: token, hops: 0 }, io);
}

type Probed = Pick<Of<'lock-probe'>, 'initiator' | 'token' | 'highest' | 'hops'>;

function probe(state: MultiLeaderState, { key, blockers }: Wanted, one: Probed, io: MultiLeaderIo): void {
  for (const node of new Set(Object.values(blockers)))
    if (node !== state.context.self) io.send(node, { type: 'lock-probe', key, ...one });
}

/**
 * Edge chasing (Chandy, Misra and Haas, "Distributed Deadlock Detection", TOCS 1983): a probe that comes back has gone in a
 * circle of those that hold some grants and wait for others. The one with the highest token gives way.
 */
function receiveProbe(state: MultiLeaderState, m: Of<'lock-probe'>, io: MultiLeaderIo): void {
  const wanted = state.locks.wanted[m.key];
  if (wanted?.phase !== 'asking' || wanted.granted.length === 0) return;
  if (m.initiator !== state.context.self) {
    const { initiator, token, hops } = m;
    if (hops >= state.leaders.length) return;
    return probe(state, wanted, { initiator, token, highest: Math.max(m.highest, wanted.token), hops: hops + 1 }, io);
  }
  if (wanted.token === m.token && m.highest === m.token) abort(state, wanted, 'a deadlock', io);
}

function tick(state: MultiLeaderState, io: MultiLeaderIo): void {
  const now = io.monotonicNs();
  for (const wanted of Object.values(state.locks.wanted)) {
    const { key, token, granted, phase } = wanted;
    wanted.queue = wanted.queue.filter(({ request, sinceNs }) => {
      if (now - sinceNs < giveUpNs) return true;
      answer(state, request, { kind: 'refused', why: `the lock of ${key} was not granted in time`, leader: null }, io);
      return false;
    });
    if (wanted.queue.length === 0 && phase !== 'writing') {
      if (phase !== 'pausing') release(state, wanted, io);
      delete state.locks.wanted[key];
    } else if (phase === 'asking' && now - wanted.askedNs >= waitNs) {
      abort(state, wanted, 'waited for too long', io);
    } else if (phase === 'asking' && now - wanted.sentNs >= askAgainNs) {
      wanted.sentNs = now;
      for (const node of state.leaders)
        if (!granted.includes(node)) io.send(node, { type: 'lock-request', key, token });
    } else if (phase === 'catching up' && now - wanted.sentNs >= resendNs) {
      wanted.sentNs = now;
      for (const node of granted) ask(state, node, io, false);
    }
  }
}
