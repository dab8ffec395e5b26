/** When nodes were down or stood still, from the events that say so. */

import { KIND } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';

export interface Outage {
  readonly kind: 'crash' | 'pause';
  readonly node: number;
  /** Events; `to` is -1 when it lasts to the end. */
  readonly from: number;
  readonly to: number;
}

export function outagesOf(trace: Trace): Outage[] {
  const { kind, node, length } = trace.events;
  const found: Outage[] = [];
  const open = { crash: new Map<number, number>(), pause: new Map<number, number>() };
  const close = (what: 'crash' | 'pause', event: number): void => {
    const from = open[what].get(node[event]);
    if (from !== undefined) found.push({ kind: what, node: node[event], from, to: event });
    open[what].delete(node[event]);
  };
  for (let event = 0; event < length; event++) {
    switch (kind[event]) {
      case KIND.crash:
        // Whoever crashes does not stand still any more.
        close('pause', event);
        if (!open.crash.has(node[event])) open.crash.set(node[event], event);
        break;
      case KIND.pause:
        if (!open.pause.has(node[event])) open.pause.set(node[event], event);
        break;
      case KIND.restart:
        close('crash', event);
        break;
      case KIND.resume:
        close('pause', event);
        break;
    }
  }
  for (const what of ['crash', 'pause'] as const) {
    for (const [one, from] of open[what]) found.push({ kind: what, node: one, from, to: -1 });
  }
  return found.sort((left, right) => left.from - right.from);
}

/** Kinds of faults that are over as soon as they are done, though nothing records an end. */
const INSTANT: ReadonlySet<string> = new Set(['heal', 'restart', 'resume', 'promote', 'crash', 'pause']);

/** Whether a fault holds for a time of its own. What crashes and pauses do to a node is told by its own events. */
export function lasts(kind: string): boolean {
  return !INSTANT.has(kind);
}
