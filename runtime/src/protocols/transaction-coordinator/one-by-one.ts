/**
 * A transaction without a commit protocol: its steps as single operations, one after the other. Others see what lies
 * between, and what fails half-way stays half done: this is what the commit protocols are for.
 */
import type { ClientRequest, Reply } from '../contract.ts';
import { type CoordinatorIo, type CoordinatorState, type RoutedStep, type Sequence, stepPauseNs } from './state.ts';

export function beginSequence(state: CoordinatorState, request: ClientRequest, io: CoordinatorIo): void {
  const sequence: Sequence = {
    request,
    steps: request.command.input as unknown as readonly RoutedStep[],
    answers: [],
    deadlineNs: io.monotonicNs() + state.context.options.timeoutNs,
    hasWritten: false,
  };
  next(state, sequence, io);
}

function next(state: CoordinatorState, sequence: Sequence, io: CoordinatorIo): void {
  const step = sequence.steps[sequence.answers.length];
  if (step === undefined) return io.reply(sequence.request, { kind: 'ok', output: sequence.answers });
  if (io.monotonicNs() >= sequence.deadlineNs) return giveUp(sequence, 'not every step was done in time', io);
  const [group, kind, key, input] = step;
  const token = ++state.token;
  state.steps[token] = sequence;
  io.call(group, { kind, key, input, operation: sequence.request.command.operation }, token);
}

/** Once something was written, or may have been, nobody can say that nothing happened. */
function giveUp({ request, hasWritten }: Sequence, why: string, io: CoordinatorIo): void {
  io.reply(request, { kind: hasWritten ? 'unknown' : 'failed', why });
}

/** False: the call was no step. */
export function stepAnswered(state: CoordinatorState, token: number, reply: Reply, io: CoordinatorIo): boolean {
  const sequence = state.steps[token];
  if (sequence === undefined) return false;
  delete state.steps[token];
  const isRead = sequence.steps[sequence.answers.length]![1] === 'read';
  sequence.hasWritten ||= !isRead && (reply.kind === 'ok' || reply.kind === 'unknown');
  if (reply.kind === 'ok') {
    sequence.answers.push(reply.output);
    next(state, sequence, io);
  } else if (isRead) {
    state.paused.push(sequence);
    io.setTimer('steps', stepPauseNs, stepPauseNs);
  } else giveUp(sequence, reply.why, io);
  return true;
}

/** Reads that nobody answered are tried again after a pause. */
export function resumeSequences(state: CoordinatorState, io: CoordinatorIo): void {
  const { paused } = state;
  state.paused = [];
  for (const sequence of paused) next(state, sequence, io);
}
