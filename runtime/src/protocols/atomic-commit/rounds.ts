/** What a coordinator asks of all participants, again and again until they have answered. */
import type { NodeId } from '../../design/topology.ts';
import {
  type CommitIo,
  type CommitMessage,
  type CommitOptions,
  type CommitState,
  type Flow,
  floorOf,
  type Led,
  participantsOf,
  patienceNs,
  type Transaction,
} from './state.ts';

/** A transaction in the hands of this node, for which nobody waits. */
export const ledBy = (tx: Transaction, phase: Led['phase'], dueNs: number): Led => ({
  tx,
  queued: null,
  phase,
  wants: 'abort',
  output: null,
  heard: [],
  deadlineNs: dueNs,
  dueNs,
});

export function askForVotes<C extends CommitOptions>(
  state: CommitState<C>,
  led: Led,
  io: CommitIo,
  flow: Flow<C>,
): void {
  led.phase = 'voting';
  led.deadlineNs = io.monotonicNs() + state.context.options.timeoutNs;
  ask(state, led, io, flow);
  if (participantsOf(state).length === 0) flow.agreed(state, led, io);
}

/** Asks those that have not answered in this phase. */
export function ask<C extends CommitOptions>(state: CommitState<C>, led: Led, io: CommitIo, flow: Flow<C>): void {
  const { options } = state.context;
  const isDecided = led.phase === 'committed' || led.phase === 'aborted';
  led.dueNs = io.monotonicNs() + (isDecided ? options.timeoutNs : patienceNs(options));
  for (const node of participantsOf(state)) if (!led.heard.includes(node)) io.send(node, messageOf(state, led, flow));
}

export function messageOf<C extends CommitOptions>(
  state: CommitState<C>,
  { tx, phase }: Led,
  flow: Flow<C>,
): CommitMessage {
  switch (phase) {
    case 'precommitting':
      return { type: 'pre-commit', tx };
    case 'committed':
      return { type: flow.tell, tx };
    case 'aborted':
      return { type: 'abort', tx };
    default:
      return {
        type: flow.ask,
        tx,
        floor: tx.origin === state.context.self ? floorOf(state) : (state.floors[tx.origin] ?? 0),
      };
  }
}

/** Goes to a phase in which all others are told the same and answer. */
export function enter<C extends CommitOptions>(
  state: CommitState<C>,
  led: Led,
  phase: Led['phase'],
  io: CommitIo,
  flow: Flow<C>,
): void {
  led.phase = phase;
  led.heard = [];
  led.deadlineNs = io.monotonicNs() + state.context.options.timeoutNs;
  ask(state, led, io, flow);
}

/** Somebody has answered what this phase asks. Answers whether all have. */
export function heardFrom(state: CommitState, led: Led, from: NodeId): boolean {
  if (!led.heard.includes(from)) led.heard.push(from);
  return led.heard.length === participantsOf(state).length;
}
