/**
 * Two-phase commit (Gray 1978; Gray and Lamport 2006, §3), with the presumptions of R* (Mohan, Lindsay and Obermarck
 * 1986) and cooperative termination (Bernstein, Hadzilacos and Goodman 1987, §7.4).
 *
 * | presume | coordinator writes | forced by participants | acknowledged | unknown means |
 * |---|---|---|---|---|
 * | abort | commit | vote, commit | commit | abort |
 * | commit | beginning, commit, abort | vote, abort | abort | commit |
 * | nothing | beginning, commit, abort | vote, commit, abort | both | nothing: it had been acknowledged by all |
 */
import type { TwoPhaseCommit } from '../../design/mechanism.ts';
import { receiveBegin } from '../atomic-commit/ahead.ts';
import { answerInquiry, receiveVote } from '../atomic-commit/coordinator.ts';
import { abort, acknowledged, commit, decided } from '../atomic-commit/deciding.ts';
import { commitInvariants } from '../atomic-commit/invariants.ts';
import { commitProtocol } from '../atomic-commit/node.ts';
import { askedToVote, outcomeFor, record, settle, told, writeOutcome } from '../atomic-commit/participant.ts';
import { ledBy } from '../atomic-commit/rounds.ts';
import {
  type CommitDisk,
  type CommitIo,
  type CommitMessage,
  type CommitMessages,
  type CommitState,
  type CommitWrite,
  decisionsOf,
  type Flow,
  type Open,
  othersOf,
  patienceNs,
} from '../atomic-commit/state.ts';
import type { Protocol } from '../contract.ts';
import { membersOf } from '../group.ts';

type State = CommitState<TwoPhaseCommit>;

export const twoPhaseFlow: Flow<TwoPhaseCommit> = {
  ask: 'prepare',
  tell: 'commit',
  durable: options => options.durableLog,
  writesBeginning: options => options.presume !== 'abort',
  writes: (outcome, options) => outcome === 'commit' || options.presume !== 'abort',
  acknowledged: (outcome, options) => options.presume !== outcome,
  presume: options => (options.presume === 'nothing' ? undefined : options.presume),
  agreed: (state, led, io) => commit(state, led, io, twoPhaseFlow),
  votesAhead: options => options.presume === 'abort',
  silenceNs: options => options.timeoutNs,
  hurry(state, open, io) {
    const now = io.monotonicNs();
    if (now - open.heardNs < patienceNs(state.context.options)) return;
    open.heardNs = now;
    inquire(open, [state.leading?.node ?? open.tx.coordinator], io);
  },
};

function inquire({ tx }: Open, whom: readonly number[], io: CommitIo): void {
  for (const node of whom) io.send(node, { type: 'inquire', tx });
}

/** In doubt: decide alone, if the design says so; else ask the coordinator, and everybody else that may know. */
function inDoubt(state: State, open: Open, now: number, io: CommitIo): void {
  const { options } = state.context;
  const { tx } = open;
  const waitedNs = now - open.sinceNs;
  if (options.onTimeout !== 'block' && waitedNs >= options.timeoutNs) {
    io.note(`decides alone to ${options.onTimeout} ${tx.id}, in doubt for ${Math.round(waitedNs / 1e6)} ms`);
    settle(state, tx, options.onTimeout);
    return record(
      options.durableLog,
      () => writeOutcome(state, tx, options.onTimeout as 'abort', [], io),
      () => {},
    );
  }
  // Once, however often it asks: `told` says how long it took.
  if (waitedNs < options.timeoutNs + patienceNs(options)) io.note(`in doubt about ${tx.id}: asks everybody`);
  open.dueNs = now + patienceNs(options);
  // A node of a replicated coordinator may have to find out for its own copy.
  inquire(open, decisionsOf(state) === null ? othersOf(state) : membersOf(state.context.group), io);
}

function receive(state: State, from: number, m: CommitMessage, io: CommitIo): void {
  switch (m.type) {
    case 'prepare':
      return askedToVote(state, m, io, twoPhaseFlow);
    case 'begin':
      return receiveBegin(state, from, m, io, twoPhaseFlow);
    case 'yes':
    case 'no':
      return receiveVote(state, from, m, io, twoPhaseFlow);
    case 'commit':
      return told(state, from, m.tx, 'commit', io, twoPhaseFlow);
    case 'abort':
      return told(state, from, m.tx, 'abort', io, twoPhaseFlow);
    case 'ack':
      return acknowledged(state, from, m.tx, io);
    case 'inquire': {
      if (m.tx.coordinator === state.context.self || state.term >= 0)
        return answerInquiry(state, from, m.tx, io, twoPhaseFlow);
      const outcome = outcomeFor(state, m.tx, io);
      if (outcome !== undefined) io.send(from, { type: outcome, tx: m.tx });
      return;
    }
  }
}

/** Begun and not decided: nobody was told to commit, so it is aborted, and those who voted are told. */
function recover(state: State, begun: CommitDisk['begun'], io: CommitIo): void {
  const now = io.monotonicNs();
  for (const tx of Object.values(begun)) {
    const led = ledBy(tx, 'voting', now);
    state.led[tx.id] = led;
    abort(state, led, io, twoPhaseFlow);
  }
}

const common = commitProtocol<TwoPhaseCommit>({
  flow: twoPhaseFlow,
  recover: (state, image, io) => recover(state, image?.begun ?? {}, io),
  receive,
  decided: (state, token, io) => decided(state, token, io, twoPhaseFlow),
  inDoubt,
});

export const twoPhaseCommit: Protocol<State, CommitMessage, CommitWrite, CommitDisk, TwoPhaseCommit> = {
  ...common,
  kind: 'two-phase-commit',
  // The types have the messages of three phases, too; what is listed here is what is sent.
  messages: {
    prepare: 'can you commit this write?',
    yes: 'prepared: can commit, whatever happens',
    no: 'cannot, or will not',
    commit: 'the decision: it takes effect',
    abort: 'the decision: it does not',
    ack: 'the decision is on disk here, and may be forgotten',
    inquire: 'what became of it?',
    begin: 'prepared for what a client wants: ask the others',
    leading: 'this node coordinates, apart from the replicas',
  } as CommitMessages,
  invariants: commitInvariants<TwoPhaseCommit>(options =>
    options.onTimeout !== 'block'
      ? `a participant in doubt decides alone (${options.onTimeout})`
      : options.durableLog
        ? undefined
        : 'votes and decisions are forgotten in a crash',
  ),
};
