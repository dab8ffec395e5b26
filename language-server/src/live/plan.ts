/** What is run to try a store's claims: the file's own scenarios, and one with faults at random that nobody wrote. */
import type { Design } from '@dsys/runtime/design/design';
import type { Chaos, Scenario, Workload } from '@dsys/runtime/design/scenario';
import type { Store } from '@dsys/runtime/design/store';
import { touchedStores } from '@dsys/runtime/run/running-stores';
import { isFigure } from '@dsys/runtime/run/judge';
import { defaultSettle } from '../elaborate/scenarios.ts';
import { defaultMix, emptyWorkload } from '../elaborate/workloads.ts';
import type { LiveJob } from '../runs/jobs.ts';

const ms = 1_000_000;
/** Short, so that some fit into the budget of a store. */
const load = { forNs: 3000 * ms, fromNs: 500 * ms, untilNs: 2500 * ms, everyNs: 1000 * ms };

export interface LivePlan {
  /** The design with a workload for each store that has none. */
  readonly design: Design;
  readonly stores: LiveJob['stores'];
  /** Scenarios that nobody wrote, as text that can be added to the file and runs the same. */
  readonly texts: ReadonlyMap<string, string>;
}

/** @param wanted the stores whose claims are to be tried */
export function livePlan(design: Design, wanted: readonly Store[]): LivePlan {
  const taken = new Set([...design.workloads, ...design.scenarios, ...design.stores].map(({ name }) => name));
  const workloads: Workload[] = [];
  const texts = new Map<string, string>();
  const scenariosOf = scenariosByStore(design);
  const stores = wanted.map(store => {
    const name = freshName(`${store.name}-live`, taken);
    const { made, targeting } = workloadsOf(design, store, taken);
    if (made) workloads.push(made);
    const runs = targeting.map(workload => ({ workload: workload.name, forNs: load.forNs }));
    const faulty = madeScenario(design, store, name, runs, [chaosOf(store)]);
    texts.set(name, `${made ? `workload ${made.name} on ${store.name} {}\n` : ''}${textOf(name, targeting)}`);
    const calm = store.claims.some(isFigure) ? [madeScenario(design, store, `${name}-calm`, runs, [])] : [];
    return { name: store.name, scenarios: [faulty, ...calm, ...(scenariosOf.get(store) ?? [])] };
  });
  return { design: { ...design, workloads: [...design.workloads, ...workloads] }, stores, texts };
}

function scenariosByStore(design: Design): ReadonlyMap<Store, readonly Scenario[]> {
  const found = new Map<Store, Scenario[]>();
  for (const scenario of design.scenarios) {
    for (const store of touchedStores(design, scenario)) {
      const others = found.get(store);
      if (others === undefined) found.set(store, [scenario]);
      else others.push(scenario);
    }
  }
  return found;
}

function freshName(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let i = 2; taken.has(name); i++) name = `${wanted}-${i}`;
  taken.add(name);
  return name;
}

/** Those that were written for the store; else one of its own, with the language's defaults. */
function workloadsOf(
  design: Design,
  store: Store,
  taken: Set<string>,
): { readonly made: Workload | undefined; readonly targeting: readonly Workload[] } {
  const written = design.workloads.filter(one => one.targets.includes(store.name) && !one.generated);
  if (written.length > 0) return { made: undefined, targeting: written };
  const name = freshName(`${store.name}-load`, taken);
  const made = {
    ...emptyWorkload(store.at, name, [store.name]),
    generated: true,
    mix: defaultMix([store.model], false, store.at),
  };
  return { made, targeting: [made] };
}

const chaosOf = ({ at }: Store): Chaos => ({
  at,
  fromNs: load.fromNs,
  untilNs: load.untilNs,
  parts: (['crash', 'cut'] as const).map(verb => ({ verb, upTo: 1, everyNs: load.everyNs, targets: null })),
});

const madeScenario = (
  design: Design,
  { at }: Store,
  name: string,
  runs: Scenario['runs'],
  chaos: Scenario['chaos'],
): Scenario => ({
  at,
  name,
  doc: null,
  generated: true,
  runs,
  seeds: 1,
  settleNs: defaultSettle(design),
  actions: [],
  chaos,
  expectations: [],
});

const textOf = (name: string, workloads: readonly Workload[]): string => `scenario ${name} {
  run ${workloads.map(workload => workload.name).join(', ')} for ${load.forNs / ms}ms
  chaos from ${load.fromNs / ms}ms until ${load.untilNs / ms}ms {
    crash up to 1 every ${load.everyNs / ms}ms
    cut up to 1 every ${load.everyNs / ms}ms
  }
}
`;
