/** Figures of a declared transaction: how long it takes, how often it succeeds. Its attempts are those of its clients. */
import { availability, percentile, throughput } from '../checkers/figures.ts';
import type { History } from '../checkers/history.ts';
import type { Runnable } from '../clients/transactions.ts';
import type { Property } from '../design/property.ts';
import type { Executed } from './execute.ts';
import { compare, type Measured } from './figures.ts';
import type { Window } from './judge.ts';
import { holds, unknown, violated } from './state-checks.ts';
import { operationOf } from './transaction-view.ts';
import { percent, plural, time } from './words.ts';

const none = (why: string): Measured => ({ finding: unknown(why), measured: null });

/** undefined: no figure that is measured of transactions. */
export function judgeTransactionFigure(
  executed: Executed,
  { transaction }: Runnable,
  property: Property,
  { fromNs, untilNs }: Window,
): Measured | undefined {
  const { originNs, loadEndNs, log } = executed;
  const from = fromNs ?? 0;
  const until = Math.min(loadEndNs - originNs, untilNs ?? Number.POSITIVE_INFINITY);
  const mine = log.operations.filter(one => one.store === transaction.name);
  const tried = mine.filter(({ invoke }) => invoke - originNs >= from && invoke - originNs < until);
  const history = (): History => ({
    operations: mine.map((one, id) => operationOf(one, id, originNs)),
    initial: null,
  });
  const against = (measured: number, is: Extract<Property, { comparison: unknown }>, bound: number, says: string) => ({
    finding: compare(measured, is.comparison, bound) ? holds(says) : violated(says),
    measured,
  });
  switch (property.kind) {
    case 'latency': {
      if (property.of !== 'transaction') return none(`a transaction is no ${property.of}`);
      const lasted = Float64Array.from(tried, one => Math.min(one.ended, executed.endNs) - one.invoke).sort();
      const measured = percentile(lasted, property.percentile === 'max' ? 1 : property.percentile);
      if (measured === null) return none('no transaction was tried');
      const says = `${time(measured)} over ${plural(lasted.length, 'transaction')}`;
      return against(measured, property, property.boundNs, says);
    }
    case 'availability': {
      if (property.of !== 'all') return none(`a transaction is no ${property.of}`);
      const clients = new Set(mine.map(({ process }) => process)).size;
      const measured = availability(history(), { from, until }, clients);
      if (measured === null || tried.length === 0) return none('no transaction was tried');
      const bad = tried.filter(({ outcome }) => outcome !== 'ok').length;
      const says = `${percent(measured)} of client time was not spent in failures (${bad} of ${plural(tried.length, 'transaction')} failed or timed out)`;
      return against(measured, property, property.bound, says);
    }
    case 'throughput': {
      const measured = throughput(history(), { from, until });
      if (measured === null) return none('the load lasted no time');
      const says = `${Number(measured.toFixed(1))} transactions per second succeeded`;
      return against(measured, property, property.boundPerSecond, says);
    }
    default:
      return undefined;
  }
}
