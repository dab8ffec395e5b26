/**
 * `survives 2 nodes`, `survives 1 region`, `survives virginia`: runs in which such a set is down and does not return,
 * from one third of the run on. Clients elsewhere must go on writing every partition within the recovery time, and read
 * every acknowledged write.
 */

import { partitionIndex } from '../clients/routing.ts';
import type { Property } from '../design/property.ts';
import type { Action, Scenario } from '../design/scenario.ts';
import type { Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { type Executed, execute, type RunOptions } from './execute.ts';
import { claimKey } from './judge.ts';
import { type Finding, holds, lostWrites, unknown, violated } from './state-checks.ts';
import { list, plural, time } from './words.ts';

/** Most sets of domains that are tried for one claim; beyond it they are picked evenly and the verdict says so. */
export const setsMax = 24;

/** Time that clients may need to find out and go on, where the claim gives no `recovery`. */
const defaultRecoveryNs = 10_000_000_000;

export function judgeSurvival(
  executed: Executed,
  options: Pick<RunOptions, 'seed' | 'eventLimit' | 'cancelled'>,
): ReadonlyMap<string, Finding> {
  const found = new Map<string, Finding>();
  const wanted = (property: Property) => property.kind === 'survives' || property.kind === 'survives-place';
  for (const store of executed.stores) {
    const expected = executed.scenario.expectations.map(one => one.property);
    for (const claim of [...store.claims, ...expected].filter(wanted)) {
      const key = claimKey(store, claim);
      if (!found.has(key)) found.set(key, judgeClaim(executed, store, claim, options));
    }
  }
  return found;
}

/** The sets of nodes that go down, with a name for each. */
function setsOf(
  executed: Executed,
  store: Store,
  claim: Property,
): readonly { readonly name: string; readonly nodes: readonly NodeId[] }[] {
  const { design } = executed;
  if (claim.kind === 'survives-place') return [{ name: claim.place, nodes: claim.nodes }];
  if (claim.kind !== 'survives' || claim.count === 0) return [];
  const members = [
    ...new Set(
      store.partitions.flatMap(id => [...design.partitions[id]!.replicas, ...design.partitions[id]!.witnesses]),
    ),
  ];
  const domainOf = (node: NodeId): string | null => {
    const { name, zone, region } = design.nodes[node]!;
    return claim.level === 'node' ? name : claim.level === 'zone' ? (zone ?? region) : region;
  };
  const domains = [...new Set(members.map(domainOf))].filter(domain => domain !== null);
  return combinations(domains, claim.count).map(set => ({
    name: list(set),
    nodes: design.nodes.filter(node => set.includes(domainOf(node.id) ?? '')).map(node => node.id),
  }));
}

function combinations<T>(items: readonly T[], count: number): T[][] {
  if (count === 0) return [[]];
  return items.flatMap((item, i) => combinations(items.slice(i + 1), count - 1).map(rest => [item, ...rest]));
}

function judgeClaim(
  executed: Executed,
  store: Store,
  claim: Property,
  options: Pick<RunOptions, 'seed' | 'eventLimit' | 'cancelled'>,
): Finding {
  if (claim.kind === 'survives' && claim.count === 0) return holds('nothing has to go down');
  const all = setsOf(executed, store, claim);
  if (all.length === 0)
    return unknown(
      `${store.name} does not stand on enough ${claim.kind === 'survives' ? `${claim.level}s` : 'nodes'} to take any down`,
    );
  const sets =
    all.length <= setsMax
      ? all
      : Array.from({ length: setsMax }, (_, i) => all[Math.floor((i * all.length) / setsMax)]!);
  for (const set of sets) {
    const finding = surviveWithout(executed, store, set, options);
    if (finding.verdict !== 'holds') return finding;
  }
  const some = sets.length < all.length ? ` (${sets.length} of ${all.length} tried)` : '';
  return holds(
    `writes went on and nothing was lost with ${sets.length === 1 ? sets[0]!.name : `any of ${plural(sets.length, 'set')}`} down${some}`,
  );
}

function surviveWithout(
  executed: Executed,
  store: Store,
  set: { readonly name: string; readonly nodes: readonly NodeId[] },
  options: Pick<RunOptions, 'seed' | 'eventLimit' | 'cancelled'>,
): Finding {
  const { written: design, scenario } = executed;
  const workloads = scenario.runs.filter(run =>
    design.workloads.find(one => one.name === run.workload)?.targets.includes(store.name),
  );
  if (workloads.length === 0) return unknown('no workload of this scenario writes to the store');
  const recoveryNs = Math.max(
    defaultRecoveryNs,
    ...store.claims.map(claim => (claim.kind === 'recovery' ? claim.boundNs : 0)),
  );
  const downNs = Math.ceil(Math.max(...workloads.map(run => run.forNs)) / 3);
  const forNs = downNs + recoveryNs + Math.max(2_000_000_000, downNs);
  const at = scenario.at;
  const crash: Action = {
    at,
    trigger: { kind: 'at', ns: downNs },
    verb: { kind: 'crash', targets: [{ at, kind: 'nodes', text: set.name, nodes: set.nodes }], losingDisk: false },
    forNs: null,
    text: `crash ${set.name}`,
  };
  // Clients that stand where everything is down are not served; the claim speaks of those elsewhere.
  const regions = new Set(set.nodes.map(node => design.nodes[node]!.region));
  const gone = (region: string | null) =>
    region !== null &&
    regions.has(region) &&
    design.nodes.every(node => node.region !== region || set.nodes.includes(node.id));
  const elsewhere = {
    ...design,
    workloads: design.workloads.map(one =>
      one.place !== null && gone(one.place.region) ? { ...one, place: null } : one,
    ),
  };
  const quiet: Scenario = {
    ...scenario,
    name: `survives without ${set.name}`,
    runs: workloads.map(run => ({ ...run, forNs })),
    actions: [crash],
    chaos: [],
    expectations: [],
    settleNs: 2_000_000_000,
  };
  const run = execute(elsewhere, quiet, {
    seed: options.seed,
    eventLimit: options.eventLimit,
    cancelled: options.cancelled,
  });
  if (run.ended !== 'complete') return unknown(`the run without ${set.name} was cut short`);
  const from = run.originNs + downNs + recoveryNs;
  for (const [index, id] of store.partitions.entries()) {
    const tried = run.log.operations.filter(
      one =>
        one.store === store.name &&
        one.kind !== 'read' &&
        one.invoke >= from &&
        one.invoke < run.loadEndNs &&
        partitionIndex(design, store, one.key) === index,
    );
    if (
      tried.length === 0 &&
      run.log.operations.filter(one => one.kind !== 'read' && partitionIndex(design, store, one.key) === index).length >
        0
    ) {
      // Closed-loop clients that wait for an answer try nothing new: that is an outage too, unless they never write.
      const waiting = run.log.operations.some(one => one.kind !== 'read' && one.invoke < from && one.ended > from);
      if (waiting)
        return violated(`without ${set.name}, no write to ${design.partitions[id]!.name} was answered any more`);
    }
    if (tried.length > 0 && !tried.some(one => one.outcome === 'ok')) {
      return violated(
        `without ${set.name}, none of ${plural(tried.length, 'write')} to ${design.partitions[id]!.name} succeeded from ${time(recoveryNs)} after it went down`,
      );
    }
  }
  const lost = lostWrites(run, store);
  if (lost.verdict === 'violated') return violated(`without ${set.name}, ${lost.why}`);
  return lost.verdict === 'unknown' ? unknown(`without ${set.name}: ${lost.why}`) : holds('');
}
