/** Tries the claims of stores in short runs, as many as a budget of wall-clock time allows. Runs in a thread. */
import type { Design } from '@dsys/runtime/design/design';
import type { Scenario } from '@dsys/runtime/design/scenario';
import type { SourceRange } from '@dsys/runtime/design/source';
import type { Store } from '@dsys/runtime/design/store';
import { obstacles } from '@dsys/runtime/run/executable';
import { execute } from '@dsys/runtime/run/execute';
import { judge } from '@dsys/runtime/run/judge';
import type { ClaimVerdict } from '../protocol.ts';
import type { LiveJob } from '../runs/jobs.ts';

export interface StoreVerdicts {
  readonly store: string;
  readonly claims: readonly (Omit<ClaimVerdict, 'range'> & { readonly at: SourceRange })[];
}

export function checkStores(
  { design, stores, seeds, budgetMs }: LiveJob,
  cancelled: () => boolean,
  progress: (one: StoreVerdicts) => void,
): StoreVerdicts[] {
  const all: StoreVerdicts[] = [];
  for (const { name, scenarios } of stores) {
    if (cancelled()) break;
    const store = design.stores.find(one => one.name === name)!;
    const until = performance.now() + budgetMs;
    const verdicts = checkStore(design, store, scenarios, seeds, budgetMs, () =>
      cancelled() ? 'cancelled' : performance.now() > until ? 'budget' : undefined,
    );
    all.push(verdicts);
    progress(verdicts);
  }
  return all;
}

type Claim = StoreVerdicts['claims'][number];

/** @param over why no more is to be done */
function checkStore(
  design: Design,
  store: Store,
  scenarios: readonly Scenario[],
  seeds: number,
  budgetMs: number,
  over: () => 'cancelled' | 'budget' | undefined,
): StoreVerdicts {
  let why = scenarios.length === 0 ? 'no scenario touches the store' : `no run ended within ${budgetMs} ms`;
  const claims: Claim[] = store.claims.map(({ text, at }) => ({
    store: store.name,
    property: text,
    at,
    verdict: 'not checked',
    why: '',
    runs: 0,
    shown: null,
  }));
  const runnable = scenarios.filter(scenario => {
    const [obstacle] = obstacles(design, scenario);
    if (obstacle) why = obstacle.message;
    return obstacle === undefined;
  });
  for (let seed = 1; seed <= seeds; seed++) {
    for (const scenario of runnable) {
      if (over()) return told(store, claims, why);
      const executed = execute(design, scenario, { seed, cancelled: () => over() !== undefined });
      // The beginning of a run is no run: how far it came depends on the machine.
      if (executed.ended !== 'complete') return told(store, claims, why);
      const judged = judge(executed).filter(one => one.origin === 'claim' && one.of === store.name);
      claims.forEach((claim, i) => {
        const one = judged.find(({ property, at }) => property === claim.property && isSame(at, claim.at));
        if (one === undefined || one.expected || claim.verdict === 'violated') return;
        if (one.verdict === 'unknown') {
          if (claim.verdict === 'not checked') claims[i] = { ...claim, verdict: 'unknown', why: one.why };
          return;
        }
        const shown = one.verdict === 'violated' ? { scenario: scenario.name, seed } : null;
        claims[i] = { ...claim, verdict: one.verdict, why: one.why, runs: claim.runs + 1, shown };
      });
    }
  }
  return told(store, claims, why);
}

const isSame = (a: SourceRange | null, b: SourceRange): boolean => JSON.stringify(a) === JSON.stringify(b);

const told = (store: Store, claims: readonly Claim[], why: string): StoreVerdicts => ({
  store: store.name,
  claims: claims.map(claim => (claim.verdict === 'not checked' ? { ...claim, why } : claim)),
});
