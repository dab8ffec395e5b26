/**
 * Invariants of Multi-Paxos and Flexible Paxos under their names (Lamport 2001, §2; PMMC §2; Howard et al. 2016, §3),
 * watched after every event by monitors with god's eye. Votes and promises count for them once they are on disk: what
 * a crash took before was shown to nobody. Quorums are those of the design, whatever a member takes for one.
 */
import { isQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Group, Invariant, Monitor } from '../contract.ts';
import { canMiss } from '../descriptor.ts';
import { initialConfiguration, type LogPaxos, ownerOf } from './configuration.ts';
import { createElectorate } from './electorate.ts';
import { type Proposal, slotAt } from './slots.ts';
import type { PaxosState } from './state.ts';

type PaxosInvariant = Invariant<PaxosState, LogPaxos>;

const never = (): undefined => undefined;

/** Why these options lose what consensus promises. */
export function mistakes(options: LogPaxos, group: Group): string | undefined {
  if (!options.durablePromises) return 'promises and acceptances are not durable';
  if (options.adopt === 'first') return 'a new leader may adopt another proposal than that of the highest ballot';
  const { prepare, accept } = initialConfiguration(options, group).quorums;
  return canMiss(prepare, accept) ? 'a quorum of phase 1 and one of phase 2 can have no acceptor in common' : undefined;
}

const safety = ['consistency', 'no-lost-writes', 'no-split-brain', 'no-divergence'] as const;

const identity = (proposal: Proposal): string =>
  proposal.kind === 'command'
    ? `${proposal.command.kind} ${proposal.command.key} ${proposal.command.operation}`
    : proposal.kind === 'configuration'
      ? `configuration ${proposal.main.join()}`
      : 'no-op';

/** Members mostly share one proposal; only copies need a comparison. */
const same = (a: Proposal, b: Proposal): boolean => a === b || identity(a) === identity(b);

/** Votes on disk per slot and ballot, and what they have chosen. */
interface Choices {
  chosen(slot: number): Proposal | undefined;
  /** Why the votes that this event made durable choose a second proposal. */
  count(node: NodeId, state: PaxosState): string | undefined;
}

function createChoices(group: Group, options: LogPaxos): Choices {
  const electorate = createElectorate(group, options);
  const votes = new Map<number, Map<number, NodeId[]>>();
  const chosen = new Map<number, { proposal: Proposal; ballot: number }>();
  return {
    chosen: slot => chosen.get(slot)?.proposal,
    count(node, state) {
      electorate.watch(state);
      for (const synced of state.fresh.synced) {
        for (const { slot, ballot, proposal } of synced.votes) {
          let ballots = votes.get(slot);
          if (ballots === undefined) votes.set(slot, (ballots = new Map()));
          const voters = ballots.get(ballot) ?? [];
          if (voters.includes(node)) continue;
          voters.push(node);
          ballots.set(ballot, voters);
          if (!isQuorum(electorate.quorums(slot, ownerOf(group, ballot)).accept, one => voters.includes(one))) continue;
          const known = chosen.get(slot);
          if (known === undefined) chosen.set(slot, { proposal, ballot });
          else if (!same(known.proposal, proposal))
            return `slot ${slot} has two values: ${identity(known.proposal)}, chosen under ballot ${known.ballot}, and ${identity(proposal)}, chosen under ballot ${ballot}`;
        }
      }
      return undefined;
    },
  };
}

function agreement(group: Group, options: LogPaxos): Monitor<PaxosState> {
  const choices = createChoices(group, options);
  return { step: (node, state) => choices.count(node, state) };
}

function learnOnlyChosen(group: Group, options: LogPaxos): Monitor<PaxosState> {
  const choices = createChoices(group, options);
  return {
    step(node, state, view) {
      choices.count(node, state);
      for (const { slot, proposal } of state.fresh.learned) {
        const chosen = choices.chosen(slot);
        if (chosen === undefined)
          return `${view.nameOf(node)} takes ${identity(proposal)} for chosen in slot ${slot}, where no quorum has accepted anything`;
        if (!same(chosen, proposal))
          return `${view.nameOf(node)} takes ${identity(proposal)} for chosen in slot ${slot}; chosen is ${identity(chosen)}`;
      }
      return undefined;
    },
  };
}

function oneValuePerBallot(): Monitor<PaxosState> {
  const proposed = new Map<number, Map<number, Proposal>>();
  return {
    step(node, state, view) {
      const { fresh } = state;
      for (const { slot, proposal } of fresh.proposed) {
        let ballots = proposed.get(slot);
        if (ballots === undefined) proposed.set(slot, (ballots = new Map()));
        const known = ballots.get(state.ballot);
        if (known !== undefined && !same(known, proposal))
          return `${view.nameOf(node)} proposes ${identity(proposal)} in slot ${slot} under ballot ${state.ballot}, where ${identity(known)} was proposed`;
        ballots.set(state.ballot, proposal);
      }
      for (const { slot, ballot, proposal } of fresh.voted) {
        const asked = proposed.get(slot)?.get(ballot);
        if (asked === undefined || !same(asked, proposal))
          return `${view.nameOf(node)} votes for ${identity(proposal)} in slot ${slot} under ballot ${ballot}, where ${asked === undefined ? 'nothing' : identity(asked)} was proposed`;
      }
      return undefined;
    },
  };
}

interface Voted {
  readonly ballot: number;
  readonly proposal: Proposal;
}

/**
 * P2c (Lamport 2001, §2.2) for each proposal: some quorum that has promised the ballot had accepted nothing in the slot
 * below it, or the proposal is the latest of what it had accepted. So a chosen proposal is found by every later leader.
 */
function leaderRecovers(group: Group, options: LogPaxos): Monitor<PaxosState> {
  const electorate = createElectorate(group, options);
  /** Durable votes by slot and node, in the order of their ballots. */
  const votes = new Map<number, Map<NodeId, Voted[]>>();
  /** Whose promise of a ballot is on disk. */
  const promised = new Map<number, Set<NodeId>>();
  const remember = (node: NodeId, { fresh }: PaxosState): void => {
    for (const synced of fresh.synced) {
      if (synced.votes.length === 0) {
        const nodes = promised.get(synced.ballot);
        if (nodes === undefined) promised.set(synced.ballot, new Set([node]));
        else nodes.add(node);
      }
      for (const { slot, ballot, proposal } of synced.votes) {
        let ofSlot = votes.get(slot);
        if (ofSlot === undefined) votes.set(slot, (ofSlot = new Map()));
        const own = ofSlot.get(node);
        if (own === undefined) ofSlot.set(node, [{ ballot, proposal }]);
        else own.push({ ballot, proposal });
      }
    }
  };
  return {
    step(node, state, view) {
      electorate.watch(state);
      remember(node, state);
      const { ballot, fresh } = state;
      if (fresh.proposed.length === 0) return undefined;
      const promisers = [...(promised.get(ballot) ?? [])];
      for (const { slot, proposal } of fresh.proposed) {
        const { prepare } = electorate.quorums(slot, node);
        if (!isQuorum(prepare, one => promisers.includes(one)))
          return `${view.nameOf(node)} proposes in slot ${slot} under ballot ${ballot}, which no quorum has promised`;
        const ofSlot = votes.get(slot);
        if (ofSlot === undefined) continue;
        const latest = new Map<NodeId, Voted>();
        for (const one of promisers) {
          const vote = ofSlot.get(one)?.findLast(voted => voted.ballot < ballot);
          if (vote !== undefined) latest.set(one, vote);
        }
        // A quorum within those that voted for nothing after `upTo`: its latest vote is at most that.
        const quorumUpTo = (upTo: number) =>
          isQuorum(prepare, one => promisers.includes(one) && (latest.get(one)?.ballot ?? -1) <= upTo);
        const found = [...latest.values()];
        if (quorumUpTo(-1) || found.some(vote => same(vote.proposal, proposal) && quorumUpTo(vote.ballot))) continue;
        const bound = found.reduce((a, b) => (b.ballot > a.ballot ? b : a));
        return `${view.nameOf(node)} proposes ${identity(proposal)} in slot ${slot} under ballot ${ballot}, though those that promised it had accepted ${identity(bound.proposal)} under ballot ${bound.ballot}`;
      }
      return undefined;
    },
  };
}

/** Also across crashes: that is what makes promises durable. */
function promiseKept(): Monitor<PaxosState> {
  const durable = new Map<NodeId, number>();
  const known = new Map<NodeId, number>();
  return {
    step(node, state, view) {
      const before = known.get(node) ?? durable.get(node) ?? 0;
      known.set(node, state.promised);
      for (const { ballot } of state.fresh.synced) durable.set(node, Math.max(durable.get(node) ?? 0, ballot));
      if (state.promised < before)
        return `${view.nameOf(node)} had promised ballot ${before}, and is back at ${state.promised}`;
      const low = state.fresh.voted.find(({ ballot }) => ballot < before);
      if (low === undefined) return undefined;
      return `${view.nameOf(node)} accepts ${identity(low.proposal)} in slot ${low.slot} under ballot ${low.ballot}, though it had promised ${before}`;
    },
    crashed: node => void known.delete(node),
  };
}

function validity(): Monitor<PaxosState> {
  const requested = new Set<string>();
  return {
    step(node, state, view) {
      for (const command of state.fresh.requested) requested.add(identity({ kind: 'command', command, session: null }));
      const stray = state.fresh.proposed.find(
        ({ proposal }) => proposal.kind === 'command' && !requested.has(identity(proposal)),
      );
      if (stray === undefined) return undefined;
      return `${view.nameOf(node)} proposes ${identity(stray.proposal)} in slot ${stray.slot}, which nobody has asked for`;
    },
  };
}

function prefixApply(): Monitor<PaxosState> {
  const applied: { proposal: Proposal; node: NodeId }[] = [];
  return {
    step(node, state, view) {
      for (const { slot, proposal } of state.fresh.applied) {
        const known = applied[slot];
        if (known === undefined) applied[slot] = { proposal, node };
        else if (!same(known.proposal, proposal))
          return `${view.nameOf(known.node)} applied ${identity(known.proposal)} in slot ${slot}, ${view.nameOf(node)} applied ${identity(proposal)}`;
      }
      return undefined;
    },
  };
}

function noGapApply(): Monitor<PaxosState> {
  const upTo = new Map<NodeId, number>();
  return {
    step(node, state, view) {
      const known = upTo.get(node) ?? 0;
      const { installed } = state.fresh;
      const before = installed ?? known;
      if (before < known)
        return `${view.nameOf(node)} had applied slot ${known}, then installs a snapshot up to ${before}`;
      if (state.applied === known) return undefined;
      upTo.set(node, state.applied);
      const slots = state.fresh.applied.map(({ slot }) => slot);
      const inOrder = slots.every(
        (slot, i) =>
          slot === before + 1 + i && (slot <= state.slots.base || slotAt(state.slots, slot)?.chosen === true),
      );
      if (inOrder && before + slots.length === state.applied) return undefined;
      return `${view.nameOf(node)} had applied everything up to slot ${before}, then applied ${slots.join(', ')}`;
    },
    crashed: node => void upTo.delete(node),
  };
}

function dedup(): Monitor<PaxosState> {
  const sequences = new Map<NodeId, Map<number, number>>();
  return {
    step(node, state, view) {
      for (const { slot, proposal, tookEffect } of state.fresh.applied) {
        if (!tookEffect || proposal.kind !== 'command' || proposal.session === null) continue;
        const { client, sequence } = proposal.session;
        let own = sequences.get(node);
        if (own === undefined) sequences.set(node, (own = new Map()));
        if (sequence <= (own.get(client) ?? -1))
          return `${view.nameOf(node)} applied operation ${sequence} of client ${client} again, in slot ${slot}`;
        own.set(client, sequence);
      }
      return undefined;
    },
    crashed: node => void sequences.delete(node),
  };
}

function leaseSafety(): Monitor<PaxosState> {
  return {
    step(node, state, view) {
      if (state.fresh.served.length === 0) return undefined;
      for (const [other, its] of view.states) {
        if (other !== node && its.role === 'leader' && its.ballot > state.ballot)
          return `${view.nameOf(node)} answered under its lease of ballot ${state.ballot} while ${view.nameOf(other)} led ballot ${its.ballot}`;
      }
      return undefined;
    },
  };
}

const invariant = (
  name: string,
  source: string,
  means: string,
  monitor: PaxosInvariant['monitor'],
  givenUp: PaxosInvariant['givenUp'] = mistakes,
  protects: PaxosInvariant['protects'] = safety,
): PaxosInvariant => ({ name, source, means, protects, givenUp, monitor });

export const paxosInvariants: readonly PaxosInvariant[] = [
  invariant('Agreement', 'Lamport 2001, §2.1', 'at most one value is chosen per slot', agreement),
  invariant('LearnOnlyChosen', 'Lamport 2001, §2.1', 'nobody takes a value for chosen that is not', learnOnlyChosen),
  invariant(
    'OneValuePerBallot',
    'Lamport 2001, §2.2',
    'a slot has at most one proposal per ballot, and votes are for it',
    oneValuePerBallot,
  ),
  invariant(
    'LeaderRecovers',
    'Lamport 2001, §2.2 (P2c)',
    'proposals obey what the promising quorum had accepted',
    leaderRecovers,
  ),
  invariant(
    'PromiseKept',
    'Lamport 2001, §2.2 (P1a)',
    'promises only grow, and nothing below them is accepted',
    promiseKept,
    options => (options.durablePromises ? undefined : 'promises are not durable'),
  ),
  invariant(
    'Validity',
    'Lamport 2001, §2.1',
    'only what a client has asked for is proposed, or a no-op',
    validity,
    never,
  ),
  invariant('PrefixApply', 'PMMC §2.1', 'of what two members have applied, one is a prefix of the other', prefixApply),
  invariant('NoGapApply', 'PMMC §2.1', 'slots are applied in order, and only when they are chosen', noGapApply, never),
  invariant('Dedup', "Ongaro's thesis, §6.3", 'an operation of a session takes effect once', dedup, never),
  invariant(
    'LeaseSafety',
    'Gray and Cheriton 1989, §2',
    'nobody answers under a lease while a later ballot has a leader',
    leaseSafety,
    mistakes,
    ['consistency'],
  ),
];
