/** Runs of sketched designs, looked at the way the suites of protocols and kernel do. */

import { checkLinearizable } from '../checkers/linearizable.ts';
import { historyOf } from '../clients/log.ts';
import { modelNamed } from '../model/model.ts';
import type { AnyProtocol } from '../protocols/contract.ts';
import { type Executed, execute } from '../run/execute.ts';
import { convergence } from '../run/state-checks.ts';
import { type Sketch, sketch } from './design.ts';

/** One run of a sketch; `protocol` takes the place of the one that its mechanism names. */
export function runSketch(wanted: Sketch, seed: number, protocol?: AnyProtocol): Executed {
  const { design, scenario } = sketch(wanted);
  return execute(design, scenario, { seed, ...(protocol && { protocolOf: () => protocol }) });
}

/** Twenty clients that want the same key, and nothing that goes wrong. */
export const crowdOnOneKey = (wanted: Sketch): Executed =>
  runSketch(
    {
      ...wanted,
      workload: { clients: 20, keys: { count: 1, choice: 'uniform' }, timeoutNs: 2_000_000_000 },
      forNs: 3_000_000_000,
      settleNs: 2_000_000_000,
    },
    1,
  );

/** Names of the invariants that the run broke, each with its reason. */
export const brokenIn = (executed: Executed): readonly string[] =>
  executed.sim.broken.map(({ invariant, why }) => `${invariant}: ${why}`);

/** Of all operations, those that succeeded. */
export const okShare = ({ log }: Executed): number =>
  log.operations.filter(one => one.outcome === 'ok').length / log.operations.length;

/** 'holds', or what the checker says instead. */
export function linearizability(executed: Executed): string {
  const [store] = executed.stores;
  const { history } = historyOf(executed.log, store!.name, executed.originNs);
  const { verdict, why } = checkLinearizable(history, modelNamed(store!.model)!);
  return verdict === 'holds' ? verdict : `${verdict}: ${why}`;
}

/** 'holds' when all connected replicas are equal at the end, or what the check says instead. */
export function replicasAgree(executed: Executed): string {
  const { verdict, why } = convergence(executed, executed.stores[0]!);
  return verdict === 'holds' ? verdict : `${verdict}: ${why}`;
}

/** Everything that a protocol without mistakes must keep, in one line; '' when it did. */
export function complaints(executed: Executed): string {
  const found = [...brokenIn(executed)];
  const history = linearizability(executed);
  if (history !== 'holds') found.push(history);
  const replicas = replicasAgree(executed);
  if (replicas !== 'holds') found.push(replicas);
  if (executed.ended !== 'complete') found.push(executed.ended);
  return found.join('; ');
}

/** Seeds that complain, each with what it complains about. */
export function complaintsOf(seeds: readonly number[], run: (seed: number) => Executed): readonly string[] {
  return seeds.flatMap(seed => {
    const said = complaints(run(seed));
    return said === '' ? [] : [`seed ${seed}: ${said}`];
  });
}

/** The first seed under which a run breaks an invariant or its history is not linearizable; undefined: none did. */
export function firstCaught(
  seeds: readonly number[],
  run: (seed: number) => Executed,
): { readonly seed: number; readonly why: string } | undefined {
  for (const seed of seeds) {
    const executed = run(seed);
    const [why] = brokenIn(executed);
    if (why !== undefined) return { seed, why };
    const history = linearizability(executed);
    if (history.startsWith('violated')) return { seed, why: history };
  }
  return undefined;
}
