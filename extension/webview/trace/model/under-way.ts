/** What was on its way between nodes at an event. */

import type { Trace } from '@dsys/runtime/trace/model';

/** Most messages that are listed. */
export const MAX_UNDER_WAY = 200;

export interface UnderWay {
  /** Rows of messages, the oldest first. */
  readonly messages: readonly number[];
  readonly count: number;
}

/** Copies that were sent at or before an event and arrived or were lost only after it, or never. */
export function underWayAt({ messages: { send, end, length } }: Trace, event: number): UnderWay {
  const found: number[] = [];
  let count = 0;
  for (let message = 0; message < length; message++) {
    // Copies stand where they were made, after originals that were sent later: the whole column is looked through.
    if (send[message] < 0 || send[message] > event || (end[message] >= 0 && end[message] <= event)) continue;
    if (count++ < MAX_UNDER_WAY) found.push(message);
  }
  return { messages: found.sort((left, right) => send[left] - send[right]), count };
}
