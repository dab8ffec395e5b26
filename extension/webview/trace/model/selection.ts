/** One selection for all: an event, a message copy, an operation or a fault, whichever view it was made in. */

import { KIND } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';

export type RefKind = 'event' | 'message' | 'op' | 'fault' | 'lane';

/** Something of the trace, by its row. */
export interface Ref {
  readonly kind: RefKind;
  readonly id: number;
}

export function sameRef(left: Ref | null | undefined, right: Ref | null | undefined): boolean {
  return left?.kind === right?.kind && left?.id === right?.id;
}

/** The event that stands for it: where a message ended, an operation was answered, a fault began. -1 for none. */
export function eventOfRef(trace: Trace, ref: Ref | null): number {
  if (ref === null) return -1;
  const { messages, ops } = trace;
  switch (ref.kind) {
    case 'event':
      return ref.id;
    case 'message':
      return messages.end[ref.id] >= 0 ? messages.end[ref.id] : messages.send[ref.id];
    case 'op':
      return ops.complete[ref.id] >= 0 ? ops.complete[ref.id] : ops.invoke[ref.id];
    case 'fault':
      return trace.faults[ref.id]?.start ?? -1;
    case 'lane':
      return -1;
  }
}

/** What else is selected with it: an event's message, and the operation of its call and answer. */
export interface Selected {
  readonly event: number;
  readonly message: number;
  readonly op: number;
  readonly fault: number;
}

export function selectedOf(trace: Trace, ref: Ref | null): Selected {
  const event = eventOfRef(trace, ref);
  const none = { event, message: -1, op: -1, fault: -1 };
  if (ref === null || event < 0) return none;
  if (ref.kind === 'message') return { ...none, message: ref.id, op: trace.events.op[event] };
  if (ref.kind === 'op') return { ...none, op: ref.id };
  if (ref.kind === 'fault') return { ...none, fault: ref.id };
  const kind = trace.events.kind[event];
  const fault =
    kind === KIND.faultStart || kind === KIND.faultEnd
      ? trace.faults.findIndex(one => one.start === event || one.end === event)
      : -1;
  return { event, message: trace.events.msg[event], op: trace.events.op[event], fault };
}
