/** One node of a store that commits atomically: boot, requests, what follows from an event, the one timer. */
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest, NodeContext, Protocol } from '../contract.ts';
import { appliedOperations, contents, copyMachine, emptyMachine, executedBefore, look } from '../machine.ts';
import { voteAhead } from './ahead.ts';
import { ledDue, lockOwn, pump, submit } from './coordinator.ts';
import { announceBoot, answered, lookWhoLeads, watchWhoLeads } from './leading.ts';
import { mayRead, read, receiveLeading, vote } from './participant.ts';
import { ledBy } from './rounds.ts';
import {
  type CommitDisk,
  type CommitIo,
  type CommitMessage,
  type CommitOptions,
  type CommitState,
  type CommitWrite,
  commitDisk,
  coordinatorOf,
  type Flow,
  isFirst,
  isOlder,
  type Open,
  participantsOf,
  votesItself,
} from './state.ts';

/** What stood on the disk, before this protocol's own recovery. */
export function bootNode<C extends CommitOptions>(
  context: NodeContext<C>,
  image: CommitDisk | undefined,
  io: CommitIo,
): CommitState<C> {
  const disk = image ?? commitDisk.empty();
  const now = io.monotonicNs();
  // Also after the loss of a disk no number may come again: others remember what became of it.
  const life = Math.max(disk.lives + 1, Math.floor(io.wallNs() / 1e6));
  const holdsCopy = context.group.replicas.includes(context.self);
  const state: CommitState<C> = {
    context,
    life,
    begun: 0,
    holdsCopy,
    machine: disk.lives === 0 ? emptyMachine(context.group.model) : copyMachine(disk.machine),
    outcomes: { ...disk.outcomes },
    floors: { ...disk.floors },
    open: {},
    led: {},
    locks: {},
    waiting: {},
    queues: {},
    reads: [],
    active: {},
    leading: null,
    term: -1,
    announcedNs: Number.NEGATIVE_INFINITY,
    calls: {},
    token: 0,
    seen: [],
    begunOnce: {},
    asked: {},
    freed: [],
    changes: [],
  };
  for (const { tx, status } of Object.values(disk.open)) {
    const open: Open = { tx, status, sinceNs: now, heardNs: now, dueNs: now, recovered: true };
    state.open[tx.id] = open;
    state.locks[tx.command.key] = tx;
    state.changes.push({ tx, status, from: undefined, recovered: true, votes: 0 });
  }
  for (const { tx, outcome, awaiting } of Object.values(disk.decided)) {
    const heard = participantsOf(state).filter(node => !awaiting.includes(node));
    const phase = outcome === 'commit' ? 'committed' : 'aborted';
    state.led[tx.id] = { ...ledBy(tx, phase, now), heard };
  }
  io.persist({ kind: 'life', lives: life, model: context.group.model, holdsCopy });
  return state;
}

/**
 * The coordinator of what clients ask of this node: the one that was named, the one that leads, or else this node itself.
 * Where it need hold no copy, whoever does answers reads.
 */
export function serve<C extends CommitOptions>(
  state: CommitState<C>,
  request: ClientRequest,
  io: CommitIo,
  flow: Flow<C>,
): void {
  const { options, self, group } = state.context;
  const isRead = request.command.kind === 'read';
  if (isRead && group.coordinators !== undefined)
    return state.holdsCopy ? read(state, request, io) : io.forward(request, group.replicas[0]!);
  const coordinator = options.coordinator?.kind === 'raft' ? leaderOf(state) : (coordinatorOf(options) ?? self);
  if (coordinator === null)
    return io.reply(request, { kind: 'refused', why: 'nobody is known to lead the coordinator', leader: null });
  if (coordinator !== self) {
    if (group.coordinators === undefined) return io.forward(request, coordinator);
    // The network may deliver an attempt twice: it is begun once.
    if (isFirst(state, request.id) && !voteAhead(state, request, io, flow)) io.forward(request, coordinator);
    return;
  }
  if (isRead) read(state, request, io);
  else submit(state, request, io, flow);
}

/** Who leads a replicated coordinator; null: nobody, as far as this node knows. */
function leaderOf(state: CommitState): NodeId | null {
  const { self } = state.context;
  if (state.term >= 0) return self;
  return state.leading === null || state.leading.node === self ? null : state.leading.node;
}

/** What the event has made possible: locks that were given back go on, and with them who waited for them. */
function drain<C extends CommitOptions>(state: CommitState<C>, io: CommitIo, flow: Flow<C>): void {
  while (state.freed.length > 0) {
    const key = state.freed.shift()!;
    const waiting = (state.waiting[key] ?? []).slice().sort((a, b) => (isOlder(a, b) ? -1 : 1));
    delete state.waiting[key];
    for (const tx of waiting) {
      const led = state.led[tx.id];
      if (led !== undefined && votesItself(state)) lockOwn(state, led, io, flow);
      else vote(state, tx, io, flow);
    }
    pump(state, key, io, flow);
  }
  if (state.reads.length > 0) serveReads(state, io);
}

function serveReads(state: CommitState, io: CommitIo): void {
  const now = io.monotonicNs();
  const still: typeof state.reads = [];
  for (const one of state.reads) {
    const { key } = one.request.command;
    if (mayRead(state, key)) io.reply(one.request, { kind: 'ok', output: look(state.machine, key) });
    else if (now >= one.deadlineNs)
      io.reply(one.request, { kind: 'failed', why: `a write of ${key} is in doubt: ${state.locks[key]!.id}` });
    else still.push(one);
  }
  state.reads.splice(0, state.reads.length, ...still);
}

function queuesDue<C extends CommitOptions>(state: CommitState<C>, now: number, io: CommitIo, flow: Flow<C>): void {
  for (const key of Object.keys(state.queues)) {
    const queue = state.queues[key]!;
    const late = queue.filter(one => now >= one.deadlineNs);
    if (late.length > 0) state.queues[key] = queue.filter(one => now < one.deadlineNs);
    for (const { request } of late)
      io.reply(
        request,
        executedBefore(state.machine, request.session) ?? { kind: 'failed', why: 'the key stayed locked' },
      );
    pump(state, key, io, flow);
  }
}

/** One timer for everything: it fires when the first thing is due. */
function arm(state: CommitState, io: CommitIo): void {
  let due = Number.POSITIVE_INFINITY;
  for (const id in state.led) due = Math.min(due, state.led[id]!.dueNs);
  for (const id in state.open) due = Math.min(due, state.open[id]!.dueNs);
  for (const key in state.queues)
    for (const one of state.queues[key]!) {
      due = Math.min(due, one.deadlineNs);
      if (state.active[key] === undefined && one.notBeforeNs > io.monotonicNs()) due = Math.min(due, one.notBeforeNs);
    }
  for (const one of state.reads) due = Math.min(due, one.deadlineNs);
  if (due === Number.POSITIVE_INFINITY) return io.cancelTimer('due');
  const wait = Math.max(1_000, Math.ceil(due - io.monotonicNs()));
  io.setTimer('due', wait, wait);
}

/** How one event is handled, whatever it is: monitors look at what it changed, and at nothing older. */
function handle<C extends CommitOptions>(state: CommitState<C>, io: CommitIo, flow: Flow<C>, event: () => void): void {
  state.changes = [];
  lookWhoLeads(state, io);
  event();
  drain(state, io, flow);
  arm(state, io);
}

/** Everything but what the protocol's name says. */
export interface Parts<C extends CommitOptions> {
  readonly flow: Flow<C>;
  recover(state: CommitState<C>, image: CommitDisk | undefined, io: CommitIo): void;
  receive(state: CommitState<C>, from: NodeId, message: CommitMessage, io: CommitIo): void;
  decided(state: CommitState<C>, token: number, io: CommitIo): void;
  /** A transaction whose outcome is not known here has been silent for as long as it was given. */
  inDoubt(state: CommitState<C>, open: Open, now: number, io: CommitIo): void;
}

type Common<C extends CommitOptions> = Pick<
  Protocol<CommitState<C>, CommitMessage, CommitWrite, CommitDisk, C>,
  | 'classOf'
  | 'disk'
  | 'bytes'
  | 'boot'
  | 'request'
  | 'administer'
  | 'receive'
  | 'timer'
  | 'persisted'
  | 'answered'
  | 'leads'
  | 'inDoubt'
  | 'watched'
  | 'contents'
  | 'applied'
>;

export function commitProtocol<C extends CommitOptions>({ flow, ...parts }: Parts<C>): Common<C> {
  return {
    classOf(message) {
      switch (message.type) {
        case 'begin':
        case 'prepare':
        case 'can-commit':
          return 'write-request';
        case 'yes':
        case 'no':
          return 'write-acknowledge';
        default:
          return 'control';
      }
    },
    disk: commitDisk,
    bytes: (message, recordBytes) =>
      message.type === 'prepare' || message.type === 'can-commit' || message.type === 'begin' ? 64 + recordBytes : 64,
    boot(context, image, io) {
      const state = bootNode(context, image, io);
      parts.recover(state, image, io);
      drain(state, io, flow);
      arm(state, io);
      watchWhoLeads(state, io);
      announceBoot(state, io);
      return state;
    },
    request(state, request, io) {
      handle(state, io, flow, () => serve(state, request, io, flow));
    },
    administer(state, request: AdminRequest, io) {
      state.changes = [];
      io.reply(request, { kind: 'failed', why: 'the members of an atomic commit are fixed, and its coordinator is' });
    },
    receive(state, from, message, io) {
      handle(state, io, flow, () =>
        message.type === 'leading'
          ? receiveLeading(state, { node: from, life: message.life, term: message.term }, io)
          : parts.receive(state, from, message, io),
      );
    },
    timer(state, name, io) {
      handle(state, io, flow, () => {
        if (name === 'lead') return watchWhoLeads(state, io);
        const now = io.monotonicNs();
        for (const led of Object.values(state.led)) if (now >= led.dueNs) ledDue(state, led, now, io, flow);
        for (const open of Object.values(state.open)) if (now >= open.dueNs) parts.inDoubt(state, open, now, io);
        queuesDue(state, now, io, flow);
      });
    },
    persisted(state, token, io) {
      handle(state, io, flow, () => parts.decided(state, token, io));
    },
    answered(state, token, reply, io) {
      handle(state, io, flow, () => answered(state, token, reply, io, flow));
    },
    leads: state => (coordinatorOf(state.context.options) === state.context.self ? 1 : state.term),
    *inDoubt(state) {
      for (const { tx } of Object.values(state.open)) {
        const { key, operation } = tx.command;
        yield { id: tx.id, key, operation };
      }
    },
    watched: {
      coordinates: state =>
        Object.values(state.led).filter(led => led.phase !== 'committed' && led.phase !== 'aborted').length,
      inDoubt: state => Object.keys(state.open).length,
      oldestInDoubt: state => Object.keys(state.open)[0] ?? null,
      unacknowledged: state =>
        Object.values(state.led).filter(led => led.phase === 'committed' || led.phase === 'aborted').length,
      locks: state => Object.keys(state.locks).length,
    },
    contents: state => contents(state.machine),
    /** Those that it has voted for are among them: they are kept, whatever is decided. */
    *applied(state) {
      yield* appliedOperations(state.machine);
      for (const { tx } of Object.values(state.open)) if (tx.command.operation >= 0) yield tx.command.operation;
    },
  };
}
