/** What is chosen: how members learn of it, apply it in order, and replace it by snapshots (PMMC §2.1, §4.2). */
import type { NodeId } from '../../design/topology.ts';
import { answerOf, apply, fromImage, takeImage } from '../machine.ts';
import { slotsPerMessage } from './accepting.ts';
import { alpha, cheapConfiguration, configurationAt } from './configuration.ts';
import { standDown } from './leading.ts';
import { callAuxiliary } from './mains.ts';
import { cutSlots, type Proposal, putSlot, type ReportedSlot, reportFrom, slotAt } from './slots.ts';
import { isAuxiliary, type PaxosIo, type PaxosMessage, type PaxosState, type Snapshot, save } from './state.ts';

type Of<T extends PaxosMessage['type']> = Extract<PaxosMessage, { type: T }>;

/** Slots applied between two snapshots: what a member keeps in memory and on disk is bounded by it. */
export const snapshotEvery = 256;

export function choose(state: PaxosState, slot: number): void {
  const known = slotAt(state.slots, slot);
  if (known === null || known.chosen) return;
  putSlot(state.slots, slot, { ...known, chosen: true });
  state.fresh.learned.push({ slot, proposal: known.proposal });
}

/** Slots are applied in order, and none before the one in front of it (PMMC §2.1). */
export function applyChosen(state: PaxosState, io: PaxosIo): void {
  if (isAuxiliary(state)) return;
  for (;;) {
    const known = slotAt(state.slots, state.applied + 1);
    if (known === null || !known.chosen) break;
    const slot = ++state.applied;
    const tookEffect = applyOne(state, slot, known.proposal, io);
    state.fresh.applied.push({ slot, proposal: known.proposal, tookEffect });
  }
  forgetConfigurations(state, io);
  if (state.applied - state.slots.base >= snapshotEvery) takeSnapshot(state, io);
}

function applyOne(state: PaxosState, slot: number, proposal: Proposal, io: PaxosIo): boolean {
  if (proposal.kind === 'no-op') return false;
  if (proposal.kind === 'configuration') {
    const { options } = state.context;
    if (options.kind === 'cheap-paxos')
      state.configurations.push(cheapConfiguration(options, proposal.main, slot + alpha));
    return false;
  }
  const { command, session } = proposal;
  const before = session === null ? undefined : state.machine.sessions[session.client];
  const output = apply(state.machine, command, session);
  const request = state.pending[slot];
  if (request !== undefined) {
    delete state.pending[slot];
    io.reply(request, answerOf(output));
  }
  return session === null || state.machine.sessions[session.client] !== before;
}

/** Slots up to the applied one are decided: their configurations are history. */
function forgetConfigurations(state: PaxosState, io: PaxosIo): void {
  const current = configurationAt(state.configurations, state.applied + 1);
  const at = state.configurations.indexOf(current);
  if (at <= 0) return;
  state.configurations = state.configurations.slice(at);
  // The main acceptor that kept them busy is not asked any more.
  if (state.role === 'leader') callAuxiliary(state, io);
}

function takeSnapshot(state: PaxosState, io: PaxosIo): void {
  const { applied, configurations, machine } = state;
  state.snapshot = { slot: applied, image: takeImage(machine), configurations };
  state.configurations = configurations.slice();
  cutSlots(state.slots, applied);
  save(state, { kind: 'snapshot', snapshot: state.snapshot }, null, io);
  io.note(`snapshot up to slot ${applied}`);
}

/** False: this member knows as much already. */
export function install(state: PaxosState, snapshot: Snapshot | null, io: PaxosIo): boolean {
  if (snapshot === null || snapshot.slot <= state.applied || isAuxiliary(state)) return false;
  // A snapshot does not tell under which ballot its slots were chosen: what this leader has proposed there may be void.
  if (Object.keys(state.acceptedBy).some(slot => Number(slot) <= snapshot.slot))
    standDown(state, 'others have a snapshot of slots that are open here', io);
  state.snapshot = snapshot;
  state.machine = fromImage(snapshot.image);
  state.applied = snapshot.slot;
  state.configurations = snapshot.configurations.slice();
  state.fresh.installed = snapshot.slot;
  cutSlots(state.slots, snapshot.slot);
  for (const key in state.pending) if (Number(key) <= snapshot.slot) abandon(state, Number(key), io);
  for (const key in state.acceptedBy) if (Number(key) <= snapshot.slot) delete state.acceptedBy[Number(key)];
  state.nextSlot = Math.max(state.nextSlot, snapshot.slot + 1);
  save(state, { kind: 'snapshot', snapshot }, null, io);
  io.note(`installs the snapshot up to slot ${snapshot.slot}`);
  applyChosen(state, io);
  return true;
}

/** Nobody here learns what became of the request that was to take this slot. */
function abandon(state: PaxosState, slot: number, io: PaxosIo): void {
  const request = state.pending[slot];
  if (request === undefined) return;
  delete state.pending[slot];
  io.reply(request, { kind: 'unknown', why: 'another leader has had the slot chosen' });
}

/**
 * The leader of `ballot` knows everything up to `upTo` as chosen. What this member voted for under the same ballot is
 * that; anything else it has to be told. True: something is missing.
 */
export function learnUpTo(state: PaxosState, upTo: number, ballot: number, io: PaxosIo): boolean {
  for (let slot = state.applied + 1; slot <= upTo; slot++) {
    const known = slotAt(state.slots, slot);
    if (known === null || (!known.chosen && known.ballot !== ballot)) break;
    choose(state, slot);
  }
  applyChosen(state, io);
  return state.applied < upTo;
}

export function receiveCatchUp(state: PaxosState, from: NodeId, m: Of<'catch-up'>, io: PaxosIo): void {
  sendChosen(state, from, m.from, io);
}

/** What this member knows as chosen from slot `first` on; the snapshot, where its slots begin behind that. */
export function sendChosen(state: PaxosState, to: NodeId, first: number, io: PaxosIo): void {
  if (first > state.applied || isAuxiliary(state)) return;
  const snapshot = first <= state.slots.base ? state.snapshot : null;
  const start = snapshot === null ? first : snapshot.slot + 1;
  const until = Math.min(state.applied, start + slotsPerMessage - 1);
  const slots = reportFrom(state.slots, start, until - start + 1);
  io.send(to, { type: 'chosen', snapshot, slots, chosenUpTo: state.applied });
}

export function receiveChosen(state: PaxosState, from: NodeId, m: Of<'chosen'>, io: PaxosIo): void {
  const before = state.applied;
  install(state, m.snapshot, io);
  learn(state, m.slots, io);
  if (state.applied > before && state.applied < m.chosenUpTo)
    io.send(from, { type: 'catch-up', from: state.applied + 1 });
}

/** Takes over what others know as chosen. Nothing has to wait for that write: whoever forgets it can ask again. */
export function learn(state: PaxosState, slots: readonly ReportedSlot[], io: PaxosIo): void {
  if (isAuxiliary(state)) return;
  const news = slots.filter(
    ({ slot, chosen }) => chosen && slot > state.slots.base && slotAt(state.slots, slot)?.chosen !== true,
  );
  if (news.length === 0) return;
  const latest = Math.max(...news.map(({ ballot }) => ballot));
  if (latest > state.ballot) outlived(state, latest, io);
  for (const { slot, ...known } of news) {
    putSlot(state.slots, slot, known);
    delete state.acceptedBy[slot];
    // Another leader's: what was proposed here may be another command.
    if (known.ballot !== state.ballot) abandon(state, slot, io);
    state.fresh.learned.push({ slot, proposal: known.proposal });
  }
  applyChosen(state, io);
  save(state, { kind: 'learn', slots: news, chosenUpTo: state.applied }, null, io);
}

/**
 * Something was chosen under a later ballot: this leader is none any more, whether it has heard of the other one or not.
 * If it went on, its followers would take their votes for what it proposed in these slots for chosen (`learnUpTo`).
 */
function outlived(state: PaxosState, ballot: number, io: PaxosIo): void {
  state.seen = Math.max(state.seen, ballot);
  standDown(state, `slots were chosen under ballot ${ballot}`, io);
}

/** To an auxiliary acceptor: the main ones keep what was chosen up to there, so it need not (Lamport and Massa, §3). */
export function receiveForget(state: PaxosState, m: Of<'forget'>, io: PaxosIo): void {
  if (!isAuxiliary(state) || m.upTo <= state.slots.base) return;
  cutSlots(state.slots, m.upTo);
  save(state, { kind: 'forget', upTo: m.upTo }, null, io);
}
