/** Figures in claims are judged without faults: the same load once more, with nothing going wrong. */
import type { Executed, RunOptions } from './execute.ts';
import { execute } from './execute.ts';
import { judgeFigure } from './figures.ts';
import { isFigure, survivalKey } from './judge.ts';
import { type Finding, unknown } from './state-checks.ts';

export function faultFreeFigures(
  executed: Executed,
  options: Pick<RunOptions, 'seed' | 'eventLimit' | 'cancelled'>,
): ReadonlyMap<string, { readonly finding: Finding; readonly measured: number | null }> {
  const found = new Map<string, { readonly finding: Finding; readonly measured: number | null }>();
  const claims = executed.stores.flatMap(store => store.claims.filter(isFigure).map(claim => ({ store, claim })));
  if (claims.length === 0) return found;
  const { scenario } = executed;
  const actions = scenario.actions.filter(({ verb }) => verb.kind === 'operation');
  const quiet = execute(
    executed.design,
    { ...scenario, actions, chaos: [], settleNs: 0 },
    { seed: options.seed, eventLimit: options.eventLimit, cancelled: options.cancelled },
  );
  for (const { store, claim } of claims) {
    const key = survivalKey(store, claim);
    switch (claim.kind) {
      case 'availability':
      case 'latency':
      case 'staleness':
      case 'staleness-versions':
      case 'throughput': {
        const judged = judgeFigure(quiet, store, claim, null, null);
        found.set(key, {
          ...judged,
          finding: { ...judged.finding, why: `${judged.finding.why}, without faults`, operations: [], events: [] },
        });
        break;
      }
      case 'recovery':
        found.set(key, {
          finding: unknown('recovery is judged under faults: expect it in a scenario'),
          measured: null,
        });
        break;
      default:
        found.set(key, { finding: unknown(`"${claim.text}" is not checked by runs yet`), measured: null });
    }
  }
  return found;
}
