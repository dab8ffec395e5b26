/**
 * What members have done for good, as monitors see it: a deed counts from when it is on disk. With `durable-promises off`
 * an acceptor's counts at once, for then a crash is all that can undo it.
 */
import type { NodeId } from '../design/topology.ts';
import type { GroupView, Io, Message, Monitor } from './contract.ts';

export interface Doer<D> {
  /** The last write's. */
  token: number;
  /** On their way to the disk, in order. */
  readonly unsynced: { readonly token: number; readonly deed: D }[];
  /** What became final in the latest event. */
  readonly deeds: D[];
}

type Writer<W> = Pick<Io<Message, W>, 'persist'>;

export function keep<D, W>(state: Doer<D>, write: W, deed: D, io: Writer<W>): void {
  const token = ++state.token;
  state.unsynced.push({ token, deed });
  io.persist(write, token);
}

/** Of what needs no writing: it counts when what came before is on disk. */
export function tell<D>(state: Doer<D>, deed: D): void {
  if (state.unsynced.length === 0) state.deeds.push(deed);
  else state.unsynced.push({ token: state.token, deed });
}

/** A promise or a vote. */
export function keepPromise<D, W>(
  state: Doer<D> & { readonly context: { readonly options: { readonly durablePromises: boolean } } },
  write: W,
  deed: D,
  io: Writer<W>,
): void {
  if (state.context.options.durablePromises) keep(state, write, deed, io);
  else state.deeds.push(deed);
}

export function synced(state: Doer<unknown>, token: number): void {
  while (state.unsynced.length > 0 && state.unsynced[0]!.token <= token) state.deeds.push(state.unsynced.shift()!.deed);
}

/** A monitor of single deeds. */
export const ofDeeds = <S extends { readonly deeds: readonly unknown[] }>(
  check: (node: NodeId, deed: S['deeds'][number], view: GroupView<S>) => string | undefined,
  rest: Omit<Monitor<S>, 'step'> = {},
): Monitor<S> => ({
  ...rest,
  step(node, state, view) {
    for (const deed of state.deeds) {
      const why = check(node, deed, view);
      if (why !== undefined) return why;
    }
    return undefined;
  },
});
