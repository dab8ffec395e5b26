/** Transactions by versions over the stores `orders` and `stock`, as tests look at them. */
import { isolationOf } from '@dsys/runtime/checkers/isolation/isolation';
import type { IsolationLevel } from '@dsys/runtime/design/property';
import type { Transactions } from '@dsys/runtime/protocols/transactions';
import { transactionHistory } from '@dsys/runtime/run/transaction-view';
import { isLong } from './design.ts';
import { type Executed, stormOfEverything } from './transactions.ts';

export const seeds = Array.from({ length: isLong ? 50 : 5 }, (_, i) => i + 1);

export function isolation(executed: Executed, level: IsolationLevel, stores = ['orders', 'stock']) {
  const found = transactionHistory(executed, stores);
  if (typeof found === 'string') throw new Error(found);
  return isolationOf(found.history, level);
}

export const machines = ({ sim }: Executed): Transactions[] =>
  sim.groups.flatMap(group =>
    [...group.members.values()].flatMap(({ state, protocol }) =>
      state === undefined || protocol.machine === undefined ? [] : [protocol.machine(state).transactions],
    ),
  );

export const storm = (
  level: string,
  options: { commit?: string; store?: string; alone?: string; model?: string; skew?: string } = {},
) => {
  const commit = `concurrency versions  isolation ${level}  ${level === 'strict-serializable' ? 'commit-wait on' : ''}
    commit two-phase-commit { timeout 500ms ${options.commit ?? 'coordinator raft on c'} }`;
  const skew = options.skew ?? '10ms';
  return `network { latency 2ms }
cluster a { nodes a1, a2, a3  clock { skew ${skew} } }
cluster b { nodes b1, b2, b3  clock { skew ${skew} } }
cluster c { nodes c1, c2, c3  clock { skew ${skew} } }
store orders on a { model ${options.model ?? 'list'}  ${options.store ?? 'consensus raft'} }
store stock on b { model ${options.model ?? 'list'}  partition by hash(id) into 2  ${options.store ?? 'consensus raft'} }
transaction place { update orders, stock  ${commit} }
transaction check { read orders  update stock  ${commit} }
transaction take { read stock  update orders  ${commit} }
transaction audit { read all orders, stock  ${commit} }
workload shop on place, check, take, audit, orders, stock { clients 4  keys 3  think exponential(30ms)  timeout 2s
  operations ${options.alone ?? '30% read'}, 20% transaction on place, 20% transaction on check, 20% transaction on take, 10% transaction on audit }
${stormOfEverything}`;
};
