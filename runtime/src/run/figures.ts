/** Figures of a run compared with their bounds. */
import {
  availability,
  endsOf,
  latencies,
  lossWindow,
  percentile,
  recovery,
  throughput,
  type Window,
} from '../checkers/figures.ts';
import type { Operation } from '../checkers/history.ts';
import { staleness } from '../checkers/staleness.ts';
import type { Comparison, Property } from '../design/property.ts';
import type { Store } from '../design/store.ts';
import type { Executed } from './execute.ts';
import { type Finding, holds, lostOperations, unknown, violated } from './state-checks.ts';
import { clip, during, type StoreView, viewOf } from './view.ts';
import { percent, plural, time } from './words.ts';

export type Figure = Extract<
  Property,
  { kind: 'availability' | 'latency' | 'staleness' | 'staleness-versions' | 'recovery' | 'throughput' | 'loss-window' }
>;

export interface Measured {
  readonly finding: Finding;
  /** In base units: ns, fraction, per second, versions. */
  readonly measured: number | null;
}

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

const none = (why: string): Measured => ({ finding: unknown(why), measured: null });

const against = (
  property: Figure,
  measured: number,
  bound: number,
  says: string,
  operations: readonly number[] = [],
): Measured => ({
  finding: compare(measured, property.comparison, bound) ? holds(says) : violated(says, operations),
  measured,
});

export function judgeFigure(
  executed: Executed,
  store: Store,
  property: Figure,
  fromNs: number | null,
  untilNs: number | null,
): Measured {
  const view = viewOf(executed, store);
  const window = clip(view, fromNs, untilNs);
  switch (property.kind) {
    case 'availability':
      return judgeAvailability(view, window, property);
    case 'latency': {
      if (property.of === 'transaction')
        return none('name the transaction: it is judged of transactions, not of stores');
      const values = latencies(view.history, window, property.of);
      const measured = percentile(values, property.percentile === 'max' ? 1 : property.percentile);
      if (measured === null) return none(`no ${property.of} was tried`);
      const says = `${time(measured)} over ${plural(values.length, property.of)}`;
      return against(property, measured, property.boundNs, says, slowest(view, window, property.of));
    }
    case 'staleness':
    case 'staleness-versions': {
      const { ns, versions } = staleness(view.history, view.model, window);
      const byTime = property.kind === 'staleness';
      const share = property.kind === 'staleness' && property.percentile !== 'max' ? property.percentile : 1;
      const measured = percentile(byTime ? ns : versions, share);
      if (measured === null) return none('no read could be judged');
      const says = `${byTime ? time(measured) : plural(measured, 'version')} over ${plural(ns.length, 'read')}`;
      return against(property, measured, property.kind === 'staleness' ? property.boundNs : property.bound, says);
    }
    case 'recovery': {
      if (view.faults.length === 0) return none('no fault was injected');
      const found = recovery(view.history, window, view.faults, view.partitionOf);
      if (found === null) return none('no write was tried after a fault');
      const says = `no write to ${found.partition} succeeded for ${time(found.ns)}, from ${time(found.from)} on${found.recovered ? '' : ', and none until the end of the load'}`;
      const tried = during(view.history, found).filter(one => one.kind !== 'read');
      return against(property, found.ns, property.boundNs, says, idsOf(view, tried));
    }
    case 'throughput': {
      const measured = throughput(view.history, window);
      if (measured === null) return none('the load lasted no time');
      return against(
        property,
        measured,
        property.boundPerSecond,
        `${Number(measured.toFixed(1))} operations per second succeeded`,
      );
    }
    case 'loss-window': {
      const lost = lostOperations(executed, view);
      const measured = lossWindow(lost, view.faults);
      return against(
        property,
        measured,
        property.boundNs,
        lost.length === 0
          ? 'no acknowledged write was lost'
          : `${plural(lost.length, 'acknowledged write')} of ${time(measured)} lost`,
        idsOf(view, lost),
      );
    }
  }
}

function judgeAvailability(
  view: StoreView,
  window: Window,
  property: Extract<Figure, { kind: 'availability' }>,
): Measured {
  const side = property.of === 'all' ? undefined : property.of;
  const tried = during(view.history, window).filter(
    one => side === undefined || (one.kind === 'read') === (side === 'read'),
  );
  if (tried.length === 0) return none('no operation of this kind was tried');
  const measured = availability(view.history, window, clientsOf(view), side);
  if (measured === null) return none('the window has no length');
  const bad = tried.filter(one => one.outcome !== 'ok');
  const says = `${percent(measured)} of client time was not spent in failures (${bad.length} of ${plural(tried.length, 'operation')} failed or timed out)`;
  return against(property, measured, property.bound, says, idsOf(view, bad));
}

/** Most operations that a figure's witness names. */
const witnessMax = 10;

const idsOf = (view: StoreView, operations: readonly Operation[]): number[] =>
  operations.slice(0, witnessMax).map(({ id }) => view.logged[id]!.id);

function slowest(view: StoreView, window: Window, side: 'read' | 'write'): number[] {
  const ends = endsOf(view.history, window);
  const lasted = ({ id, invoke }: Operation) => ends[id]! - invoke;
  const tried = during(view.history, window).filter(one => (one.kind === 'read') === (side === 'read'));
  return idsOf(
    view,
    tried.sort((a, b) => lasted(b) - lasted(a)),
  );
}

/** Sessions that asked anything: an open loop has as many as it needed at once. */
export const clientsOf = (view: StoreView): number =>
  new Set(view.history.operations.map(({ process }) => process)).size;
