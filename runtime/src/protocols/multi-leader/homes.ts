/**
 * Conflicts that do not arise: each value of a field has one home, a leader that alone writes the keys with it. Homes move
 * on an operator's word (`promote`). What the old home took last must not meet what the new one takes first: the new one
 * waits for it (drain), or its epoch is higher and what is late loses against it (fence), or nothing is done (none).
 */
import type { ConflictPolicy } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest } from '../contract.ts';
import type { Home, HomeMessage, Homes, Move } from './homes-state.ts';
import { plannedPut } from './install.ts';
import type { Policy } from './policy.ts';
import { answer } from './relaying.ts';
import { ask, write } from './replication.ts';
import { hasAll, type MultiLeaderIo, type MultiLeaderState, type Positions, positionsOf, resendNs } from './state.ts';

type Of<T extends HomeMessage['type']> = Extract<HomeMessage, { type: T }>;
type Options = Extract<ConflictPolicy, { kind: 'avoid' }>;
type Durable = Homes['durable'];

const rest = '';
const nodes = 4096;

/** Two nodes never begin the same epoch. */
const epochAfter = (epoch: number, self: NodeId): number => (Math.floor(epoch / nodes) + 1) * nodes + self;

export function firstHomes(options: Options, leaders: readonly NodeId[]): Homes {
  const of: Record<string, Home> = { [rest]: { node: leaders[0]!, epoch: 0 } };
  for (const [value, node] of options.homes) of[value] = { node, epoch: 0 };
  return { durable: { of, drainedFor: null, move: null }, orders: [], askedNs: 0, told: {} };
}

const optionsOf = ({ context }: MultiLeaderState) => context.options.conflicts as Options;

function homeFor(state: MultiLeaderState, key: string): Home {
  const { of } = state.homes.durable;
  return of[state.context.group.fieldOf(key, optionsOf(state).field)] ?? of[rest]!;
}

const newest = (of: Durable['of']): number => Math.max(...Object.values(of).map(({ epoch }) => epoch));

/** Without epochs nobody can tell writes of one home from those of the next. */
const epochOf = (state: MultiLeaderState, key: string): number =>
  optionsOf(state).onMove === 'none' ? 0 : homeFor(state, key).epoch;

export function avoidance({ onMove }: Options): Omit<Policy, 'copies'> {
  return {
    causal: true,
    ordered: onMove !== 'none',
    homeOf: (state, key) => homeFor(state, key).node,
    begin,
    refuses: (state, { key, stamp }) => stamp.time < epochOf(state, key),
    took: (state, _write, io) => finishMove(state, io),
    receive(state, from, m, io) {
      switch (m.type) {
        case 'home-drain':
          return receiveDrain(state, from, m, io);
        case 'home-drained':
          return receiveDrained(state, from, m, io);
        case 'home-move':
          return receiveMove(state, from, m, io);
        case 'home-known':
          state.homes.told[from] = Math.max(state.homes.told[from] ?? 0, m.epoch);
          return;
      }
    },
    tick,
    administer,
  };
}

function begin(state: MultiLeaderState, request: ClientRequest, io: MultiLeaderIo): void {
  const { command, session } = request;
  const { key, operation } = command;
  const { self } = state.context;
  if (state.homes.durable.drainedFor !== null) {
    answer(state, request, { kind: 'refused', why: `the home of ${key} is moving`, leader: null }, io);
    return;
  }
  const { effect, output } = plannedPut(state, command);
  if (effect === null) return answer(state, request, { kind: 'ok', output }, io);
  const epoch = epochOf(state, key);
  const last = state.cells[key]?.write.stamp;
  const count = last?.time === epoch ? last.count + 1 : 1;
  const stamp = { time: epoch, count, node: self, life: 0 };
  write(state, { key, stamp, operation, session, effect, output }, request, io);
}

function persist(state: MultiLeaderState, change: Partial<Durable>, io: MultiLeaderIo): void {
  const homes = { ...state.homes.durable, ...change };
  state.homes.durable = homes;
  io.persist({ kind: 'homes', homes });
}

/** Makes this node the home of all values. */
function administer(state: MultiLeaderState, request: AdminRequest, io: MultiLeaderIo): void {
  const { self } = state.context;
  const { onMove } = optionsOf(state);
  const { of, move } = state.homes.durable;
  if (request.kind !== 'promote' || request.node !== self || !state.leaders.includes(self)) {
    io.reply(request, { kind: 'failed', why: 'only a leader can become the home, and only by its own hand' });
    return;
  }
  state.homes.orders.push(request.id);
  if (move !== null) return;
  const others = [...new Set(Object.values(of).map(({ node }) => node))].filter(node => node !== self);
  const waiting = onMove === 'drain' ? others : [];
  const epoch = epochAfter(newest(of), self);
  persist(state, { move: { epoch, drained: Object.fromEntries(waiting.map(node => [node, null])) } }, io);
  askToDrain(state, io);
  finishMove(state, io);
}

function askToDrain(state: MultiLeaderState, io: MultiLeaderIo): void {
  const { move } = state.homes.durable;
  state.homes.askedNs = io.monotonicNs();
  for (const [node, positions] of Object.entries(move?.drained ?? {})) {
    if (positions === null) io.send(Number(node), { type: 'home-drain', epoch: move!.epoch });
    else if (!hasAll(state, positions)) ask(state, Number(node), io, false);
  }
}

/** From here on this node takes no writes, until it hears of the epoch that it makes way for. */
function receiveDrain(state: MultiLeaderState, from: NodeId, { epoch }: Of<'home-drain'>, io: MultiLeaderIo): void {
  const { of, drainedFor, move } = state.homes.durable;
  if (epoch <= newest(of)) {
    io.send(from, { type: 'home-move', of });
    return;
  }
  // Who moves with a higher epoch tells of it when it is there.
  if (move !== null && move.epoch > epoch) return;
  const also = drainedFor !== null && drainedFor.node !== from ? drainedFor.node : null;
  if (drainedFor === null || drainedFor.epoch < epoch) {
    persist(state, { drainedFor: { node: from, epoch }, move: null }, io);
    overtaken(state, io);
  }
  io.send(from, { type: 'home-drained', epoch, positions: positionsOf(state), also });
}

function overtaken(state: MultiLeaderState, io: MultiLeaderIo): void {
  const why = 'another node has become the home meanwhile, or is about to';
  for (const id of state.homes.orders) io.reply({ id }, { kind: 'failed', why });
  state.homes.orders = [];
}

function receiveDrained(state: MultiLeaderState, from: NodeId, m: Of<'home-drained'>, io: MultiLeaderIo): void {
  const { move } = state.homes.durable;
  if (move?.epoch !== m.epoch || move.drained[from] !== null) return;
  const drained: Record<NodeId, Positions | null> = { ...move.drained, [from]: m.positions };
  if (m.also !== null && m.also !== state.context.self) drained[m.also] ??= null;
  persist(state, { move: { ...move, drained } }, io);
  if (!hasAll(state, m.positions)) ask(state, from, io, false);
  finishMove(state, io);
}

const isReady = (state: MultiLeaderState, { drained }: Move): boolean =>
  Object.values(drained).every(positions => positions !== null && hasAll(state, positions));

/** All homes before have made way, and what they took is here. */
function finishMove(state: MultiLeaderState, io: MultiLeaderIo): void {
  const { move, of } = state.homes.durable;
  if (move === null || !isReady(state, move)) return;
  const { self } = state.context;
  const moved = Object.keys(of).map((value): [string, Home] => [value, { node: self, epoch: move.epoch }]);
  persist(state, { of: Object.fromEntries(moved), drainedFor: null, move: null }, io);
  io.note(`is the home of all values, epoch ${Math.floor(move.epoch / nodes)}`);
  for (const id of state.homes.orders) io.reply({ id }, { kind: 'ok', output: null });
  state.homes.orders = [];
  tell(state, io);
}

function tell(state: MultiLeaderState, io: MultiLeaderIo): void {
  const { of } = state.homes.durable;
  const epoch = newest(of);
  state.homes.askedNs = io.monotonicNs();
  for (const node of state.holders)
    if (node !== state.context.self && (state.homes.told[node] ?? 0) < epoch) io.send(node, { type: 'home-move', of });
}

function receiveMove(state: MultiLeaderState, from: NodeId, m: Of<'home-move'>, io: MultiLeaderIo): void {
  const { of, drainedFor, move } = state.homes.durable;
  const merged: Record<string, Home> = { ...of };
  for (const [value, home] of Object.entries(m.of))
    if (merged[value] === undefined || merged[value].epoch < home.epoch) merged[value] = home;
  const epoch = newest(merged);
  if (epoch > newest(of)) {
    // What was asked for with a lower epoch has been overtaken.
    const waits = drainedFor !== null && drainedFor.epoch > epoch ? drainedFor : null;
    const mine = move !== null && move.epoch > epoch ? move : null;
    persist(state, { of: merged, drainedFor: waits, move: mine }, io);
    if (mine === null) overtaken(state, io);
  }
  io.send(from, { type: 'home-known', epoch: newest(state.homes.durable.of) });
}

/** Whoever is a home tells it to those that have not confirmed it, and asks again who is to make way. */
function tick(state: MultiLeaderState, io: MultiLeaderIo): void {
  const { of, move } = state.homes.durable;
  if (io.monotonicNs() - state.homes.askedNs < resendNs) return;
  if (move !== null) askToDrain(state, io);
  const { self } = state.context;
  const epoch = newest(of);
  if (epoch > 0 && Object.values(of).some(home => home.node === self && home.epoch === epoch)) tell(state, io);
}
