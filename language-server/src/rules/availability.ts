/** What is claimed to be up, or kept, against arithmetic. */
import { durability } from '@dsys/runtime/analysis/availability';
import { serviceQuorums } from '@dsys/runtime/analysis/service-quorums';
import { meanTimeToDataLossHours, partitionAvailability } from '@dsys/runtime/analysis/store-availability';
import type { Design } from '@dsys/runtime/design/design';
import type { Property } from '@dsys/runtime/design/property';
import type { Store } from '@dsys/runtime/design/store';
import type { Use } from '@dsys/runtime/protocols/uses';
import { claimsOf, downPerYear, partitionsOf, percent, placedStores } from './questions.ts';
import { type Fix, fix, type Rule, remove, replace } from './rule.ts';
import { oncePerOption, spotOf, usesIn, whose } from './uses.ts';

/** Share of time that the weakest partition serves an operation as a use asks for it; undefined: the design does not say. */
function servedTo(use: Use, design: Design, operation: 'read' | 'write'): number | undefined {
  let least = 1;
  for (const own of partitionsOf(design, use.store)) {
    const partition = use.partition(own);
    const quorums = serviceQuorums(design, use.store, partition);
    if (!('value' in quorums)) return undefined;
    const found = partitionAvailability(design, use.store, partition, quorums.value, operation);
    if (!('value' in found)) return undefined;
    least = Math.min(least, found.value);
  }
  return least;
}

/** The best that any use is served, and every use that is served less; undefined: the design does not say. */
function computed(design: Design, store: Store, operation: 'read' | 'write') {
  const served: { readonly use: Use; readonly up: number }[] = [];
  for (const use of usesIn(design, store)) {
    const up = servedTo(use, design, operation);
    if (up === undefined) return undefined;
    served.push({ use, up });
  }
  const best = Math.max(...served.map(({ up }) => up));
  return { best, less: served.filter(({ up }) => up < best) };
}

const hoursPerYear = 8766;

const availabilityClaim: Rule = {
  id: 'availability-claim',
  title: 'More nines than the nodes have',
  severity: 'error',
  condition:
    'A claimed availability exceeds P(a quorum is up) less the time of failovers, or a claimed durability exceeds exp(−year / MTTDL). The reliability of nodes is that of the design, by default one failure in 90 days and 10 minutes to repair.',
  why: 'From how often nodes fail and how long repairs take follows how often no quorum is up, and how often a leader has to be replaced. Failures that hit several nodes at once make it worse; this is the most that can be hoped for.',
  source: 'arithmetic: Σ C(n, i) aⁱ (1 − a)ⁿ⁻ⁱ; MTTDL after Patterson, Gibson and Katz, "RAID", 1988',
  wrong: `cluster c { nodes 3  reliability { mtbf 99h mttr 1h } }
store s on c { consensus raft  claims { availability >= 99.99% } }`,
  right: `cluster c { nodes 5  reliability { mtbf 99h mttr 1h } }
store s on c { consensus raft  claims { availability >= 99.99% } }`,
  *check(design) {
    for (const store of placedStores(design)) {
      for (const claim of claimsOf(store, 'availability')) {
        if (claim.comparison.startsWith('<')) continue;
        const of = claim.of === 'all' ? (['read', 'write'] as const) : [claim.of];
        const figures = of.map(operation => ({ operation, found: computed(design, store, operation) }));
        const known = figures.flatMap(({ operation, found }) =>
          found === undefined ? [] : [{ operation, up: found.best, less: found.less }],
        );
        if (known.length < figures.length || known.length === 0) continue;
        const worst = known.reduce((a, b) => (b.up < a.up ? b : a));
        const isKept = (up: number) => claim.bound < up || (claim.bound === up && claim.comparison === '>=');
        if (isKept(worst.up)) {
          for (const { operation, less } of known)
            for (const { use, up } of oncePerOption(less, () => operation)) {
              if (isKept(up)) continue;
              yield {
                severity: 'warning',
                at: spotOf(use, operation),
                message: `${whose(use)}${operation}s of ${store.name} are up ${percent(up)} of the time (down ${downPerYear(up)} a year), and "${claim.text}" is claimed.`,
                related: [{ at: claim, message: 'It is claimed here.' }],
              };
            }
          continue;
        }
        const what =
          claim.of === 'all'
            ? known.every(one => one.up === worst.up)
              ? 'operations'
              : `${worst.operation}s`
            : `${claim.of}s`;
        yield {
          at: claim,
          message: `"${claim.text}" is claimed (${downPerYear(claim.bound)} down a year); by the reliability of its nodes ${what} of ${store.name} are up ${percent(worst.up)} of the time (${downPerYear(worst.up)}).`,
          related: [{ at: store.mechanism, message: `${store.name} is kept this way.` }],
          fixes: [weaker(claim, worst.up)],
        };
      }
      for (const claim of claimsOf(store, 'durability')) {
        const hours = meanTimeToDataLossHours(design, store);
        const kept = durability(hours, hoursPerYear);
        if (!Number.isFinite(hours) || claim.comparison.startsWith('<') || claim.bound <= kept) continue;
        yield {
          at: claim,
          message: `"${claim.text}" is claimed for a year; with these copies some data is lost every ${Number((hours / hoursPerYear).toPrecision(3))} years, which keeps it with ${percent(kept)} a year.`,
          related: [{ at: store.mechanism, message: `${store.name} is kept this way.` }],
          fixes: [fix('Take the claim away', remove(claim))],
        };
      }
    }
  },
};

/** A little less than the figure, so that rounding does not claim more than there is. */
const lower = (availability: number): number => 1 - (1 - availability) * 1.001;

type Availability = Extract<Property, { kind: 'availability' }>;

/** Where next to nothing is up there is nothing to claim. */
function weaker(claim: Availability, up: number): Fix {
  const claimed = lower(up);
  if (claimed <= 0) return fix('Take the claim away', remove(claim));
  const text = claim.text.replace(/[<>]=?\s*\S+$/, `${claim.comparison} ${percent(claimed)}`);
  return fix(`Claim ${percent(up)}`, replace(claim, text));
}

export const availabilityRules: readonly Rule[] = [availabilityClaim];
