/** What the kernel tells whoever records a run. A row number names an event; -1 stands for none. */
import type { Value } from '../checkers/history.ts';
import type { SourceRange } from '../design/source.ts';
import type { Endpoint } from './network.ts';

export type LocalKind =
  | 'init'
  | 'local'
  | 'timerFire'
  | 'send'
  | 'crash'
  | 'restart'
  | 'pause'
  | 'resume'
  | 'role'
  | 'violation'
  | 'storage'
  | 'annotate';

export type DropReason = 'loss' | 'partition' | 'crashed' | 'filter';

export interface Tracer {
  /** False: only counting and hashing; texts and payloads need not be computed. */
  readonly detailed: boolean;
  readonly counts: TraceCounts;
  /**
   * Number of a place in the design, for the events that happen because of what is written there.
   * @param declaration what it belongs to, found again by name when the text has changed: `store orders`
   * @param handler message type or timer that a mechanism handles; '' for others
   */
  source(at: SourceRange, declaration: string, handler: string): number;
  /**
   * An event of one lane; `text` is what it carries besides its name. Without `source`, it comes from where its cause
   * comes from; so do messages, deliveries and completions.
   */
  event(
    timeNs: number,
    kind: LocalKind,
    lane: Endpoint,
    name: string,
    cause: number,
    operation?: number,
    text?: string,
    source?: number,
  ): number;
  /** A message that leaves with the event `sendRow`. The answer names the message. */
  message(sendRow: number, to: Endpoint, bytes: number, payload: unknown, delayed: boolean, reordered: boolean): number;
  /** Another copy of a message. The answer names the copy. */
  duplicated(timeNs: number, message: number): number;
  /** The answer is the event's row. */
  delivered(timeNs: number, message: number, source?: number): number;
  dropped(timeNs: number, message: number, why: DropReason): number;
  invoked(
    timeNs: number,
    lane: Endpoint,
    process: number,
    kind: string,
    key: string,
    input: Value,
    source: number,
  ): number;
  completed(
    timeNs: number,
    lane: Endpoint,
    operation: number,
    status: 'ok' | 'fail' | 'info',
    result: Value | undefined,
  ): number;
  /** A fault begins or is undone; the answers are the fault and the event's row. */
  faultStart(
    timeNs: number,
    lane: Endpoint,
    kind: string,
    nodes: readonly number[],
    groups: readonly (readonly number[])[],
    text: string,
    source: number,
  ): { readonly fault: number; readonly row: number };
  faultEnd(timeNs: number, lane: Endpoint, fault: number): number;
  state(row: number, group: string, path: string, before: unknown, after: unknown): void;
  epoch(row: number, group: string, role: string, epoch: number, leads: boolean): void;
}

/** No place in the design. */
export const noSource = -1;

export interface TraceCounts {
  events: number;
  sent: number;
  delivered: number;
  lost: number;
  duplicated: number;
}

export const noCounts = (): TraceCounts => ({ events: 0, sent: 0, delivered: 0, lost: 0, duplicated: 0 });

/** Records nothing but the number of events and what became of messages. */
export function noTrace(): Tracer {
  const counts = noCounts();
  const row = () => counts.events++;
  let faults = 0;
  return {
    detailed: false,
    counts,
    source: () => noSource,
    event: row,
    message: () => counts.sent++ + counts.duplicated,
    duplicated: () => counts.sent + counts.duplicated++,
    delivered() {
      counts.delivered++;
      return row();
    },
    dropped() {
      counts.lost++;
      return row();
    },
    invoked: row,
    completed: row,
    faultStart: () => ({ fault: faults++, row: row() }),
    faultEnd: row,
    state: () => {},
    epoch: () => {},
  };
}
