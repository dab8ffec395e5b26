/**
 * Multi-Paxos: Lamport, "The Part-Time Parliament" (1998) and "Paxos Made Simple" (2001), §3; van Renesse and
 * Altinbuken, "Paxos Made Moderately Complex" (2015). With two quorum families it is Flexible Paxos (Howard et al.,
 * 2016). This file is the machine's front; what each event does stands in `leading` (phase 1), `accepting` (phase 2)
 * and `lease`. Members do not change, and the log is never cut.
 */
import type { FlexiblePaxos, MultiPaxos } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest, NodeContext, Protocol } from '../contract.ts';
import { appliedOperations, contents, emptyMachine } from '../machine.ts';
import {
  applyChosen,
  propose,
  receiveAccept,
  receiveAccepted,
  receiveCatchUp,
  receiveChosen,
  synced,
} from './accepting.ts';
import { paxosInvariants } from './invariants.ts';
import {
  armElection,
  electionTimeout,
  handOver,
  handOverTimeout,
  heartbeatTimeout,
  receiveHeartbeat,
  receiveHeartbeatResponse,
  receiveNack,
  receivePrepare,
  receivePromise,
  receiveTakeOver,
} from './leading.ts';
import { patienceNs, readByLease } from './lease.ts';
import {
  acceptorsOf,
  type LogPaxos,
  leaseOf,
  nothingFresh,
  type PaxosDisk,
  type PaxosIo,
  type PaxosMessage,
  type PaxosState,
  type PaxosWrite,
  paxosDisk,
  quorumsOf,
} from './state.ts';

function boot(context: NodeContext<LogPaxos>, image: PaxosDisk | undefined, io: PaxosIo): PaxosState {
  const { group, options, self } = context;
  const disk = image ?? paxosDisk.empty();
  const state: PaxosState = {
    context,
    acceptors: acceptorsOf(group),
    quorums: quorumsOf(options, group, self),
    promised: disk.promised,
    slots: disk.slots.map((known, slot) =>
      known !== null && slot <= disk.chosenUpTo ? { ...known, chosen: true } : known,
    ),
    role: 'follower',
    leader: null,
    ballot: 0,
    seen: 0,
    applied: 0,
    machine: emptyMachine(group.model),
    attempts: 0,
    granted: { to: null, untilNs: Number.NEGATIVE_INFINITY },
    unsynced: {},
    lastToken: 0,
    preparedFrom: 1,
    promises: [],
    nextSlot: 1,
    recoveredUpTo: 0,
    acceptedBy: {},
    pending: {},
    peers: {},
    resendBelow: 1,
    leaseUntilNs: Number.NEGATIVE_INFINITY,
    handOver: null,
    fresh: nothingFresh(),
  };
  // Before its crash it may have granted a lease, and it does not remember to whom.
  if (image !== undefined) state.granted = { to: null, untilNs: io.monotonicNs() + patienceNs(state) };
  applyChosen(state, io);
  armElection(state, io);
  return state;
}

function request(state: PaxosState, request: ClientRequest, io: PaxosIo): void {
  state.fresh = nothingFresh();
  state.fresh.requested.push(request.command);
  if (state.role !== 'leader') {
    if (state.leader !== null) io.forward(request, state.leader);
    else io.reply(request, { kind: 'refused', why: 'no leader is known', leader: null });
    return;
  }
  const { command, session } = request;
  const mayRead = command.kind === 'read' && leaseOf(state.context.options) !== null;
  if (mayRead && readByLease(state, request, io)) return;
  const slot = state.nextSlot++;
  state.pending[slot] = request;
  propose(state, [{ slot, proposal: { kind: 'command', command, session } }], io);
}

function administer(state: PaxosState, request: AdminRequest, io: PaxosIo): void {
  state.fresh = nothingFresh();
  const { leader } = state;
  if (request.kind === 'change-members')
    return io.reply(request, { kind: 'failed', why: 'the members of this group do not change' });
  if (state.role !== 'leader') return io.reply(request, { kind: 'refused', why: 'not the leader', leader });
  if (request.node === state.context.self) return io.reply(request, { kind: 'ok', output: null });
  if (!state.context.group.replicas.includes(request.node))
    return io.reply(request, { kind: 'failed', why: 'only a replica can lead' });
  if (state.handOver !== null)
    return io.reply(request, { kind: 'refused', why: 'leadership is being handed over', leader });
  handOver(state, request, request.node, io);
}

function receive(state: PaxosState, from: NodeId, m: PaxosMessage, io: PaxosIo): void {
  state.fresh = nothingFresh();
  switch (m.type) {
    case 'prepare':
      return receivePrepare(state, from, m, io);
    case 'promise':
      return receivePromise(state, from, m, io);
    case 'accept':
      return receiveAccept(state, from, m, io);
    case 'accepted':
      return receiveAccepted(state, from, m, io);
    case 'nack':
      return receiveNack(state, m, io);
    case 'heartbeat':
      return receiveHeartbeat(state, from, m, io);
    case 'heartbeat-response':
      return receiveHeartbeatResponse(state, from, m, io);
    case 'catch-up':
      return receiveCatchUp(state, from, m, io);
    case 'chosen':
      return receiveChosen(state, from, m, io);
    case 'take-over':
      return receiveTakeOver(state, m, io);
  }
}

function timer(state: PaxosState, name: string, io: PaxosIo): void {
  state.fresh = nothingFresh();
  switch (name) {
    case 'election':
      return electionTimeout(state, io);
    case 'heartbeat':
      return heartbeatTimeout(state, io);
    case 'hand-over':
      return handOverTimeout(state, io);
  }
}

const logPaxos: Omit<Protocol<PaxosState, PaxosMessage, PaxosWrite, PaxosDisk, LogPaxos>, 'kind'> = {
  messages: {
    prepare: 'promise me this ballot, and tell what you have accepted (1a)',
    promise: 'promised; what was accepted before (1b)',
    accept: 'accept these proposals under this ballot (2a)',
    accepted: 'accepted (2b)',
    nack: 'a higher ballot was promised',
    heartbeat: 'the leader is there; how far proposals are chosen',
    'heartbeat-response': 'answer to it; grants the lease that it asks for',
    'catch-up': 'what is chosen from this slot on?',
    chosen: 'chosen proposals',
    'take-over': 'stand at once (leadership moves)',
  },
  classOf(message) {
    switch (message.type) {
      case 'accept':
      case 'chosen':
        return 'write-request';
      case 'accepted':
        return 'write-acknowledge';
      default:
        return 'control';
    }
  },
  bytes(message, recordBytes) {
    if (message.type === 'accept') return 64 + message.entries.length * (32 + recordBytes);
    if (message.type === 'chosen' || message.type === 'promise') return 64 + message.slots.length * (32 + recordBytes);
    return 64;
  },
  disk: paxosDisk,
  boot,
  request,
  administer,
  receive,
  timer,
  persisted(state, token, io) {
    state.fresh = nothingFresh();
    synced(state, token, io);
  },
  leads: state => (state.role === 'leader' ? state.ballot : -1),
  members: ({ acceptors, context }) => [...acceptors, ...context.group.observers],
  watched: {
    role: state => state.role,
    promised: state => state.promised,
    leader: state => state.leader,
    lastSlot: state => state.slots.length - 1,
    chosenUpTo: state => state.applied,
  },
  watchedNodes: new Set(['leader']),
  contents: state => contents(state.machine),
  applied: state => appliedOperations(state.machine),
  invariants: paxosInvariants,
};

export const multiPaxos: Protocol<PaxosState, PaxosMessage, PaxosWrite, PaxosDisk, MultiPaxos> = {
  kind: 'multi-paxos',
  ...logPaxos,
};

export const flexiblePaxos: Protocol<PaxosState, PaxosMessage, PaxosWrite, PaxosDisk, FlexiblePaxos> = {
  kind: 'flexible-paxos',
  ...logPaxos,
};
