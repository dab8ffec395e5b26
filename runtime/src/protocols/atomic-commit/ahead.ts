/**
 * A write whose coordinator is apart from the replicas begins at the replica that its client has asked: it votes, and has
 * the coordinator ask the others (Gray and Lamport 2006, §3.2: 3N − 1 messages, 4 delays). It is in doubt before the
 * coordinator has heard of it, so this is for those only who take what they do not know for aborted.
 */
import type { ClientRequest } from '../contract.ts';
import { executedBefore, foresee } from '../machine.ts';
import { answerInquiry } from './coordinator.ts';
import { record, seekLock, writeVote } from './participant.ts';
import { askForVotes, ledBy } from './rounds.ts';
import {
  beginNoMore,
  type CommitIo,
  type CommitMessage,
  type CommitOptions,
  type CommitState,
  decisionsOf,
  type Flow,
  floorOf,
  isOver,
  numberOf,
  raiseFloor,
  type Transaction,
} from './state.ts';

/** Votes and asks the coordinator to have the others vote; false: it has to ask this replica as all others. */
export function voteAhead<C extends CommitOptions>(
  state: CommitState<C>,
  request: ClientRequest,
  io: CommitIo,
  flow: Flow<C>,
): boolean {
  const { context, leading, life } = state;
  const { command, session } = request;
  if (!flow.votesAhead(context.options) || !state.holdsCopy || leading === null) return false;
  if (state.locks[command.key] !== undefined || state.waiting[command.key] !== undefined) return false;
  const before = executedBefore(state.machine, session);
  if (before !== undefined) {
    io.reply(request, before);
    return true;
  }
  const { self } = context;
  const begun = ++state.begun;
  const tx: Transaction = {
    id: `${self}.${life}.${begun}`,
    coordinator: leading.node,
    origin: self,
    number: numberOf(life, begun),
    ageNs: io.wallNs(),
    command,
    session,
  };
  seekLock(state, tx);
  const now = io.monotonicNs();
  const open = {
    tx,
    status: 'prepared' as const,
    sinceNs: now,
    heardNs: now,
    dueNs: now + flow.silenceNs(context.options),
    recovered: false,
  };
  state.open[tx.id] = open;
  state.asked[tx.id] = request;
  raiseFloor(state, self, floorOf(state));
  state.changes.push({ tx, status: 'prepared', from: undefined, recovered: false, votes: 0 });
  const output = foresee(state.machine, command);
  record(
    flow.durable(context.options),
    () => writeVote(state, open, io),
    () => io.send(leading.node, { type: 'begin', tx, floor: floorOf(state), life: leading.life, output }),
  );
  return true;
}

/**
 * At the coordinator. A vote is for one of its lives: it does not remember whether an earlier one has heard of it, and
 * answers as it answers those in doubt. While another transaction on the key is under way this one is aborted, and its
 * replica hands the request on in full: two that wait, one for the other's lock and one for its turn, would wait for ever.
 */
export function receiveBegin<C extends CommitOptions>(
  state: CommitState<C>,
  from: number,
  { tx, floor, life, output }: Extract<CommitMessage, { type: 'begin' }>,
  io: CommitIo,
  flow: Flow<C>,
): void {
  raiseFloor(state, tx.origin, floor);
  for (const [id, one] of Object.entries(state.begunOnce))
    if (one.origin === tx.origin && one.number < floor) delete state.begunOnce[id];
  if (state.begunOnce[tx.id] !== undefined || isOver(state, tx)) return;
  const isLeading = decisionsOf(state) === null || state.term >= 0;
  if (life !== state.life || !isLeading) return answerInquiry(state, from, tx, io, flow);
  beginNoMore(state, tx);
  const { key } = tx.command;
  if (state.active[key] !== undefined || state.queues[key] !== undefined) return io.send(from, { type: 'abort', tx });
  const led = { ...ledBy(tx, 'voting', io.monotonicNs()), heard: [from], output };
  state.led[tx.id] = led;
  state.active[key] = tx.id;
  if (state.context.group.replicas.length === 1) return flow.agreed(state, led, io);
  askForVotes(state, led, io, flow);
}
