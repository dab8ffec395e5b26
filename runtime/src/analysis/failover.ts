/** How long a partition is without a leader after one has crashed, on average and as far as the design says. */
import type { Design } from '../design/design.ts';
import { mean } from '../design/distribution.ts';
import { latencyOf, resolveLink } from '../design/links.ts';
import type { Partition, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { splitVote } from './elections.ts';
import { type Known, known, unknown } from './known.ts';

/**
 * Expected time in ns from a leader's crash until another leads; 0 where no operation waits for a leader to be
 * replaced (there is none, or nobody replaces it: then its own availability is what counts).
 * @returns unknown where the design does not say how long suspicion takes
 */
export function expectedFailover(design: Design, store: Store, partition: Partition): Known<number> {
  const { mechanism } = store;
  switch (mechanism.kind) {
    case 'raft':
      return known(raftFailover(design, partition, mechanism.electionTimeoutNs, mechanism.heartbeatNs));
    case 'single-leader':
      if (mechanism.failover.mode !== 'automatic' || partition.replicas.length < 2) return known(0);
      if (mechanism.failover.detect.kind === 'timeout') return known(mechanism.failover.detect.ns);
      return unknown('how long a phi detector takes depends on the gaps between heartbeats that it sees');
    case 'multi-paxos':
      return mechanism.leaseNs === null
        ? unknown('multi-paxos without a lease does not say when a leader is replaced')
        : known(mechanism.leaseNs);
    case 'cheap-paxos':
      return known(mechanism.reconfigureNs);
    case 'flexible-paxos':
      return unknown('flexible-paxos does not say when a leader is replaced');
    case 'chain':
      return mechanism.master === null
        ? known(0)
        : unknown(`how soon ${mechanism.master} removes a dead member is not given`);
    default:
      return known(0);
  }
}

/**
 * Ongaro's expected election (thesis, section 9.3) for any range of timeouts [a, b] and heartbeat interval: terms until
 * one is not split, each as long as the smallest of s timeouts and a message; half a heartbeat has passed on average.
 */
function raftFailover(
  design: Design,
  { replicas, witnesses }: Partition,
  [from, to]: readonly [number, number],
  heartbeat: number,
): number {
  const voters = [...replicas, ...witnesses];
  const n = voters.length;
  if (n < 2) return 0;
  const alive = n - 1;
  const latency = meanDelay(design, voters);
  const width = to - from;
  const split = n < 3 || width <= 0 ? 0 : splitVote(n, alive, Math.min(1, latency / width));
  const term = from + width / (alive + 1) + latency;
  return Math.max(0, term / Math.max(1e-9, 1 - split) + latency - heartbeat / 2);
}

function meanDelay(design: Design, nodes: readonly NodeId[]): number {
  const place = (node: NodeId) => ({ node, region: design.nodes[node]!.region, zone: design.nodes[node]!.zone });
  const delays = nodes.flatMap(a =>
    nodes.filter(b => b !== a).map(b => latencyOf(resolveLink(design.links, place(a), place(b)), 'control')),
  );
  return delays.reduce((sum, one) => sum + (one === undefined ? 0 : mean(one)), 0) / delays.length;
}
