/**
 * Fast Paxos: Lamport, "Fast Paxos" (Distributed Computing 19:2, 2006), with a slot per instance. Without a collision a
 * value is learned two message delays after its proposer sent it. Rounds stand in `state`; what each event does in
 * `proposer`, `acceptor`, `learner`, `coordinator` and `reads`.
 */
import type { FastPaxos } from '../../design/mechanism.ts';
import { resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { NodeContext, Protocol } from '../contract.ts';
import { synced } from '../deeds.ts';
import { appliedOperations, contents, emptyMachine, fromImage } from '../machine.ts';
import { receiveAccept, receivePrepare, receivePropose } from './acceptor.ts';
import { askAgain, finishOpen, receiveNack, receivePromise } from './coordinator.ts';
import { fastPaxosInvariants } from './invariants.ts';
import { applyChosen, learn, receiveAccepted, receiveProgress, receiveSnapshot } from './learner.ts';
import { tendProposals, update } from './proposer.ts';
import { read, receiveAnswer, tendReads } from './reads.ts';
import {
  type FastDisk,
  type FastIo,
  type FastMessage,
  type FastState,
  type FastWrite,
  fastDisk,
  tickNs,
} from './state.ts';

function boot(context: NodeContext<FastPaxos>, image: FastDisk | undefined, io: FastIo): FastState {
  const { options, group, self } = context;
  const disk = image ?? fastDisk.empty();
  const epoch = disk.epoch + 1;
  const applied = disk.snapshot?.applied ?? 0;
  const top = Math.max(applied, ...Object.keys(disk.votes).map(Number), ...Object.keys(disk.chosen).map(Number));
  const quorum = (spec: FastPaxos['fast']) => resolveQuorum(spec, group.replicas, node => group.regionOf(node), self);
  const state: FastState = {
    context,
    acceptors: group.replicas,
    classic: quorum(options.classic),
    fast: quorum(options.fast),
    epoch,
    votes: { ...disk.votes },
    chosen: { ...disk.chosen },
    snapshot: disk.snapshot,
    machine: disk.snapshot === null ? emptyMachine(group.model) : fromImage(disk.snapshot.image),
    done: { ...disk.snapshot?.done },
    applied,
    kept: applied + 1,
    top,
    heardTop: top,
    tallies: {},
    rounds: {},
    openSinceNs: {},
    seen: {},
    attempts: {},
    inbox: [],
    proposed: null,
    reads: [],
    heardNs: Object.fromEntries(group.replicas.map(node => [node, io.monotonicNs()])),
    peers: {},
    ticks: 0,
    nextId: 1,
    token: 0,
    unsynced: [],
    deeds: [],
  };
  // Nothing leaves before the new life is on disk.
  io.persist({ kind: 'epoch', epoch });
  applyChosen(state, io);
  io.setTimer('tick', tickNs, tickNs);
  return state;
}

function receive(state: FastState, from: NodeId, m: FastMessage, io: FastIo): void {
  state.deeds = [];
  state.heardNs[from] = io.monotonicNs();
  switch (m.type) {
    case 'propose':
      return receivePropose(state, from, m, io);
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
    case 'learn':
      return learn(state, m.slot, m.value, io);
    case 'snapshot':
      return receiveSnapshot(state, m, io);
    case 'query':
      return io.send(from, { type: 'answer', read: m.read, top: state.top });
    case 'answer':
      return receiveAnswer(state, from, m, io);
    case 'progress':
      return receiveProgress(state, from, m, io);
  }
}

function timer(state: FastState, name: string, io: FastIo): void {
  state.deeds = [];
  if (name !== 'tick') return askAgain(state, name, io);
  io.setTimer('tick', tickNs, tickNs);
  finishOpen(state, io);
  tendProposals(state, io);
  tendReads(state, io);
  if (++state.ticks % 2 !== 0) return;
  for (const node of state.acceptors)
    if (node !== state.context.self) io.send(node, { type: 'progress', applied: state.applied, top: state.top });
}

export const fastPaxosProtocol: Protocol<FastState, FastMessage, FastWrite, FastDisk, FastPaxos> = {
  kind: 'fast-paxos',
  messages: {
    propose: 'a value, from its proposer straight to the acceptors',
    prepare: '1a: promise to vote in nothing below this round',
    promise: '1b: promised, with the latest vote',
    accept: '2a: vote for this value',
    accepted: '2b: voted; to everyone',
    nack: 'a higher round was promised',
    learn: 'what a slot has chosen',
    snapshot: 'everything up to a slot',
    query: 'a read: up to which slot have you voted?',
    answer: 'up to this slot',
    progress: 'how far a node is',
  },
  classOf(message) {
    switch (message.type) {
      case 'propose':
      case 'accept':
      case 'learn':
      case 'snapshot':
        return 'write-request';
      case 'accepted':
        return 'write-acknowledge';
      case 'query':
        return 'read-request';
      case 'answer':
        return 'read-response';
      default:
        return 'control';
    }
  },
  bytes(message, recordBytes) {
    if ('value' in message) return 64 + message.value.entries.length * (32 + recordBytes);
    if (message.type === 'promise') return 64 + (message.vote.vval?.entries.length ?? 0) * (32 + recordBytes);
    if (message.type === 'snapshot') return 64 + Object.keys(message.snapshot.image.data).length * recordBytes;
    return 64;
  },
  disk: fastDisk,
  boot,
  request(state, request, io) {
    state.deeds = [];
    if (request.command.kind === 'read') read(state, request, io);
    else update(state, request, io);
  },
  administer: (_state, request, io) =>
    io.reply(request, { kind: 'failed', why: 'the acceptors of Fast Paxos are what the design says, for ever' }),
  receive,
  timer,
  persisted(state, token) {
    state.deeds = [];
    synced(state, token);
  },
  watched: {
    epoch: state => state.epoch,
    applied: state => state.applied,
    top: state => state.top,
    rounds: state => Object.keys(state.rounds).length,
  },
  contents: state => contents(state.machine),
  applied: state => appliedOperations(state.machine),
  invariants: fastPaxosInvariants,
};
