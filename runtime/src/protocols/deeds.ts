/**
 * What acceptors have done for good, as monitors see it: a promise or a vote counts from when it is on disk, and with
 * `durable-promises off` at once, for then a crash is all that can undo it.
 */
import type { Io, Message } from './contract.ts';

export interface Doer<D> {
  readonly context: { readonly options: { readonly durablePromises: boolean } };
  /** The last write's. */
  token: number;
  /** On their way to the disk, in order. */
  readonly unsynced: { readonly token: number; readonly deed: D }[];
  /** What became final in the latest event. */
  readonly deeds: D[];
}

export function keep<D, W>(state: Doer<D>, write: W, deed: D, io: Pick<Io<Message, W>, 'persist'>): void {
  if (!state.context.options.durablePromises) {
    state.deeds.push(deed);
    return;
  }
  const token = ++state.token;
  state.unsynced.push({ token, deed });
  io.persist(write, token);
}

export function synced(state: Doer<unknown>, token: number): void {
  while (state.unsynced.length > 0 && state.unsynced[0]!.token <= token) state.deeds.push(state.unsynced.shift()!.deed);
}
