/**
 * Paxos as in "Paxos Made Simple" (Lamport, 2001, §2), an instance per key and operation; every node proposes, accepts
 * and learns. How instances make a register that changes stands in `state`; what each event does in `acceptor`,
 * `proposer`, `reads` and `repair`.
 */

import type { Value } from '../../checkers/history.ts';
import type { Paxos } from '../../design/mechanism.ts';
import { resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { NodeContext, Protocol } from '../contract.ts';
import { synced } from '../deeds.ts';
import { appliedOperations, fromImage, look } from '../machine.ts';
import { advance, receiveAccept, receivePrepare, receiveQuery } from './acceptor.ts';
import { paxosInvariants } from './invariants.ts';
import { askAgain, receiveAccepted, receiveNack, receivePromise, update } from './proposer.ts';
import { read, receiveAnswer } from './reads.ts';
import { finishOpen, giveUp, receiveVersions, tellVersions } from './repair.ts';
import {
  type PaxosDisk,
  type PaxosIo,
  type PaxosMessage,
  type PaxosState,
  type PaxosWrite,
  paxosDisk,
  tickNs,
} from './state.ts';

function boot(context: NodeContext<Paxos>, image: PaxosDisk | undefined, io: PaxosIo): PaxosState {
  const { options, group, self } = context;
  const epoch = (image?.epoch ?? 0) + 1;
  const cells = { ...image?.cells };
  const now = io.monotonicNs();
  const open = Object.entries(cells).filter(([, cell]) => cell.accepted !== null);
  // Nothing leaves before the new life is on disk.
  io.persist({ kind: 'epoch', epoch });
  io.setTimer('tick', tickNs, tickNs);
  return {
    context,
    acceptors: group.replicas,
    quorum: resolveQuorum(options.quorum, group.replicas, node => group.regionOf(node), self),
    epoch,
    cells,
    rounds: {},
    queues: {},
    reads: [],
    seen: {},
    attempts: {},
    openSinceNs: Object.fromEntries(open.map(([key]) => [key, now])),
    nextId: 1,
    token: 0,
    unsynced: [],
    deeds: [],
    gossip: { peer: self, key: 0 },
  };
}

function receive(state: PaxosState, from: NodeId, m: PaxosMessage, io: PaxosIo): void {
  state.deeds = [];
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
    case 'learn':
      return void advance(state, m.key, m.outcome, io);
    case 'query':
      return receiveQuery(state, from, m, io);
    case 'answer':
      return receiveAnswer(state, from, m, io);
    case 'versions':
      return receiveVersions(state, from, m, io);
  }
}

function timer(state: PaxosState, name: string, io: PaxosIo): void {
  state.deeds = [];
  if (name !== 'tick') return askAgain(state, name.slice('round '.length), io);
  io.setTimer('tick', tickNs, tickNs);
  finishOpen(state, io);
  giveUp(state, io);
  tellVersions(state, io);
}

function contents(state: PaxosState): Record<string, Value> {
  const values: Record<string, Value> = {};
  for (const key of Object.keys(state.cells).sort()) {
    const { base } = state.cells[key]!;
    if (base.instance > 0) values[key] = look(fromImage(base.image), key);
  }
  return values;
}

export const singleDecreePaxos: Protocol<PaxosState, PaxosMessage, PaxosWrite, PaxosDisk, Paxos> = {
  kind: 'paxos',
  messages: {
    prepare: '1a: promise to accept nothing below this ballot',
    promise: '1b: promised, with what was accepted in the highest ballot',
    accept: '2a: accept this value',
    accepted: '2b: accepted',
    nack: 'a higher ballot was promised',
    learn: 'what an instance has chosen',
    query: 'a read: what do you know of this key?',
    answer: 'the latest outcome known, and whether something is under way',
    versions: 'how many operations are known of some keys',
  },
  classOf(message) {
    switch (message.type) {
      case 'accept':
      case 'learn':
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
    switch (message.type) {
      case 'prepare':
      case 'learn':
      case 'answer':
        return 64 + recordBytes;
      case 'promise':
        return 64 + (message.accepted === null ? 0 : recordBytes);
      case 'accept':
        return 64 + 2 * recordBytes;
      case 'versions':
        return 64 + 16 * Object.keys(message.of).length;
      default:
        return 64;
    }
  },
  disk: paxosDisk,
  boot,
  request(state, request, io) {
    state.deeds = [{ kind: 'asked', operation: request.command.operation }];
    if (request.command.kind === 'read') read(state, request, io);
    else update(state, request, io);
  },
  administer: (_state, request, io) =>
    io.reply(request, { kind: 'failed', why: 'the acceptors of Paxos are what the design says, for ever' }),
  receive,
  timer,
  persisted(state, token) {
    state.deeds = [];
    synced(state, token);
  },
  watched: {
    epoch: state => state.epoch,
    keys: state => Object.keys(state.cells).length,
    rounds: state => Object.keys(state.rounds).length,
    open: state => Object.keys(state.openSinceNs).length,
    reads: state => state.reads.length,
  },
  contents,
  *applied(state) {
    for (const { base } of Object.values(state.cells)) yield* appliedOperations(fromImage(base.image));
  },
  invariants: paxosInvariants,
};
