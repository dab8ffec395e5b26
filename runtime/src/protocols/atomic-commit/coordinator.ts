/** A coordinator: one transaction per key at a time, votes, the decision, and whether it may be forgotten. */
import type { Value } from '../../checkers/history.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { executedBefore } from '../machine.ts';
import { record, seekLock, settle, writeOutcome } from './participant.ts';
import {
  type CommitIo,
  type CommitMessage,
  type CommitOptions,
  type CommitState,
  type Flow,
  floorOf,
  type Led,
  numberOf,
  type Outcome,
  othersOf,
  patienceNs,
  type Queued,
  raiseFloor,
  type Transaction,
} from './state.ts';

/** How many attempts a coordinator remembers, to know the second copy of one. */
const seenMax = 256;

export function submit<C extends CommitOptions>(
  state: CommitState<C>,
  request: ClientRequest,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const { key } = request.command;
  // The network may deliver an attempt twice: what one copy of it was told must hold for the other.
  if (state.seen.includes(request.id)) return;
  state.seen = [...state.seen.slice(1 - seenMax), request.id];
  const now = io.monotonicNs();
  const deadlineNs = now + state.context.options.timeoutNs;
  state.queues[key] ??= [];
  state.queues[key].push({ request, ageNs: io.wallNs(), deadlineNs, notBeforeNs: now, tries: 0 });
  pump(state, key, io, flow);
}

/** Begins the next transaction on the key, unless one is under way. */
export function pump<C extends CommitOptions>(state: CommitState<C>, key: string, io: CommitIo, flow: Flow<C>): void {
  while (state.active[key] === undefined) {
    // Read anew each time: a transaction that finds the key locked stands in the queue again.
    const [next, ...others] = state.queues[key] ?? [];
    if (next === undefined || next.notBeforeNs > io.monotonicNs()) break;
    state.queues[key] = others;
    const before = executedBefore(state.machine, next.request.session);
    if (before !== undefined) io.reply(next.request, before);
    else begin(state, next, io, flow);
  }
  if (state.queues[key]?.length === 0) delete state.queues[key];
}

function begin<C extends CommitOptions>(state: CommitState<C>, queued: Queued, io: CommitIo, flow: Flow<C>): void {
  const { self, options } = state.context;
  const { command, session } = queued.request;
  const begun = ++state.begun;
  const id = `${self}.${state.life}.${begun}`;
  const tx: Transaction = {
    id,
    coordinator: self,
    number: numberOf(state.life, begun),
    ageNs: queued.ageNs,
    command,
    session,
  };
  const deadlineNs = io.monotonicNs() + options.timeoutNs;
  state.led[id] = { tx, queued, phase: 'locking', heard: [], deadlineNs, dueNs: deadlineNs };
  state.active[command.key] = id;
  raiseFloor(state, self, floorOf(state));
  lockOwn(state, state.led[id], io, flow);
}

/** The coordinator is a replica, too: it takes its own lock first. Its own vote stands in its decision. */
export function lockOwn<C extends CommitOptions>(state: CommitState<C>, led: Led, io: CommitIo, flow: Flow<C>): void {
  const { options } = state.context;
  const lock = seekLock(state, led.tx);
  if (lock === 'waiting') return;
  if (lock !== 'granted') return giveUp(state, led, lock, true, io, flow);
  const now = io.monotonicNs();
  led.phase = 'voting';
  led.deadlineNs = now + options.timeoutNs;
  state.changes.push({ tx: led.tx, status: 'prepared', from: undefined, recovered: false, votes: 1 });
  if (flow.writesBeginning(options) && flow.durable(options)) io.persist({ kind: 'begin', tx: led.tx });
  ask(state, led, io, flow);
  if (othersOf(state).length === 0) flow.agreed(state, led, io);
}

/** Asks those that have not answered in this phase. */
function ask<C extends CommitOptions>(state: CommitState<C>, led: Led, io: CommitIo, flow: Flow<C>): void {
  const { options } = state.context;
  const isDecided = led.phase === 'committed' || led.phase === 'aborted';
  led.dueNs = io.monotonicNs() + (isDecided ? options.timeoutNs : patienceNs(options));
  for (const node of othersOf(state)) if (!led.heard.includes(node)) io.send(node, messageOf(state, led, flow));
}

function messageOf<C extends CommitOptions>(state: CommitState<C>, { tx, phase }: Led, flow: Flow<C>): CommitMessage {
  switch (phase) {
    case 'precommitting':
      return { type: 'pre-commit', tx };
    case 'committed':
      return { type: flow.tell, tx };
    case 'aborted':
      return { type: 'abort', tx };
    default:
      return { type: flow.ask, tx, floor: floorOf(state) };
  }
}

/** Goes to a phase in which all others are told the same and answer. */
export function enter<C extends CommitOptions>(
  state: CommitState<C>,
  led: Led,
  phase: Led['phase'],
  io: CommitIo,
  flow: Flow<C>,
): void {
  led.phase = phase;
  led.heard = [];
  led.deadlineNs = io.monotonicNs() + state.context.options.timeoutNs;
  ask(state, led, io, flow);
}

/** Somebody has answered what this phase asks. Answers whether all have. */
export function heardFrom(state: CommitState, led: Led, from: NodeId): boolean {
  if (!led.heard.includes(from)) led.heard.push(from);
  return led.heard.length === othersOf(state).length;
}

export function receiveVote<C extends CommitOptions>(
  state: CommitState<C>,
  from: NodeId,
  m: Extract<CommitMessage, { type: 'yes' | 'no' }>,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const led = state.led[m.tx.id];
  // A vote on what is decided is a question.
  if (led === undefined || led.phase === 'committed' || led.phase === 'aborted')
    return m.type === 'yes' ? answerInquiry(state, from, m.tx, io, flow) : undefined;
  if (led.phase !== 'voting') return;
  if (m.type === 'no') return giveUp(state, led, m.why, true, io, flow);
  if (heardFrom(state, led, from)) flow.agreed(state, led, io);
}

/** A participant asks for an outcome. */
export function answerInquiry<C extends CommitOptions>(
  state: CommitState<C>,
  from: NodeId,
  tx: Transaction,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const led = state.led[tx.id];
  if (led?.phase === 'committed' || led?.phase === 'aborted') return io.send(from, messageOf(state, led, flow));
  if (led !== undefined || state.open[tx.id] !== undefined) return;
  const outcome = state.outcomes[tx.id]?.outcome ?? flow.presume(state.context.options);
  if (outcome === undefined) return;
  io.send(from, { type: outcome === 'commit' ? flow.tell : 'abort', tx });
}

/** The transaction cannot be committed now: abort it, and try again while its client may still be waiting. */
export function giveUp<C extends CommitOptions>(
  state: CommitState<C>,
  led: Led,
  why: string,
  mayRetry: boolean,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const { queued, tx } = led;
  abort(state, led, io, flow);
  if (queued === null) return;
  const now = io.monotonicNs();
  const { timeoutNs } = state.context.options;
  const pauseNs = Math.min(Math.max(1, Math.floor(timeoutNs / 100)) * (1 + queued.tries), Math.floor(timeoutNs / 10));
  if (!mayRetry || now + pauseNs >= queued.deadlineNs)
    return io.reply(queued.request, { kind: 'failed', why: `aborted: ${why}` });
  queued.tries++;
  queued.notBeforeNs = now + pauseNs;
  state.queues[tx.command.key] = [queued, ...(state.queues[tx.command.key] ?? [])];
}

export function abort<C extends CommitOptions>(state: CommitState<C>, led: Led, io: CommitIo, flow: Flow<C>): void {
  const { options } = state.context;
  const wasAsked = led.phase !== 'locking';
  const awaiting = awaitedFor(state, led, 'abort', flow);
  settle(state, led.tx, 'abort', led.phase === 'voting' || led.phase === 'locking' ? led.heard.length + 1 : 0);
  deactivate(state, led.tx);
  if (!wasAsked) {
    delete state.led[led.tx.id];
    return;
  }
  const isForced = flow.writes('abort', options) && flow.durable(options);
  const write = () => {
    if (flow.writes('abort', options)) writeOutcome(state, led.tx, 'abort', awaiting, io);
  };
  record(isForced, write, () => announce(state, led, 'abort', awaiting, io, flow));
}

/** Tells all others, and forgets at once what nobody acknowledges. */
function announce<C extends CommitOptions>(
  state: CommitState<C>,
  led: Led,
  outcome: Outcome,
  awaiting: readonly NodeId[],
  io: CommitIo,
  flow: Flow<C>,
): void {
  enter(state, led, outcome === 'commit' ? 'committed' : 'aborted', io, flow);
  led.heard = othersOf(state).filter(node => !awaiting.includes(node));
  if (awaiting.length === 0) delete state.led[led.tx.id];
}

/**
 * Who acknowledges the outcome before it is forgotten. Where an unknown transaction counts as aborted, those that have
 * not voted need not be waited for: they ask, if they did vote, and are told right.
 */
function awaitedFor<C extends CommitOptions>(
  state: CommitState<C>,
  led: Led,
  outcome: Outcome,
  flow: Flow<C>,
): readonly NodeId[] {
  const { options } = state.context;
  if (!flow.acknowledged(outcome, options)) return [];
  const onlyVoters = outcome === 'abort' && led.phase === 'voting' && flow.presume(options) === 'abort';
  return onlyVoters ? led.heard.slice() : othersOf(state);
}

/** Decides to commit: the decision counts once it is on disk. */
export function commit<C extends CommitOptions>(state: CommitState<C>, led: Led, io: CommitIo, flow: Flow<C>): void {
  const { options } = state.context;
  const awaiting = awaitedFor(state, led, 'commit', flow);
  if (flow.durable(options)) {
    led.phase = 'deciding';
    led.dueNs = Number.POSITIVE_INFINITY;
    return writeOutcome(state, led.tx, 'commit', awaiting, io, led.tx.number - numberOf(state.life, 0));
  }
  conclude(state, led, io, flow);
  writeOutcome(state, led.tx, 'commit', awaiting, io);
}

/** The decision is on disk. */
export function decided<C extends CommitOptions>(
  state: CommitState<C>,
  token: number,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const led = state.led[`${state.context.self}.${state.life}.${token}`];
  if (led?.phase === 'deciding') conclude(state, led, io, flow);
}

function conclude<C extends CommitOptions>(state: CommitState<C>, led: Led, io: CommitIo, flow: Flow<C>): void {
  const output: Value = settle(state, led.tx, 'commit', othersOf(state).length + 1) ?? null;
  deactivate(state, led.tx);
  announce(state, led, 'commit', awaitedFor(state, led, 'commit', flow), io, flow);
  if (led.queued !== null) io.reply(led.queued.request, { kind: 'ok', output });
}

/** After a crash, somebody else tells this coordinator what became of its transaction: it tells all the others. */
export function announceLearned<C extends CommitOptions>(
  state: CommitState<C>,
  tx: Transaction,
  outcome: Outcome,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const now = io.monotonicNs();
  const led: Led = { tx, queued: null, phase: 'deciding', heard: [], deadlineNs: now, dueNs: now };
  state.led[tx.id] = led;
  settle(state, tx, outcome);
  writeOutcome(state, tx, outcome, othersOf(state), io);
  announce(state, led, outcome, othersOf(state), io, flow);
}

function deactivate(state: CommitState, { id, command }: Transaction): void {
  if (state.active[command.key] !== id) return;
  delete state.active[command.key];
  state.freed.push(command.key);
}

export function acknowledged(state: CommitState, from: NodeId, tx: Transaction, io: CommitIo): void {
  const led = state.led[tx.id];
  if (led === undefined || (led.phase !== 'committed' && led.phase !== 'aborted')) return;
  if (!heardFrom(state, led, from)) return;
  delete state.led[tx.id];
  io.persist({ kind: 'end', id: tx.id });
}

/** A phase's time is up, or it is time to repeat what was not answered. */
export function ledDue<C extends CommitOptions>(
  state: CommitState<C>,
  led: Led,
  now: number,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const silent = othersOf(state).length - led.heard.length;
  const isUp = now >= led.deadlineNs;
  if (led.phase === 'locking' && isUp) return giveUp(state, led, 'the key stayed locked', false, io, flow);
  if (led.phase === 'voting' && isUp) return giveUp(state, led, `${silent} did not vote in time`, false, io, flow);
  // Whoever is silent now has voted yes, and learns the outcome when it is back.
  if (led.phase === 'precommitting' && isUp) return commit(state, led, io, flow);
  ask(state, led, io, flow);
}
