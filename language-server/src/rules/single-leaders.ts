/** What rules ask of stores that are replicated from a single leader. */
import type { Design } from '@dsys/runtime/design/design';
import type { SingleLeader } from '@dsys/runtime/design/mechanism';
import { majorityOf } from '@dsys/runtime/design/quorum';
import type { Located } from '@dsys/runtime/design/source';
import type { Partition, Store } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import { acknowledgedCopies } from '@dsys/runtime/protocols/single-leader/rules';
import { smallestPartition, storesWith } from './questions.ts';
import type { Change } from './rule.ts';

export interface Led {
  readonly store: Store & { readonly mechanism: SingleLeader & Located };
  readonly mechanism: SingleLeader & Located;
  /** The one with the fewest copies. */
  readonly partition: Partition;
  readonly leader: NodeId;
  /** The other data copies: m of them. */
  readonly followers: readonly NodeId[];
  /** Followers that have a write when it is acknowledged, at least; more than there are: never. */
  readonly k: number;
}

/** Stores with a single leader and at least one follower. */
export function ledStores(design: Design): readonly Led[] {
  return storesWith(design, 'single-leader').flatMap(store => {
    const { mechanism } = store;
    const partition = smallestPartition(design, store);
    const leader = mechanism.leader ?? partition.replicas[0];
    if (leader === undefined) return [];
    const followers = partition.replicas.filter(node => node !== leader);
    const k = acknowledgedCopies(mechanism, followers.length);
    return followers.length === 0 ? [] : [{ store, mechanism, partition, leader, followers, k }];
  });
}

/** Followers that make a majority of all copies together with the leader. */
export const majorityOfFollowers = ({ followers }: Led): number => majorityOf(followers.length + 1) - 1;

/** Another mode in place of the one written, without the options that only that one has. */
export const changeMode = ({ mechanism }: Led, mode: string): readonly Change[] => [
  { kind: 'head', of: mechanism, text: `replication single-leader ${mode}` },
  ...(mode.startsWith('semi') ? [] : [{ kind: 'unset' as const, of: mechanism, option: 'fallback' }]),
  ...(mode === 'synchronous' ? [] : [{ kind: 'unset' as const, of: mechanism, option: 'on-replica-down' }]),
];
