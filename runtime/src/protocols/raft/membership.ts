/** Membership changes and leadership transfer (thesis ch. 4, §3.10). */
import type { NodeId } from '../../design/topology.ts';
import type { AdminRequest } from '../contract.ts';
import { lastIndex } from '../log.ts';
import { isVoter } from './configuration.ts';
import { stepDown } from './election.ts';
import { hasCommittedInTerm } from './reads.ts';
import { advanceCommit, appendEntry, newPeer, replicate } from './replication.ts';
import type { Change, Configuration, RaftIo, RaftState } from './state.ts';

/** Rounds of catching up before a new server may vote (§4.2.1). */
const catchUpRounds = 10;

export function administer(state: RaftState, request: AdminRequest, io: RaftIo): void {
  if (state.role !== 'leader')
    return io.reply(request, { kind: 'refused', why: 'not the leader', leader: state.leader });
  if (request.kind === 'promote') return startTransfer(state, request, io);
  if (state.change !== null)
    return io.reply(request, { kind: 'refused', why: 'another change is under way', leader: null });
  startChange(state, request, io);
}

function startChange(state: RaftState, request: Change['request'], io: RaftIo): void {
  const { options } = state.context;
  const now = io.monotonicNs();
  const adds = request.as === 'voter' ? request.add.filter(node => !state.configuration.voters.includes(node)) : [];
  const catchUp = options.newVoters === 'catch-up' ? adds : [];
  const learners = catchUp.map(node => ({ node, round: 1, target: lastIndex(state.log), startedNs: now }));
  state.change = { request, learners, phase: 'catch-up', index: 0 };
  for (const { node } of learners) state.peers[node] ??= { ...newPeer(state, node, now), next: 1 };
  io.note(`membership change: ${describe(request)}`);
  replicate(state, io);
  changeProgress(state, io);
}

const describe = (request: Change['request']): string =>
  [...request.add.map(node => `+${node}`), ...request.remove.map(node => `-${node}`)].join(' ');

/** Moves a change on as far as what is known allows. */
export function changeProgress(state: RaftState, io: RaftIo): void {
  const { change } = state;
  if (change === null) return;
  if (change.phase === 'catch-up') {
    for (const learner of change.learners) catchUp(state, learner, io);
    if (state.change === null || change.learners.some(learner => learner.round > 0)) return;
    change.phase = 'wait';
  }
  if (change.phase === 'wait' && mayAppendConfiguration(state)) appendChange(state, change, io);
}

/** A round replicates what the log held at its start; a round shorter than an election timeout is close enough. */
function catchUp(state: RaftState, learner: Change['learners'][number], io: RaftIo): void {
  const peer = state.peers[learner.node];
  if (learner.round === 0 || peer === undefined || peer.match < learner.target) return;
  const now = io.monotonicNs();
  if (now - learner.startedNs < state.context.options.electionTimeoutNs[0]) {
    learner.round = 0;
  } else if (learner.round >= catchUpRounds) {
    abandonChange(state, io, `n${learner.node} could not catch up in ${catchUpRounds} rounds`);
  } else {
    learner.round++;
    learner.target = lastIndex(state.log);
    learner.startedNs = now;
  }
}

/**
 * One uncommitted configuration at a time, and none before the leader has committed an entry of its own term
 * (the bug of the single-server algorithm as first published: Ongaro, raft-dev, July 2015).
 */
function mayAppendConfiguration(state: RaftState): boolean {
  const { membership } = state.context.options;
  if (membership === 'unsafe') return true;
  if (state.configurationIndex > state.commitIndex) return false;
  return membership === 'single-early' || hasCommittedInTerm(state);
}

function appendChange(state: RaftState, change: Change, io: RaftIo): void {
  const next = nextConfiguration(state, change);
  if (next === null) return finishChange(state, io);
  change.phase = next.old === null && sameSet(next.voters, targetVoters(state, change)) ? 'final' : 'joint';
  change.learners = [];
  change.index = appendEntry(state, { term: state.term, kind: 'configuration', configuration: next }, io);
  replicate(state, io);
  advanceCommit(state, io);
}

function targetVoters(state: RaftState, change: Change): readonly NodeId[] {
  const { add, remove, as } = change.request;
  const current = state.configuration.voters;
  const kept = current.filter(node => !remove.includes(node) && !(as === 'observer' && add.includes(node)));
  return as === 'voter' ? [...kept, ...add.filter(node => !kept.includes(node))] : kept;
}

function targetObservers(state: RaftState, change: Change): readonly NodeId[] {
  const { add, remove, as } = change.request;
  const kept = state.configuration.observers.filter(node => !remove.includes(node) && !add.includes(node));
  return as === 'observer' ? [...kept, ...add] : kept;
}

const sameSet = (a: readonly NodeId[], b: readonly NodeId[]): boolean =>
  a.length === b.length && a.every(node => b.includes(node));

/** The configuration to append next; null: the target is in force. */
function nextConfiguration(state: RaftState, change: Change): Configuration | null {
  const current = state.configuration;
  const target = targetVoters(state, change);
  const observers = targetObservers(state, change);
  const { membership } = state.context.options;
  if (current.old !== null) return { voters: current.voters, old: null, observers };
  if (sameSet(current.voters, target))
    return sameSet(current.observers, observers) ? null : { voters: target, old: null, observers };
  if (membership === 'joint') return { voters: target, old: current.voters, observers };
  if (membership === 'unsafe') return { voters: target, old: null, observers };
  // Single-server changes: one voter at a time, additions first so that tolerance never drops below what it was (§4.1).
  const added = target.find(node => !current.voters.includes(node));
  if (added !== undefined) return { voters: [...current.voters, added], old: null, observers };
  const removed = current.voters.find(node => !target.includes(node))!;
  return { voters: current.voters.filter(node => node !== removed), old: null, observers };
}

export function configurationCommitted(
  state: RaftState,
  index: number,
  configuration: Configuration,
  io: RaftIo,
): void {
  const { change } = state;
  if (change !== null && change.index === index) {
    change.phase = 'wait';
    changeProgress(state, io);
  } else if (configuration.old !== null && change === null && state.configurationIndex === index) {
    // A joint configuration inherited from an earlier leader is completed by whoever leads (§4.3).
    appendEntry(state, { term: state.term, kind: 'configuration', configuration: { ...configuration, old: null } }, io);
    replicate(state, io);
  }
  // A leader that is not part of the new configuration manages it until it is committed, then leaves (§4.2.2).
  if (state.role === 'leader' && state.commitIndex >= state.configurationIndex && !isVoter(state, state.context.self)) {
    stepDown(state, io, 'no longer a member');
  }
}

function finishChange(state: RaftState, io: RaftIo): void {
  const { change } = state;
  state.change = null;
  if (change !== null) io.reply(change.request, { kind: 'ok', output: null });
}

export function abandonChange(state: RaftState, io: RaftIo, why: string): void {
  const { change } = state;
  state.change = null;
  if (change === null) return;
  const started = change.index > 0;
  io.reply(change.request, started ? { kind: 'unknown', why } : { kind: 'refused', why, leader: null });
}

/** Stop accepting, bring the target up to date, tell it to stand; give up after an election timeout (§3.10). */
function startTransfer(state: RaftState, request: Extract<AdminRequest, { kind: 'promote' }>, io: RaftIo): void {
  if (request.node === state.context.self) return io.reply(request, { kind: 'ok', output: null });
  if (!isVoter(state, request.node) || state.context.group.witnesses.includes(request.node)) {
    return io.reply(request, { kind: 'failed', why: 'only a voter that holds data can lead' });
  }
  state.transfer = { request, target: request.node, sent: false };
  const timeout = state.context.options.electionTimeoutNs[1];
  io.setTimer('transfer', timeout, timeout);
  replicate(state, io);
  transferProgress(state, io);
}

export function transferProgress(state: RaftState, io: RaftIo): void {
  const { transfer } = state;
  if (transfer === null || transfer.sent || (state.peers[transfer.target]?.match ?? 0) < lastIndex(state.log)) return;
  transfer.sent = true;
  state.leaseForfeited = true;
  io.send(transfer.target, { type: 'timeout-now', term: state.term });
}

export function transferTimeout(state: RaftState, io: RaftIo): void {
  if (state.transfer === null) return;
  io.reply(state.transfer.request, { kind: 'failed', why: 'the target did not take over within an election timeout' });
  state.transfer = null;
}
