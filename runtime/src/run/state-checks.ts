/** What the run knows besides the history: survivors, acknowledgements, replicas at rest. Judged by the checkers. */
import { checkConvergence, type ReplicaState } from '../checkers/convergence.ts';
import { checkDiscards } from '../checkers/discards.ts';
import type { Window } from '../checkers/figures.ts';
import type { History, Verdict } from '../checkers/history.ts';
import { checkLostUpdates } from '../checkers/lost-updates.ts';
import { checkLostWrites, lostWrites as findLost, type SurvivingHistory } from '../checkers/lost-writes.ts';
import { checkSplitBrain } from '../checkers/split-brain.ts';
import { groupHolding } from '../design/partition-map.ts';
import type { PartitionId, Store } from '../design/store.ts';
import { isBlocked } from '../kernel/network.ts';
import { type Member, nodeName } from '../kernel/simulation.ts';
import type { Executed } from './execute.ts';
import { viewWithTransactions } from './transaction-view.ts';
import { during, type StoreView, viewOf } from './view.ts';

export interface Finding {
  readonly verdict: 'holds' | 'violated' | 'unknown';
  readonly why: string;
  /** Ids of the run's operations, rows of the trace's events. */
  readonly operations: readonly number[];
  readonly events: readonly number[];
}

export const holds = (why: string): Finding => ({ verdict: 'holds', why, operations: [], events: [] });
export const unknown = (why: string): Finding => ({ verdict: 'unknown', why, operations: [], events: [] });
export const violated = (why: string, operations: readonly number[] = [], events: readonly number[] = []): Finding => ({
  verdict: 'violated',
  why,
  operations,
  events,
});

/** Most operations and events of one witness. */
const witnessMax = 20;

/** A checker's verdict on a store's history, with the run's own numbers. */
export function findingOf(verdict: Verdict, view: StoreView): Finding {
  if (verdict.verdict !== 'violated') return { verdict: verdict.verdict, why: verdict.why, operations: [], events: [] };
  const seen = (verdict.witness?.operations ?? []).slice(0, witnessMax).map(id => view.logged[id]!);
  const rows = [...(verdict.witness?.events ?? []), ...seen.flatMap(one => [one.invokeEvent, one.completeEvent])];
  const events = [...new Set(rows.filter(row => row >= 0))].sort((a, b) => a - b);
  return violated(
    verdict.why,
    seen.map(one => one.id),
    events.slice(0, 2 * witnessMax),
  );
}

/** Live members of a partition that hold data. */
function dataMembers(executed: Executed, partition: number): Member[] {
  const { group, members } = executed.sim.groups[partition]!;
  const { replicas, observers, spares } = group;
  const holders = [...replicas, ...observers, ...spares];
  return [...members.values()].filter(
    member => member.state !== undefined && !member.node.paused && holders.includes(member.node.id),
  );
}

/**
 * Members that take part, as the last leader knows them, or (while nobody leads) as all live ones agree: a spare that
 * was not added and a server that was removed hold nothing that counts.
 */
function participants(executed: Executed, partition: number): Member[] {
  const { spares } = executed.design.partitions[partition]!;
  const live = dataMembers(executed, partition);
  const leader = finalLeader(executed, partition);
  const views = (leader === undefined ? live : [leader]).flatMap(one => {
    const members = one.protocol.members?.(one.state);
    return members === undefined ? [] : [members];
  });
  return live.filter(({ node }) =>
    views.length === 0 ? !spares.includes(node.id) : views.every(members => members.includes(node.id)),
  );
}

function finalLeader(executed: Executed, partition: number): Member | undefined {
  return dataMembers(executed, partition)
    .filter(member => member.leads >= 0)
    .sort((a, b) => b.leads - a.leads)[0];
}

/** Groups that hold partitions of the store at the end, with what each of them answers for. */
function holdersOf(executed: Executed, { store, partitionOf }: StoreView) {
  const { design } = executed;
  const moving = executed.moving.get(store.name);
  if (moving === undefined)
    return store.partitions.map(group => {
      const { name } = design.partitions[group]!;
      return { group, covers: (key: string) => partitionOf(key) === name };
    });
  const { space, map } = moving;
  const first = design.stores.find(({ name }) => name === store.name)!.partitions;
  return map.groups.flatMap((group, index) => {
    const within = store.partitions.length === first.length || store.partitions.includes(first[index]!);
    return within ? [{ group, covers: (key: string) => groupHolding(space, map, key) === group }] : [];
  });
}

/** Every group that has held something of the store. */
export function groupsOf({ design, sim }: Executed, store: Store): readonly PartitionId[] {
  const indexes = store.partitions.map(id => design.partitions[id]!.index);
  const whole = design.stores.find(({ name }) => name === store.name)!.partitions.length === store.partitions.length;
  const mine = design.partitions.filter(one => one.store === store.name && sim.groups[one.id] !== undefined);
  return mine.filter(({ index }) => whole || indexes.includes(index)).map(({ id }) => id);
}

/** The final leader of each partition, or every live replica where there are no leaders. */
function survivorsOf(executed: Executed, view: StoreView): SurvivingHistory[] {
  const local = new Map<number, number[]>();
  for (const [id, one] of view.logged.entries()) local.set(one.id, [...(local.get(one.id) ?? []), id]);
  return holdersOf(executed, view).flatMap(({ group: partition, covers }) => {
    const { protocol, group } = executed.sim.groups[partition]!;
    // A coordinator that is a group, or holds no copy, leads the writes and not the copies.
    const hasLeaders = protocol.leads !== undefined && group.coordinators === undefined;
    const leader = finalLeader(executed, partition);
    const members = !hasLeaders ? dataMembers(executed, partition) : leader === undefined ? [] : [leader];
    return members.map((member): SurvivingHistory => {
      const applied = new Set<number>();
      for (const operation of member.protocol.applied(member.state)) {
        for (const id of local.get(operation) ?? []) applied.add(id);
      }
      return { holder: member.node.spec.name, covers, applied };
    });
  });
}

/** An acknowledged write is lost if the final leader's surviving history (or every live replica's) never applied it. */
export function lostWrites(executed: Executed, store: Store, window?: Window): Finding {
  const view = viewWithTransactions(executed, store);
  const survivors = survivorsOf(executed, view);
  const history: History =
    window === undefined ? view.history : { ...view.history, operations: during(view.history, window) };
  return findingOf(checkLostWrites(history, survivors, view.names), view);
}

/**
 * No acknowledged write was discarded for one that had not seen it. Where the protocol can tell what each write had seen,
 * its word counts; otherwise what clients knew does, by what live replicas hold at the end.
 */
export function lostUpdates(executed: Executed, store: Store, window?: Window): Finding {
  const members = store.partitions.flatMap(partition => dataMembers(executed, partition));
  const told = members.map(({ protocol, state }) => protocol.discarded?.(state));
  if (!told.includes(undefined)) {
    const view = viewWithTransactions(executed, store);
    const history: History =
      window === undefined ? view.history : { ...view.history, operations: during(view.history, window) };
    const local = new Map(view.logged.map((one, id) => [one.id, id]));
    const discards = members.flatMap(({ node }, i) =>
      [...told[i]!].map(([loser, winner]) => ({
        loser: local.get(loser) ?? -1,
        winner: local.get(winner) ?? -1,
        holder: node.spec.name,
      })),
    );
    return findingOf(checkDiscards(history, discards, view.names), view);
  }
  if (window !== undefined) return unknown('What clients knew when they wrote is judged over whole runs only.');
  if (executed.ended !== 'complete') return unknown('The run was cut short before things could settle.');
  if (executed.transactions.some(({ transaction }) => transaction.stores.includes(store.name)))
    return unknown(`Transactions write to ${store.name}: what they lose of each other is a matter of their isolation.`);
  const view = viewOf(executed, store);
  const finals = holdersOf(executed, view).flatMap(({ group, covers }) =>
    participants(executed, group).map(({ node, protocol, state }) => ({
      holder: node.spec.name,
      covers,
      values: new Map(
        protocol.sideBySide !== undefined
          ? Object.entries(protocol.sideBySide(state))
          : Object.entries(protocol.contents(state)).map(([key, one]) => [key, [one]]),
      ),
    })),
  );
  return findingOf(checkLostUpdates(view.history, finals, view.names), view);
}

/** Acknowledged writes that were lost, for the loss window. */
export function lostOperations(executed: Executed, view: StoreView) {
  return findLost(view.history, survivorsOf(executed, view));
}

/**
 * No leader acknowledges a write after a later leader has. A write that the later leader already had does no harm: it
 * was decided before, and only its answer came late.
 */
export function splitBrain(executed: Executed, store: Store): Finding {
  const view = viewOf(executed, store);
  const local = new Map(view.logged.map((one, id) => [one.id, id]));
  const groups = groupsOf(executed, store);
  const latest = new Map<number, { readonly node: number; readonly epoch: number }>();
  const told = executed.acknowledgements.filter(one => {
    if (one.epoch < 0 || !groups.includes(one.partition)) return false;
    const last = latest.get(one.partition);
    if (last === undefined || one.epoch > last.epoch) latest.set(one.partition, one);
    return (
      last === undefined || one.epoch >= last.epoch || !hasApplied(executed, one.partition, last.node, one.operation)
    );
  });
  const verdict = checkSplitBrain(
    told.map(one => ({
      partition: executed.design.partitions[one.partition]!.name,
      leader: nodeName(executed.sim, one.node),
      epoch: one.epoch,
      time: one.timeNs - executed.originNs,
      operation: local.get(one.operation),
      event: one.event,
    })),
  );
  return findingOf(verdict, view);
}

function hasApplied(executed: Executed, partition: number, node: number, operation: number): boolean {
  const { members, group } = executed.sim.groups[partition]!;
  const holders = group.coordinators === undefined ? [members.get(node)!] : dataMembers(executed, partition);
  for (const { protocol, state } of holders)
    if (state !== undefined) for (const one of protocol.applied(state)) if (one === operation) return true;
  return false;
}

/** After settling, replicas that are up and connected are equal. */
export function convergence(executed: Executed, store: Store): Finding {
  if (executed.ended !== 'complete') return unknown('The run was cut short before things could settle.');
  const view = viewOf(executed, store);
  const states = holdersOf(executed, view).flatMap(({ group: partition }) => {
    const members = participants(executed, partition);
    return members.map(
      (member): ReplicaState => ({
        replica: member.node.spec.name,
        partition: executed.design.partitions[partition]!.name,
        live: members.every(
          other => other === member || !isBlocked(executed.sim.network, member.node.id, other.node.id),
        ),
        values: new Map(Object.entries(member.protocol.contents(member.state))),
      }),
    );
  });
  return findingOf(checkConvergence(states), view);
}
