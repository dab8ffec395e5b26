/**
 * Three-phase commit (Skeen 1981): between the votes and the commit all hear that all have voted yes, so that nobody who
 * may commit is among those who may still abort. What a silent coordinator leads to stands in `termination`.
 */
import type { ThreePhaseCommit } from '../../design/mechanism.ts';
import { answerInquiry, receiveVote } from '../atomic-commit/coordinator.ts';
import { acknowledged, commit, decided } from '../atomic-commit/deciding.ts';
import { commitProtocol } from '../atomic-commit/node.ts';
import { askedToVote } from '../atomic-commit/participant.ts';
import { heardFrom } from '../atomic-commit/rounds.ts';
import type {
  CommitDisk,
  CommitIo,
  CommitMessage,
  CommitMessages,
  CommitWrite,
  Transaction,
} from '../atomic-commit/state.ts';
import type { Protocol } from '../contract.ts';
import { participantNs, threePhaseFlow } from './flow.ts';
import { threePhaseInvariants } from './invariants.ts';
import {
  inDoubt,
  learn,
  precommit,
  receiveElect,
  receiveStateRequest,
  receiveStateResponse,
  receiveTerminationAck,
  type State,
} from './termination.ts';

function receivePrecommit(state: State, from: number, tx: Transaction, io: CommitIo): void {
  const open = state.open[tx.id];
  const known = state.outcomes[tx.id]?.outcome;
  // The sender does not know yet that it is over.
  if (known !== undefined) return io.send(from, { type: known === 'commit' ? 'do-commit' : 'abort', tx });
  if (open === undefined) return;
  precommit(state, open, io);
  if (!open.recovered) {
    open.termination = undefined;
    open.heardNs = io.monotonicNs();
    open.dueNs = open.heardNs + participantNs(state.context.options);
  }
  io.send(from, { type: 'ack-pre', tx });
}

function receiveAckPre(state: State, from: number, tx: Transaction, io: CommitIo): void {
  const led = state.led[tx.id];
  if (led === undefined) return receiveTerminationAck(state, from, tx, io);
  if (led.phase === 'precommitting' && heardFrom(state, led, from)) commit(state, led, io, threePhaseFlow);
}

function receive(state: State, from: number, m: CommitMessage, io: CommitIo): void {
  switch (m.type) {
    case 'can-commit':
      return askedToVote(state, m, io, threePhaseFlow);
    case 'yes':
    case 'no':
      return receiveVote(state, from, m, io, threePhaseFlow);
    case 'pre-commit':
      return receivePrecommit(state, from, m.tx, io);
    case 'ack-pre':
      return receiveAckPre(state, from, m.tx, io);
    case 'do-commit':
      return learn(state, from, m.tx, 'commit', io);
    case 'abort':
      return learn(state, from, m.tx, 'abort', io);
    case 'ack':
      return acknowledged(state, from, m.tx, io);
    case 'inquire':
      return answerInquiry(state, from, m.tx, io, threePhaseFlow);
    case 'elect-termination':
      return receiveElect(state, from, m.tx, io);
    case 'state-request':
      return receiveStateRequest(state, from, m, io);
    case 'state-response':
      return receiveStateResponse(state, from, m, io);
  }
}

const common = commitProtocol<ThreePhaseCommit>({
  flow: threePhaseFlow,
  recover: () => {},
  receive,
  decided: (state, token, io) => decided(state, token, io, threePhaseFlow),
  inDoubt,
});

export const threePhaseCommit: Protocol<State, CommitMessage, CommitWrite, CommitDisk, ThreePhaseCommit> = {
  ...common,
  kind: 'three-phase-commit',
  // The types have the messages of two phases, too; what is listed here is what is sent.
  messages: {
    'can-commit': 'can you commit this write?',
    yes: 'waiting: can commit, whatever happens',
    no: 'cannot, or will not',
    'pre-commit': 'all have voted yes',
    'ack-pre': 'that is on disk here',
    'do-commit': 'the decision: it takes effect',
    abort: 'the decision: it does not',
    ack: 'the decision is on disk here, and may be forgotten',
    'elect-termination': 'the coordinator is silent: take over',
    'state-request': 'how far is this transaction with you?',
    'state-response': 'so far',
  } as CommitMessages,
  invariants: threePhaseInvariants,
};
