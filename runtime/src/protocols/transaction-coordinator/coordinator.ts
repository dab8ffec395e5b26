/**
 * Two-phase commit over replica groups (Gray 1978; Mohan, Lindsay & Obermarck 1986 for the presumptions). A coordinator
 * on one node writes its decision to its own disk; one on a Raft group writes it there by compare-and-set, so that
 * commit and abort exclude each other, and whoever finds a transaction in doubt may finish it (Gray & Lamport 2006, §4).
 */
import type { Value } from '../../checkers/history.ts';
import type { ClientRequest, Reply } from '../contract.ts';
import type { StateResponse } from '../transaction-phases.ts';
import { inquireInput, outcomeInput, type Step, type Vote } from '../transactions.ts';
import {
  type Call,
  type CoordinatorIo,
  type CoordinatorState,
  type CoordinatorWrite,
  type Decision,
  type Open,
  prefixOf,
  type Restart,
  type RoutedStep,
} from './state.ts';
import { agreed, phaseAnswered, phaseDue, phaseInput } from './three-phases.ts';
import { commitStamp, decisionOf, preparing, questionFor, remainingWait, standing } from './timestamps.ts';

/** Pause before a call is made again. */
export const pauseNs = 10_000_000;

export function begin(state: CoordinatorState, request: ClientRequest, io: CoordinatorIo): void {
  const { timeoutNs } = state.context.options;
  const parts: Record<string, { steps: Step[]; places: number[] }> = {};
  for (const [place, [group, ...step]] of (request.command.input as unknown as readonly RoutedStep[]).entries()) {
    const part = (parts[group] ??= { steps: [], places: [] });
    part.steps.push(step);
    part.places.push(place);
  }
  const age = io.wallNs();
  start(state, { request, parts, age, deadlineNs: io.monotonicNs() + timeoutNs, above: age }, io);
}

function start(state: CoordinatorState, { request, parts, age, deadlineNs, above }: Restart, io: CoordinatorIo): void {
  const { options, self } = state.context;
  const tx: Open = {
    id: `${options.name}#${self}.${state.incarnation}.${++state.counted}`,
    groups: preparing(options, parts),
    phase: 'preparing',
    request,
    parts,
    age,
    start: Math.max(io.wallNs(), above),
    stamp: null,
    deadlineNs,
    votes: {},
    precommitted: [],
    acknowledgeByNs: Number.POSITIVE_INFINITY,
    acknowledged: [],
    wants: 'commit',
    why: '',
  };
  state.open[tx.id] = tx;
  if (options.decisions === null && options.presume !== 'abort' && tx.groups.length > 0)
    log(state, { kind: 'begin', id: tx.id, groups: tx.groups }, io);
  for (const group of Object.keys(parts)) make(state, { kind: 'prepare', id: tx.id, group }, io);
  watchDeadlines(state, io);
}

/** The timer runs while anything is open: arming it again with every new transaction would put it off for ever. */
function watchDeadlines(state: CoordinatorState, io: CoordinatorIo): void {
  if (state.watching) return;
  state.watching = true;
  state.checkedNs = io.monotonicNs();
  const { timeoutNs } = state.context.options;
  io.setTimer('deadline', timeoutNs / 4, timeoutNs / 4);
}

function log(state: CoordinatorState, write: CoordinatorWrite, io: CoordinatorIo): void {
  if (state.context.options.durableLog) io.persist(write);
}

/** Before the first commit leaves; aborts only where their absence would be read as a commit. */
function logDecision(state: CoordinatorState, decision: Decision, io: CoordinatorIo): void {
  const { decisions, presume, durableLog } = state.context.options;
  if (decisions !== null || !durableLog || (decision.outcome === 'abort' && presume === 'abort')) {
    state.decided.push(decision);
    return;
  }
  const token = ++state.token;
  state.writing[token] = decision;
  io.persist({ kind: 'decision', ...decision }, token);
}

/** Makes a call if what it is about is still open. */
export function make(state: CoordinatorState, call: Call, io: CoordinatorIo): void {
  const { options } = state.context;
  const token = ++state.token;
  const to = (group: string, input: Value, operation = -1) => {
    state.calls[token] = call;
    io.call(group, { kind: 'transaction', key: '', input, operation }, token);
  };
  if (call.kind === 'inquire') return to(call.group, inquireInput(prefixOf(state)));
  const tx = state.open[call.id];
  if (tx === undefined) return;
  switch (call.kind) {
    case 'prepare': {
      if (tx.phase !== 'preparing') return;
      return to(call.group, questionFor(options, tx, call.group), tx.request?.command.operation ?? -1);
    }
    case 'pre-commit':
    case 'find':
      if (tx.phase !== 'precommitting' && tx.phase !== 'finding') return;
      return to(call.group, phaseInput(call, tx.id));
    case 'outcome':
      return to(call.group, outcomeInput(tx.id, tx.phase === 'committing', tx.stamp));
    case 'decide':
      state.calls[token] = call;
      return io.call(
        options.decisions!,
        { kind: 'cas', key: tx.id, input: [null, standing(tx)], operation: -1 },
        token,
      );
    case 'look':
      state.calls[token] = call;
      return io.call(options.decisions!, { kind: 'read', key: tx.id, input: null, operation: -1 }, token);
  }
}

function later(state: CoordinatorState, call: Call, io: CoordinatorIo): void {
  pause(state, io);
  state.again.push(call);
}

function pause(state: CoordinatorState, io: CoordinatorIo): void {
  if (state.again.length + state.restarts.length === 0) io.setTimer('again', pauseNs / 2, pauseNs);
}

/** After the pause. */
export function goOn(state: CoordinatorState, io: CoordinatorIo): void {
  const { again, restarts } = state;
  state.again = [];
  state.restarts = [];
  for (const call of again) make(state, call, io);
  for (const one of restarts) start(state, one, io);
}

export function answered(state: CoordinatorState, token: number, reply: Reply, io: CoordinatorIo): void {
  const call = state.calls[token];
  delete state.calls[token];
  if (call === undefined) return;
  if (call.kind === 'inquire') {
    state.asking = state.asking.filter(group => group !== call.group);
    if (reply.kind === 'ok') resolveDoubts(state, reply.output as unknown as readonly Doubt[], io);
    return;
  }
  const tx = state.open[call.id];
  if (tx === undefined) return;
  if (call.kind === 'prepare' && tx.phase === 'preparing' && reply.kind === 'refused' && reply.map !== undefined) {
    // Another group holds the key by now: who asked has to learn that first.
    tx.map = reply.map;
    return giveUp(state, tx, reply.why, io);
  }
  if (reply.kind !== 'ok') return later(state, call, io);
  switch (call.kind) {
    case 'prepare':
      return voted(state, tx, call, reply.output as unknown as Vote, io);
    case 'pre-commit':
    case 'find':
      return phaseAnswered(state, tx, call.group, reply.output as unknown as StateResponse, io);
    case 'outcome':
      return acknowledged(state, tx, call.group, io);
    case 'decide':
      if (reply.output === true) return decided(state, tx, tx.wants, io);
      return make(state, { kind: 'look', id: tx.id }, io);
    case 'look':
      if (reply.output === null) return later(state, { kind: 'decide', id: tx.id }, io);
      return decided(state, tx, decisionOf(tx, reply.output), io);
  }
}

function voted(state: CoordinatorState, tx: Open, call: Call & { group: string }, vote: Vote, io: CoordinatorIo): void {
  if (tx.phase !== 'preparing') return;
  const [word, told, stamp] = vote;
  if (word === 'no') return giveWay(state, tx, told as string, stamp ?? tx.start, io);
  if (word === 'wait') {
    tx.why = told as string;
    return later(state, call, io);
  }
  tx.votes[call.group] = told as readonly Value[];
  if (stamp !== undefined) tx.stamp = Math.max(tx.stamp ?? stamp, stamp);
  if (!Object.keys(tx.parts).every(group => tx.votes[group] !== undefined)) return;
  tx.stamp = commitStamp(tx, io);
  if (state.context.options.threePhases) return agreed(state, tx, io);
  if (state.context.options.decisions === null || tx.groups.length === 0) return decided(state, tx, 'commit', io);
  tx.phase = 'deciding';
  make(state, { kind: 'decide', id: tx.id }, io);
}

/** Aborts, and is begun again as old as it was: some day it is the oldest, and does not give way any more. */
function giveWay(state: CoordinatorState, tx: Open, why: string, above: number, io: CoordinatorIo): void {
  const { request, parts, age, deadlineNs } = tx;
  const isLate = io.monotonicNs() + state.context.options.timeoutNs / 4 >= deadlineNs;
  if (request !== null && !isLate) {
    tx.request = null;
    pause(state, io);
    state.restarts.push({ request, parts, age, deadlineNs, above });
  }
  giveUp(state, tx, why, io);
}

/** Only who has begun a transaction ever wants it committed, so it may abort it without asking anybody. */
function giveUp(state: CoordinatorState, tx: Open, why: string, io: CoordinatorIo): void {
  tx.why = why;
  decided(state, tx, 'abort', io);
}

export function decided(state: CoordinatorState, tx: Open, outcome: 'commit' | 'abort', io: CoordinatorIo): void {
  if (tx.phase === 'committing' || tx.phase === 'aborting') return;
  // Where others may have decided it, what this node had in hand tells nothing.
  const isItsOwn = (tx.phase === 'preparing' || tx.phase === 'precommitting') && !isTakenOver(tx);
  tx.phase = outcome === 'commit' ? 'committing' : 'aborting';
  const unanimous = isItsOwn && Object.keys(tx.parts).every(group => tx.votes[group] !== undefined);
  // Who only reads prepares nothing, and may have had a reason of its own.
  const isPreparedByAll = tx.groups.length === Object.keys(tx.parts).length;
  const early = isItsOwn && isPreparedByAll && io.monotonicNs() < tx.deadlineNs;
  if (outcome === 'abort') tx.stamp = null;
  const { id, groups, stamp } = tx;
  if (groups.length > 0) logDecision(state, { id, outcome, groups, stamp, unanimous, early }, io);
  waitOut(state, tx, io);
}

/** Commit wait (Corbett et al. 2012, §4.2.1): nobody is told before the commit timestamp is past on every clock. */
function waitOut(state: CoordinatorState, tx: Open, io: CoordinatorIo): void {
  const leftOf = (one: Open): number => remainingWait(state.context.options, one, io);
  if (leftOf(tx) <= 0) return tell(state, tx, io);
  state.waiting.push(tx.id);
  // For the next that is due: those that come later must not put it off.
  const left = Math.max(1, Math.min(...state.waiting.map(id => leftOf(state.open[id]!))));
  io.setTimer('commit-wait', left, left);
}

/** Looks at the clock again: timers and clocks that are set need not agree. */
export function waitedOut(state: CoordinatorState, io: CoordinatorIo): void {
  const { waiting } = state;
  state.waiting = [];
  for (const id of waiting) waitOut(state, state.open[id]!, io);
}

const isTakenOver = ({ parts }: Open): boolean => Object.keys(parts).length === 0;

function tell(state: CoordinatorState, tx: Open, io: CoordinatorIo): void {
  if (tx.request !== null)
    io.reply(
      tx.request,
      tx.phase === 'committing'
        ? { kind: 'ok', output: outputOf(tx) }
        : { kind: 'failed', why: `aborted: ${tx.why || 'another node took it over'}`, ...(tx.map && { map: tx.map }) },
    );
  for (const group of tx.groups) make(state, { kind: 'outcome', id: tx.id, group }, io);
  if (tx.groups.length === 0) delete state.open[tx.id];
}

/** By step of the request: what was read, null for others. */
function outputOf(tx: Open): Value {
  const output: Value[] = [];
  for (const [group, { places }] of Object.entries(tx.parts))
    for (const [i, place] of places.entries()) output[place] = tx.votes[group]?.[i] ?? null;
  return output;
}

function acknowledged(state: CoordinatorState, tx: Open, group: string, io: CoordinatorIo): void {
  if (!tx.acknowledged.includes(group)) tx.acknowledged.push(group);
  if (!tx.groups.every(one => tx.acknowledged.includes(one))) return;
  delete state.open[tx.id];
  delete state.suspects[tx.id];
  if (!isOfThisLife(state, tx.id)) state.finished[tx.id] = true;
  const { options } = state.context;
  if (options.decisions === null && (tx.phase === 'committing' || options.presume !== 'abort'))
    log(state, { kind: 'forget', id: tx.id }, io);
}

export function checkDeadlines(state: CoordinatorState, io: CoordinatorIo): void {
  const now = io.monotonicNs();
  const all = Object.values(state.open);
  for (const tx of all)
    if (tx.phase === 'preparing' && now >= tx.deadlineNs)
      giveUp(state, tx, tx.why || 'not every participant voted in time', io);
    else phaseDue(state, tx, now, io);
  state.watching = false;
  if (all.length > 0) watchDeadlines(state, io);
}

const isOfThisLife = (state: CoordinatorState, id: string): boolean =>
  id.startsWith(`${state.context.options.name}#${state.context.self}.${state.incarnation}.`);

type Doubt = readonly [id: string, groups: readonly string[]];

/** Asks every group for what is in doubt there: after a restart, and now and then. */
export function inquire(state: CoordinatorState, io: CoordinatorIo): void {
  const { options } = state.context;
  for (const group of options.groups) {
    if (state.asking.includes(group)) continue;
    state.asking.push(group);
    make(state, { kind: 'inquire', group }, io);
  }
  io.setTimer('inquire', options.timeoutNs, options.timeoutNs * 1.25);
}

/**
 * Transactions that are in doubt and not under way here. On its own disk, a coordinator knows all of its own: of what it
 * does not, the presumption tells. On a Raft group, one that stays in doubt for a timeout is taken over: abort is written
 * if nothing was, and what stands there counts.
 */
function resolveDoubts(state: CoordinatorState, doubts: readonly Doubt[], io: CoordinatorIo): void {
  const { options } = state.context;
  const now = io.monotonicNs();
  for (const [id, groups] of doubts) {
    if (state.open[id] !== undefined) continue;
    if (options.decisions === null) {
      // Answered before all participants had heard of the outcome, and heard of after: it is forgotten, not unknown.
      if (isOfThisLife(state, id) || state.finished[id]) continue;
      if (options.presume !== 'nothing') decided(state, takenOver(state, id, groups), options.presume, io);
      continue;
    }
    const since = (state.suspects[id] ??= now);
    if (now - since < options.timeoutNs) continue;
    io.note(`takes over ${id}`);
    takenOver(state, id, groups);
    make(state, { kind: 'decide', id }, io);
  }
}

/** A transaction that somebody else has begun, or this node before its restart. */
export function takenOver(state: CoordinatorState, id: string, groups: readonly string[]): Open {
  const tx: Open = {
    id,
    groups,
    phase: 'deciding',
    request: null,
    parts: {},
    age: 0,
    start: 0,
    stamp: null,
    deadlineNs: Number.POSITIVE_INFINITY,
    votes: {},
    precommitted: [],
    acknowledgeByNs: Number.POSITIVE_INFINITY,
    acknowledged: [],
    wants: 'abort',
    why: 'in doubt',
  };
  state.open[id] = tx;
  return tx;
}

/** After a restart: what was decided is told again, what was only begun is aborted. */
export function recover(
  state: CoordinatorState,
  decisions: readonly Decision[],
  begun: readonly (readonly [string, readonly string[]])[],
  io: CoordinatorIo,
): void {
  for (const decision of decisions) {
    const { id, groups, outcome, stamp } = decision;
    const tx = takenOver(state, id, groups);
    tx.phase = outcome === 'commit' ? 'committing' : 'aborting';
    tx.stamp = stamp;
    state.decided.push(decision);
    waitOut(state, tx, io);
  }
  for (const [id, groups] of begun) decided(state, takenOver(state, id, groups), 'abort', io);
}
