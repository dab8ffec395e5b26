/**
 * Who acts for a participant when the coordinator of a transaction is silent. Participants are replica groups: their
 * machines keep the state and know no time, so each of their replicas looks, by a command like any other, at what is in
 * doubt, and when that has lasted too long puts into the log what the design says: a decision of one's own, or the
 * termination protocol among all of them. The machine does it once, whoever asks for it.
 */
import type { Protocol } from '../contract.ts';
import { type InDoubt, inDoubtInput, timeoutInput } from '../transaction-phases.ts';
import {
  type Doubt,
  lookNs,
  type ParticipantIo,
  type ParticipantOptions,
  type ParticipantState,
  patienceNs,
  silentNs,
  turnNs,
} from './state.ts';
import { giveUp, goOn, heard, make, takeOver } from './termination.ts';

/** Asks its own group's log what is in doubt. */
function look(state: ParticipantState, io: ParticipantIo): void {
  if (state.looking) return;
  const { name, group } = state.context.options;
  state.looking = true;
  const token = ++state.token;
  state.calls[token] = { kind: 'look', askedNs: io.monotonicNs() };
  io.call(group, { kind: 'transaction', key: '', input: inDoubtInput(`${name}#`), operation: -1 }, token);
}

/** What was prepared before the participant fell silent, others may have decided meanwhile. */
function seen(state: ParticipantState, found: readonly InDoubt[], io: ParticipantIo): void {
  const now = io.monotonicNs();
  const recovered = now - state.heardNs > silentNs(state.context.options);
  state.heardNs = now;
  const doubts: Record<string, Doubt> = {};
  for (const [id, groups, status, round] of found) {
    const known = state.doubts[id];
    doubts[id] =
      known === undefined || (recovered && !known.recovered)
        ? { id, groups, status, round, sinceNs: now, recovered, askedNs: now, termination: undefined }
        : known;
    const doubt = doubts[id]!;
    // There is something new to wait for.
    if (doubt.status !== status || doubt.round !== round) Object.assign(doubt, { status, round, sinceNs: now });
  }
  state.doubts = doubts;
  for (const doubt of Object.values(doubts)) waited(state, doubt, now, io);
}

function waited(state: ParticipantState, doubt: Doubt, now: number, io: ParticipantIo): void {
  const { options } = state.context;
  if (doubt.termination !== undefined) return;
  const waitedNs = now - doubt.sinceNs - turnNs(state);
  const isOfTwoPhases = options.policy === 'abort' || options.policy === 'commit';
  if (doubt.recovered && !isOfTwoPhases) return askAgain(state, doubt, now, io);
  if (waitedNs < patienceNs(options)) return;
  switch (options.policy) {
    case 'terminate':
      return takeOver(state, doubt, io);
    case 'skeen':
      return decideAlone(state, doubt, doubt.status === 'precommitted' ? 'commit' : 'abort', now, io);
    case 'discard':
      return decideAlone(state, doubt, 'abort', now, io);
    default:
      return decideAlone(state, doubt, options.policy, now, io);
  }
}

/** Asks everybody. What nobody has decided when those that were up should have, all decide by what all say. */
function askAgain(state: ParticipantState, doubt: Doubt, now: number, io: ParticipantIo): void {
  const { options } = state.context;
  if (now - doubt.askedNs < options.timeoutNs) return;
  doubt.askedNs = now;
  if (now - doubt.sinceNs >= patienceNs(options) + options.timeoutNs + turnNs(state)) return takeOver(state, doubt, io);
  for (const group of doubt.groups) if (group !== options.group) make(state, { kind: 'ask', id: doubt.id, group }, io);
}

function decideAlone(
  state: ParticipantState,
  doubt: Doubt,
  outcome: 'commit' | 'abort',
  now: number,
  io: ParticipantIo,
): void {
  const { group } = state.context.options;
  const { id, status } = doubt;
  io.note(
    `${group} decides alone to ${outcome} ${id}: ${status} for ${Math.round((now - doubt.sinceNs) / 1e6)} ms, and its coordinator is silent`,
  );
  doubt.sinceNs = now;
  state.timedOut++;
  const token = ++state.token;
  state.calls[token] = { kind: 'time-out', id };
  io.call(group, { kind: 'transaction', key: '', input: timeoutInput(id, status, outcome), operation: -1 }, token);
}

export const transactionParticipant: Protocol<
  ParticipantState,
  never,
  never,
  Record<string, never>,
  ParticipantOptions
> = {
  kind: 'three-phase-commit',
  messages: {},
  classOf: () => 'control',
  bytes: () => 64,
  disk: { empty: () => ({}), apply() {} },
  boot(context, _image, io) {
    io.setTimer('look', ...lookNs(context.options));
    return {
      context,
      doubts: {},
      calls: {},
      token: 0,
      looking: false,
      heardNs: Number.NEGATIVE_INFINITY,
      timedOut: 0,
    };
  },
  request(_state, request, io) {
    io.reply(request, { kind: 'failed', why: 'nobody asks a participant but through its log' });
  },
  administer(_state, request, io) {
    io.reply(request, { kind: 'failed', why: 'its members are those of its partition' });
  },
  receive() {},
  timer(state, _name, io) {
    io.setTimer('look', ...lookNs(state.context.options));
    const now = io.monotonicNs();
    const isSilent = now - state.heardNs > silentNs(state.context.options);
    for (const doubt of Object.values(state.doubts)) {
      if (doubt.termination === undefined || now < doubt.termination.dueNs) continue;
      if (isSilent) giveUp(doubt, io);
      else goOn(state, doubt, io);
    }
    look(state, io);
  },
  answered(state, token, reply, io) {
    const call = state.calls[token];
    delete state.calls[token];
    if (call === undefined) return;
    if (call.kind === 'look') {
      state.looking = false;
      if (reply.kind === 'ok') seen(state, (reply.output as unknown as ['doubts', readonly InDoubt[]])[1], io);
      return;
    }
    if (call.kind !== 'time-out') heard(state, call, reply, io);
  },
  watched: {
    inDoubt: state => Object.keys(state.doubts).length,
    terminates: state => Object.values(state.doubts).filter(one => one.termination !== undefined).length,
    timedOut: state => state.timedOut,
  },
  contents: () => ({}),
  applied: () => [],
  invariants: [],
};
