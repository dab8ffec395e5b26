/** Chain replication: who decides on the chain, and where it is read. */
import type { Design } from '@dsys/runtime/design/design';
import type { Chain } from '@dsys/runtime/design/mechanism';
import type { Located } from '@dsys/runtime/design/source';
import type { Store } from '@dsys/runtime/design/store';
import {
  claimedAtLeast,
  counted,
  isPlaced,
  nameOf,
  promises,
  smallestPartition,
  storesWith,
  votersOf,
} from './questions.ts';
import { type Fix, fix, type Rule, set, unset } from './rule.ts';
import { oncePerOption, usesIn } from './uses.ts';

type ChainStore = Store & { readonly mechanism: Chain & Located };

/** Why a store cannot be trusted with a chain's configuration; undefined: it survives the loss of a node and decides once. */
function unfit(design: Design, store: Store): string | undefined {
  const voters = votersOf(smallestPartition(design, store)).length;
  const { compareAndSet, keepsAcknowledgedWrites, takesOver } = promises(design, store);
  if (voters < 3) return `stands on ${counted(voters, 'node')} and stops when one is lost`;
  if (takesOver === 'nobody') return 'stops when one of its nodes is lost';
  if (!keepsAcknowledgedWrites) return 'may itself lose what it has acknowledged';
  return compareAndSet ? undefined : 'cannot decide between two changes at the same time';
}

/** To let a store that is fit for it keep the configuration, or a new Raft group. */
function appoint(design: Design, store: ChainStore): readonly Fix[] {
  const { mechanism } = store;
  const able = design.stores.find(
    one => one !== store && one.mechanism.kind !== 'chain' && isPlaced(design, one) && unfit(design, one) === undefined,
  );
  if (able !== undefined) {
    return [fix(`Let ${able.name} keep the configuration`, set(mechanism, 'master', `master ${able.name}`))];
  }
  const cluster = store.clusters.find(name => {
    const nodes = design.clusters.find(one => one.name === name)?.nodes ?? [];
    return nodes.filter(node => design.nodes[node]!.role === 'member').length >= 3;
  });
  const name = `${store.name}-configuration`;
  const taken = [...design.stores, ...design.transactions, ...design.workloads, ...design.clusters, ...design.regions];
  if (cluster === undefined || taken.some(one => one.name === name)) return [];
  return [
    fix('Keep the configuration in a Raft group', set(mechanism, 'master', `master ${name}`), {
      kind: 'declare',
      near: store,
      text: `store ${name} on ${cluster} { consensus raft }`,
    }),
  ];
}

const chainNeedsMaster: Rule = {
  id: 'chain-needs-master',
  title: 'A chain does not decide who is in it',
  severity: 'error',
  condition:
    'Chain replication without a master, or with one that does not survive the loss of a node or may decide twice; or reads from any replica (`read from any`) while `linearizable` or `regular` is claimed.',
  why: 'A chain has no votes. When a replica is silent, its neighbours cannot tell whether it is dead or cut off, and if both sides go on there are two chains. A small group that agrees by consensus has to say who is in. Reads at other replicas than the tail see what is not acknowledged yet, or miss what is.',
  source:
    'van Renesse and Schneider, "Chain Replication for Supporting High Throughput and Availability", OSDI 2004, §3',
  wrong: `cluster c { nodes 3 }
store s on c { replication chain }`,
  right: `cluster c { nodes 3 }
store routes on c { consensus raft }
store s on c { replication chain { master routes } }`,
  *check(design) {
    for (const store of storesWith(design, 'chain')) {
      const { mechanism } = store;
      const { replicas } = smallestPartition(design, store);
      if (replicas.length < 2) continue;
      const master = design.stores.find(one => one.name === mechanism.master && isPlaced(design, one));
      const problem = master && unfit(design, master);
      if (mechanism.master === null) {
        const silent = nameOf(design, replicas[1]!);
        yield {
          at: { of: mechanism, option: 'master' },
          message: `A chain of ${replicas.length} cannot itself decide who is dead: when ${silent} is silent, writes stop, and nobody may take it out.`,
          fixes: appoint(design, store),
        };
      } else if (problem !== undefined) {
        yield {
          at: { of: mechanism, option: 'master' },
          message: `${mechanism.master} decides who is in a chain of ${replicas.length}, but it ${problem}.`,
          fixes: appoint(design, store),
        };
      }
      const claim = claimedAtLeast(store, 'regular');
      if (claim === undefined) continue;
      const [head, tail] = [nameOf(design, replicas[0]!), nameOf(design, replicas.at(-1)!)];
      const anywhere = usesIn(design, store).filter(
        use => use.store.mechanism.kind === 'chain' && use.store.mechanism.read === 'any',
      );
      for (const { use } of oncePerOption(
        anywhere.map(use => ({ use })),
        () => 'read',
      )) {
        const { reader } = use;
        yield {
          at: { of: reader ?? mechanism, option: 'read' },
          message: `A read at ${head} sees a write before ${tail} has it, and the next read at ${tail} does not: that is not ${claim.model}.`,
          related: [{ at: claim, message: `${claim.model} is claimed here.` }],
          fixes: [
            fix(
              'Read from the tail',
              reader === null ? set(mechanism, 'read', 'read from tail') : unset(reader, 'read'),
            ),
          ],
        };
      }
    }
  },
};

export const chainRules: readonly Rule[] = [chainNeedsMaster];
