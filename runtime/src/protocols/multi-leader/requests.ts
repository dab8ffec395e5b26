/** A client's request: reads at whichever replica is asked, writes at a leader. */
import type { NodeId } from '../../design/topology.ts';
import { modelNamed } from '../../model/model.ts';
import type { ClientRequest } from '../contract.ts';
import { forgetSeen, isCopy } from '../copies.ts';
import { joined } from '../versions/vectors.ts';
import { readingOf } from './install.ts';
import { answer, relay } from './relaying.ts';
import { ask } from './replication.ts';
import { knownTo, toldOf } from './side-by-side.ts';
import {
  giveUpNs,
  hasAll,
  type MultiLeaderIo,
  type MultiLeaderMessage,
  type MultiLeaderState,
  type Positions,
  silentNs,
} from './state.ts';

type Relayed = Extract<MultiLeaderMessage, { type: 'relay' }>;

export function begin(state: MultiLeaderState, request: ClientRequest, io: MultiLeaderIo): void {
  const { kind, key } = request.command;
  const { self } = state.context;
  if (!state.holders.includes(self)) {
    io.reply(request, { kind: 'refused', why: 'no replica of the key', leader: state.leaders[0] ?? null });
    return;
  }
  if (kind === 'read') {
    io.reply(request, { kind: 'ok', output: readingOf(state, state.cells[key]), ...toldOf(state, key) });
    return;
  }
  if (isCopy(state.seen, request, io.monotonicNs())) return;
  startWith(state, request, null, {}, io);
}

/** Another replica has handed it on. */
export function beginFor(state: MultiLeaderState, from: NodeId, { request, after }: Relayed, io: MultiLeaderIo): void {
  if (isCopy(state.seen, request, io.monotonicNs())) return;
  state.relayed[request.id] = from;
  startWith(state, request, from, after, io);
}

/**
 * With causal delivery a write that may depend on `after`, or on what its client was told elsewhere, waits for that. So does
 * that of a session that carries tokens for what it has seen, whatever the policy: it is not to be ordered before that.
 */
function startWith(
  state: MultiLeaderState,
  request: ClientRequest,
  from: NodeId | null,
  after: Positions,
  io: MultiLeaderIo,
): void {
  const token = (request.carried?.token ?? {}) as Positions;
  const first = state.policy.causal ? joined([knownTo(request).after, after, token]) : token;
  if (hasAll(state, first)) return lead(state, request, io);
  state.behind.push({ request, after: first, sinceNs: io.monotonicNs() });
  for (const node of from === null ? state.holders : [from])
    if (node !== state.context.self) ask(state, node, io, false);
}

/** What had to wait for writes that its replica had and this leader had not. */
export function beginLate(state: MultiLeaderState, io: MultiLeaderIo): void {
  for (const one of state.behind.filter(({ after }) => hasAll(state, after))) {
    state.behind = state.behind.filter(other => other !== one);
    lead(state, one.request, io);
  }
  const now = io.monotonicNs();
  for (const one of state.behind.filter(({ sinceNs }) => now - sinceNs >= giveUpNs)) {
    state.behind = state.behind.filter(other => other !== one);
    const why = 'this replica does not have what the client has been told elsewhere';
    answer(state, one.request, { kind: 'refused', why, leader: null }, io);
  }
}

function lead(state: MultiLeaderState, request: ClientRequest, io: MultiLeaderIo): void {
  const { kind, key } = request.command;
  const { self, group } = state.context;
  const home = state.policy.homeOf?.(state, key);
  if (home !== undefined ? home !== self : !state.leaders.includes(self)) {
    relay(state, request, home ?? nearestLeader(state, io), io);
    return;
  }
  const why = whyNot(state, request);
  if (why !== undefined) {
    answer(state, request, { kind: 'failed', why }, io);
    return;
  }
  const { session } = request;
  const last = session === null ? undefined : state.sessions[session.client];
  if (session !== null && last !== undefined && last.sequence >= session.sequence) {
    const again = { kind: 'unknown', why: 'the client has begun a later operation' } as const;
    answer(state, request, last.sequence > session.sequence ? again : { kind: 'ok', output: last.output }, io);
    return;
  }
  if (!modelNamed(group.model)!.kinds.includes(kind)) throw new Error(`no ${group.model} knows ${kind}`);
  state.policy.begin(state, request, io);
}

/** What needs an order of all writes that this policy does not give. Merged types answer for themselves. */
function whyNot({ context }: MultiLeaderState, { command }: ClientRequest): string | undefined {
  const { conflicts } = context.options;
  if (conflicts.kind !== 'none' && conflicts.kind !== 'last-write-wins') return undefined;
  const { kind, key } = command;
  return modelNamed(context.group.model)!.overwrites.includes(kind)
    ? undefined
    : `${kind} of ${key} needs an order of all writes, which nobody gives here`;
}

/** A leader that was heard lately, of the same region if there is one. */
function nearestLeader({ leaders, context, heardNs }: MultiLeaderState, io: MultiLeaderIo): NodeId {
  const { self, group } = context;
  const now = io.monotonicNs();
  const isNear = (node: NodeId) => group.regionOf(node) === group.regionOf(self);
  const isUp = (node: NodeId) => now - (heardNs[node] ?? Number.NEGATIVE_INFINITY) < silentNs;
  const order = leaders.map((_, i) => leaders[(i + self) % leaders.length]!);
  return order.find(node => isUp(node) && isNear(node)) ?? order.find(isUp) ?? order.find(isNear) ?? order[0]!;
}

export function forget(state: MultiLeaderState, io: MultiLeaderIo): void {
  for (const id of forgetSeen(state.seen, io.monotonicNs())) delete state.relayed[id];
}
