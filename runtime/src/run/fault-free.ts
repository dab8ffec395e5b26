/** Figures in claims are judged without faults: the same load once more, with nothing going wrong. */
import type { Property } from '../design/property.ts';
import type { Executed, RunOptions } from './execute.ts';
import { execute } from './execute.ts';
import { judgeFigure } from './figures.ts';
import { claimKey, isFigure } from './judge.ts';
import { type Finding, unknown } from './state-checks.ts';
import { judgeTransactionFigure } from './transaction-figures.ts';

interface Judged {
  readonly finding: Finding;
  readonly measured: number | null;
}

/** By store or transaction, and property text. */
export function faultFreeFigures(
  executed: Executed,
  options: Pick<RunOptions, 'seed' | 'eventLimit' | 'cancelled'>,
): ReadonlyMap<string, Judged> {
  const { scenario, stores, transactions } = executed;
  const found = new Map<string, Judged>();
  const isClaimed = [...stores, ...transactions.map(one => one.transaction)].some(({ claims }) =>
    claims.some(isFigure),
  );
  if (!isClaimed) return found;
  const actions = scenario.actions.filter(({ verb }) => verb.kind === 'operation');
  const quiet = execute(
    executed.written,
    { ...scenario, actions, chaos: [], settleNs: 0 },
    { seed: options.seed, eventLimit: options.eventLimit, cancelled: options.cancelled },
  );
  for (const store of stores)
    for (const claim of store.claims.filter(isFigure))
      found.set(
        claimKey(store, claim),
        withoutFaults(claim, () => judgeStoreFigure(quiet, store, claim)),
      );
  for (const { transaction } of transactions) {
    const runnable = quiet.transactions.find(one => one.transaction.name === transaction.name)!;
    for (const claim of transaction.claims.filter(isFigure))
      found.set(
        claimKey(transaction, claim),
        withoutFaults(claim, () => judgeTransactionFigure(quiet, runnable, claim, { fromNs: null, untilNs: null })),
      );
  }
  return found;
}

function withoutFaults(claim: Property, judgeIt: () => Judged | undefined): Judged {
  const judged = claim.kind === 'recovery' ? undefined : judgeIt();
  if (judged !== undefined) {
    const why = `${judged.finding.why}, without faults`;
    return { ...judged, finding: { ...judged.finding, why, operations: [], events: [] } };
  }
  const why =
    claim.kind === 'recovery'
      ? 'recovery is judged under faults: expect it in a scenario'
      : `"${claim.text}" is not checked by runs yet`;
  return { finding: unknown(why), measured: null };
}

function judgeStoreFigure(quiet: Executed, store: Executed['stores'][number], claim: Property): Judged | undefined {
  switch (claim.kind) {
    case 'availability':
    case 'latency':
    case 'staleness':
    case 'staleness-versions':
    case 'throughput':
      return judgeFigure(quiet, store, claim, null, null);
    default:
      return undefined;
  }
}
