/** Which value a round may have, after what a quorum has voted before ("Fast Paxos" §3.1, Figure 2). */
import { isQuorum, type Quorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Ballot } from '../ballots.ts';
import type { Value, Vote } from './state.ts';

export interface Heard {
  readonly from: NodeId;
  readonly vote: Pick<Vote, 'vrnd' | 'vval'>;
}

/** The values of the highest round that anybody in the quorum has voted in, each with its voters. */
export function candidates(heard: readonly Heard[]): {
  readonly k: Ballot;
  readonly values: Map<string, { value: Value; voters: NodeId[] }>;
} {
  const k = heard.reduce((highest, { vote }) => Math.max(highest, vote.vrnd), 0);
  const values = new Map<string, { value: Value; voters: NodeId[] }>();
  for (const { from, vote } of heard) {
    if (vote.vrnd !== k || vote.vval === null) continue;
    const known = values.get(vote.vval.id);
    if (known === undefined) values.set(vote.vval.id, { value: vote.vval, voters: [from] });
    else known.voters.push(from);
  }
  return { k, values };
}

/** O4(v): some fast quorum R has voted for v wherever it meets Q, so v may have been chosen, or may yet be. */
export const mayBeChosen = (fast: Quorum, quorum: readonly NodeId[], voters: readonly NodeId[]): boolean =>
  isQuorum(fast, node => !quorum.includes(node) || voters.includes(node));

/**
 * The only value, or the one that may have been chosen in a fast round; else any, which all who see the same votes pick
 * alike. null: nobody has voted, and whatever was proposed will do.
 */
export function pick(heard: readonly Heard[], fast: Quorum): Value | null {
  const { values } = candidates(heard);
  const all = [...values.values()];
  if (all.length <= 1) return all[0]?.value ?? null;
  const order = (a: (typeof all)[number], b: (typeof all)[number]) =>
    b.voters.length - a.voters.length || (a.value.id < b.value.id ? -1 : 1);
  all.sort(order);
  const quorum = heard.map(one => one.from);
  return (all.find(one => mayBeChosen(fast, quorum, one.voters)) ?? all[0]!).value;
}
