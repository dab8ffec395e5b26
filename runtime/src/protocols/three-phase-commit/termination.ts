/**
 * What happens to a transaction whose coordinator is silent. The termination protocol (Skeen 1981; Bernstein, Hadzilacos
 * and Goodman 1987, §7.5): the first of the operational replicas asks all others for their states and decides by them.
 * A replica that was down meanwhile decides nothing by itself: it asks until somebody knows.
 */
import type { ThreePhaseCommit } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import { abort, announceLearned, commit } from '../atomic-commit/deciding.ts';
import { outcomeFor, settle, told, writeOutcome, writeVote } from '../atomic-commit/participant.ts';
import {
  type CommitIo,
  type CommitMessage,
  type CommitState,
  type Open,
  type Outcome,
  othersOf,
  patienceNs,
  type Transaction,
} from '../atomic-commit/state.ts';
import { participantNs, threePhaseFlow } from './flow.ts';

export type State = CommitState<ThreePhaseCommit>;
type Response = Extract<CommitMessage, { type: 'state-response' }>;

export function inDoubt(state: State, open: Open, now: number, io: CommitIo): void {
  const { options } = state.context;
  if (open.recovered) return askAll(state, open, now + patienceNs(options), io);
  if (open.termination !== undefined) return terminationDue(state, open, now, io);
  if (now - open.heardNs < participantNs(options)) {
    open.dueNs = open.heardNs + participantNs(options);
    return;
  }
  switch (options.onTimeout) {
    case 'skeen':
      return decideAlone(state, open, open.status === 'precommitted' ? 'commit' : 'abort', io);
    case 'discard':
      return decideAlone(state, open, 'abort', io);
    case 'terminate':
      return elect(state, open, now, io);
  }
}

function decideAlone(state: State, { tx, status }: Open, outcome: Outcome, io: CommitIo): void {
  io.note(`${tx.id}: the coordinator is silent; ${status}, so ${outcome}`);
  settle(state, tx, outcome);
  writeOutcome(state, tx, outcome, [], io);
}

/** The operational replica with the lowest number takes over: those before this one are asked to. */
function elect(state: State, open: Open, now: number, io: CommitIo): void {
  const { self, options } = state.context;
  const before = othersOf(state).filter(node => node < self && node !== open.tx.coordinator);
  io.note(`${open.tx.id}: the coordinator is silent; ${before.length === 0 ? 'takes over' : 'elects another'}`);
  if (before.length === 0) return takeOver(state, open, io);
  open.termination = { phase: 'electing', responses: {} };
  open.dueNs = now + options.timeoutNs;
  for (const node of before) io.send(node, { type: 'elect-termination', tx: open.tx });
}

function takeOver(state: State, open: Open, io: CommitIo): void {
  open.termination = { phase: 'asking', responses: {} };
  askAll(state, open, io.monotonicNs() + state.context.options.timeoutNs, io);
}

function askAll(state: State, open: Open, dueNs: number, io: CommitIo): void {
  open.termination ??= { phase: 'asking', responses: {} };
  open.dueNs = dueNs;
  for (const node of othersOf(state)) io.send(node, { type: 'state-request', tx: open.tx, takesOver: !open.recovered });
}

function terminationDue(state: State, open: Open, now: number, io: CommitIo): void {
  switch (open.termination!.phase) {
    case 'electing':
      return takeOver(state, open, io);
    case 'asking':
      return decideByStates(state, open, io);
    case 'precommitting':
      // Whoever has not answered by now has crashed, and learns the outcome when it is back.
      return finish(state, open.tx, 'commit', io);
    case 'following':
      // The one that took over is silent, too.
      open.termination = undefined;
      return elect(state, open, now, io);
  }
}

export function receiveElect(state: State, from: NodeId, tx: Transaction, io: CommitIo): void {
  const open = state.open[tx.id];
  if (open !== undefined) {
    const phase = open.termination?.phase;
    if (!open.recovered && phase !== 'asking' && phase !== 'precommitting') takeOver(state, open, io);
    return;
  }
  const outcome = state.led[tx.id] === undefined ? outcomeFor(state, tx, io) : undefined;
  if (outcome !== undefined) io.send(from, { type: outcome === 'commit' ? 'do-commit' : 'abort', tx });
}

export function receiveStateRequest(
  state: State,
  from: NodeId,
  { tx, takesOver }: Extract<CommitMessage, { type: 'state-request' }>,
  io: CommitIo,
): void {
  const { self, options } = state.context;
  const open = state.open[tx.id];
  const led = state.led[tx.id];
  const say = (status: Response['status'], recovered: boolean) =>
    io.send(from, { type: 'state-response', tx, status, recovered });
  if (open !== undefined) {
    say(open.status, open.recovered);
    if (!takesOver || open.recovered || (isTerminating(open) && self < from)) return;
    open.termination = { phase: 'following', responses: {} };
    open.dueNs = io.monotonicNs() + participantNs(options);
    return;
  }
  if (led !== undefined && led.phase !== 'committed' && led.phase !== 'aborted')
    return say(led.phase === 'voting' || led.phase === 'locking' ? 'prepared' : 'precommitted', false);
  const known =
    state.outcomes[tx.id]?.outcome ?? (led === undefined ? undefined : led.phase === 'committed' ? 'commit' : 'abort');
  // A coordinator that knows nothing of it had not pre-committed it.
  const outcome = known ?? (tx.coordinator === self ? 'abort' : outcomeFor(state, tx, io));
  if (outcome !== undefined) say(outcome === 'commit' ? 'committed' : 'aborted', false);
}

const isTerminating = ({ termination }: Open): boolean =>
  termination?.phase === 'asking' || termination?.phase === 'precommitting';

export function receiveStateResponse(state: State, from: NodeId, m: Response, io: CommitIo): void {
  const open = state.open[m.tx.id];
  if (open?.termination?.phase !== 'asking') return;
  if (m.status === 'committed' || m.status === 'aborted')
    return finish(state, m.tx, m.status === 'committed' ? 'commit' : 'abort', io);
  open.termination.responses[from] = m;
  if (Object.keys(open.termination.responses).length === othersOf(state).length) decideByStates(state, open, io);
}

/**
 * Somebody is pre-committed: somebody may have committed, so all who are up are brought there and commit. Nobody is: so
 * nobody has committed, and all abort. Only those count that have been up all the time; after a failure of all
 * of them, the first one decides once it has heard everybody.
 */
function decideByStates(state: State, open: Open, io: CommitIo): void {
  const { self, options } = state.context;
  const responses = Object.entries(open.termination!.responses);
  const operational = responses.filter(([, one]) => !one.recovered);
  if (open.recovered) {
    const heardAll = responses.length === othersOf(state).length;
    if (!heardAll || operational.length > 0 || othersOf(state).some(node => node < self)) return;
  }
  const counted = open.recovered ? responses : operational;
  if (open.status !== 'precommitted' && !counted.some(([, one]) => one.status === 'precommitted'))
    return finish(state, open.tx, 'abort', io);
  precommit(state, open, io);
  open.termination = { phase: 'precommitting', responses: {} };
  open.dueNs = io.monotonicNs() + options.timeoutNs;
  const behind = counted.filter(([, one]) => one.status === 'prepared').map(([node]) => Number(node));
  for (const node of behind) {
    io.send(node, { type: 'pre-commit', tx: open.tx });
  }
  open.termination.responses = Object.fromEntries(behind.map(node => [node, { ...waitingFor, tx: open.tx }]));
  if (behind.length === 0) finish(state, open.tx, 'commit', io);
}

const waitingFor = { type: 'state-response', status: 'prepared', recovered: false } as const;

/** All have voted yes, as this node now knows: on its disk before anybody hears of it. */
export function precommit(state: State, open: Open, io: CommitIo): void {
  if (open.status === 'precommitted') return;
  open.status = 'precommitted';
  state.changes.push({ tx: open.tx, status: 'precommitted', from: 'prepared', recovered: open.recovered, votes: 0 });
  writeVote(state, open, io);
}

/** A replica has pre-committed at the word of this one, which has taken over. */
export function receiveTerminationAck(state: State, from: NodeId, tx: Transaction, io: CommitIo): void {
  const open = state.open[tx.id];
  if (open?.termination?.phase !== 'precommitting') return;
  delete open.termination.responses[from];
  if (Object.keys(open.termination.responses).length === 0) finish(state, tx, 'commit', io);
}

/** The outcome is known to this node: it takes effect here, and all others are told. */
function finish(state: State, tx: Transaction, outcome: Outcome, io: CommitIo): void {
  learn(state, state.context.self, tx, outcome, io);
  // Its own coordinator tells them anyway, and waits for their acknowledgements.
  if (tx.coordinator === state.context.self) return;
  for (const node of othersOf(state)) io.send(node, { type: outcome === 'commit' ? 'do-commit' : 'abort', tx });
}

/** Somebody says what became of it. */
export function learn(state: State, from: NodeId, tx: Transaction, outcome: Outcome, io: CommitIo): void {
  if (tx.coordinator !== state.context.self) return told(state, from, tx, outcome, io, threePhaseFlow);
  const led = state.led[tx.id];
  if (led === undefined) {
    if (state.open[tx.id] !== undefined) announceLearned(state, tx, outcome, io, threePhaseFlow);
    return;
  }
  // The others have gone on without this coordinator, which they took for dead.
  if (led.phase !== 'voting' && led.phase !== 'precommitting') return;
  if (outcome === 'commit') return commit(state, led, io, threePhaseFlow);
  abort(state, led, io, threePhaseFlow);
  if (led.queued !== null) io.reply(led.queued.request, { kind: 'failed', why: 'aborted by the others' });
}
