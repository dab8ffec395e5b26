/**
 * The coordinator of one declared transaction as a group of its own: its members are the nodes that coordinate. They
 * never talk to each other; participants and the store of decisions are groups that they call.
 */
import type { NodeContext, Protocol } from '../contract.ts';
import { answered, begin, checkDeadlines, goOn, inquire, recover, waitedOut } from './coordinator.ts';
import { beginSequence, resumeSequences, stepAnswered } from './one-by-one.ts';
import {
  type CoordinatorDisk,
  type CoordinatorIo,
  type CoordinatorOptions,
  type CoordinatorState,
  type CoordinatorWrite,
  coordinatorDisk,
} from './state.ts';

function boot(
  context: NodeContext<CoordinatorOptions>,
  image: CoordinatorDisk | undefined,
  io: CoordinatorIo,
): CoordinatorState {
  const state: CoordinatorState = {
    context,
    // A lost disk cannot tell what it counted to: the clock has gone on.
    incarnation: Math.max((image?.incarnation ?? 0) + 1, Math.floor(io.wallNs() / 1e3)),
    counted: 0,
    begun: {},
    open: {},
    calls: {},
    token: 0,
    again: [],
    restarts: [],
    waiting: [],
    steps: {},
    paused: [],
    watching: false,
    checkedNs: 0,
    asking: [],
    finished: {},
    suspects: {},
    decided: [],
    writing: {},
  };
  if (!context.options.atomic) return state;
  io.persist({ kind: 'boot', incarnation: state.incarnation });
  recover(state, Object.values(image?.decisions ?? {}), Object.entries(image?.begun ?? {}), io);
  // Of three phases, participants finish what they are in doubt about.
  if (context.options.threePhases) return state;
  if (image === undefined && state.incarnation <= 1)
    io.setTimer('inquire', context.options.timeoutNs, context.options.timeoutNs);
  else inquire(state, io);
  return state;
}

export const transactionCoordinator: Protocol<
  CoordinatorState,
  never,
  CoordinatorWrite,
  CoordinatorDisk,
  CoordinatorOptions
> = {
  kind: 'two-phase-commit',
  messages: {},
  classOf: () => 'control',
  bytes: () => 64,
  disk: coordinatorDisk,
  boot,
  request(state, request, io) {
    if (state.begun[request.id]) return;
    state.begun[request.id] = true;
    if (request.command.kind === 'transaction')
      (state.context.options.atomic ? begin : beginSequence)(state, request, io);
    else io.reply(request, { kind: 'failed', why: 'a coordinator executes transactions only' });
  },
  administer(_state, request, io) {
    io.reply(request, { kind: 'failed', why: 'coordinators have no members to change' });
  },
  receive() {},
  timer(state, name, io) {
    switch (name) {
      case 'steps':
        return resumeSequences(state, io);
      case 'again':
        return goOn(state, io);
      case 'deadline':
        return checkDeadlines(state, io);
      case 'inquire':
        return inquire(state, io);
      case 'commit-wait':
        return waitedOut(state, io);
    }
  },
  answered(state, token, reply, io) {
    if (!stepAnswered(state, token, reply, io)) answered(state, token, reply, io);
  },
  persisted(state, token) {
    const decision = state.writing[token];
    delete state.writing[token];
    if (decision !== undefined) state.decided.push(decision);
  },
  coordinates: state => Object.keys(state.open).length,
  watched: {
    open: state => Object.keys(state.open).length,
    begun: state => state.counted,
    decided: state => state.decided.length,
  },
  contents: () => ({}),
  applied: () => [],
  invariants: [],
};

/** What calls of transactions and their answers are called, for `when prepare reaches e1`. */
export const transactionMessages: Readonly<Record<string, string>> = {
  prepare: 'will you commit? and what do you read?',
  yes: 'prepared, whatever happens',
  no: 'it cannot be: somebody holds a lock, or has written what it read or writes',
  wait: 'somebody holds a lock, or may commit below its timestamp: ask again',
  snapshot: 'what stood there at this timestamp?',
  values: 'answer to it',
  commit: 'the outcome',
  abort: 'the outcome',
  ack: 'the outcome stands in the log',
  inquire: 'what is in doubt?',
  doubts: 'answer to it',
};

/** What is said besides where participants do something about a silent coordinator. */
export const phaseMessages: Readonly<Record<string, string>> = {
  'pre-commit': 'all have voted yes',
  'pre-abort': 'nobody has committed, and nobody will',
  'ack-pre': 'pre-committed, or pre-aborted',
  'state-request': 'what do you know of it? and follow me from now on',
  'state-response': 'answer to it, or: I follow somebody else',
  'time-out': 'decide alone, if nothing new was heard',
  'in-doubt': 'what is in doubt here, and how far has it come?',
};
