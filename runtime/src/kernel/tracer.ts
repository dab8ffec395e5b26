/** What the kernel tells whoever records a run. A row number names an event; -1 stands for none. */
import type { Endpoint } from './network.ts';

export type EventKind =
  | 'init'
  | 'local'
  | 'timerFire'
  | 'send'
  | 'deliver'
  | 'drop'
  | 'duplicate'
  | 'crash'
  | 'restart'
  | 'pause'
  | 'resume'
  | 'role'
  | 'epoch'
  | 'invoke'
  | 'ok'
  | 'fail'
  | 'info'
  | 'violation'
  | 'storage'
  | 'faultStart'
  | 'faultEnd'
  | 'annotate';

export type DropReason = 'loss' | 'partition' | 'crashed' | 'filter';

export interface Tracer {
  /** False: only counting and hashing; names and payloads need not be computed. */
  readonly detailed: boolean;
  event(
    timeNs: number,
    kind: EventKind,
    lane: Endpoint,
    name: string,
    message: number,
    operation: number,
    cause: number,
  ): number;
  /** One copy of a message; `copyOf`: the row of the first copy, or -1. */
  message(
    sendRow: number,
    from: Endpoint,
    to: Endpoint,
    type: string,
    bytes: number,
    copyOf: number,
    flags: { readonly delayed: boolean; readonly reordered: boolean },
    payload: unknown,
  ): number;
  delivered(message: number, row: number): void;
  dropped(message: number, row: number, why: DropReason): void;
  state(row: number, lane: Endpoint, group: number, path: string, before: unknown, after: unknown): void;
  epoch(row: number, lane: Endpoint, group: number, role: string, epoch: number): void;
}

/** Records nothing but the number of events and what became of messages. */
export function noTrace(): Tracer & { readonly counts: TraceCounts } {
  const counts: TraceCounts = { events: 0, sent: 0, delivered: 0, lost: 0, duplicated: 0 };
  return {
    detailed: false,
    counts,
    event: () => counts.events++,
    message(_row, _from, _to, _type, _bytes, copyOf) {
      counts.sent++;
      if (copyOf >= 0) counts.duplicated++;
      return counts.sent - 1;
    },
    delivered: () => void counts.delivered++,
    dropped: () => void counts.lost++,
    state: () => {},
    epoch: () => {},
  };
}

export interface TraceCounts {
  events: number;
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
}
