/**
 * Writes on their way: each leader sends its own to everybody and again until they are acknowledged; whoever has missed
 * some gets them from anybody, by telling what it has. A write leaves its origin when it is on disk there.
 */
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { keep } from '../deeds.ts';
import { seeStamp } from '../versions/stamps.ts';
import { install, type Planned } from './install.ts';
import { answer, pass } from './relaying.ts';
import {
  batchSize,
  earlyMax,
  giveUpNs,
  hasAll,
  type MultiLeaderIo,
  type MultiLeaderMessage,
  type MultiLeaderState,
  nodeOf,
  type Pending,
  positionsOf,
  resendNs,
  type StreamName,
  type Write,
} from './state.ts';

type Of<T extends MultiLeaderMessage['type']> = Extract<MultiLeaderMessage, { type: T }>;

/** The clock that stamps are seen by; locks, versions and epochs have no clock. */
const clockOf = ({ context }: MultiLeaderState) => {
  const { conflicts } = context.options;
  if (conflicts.kind === 'last-write-wins') return conflicts.clock;
  return conflicts.kind === 'merge' ? 'hybrid' : null;
};

/**
 * A write of this node's. `after`: what whoever worked it out had, if that was somebody else. `request`: who waits for it;
 * null: somebody else tells the client.
 */
export function write(
  state: MultiLeaderState,
  made: Pick<Write, 'key' | 'stamp' | 'operation' | 'session'> & Partial<Pick<Write, 'after'>> & Planned,
  request: ClientRequest | null,
  io: MultiLeaderIo,
): Write {
  const one: Write = {
    after: { ...state.heard },
    ...made,
    stream: state.stream,
    number: (state.streams[state.stream]?.length ?? 0) + 1,
  };
  state.deeds.push({ kind: 'writes', write: one });
  admit(state, one, io);
  for (const node of state.holders)
    if (node !== state.context.self) io.send(node, { type: 'replicate', writes: [one] });
  state.pending[one.number] = { write: one, request, sinceNs: io.monotonicNs(), has: [], refused: [] };
  return one;
}

/** What this node wrote is on its disk. */
export function stored(state: MultiLeaderState, io: MultiLeaderIo): void {
  const { self } = state.context;
  for (const deed of state.deeds) {
    if (deed.kind !== 'took' || deed.write.stream !== state.stream) continue;
    const pending = state.pending[deed.write.number];
    if (pending === undefined) continue;
    if (deed.refused) pending.refused.push(self);
    else pending.has.push(self);
    settle(state, pending, io);
  }
}

/** Tells the client when enough have the write. */
function settle(state: MultiLeaderState, pending: Pending, io: MultiLeaderIo): void {
  const { context, leaders, policy } = state;
  const { has, write: one, request } = pending;
  if (leaders.filter(node => has.includes(node)).length < policy.copies) return;
  if (context.options.mode === 'synchronous' && !context.group.replicas.every(node => has.includes(node))) return;
  delete state.pending[one.number];
  if (request !== null) answer(state, request, { kind: 'ok', output: one.output }, io);
  policy.ended?.(state, pending, true, io);
}

/** Nobody waits for it any longer; whether it will be taken by all is open. */
export function giveUp(state: MultiLeaderState, pending: Pending, why: string, io: MultiLeaderIo): void {
  delete state.pending[pending.write.number];
  if (pending.request !== null) answer(state, pending.request, { kind: 'unknown', why }, io);
  state.policy.ended?.(state, pending, false, io);
}

/** Its turn has come: the one before it is here, and with causal delivery all that its origin had. */
const isDue = (state: MultiLeaderState, { stream, number, after }: Write): boolean =>
  number === (state.streams[stream]?.length ?? 0) + 1 && (!state.policy.causal || hasAll(state, after));

/** Takes a write when its turn has come, and then what has waited for it. */
function take(state: MultiLeaderState, one: Write, io: MultiLeaderIo): void {
  const { stream, number } = one;
  if (number <= (state.streams[stream]?.length ?? 0)) return;
  if (!isDue(state, one)) return wait(state, one);
  admit(state, one, io);
  for (let again = true; again; ) {
    again = false;
    for (const waiting of Object.values(state.early)) {
      while (waiting.length > 0) {
        const next = waiting[0]!;
        const isOld = next.number <= (state.streams[next.stream]?.length ?? 0);
        if (!isOld && !isDue(state, next)) break;
        waiting.shift();
        if (isOld) continue;
        admit(state, next, io);
        again = true;
      }
    }
  }
}

function wait({ early }: MultiLeaderState, one: Write): void {
  let waiting = early[one.stream];
  if (waiting === undefined) early[one.stream] = waiting = [];
  if (waiting.length >= earlyMax) return;
  const at = waiting.findIndex(({ number }) => number >= one.number);
  if (at < 0) waiting.push(one);
  else if (waiting[at]!.number !== one.number) waiting.splice(at, 0, one);
}

function admit(state: MultiLeaderState, one: Write, io: MultiLeaderIo): void {
  const clock = clockOf(state);
  if (clock !== null && one.stream !== state.stream) seeStamp(clock, state.clock, one.stamp, io.wallNs());
  const refused = state.policy.refuses?.(state, one) ?? false;
  const deed = install(state, one, refused);
  keep(state, { kind: 'write', write: one, refused }, deed, io);
  state.policy.took?.(state, one, io);
  pass(state, io);
}

export function receiveReplicate(
  state: MultiLeaderState,
  from: NodeId,
  { writes }: Of<'replicate'>,
  io: MultiLeaderIo,
): void {
  const before = { ...positionsOf(state) };
  for (const one of writes) take(state, one, io);
  // Who sent it hears where its stream stands; the origins of whatever has come with it hear it, too.
  const [first] = writes;
  if (first !== undefined) acknowledge(state, from, first.stream, io);
  for (const stream in state.streams) {
    const origin = nodeOf(stream);
    const isNew = state.streams[stream]!.length > (before[stream] ?? 0);
    if (isNew && origin !== state.context.self && !(origin === from && stream === first?.stream))
      acknowledge(state, origin, stream, io);
  }
  if (writes.length === batchSize && first !== undefined && nodeOf(first.stream) !== from)
    io.send(from, { type: 'positions', positions: positionsOf(state), asks: false });
}

function acknowledge(state: MultiLeaderState, to: NodeId, stream: StreamName, io: MultiLeaderIo): void {
  const positions = { [stream]: state.streams[stream]?.length ?? 0 };
  io.send(to, { type: 'received', positions, refused: (state.refused[stream] ?? []).slice(-batchSize) });
}

export function receiveReceived(state: MultiLeaderState, from: NodeId, m: Of<'received'>, io: MultiLeaderIo): void {
  const before = state.known[from] ?? {};
  const known: Record<StreamName, number> = { ...before };
  for (const stream in m.positions) known[stream] = Math.max(known[stream] ?? 0, m.positions[stream]!);
  state.known[from] = known;
  const has = known[state.stream] ?? 0;
  for (const pending of Object.values(state.pending)) {
    const { number } = pending.write;
    if (number > has || pending.has.includes(from) || pending.refused.includes(from)) continue;
    if (m.refused.includes(number)) pending.refused.push(from);
    else pending.has.push(from);
    settle(state, pending, io);
  }
  // Who has fallen behind gets the next ones at once.
  const behind = state.streams[state.stream]?.length ?? 0;
  if (has > (before[state.stream] ?? 0) && behind - has >= batchSize) sendFrom(state, from, state.stream, has, io);
}

function sendFrom(state: MultiLeaderState, to: NodeId, stream: StreamName, has: number, io: MultiLeaderIo): void {
  const writes = (state.streams[stream] ?? []).slice(has, has + batchSize);
  if (writes.length > 0) io.send(to, { type: 'replicate', writes });
}

/** Sends what the sender does not have, but no stream to where it comes from unless that has lost it. */
export function receivePositions(state: MultiLeaderState, from: NodeId, m: Of<'positions'>, io: MultiLeaderIo): void {
  // It may have lost its disk since it acknowledged.
  state.known[from] = m.positions;
  if (m.asks) ask(state, from, io, false);
  for (const stream in state.streams) {
    const has = m.positions[stream] ?? 0;
    if (has < state.streams[stream]!.length && stream !== state.stream) sendFrom(state, from, stream, has, io);
  }
}

/** Tells the next replica what is here. */
export function gossip(state: MultiLeaderState, io: MultiLeaderIo): void {
  const others = state.holders.filter(node => node !== state.context.self);
  if (others.length === 0) return;
  ask(state, others[state.peer++ % others.length]!, io, false);
}

/** Tells what is here, so that what is missing comes. */
export function ask(state: MultiLeaderState, node: NodeId, io: MultiLeaderIo, asks: boolean): void {
  io.send(node, { type: 'positions', positions: positionsOf(state), asks });
}

/** Sends again what is not acknowledged, and gives up what nobody waits for any longer. */
export function resend(state: MultiLeaderState, io: MultiLeaderIo): void {
  const now = io.monotonicNs();
  const length = state.streams[state.stream]?.length ?? 0;
  for (const node of state.holders) {
    const known = state.known[node];
    const has = known?.[state.stream] ?? 0;
    if (node === state.context.self || (known !== undefined && has >= length)) {
      delete state.sentNs[node];
      continue;
    }
    // What was written just now is on its way.
    state.sentNs[node] ??= now;
    if (now - state.sentNs[node] < resendNs) continue;
    state.sentNs[node] = now;
    if (known === undefined) ask(state, node, io, true);
    else sendFrom(state, node, state.stream, has, io);
  }
  for (const pending of Object.values(state.pending))
    if (now - pending.sinceNs >= giveUpNs) giveUp(state, pending, 'too few replicas have acknowledged the write', io);
}
