/** Whether a trace makes sense: what every recorder must have kept, and every reader relies on. */

import { isNetworkKind, kindOf, nodeName } from './access.ts';
import type { AnyTable } from './columns.ts';
import { KIND, KIND_NAMES, STATUS, STATUS_NAMES, WHY, WHY_NAMES } from './kinds.ts';
import { NO_REFERENCE, REFERENCES, type Reference, TABLE_NAMES, TABLE_SCHEMAS, type Trace } from './model.ts';
import { addBytes, createValueHeap, valueCount } from './values.ts';

/** Problems listed; the rest is only counted. */
export const MAX_PROBLEMS = 100;

interface Report {
  readonly problems: string[];
  more: number;
}

/**
 * What is wrong with a trace, in plain sentences that name rows; empty when it is sound:
 * columns as long as their tables; references and codes in range; times that do not decrease; links that point backwards
 * (hence no cycles); for each message copy one send and at most one end, in the receiver's lane; operations of a process
 * one after the other; roles, changes and details in the order of events; no string or value stored twice.
 */
export function validate(trace: Trace): string[] {
  const report: Report = { problems: [], more: 0 };
  checkShape(trace, report);
  // With references out of range the rest would only repeat it.
  if (report.problems.length === 0) {
    checkEvents(trace, report);
    checkMessages(trace, report);
    checkOps(trace, report);
    checkIntervals(trace, report);
    checkUnique(trace, report);
  }
  if (report.more > 0) report.problems.push(`and ${report.more} more problems`);
  return report.problems;
}

function say(report: Report, problem: string): void {
  if (report.problems.length < MAX_PROBLEMS) report.problems.push(problem);
  else report.more++;
}

/** How many things of each kind there are to refer to. */
export function referenceLimits(trace: Trace): Record<Reference, number> {
  return {
    events: trace.events.length,
    messages: trace.messages.length,
    ops: trace.ops.length,
    epochs: trace.epochs.length,
    deltas: trace.deltas.length,
    details: trace.details.length,
    string: trace.strings.length,
    value: valueCount(trace.values),
    node: trace.header.nodes.length,
    src: trace.src.length,
  };
}

function checkShape(trace: Trace, report: Report): void {
  const limits = referenceLimits(trace);
  for (const name of TABLE_NAMES) {
    const table = trace[name] as AnyTable;
    for (const column of Object.keys(TABLE_SCHEMAS[name])) {
      const array = table[column] as Int32Array;
      if (array.length !== table.length) {
        say(report, `${name}.${column} has ${array.length} rows, but the table has ${table.length}`);
        continue;
      }
      const reference = REFERENCES[name][column];
      if (reference === undefined) continue;
      const limit = limits[reference];
      for (let row = 0; row < array.length; row++) {
        const target = array[row];
        if ((target < 0 || target >= limit) && target !== NO_REFERENCE[reference]) {
          say(report, `${name} row ${row}: ${column} is ${target}, but there are only ${limit} of ${reference}`);
        }
      }
    }
  }
  const inEvents = (event: number): boolean => event >= -1 && event < limits.events;
  trace.faults.forEach((fault, row) => {
    const nodes = [...fault.nodes, ...fault.groups.flat()];
    if (!inEvents(fault.start) || !inEvents(fault.end)) say(report, `fault ${row} names an event that does not exist`);
    if (nodes.some(node => node >= limits.node)) say(report, `fault ${row} names a node that does not exist`);
  });
  trace.checks.forEach((check, row) => {
    const { events = [], ops = [] } = check.witness ?? {};
    if (events.some(event => event < 0 || event >= limits.events) || ops.some(op => op < 0 || op >= limits.ops)) {
      say(report, `check ${row} (${check.name}) has a witness that names events or operations that do not exist`);
    }
  });
  trace.src.forEach((range, row) => {
    if (range.source >= trace.sources.length) {
      say(report, `src ${row} names source ${range.source}, of ${trace.sources.length}`);
    }
  });
}

function checkEvents(trace: Trace, report: Report): void {
  const { t, kind, msg, op, cause, length } = trace.events;
  for (let event = 0; event < length; event++) {
    if (!Number.isSafeInteger(t[event]) || t[event] < 0) say(report, `event ${event} has the time ${t[event]} ns`);
    else if (event > 0 && t[event] < t[event - 1]) {
      say(report, `event ${event} is at ${t[event]} ns, before event ${event - 1} at ${t[event - 1]} ns`);
    }
    if (kind[event] >= KIND_NAMES.length) say(report, `event ${event} has the unknown kind ${kind[event]}`);
    if (cause[event] >= event) say(report, `event ${event} is caused by event ${cause[event]}, which is not before it`);
    const ofMessage = kind[event] === KIND.send || kind[event] === KIND.deliver || isNetworkKind(kind[event]);
    if (ofMessage && msg[event] < 0) say(report, `event ${event} (${kindOf(trace, event)}) names no message`);
    if (!ofMessage && msg[event] >= 0) {
      say(report, `event ${event} (${kindOf(trace, event)}) names message ${msg[event]}, but its kind has none`);
    }
    const ofOp = kind[event] >= KIND.invoke && kind[event] <= KIND.info;
    if (ofOp && op[event] < 0) say(report, `event ${event} (${kindOf(trace, event)}) names no operation`);
  }
}

function checkMessages(trace: Trace, report: Report): void {
  const { events, messages } = trace;
  /** Events that say that they end a copy, which must be the one that the copy names. */
  const ends = new Int32Array(messages.length);
  const starts = new Int32Array(messages.length);
  for (let event = 0; event < events.length; event++) {
    const message = events.msg[event];
    if (message < 0) continue;
    if (events.kind[event] === KIND.send || events.kind[event] === KIND.duplicate) starts[message]++;
    else ends[message]++;
  }
  for (let message = 0; message < messages.length; message++) {
    const send = messages.send[message];
    const end = messages.end[message];
    const why = messages.why[message];
    if (send < 0 || events.kind[send] !== KIND.send) say(report, `message ${message} has no send event`);
    if (starts[message] !== 1) say(report, `message ${message} is made by ${starts[message]} events instead of one`);
    if (why >= WHY_NAMES.length) say(report, `message ${message} was dropped for the unknown reason ${why}`);
    const wanted = end < 0 ? 0 : 1;
    if (ends[message] !== wanted || (end >= 0 && events.msg[end] !== message)) {
      say(report, `message ${message} must have exactly one fate, but ${ends[message]} events deliver or drop it`);
      continue;
    }
    if (end < 0) {
      if (why !== WHY.none) say(report, `message ${message} is in flight, yet dropped: ${WHY_NAMES[why]}`);
      continue;
    }
    if (end <= send) say(report, `message ${message} ends in event ${end}, before it is sent in event ${send}`);
    const expected = why === WHY.none ? KIND.deliver : KIND.drop;
    if (events.kind[end] !== expected) {
      say(report, `message ${message} ends in event ${end}, a ${kindOf(trace, end)}, not a ${KIND_NAMES[expected]}`);
    }
    if (events.node[end] !== messages.to[message]) {
      const [there, to] = [nodeName(trace, events.node[end]), nodeName(trace, messages.to[message])];
      say(report, `message ${message} is for ${to} but ends in the lane of ${there}`);
    }
  }
}

function checkOps(trace: Trace, report: Report): void {
  const { events, ops } = trace;
  /** Last operation of each process. */
  const last = new Map<number, number>();
  for (let op = 0; op < ops.length; op++) {
    const invoke = ops.invoke[op];
    const complete = ops.complete[op];
    const status = ops.status[op];
    const previous = last.get(ops.process[op]);
    last.set(ops.process[op], op);
    if (invoke < 0 || events.kind[invoke] !== KIND.invoke || events.op[invoke] !== op) {
      say(report, `operation ${op} has no invoke event`);
      continue;
    }
    if (op > 0 && invoke <= ops.invoke[op - 1]) say(report, `operation ${op} is invoked before operation ${op - 1}`);
    if (status >= STATUS_NAMES.length) say(report, `operation ${op} has the unknown status ${status}`);
    if (complete < 0 && status !== STATUS.info) say(report, `operation ${op} has a status but was never completed`);
    if (complete >= 0) {
      if (complete <= invoke) say(report, `operation ${op} completes in event ${complete}, before its invocation`);
      if (events.op[complete] !== op || kindOf(trace, complete) !== STATUS_NAMES[status]) {
        say(report, `operation ${op} ends in event ${complete}, which is not its ${STATUS_NAMES[status]}`);
      }
    }
    if (previous === undefined) continue;
    if (ops.complete[previous] < 0 || ops.status[previous] === STATUS.info || ops.complete[previous] >= invoke) {
      const process = ops.process[op];
      say(report, `process ${process} invokes operation ${op} while its operation ${previous} may still take effect`);
    }
  }
}

function checkIntervals(trace: Trace, report: Report): void {
  const { epochs, deltas, details } = trace;
  const open = new Map<string, number>();
  for (let row = 0; row < epochs.length; row++) {
    const place = `${epochs.group[row]}/${epochs.node[row]}`;
    const before = open.get(place);
    open.set(place, row);
    if (epochs.from[row] < 0) say(report, `epoch ${row} has no event from which it holds`);
    if (epochs.to[row] >= 0 && epochs.to[row] < epochs.from[row]) say(report, `epoch ${row} ends before it begins`);
    if (row > 0 && epochs.from[row] < epochs.from[row - 1]) say(report, `epoch ${row} begins before epoch ${row - 1}`);
    // A crash ends a role before there is a next one.
    if (before !== undefined && !(epochs.to[before] >= 0 && epochs.to[before] <= epochs.from[row])) {
      say(report, `epoch ${before} does not end before epoch ${row} of the same node and group begins`);
    }
  }
  for (const [name, column] of [
    ['delta', deltas.event],
    ['detail', details.event],
  ] as const) {
    column.forEach((event, row) => {
      if (event < 0) say(report, `${name} ${row} belongs to no event`);
      else if (row > 0 && event < column[row - 1]) {
        say(report, `${name} ${row} of event ${event} stands after one of event ${column[row - 1]}`);
      }
    });
  }
  trace.faults.forEach((fault, row) => {
    if (fault.start < 0) say(report, `fault ${row} has no event with which it starts`);
    if (fault.end >= 0 && fault.end < fault.start) say(report, `fault ${row} ends before it starts`);
  });
}

function checkUnique(trace: Trace, report: Report): void {
  if (trace.strings[0] !== '') say(report, "string 0 is not ''");
  if (new Set(trace.strings).size !== trace.strings.length) say(report, 'a string is stored twice');
  const heap = createValueHeap();
  const { bytes, offsets } = trace.values;
  if (offsets[0] !== 0 || offsets[1] !== 0) say(report, 'value 0 is not empty');
  for (let id = 1; id < valueCount(trace.values); id++) {
    const known = addBytes(heap, bytes.subarray(offsets[id], offsets[id + 1]), offsets[id + 1] - offsets[id]);
    if (known === id) continue;
    say(report, `value ${id} is empty or is stored twice`);
    return;
  }
}
