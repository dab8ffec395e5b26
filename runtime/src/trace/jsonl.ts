/**
 * Traces as JSON lines, `.dsystrace.jsonl`: to read, compare and search, for up to some ten thousand events.
 *
 * Each line is one object with a `type`: first `header` (with the nodes, and `counts` of what follows), then `source`,
 * `src`, `check`, `fault`, `metric`, `note`, and then the events, each `event` followed by the `detail`, `delta`,
 * `message`, `op` and `epoch` rows that begin with it. Rows that others refer to carry their `id`; nodes are written by
 * name, kinds, fates and flags by theirs, strings and values as themselves (values in ITF, see `itf.ts`). What is none,
 * empty or zero is left out. Times are integers of ns, beyond 2^53 they would be texts. A message's `fate`, `type`, `from` and `copyOf` follow from other columns: they are written
 * for the reader's sake, and `fate` is checked when it is read.
 */

import { copyOf, fateOf, senderOf, typeOf } from './access.ts';
import { EVENT_FLAG, flagNames, KIND_NAMES, MESSAGE_FLAG, STATUS_NAMES, WHY_NAMES } from './kinds.ts';
import { type Fault, NONE16, type Trace } from './model.ts';
import { headerJson } from './sections.ts';
import { valueText } from './values.ts';

/** Longest text written: engines end at about 512 million characters. */
export const MAX_JSONL_CHARACTERS = 400_000_000;

interface Writer {
  readonly trace: Trace;
  readonly lines: string[];
  length: number;
  /** By node: its name, or its index where two share a name. */
  readonly nodes: readonly (string | number)[];
  /** By value: its text, once known to be JSON. */
  readonly values: (string | undefined)[];
}

type Fields = { readonly [name: string]: unknown };

/**
 * The trace as JSON lines.
 * @throws RangeError for one too large for a text: the container holds it
 */
export function encodeJsonl(trace: Trace): string {
  const names = trace.header.nodes.map(node => node.name);
  const unique = (name: string): boolean => names.indexOf(name) === names.lastIndexOf(name);
  const nodes = names.map((name, node) => (unique(name) ? name : node));
  const writer: Writer = { trace, lines: [], length: 0, nodes, values: [] };
  add(writer, { type: 'header', ...(headerJson(trace) as Fields) });
  for (const source of trace.sources) add(writer, { type: 'source', ...source });
  for (const src of trace.src) add(writer, { type: 'src', ...src });
  for (const check of trace.checks) add(writer, { type: 'check', ...check });
  for (const fault of trace.faults) addFault(writer, fault);
  for (const metric of trace.metrics) add(writer, { type: 'metric', ...metric });
  for (const note of trace.notes) add(writer, { type: 'note', ...note });
  addTables(writer);
  return `${writer.lines.join('\n')}\n`;
}

/** Each event, followed by what begins with it. */
function addTables(writer: Writer): void {
  const { events, messages, ops, epochs, deltas, details } = writer.trace;
  let message = 0;
  let op = 0;
  let epoch = 0;
  let delta = 0;
  let detail = 0;
  for (let event = 0; event <= events.length; event++) {
    // After the last event, all that is left: a trace that is unsound may name later ones.
    const last = event === events.length;
    if (!last) addEvent(writer, event);
    for (; detail < details.length && (last || details.event[detail] <= event); detail++) addDetail(writer, detail);
    for (; delta < deltas.length && (last || deltas.event[delta] <= event); delta++) addDelta(writer, delta);
    for (; message < messages.length && (last || message <= events.msg[event]); message++) addMessage(writer, message);
    for (; op < ops.length && (last || ops.invoke[op] <= event); op++) addOp(writer, op);
    for (; epoch < epochs.length && (last || epochs.from[epoch] <= event); epoch++) addEpoch(writer, epoch);
  }
}

function addDetail(writer: Writer, row: number): void {
  const { event, value } = writer.trace.details;
  add(writer, { type: 'detail', event: event[row] }, { value: value[row] });
}

function addDelta(writer: Writer, row: number): void {
  const { event, path, old, new: now } = writer.trace.deltas;
  const fields = { type: 'delta', event: event[row], path: writer.trace.strings[path[row]] };
  add(writer, fields, { old: old[row], new: now[row] });
}

function addEvent(writer: Writer, row: number): void {
  const { trace } = writer;
  const { t, kind, node, msg, op, name, src, epoch, cause, flags } = trace.events;
  add(writer, {
    type: 'event',
    id: row,
    t: t[row],
    kind: KIND_NAMES[kind[row]] ?? kind[row],
    node: nodeRef(writer, node[row]),
    name: trace.strings[name[row]] || undefined,
    msg: link(msg[row]),
    op: link(op[row]),
    cause: link(cause[row]),
    epoch: epoch[row] || undefined,
    src: src[row] === NONE16 ? undefined : src[row],
    flags: flagList(EVENT_FLAG, flags[row]),
  });
}

function addMessage(writer: Writer, row: number): void {
  const { trace } = writer;
  const { send, end, to, why, flags, payload, bytes } = trace.messages;
  const fields = {
    type: 'message',
    id: row,
    name: typeOf(trace, row) || undefined,
    from: nodeRef(writer, senderOf(trace, row)),
    to: nodeRef(writer, to[row]),
    send: link(send[row]),
    end: link(end[row]),
    fate: fateOf(trace, row),
    why: why[row] === 0 ? undefined : (WHY_NAMES[why[row]] ?? why[row]),
    copyOf: link(copyOf(trace, row)),
    bytes: bytes[row] || undefined,
    flags: flagList(MESSAGE_FLAG, flags[row]),
  };
  add(writer, fields, { payload: payload[row] });
}

function addOp(writer: Writer, row: number): void {
  const { trace } = writer;
  const { process, f, key, value, result, invoke, complete, status, linearizedAt } = trace.ops;
  const fields = {
    type: 'op',
    id: row,
    process: process[row],
    f: trace.strings[f[row]] || undefined,
    invoke: link(invoke[row]),
    complete: link(complete[row]),
    status: STATUS_NAMES[status[row]] ?? status[row],
    linearizedAt: link(linearizedAt[row]),
  };
  add(writer, fields, { key: key[row], value: value[row], result: result[row] });
}

function addEpoch(writer: Writer, row: number): void {
  const { trace } = writer;
  const { node, group, role, epoch, leads, from, to } = trace.epochs;
  add(writer, {
    type: 'epoch',
    id: row,
    node: nodeRef(writer, node[row]),
    group: trace.strings[group[row]] || undefined,
    role: trace.strings[role[row]] || undefined,
    epoch: epoch[row],
    leads: leads[row] || undefined,
    from: link(from[row]),
    to: link(to[row]),
  });
}

function addFault(writer: Writer, fault: Fault): void {
  const refs = (nodes: readonly number[]): unknown[] => nodes.map(node => nodeRef(writer, node));
  add(writer, { type: 'fault', ...fault, nodes: refs(fault.nodes), groups: fault.groups.map(refs) });
}

function nodeRef(writer: Writer, node: number): string | number | undefined {
  return node === NONE16 ? undefined : (writer.nodes[node] ?? node);
}

function link(row: number): number | undefined {
  return row < 0 ? undefined : row;
}

/** Names of the bits that are set, and what is left of unknown ones as a number. */
function flagList(names: Readonly<Record<string, number>>, flags: number): (string | number)[] | undefined {
  if (flags === 0) return undefined;
  const known = flagNames(names, flags);
  const rest = known.reduce((left, name) => left & ~names[name], flags);
  return rest === 0 ? known : [...known, rest];
}

/** Adds a line of plain fields and of values given by id; value 0 is left out. */
function add(writer: Writer, fields: Fields, values: { readonly [name: string]: number } = {}): void {
  let line = JSON.stringify(fields);
  for (const name of Object.keys(values)) {
    const id = values[name];
    if (id !== 0) line = `${line.slice(0, -1)},"${name}":${jsonOf(writer, id)}}`;
  }
  writer.lines.push(line);
  writer.length += line.length + 1;
  if (writer.length <= MAX_JSONL_CHARACTERS) return;
  throw new RangeError(
    `a trace of ${writer.trace.events.length} events is too long for JSON lines (${MAX_JSONL_CHARACTERS} characters): ` +
      'write it as a .dsystrace container, or only a part of it',
  );
}

function jsonOf(writer: Writer, id: number): string {
  const known = writer.values[id];
  if (known !== undefined) return known;
  let text = valueText(writer.trace.values, id);
  try {
    // A foreign file may hold any bytes; ours hold JSON on one line.
    text = JSON.stringify(JSON.parse(text));
  } catch {
    text = JSON.stringify({ '#unserializable': text });
  }
  writer.values[id] = text;
  return text;
}
