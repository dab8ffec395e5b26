/** Makes a trace that was read from a file safe to use: what it refers to exists, and what is lost is said to be. */

import { clip, keepWithin } from './clip.ts';
import type { AnyTable } from './columns.ts';
import { NO_REFERENCE, REFERENCES, TABLE_NAMES, TABLE_SCHEMAS, type TableName, type Trace } from './model.ts';
import { referenceLimits } from './validate.ts';

/**
 * Changes a trace in place so that every reference in it points to something or to nothing, and times are times.
 * @param lost tables of which only the first rows could be read, with the reason. Without all events or messages, the
 *   trace is cut to the events that are whole; other tables are just shorter.
 * @returns what was done, in plain sentences
 */
export function mend(trace: Trace, lost: ReadonlyMap<TableName, string>): string[] {
  const problems: string[] = [];
  for (const name of ['events', 'messages'] as const) {
    const reason = lost.get(name);
    if (reason === undefined) continue;
    const cut = name === 'events' ? trace.events.length : firstWithout(trace.events.msg, trace.messages.length);
    clip(trace, cut, reason);
    problems.push(`only the events before event ${cut} are kept: ${reason}`);
  }
  mendTimes(trace, problems);
  const limits = referenceLimits(trace);
  for (const name of TABLE_NAMES) {
    for (const column of Object.keys(TABLE_SCHEMAS[name])) {
      const reference = REFERENCES[name][column];
      if (reference === undefined) continue;
      const array = (trace[name] as AnyTable)[column] as Int32Array;
      const none = NO_REFERENCE[reference];
      const limit = limits[reference];
      let cleared = 0;
      let first = -1;
      for (let row = nextWrong(array, none, limit, 0); row >= 0; row = nextWrong(array, none, limit, row + 1)) {
        array[row] = none;
        if (cleared++ === 0) first = row;
      }
      if (cleared > 0) {
        const rows = cleared === 1 ? '1 row refers' : `${cleared} rows refer`;
        problems.push(`${name}.${column}: ${rows} to what is not there and read as none, from row ${first} on`);
      }
    }
  }
  keepWithin(trace, trace.events.length, trace.ops.length);
  const nodes = trace.header.nodes.length;
  trace.faults = trace.faults.map(fault => ({
    ...fault,
    nodes: fault.nodes.filter(node => node < nodes),
    groups: fault.groups.map(group => group.filter(node => node < nodes)),
  }));
  return problems;
}

/** First row from `row` on that refers to what is not there; -1 for none. By itself, as it looks at every reference. */
function nextWrong(array: Int32Array, none: number, limit: number, row: number): number {
  const { length } = array;
  for (let at = row; at < length; at++) {
    const target = array[at];
    if (target !== none && (target < 0 || target >= limit)) return at;
  }
  return -1;
}

function firstWithout(references: Int32Array, limit: number): number {
  for (let row = 0; row < references.length; row++) if (references[row] >= limit) return row;
  return references.length;
}

function mendTimes(trace: Trace, problems: string[]): void {
  const { t } = trace.events;
  let wrong = 0;
  for (let event = 0; event < t.length; event++) {
    if (Number.isSafeInteger(t[event]) && t[event] >= 0) continue;
    t[event] = event === 0 ? 0 : t[event - 1];
    wrong++;
  }
  if (wrong > 0) problems.push(`${wrong} events have times that are no ns of virtual time, and read as the one before`);
}
