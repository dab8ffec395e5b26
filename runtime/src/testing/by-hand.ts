/** Members of a group without a kernel: a test delivers what it wants, and looks at what leaves. */
import type { Group, Io, Message } from '../protocols/contract.ts';

/** An io that does nothing and whose clocks stand still, but for what a test wants to see. */
export const silentIo = <M extends Message, W>(seen: Partial<Io<M, W>> = {}): Io<M, W> => ({
  send: () => {},
  persist: () => {},
  reply: () => {},
  forward: () => {},
  setTimer: () => {},
  cancelTimer: () => {},
  wallNs: () => 0,
  monotonicNs: () => 0,
  call: () => {},
  leads: () => -1,
  note: () => {},
  ...seen,
});

/** So many replicas of keys and values, and nobody else. */
export const plainGroup = (replicas: number): Group => ({
  name: 'db',
  replicas: Array.from({ length: replicas }, (_, node) => node),
  witnesses: [],
  observers: [],
  spares: [],
  model: 'kv',
  regionOf: () => null,
  fieldOf: key => key,
});
