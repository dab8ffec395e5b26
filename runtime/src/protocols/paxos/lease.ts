/**
 * The leader's lease (Gray and Cheriton, 1989; Chandra, Griesemer and Redstone, "Paxos Made Live", 2007, §5.2): while it
 * runs, acceptors promise nothing to anybody else; so nobody else can have anything chosen, and the leader reads alone.
 */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest } from '../contract.ts';
import { readingOf } from '../machine.ts';
import { leaseMargin } from './descriptor.ts';
import { currentConfiguration, leaseOf, type PaxosIo, type PaxosState, type Peer } from './state.ts';

/** How long an acceptor is bound by a grant, on its own clock. */
export const patienceNs = (state: PaxosState): number => {
  const lease = leaseOf(state.context.options);
  return lease === null ? 0 : lease + Math.ceil(lease * leaseMargin);
};

/** `released`: the leases of this ballot and of those below are given up. */
export function mayPromise({ granted }: PaxosState, to: NodeId, released: number | null, io: PaxosIo): boolean {
  if (granted.to === to || io.monotonicNs() >= granted.untilNs) return true;
  return granted.to !== null && released !== null && granted.ballot <= released;
}

export function grant(state: PaxosState, to: NodeId, ballot: number, io: PaxosIo): void {
  state.granted = { to, ballot, untilNs: io.monotonicNs() + patienceNs(state) };
}

/** Whether the heartbeat that is sent now asks for the lease; the leader is an acceptor, too, and grants it to itself. */
export function requestLease(state: PaxosState, nowNs: number): boolean {
  if (leaseOf(state.context.options) === null || state.leaseForfeited) return false;
  state.granted = { to: state.context.self, ballot: state.ballot, untilNs: nowNs + patienceNs(state) };
  receiveGrant(state, state.peers[state.context.self]!, nowNs);
  return true;
}

/** A phase-2 quorum of grants meets every phase-1 quorum; the lease runs from when the youngest of them was asked for. */
export function receiveGrant(state: PaxosState, peer: Peer, sentNs: number): void {
  peer.grantNs = Math.max(peer.grantNs, sentNs);
  if (state.leaseForfeited) return;
  const { accept } = currentConfiguration(state).quorums;
  const has = (ns: number) => (node: NodeId) => state.peers[node]!.grantNs >= ns;
  for (const node of state.acceptors) {
    const { grantNs } = state.peers[node]!;
    const until = grantNs + leaseOf(state.context.options)!;
    if (until > state.leaseUntilNs && isQuorum(accept, has(grantNs))) state.leaseUntilNs = until;
  }
}

/** False: the read has to go through the log. Until everything that it found is applied, a leader does not know the present. */
export function readByLease(state: PaxosState, request: ClientRequest, io: PaxosIo): boolean {
  if (state.applied < state.recoveredUpTo || io.monotonicNs() >= state.leaseUntilNs) return false;
  state.fresh.served.push({ id: request.id });
  io.reply(request, readingOf(state.machine, request.command.key), state.leaseUntilNs);
  return true;
}
