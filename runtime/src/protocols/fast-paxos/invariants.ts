/**
 * The invariants of Fast Paxos, for every slot, watched with god's eye. A promise or a vote counts from when it is on disk
 * (or, with volatile promises, from when it was made), and for ever: what an acceptor forgets, monitors do not.
 */
import type { FastPaxos } from '../../design/mechanism.ts';
import { isQuorum, type Quorum, resolveQuorum, smallestQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Ballot } from '../ballots.ts';
import type { Group, Invariant, Monitor } from '../contract.ts';
import { ofDeeds } from '../deeds.ts';
import { candidates, mayBeChosen } from './picking.ts';
import { type FastState, isFast, type Value } from './state.ts';

const quorumsIn = (group: Group, options: FastPaxos): { readonly classic: Quorum; readonly fast: Quorum } => {
  const of = (spec: FastPaxos['fast']) => resolveQuorum(spec, group.replicas, node => group.regionOf(node));
  return { classic: of(options.classic), fast: of(options.fast) };
};

const isFastIn = (options: FastPaxos, rnd: Ballot): boolean => isFast({ context: { options } } as FastState, rnd);

function said({ id, entries }: Value): string {
  const [first] = entries;
  if (first === undefined) return id;
  const more = entries.length > 1 ? ` and ${entries.length - 1} more` : '';
  return `${first.command.kind} ${JSON.stringify(first.command.input)}${more} (${id})`;
}

function agreement(group: Group, options: FastPaxos): Monitor<FastState> {
  const { classic, fast } = quorumsIn(group, options);
  const votes = new Map<string, Set<NodeId>>();
  const chosen = new Map<number, Value>();
  const decide = (slot: number, value: Value, how: string): string | undefined => {
    const before = chosen.get(slot);
    if (before === undefined) chosen.set(slot, value);
    return before === undefined || before.id === value.id
      ? undefined
      : `slot ${slot} has chosen ${said(before)}, and ${said(value)} was ${how}`;
  };
  return ofDeeds((node, deed, view) => {
    if (deed.kind === 'learned') return decide(deed.slot, deed.value, `learned by ${view.nameOf(node)}`);
    if (deed.kind !== 'voted') return undefined;
    const { slot, rnd, value } = deed;
    const name = `${slot} ${rnd} ${value.id}`;
    const nodes = votes.get(name) ?? new Set();
    votes.set(name, nodes.add(node));
    const quorum = isFastIn(options, rnd) ? fast : classic;
    return isQuorum(quorum, one => nodes.has(one)) ? decide(slot, value, 'chosen in a later round') : undefined;
  });
}

/** A classic and a fast quorum that have nobody in common among `voters`; undefined: there are none. */
function apart(group: Group, { classic, fast }: ReturnType<typeof quorumsIn>, voters: readonly NodeId[]) {
  const others = group.replicas.filter(node => !voters.includes(node));
  for (let set = 0; set < 1 << voters.length; set++) {
    const q = [...others, ...voters.filter((_, i) => (set >> i) & 1)];
    const r = [...others, ...voters.filter((_, i) => !((set >> i) & 1))];
    if (isQuorum(classic, node => q.includes(node)) && isQuorum(fast, node => r.includes(node))) return { q, r };
  }
  return undefined;
}

/** Sets of voters beyond this are not enumerated: rule 11 judges the design. */
const votersMax = 12;

/** ∀ classic Q, fast R: Q ∩ R ∩ (whoever voted for what was learned) ≠ ∅. */
function fastQuorum(group: Group, options: FastPaxos): Monitor<FastState> {
  const quorums = quorumsIn(group, options);
  const known = new Map<string, ReturnType<typeof apart>>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind !== 'learned' || !isFastIn(options, deed.rnd) || deed.voters.length > votersMax) return undefined;
    const name = deed.voters.join();
    if (!known.has(name)) known.set(name, apart(group, quorums, deed.voters));
    const found = known.get(name);
    if (found === undefined) return undefined;
    const names = (nodes: readonly NodeId[]) => nodes.map(view.nameOf).join(', ');
    return `${view.nameOf(node)} learned ${said(deed.value)} in slot ${deed.slot} by the fast votes of ${names(deed.voters)}; the classic quorum ${names(found.q)} cannot tell it from what the fast quorum ${names(found.r)} might choose`;
  });
}

function acceptOncePerFastRound(_group: Group, options: FastPaxos): Monitor<FastState> {
  const votes = new Map<string, Value>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind !== 'voted' || !isFastIn(options, deed.rnd)) return undefined;
    const name = `${node} ${deed.slot} ${deed.rnd}`;
    const before = votes.get(name);
    if (before === undefined) votes.set(name, deed.value);
    return before === undefined || before.id === deed.value.id
      ? undefined
      : `${view.nameOf(node)} voted for ${said(before)} and for ${said(deed.value)} in round ${deed.rnd} of slot ${deed.slot}`;
  });
}

/** What was picked is what Figure 2 allows after the votes that its quorum has really cast. */
function o4Rule(group: Group, options: FastPaxos): Monitor<FastState> {
  const { classic, fast } = quorumsIn(group, options);
  const votes = new Map<number, { readonly from: NodeId; readonly vrnd: Ballot; readonly vval: Value }[]>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind === 'voted') {
      const cast = votes.get(deed.slot) ?? [];
      votes.set(deed.slot, cast);
      cast.push({ from: node, vrnd: deed.rnd, vval: deed.value });
    }
    if (deed.kind !== 'picked') return undefined;
    const { slot, rnd, value, quorum } = deed;
    const who = `${view.nameOf(node)} picked ${said(value)} for slot ${slot}`;
    if (!isQuorum(classic, one => quorum.includes(one))) return `${who} without a classic quorum`;
    const heard = (votes.get(slot) ?? []).filter(one => one.vrnd < rnd && quorum.includes(one.from));
    const all = [...candidates(heard.map(vote => ({ from: vote.from, vote }))).values.values()];
    if (all.length === 0) return undefined;
    const forced = all.length === 1 ? all[0] : all.find(one => mayBeChosen(fast, quorum, one.voters));
    if (forced === undefined || forced.value.id === value.id) return undefined;
    return `${who}, where ${said(forced.value)} may have been chosen: ${forced.voters.map(view.nameOf).join(', ')} had voted for it`;
  });
}

function promiseKept(): Monitor<FastState> {
  const promised = new Map<string, Ballot>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind !== 'promised' && deed.kind !== 'voted') return undefined;
    const name = `${node} ${deed.slot}`;
    const before = promised.get(name) ?? 0;
    promised.set(name, Math.max(before, deed.rnd));
    return deed.rnd >= before
      ? undefined
      : `${view.nameOf(node)} ${deed.kind} in round ${deed.rnd} of slot ${deed.slot}, after it had promised round ${before}`;
  });
}

const safety = ['consistency', 'no-lost-writes', 'no-lost-updates', 'no-split-brain', 'no-divergence'] as const;
const forgets = (options: FastPaxos): string | undefined =>
  options.durablePromises ? undefined : 'promises and votes are forgotten in a crash';

/** Rule 11: 2 fast + classic > 2n, 2 classic > n. */
function tooSmall(options: FastPaxos, group: Group): string | undefined {
  const quorums = quorumsIn(group, options);
  const n = group.replicas.length;
  const [classic, fast] = [smallestQuorum(quorums.classic), smallestQuorum(quorums.fast)];
  return 2 * classic > n && 2 * fast + classic > 2 * n
    ? undefined
    : `a classic quorum of ${classic} of ${n} can miss what two fast ones of ${fast} have in common`;
}

const unsafe = (options: FastPaxos, group: Group): string | undefined =>
  options.adopt === 'first'
    ? 'a coordinator may pick another value than the one that may have been chosen'
    : (forgets(options) ?? tooSmall(options, group));

export const fastPaxosInvariants: readonly Invariant<FastState, FastPaxos>[] = [
  {
    name: 'Agreement',
    source: 'Lamport 2006, §2.1',
    means: 'a slot chooses at most one value',
    protects: safety,
    givenUp: unsafe,
    monitor: agreement,
  },
  {
    name: 'FastQuorum',
    source: 'Lamport 2006, §3.3, Fast Quorum Requirement',
    means:
      'what was learned in a fast round can be told by every classic quorum from whatever else another fast one might choose',
    protects: safety,
    givenUp: tooSmall,
    monitor: fastQuorum,
  },
  {
    name: 'AcceptOncePerFastRound',
    source: 'Lamport 2006, §2.2',
    means: 'an acceptor votes for one value in a fast round',
    protects: safety,
    givenUp: forgets,
    monitor: acceptOncePerFastRound,
  },
  {
    name: 'O4Rule',
    source: 'Lamport 2006, §3.1, Figure 2',
    means: 'a round has the value that may have been chosen before, if there is one',
    protects: safety,
    givenUp: unsafe,
    monitor: o4Rule,
  },
  {
    name: 'PromiseKept',
    source: 'Lamport 2006, §2.2',
    means: 'an acceptor votes in and promises nothing below what it has promised',
    protects: safety,
    givenUp: forgets,
    monitor: promiseKept,
  },
];
