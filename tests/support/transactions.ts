/** Runs of transactions over the stores `orders` and `stock`, as tests look at them. */
import { type Design, execute, obstacles } from '@dsys/runtime';
import { checkLinearizable } from '@dsys/runtime/checkers/linearizable';
import { modelNamed } from '@dsys/runtime/model/model';
import { transactionHistory } from '@dsys/runtime/run/transaction-view';
import { expect } from 'vitest';
import { designOf } from './design.ts';

export type Executed = ReturnType<typeof execute>;

export const threeClusters = `network { latency 2ms }
cluster a { nodes a1, a2, a3 }
cluster b { nodes b1, b2, b3 }
cluster c { nodes c1, c2, c3 }`;

/** A design whose first scenario can be executed. */
export async function designFor(text: string): Promise<Design> {
  const design = await designOf(text, 'test.dsys', { withErrors: true });
  expect(obstacles(design, design.scenarios[0]!)).toEqual([]);
  return design;
}

/** What is prepared somewhere at the end. */
export const inDoubt = ({ sim }: Executed): string[] =>
  sim.groups.flatMap(group =>
    [...group.members.values()].flatMap(({ state, protocol, node }) =>
      state === undefined || protocol.machine === undefined
        ? []
        : Object.keys(protocol.machine(state).transactions.prepared).map(id => `${id} at ${node.spec.name}`),
    ),
  );

/** Strict serializability of reads and writes: linearizability of all keys together. */
export function serializability(executed: Executed): string {
  const found = transactionHistory(executed, ['orders', 'stock']);
  if (typeof found === 'string') return found;
  const { verdict, why } = checkLinearizable(found.history, modelNamed('multi-register')!);
  return verdict === 'holds' ? verdict : `${verdict}: ${why}`;
}

/** Transactions that committed, of those that were tried. */
export const share = (all: readonly Executed[]): number => {
  const tried = all.flatMap(({ log }) => log.operations.filter(one => one.kind === 'transaction'));
  return tried.filter(one => one.outcome === 'ok').length / tried.length;
};

/** What each `audit` that succeeded has found in all counters together; nothing else may go wrong meanwhile. */
export const auditedSums = (design: Design, seeds: readonly number[]): number[] =>
  seeds.flatMap(seed => {
    const { sim, log } = execute(design, design.scenarios[0]!, { seed });
    expect(sim.broken).toEqual([]);
    return log.operations
      .filter(one => one.store === 'audit' && one.outcome === 'ok')
      .map(one => (one.output as readonly [string, string, number][]).reduce((sum, step) => sum + step[2], 0));
  });

/** What is broken; who is still waiting while others commit is another question. */
export const brokenIn = ({ sim }: Executed): string[] =>
  sim.broken.filter(one => !one.invariant.endsWith('ConcurrencySet')).map(one => `${one.invariant}: ${one.why}`);

/** Nodes that crash and stand still, messages that are lost, doubled and overtaken. */
export const lossyStorm = `chaos from 0s until 4s { crash up to 1 every 800ms  pause up to 1 every 900ms }
  at 0s degrade { loss 3%  duplicate 3%  reorder 5% } for 4s`;

/** Load on both stores, one after the other and together. */
export const transactionStorm = (commit: string, faults: string, store = 'consensus raft', other = ''): string =>
  `${threeClusters}
${other}
store orders on a { ${store} }
store stock on b { partition by hash(id) into 2  ${store} }
transaction place { update orders, stock  commit ${commit} }
transaction audit { read all orders, stock  commit ${commit} }
workload shop on place, audit, orders, stock { clients 4  keys 4  think exponential(30ms)  timeout 2s
  operations 25% read, 25% write, 45% transaction on place, 5% transaction on audit }
scenario storm {
  run shop for 5s
  settle 8s
  ${faults}
}`;

/** A workload called `shop` while everything goes wrong that can, and time to settle. */
export const stormOfEverything = `scenario storm {
  run shop for 6s
  settle 6s
  chaos from 0s until 5s { crash up to 1 every 800ms  cut up to 1 every 900ms  pause up to 1 every 1s }
  at 0s degrade { loss 3%  duplicate 3%  reorder 5% } for 5s
}`;
