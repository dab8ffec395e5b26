/** Deleted items that come back. */
import type { Design } from '@dsys/runtime/design/design';
import type { Store } from '@dsys/runtime/design/store';
import { byDefault } from './loads.ts';
import { duration, durationAtLeast, durationAtMost, smallestPartition, storesWith, workloadsOn } from './questions.ts';
import { fix, type Rule, set } from './rule.ts';

const day = 86_400e9;

/** Something deletes keys of the store. */
const deletes = (design: Design, store: Store): boolean =>
  workloadsOn(design, store).some(({ mix }) =>
    mix.some(({ kind, share, on }) => kind === 'delete' && share > 0 && (on ?? store.name) === store.name),
  ) ||
  design.scenarios.some(({ actions }) =>
    actions.some(({ verb }) => verb.kind === 'operation' && verb.operation === 'delete' && verb.on === store.name),
  );

const tombstoneGc: Rule = {
  id: 'tombstone-gc',
  title: 'A deleted item comes back',
  severity: 'error',
  condition:
    'Tombstones are kept for less time than a replica may be away plus the time until it is repaired: `tombstones keep` < `outage` + `anti-entropy every`. Or there is no anti-entropy at all, something is deleted, and hints do not last for the longest outage.',
  why: 'A delete is a write too: a tombstone that says that the item is gone. A replica that was away has the item and not the tombstone. If the tombstone is cleared away everywhere before the two are compared, the comparison finds an item that the others lack, and copies it back.',
  source:
    'Demers et al., "Epidemic Algorithms for Replicated Database Maintenance", 1987, §2 (death certificates); Cassandra, gc_grace_seconds (10 d)',
  wrong: `faults { outage up to 12h }
cluster c { nodes 3 }
store s on c { replication leaderless { anti-entropy every 14d  tombstones keep 10d } }`,
  right: `faults { outage up to 12h }
cluster c { nodes 3 }
store s on c { replication leaderless { anti-entropy every 7d  tombstones keep 10d } }`,
  *check(design) {
    const { outageNs, declared } = design.faults;
    if (!Number.isFinite(outageNs)) return;
    const away = `a replica may be away for ${duration(outageNs)}${byDefault(!declared.outage)}`;
    for (const store of storesWith(design, 'leaderless')) {
      const { mechanism } = store;
      const { tombstonesNs, antiEntropyNs, hintedHandoffNs } = mechanism;
      if (smallestPartition(design, store).replicas.length < 2) continue;
      const kept = `Tombstones are kept for ${duration(tombstonesNs)}`;
      // Half of what is left, so that one round may fail.
      const period = Math.min(day, (tombstonesNs - outageNs) / 2);
      const repair =
        period >= 1e9
          ? [
              fix(
                `Repair every ${durationAtMost(period)}`,
                set(mechanism, 'anti-entropy', `anti-entropy every ${durationAtMost(period)}`),
              ),
            ]
          : [];
      if (antiEntropyNs === null) {
        if (outageNs === 0 || !deletes(design, store) || (hintedHandoffNs ?? 0) >= outageNs) continue;
        yield {
          at: { of: mechanism, option: 'tombstones' },
          message: `${kept}, but ${away} and no anti-entropy tells it what was deleted meanwhile: once the tombstones are gone, its items come back.`,
          fixes: repair,
        };
        continue;
      }
      const needed = outageNs + antiEntropyNs;
      if (tombstonesNs >= needed) continue;
      const longer = `tombstones keep ${durationAtLeast(needed * 1.25)}`;
      yield {
        at: { of: mechanism, option: 'tombstones' },
        message: `${kept}, but ${away} and is repaired every ${duration(antiEntropyNs)}: an item deleted meanwhile comes back.`,
        fixes: [fix(`Keep them longer: ${longer}`, set(mechanism, 'tombstones', longer)), ...repair],
      };
    }
  },
};

export const tombstoneRules: readonly Rule[] = [tombstoneGc];
