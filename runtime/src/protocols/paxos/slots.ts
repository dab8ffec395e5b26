/** What an acceptor knows slot by slot, behind the prefix that a snapshot covers. */
import type { NodeId } from '../../design/topology.ts';
import type { ClientRequest, Command } from '../contract.ts';

/** What a slot can hold; a no-op fills the holes that a dead leader left. */
export type Proposal =
  | { readonly kind: 'no-op' }
  | { readonly kind: 'command'; readonly command: Command; readonly session: ClientRequest['session'] }
  /** Cheap Paxos: the main acceptors from `window` slots later on. */
  | { readonly kind: 'configuration'; readonly main: readonly NodeId[] };

/** A proposal in its slot; slots count from 1. */
export interface Placed {
  readonly slot: number;
  readonly proposal: Proposal;
}

/** What an acceptor knows of a slot: its latest vote, or the chosen proposal that it was told of. */
export interface Slot {
  readonly ballot: number;
  readonly proposal: Proposal;
  readonly chosen: boolean;
}

export interface ReportedSlot extends Slot {
  readonly slot: number;
}

/** `known[i]` is slot `base + 1 + i`, `null` where nothing is known; what is chosen up to `base` is kept elsewhere. */
export interface Slots {
  base: number;
  known: (Slot | null)[];
}

export const emptySlots = (): Slots => ({ base: 0, known: [] });

export const cloneSlots = ({ base, known }: Slots): Slots => ({ base, known: known.slice() });

export const lastSlot = ({ base, known }: Slots): number => base + known.length;

export const slotAt = ({ base, known }: Slots, slot: number): Slot | null => known[slot - base - 1] ?? null;

/** A slot that is chosen stays so, and one in the covered prefix is settled. */
export function putSlot(slots: Slots, slot: number, { ballot, proposal, chosen }: Slot): void {
  const at = slot - slots.base - 1;
  if (at < 0) return;
  while (slots.known.length < at) slots.known.push(null);
  slots.known[at] = { ballot, proposal, chosen: chosen || slots.known[at]?.chosen === true };
}

/** What is known of the slots from `from` on. */
export function reportFrom(slots: Slots, from: number, limit = Number.POSITIVE_INFINITY): ReportedSlot[] {
  const found: ReportedSlot[] = [];
  for (let at = Math.max(0, from - slots.base - 1); at < slots.known.length && found.length < limit; at++) {
    const known = slots.known[at]!;
    if (known !== null) found.push({ slot: slots.base + 1 + at, ...known });
  }
  return found;
}

/** Forgets everything up to `slot`. */
export function cutSlots(slots: Slots, slot: number): void {
  if (slot <= slots.base) return;
  slots.known = slots.known.slice(slot - slots.base);
  slots.base = slot;
}
