/**
 * What a node keeps of its history. The paper's servers hold objects, not histories: Hist is there as the state that it
 * comes to, and as the updates after it. Acknowledged updates are folded into that state; Sent, what is not acknowledged
 * yet, stays as it is, for the next node may have to get it again.
 */
import { compactLog, entryAt, termAt } from '../log.ts';
import { apply, fromImage, takeImage } from '../machine.ts';
import type { ChainIo, ChainState, Copy } from './state.ts';

/** How many acknowledged updates stay as such, and how many more there must be before they are folded. */
const keptUpdates = 256;
const foldedAtOnce = 512;

export function compact(state: ChainState, io: ChainIo): void {
  const { log, base, stable, synced, extension } = state;
  // A next tail on its way in may still need everything after the copy that it was sent.
  if (base === null || extension !== null) return;
  const upTo = Math.min(stable, synced) - keptUpdates;
  if (upTo - log.base < foldedAtOnce) return;
  const machine = fromImage(base.image);
  for (let index = log.base + 1; index <= upTo; index++) {
    const { command, session } = entryAt(log, index)!;
    apply(machine, command, session);
  }
  const copy: Copy = { index: upTo, term: termAt(log, upTo), image: takeImage(machine) };
  state.base = copy;
  compactLog(log, copy.index, copy.term);
  io.persist({ kind: 'fold', copy });
}
