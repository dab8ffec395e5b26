/**
 * Multi-Paxos: Lamport, "The Part-Time Parliament" (1998) and "Paxos Made Simple" (2001), §3; van Renesse and
 * Altinbuken, "Paxos Made Moderately Complex" (2015). With two quorum families it is Flexible Paxos (Howard et al.,
 * 2016), with main and auxiliary acceptors Cheap Paxos (Lamport and Massa, 2004). This file is the machine's front; what
 * each event does stands in `electing` (phase 1), `accepting` (phase 2), `learning`, `leading`, `lease` and `mains`.
 */
import type { CheapPaxos, FlexiblePaxos, MultiPaxos } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest, ClientRequest, NodeContext, Protocol } from '../contract.ts';
import { positionTokens } from '../log.ts';
import { appliedOperations, contents, emptyMachine, fromImage } from '../machine.ts';
import { advance, receiveAccept, receiveAccepted, synced } from './accepting.ts';
import { cheapInvariants } from './cheap-invariants.ts';
import { acceptorsOf, initialConfiguration, type LogPaxos } from './configuration.ts';
import {
  armElection,
  electionTimeout,
  receiveNack,
  receivePrepare,
  receivePromise,
  receiveTakeOver,
} from './electing.ts';
import { paxosInvariants } from './invariants.ts';
import { handOver, handOverTimeout, heartbeatTimeout, receiveHeartbeat, receiveHeartbeatResponse } from './leading.ts';
import { applyChosen, receiveCatchUp, receiveChosen, receiveForget } from './learning.ts';
import { patienceNs, readByLease } from './lease.ts';
import { cloneSlots, lastSlot, putSlot, slotAt } from './slots.ts';
import {
  lastConfiguration,
  leaseOf,
  nothingFresh,
  type PaxosDisk,
  type PaxosIo,
  type PaxosMessage,
  type PaxosState,
  type PaxosWrite,
  paxosDisk,
} from './state.ts';

function boot(context: NodeContext<LogPaxos>, image: PaxosDisk | undefined, io: PaxosIo): PaxosState {
  const { group, options, self } = context;
  const disk = image ?? paxosDisk.empty();
  const { snapshot } = disk;
  const state: PaxosState = {
    context,
    acceptors: acceptorsOf(group),
    configurations: snapshot?.configurations.slice() ?? [initialConfiguration(options, group, self)],
    promised: disk.promised,
    slots: cloneSlots(disk.slots),
    snapshot,
    role: 'follower',
    leader: null,
    ballot: 0,
    seen: 0,
    applied: snapshot?.slot ?? 0,
    learnedOnDisk: disk.chosenUpTo,
    machine: snapshot === null ? emptyMachine(group.model, group.shard) : fromImage(snapshot.image),
    attempts: 0,
    steady: 0,
    granted: { to: null, ballot: 0, untilNs: Number.NEGATIVE_INFINITY },
    unsynced: {},
    lastToken: 0,
    calling: false,
    preparedFrom: 1,
    released: null,
    promises: [],
    promisedBy: [],
    bound: {},
    nextSlot: 1,
    recoveredUpTo: 0,
    wanted: null,
    fillUpTo: 0,
    waiting: [],
    acceptedBy: {},
    pending: {},
    peers: {},
    resendBelow: 1,
    leaseUntilNs: Number.NEGATIVE_INFINITY,
    leaseForfeited: false,
    handOver: null,
    calledUpTo: 0,
    fresh: { ...nothingFresh(), installed: snapshot?.slot ?? null },
  };
  // Before its crash it may have granted a lease, and it does not remember to whom.
  if (image !== undefined) state.granted = { to: null, ballot: 0, untilNs: io.monotonicNs() + patienceNs(state) };
  for (let slot = state.applied + 1; slot <= disk.chosenUpTo; slot++) {
    const known = slotAt(state.slots, slot);
    if (known !== null) putSlot(state.slots, slot, { ...known, chosen: true });
  }
  applyChosen(state, io);
  armElection(state, io);
  return state;
}

function request(state: PaxosState, request: ClientRequest, io: PaxosIo): void {
  state.fresh = nothingFresh();
  state.fresh.requested.push(request.command);
  if (state.role !== 'leader') {
    if (state.leader !== null && state.leader !== state.context.self) io.forward(request, state.leader);
    else io.reply(request, { kind: 'refused', why: 'no leader is known', leader: null });
    return;
  }
  const mayRead = request.command.kind === 'read' && leaseOf(state.context.options) !== null;
  if (mayRead && readByLease(state, request, io)) return;
  state.waiting.push(request);
  advance(state, io);
}

function administer(state: PaxosState, request: AdminRequest, io: PaxosIo): void {
  state.fresh = nothingFresh();
  const { leader } = state;
  if (request.kind === 'change-members')
    return io.reply(request, { kind: 'failed', why: 'the members of this group do not change' });
  if (state.role !== 'leader') return io.reply(request, { kind: 'refused', why: 'not the leader', leader });
  if (request.node === state.context.self) return io.reply(request, { kind: 'ok', output: null });
  const canLead = state.context.group.replicas.includes(request.node);
  if (!canLead || !lastConfiguration(state).main.includes(request.node))
    return io.reply(request, { kind: 'failed', why: 'only an acceptor that holds the data can lead' });
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
    case 'forget':
      return receiveForget(state, m, io);
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
    chosen: 'chosen proposals, and the snapshot in front of them',
    'take-over': 'stand at once (leadership moves)',
    forget: 'the main acceptors keep what was chosen up to this slot',
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
    if (message.type !== 'chosen' && message.type !== 'promise') return 64;
    const records = message.snapshot === null ? 0 : Object.keys(message.snapshot.image.data).length;
    return 64 + records * recordBytes + message.slots.length * (32 + recordBytes);
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
    lastSlot: state => lastSlot(state.slots),
    chosenUpTo: state => state.applied,
  },
  watchedNodes: new Set(['leader']),
  contents: state => contents(state.machine),
  machine: state => state.machine,
  applied: state => appliedOperations(state.machine),
  tokens: positionTokens(({ applied }) => ({ term: 0, index: applied })),
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

export const cheapPaxos: Protocol<PaxosState, PaxosMessage, PaxosWrite, PaxosDisk, CheapPaxos> = {
  kind: 'cheap-paxos',
  ...logPaxos,
  invariants: [...paxosInvariants, ...cheapInvariants],
};
