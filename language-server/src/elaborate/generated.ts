/** Without a scenario there is one called `default`: each workload (or the default one), ten seconds, no faults. */
import type { Scenario, Workload } from '@dsys/runtime/design/scenario';
import { nowhere } from '@dsys/runtime/design/source';
import { defaults } from './defaults.ts';
import { defaultSettle } from './scenarios.ts';
import type { Data } from './targets.ts';
import { defaultMix, defaultWorkload, emptyWorkload } from './workloads.ts';

export function defaultScenario(
  data: Data,
  workloads: readonly Workload[],
  hasScenarios: boolean,
): { readonly workloads: readonly Workload[]; readonly scenarios: readonly Scenario[] } {
  if (data.stores.length === 0) return { workloads: [], scenarios: [] };
  const at = data.stores[0]?.at ?? nowhere;
  const made: Workload[] = [];
  if (workloads.length === 0) {
    const mix = defaultMix(
      data.stores.map(store => store.model),
      false,
      at,
    );
    made.push({
      ...emptyWorkload(
        at,
        defaultWorkload,
        data.stores.map(store => store.name),
      ),
      mix,
    });
  }
  if (hasScenarios) return { workloads: made, scenarios: [] };
  const runs = [...workloads, ...made].map(workload => ({
    workload: workload.name,
    forNs: defaults.scenario.forNs as number,
  }));
  const scenario: Scenario = {
    at,
    name: 'default',
    doc: null,
    generated: true,
    runs,
    seeds: defaults.scenario.seeds,
    settleNs: defaultSettle(data),
    actions: [],
    chaos: [],
    expectations: [],
  };
  return { workloads: made, scenarios: [scenario] };
}
