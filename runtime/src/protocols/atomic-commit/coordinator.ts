/** A coordinator: one transaction per key at a time, votes, what it is asked about them. */
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { executedBefore } from '../machine.ts';
import { abort, commit, decide, giveUp } from './deciding.ts';
import { propose } from './decision-log.ts';
import { seekLock } from './participant.ts';
import { ask, askForVotes, heardFrom, ledBy, messageOf } from './rounds.ts';
import {
  beginNoMore,
  type CommitIo,
  type CommitMessage,
  type CommitOptions,
  type CommitState,
  decisionsOf,
  type Flow,
  floorOf,
  isFirst,
  type Led,
  numberOf,
  participantsOf,
  type Queued,
  raiseFloor,
  type Transaction,
  votesItself,
} from './state.ts';

export function submit<C extends CommitOptions>(
  state: CommitState<C>,
  request: ClientRequest,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const { key } = request.command;
  // The network may deliver an attempt twice: what one copy of it was told must hold for the other.
  if (!isFirst(state, request.id)) return;
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
    origin: self,
    number: numberOf(state.life, begun),
    ageNs: queued.ageNs,
    command,
    session,
  };
  const deadlineNs = io.monotonicNs() + options.timeoutNs;
  state.led[id] = { ...ledBy(tx, 'locking', deadlineNs), queued };
  state.active[command.key] = id;
  raiseFloor(state, self, floorOf(state));
  lockOwn(state, state.led[id], io, flow);
}

/** A coordinator that votes itself takes its own lock first; its vote stands in its decision. */
export function lockOwn<C extends CommitOptions>(state: CommitState<C>, led: Led, io: CommitIo, flow: Flow<C>): void {
  const { options } = state.context;
  if (votesItself(state)) {
    const lock = seekLock(state, led.tx);
    if (lock === 'waiting') return;
    if (lock !== 'granted') return giveUp(state, led, lock, true, io, flow);
    state.changes.push({ tx: led.tx, status: 'prepared', from: undefined, recovered: false, votes: 1 });
  }
  led.deadlineNs = io.monotonicNs() + options.timeoutNs;
  if (flow.writesBeginning(options)) {
    if (decisionsOf(state) !== null) {
      led.phase = 'beginning';
      return propose(state, led, 'begin', io, flow);
    }
    if (flow.durable(options)) io.persist({ kind: 'begin', tx: led.tx });
  }
  askForVotes(state, led, io, flow);
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
  if (m.type === 'no') {
    if (m.answer === undefined) return giveUp(state, led, m.why, true, io, flow);
    const { queued } = led;
    abort(state, led, io, flow);
    if (queued !== null) io.reply(queued.request, m.answer);
    return;
  }
  if (m.output !== undefined) led.output = m.output;
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
  if (led !== undefined) return;
  const known = state.outcomes[tx.id]?.outcome;
  if (known === undefined && decisionsOf(state) !== null) return takeOver(state, tx, io, flow);
  if (state.open[tx.id] !== undefined) return;
  const outcome = known ?? flow.presume(state.context.options);
  // Should its replica's request to begin it come late: this is what it has been told.
  beginNoMore(state, tx);
  if (outcome === undefined) return;
  io.send(from, { type: outcome === 'commit' ? flow.tell : 'abort', tx });
}

/**
 * Somebody is in doubt about a transaction that its coordinator does not lead any more. Who leads now has the group choose
 * to abort it, and tells what was chosen: if that was to commit, the other one was first.
 */
function takeOver<C extends CommitOptions>(state: CommitState<C>, tx: Transaction, io: CommitIo, flow: Flow<C>): void {
  if (state.term < 0) return;
  beginNoMore(state, tx);
  io.note(`takes over ${tx.id}`);
  const led = ledBy(tx, 'deciding', Number.POSITIVE_INFINITY);
  state.led[tx.id] = led;
  decide(state, led, 'abort', io, flow);
}

/** A phase's time is up, or it is time to repeat what was not answered. */
export function ledDue<C extends CommitOptions>(
  state: CommitState<C>,
  led: Led,
  now: number,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const silent = participantsOf(state).length - led.heard.length;
  const isUp = now >= led.deadlineNs;
  if (led.phase === 'deciding') return propose(state, led, 'decide', io, flow);
  if (led.phase === 'beginning')
    return isUp
      ? giveUp(state, led, 'nobody wrote down that it begins', false, io, flow)
      : propose(state, led, 'begin', io, flow);
  if (led.phase === 'locking' && isUp) return giveUp(state, led, 'the key stayed locked', false, io, flow);
  if (led.phase === 'voting' && isUp) return giveUp(state, led, `${silent} did not vote in time`, false, io, flow);
  // Whoever is silent now has voted yes, and learns the outcome when it is back.
  if (led.phase === 'precommitting' && isUp) return commit(state, led, io, flow);
  ask(state, led, io, flow);
}
