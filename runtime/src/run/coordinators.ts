/**
 * Groups that a design does not name and its transactions need: their coordinators, the Raft store that a replicated
 * coordinator writes its decisions to, and who acts for a participant when the coordinator is silent. They are added to a
 * run's partitions, after those of the stores.
 */
import { coordinatorNodes, partitionsHeld, type Timestamps, timestampsOf } from '../analysis/commit-wait.ts';
import type { Runnable } from '../clients/transactions.ts';
import type { Design } from '../design/design.ts';
import { majorityOf, type Quorum } from '../design/quorum.ts';
import type { Scenario } from '../design/scenario.ts';
import type { Partition, Store, Transaction } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { Simulation } from '../kernel/simulation.ts';
import type { AnyProtocol } from '../protocols/contract.ts';
import { groupOf } from '../protocols/group.ts';
import { raft } from '../protocols/raft/raft.ts';
import {
  invariantsOf,
  type TransactionInvariant,
  watchTransaction,
} from '../protocols/transaction-coordinator/invariants.ts';
import { transactionCoordinator } from '../protocols/transaction-coordinator/protocol.ts';
import type { CoordinatorOptions, VersionOptions } from '../protocols/transaction-coordinator/state.ts';
import { transactionParticipant } from '../protocols/transaction-participant/protocol.ts';
import type { ParticipantOptions } from '../protocols/transaction-participant/state.ts';
import { versionInvariantsOf, watchVersions } from '../protocols/transactions/version-invariants.ts';
import type { GroupPlan } from './assemble.ts';

/** Transactions that a scenario runs: targets of its workloads, and what scripted clients ask for. */
export function usedTransactions(design: Design, scenario: Scenario): readonly Transaction[] {
  const names = new Set<string>();
  for (const run of scenario.runs)
    for (const target of design.workloads.find(one => one.name === run.workload)?.targets ?? []) names.add(target);
  for (const { verb } of scenario.actions) if (verb.kind === 'operation') names.add(verb.on);
  return design.transactions.filter(one => names.has(one.name));
}

export interface Coordinated {
  /** With the partitions of the hidden groups. */
  readonly design: Design;
  readonly runnables: readonly Runnable[];
  readonly plans: readonly GroupPlan[];
}

/** Partitions that these stores have besides those of the design: they move there in the run. */
const comeLater = ({ partitions }: Design, stores: readonly Store[]): readonly Partition[] =>
  partitions.filter(one => stores.some(({ name, partitions: own }) => name === one.store && !own.includes(one.id)));

/** What a participant does when its coordinator is silent; null: it waits. */
export const policyOf = (commit: Transaction['commit']): ParticipantOptions['policy'] | null =>
  commit.kind === 'none' || commit.onTimeout === 'block' ? null : commit.onTimeout;

/** The replicas of all participants in one order, in which they take over: first of all, the first of each. */
function ranked(held: readonly Partition[]) {
  const width = held.length;
  return held.map(({ name, replicas }, i) => ({
    name,
    replicas,
    rankOf: Object.fromEntries(replicas.map((node, j) => [node, j * width + i])),
  }));
}

/** Without a commit protocol: whichever node is asked does the steps, and gives up after a second. */
const oneByOne = { coordinator: null, timeoutNs: 1_000_000_000, durableLog: false, presume: 'nothing' } as const;

/** Who executes them: tests run broken variants. */
export interface Executors {
  readonly coordinator?: AnyProtocol | undefined;
  readonly participant?: AnyProtocol | undefined;
}

export function withCoordinators(
  written: Design,
  scenario: Scenario,
  { coordinator = transactionCoordinator, participant = transactionParticipant }: Executors = {},
): Coordinated {
  const partitions = [...written.partitions];
  const plans: GroupPlan[] = [];
  const runnables: Runnable[] = [];
  const used = usedTransactions(written, scenario);
  const timestamps = timestampsOf(written, used);
  for (const transaction of used) {
    const { commit } = transaction;
    const settings = settingsOf(commit);
    const stores = written.stores.filter(store => transaction.stores.includes(store.name));
    const held = [...partitionsHeld(written, transaction), ...comeLater(written, stores)];
    const add = (name: string, replicas: readonly NodeId[]): Partition => {
      const majority: Quorum = { kind: 'nodes', need: majorityOf(replicas.length), of: replicas };
      const base = { at: transaction.at, id: partitions.length, name, store: transaction.name, index: 0, replicas };
      const partition = { ...base, witnesses: [], observers: [], spares: [], quorums: { quorum: majority } };
      partitions.push(partition);
      return partition;
    };
    const plan = (partition: Partition, protocol: AnyProtocol, options: unknown) => {
      const store = { ...stores[0]!, name: transaction.name, model: 'kv' as const };
      plans.push({
        partition,
        group: groupOf(written, store, partition),
        protocol,
        options,
        recordBytes: 64,
        written: { at: transaction.at, declaration: `transaction ${transaction.name}` },
      });
    };
    const nodes = coordinatorNodes(written, transaction);
    const group = add(transaction.name, nodes);
    let decisions: string | null = null;
    if (settings.coordinator?.kind === 'raft') {
      const log = add(`${transaction.name}.decisions`, nodes);
      decisions = log.name;
      plan(log, raft, settings.coordinator.raft);
    }
    const options: CoordinatorOptions = {
      name: transaction.name,
      groups: held.map(one => one.name),
      decisions,
      atomic: commit.kind !== 'none',
      threePhases: commit.kind === 'three-phase-commit',
      timeoutNs: settings.timeoutNs,
      durableLog: settings.durableLog,
      presume: settings.presume,
      isolation: transaction.isolation,
      deadlock: transaction.deadlock,
      versions: versionsOf(transaction, used, timestamps),
    };
    plan(group, coordinator, options);
    const policy = policyOf(commit);
    if (policy !== null)
      for (const { name, replicas, rankOf } of ranked(held)) {
        const own: ParticipantOptions = {
          name: transaction.name,
          group: name,
          timeoutNs: settings.timeoutNs,
          policy,
          rankOf,
        };
        plan(add(`${transaction.name}.at.${name}`, replicas), participant, own);
      }
    runnables.push({ transaction, coordinator: group, stores });
  }
  return plans.length === 0
    ? { design: written, runnables, plans }
    : { design: { ...written, partitions }, runnables, plans };
}

/** In three phases, the participants remember: what is not decided, they finish, and so nothing has to be presumed. */
const settingsOf = (commit: Transaction['commit']) =>
  commit.kind === 'none'
    ? oneByOne
    : commit.kind === 'two-phase-commit'
      ? commit
      : { ...commit, durableLog: true, presume: 'abort' as const };

/** Versions are kept for twice as long as any of the transactions may take, by whichever clock. */
function versionsOf(
  { concurrency, commitWait }: Transaction,
  used: readonly Transaction[],
  { differNs, waitNs }: Timestamps,
): VersionOptions | null {
  if (concurrency === 'locks') return null;
  const longestNs = Math.max(...used.map(({ commit }) => ('timeoutNs' in commit ? commit.timeoutNs : 0)));
  return { keepNs: 2 * longestNs + differNs, waitNs: commitWait ? waitNs : null };
}

/** Whether nothing goes wrong in this scenario but what its own load does. */
export const isFaultFree = ({ links }: Design, { chaos, actions }: Scenario): boolean =>
  chaos.length === 0 &&
  actions.every(({ verb }) => verb.kind === 'operation') &&
  links.every(({ loss }) => (loss ?? 0) === 0);

/** Has the invariants of atomic commit looked at after every step of a participant or a coordinator. */
export function watchInvariants(sim: Simulation, runnables: readonly Runnable[], scenario: Scenario): void {
  const faultFree = isFaultFree(sim.design, scenario);
  for (const { transaction, coordinator, stores } of runnables) {
    if (transaction.commit.kind === 'none') continue;
    const watch = watchTransaction(transaction.name, faultFree);
    const watchVersion = watchVersions(transaction.name);
    const ofVersions = versionInvariantsOf(transaction);
    const add = (group: number, of: (name: TransactionInvariant) => ReturnType<typeof watch.ofCoordinator>) => {
      for (const name of invariantsOf(transaction.commit))
        sim.groups[group]!.monitors.push({
          name: invariantOf(transaction.name, name),
          monitor: of(name),
          broken: false,
        });
    };
    add(coordinator.id, watch.ofCoordinator);
    for (const store of stores)
      for (const id of [...store.partitions, ...comeLater(sim.design, [store]).map(one => one.id)]) {
        const { protocol } = sim.groups[id]!;
        const machineOf = (state: unknown) =>
          protocol.settled?.(state) === false ? undefined : protocol.machine!(state);
        add(id, name => watch.ofParticipant(name, machineOf));
        for (const name of ofVersions)
          sim.groups[id]!.monitors.push({
            name: invariantOf(transaction.name, name),
            monitor: watchVersion(name, machineOf),
            broken: false,
          });
      }
  }
}

/** What a broken invariant of a transaction is called in the run's list: groups take part in several transactions. */
export const invariantOf = (transaction: string, name: string): string => `${transaction} ${name}`;

/** Names of the invariants that are watched for this transaction. */
export const invariantNamesOf = (transaction: Transaction): readonly string[] => [
  ...(transaction.commit.kind === 'none' ? [] : invariantsOf(transaction.commit)),
  ...versionInvariantsOf(transaction),
];
