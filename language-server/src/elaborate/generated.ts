/** Without a scenario there is one called `default`: each workload (or the default one), ten seconds, no faults. */
import type { Scenario, Workload } from '@dsys/runtime/design/scenario';
import { defaults } from './defaults.ts';
import { defaultSettle } from './scenarios.ts';
import type { Data } from './targets.ts';
import { defaultMix, defaultWorkload, emptyWorkload } from './workloads.ts';

export function defaultScenario(
  data: Data,
  workloads: readonly Workload[],
  hasScenarios: boolean,
): { readonly workloads: readonly Workload[]; readonly scenarios: readonly Scenario[] } {
  const [first] = data.stores;
  if (first === undefined) return { workloads: [], scenarios: [] };
  const { at } = first;
  const made: Workload[] = [];
  if (workloads.length === 0) {
    const targets = data.stores.map(store => store.name);
    const models = data.stores.map(store => store.model);
    made.push({ ...emptyWorkload(at, defaultWorkload, targets), generated: true, mix: defaultMix(models, false, at) });
  }
  if (hasScenarios) return { workloads: made, scenarios: [] };
  const { forNs, seeds } = defaults.scenario;
  const runs = [...workloads, ...made].map(workload => ({ workload: workload.name, forNs }));
  const scenario: Scenario = {
    at,
    name: 'default',
    doc: null,
    generated: true,
    runs,
    seeds,
    settleNs: defaultSettle(data),
    actions: [],
    chaos: [],
    expectations: [],
  };
  return { workloads: made, scenarios: [scenario] };
}
