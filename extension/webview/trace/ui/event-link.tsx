/** An event in a line, as what leads to it. */

import { nodeName } from '@dsys/runtime/trace/access';
import { describeEvent } from '@dsys/runtime/trace/describe';
import type { JSX } from 'preact';
import { moment } from '../model/times.ts';
import { select } from './commands.ts';
import type { Viewer } from './viewer.ts';

/** Nothing for an event that the trace does not have. */
export function EventLink({ viewer, event }: { readonly viewer: Viewer; readonly event: number }): JSX.Element | null {
  const { trace, origin } = viewer.opened.value!;
  if (event < 0 || event >= trace.events.length) return null;
  return (
    <button type="button" class="link" onClick={() => select(viewer, { kind: 'event', id: event })}>
      {moment(trace.events.t[event] - origin)} {nodeName(trace, trace.events.node[event]).slice(0, 40)}{' '}
      {describeEvent(trace, event).slice(0, 100)}
    </button>
  );
}
