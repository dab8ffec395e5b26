/** A coordinator's decision: where it is written down before anybody is told, and whether it may be forgotten. */
import type { Value } from '../../checkers/history.ts';
import type { NodeId } from '../../design/topology.ts';
import { propose } from './decision-log.ts';
import { record, settle, writeOutcome } from './participant.ts';
import { enter, heardFrom, ledBy } from './rounds.ts';
import {
  type CommitIo,
  type CommitOptions,
  type CommitState,
  decisionsOf,
  type Flow,
  type Led,
  type Outcome,
  participantsOf,
  type Transaction,
  votesItself,
} from './state.ts';

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
  const wasAsked = led.phase !== 'locking' && led.phase !== 'beginning';
  const awaiting = awaitedFor(state, led, 'abort', flow);
  deactivate(state, led.tx);
  if (wasAsked && decisionsOf(state) !== null && flow.writes('abort', options)) {
    led.queued = null;
    return decide(state, led, 'abort', io, flow);
  }
  takeEffect(state, led, 'abort', led.phase === 'voting' || led.phase === 'locking' ? votesFor(state, led) : 0);
  if (!wasAsked) {
    delete state.led[led.tx.id];
    return;
  }
  if (decisionsOf(state) !== null) return announce(state, led, 'abort', awaiting, io, flow);
  const isForced = flow.writes('abort', options) && flow.durable(options);
  const write = () => {
    if (flow.writes('abort', options)) writeOutcome(state, led.tx, 'abort', awaiting, io);
  };
  record(isForced, write, () => announce(state, led, 'abort', awaiting, io, flow));
}

const votesFor = (state: CommitState, { heard }: Led): number => heard.length + (votesItself(state) ? 1 : 0);

/** At the coordinator. Where a group has chosen the outcome, its own copy is told like all others. */
function takeEffect(state: CommitState, { tx }: Led, outcome: Outcome, votes: number): Value | undefined {
  if (decisionsOf(state) === null) return settle(state, tx, outcome, votes);
  const status = outcome === 'commit' ? 'committed' : 'aborted';
  state.changes.push({ tx, status, from: undefined, recovered: false, votes });
  return undefined;
}

/** Has the group choose: nobody is told before it has. */
export function decide<C extends CommitOptions>(
  state: CommitState<C>,
  led: Led,
  wants: Outcome,
  io: CommitIo,
  flow: Flow<C>,
): void {
  led.phase = 'deciding';
  led.wants = wants;
  propose(state, led, 'decide', io, flow);
}

/** The group has chosen. Only who has begun a transaction ever wants it committed. */
export function chosen<C extends CommitOptions>(
  state: CommitState<C>,
  led: Led,
  outcome: Outcome,
  io: CommitIo,
  flow: Flow<C>,
): void {
  if (outcome === 'commit') return conclude(state, led, io, flow);
  const awaiting = awaitedFor(state, led, 'abort', flow);
  takeEffect(state, led, 'abort', led.wants === 'abort' ? votesFor(state, led) : 0);
  deactivate(state, led.tx);
  announce(state, led, 'abort', awaiting, io, flow);
  if (led.queued !== null)
    io.reply(led.queued.request, { kind: 'failed', why: 'aborted: another coordinator took it over' });
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
  led.heard = participantsOf(state).filter(node => !awaiting.includes(node));
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
  // Those that ask another than the one who began it ask until they are told.
  if (!flow.acknowledged(outcome, options) || led.tx.coordinator !== state.context.self) return [];
  const onlyVoters = outcome === 'abort' && led.phase === 'voting' && flow.presume(options) === 'abort';
  return onlyVoters ? led.heard.slice() : participantsOf(state);
}

/** Decides to commit: the decision counts once it is on disk. */
export function commit<C extends CommitOptions>(state: CommitState<C>, led: Led, io: CommitIo, flow: Flow<C>): void {
  const { options } = state.context;
  if (decisionsOf(state) !== null) return decide(state, led, 'commit', io, flow);
  const awaiting = awaitedFor(state, led, 'commit', flow);
  if (flow.durable(options)) {
    led.phase = 'deciding';
    led.dueNs = Number.POSITIVE_INFINITY;
    const token = ++state.token;
    state.calls[token] = { id: led.tx.id, kind: 'decide', wants: 'commit' };
    return writeOutcome(state, led.tx, 'commit', awaiting, io, token);
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
  const led = state.led[state.calls[token]?.id ?? ''];
  delete state.calls[token];
  if (led?.phase === 'deciding') conclude(state, led, io, flow);
}

function conclude<C extends CommitOptions>(state: CommitState<C>, led: Led, io: CommitIo, flow: Flow<C>): void {
  const settled = takeEffect(state, led, 'commit', votesFor(state, led));
  const output: Value = votesItself(state) ? (settled ?? null) : led.output;
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
  const led = ledBy(tx, 'deciding', now);
  state.led[tx.id] = led;
  settle(state, tx, outcome);
  writeOutcome(state, tx, outcome, participantsOf(state), io);
  announce(state, led, outcome, participantsOf(state), io, flow);
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
  if (decisionsOf(state) === null) io.persist({ kind: 'end', id: tx.id });
}
