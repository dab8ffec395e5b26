/**
 * The invariants of single-decree Paxos, for every instance of every key, watched with god's eye. A promise or a vote
 * counts from when it is on disk (or, with volatile promises, from when it was made), and for ever: what an acceptor
 * forgets in a crash, monitors do not.
 */
import type { Paxos } from '../../design/mechanism.ts';
import { isQuorum, resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import { type Ballot, roundOf } from '../ballots.ts';
import type { Group, Invariant, Monitor } from '../contract.ts';
import { ofDeeds } from '../deeds.ts';
import { canMiss } from '../descriptor.ts';
import type { Deed, PaxosState, Proposal } from './state.ts';

type Of<K extends Deed['kind']> = Extract<Deed, { kind: K }>;

/** What any proposer may take for a quorum: some depend on who gathers them. */
const quorumIn = (group: Group, options: Paxos) =>
  resolveQuorum(options.quorum, group.replicas, node => group.regionOf(node));

const nameOf = (key: string, instance: number) => `instance ${instance} of ${key}`;
const said = ({ command, id }: Proposal) => `${command.kind} ${JSON.stringify(command.input)} (${id})`;

/** All votes, by key and instance, then by ballot. */
class Votes {
  readonly #of = new Map<string, Map<Ballot, { readonly proposal: Proposal; readonly nodes: Set<NodeId> }>>();

  in(key: string, instance: number) {
    const name = `${instance} ${key}`;
    let ballots = this.#of.get(name);
    if (ballots === undefined) {
      ballots = new Map();
      this.#of.set(name, ballots);
    }
    return ballots;
  }

  /** The nodes that have voted so in this ballot. */
  add(node: NodeId, { key, ballot, proposal }: Of<'voted'>): ReadonlySet<NodeId> {
    const ballots = this.in(key, proposal.outcome.instance);
    let votes = ballots.get(ballot);
    if (votes === undefined) {
      votes = { proposal, nodes: new Set() };
      ballots.set(ballot, votes);
    }
    if (votes.proposal.id === proposal.id) votes.nodes.add(node);
    return votes.nodes;
  }
}

function agreement(group: Group, options: Paxos): Monitor<PaxosState> {
  const quorum = quorumIn(group, options);
  const votes = new Votes();
  const chosen = new Map<string, Proposal>();
  return ofDeeds((node, deed) => {
    if (deed.kind !== 'voted') return undefined;
    const nodes = votes.add(node, deed);
    if (!isQuorum(quorum, one => nodes.has(one))) return undefined;
    const { key, proposal } = deed;
    const name = nameOf(key, proposal.outcome.instance);
    const before = chosen.get(name);
    if (before === undefined) chosen.set(name, proposal);
    return before === undefined || before.id === proposal.id
      ? undefined
      : `${name} has chosen ${said(before)} and ${said(proposal)}`;
  });
}

function oneValuePerBallot(): Monitor<PaxosState> {
  const values = new Map<string, Proposal>();
  return ofDeeds((_node, deed) => {
    if (deed.kind !== 'proposed') return undefined;
    const { key, ballot, proposal } = deed;
    const name = `ballot ${ballot} (round ${roundOf(ballot)}) of ${nameOf(key, proposal.outcome.instance)}`;
    const before = values.get(name);
    if (before === undefined) values.set(name, proposal);
    return before === undefined || before.id === proposal.id
      ? undefined
      : `in ${name}, both ${said(before)} and ${said(proposal)} were proposed`;
  });
}

/** 2a(b,v) ⇒ ∃Q: no a∈Q has accepted below b, or v is the value of the highest ballot below b accepted in Q. */
function safeAt(group: Group, options: Paxos): Monitor<PaxosState> {
  const quorum = quorumIn(group, options);
  const votes = new Votes();
  return ofDeeds((node, deed, view) => {
    if (deed.kind === 'voted') votes.add(node, deed);
    if (deed.kind !== 'proposed') return undefined;
    const { key, ballot, proposal, promises } = deed;
    const name = nameOf(key, proposal.outcome.instance);
    const who = `${view.nameOf(node)} proposed ${said(proposal)} in ${name}`;
    if (!isQuorum(quorum, one => promises.includes(one))) return `${who} without the promises of a quorum`;
    let highest = 0;
    let value: Proposal | undefined;
    for (const [below, vote] of votes.in(key, proposal.outcome.instance)) {
      if (below >= ballot || below < highest || !promises.some(one => vote.nodes.has(one))) continue;
      highest = below;
      value = vote.proposal;
    }
    if (value === undefined || value.id === proposal.id) return undefined;
    return `${who}, where its quorum had accepted ${said(value)} in the highest ballot before`;
  });
}

function promiseKept(): Monitor<PaxosState> {
  const promised = new Map<string, { readonly instance: number; readonly ballot: Ballot }>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind !== 'promised' && deed.kind !== 'voted') return undefined;
    const { key, ballot } = deed;
    const instance = deed.kind === 'voted' ? deed.proposal.outcome.instance : deed.instance;
    const name = `${node} ${key}`;
    const before = promised.get(name);
    if (
      before !== undefined &&
      (instance < before.instance || (instance === before.instance && ballot < before.ballot))
    )
      return `${view.nameOf(node)} ${deed.kind} in round ${roundOf(ballot)} of ${nameOf(key, instance)}, after it had promised round ${roundOf(before.ballot)} of instance ${before.instance}`;
    promised.set(name, { instance, ballot });
    return undefined;
  });
}

function validity(): Monitor<PaxosState> {
  const asked = new Set<number>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind === 'asked') asked.add(deed.operation);
    if (deed.kind !== 'voted' || asked.has(deed.proposal.command.operation)) return undefined;
    return `${view.nameOf(node)} accepted ${said(deed.proposal)}, which no client has asked for`;
  });
}

const safety = ['consistency', 'no-lost-writes', 'no-lost-updates', 'no-split-brain', 'no-divergence'] as const;
const never = (): undefined => undefined;
const forgets = (options: Paxos): string | undefined =>
  options.durablePromises ? undefined : 'promises and acceptances are forgotten in a crash';

function unsafe(options: Paxos, group: Group): string | undefined {
  if (options.adopt === 'first') return 'a proposer may adopt another value than the one with the highest ballot';
  const quorum = quorumIn(group, options);
  return forgets(options) ?? (canMiss(quorum, quorum) ? 'two quorums can have no acceptor in common' : undefined);
}

export const paxosInvariants: readonly Invariant<PaxosState, Paxos>[] = [
  {
    name: 'Agreement',
    source: 'Lamport 2001, §2.1',
    means: 'an instance chooses at most one value',
    protects: safety,
    givenUp: unsafe,
    monitor: agreement,
  },
  {
    name: 'OneValuePerBallot',
    source: 'Lamport 2001, §2.2',
    means: 'a ballot has one value',
    protects: safety,
    givenUp: never,
    monitor: oneValuePerBallot,
  },
  {
    name: 'SafeAt',
    source: 'Lamport 2001, §2.2, P2c',
    means: 'what is proposed is the value that a quorum has accepted in the highest ballot before, if there is one',
    protects: safety,
    givenUp: unsafe,
    monitor: safeAt,
  },
  {
    name: 'PromiseKept',
    source: 'Lamport 2001, §2.2, P1a',
    means: 'an acceptor accepts and promises nothing below what it has promised',
    protects: safety,
    givenUp: forgets,
    monitor: promiseKept,
  },
  {
    name: 'Validity',
    source: 'Lamport 2001, §2.1',
    means: 'only what a client has asked for is accepted',
    protects: safety,
    givenUp: never,
    monitor: validity,
  },
];
