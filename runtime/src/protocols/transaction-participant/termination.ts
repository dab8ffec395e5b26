/**
 * The termination protocol (Skeen 1981; Bernstein, Hadzilacos & Goodman 1987, §7.5) with replica groups as participants:
 * one of their replicas takes over, asks all groups for their states and decides by them. It has a round, which the
 * groups' logs keep, so that neither the old coordinator nor an older termination goes on beside it. Before it decides it
 * brings all that answer to a pre-commit or a pre-abort of its round, so that whoever comes after it, and hears a group
 * that was down meanwhile, can tell what may have been decided (E3PC: Keidar & Dolev 1998).
 */
import type { Value } from '../../checkers/history.ts';
import type { Reply } from '../contract.ts';
import { preabortInput, precommitInput, type StateResponse, stateInput } from '../transaction-phases.ts';
import { outcomeInput } from '../transactions.ts';
import {
  answerNs,
  type Call,
  type Doubt,
  type ParticipantIo,
  type ParticipantState,
  type Termination,
} from './state.ts';

const ranksMax = 1_000;

/** Higher than any that was seen, and never the same twice, also after a restart. */
function nextRound({ context: { options, self } }: ParticipantState, { round }: Doubt, io: ParticipantIo): number {
  const count = Math.max(Math.floor(round / ranksMax) + 1, Math.floor(io.wallNs() / 1e6));
  return count * ranksMax + (options.rankOf[self] ?? 0) + 1;
}

export function takeOver(state: ParticipantState, doubt: Doubt, io: ParticipantIo): void {
  io.note(`${doubt.id}: its coordinator is silent; ${doubt.status} here, takes over`);
  doubt.termination = {
    round: nextRound(state, doubt, io),
    phase: 'asking',
    responses: {},
    waiting: [...doubt.groups],
    outcome: 'abort',
    dueNs: io.monotonicNs() + answerNs(state.context.options),
  };
  callAll(state, doubt, io);
}

function callAll(state: ParticipantState, { id, termination }: Doubt, io: ParticipantIo): void {
  const { round, waiting } = termination!;
  const kind = kindOf(termination!);
  for (const group of waiting) make(state, { kind, id, group, round }, io);
}

type GroupCall = Exclude<Call, { kind: 'look' | 'time-out' }>;

export function make(state: ParticipantState, call: GroupCall, io: ParticipantIo): void {
  const { kind, id, group } = call;
  const termination = state.doubts[id]?.termination;
  if (kind !== 'ask' && termination?.round !== call.round) return;
  const token = ++state.token;
  state.calls[token] = call;
  io.call(group, { kind: 'transaction', key: '', input: inputOf(call, termination), operation: -1 }, token);
}

function inputOf(call: GroupCall, termination: Termination | undefined): Value {
  const commits = termination?.outcome === 'commit';
  switch (call.kind) {
    case 'ask':
      return stateInput(call.id, 0);
    case 'state':
      return stateInput(call.id, call.round);
    case 'attempt':
      return (commits ? precommitInput : preabortInput)(call.id, call.round);
    case 'outcome':
      return outcomeInput(call.id, commits, null, call.round);
  }
}

/** An answer to a call of a termination, or to a recovered participant's question. */
export function heard(state: ParticipantState, call: GroupCall, reply: Reply, io: ParticipantIo): void {
  const doubt = state.doubts[call.id];
  if (doubt === undefined) return;
  if (call.kind === 'ask') {
    const status = reply.kind === 'ok' ? (reply.output as unknown as StateResponse)[1] : undefined;
    if (status === 'committed' || status === 'aborted') learn(state, doubt, status, io);
    return;
  }
  const { termination } = doubt;
  if (termination?.round !== call.round || kindOf(termination) !== call.kind) return;
  // It may be electing a leader: asked again until it is late.
  if (reply.kind !== 'ok') return make(state, call, io);
  const [word, status, number] = reply.output as unknown as StateResponse | readonly ['ack', undefined, undefined];
  if (word === 'ack') return done(state, doubt, call.group, io);
  if (status === 'committed' || status === 'aborted') return decide(state, doubt, status === 'committed', io);
  // Somebody else has taken over since: this one waits for what comes of it.
  if (status === 'fenced') return follow(doubt, number, io);
  if (call.kind === 'state') termination.responses[call.group] = { status, attempt: number };
  done(state, doubt, call.group, io);
}

const kindOf = ({ phase }: Termination) =>
  phase === 'asking' ? 'state' : phase === 'attempting' ? 'attempt' : 'outcome';

function follow(doubt: Doubt, round: number, io: ParticipantIo): void {
  doubt.termination = undefined;
  doubt.round = Math.max(doubt.round, round);
  doubt.sinceNs = io.monotonicNs();
}

function done(state: ParticipantState, doubt: Doubt, group: string, io: ParticipantIo): void {
  const termination = doubt.termination!;
  termination.waiting = termination.waiting.filter(one => one !== group);
  if (termination.waiting.length === 0) goOn(state, doubt, io);
}

/** It stood still, or its group is silent: others may have taken over meanwhile. */
export function giveUp(doubt: Doubt, io: ParticipantIo): void {
  follow(doubt, 0, io);
}

/** Everybody has done what the phase is for, or is late and counts as failed. */
export function goOn(state: ParticipantState, doubt: Doubt, io: ParticipantIo): void {
  switch (doubt.termination!.phase) {
    case 'asking':
      return decideByStates(state, doubt, io);
    case 'attempting':
      return decide(state, doubt, doubt.termination!.outcome === 'commit', io);
    case 'telling':
      // Whoever has not heard asks when it is back.
      return follow(doubt, 0, io);
  }
}

/**
 * Somebody is pre-committed, so somebody may have committed: all are brought there and commit. Nobody is, so nobody has
 * committed: all abort. Only those count that took part in the latest attempt: others were down then, and may have been
 * decided without. A recovered participant decides only by what all of them say.
 */
function decideByStates(state: ParticipantState, doubt: Doubt, io: ParticipantIo): void {
  const { options } = state.context;
  const termination = doubt.termination!;
  const responses = Object.entries(termination.responses);
  const isMissing = termination.responses[options.group] === undefined;
  const heardAll = responses.length === doubt.groups.length;
  if (isMissing || (doubt.recovered && !heardAll)) return follow(doubt, 0, io);
  const latest = Math.max(...responses.map(([, { attempt }]) => attempt));
  const commits = responses.some(([, { status, attempt }]) => attempt === latest && status === 'precommitted');
  // Nobody anywhere is pre-committed, nor can be any more: there is nothing to be told apart later.
  if (heardAll && latest < 0) return decide(state, doubt, false, io);
  termination.outcome = commits ? 'commit' : 'abort';
  const heard = responses.map(([group]) => group);
  enter(state, doubt, 'attempting', heard, io);
}

function enter(
  state: ParticipantState,
  doubt: Doubt,
  phase: Termination['phase'],
  waiting: string[],
  io: ParticipantIo,
): void {
  Object.assign(doubt.termination!, { phase, waiting, dueNs: io.monotonicNs() + answerNs(state.context.options) });
  callAll(state, doubt, io);
}

function decide(state: ParticipantState, doubt: Doubt, commit: boolean, io: ParticipantIo): void {
  const outcome = commit ? 'commit' : 'abort';
  const heard = Object.keys(doubt.termination!.responses).sort().join(', ');
  io.note(`${doubt.id}: ${outcome}, by ${heard === '' ? 'what one had heard' : `the states of ${heard}`}`);
  doubt.termination!.outcome = outcome;
  enter(state, doubt, 'telling', [...doubt.groups], io);
}

/** Somebody has told a recovered participant what became of it. */
function learn(state: ParticipantState, doubt: Doubt, status: 'committed' | 'aborted', io: ParticipantIo): void {
  const { group } = state.context.options;
  const token = ++state.token;
  state.calls[token] = { kind: 'time-out', id: doubt.id };
  io.note(`${doubt.id} was ${status} while ${group} was silent`);
  const input = outcomeInput(doubt.id, status === 'committed');
  io.call(group, { kind: 'transaction', key: '', input, operation: -1 }, token);
}
