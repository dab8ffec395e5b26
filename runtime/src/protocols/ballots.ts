/**
 * Ballots as numbers, ordered by round. Their other parts are the node, and in which of its lives it made them, so that
 * nobody has the same twice, and a proposer needs to remember no ballot over a crash but only how often it has started.
 */
import type { Paxos } from '../design/mechanism.ts';
import type { NodeId } from '../design/topology.ts';

/** 0 is below all. */
export type Ballot = number;

const epochs = 4096;
const nodes = 4096;

export const ballotOf = (round: number, node: NodeId, epoch: number): Ballot =>
  (round * nodes + node) * epochs + (epoch % epochs);
export const roundOf = (ballot: Ballot): number => Math.floor(ballot / (nodes * epochs));

/**
 * How long whoever was outbid pauses before its next ballot, as a range, after so many times in a row: who never pauses
 * may duel for ever ("Paxos Made Simple" §2.4).
 */
export const pauseNs = (retry: Paxos['retry'], attempt: number): readonly [least: number, most: number] =>
  retry.kind === 'fixed' ? [retry.ns, retry.ns] : [0, 4_000_000 * (1 << Math.min(attempt, 7))];
