/** Figures of a run compared with their bounds. */
import type { LoggedOperation } from '../clients/log.ts';
import type { Comparison, Property } from '../design/property.ts';
import type { Store } from '../design/store.ts';
import type { Executed } from './execute.ts';
import { availabilityOfClients, durations, percentile, readsOf, recovery, staleness, writesOf } from './measure.ts';
import { type Finding, holds, unknown, violated } from './state-checks.ts';
import { percent, plural, time } from './words.ts';

type Figure = Extract<Property, { kind: 'availability' | 'latency' | 'staleness' | 'recovery' | 'throughput' }>;

export const compare = (measured: number, comparison: Comparison, bound: number): boolean => {
  switch (comparison) {
    case '<':
      return measured < bound;
    case '<=':
      return measured <= bound;
    case '>':
      return measured > bound;
    case '>=':
      return measured >= bound;
  }
};

export function judgeFigure(
  executed: Executed,
  store: Store,
  property: Figure,
  inWindow: (operation: LoggedOperation) => boolean,
): { readonly finding: Finding; readonly measured: number | null } {
  const all = executed.log.operations.filter(one => one.store === store.name && inWindow(one));
  const none = (why: string) => ({ finding: unknown(why), measured: null });
  const verdict = (measured: number, bound: number, says: string, operations: readonly number[] = []) => ({
    finding: compare(measured, property.comparison, bound) ? holds(says) : violated(says, operations),
    measured,
  });
  switch (property.kind) {
    case 'availability': {
      const operations = property.of === 'all' ? all : property.of === 'read' ? readsOf(all) : writesOf(all);
      const measured = availabilityOfClients(executed, operations);
      if (measured === undefined) return none('no operation of this kind was tried');
      const bad = operations.filter(one => one.outcome !== 'ok');
      return verdict(
        measured,
        property.bound,
        `${percent(measured)} of client time was not spent in failures (${bad.length} of ${plural(operations.length, 'operation')} failed or timed out)`,
        bad.slice(0, 10).map(one => one.id),
      );
    }
    case 'latency': {
      if (property.of === 'transaction') return none('transactions are not built yet');
      const operations = property.of === 'read' ? readsOf(all) : writesOf(all);
      if (operations.length === 0) return none(`no ${property.of} was tried`);
      const sorted = durations(operations, executed.endNs);
      const measured = percentile(sorted, property.percentile);
      return verdict(measured, property.boundNs, `${time(measured)} over ${plural(operations.length, property.of)}`);
    }
    case 'staleness': {
      const values = staleness(all);
      if (values.length === 0) return none('no read succeeded');
      const measured = percentile(values, property.percentile);
      return verdict(measured, property.boundNs, `${time(measured)} over ${plural(values.length, 'read')}`);
    }
    case 'recovery': {
      const found = recovery(executed, store);
      if (found === undefined) return none('no fault was injected');
      if (!writesOf(all).some(one => one.invoke >= Math.min(...executed.faults.starts)))
        return none('no write was tried after a fault');
      return verdict(
        found.ns,
        property.boundNs,
        found.ns === 0
          ? 'writes went on all the time'
          : `no write to ${found.partition} succeeded for ${time(found.ns)}, from ${time(found.fromNs - executed.originNs)} on`,
      );
    }
    case 'throughput': {
      const seconds = (executed.loadEndNs - executed.originNs) / 1e9;
      if (seconds === 0) return none('the load lasted no time');
      const measured = all.filter(one => one.outcome === 'ok').length / seconds;
      return verdict(
        measured,
        property.boundPerSecond,
        `${Number(measured.toFixed(1))} operations per second succeeded`,
      );
    }
  }
}
