/**
 * Raft: Ongaro & Ousterhout, "In Search of an Understandable Consensus Algorithm" (ATC'14), and Ongaro's thesis (2014)
 * for membership, snapshots, sessions, reads, pre-vote and transfer. This file is the machine's front; what each event
 * does stands in `election`, `replication`, `reads` and `membership`.
 */
import type { Raft } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest, NodeContext, Protocol } from '../contract.ts';
import { lastIndex, positionTokens, termAt } from '../log.ts';
import { appliedOperations, contents, fromImage } from '../machine.ts';
import { seenBy } from '../overrides.ts';
import { adoptConfiguration, votersOf } from './configuration.ts';
import { raftDescriptor } from './descriptor.ts';
import {
  armElection,
  campaign,
  checkQuorum,
  electionTimeout,
  receivePreVote,
  receiveRequestVote,
  receiveVote,
  seeTerm,
} from './election.ts';
import { raftInvariants } from './invariants.ts';
import { administer, transferProgress, transferTimeout } from './membership.ts';
import { read, serve } from './reads.ts';
import {
  appendEntry,
  heartbeat,
  ownEntryPersisted,
  receiveAppendResponse,
  receiveFromLeader,
  replicate,
} from './replication.ts';
import {
  newMachine,
  type RaftDisk,
  type RaftIo,
  type RaftMessage,
  type RaftState,
  type RaftWrite,
  raftDisk,
  restoredLog,
} from './state.ts';

function boot(context: NodeContext<Raft>, image: RaftDisk | undefined, io: RaftIo): RaftState {
  const disk = image ?? raftDisk.empty();
  const { snapshot } = disk;
  const state: RaftState = {
    context,
    term: disk.term,
    votedFor: disk.votedFor,
    log: restoredLog(disk),
    snapshot,
    role: 'follower',
    leader: null,
    commitIndex: snapshot?.index ?? 0,
    lastApplied: snapshot?.index ?? 0,
    machine: snapshot === null ? newMachine(context) : fromImage(snapshot.image),
    configuration: { voters: [], old: null, observers: [] },
    configurationIndex: 0,
    quorums: [],
    votes: [],
    // Before its crash it may have promised a leader to be patient (leases rely on it), and it does not remember.
    leaderHeardNs: image === undefined ? Number.NEGATIVE_INFINITY : io.monotonicNs(),
    transferring: false,
    peers: {},
    pending: {},
    reads: [],
    round: 0,
    roundStarts: [],
    confirmedRound: 0,
    leaseUntilNs: Number.NEGATIVE_INFINITY,
    leaseForfeited: false,
    change: null,
    transfer: null,
    served: [],
    lastServed: 0,
  };
  adoptConfiguration(state);
  armElection(state, io);
  return state;
}

function request(state: RaftState, request: ClientRequest, io: RaftIo): void {
  state.served = [];
  const options = seenBy(raftDescriptor, state.context.options, request.overrides);
  const isRead = request.command.kind === 'read';
  if (isRead && options.read.kind === 'local' && options.readFromAny) return serve(state, request, false, io);
  if (state.role !== 'leader') return passOn(state, request, io);
  if (isRead && options.read.kind !== 'log') return read(state, request, options, io);
  if (state.transfer !== null) {
    return io.reply(request, {
      kind: 'refused',
      why: 'leadership is being handed over',
      leader: state.transfer.target,
    });
  }
  const { command, session } = request;
  const index = appendEntry(state, { term: state.term, kind: 'command', command, session }, io);
  state.pending[index] = request;
  replicate(state, io);
}

function passOn(state: RaftState, request: ClientRequest, io: RaftIo): void {
  if (state.leader !== null && state.leader !== state.context.self) io.forward(request, state.leader);
  else io.reply(request, { kind: 'refused', why: 'no leader is known', leader: null });
}

function receive(state: RaftState, from: NodeId, m: RaftMessage, io: RaftIo): void {
  state.served = [];
  switch (m.type) {
    case 'append-entries':
    case 'install-snapshot':
      return receiveFromLeader(state, from, m, io);
    case 'append-entries-response':
      receiveAppendResponse(state, from, m, io);
      return transferProgress(state, io);
    case 'pre-vote':
      return receivePreVote(state, from, m, io);
    case 'request-vote':
      return receiveRequestVote(state, from, m, io);
    case 'pre-vote-response':
    case 'vote':
      return receiveVote(state, from, m, io);
    case 'timeout-now':
      seeTerm(state, m.term, io);
      if (m.term === state.term && state.role !== 'leader') campaign(state, io, true);
  }
}

function timer(state: RaftState, name: string, io: RaftIo): void {
  state.served = [];
  switch (name) {
    case 'election':
      return electionTimeout(state, io);
    case 'heartbeat':
      return heartbeat(state, io);
    case 'check-quorum':
      return checkQuorum(state, io);
    case 'transfer':
      return transferTimeout(state, io);
  }
}

export const raft: Protocol<RaftState, RaftMessage, RaftWrite, RaftDisk, Raft> = {
  kind: 'raft',
  messages: {
    'pre-vote': 'would you vote for me?',
    'pre-vote-response': 'answer to it',
    'request-vote': 'vote for me in this term',
    vote: 'answer to it',
    'append-entries': 'log entries; empty: heartbeat',
    'append-entries-response': 'how far the log matches',
    'install-snapshot': 'state in place of entries that are gone',
    'timeout-now': 'stand for election at once (leadership transfer)',
  },
  classOf(message) {
    switch (message.type) {
      case 'append-entries':
        return message.entries.length > 0 ? 'write-request' : 'control';
      case 'append-entries-response':
        return 'write-acknowledge';
      case 'install-snapshot':
        return 'write-request';
      default:
        return 'control';
    }
  },
  bytes(message, recordBytes) {
    if (message.type === 'append-entries') return 64 + message.entries.length * (32 + recordBytes);
    if (message.type === 'install-snapshot') return 64 + Object.keys(message.snapshot.image.data).length * recordBytes;
    return 64;
  },
  disk: raftDisk,
  boot,
  request,
  administer(state, request, io) {
    state.served = [];
    administer(state, request, io);
  },
  receive,
  timer,
  persisted(state, token, io) {
    state.served = [];
    ownEntryPersisted(state, token, io);
  },
  leads: state => (state.role === 'leader' ? state.term : -1),
  members: state => [...votersOf(state.configuration), ...state.configuration.observers],
  watched: {
    role: state => state.role,
    term: state => state.term,
    votedFor: state => state.votedFor,
    leader: state => state.leader,
    lastIndex: state => lastIndex(state.log),
    commitIndex: state => state.commitIndex,
  },
  watchedNodes: new Set(['votedFor', 'leader']),
  contents: state => contents(state.machine),
  machine: state => state.machine,
  applied: state => appliedOperations(state.machine),
  tokens: positionTokens(({ log, lastApplied }) => ({ term: termAt(log, lastApplied), index: lastApplied })),
  invariants: raftInvariants,
};
