/** The codes that trace columns hold, with their names in the order of the codes. Codes are part of the file format: append, never renumber. */

export const KIND = {
  init: 0,
  local: 1,
  timerSet: 2,
  timerFire: 3,
  timerCancel: 4,
  send: 5,
  deliver: 6,
  drop: 7,
  duplicate: 8,
  crash: 9,
  restart: 10,
  pause: 11,
  resume: 12,
  role: 13,
  epoch: 14,
  invoke: 15,
  ok: 16,
  fail: 17,
  info: 18,
  linearize: 19,
  violation: 20,
  storage: 21,
  log: 22,
  faultStart: 23,
  faultEnd: 24,
  annotate: 25,
} as const;
export type KindName = keyof typeof KIND;
export const KIND_NAMES = Object.keys(KIND) as readonly KindName[];

/** Why a message copy was dropped; `none`: it was not. */
export const WHY = { none: 0, loss: 1, partition: 2, crashed: 3, overflow: 4, filter: 5 } as const;
export type WhyName = keyof typeof WHY;
export const WHY_NAMES = Object.keys(WHY) as readonly WhyName[];

/** How an operation ended. `info`: nobody knows, which is also what an operation still open is. */
export const STATUS = { info: 0, ok: 1, fail: 2 } as const;
export type StatusName = keyof typeof STATUS;
export const STATUS_NAMES = Object.keys(STATUS) as readonly StatusName[];

/** Bits of `events.flags`. */
export const EVENT_FLAG = {
  /** An injected fault made this happen. */
  injected: 1,
  /** The protocol holds this for worth showing in a short account of the run (a commit, a view change). */
  significant: 2,
} as const;

/** Bits of `messages.flags`. Set by the simulator, so that every reader agrees on them. */
export const MESSAGE_FLAG = {
  /** Took longer than the link's 99th percentile, or an injected delay. */
  delayed: 1,
  /** Overtook, or was overtaken, on its channel. */
  reordered: 2,
  /** A copy made by the network. */
  duplicate: 4,
} as const;

/** Flag names of `flags` in the order of their bits. */
export function flagNames(names: Readonly<Record<string, number>>, flags: number): string[] {
  return Object.keys(names).filter(name => (flags & names[name]) !== 0);
}

/** Kinds of events that are an operation's call or answer. */
export const OP_KINDS = [KIND.invoke, KIND.ok, KIND.fail, KIND.info] as const;
/** Kinds of events with which a fault begins or ends. */
export const FAULT_KINDS = [KIND.faultStart, KIND.faultEnd] as const;
