/** Reads traces from JSON lines, whole or damaged. The format is described in `jsonl.ts`. */

import { fateOf } from './access.ts';
import {
  type AnyTable,
  COLUMN_RANGE,
  type ColumnArray,
  type ColumnType,
  createTable,
  makeRoom,
  type Schema,
  trim,
} from './columns.ts';
import { EVENT_FLAG, KIND, MESSAGE_FLAG, STATUS, WHY } from './kinds.ts';
import { mend } from './mend.ts';
import {
  MAX_EVENTS,
  MAX_STRINGS,
  NO_REFERENCE,
  REFERENCES,
  TABLE_NAMES,
  TABLE_SCHEMAS,
  type TableName,
  type Trace,
} from './model.ts';
import {
  type Counts,
  type Decoded,
  readHeader,
  SECTION_READERS,
  type SectionName,
  TraceFormatError,
} from './sections.ts';
import { type Reader, ShapeError } from './shape.ts';
import { addText, createValueHeap, NO_VALUES, textsOf, type ValueHeap } from './values.ts';

/** The table or section that a line's type adds to. */
const TABLE_OF_TYPE: Readonly<Record<string, TableName>> = {
  event: 'events',
  message: 'messages',
  op: 'ops',
  epoch: 'epochs',
  delta: 'deltas',
  detail: 'details',
};
const SECTION_OF_TYPE: Readonly<Record<string, SectionName>> = {
  source: 'sources',
  src: 'src',
  fault: 'faults',
  check: 'checks',
  metric: 'metrics',
  note: 'notes',
};
/** Names that stand for codes, by column. */
const CODES: Readonly<Record<string, Readonly<Record<string, number>>>> = { kind: KIND, why: WHY, status: STATUS };
const FLAGS: { readonly [Name in TableName]?: Readonly<Record<string, number>> } = {
  events: EVENT_FLAG,
  messages: MESSAGE_FLAG,
};
/** Problems listed; the rest is only counted. */
const MAX_PROBLEMS = 100;

interface Reading {
  readonly trace: Trace;
  readonly counts: Counts;
  readonly nodes: ReadonlyMap<string, number>;
  readonly strings: string[];
  readonly stringIds: Map<string, number>;
  readonly values: ValueHeap;
  /** Tables that a broken line ended, with the reason: the ids of later rows would be wrong. */
  readonly lost: Map<TableName, string>;
  readonly problems: string[];
  unlisted: number;
}

type Line = { readonly [name: string]: unknown };

/**
 * The trace in JSON lines. A line that cannot be read is named in `problems`; in a table whose rows have ids it also
 * ends the table, and without all events or messages the trace ends before the first one missing.
 * @throws TraceFormatError when the first line is no header of a trace
 */
export function decodeJsonl(text: string | Uint8Array): Decoded {
  let reading: Reading | undefined;
  let number = 0;
  for (const line of linesOf(text)) {
    number++;
    if (line.trim() === '') continue;
    if (reading === undefined) {
      reading = begin(line);
      continue;
    }
    try {
      readLine(reading, line);
    } catch (error) {
      if (!(error instanceof ShapeError || error instanceof SyntaxError)) throw error;
      list(reading, `line ${number} cannot be read: ${error.message}`);
    }
  }
  if (reading === undefined) throw new TraceFormatError('this is no dsys trace: it is empty');
  return end(reading);
}

function* linesOf(text: string | Uint8Array): Generator<string> {
  const decoder = new TextDecoder();
  for (let start = 0; start < text.length; ) {
    const found = typeof text === 'string' ? text.indexOf('\n', start) : text.indexOf(10, start);
    const stop = found < 0 ? text.length : found;
    yield typeof text === 'string' ? text.slice(start, stop) : decoder.decode(text.subarray(start, stop));
    start = stop + 1;
  }
}

function begin(line: string): Reading {
  try {
    const { header, counts } = readHeader(JSON.parse(line), 'header');
    const nodes = new Map(header.nodes.map((node, index) => [node.name, index]));
    const trace: Trace = {
      header,
      sources: [],
      src: [],
      faults: [],
      checks: [],
      metrics: [],
      notes: [],
      strings: [],
      values: NO_VALUES(),
      events: createTable(TABLE_SCHEMAS.events, 0),
      messages: createTable(TABLE_SCHEMAS.messages, 0),
      ops: createTable(TABLE_SCHEMAS.ops, 0),
      epochs: createTable(TABLE_SCHEMAS.epochs, 0),
      deltas: createTable(TABLE_SCHEMAS.deltas, 0),
      details: createTable(TABLE_SCHEMAS.details, 0),
    };
    return {
      trace,
      counts,
      nodes,
      strings: [''],
      stringIds: new Map([['', 0]]),
      values: createValueHeap(),
      lost: new Map(),
      problems: [],
      unlisted: 0,
    };
  } catch (error) {
    if (error instanceof TraceFormatError) throw error;
    throw new TraceFormatError(`this is no dsys trace: its first line is no header (${(error as Error).message})`);
  }
}

function list(reading: Reading, problem: string): void {
  if (reading.problems.length < MAX_PROBLEMS) reading.problems.push(problem);
  else reading.unlisted++;
}

function readLine(reading: Reading, text: string): void {
  const line = JSON.parse(text) as Line | null;
  if (typeof line !== 'object' || line === null || typeof line.type !== 'string') {
    throw new ShapeError('it is no object with a type');
  }
  const table = Object.hasOwn(TABLE_OF_TYPE, line.type) ? TABLE_OF_TYPE[line.type] : undefined;
  if (table !== undefined) {
    // Rows after a broken one would get its id: they are counted as lost with it.
    if (reading.lost.has(table)) return;
    try {
      readRow(reading, table, line);
    } catch (error) {
      // Nothing refers to deltas and details, so the ones after it are still good.
      const referred = table !== 'deltas' && table !== 'details';
      if (error instanceof ShapeError && referred) reading.lost.set(table, `one of its ${table} cannot be read`);
      throw error;
    }
    return;
  }
  const section = Object.hasOwn(SECTION_OF_TYPE, line.type) ? SECTION_OF_TYPE[line.type] : undefined;
  // Types that newer versions add are skipped.
  if (section === undefined) return;
  const fields = section === 'faults' ? { ...line, ...faultNodes(reading, line) } : line;
  const element = (SECTION_READERS[section] as Reader<unknown>)(fields, line.type);
  (reading.trace[section] as unknown[]).push(element);
}

function faultNodes(reading: Reading, fault: Line): Line {
  const nodes = Array.isArray(fault.nodes) ? fault.nodes.map(node => nodeIndex(reading, node)) : fault.nodes;
  const groups = Array.isArray(fault.groups)
    ? fault.groups.map(group => (Array.isArray(group) ? group.map(node => nodeIndex(reading, node)) : group))
    : fault.groups;
  return { nodes, groups };
}

function readRow(reading: Reading, name: TableName, line: Line): void {
  const schema: Schema = TABLE_SCHEMAS[name];
  const table = reading.trace[name] as AnyTable;
  const row = table.length;
  if (line.id !== undefined && line.id !== row) throw new ShapeError(`its id is ${line.id}, but ${row} is the next`);
  const numbers: number[] = [];
  for (const column of Object.keys(schema)) numbers.push(readCell(reading, name, column, schema[column], line[column]));
  if (!makeRoom(schema, table as never, MAX_EVENTS))
    throw new ShapeError(`a trace holds ${MAX_EVENTS} ${name} at most`);
  Object.keys(schema).forEach((column, position) => {
    (table[column] as ColumnArray[ColumnType])[row] = numbers[position];
  });
  table.length = row + 1;
  if (name === 'messages' && line.fate !== undefined && line.fate !== fateOf(reading.trace, row)) {
    list(reading, `message ${row} says that it is ${line.fate}, but by its end it is ${fateOf(reading.trace, row)}`);
  }
}

/** The number that a column holds for what stands in a line. */
function readCell(reading: Reading, name: TableName, column: string, type: ColumnType, json: unknown): number {
  const reference = REFERENCES[name][column];
  if (json === undefined) return reference === undefined ? 0 : NO_REFERENCE[reference];
  if (reference === 'value') return valueIdOf(reading, json);
  if (reference === 'string') return stringOf(reading, column, json);
  if (reference === 'node') return nodeIndex(reading, json);
  if (column === 'flags') return flagsOf(FLAGS[name]!, json);
  const codes = CODES[column];
  if (codes !== undefined && typeof json === 'string') {
    if (Object.hasOwn(codes, json)) return codes[json];
    // A kind that a newer version adds is shown as something local.
    if (column === 'kind') return KIND.local;
    throw new ShapeError(`its ${column} is "${json}", which is unknown`);
  }
  const value = type === 'time' && typeof json === 'string' && /^\d{1,20}$/.test(json) ? Number(json) : json;
  const [least, greatest] = COLUMN_RANGE[type];
  if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest) return value;
  throw new ShapeError(`its ${column} is ${JSON.stringify(json)}, not an integer from ${least} to ${greatest}`);
}

function valueIdOf(reading: Reading, json: unknown): number {
  const id = addText(reading.values, JSON.stringify(json));
  if (id < 0) throw new ShapeError('the payloads and states before it are all that a trace holds');
  return id;
}

function stringOf(reading: Reading, column: string, json: unknown): number {
  if (typeof json !== 'string') throw new ShapeError(`its ${column} is ${JSON.stringify(json)}, not a text`);
  const known = reading.stringIds.get(json);
  if (known !== undefined) return known;
  const id = reading.strings.length;
  if (id >= MAX_STRINGS) throw new ShapeError(`a trace holds ${MAX_STRINGS} different names at most`);
  reading.strings.push(json);
  reading.stringIds.set(json, id);
  return id;
}

function nodeIndex(reading: Reading, json: unknown): number {
  const node = typeof json === 'string' ? reading.nodes.get(json) : json;
  if (typeof node === 'number' && Number.isInteger(node) && node >= 0 && node < reading.trace.header.nodes.length) {
    return node;
  }
  throw new ShapeError(`there is no node ${JSON.stringify(json)}`);
}

function flagsOf(names: Readonly<Record<string, number>>, json: unknown): number {
  if (!Array.isArray(json)) throw new ShapeError('its flags are no list');
  let flags = 0;
  for (const flag of json) {
    if (typeof flag === 'number' && Number.isInteger(flag) && flag >= 0 && flag <= 255) flags |= flag;
    else if (typeof flag === 'string' && Object.hasOwn(names, flag)) flags |= names[flag];
    else throw new ShapeError(`its flag ${JSON.stringify(flag)} is unknown`);
  }
  return flags;
}

function end(reading: Reading): Decoded {
  const { trace, problems, lost } = reading;
  if (reading.unlisted > 0) problems.push(`and ${reading.unlisted} more lines cannot be read`);
  for (const name of TABLE_NAMES) {
    trim(TABLE_SCHEMAS[name] as Schema, trace[name] as never);
    if (lost.has(name) || trace[name].length === reading.counts[name]) continue;
    const problem = `the trace has ${trace[name].length} ${name}, but its header says ${reading.counts[name]}`;
    problems.push(problem);
    lost.set(name, problem);
  }
  trace.strings = reading.strings;
  trace.values = textsOf(reading.values);
  return { trace, problems: [...problems, ...mend(trace, lost)] };
}
