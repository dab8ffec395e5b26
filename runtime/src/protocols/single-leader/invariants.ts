/** The invariants of primary–backup replication, watched after every event. */
import type { SingleLeader } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Group, GroupView, Invariant, Monitor } from '../contract.ts';
import { entryAt, lastIndex, lastTerm, termAt } from '../log.ts';
import { appliedOperations } from '../machine.ts';
import { operationsOf } from '../ownership.ts';
import { acknowledgedCopies, promotionCanMiss } from './rules.ts';
import type { Entry, SingleLeaderState } from './state.ts';

type State = SingleLeaderState;
type View = GroupView<State>;

const operationOf = (entry: Entry | undefined): number => (entry?.kind === 'command' ? entry.command.operation : -1);

function leaderIn(view: View): { readonly node: NodeId; readonly state: State } | undefined {
  let best: { node: NodeId; state: State } | undefined;
  for (const [node, state] of view.states) {
    if (state.role === 'leader' && (best === undefined || state.epoch > best.state.epoch)) best = { node, state };
  }
  return best;
}

/** Everything that a member has executed or holds in its log: what it can be said to have. */
function possessions(state: State): Set<number> {
  const has = new Set(appliedOperations(state.machine));
  for (const entry of state.log.entries)
    if (entry.kind === 'command') for (const operation of operationsOf(entry.command)) has.add(operation);
  return has;
}

function onePrimaryPerEpoch(): Monitor<State> {
  const leaders = new Map<number, NodeId>();
  return {
    step(node, state, view) {
      if (state.role !== 'leader') return undefined;
      const known = leaders.get(state.epoch);
      if (known === undefined) leaders.set(state.epoch, node);
      else if (known !== node) return `${view.nameOf(known)} and ${view.nameOf(node)} both lead epoch ${state.epoch}`;
      return undefined;
    },
  };
}

/** Entries with the same (epoch, sequence) are the same, and a follower of an epoch extends only its leader's log. */
function prefixLog(): Monitor<State> {
  const entries = new Map<string, { operation: number; node: NodeId }>();
  const checked = new Map<NodeId, { upTo: number; log: unknown; truncations: number }>();
  return {
    step(node, state, view) {
      const { log } = state;
      let mark = checked.get(node);
      if (mark === undefined || mark.log !== log || mark.truncations !== log.truncations) {
        mark = { upTo: log.base, log, truncations: log.truncations };
        checked.set(node, mark);
      }
      // What a leader has not synced it has not shipped, and a crash may replace it.
      const last = state.role === 'leader' ? Math.min(state.synced, lastIndex(log)) : lastIndex(log);
      for (let at = Math.max(mark.upTo, log.base) + 1; at <= last; at++) {
        const key = `${termAt(log, at)}.${at}`;
        const operation = operationOf(entryAt(log, at));
        const known = entries.get(key);
        if (known === undefined) entries.set(key, { operation, node });
        else if (known.operation !== operation)
          return `entry ${at} of epoch ${termAt(log, at)} differs between ${view.nameOf(known.node)} and ${view.nameOf(node)}`;
      }
      mark.upTo = last;
      return undefined;
    },
    crashed: node => void checked.delete(node),
  };
}

/**
 * Followers whose log holds the leader's entry for `operation`. Acknowledged entries are recent: found from the end of
 * what is applied, for behind it the entry of another attempt of the same operation may wait.
 */
function holders(view: View, leader: NodeId, operation: number): number {
  const { log, applied } = view.states.get(leader)!;
  let at = Math.min(applied, lastIndex(log));
  while (at > log.base && operationOf(entryAt(log, at)) !== operation) at--;
  let count = 0;
  for (const [node, state] of view.states) {
    if (node !== leader && (state.log.base >= at || termAt(state.log, at) === termAt(log, at))) count++;
  }
  return count;
}

/** At an acknowledgement at least k followers hold the write; those that are down may hold it on disk. */
function ackedOn(group: Group, options: SingleLeader): Monitor<State> {
  return {
    step: () => undefined,
    acknowledged(node, command, view) {
      if (command.kind === 'read') return undefined;
      const state = view.states.get(node);
      if (state === undefined || state.role !== 'leader') return undefined;
      const k = acknowledgedCopies(options, state.members.length - 1);
      const down = state.members.filter(member => !view.states.has(member)).length;
      const held = holders(view, node, command.operation);
      if (held + down >= k) return undefined;
      return `${view.nameOf(node)} acknowledged a write that ${held} of ${group.replicas.length - 1} followers hold; ${k} were promised`;
    },
  };
}

function promotionSafety(): Monitor<State> {
  const acknowledged: { operation: number; node: NodeId; epoch: number }[] = [];
  const led = new Map<NodeId, number>();
  return {
    step(node, state, view) {
      if (state.role !== 'leader' || led.get(node) === state.epoch) return undefined;
      const promoted = led.size > 0;
      led.set(node, state.epoch);
      if (!promoted) return undefined;
      const has = possessions(state);
      // A leader of an old epoch that comes late cannot have what later ones have acknowledged; fencing deals with it.
      const missing = acknowledged.filter(one => one.epoch < state.epoch && !has.has(one.operation));
      if (missing.length === 0) return undefined;
      const from = [...new Set(missing.map(one => view.nameOf(one.node)))].join(', ');
      return `${view.nameOf(node)} was promoted to epoch ${state.epoch} without ${missing.length} write(s) that ${from} had acknowledged`;
    },
    acknowledged(node, command, view) {
      const epoch = view.states.get(node)?.epoch;
      if (command.kind !== 'read' && epoch !== undefined)
        acknowledged.push({ operation: command.operation, node, epoch });
      return undefined;
    },
  };
}

/** What storage accepts never comes from an older epoch than it has seen. */
function fenced(): Monitor<State> {
  const seen = new Map<NodeId, number>();
  const last = new Map<NodeId, number>();
  return {
    step(node, state, view) {
      const highest = Math.max(seen.get(node) ?? 0, state.epoch);
      seen.set(node, highest);
      const at = lastIndex(state.log);
      const before = last.get(node) ?? 0;
      last.set(node, at);
      const epoch = termAt(state.log, at);
      if (at > before && state.role !== 'leader' && state.leader !== null) {
        const leader = view.states.get(state.leader);
        if (leader !== undefined && leader.role === 'leader' && leader.epoch < highest) {
          return `${view.nameOf(node)} accepted entry ${at} of epoch ${epoch} from ${view.nameOf(state.leader)}, which leads epoch ${leader.epoch}; it had seen epoch ${highest}`;
        }
      }
      return undefined;
    },
    crashed(node) {
      last.delete(node);
      // An epoch that was lost before its sync was shown to nobody; what was synced is there after the boot.
      seen.delete(node);
    },
  };
}

/** A follower that has rejoined has executed nothing that its leader never had. */
function noErrant(): Monitor<State> {
  const checked = new Map<NodeId, string>();
  return {
    step(node, state, view) {
      if (state.role !== 'follower' || state.leader === null) return undefined;
      const leader = leaderIn(view);
      if (leader === undefined || leader.node !== state.leader || leader.state.epoch !== state.epoch) return undefined;
      // Once per epoch and history, when its log reaches into the epoch.
      const mark = `${state.epoch}.${state.log.truncations}.${state.errant.length}`;
      if (checked.get(node) === mark || lastTerm(state.log) !== state.epoch || state.applied < leader.state.committed)
        return undefined;
      checked.set(node, mark);
      const has = possessions(leader.state);
      const errant = [...appliedOperations(state.machine)].filter(operation => !has.has(operation));
      if (errant.length === 0) return undefined;
      return `${view.nameOf(node)} follows ${view.nameOf(leader.node)} in epoch ${state.epoch} and has executed ${errant.length} write(s) that its leader never had`;
    },
    crashed: node => void checked.delete(node),
  };
}

function degradedFlag(group: Group, options: SingleLeader): Monitor<State> {
  const acked = ackedOn(group, options);
  return {
    step: () => undefined,
    acknowledged(node, command, view, ...rest) {
      if (view.states.get(node)?.degraded) return undefined;
      const short = acked.acknowledged!(node, command, view, ...rest);
      return short === undefined ? undefined : `${short}, and nothing says that replication has degraded`;
    },
  };
}

/** `on-failure error` reads as "it did not happen": then it must not be found later. */
function errorMeansNoEffect(): Monitor<State> {
  const errors = new Set<number>();
  const led = new Map<NodeId, number>();
  return {
    step(node, state, view) {
      for (const operation of state.errors) errors.add(operation);
      if (errors.size === 0 || state.role !== 'leader') return undefined;
      // Whoever begins to lead has executed things before; after that, one at a time.
      const begins = led.get(node) !== state.epoch;
      led.set(node, state.epoch);
      const executed = begins
        ? [...appliedOperations(state.machine)]
        : [operationOf(entryAt(state.log, state.applied))];
      const found = executed.find(operation => errors.has(operation));
      return found === undefined
        ? undefined
        : `${view.nameOf(node)} has executed a write whose client was told "error"`;
    },
  };
}

const safety = ['consistency', 'no-lost-writes', 'no-split-brain', 'no-divergence'] as const;
const never = (): undefined => undefined;

const unfenced = (options: SingleLeader): string | undefined =>
  options.failover.mode !== 'none' && !options.failover.fencing ? 'fencing is off' : undefined;

const canMiss = (options: SingleLeader, group: Group): string | undefined =>
  unfenced(options) ?? promotionCanMiss(options, group.replicas, group);

export const singleLeaderInvariants: readonly Invariant<State, SingleLeader>[] = [
  {
    name: 'OnePrimaryPerEpoch',
    source: 'Budhiraja et al. 1993, Pb1',
    means: 'at most one leader per epoch',
    protects: safety,
    givenUp: never,
    monitor: onePrimaryPerEpoch,
  },
  {
    name: 'PrefixLog',
    source: 'primary–backup',
    means: 'a follower’s log is a prefix of the log of its epoch’s leader',
    protects: safety,
    givenUp: options =>
      unfenced(options) ?? (options.log === 'positions' ? 'bare positions cannot tell histories apart' : undefined),
    monitor: prefixLog,
  },
  {
    name: 'AckedOn',
    source: 'semi-synchronous replication: k acknowledgements',
    means: 'an acknowledged write stands on at least k followers',
    protects: ['no-lost-writes'],
    givenUp: options =>
      options.fallbackAfterNs !== null
        ? 'replication falls back to asynchronous'
        : options.mode === 'synchronous' && options.onReplicaDown === 'drop'
          ? 'replicas that are down are left out'
          : undefined,
    monitor: ackedOn,
  },
  {
    name: 'PromotionSafety',
    source: 'quorum intersection: P + k > m',
    means: 'a new leader has every acknowledged write',
    protects: safety,
    givenUp: canMiss,
    monitor: promotionSafety,
  },
  {
    name: 'Fenced',
    source: 'fencing tokens',
    means: 'storage accepts nothing from an older epoch than it has seen',
    protects: safety,
    givenUp: unfenced,
    monitor: fenced,
  },
  {
    name: 'NoErrant',
    source: 'errant transactions (global transaction ids)',
    means: 'a replica has executed nothing that its leader never had',
    protects: ['consistency', 'no-divergence'],
    givenUp: options =>
      options.rejoin === 'keep'
        ? 'rejoining replicas keep what they executed'
        : options.log === 'positions'
          ? 'bare positions cannot tell histories apart'
          : unfenced(options),
    monitor: noErrant,
  },
  {
    name: 'DegradedFlag',
    source: 'semi-synchronous fallback',
    means: 'acknowledging on fewer than k followers is visible as degradation',
    protects: ['no-lost-writes'],
    givenUp: options =>
      options.mode === 'synchronous' && options.onReplicaDown === 'drop'
        ? 'replicas that are down are left out'
        : undefined,
    monitor: degradedFlag,
  },
  {
    name: 'ErrorMeansNoEffect',
    source: 'two generals: an error after a send is an unknown outcome',
    means: 'a write whose client was told "error" is never executed',
    protects: ['consistency'],
    givenUp: options =>
      options.onFailure === 'error' ? 'an error does not undo what replicas have stored' : undefined,
    monitor: errorMeansNoEffect,
  },
];
