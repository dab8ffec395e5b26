/** A participant: takes the lock, makes its vote durable, gives it, and does what is decided. */
import type { NodeId } from '../../design/topology.ts';
import type { Reply } from '../contract.ts';
import { executedBefore, foresee, look } from '../machine.ts';
import {
  type CommitIo,
  type CommitMessage,
  type CommitOptions,
  type CommitState,
  type Flow,
  isOlder,
  isOver,
  type Leading,
  lifeOf,
  type Open,
  type Outcome,
  patienceNs,
  raiseFloor,
  settleIn,
  type Transaction,
} from './state.ts';

export type Lock = 'granted' | 'waiting' | 'locked' | 'executed';

/**
 * Asks for the lock on the transaction's key. An older transaction waits for a younger one, a younger one is refused
 * and tried again by its coordinator; one coordinator's transactions on a key come one after the other, so a later one
 * can wait for an earlier one whose decision is still under way.
 */
export function seekLock(state: CommitState, tx: Transaction): Lock {
  const { key } = tx.command;
  if (executedBefore(state.machine, tx.session) !== undefined) return 'executed';
  const holder = state.locks[key];
  if (holder === undefined || holder.id === tx.id) {
    state.locks[key] = tx;
    return 'granted';
  }
  if (!isOlder(tx, holder) && tx.coordinator !== holder.coordinator) return 'locked';
  const waiting = state.waiting[key] ?? [];
  state.waiting[key] = waiting.some(one => one.id === tx.id) ? waiting : [...waiting, tx];
  return 'waiting';
}

export function askedToVote<C extends CommitOptions>(
  state: CommitState<C>,
  { tx, floor }: Extract<CommitMessage, { type: 'prepare' | 'can-commit' }>,
  io: CommitIo,
  flow: Flow<C>,
): void {
  raiseFloor(state, tx.origin, floor);
  noteLife(state, tx, io);
  const open = state.open[tx.id];
  if (open !== undefined) {
    open.heardNs = io.monotonicNs();
    return voteYes(state, tx, io);
  }
  const known = state.outcomes[tx.id];
  if (known?.outcome === 'abort' || (known === undefined && isOver(state, tx)))
    return io.send(tx.coordinator, { type: 'no', tx, why: 'aborted' });
  if (known === undefined) vote(state, tx, io, flow);
}

/** Somebody coordinates apart from the replicas: what is in doubt here is asked of a new one at once. */
export function receiveLeading(state: CommitState, leading: Leading, io: CommitIo): void {
  const known = state.leading?.term ?? -1;
  if (leading.term < known) return;
  state.leading = leading;
  if (leading.term === known) return;
  for (const { tx } of Object.values(state.open)) io.send(leading.node, { type: 'inquire', tx });
}

/** A coordinator that is one node, apart, tells its life by what it numbers: this replica may have missed its boot. */
function noteLife(state: CommitState, { origin, coordinator: node, number }: Transaction, io: CommitIo): void {
  if (state.context.group.coordinators?.decisions !== null || origin !== node) return;
  const life = lifeOf(number);
  receiveLeading(state, { node, life, term: life }, io);
}

/** A coordinator without a copy is told what the command will answer: its lock keeps it so. */
function voteYes(state: CommitState, tx: Transaction, io: CommitIo): void {
  const isApart = state.context.group.coordinators !== undefined;
  io.send(tx.coordinator, { type: 'yes', tx, ...(isApart && { output: foresee(state.machine, tx.command) }) });
}

function voteNo(state: CommitState, tx: Transaction, why: 'locked' | 'executed', io: CommitIo): void {
  const before = state.context.group.coordinators && executedBefore(state.machine, tx.session);
  io.send(tx.coordinator, { type: 'no', tx, why, ...(before && { answer: before }) });
}

export function vote<C extends CommitOptions>(
  state: CommitState<C>,
  tx: Transaction,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const { options } = state.context;
  const lock = seekLock(state, tx);
  if (lock === 'locked' || lock === 'executed') voteNo(state, tx, lock, io);
  if (lock !== 'granted') {
    const holder = state.open[state.locks[tx.command.key]?.id ?? ''];
    if (holder !== undefined) flow.hurry(state, holder, io);
    return;
  }
  const now = io.monotonicNs();
  state.open[tx.id] = {
    tx,
    status: 'prepared',
    sinceNs: now,
    heardNs: now,
    dueNs: now + flow.silenceNs(options),
    recovered: false,
  };
  state.changes.push({ tx, status: 'prepared', from: undefined, recovered: false, votes: 0 });
  record(
    flow.durable(options),
    () => writeVote(state, state.open[tx.id]!, io),
    () => voteYes(state, tx, io),
  );
}

/** Forced: on disk before it is said. Not forced: said, and written when the disk comes to it. */
export function record(isForced: boolean, write: () => void, say: () => void): void {
  if (isForced) write();
  say();
  if (!isForced) write();
}

export function writeVote(state: CommitState, { tx, status }: Open, io: CommitIo): void {
  io.persist({ kind: 'vote', tx, status, floor: state.floors[tx.origin] ?? 0 });
}

/** The lock is given back; what waits for it is looked at when the event is over. */
function release(state: CommitState, { id, command }: Transaction): void {
  if (state.locks[command.key]?.id === id) {
    delete state.locks[command.key];
    state.freed.push(command.key);
  }
  const waiting = state.waiting[command.key];
  if (waiting !== undefined) state.waiting[command.key] = waiting.filter(one => one.id !== id);
}

/** The outcome takes effect at this node. Answers the command's output, where it was executed just now. */
export function settle(state: CommitState, tx: Transaction, outcome: Outcome, votes = 0) {
  if (state.outcomes[tx.id] !== undefined) return undefined;
  const open = state.open[tx.id];
  const output = settleIn(state, tx, outcome);
  delete state.open[tx.id];
  state.changes.push({
    tx,
    status: outcome === 'commit' ? 'committed' : 'aborted',
    from: open?.status,
    recovered: open?.recovered ?? false,
    votes,
  });
  release(state, tx);
  return output;
}

/** A participant is told the outcome, by whoever knows it. */
export function told<C extends CommitOptions>(
  state: CommitState<C>,
  from: NodeId,
  tx: Transaction,
  outcome: Outcome,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const { options } = state.context;
  const open = state.open[tx.id];
  const acknowledge = () => {
    if (flow.acknowledged(outcome, options) && from === tx.coordinator) io.send(from, { type: 'ack', tx });
  };
  if (open === undefined && (state.outcomes[tx.id] !== undefined || isOver(state, tx))) return acknowledge();
  if (open === undefined && outcome === 'commit') {
    // It never voted, or has forgotten that it did: there is nothing here that could be committed.
    state.changes.push({ tx, status: 'nothing to commit', from: undefined, recovered: false, votes: 0 });
    io.note(`told to commit ${tx.id}, of which nothing is known here`);
    state.outcomes[tx.id] = { origin: tx.origin, number: tx.number, outcome };
    return acknowledge();
  }
  // In three phases nobody goes from waiting to committed: it hears at once that all are ready, and that all commit.
  if (flow.tell === 'do-commit' && outcome === 'commit' && open!.status === 'prepared') {
    open!.status = 'precommitted';
    state.changes.push({ tx, status: 'precommitted', from: 'prepared', recovered: open!.recovered, votes: 0 });
  }
  const waitedNs = open === undefined ? 0 : io.monotonicNs() - open.sinceNs;
  if (waitedNs >= options.timeoutNs)
    io.note(`${tx.id}, in doubt here for ${Math.round(waitedNs / 1e6)} ms, is told: ${outcome}`);
  const output = settle(state, tx, outcome) ?? null;
  // What is not acknowledged need not be forced: a participant that forgets it asks again.
  const isForced = flow.durable(options) && flow.acknowledged(outcome, options);
  record(isForced, () => writeOutcome(state, tx, outcome, [], io), acknowledge);
  tellClient(state, tx, waitedNs, outcome === 'commit' ? { kind: 'ok', output } : null, io);
}

/** A replica that has begun the transaction for its client. What was aborted soon it leaves to the coordinator to try. */
function tellClient(state: CommitState, tx: Transaction, waitedNs: number, reply: Reply | null, io: CommitIo): void {
  const request = state.asked[tx.id];
  if (request === undefined) return;
  delete state.asked[tx.id];
  if (reply !== null) io.reply(request, reply);
  else if (state.leading !== null && waitedNs < patienceNs(state.context.options))
    io.forward(request, state.leading.node);
  else io.reply(request, { kind: 'failed', why: 'aborted' });
}

export function writeOutcome(
  state: CommitState,
  tx: Transaction,
  outcome: Outcome,
  awaiting: readonly NodeId[],
  io: CommitIo,
  token?: number,
): void {
  io.persist({ kind: 'outcome', tx, outcome, floor: state.floors[tx.origin] ?? 0, awaiting }, token);
}

/**
 * What this node can say about a transaction to somebody who is in doubt: its outcome; if it has not voted, it never
 * will, and that is an abort (Bernstein, Hadzilacos and Goodman 1987, §7.4); undefined: it does not know either.
 */
export function outcomeFor(state: CommitState, tx: Transaction, io: CommitIo): Outcome | undefined {
  const known = state.outcomes[tx.id];
  if (known !== undefined) return known.outcome;
  // Who holds no copy has no vote to withhold.
  if (!state.holdsCopy || tx.coordinator === state.context.self) return undefined;
  if (state.open[tx.id] !== undefined || isOver(state, tx)) return undefined;
  settle(state, tx, 'abort');
  writeOutcome(state, tx, 'abort', [], io);
  return 'abort';
}

/**
 * Reads see what is committed. While somebody else's transaction on the key is in doubt here, it may have been
 * committed and acknowledged already: the read waits. One that this node itself has not decided cannot have been.
 */
export function mayRead(state: CommitState, key: string): boolean {
  const holder = state.locks[key];
  const phase = holder === undefined ? undefined : state.led[holder.id]?.phase;
  return holder === undefined || phase === 'locking' || phase === 'voting';
}

export function read(state: CommitState, request: CommitState['reads'][number]['request'], io: CommitIo): void {
  const { key } = request.command;
  if (mayRead(state, key)) return io.reply(request, { kind: 'ok', output: look(state.machine, key) });
  state.reads.push({ request, deadlineNs: io.monotonicNs() + state.context.options.timeoutNs });
}
