/**
 * The invariants of chain replication (OSDI'04 §3), watched after every event with god's eye. Histories are compared by
 * their last entries: that two entries with the same epoch and position follow the same history is itself watched, entry
 * by entry, so a step costs what it added.
 */
import type { Chain } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Command, Group, GroupView, Invariant, Monitor } from '../contract.ts';
import { entryAt, lastIndex, termAt } from '../log.ts';
import { seenBy } from '../overrides.ts';
import { encode, headOf, isFormed, predecessorOf, successorOf, tailOf } from './configuration.ts';
import { chain } from './descriptor.ts';
import type { ChainState } from './state.ts';

type View = GroupView<ChainState>;

/** It takes part in a chain, and what it holds has been seen to be what others count on. */
const takesPart = (state: ChainState, node: NodeId): boolean =>
  !state.fresh && state.connected && state.configuration.chain.includes(node);

/** Does `state` have the entry of epoch `term` at `index`? What a copy stands for came with it. */
const holds = (state: ChainState, index: number, term: number): boolean =>
  index <= state.log.base ? index < state.log.base || state.log.baseTerm === term : termAt(state.log, index) === term;

/** One line for each pair of neighbours of the same epoch in which `node` stands. */
function ofNeighbours(
  node: NodeId,
  state: ChainState,
  view: View,
  check: (before: ChainState, after: ChainState, names: readonly [string, string]) => string | undefined,
): string | undefined {
  if (!takesPart(state, node)) return undefined;
  const { configuration } = state;
  const pairs = [
    [predecessorOf(configuration, node), node],
    [node, successorOf(configuration, node)],
  ] as const;
  for (const [before, after] of pairs) {
    if (before === undefined || after === undefined) continue;
    const [first, second] = [view.states.get(before), view.states.get(after)];
    if (first?.configuration.epoch !== configuration.epoch || !takesPart(first, before)) continue;
    if (second?.configuration.epoch !== configuration.epoch || !takesPart(second, after)) continue;
    const why = check(first, second, [view.nameOf(before), view.nameOf(after)]);
    if (why !== undefined) return why;
  }
  return undefined;
}

const mix = (digest: number, value: number): number => {
  const hash = Math.imul(digest ^ value, 0x85ebca6b);
  return (hash ^ (hash >>> 15)) >>> 0;
};

/** i ≤ j ⇒ Hist_j is a prefix of Hist_i. */
function updatePropagation(): Monitor<ChainState> {
  /** What histories that end in an entry come to, by its epoch and position. */
  const digests = new Map<string, { readonly digest: number; readonly node: NodeId }>();
  const checked = new Map<NodeId, { log: unknown; upTo: number; digest: number }>();
  const sameHistory = (node: NodeId, { log, synced }: ChainState, view: View): string | undefined => {
    let mark = checked.get(node);
    if (mark === undefined || mark.log !== log) {
      mark = { log, upTo: log.base, digest: digests.get(`${log.baseTerm}.${log.base}`)?.digest ?? 0 };
      checked.set(node, mark);
    }
    // What is not on disk was not passed on, and a crash may replace it.
    for (; mark.upTo < Math.min(synced, lastIndex(log)); mark.upTo++) {
      const { term, command } = entryAt(log, mark.upTo + 1)!;
      mark.digest = mix(mix(mark.digest, command.operation), term);
      const key = `${term}.${mark.upTo + 1}`;
      const known = digests.get(key);
      if (known === undefined) digests.set(key, { digest: mark.digest, node });
      else if (known.digest !== mark.digest)
        return `the histories of ${view.nameOf(known.node)} and ${view.nameOf(node)} differ at update ${mark.upTo + 1} or before`;
    }
    return undefined;
  };
  return {
    step: (node, state, view) =>
      sameHistory(node, state, view) ??
      ofNeighbours(node, state, view, (before, after, [first, second]) => {
        const last = lastIndex(after.log);
        if (last <= lastIndex(before.log) && holds(before, last, termAt(after.log, last))) return undefined;
        return `the history of ${second} (${last} updates) is no prefix of that of ${first} before it (${lastIndex(before.log)})`;
      }),
    crashed: node => void checked.delete(node),
  };
}

/** i ≤ j ⇒ Hist_i = Hist_j ⊕ Sent_i: what the next one lacks is still held as sent. */
const inprocessRequests = (): Monitor<ChainState> => ({
  step: (node, state, view) =>
    ofNeighbours(node, state, view, (before, after, [first, second]) =>
      before.stable <= lastIndex(after.log)
        ? undefined
        : `${first} holds ${before.stable} updates as acknowledged, ${second} after it has ${lastIndex(after.log)}`,
    ),
});

/** The update of an acknowledgement in the history of the node that gave it; recent ones stand near the end. */
function updateOf(state: ChainState, command: Command): { readonly index: number; readonly term: number } | undefined {
  for (let index = lastIndex(state.log); index > state.log.base; index--) {
    const { term, command: one } = entryAt(state.log, index)!;
    // Of the attempts of one operation the first took effect; a later one may still be on its way.
    if (one.operation === command.operation && index <= state.stable) return { index, term };
  }
  return undefined;
}

function replyOnlyFromTail(_group: Group, options: Chain): Monitor<ChainState> {
  // Whether a tail that answers a read is still the tail, the history tells: answers may have waited for the disk.
  const tails = new Set<NodeId>();
  return {
    step(node, state) {
      if (tailOf(state.configuration) === node) tails.add(node);
      return undefined;
    },
    acknowledged(node, command, view, _output, overrides) {
      const state = view.states.get(node);
      if (state === undefined) return undefined;
      const tail = tailOf(state.configuration);
      if (command.kind === 'read')
        return seenBy(chain, options, overrides).read === 'any' || tails.has(node)
          ? undefined
          : `${view.nameOf(node)} answered a read and never was the tail`;
      const at = updateOf(state, command);
      const name = view.nameOf(node);
      if (at === undefined) return `${name} acknowledged an update that it does not hold as acknowledged by the tail`;
      const last = tail === undefined ? undefined : view.states.get(tail);
      // A tail that is down, or has got a copy in place of what it had, is judged by AckedInLaterChains.
      if (last === undefined || last.fresh || last.configuration.epoch !== state.configuration.epoch) return undefined;
      if (holds(last, at.index, at.term)) return undefined;
      return `${name} acknowledged update ${at.index}, which the tail ${view.nameOf(tail!)} does not have`;
    },
  };
}

/** Once acknowledged, an update is in the history of everyone in the chain, in that epoch and in all later ones. */
function ackedInLaterChains(): Monitor<ChainState> {
  let acked: { readonly index: number; readonly term: number; readonly epoch: number } | undefined;
  const checked = new Map<NodeId, number>();
  const lacking = (node: NodeId, state: ChainState, view: View): string | undefined => {
    if (acked === undefined || !takesPart(state, node) || state.configuration.epoch < acked.epoch) return undefined;
    if (holds(state, acked.index, acked.term)) return undefined;
    return `${view.nameOf(node)} is in the chain of epoch ${state.configuration.epoch} without update ${acked.index}, which was acknowledged in epoch ${acked.epoch}`;
  };
  return {
    step(node, state, view) {
      const epoch = takesPart(state, node) ? state.configuration.epoch : -1;
      if (checked.get(node) === epoch) return undefined;
      checked.set(node, epoch);
      return lacking(node, state, view);
    },
    acknowledged(node, command, view) {
      const state = view.states.get(node);
      const at = command.kind === 'read' || state === undefined ? undefined : updateOf(state, command);
      if (at === undefined || (acked !== undefined && at.index <= acked.index)) return undefined;
      acked = { ...at, epoch: state!.configuration.epoch };
      for (const [member, one] of view.states) {
        const why = lacking(member, one, view);
        if (why !== undefined) return why;
      }
      return undefined;
    },
    crashed: node => void checked.delete(node),
  };
}

function oneHeadPerEpoch(): Monitor<ChainState> {
  const chains = new Map<number, string>();
  const checked = new Map<NodeId, number>();
  return {
    step(node, { configuration }, view) {
      if (!isFormed(configuration) || checked.get(node) === configuration.epoch) return undefined;
      checked.set(node, configuration.epoch);
      const chain = JSON.stringify(encode(configuration));
      const known = chains.get(configuration.epoch);
      if (known === undefined) chains.set(configuration.epoch, chain);
      else if (known !== chain)
        return `${view.nameOf(node)} has another chain for epoch ${configuration.epoch}, with ${view.nameOf(headOf(configuration)!)} as its head`;
      return undefined;
    },
    crashed: node => void checked.delete(node),
  };
}

const safety = ['consistency', 'no-lost-writes', 'no-split-brain', 'no-divergence'] as const;
const never = (): undefined => undefined;
const leavesOut = (options: Chain): string | undefined =>
  options.resend ? undefined : 'updates under way are not sent again after a repair';

export const chainInvariants: readonly Invariant<ChainState, Chain>[] = [
  {
    name: 'UpdatePropagation',
    source: 'van Renesse & Schneider 2004, §3, Update Propagation Invariant',
    means: 'the history of a node is a prefix of that of the node before it',
    protects: safety,
    givenUp: leavesOut,
    monitor: updatePropagation,
  },
  {
    name: 'InprocessRequests',
    source: 'van Renesse & Schneider 2004, §3.3, Inprocess Requests Invariant',
    means: 'what the next node lacks is still held as sent',
    protects: safety,
    givenUp: leavesOut,
    monitor: inprocessRequests,
  },
  {
    name: 'ReplyOnlyFromTail',
    source: 'van Renesse & Schneider 2004, §2',
    means: 'an acknowledged update is at the tail, and reads are answered there',
    protects: safety,
    givenUp: leavesOut,
    monitor: replyOnlyFromTail,
  },
  {
    name: 'AckedInLaterChains',
    source: 'van Renesse & Schneider 2004, §3',
    means: 'an acknowledged update is in the history of every node of every later chain',
    protects: safety,
    givenUp: leavesOut,
    monitor: ackedInLaterChains,
  },
  {
    name: 'OneHeadPerEpoch',
    source: 'van Renesse & Schneider 2004, §3: the master decides on the chain',
    means: 'an epoch has one chain, and so one head',
    protects: safety,
    givenUp: never,
    monitor: oneHeadPerEpoch,
  },
];
