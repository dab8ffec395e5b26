/** What a scenario that is there to show a violation need not keep: whatever necessarily fails with it. */
import { implies } from '../design/consistency.ts';
import { consistencyModels } from '../design/property.ts';
import type { Expectation } from '../design/scenario.ts';
import type { Store } from '../design/store.ts';
import {
  type OwnershipInvariantName,
  ownershipInvariantNames,
  ownershipInvariants,
} from '../protocols/ownership-invariants.ts';
import { invariantsOf, protectedByAtomicity } from '../protocols/transaction-coordinator/invariants.ts';
import type { Executed } from './execute.ts';
import type { Judged } from './judge.ts';

/** Models that linearizability implies: whoever violates one of them violates it too. */
const weaker: readonly string[] = consistencyModels.filter(
  model => model !== 'linearizable' && model !== 'eventual' && implies('linearizable', model),
);

const claimsOf = (models: readonly string[]): string[] => models.map(model => `consistency ${model}`);

/** What necessarily fails with a property: claims that it refutes. */
const refutes: Readonly<Record<string, readonly string[]>> = {
  'consistency linearizable': ['consistency strict'],
  'no lost-writes': [...claimsOf(['linearizable', 'strict', ...weaker]), 'no lost-updates'],
  // One and the same check.
  'no divergence': claimsOf(['eventual']),
  'consistency eventual': ['no divergence'],
  'no split-brain': [...claimsOf(['linearizable', 'strict']), 'no lost-writes', 'no divergence'],
};

/** Those of partitions that move, in runs in which some do. */
export const movesOf = ({ moving }: Executed, { name }: Store): readonly OwnershipInvariantName[] =>
  moving.has(name) ? ownershipInvariantNames : [];

/** Under `expect violation P`: P itself, what it refutes, and the invariants that protect it. */
export function excuse(executed: Executed, judged: readonly Judged[]): Judged[] {
  const shown = executed.scenario.expectations.filter(one => one.violation);
  if (shown.length === 0) return [...judged];
  const protectors = new Map<string, readonly string[]>();
  for (const store of executed.stores) {
    for (const invariant of executed.sim.groups[store.partitions[0]!]!.protocol.invariants)
      protectors.set(`invariant ${invariant.name}`, invariant.protects);
    for (const name of movesOf(executed, store))
      protectors.set(`invariant ${name}`, ownershipInvariants[name].protects);
  }
  for (const { transaction } of executed.transactions)
    for (const name of invariantsOf(transaction.commit))
      protectors.set(`invariant ${name}`, name === 'AC4' ? [] : protectedByAtomicity);
  const excuses = ({ property }: Expectation, one: Judged): boolean => {
    if (one.property === property.text || refutes[property.text]?.includes(one.property)) return true;
    if (
      property.kind === 'consistency' &&
      weaker.includes(property.model) &&
      /^consistency (linearizable|strict)$/.test(one.property)
    )
      return true;
    const protects = protectors.get(one.property);
    if (protects !== undefined)
      return property.kind === 'invariant'
        ? sharesProtection(protectors, property.name, protects)
        : protects.includes(property.kind);
    // An invariant that is shown to fail takes the properties that it protects with it.
    return property.kind === 'invariant' && (protectors.get(`invariant ${property.name}`) ?? []).includes(one.kind);
  };
  return judged.map(one =>
    one.verdict === 'violated' && shown.some(expectation => excuses(expectation, one))
      ? { ...one, expected: true }
      : one,
  );
}

const sharesProtection = (
  protectors: ReadonlyMap<string, readonly string[]>,
  name: string,
  protects: readonly string[],
): boolean => (protectors.get(`invariant ${name}`) ?? []).some(kind => protects.includes(kind));
