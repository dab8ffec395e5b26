/** A leader as one of those that grant locks: a table on disk, leases that it times itself, tokens that only rise. */
import type { NodeId } from '../../design/topology.ts';
import { keep } from '../deeds.ts';
import type { LockEntry, LockMessage } from './locks-state.ts';
import { type MultiLeaderIo, type MultiLeaderState, positionsOf } from './state.ts';

type Of<T extends LockMessage['type']> = Extract<LockMessage, { type: T }>;

const leaseOf = ({ context }: MultiLeaderState): number | null => {
  const { conflicts } = context.options;
  return conflicts.kind === 'pessimistic-lock' ? conflicts.leaseNs : null;
};

/** The lease runs by this node's timers, and after a restart from its beginning. */
export function startLease(state: MultiLeaderState, key: string, io: MultiLeaderIo): void {
  const lease = leaseOf(state);
  if (lease !== null) io.setTimer(`lease ${key}`, lease, lease);
}

export function receiveRequest(
  state: MultiLeaderState,
  from: NodeId,
  { key, token }: Of<'lock-request'>,
  io: MultiLeaderIo,
): void {
  const entry = state.locks.table[key];
  const isOthers = entry?.held === true && entry.holder !== from;
  const others = (state.locks.waiting[key] ?? []).filter(one => one.from !== from);
  state.locks.waiting[key] = isOthers ? [...others, { from, token }] : others;
  const isOld = entry !== undefined && (token < entry.token || (token === entry.token && !entry.held));
  if (isOthers || isOld) {
    io.send(from, { type: 'lock-busy', key, token, holder: isOthers ? entry.holder : null, highest: entry.token });
    return;
  }
  // Asked again: it has been granted already.
  if (entry?.token !== token) {
    const granted: LockEntry = { token, holder: from, held: true };
    state.locks.table[key] = granted;
    keep(state, { kind: 'lock', key, entry: granted }, { kind: 'granted', key, token, to: from }, io);
    startLease(state, key, io);
  }
  io.send(from, { type: 'lock-grant', key, token, positions: positionsOf(state) });
}

export function receiveRelease(state: MultiLeaderState, { key, token }: Of<'lock-release'>, io: MultiLeaderIo): void {
  const entry = state.locks.table[key];
  if (entry?.token === token && entry.held) free(state, key, entry, false, io);
}

export function leaseEnded(state: MultiLeaderState, key: string, io: MultiLeaderIo): void {
  const entry = state.locks.table[key];
  if (entry?.held !== true) return;
  io.note(`the lease of the lock of ${key} has ended`);
  free(state, key, entry, true, io);
}

function free(state: MultiLeaderState, key: string, entry: LockEntry, expired: boolean, io: MultiLeaderIo): void {
  const freed = { ...entry, held: false };
  state.locks.table[key] = freed;
  io.cancelTimer(`lease ${key}`);
  const deed = { kind: 'freed', key, token: entry.token, by: entry.holder, expired } as const;
  keep(state, { kind: 'lock', key, entry: freed }, deed, io);
  const next = state.locks.waiting[key]?.[0];
  if (next !== undefined) receiveRequest(state, next.from, { type: 'lock-request', key, token: next.token }, io);
}
