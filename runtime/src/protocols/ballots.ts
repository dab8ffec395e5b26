/**
 * Ballots as numbers, ordered by round. Their other parts are the node, and in which of its lives it made them, so that
 * nobody has the same twice, and a proposer needs to remember no ballot over a crash but only how often it has started.
 */
import type { NodeId } from '../design/topology.ts';

/** 0 is below all. */
export type Ballot = number;

const epochs = 4096;
const nodes = 4096;

export const ballotOf = (round: number, node: NodeId, epoch: number): Ballot =>
  (round * nodes + node) * epochs + (epoch % epochs);
export const roundOf = (ballot: Ballot): number => Math.floor(ballot / (nodes * epochs));
