/** The parts of a trace that files hold as JSON, and how they are read back: everything but the big tables. */

import {
  type Check,
  type Fault,
  type Header,
  type Json,
  type Metric,
  NONE16,
  type Note,
  type SliceOf,
  type Source,
  type SourceRange,
  TABLE_NAMES,
  type TableName,
  TRACE_FORMAT,
  TRACE_VERSION,
  type Trace,
  type TraceNode,
  type TraceWitness,
} from './model.ts';
import {
  anyJson,
  dictionary,
  finiteOrNull,
  index,
  integer,
  list,
  nullable,
  oneOf,
  optional,
  type Reader,
  record,
  safeInteger,
  text,
  tuple,
} from './shape.ts';

/** A file that cannot be read at all. What can be read in part is not thrown but listed in `Decoded.problems`. */
export class TraceFormatError extends Error {}

export interface Decoded {
  readonly trace: Trace;
  /** What could not be read and what became of it, in plain sentences; empty for a file that is whole. */
  readonly problems: readonly string[];
}

export type Counts = { readonly [Name in TableName]: number };

/** A header as it stands in files: with format, version, and the rows of each table, which tell a cut file from a whole one. */
export interface FileHeader {
  readonly header: Header;
  readonly counts: Counts;
}

export function headerJson(trace: Trace): Json {
  const counts = Object.fromEntries(TABLE_NAMES.map(name => [name, trace[name].length]));
  const fields = trace.header as unknown as { readonly [name: string]: Json };
  return { format: TRACE_FORMAT, version: [...TRACE_VERSION], tick: '1ns', ...fields, counts };
}

const count = integer(0, 4_294_967_295);
const node = integer(0, NONE16 - 1);
const src = integer(0, NONE16);

const params: Reader<Header['params']> = dictionary(anyJson);

const traceNode: Reader<TraceNode> = record<TraceNode>({
  name: text,
  kind: oneOf('server', 'client', 'spec', 'nemesis'),
  group: text,
  role: optional(text),
});

const header: Reader<Header> = record<Header>({
  runId: text,
  tool: text,
  model: record({ uri: text, sha256: text, name: text }),
  seed: safeInteger,
  params,
  nodes: list(traceNode),
  outcome: oneOf('pass', 'fail', 'unknown', 'error', 'cancelled'),
  truncated: optional(record({ reason: text, after: count })),
  loop: optional(record({ fromEvent: count })),
  slice: optional(
    record<SliceOf>({
      what: text,
      events: count,
      first: count,
      last: count,
      cutArrivals: count,
      cutEnds: count,
      cutMessages: count,
    }),
  ),
});

const counts: Reader<Counts> = record<Counts>({
  events: count,
  messages: count,
  ops: count,
  epochs: count,
  deltas: count,
  details: count,
});

/** @throws TraceFormatError for another format or major version; ShapeError for a header that is none */
export function readHeader(json: unknown, where: string): FileHeader {
  const { format, version } = record<{ format: string; version: readonly [number, number] }>({
    format: text,
    version: tuple(count, count),
  })(json, where);
  if (format !== TRACE_FORMAT) throw new TraceFormatError(`this is a file of format "${format}", not ${TRACE_FORMAT}`);
  checkVersion(version[0], version[1]);
  const read = header(json, where);
  if (read.nodes.length >= NONE16) throw new TraceFormatError(`the trace has more than ${NONE16 - 1} nodes`);
  return { header: read, counts: record<{ counts: Counts }>({ counts })(json, where).counts };
}

/** @throws TraceFormatError for a major version that this reader does not know; a newer minor one only adds */
export function checkVersion(major: number, minor: number): void {
  if (major === TRACE_VERSION[0]) return;
  throw new TraceFormatError(
    `the trace is of version ${major}.${minor}, and this version of dsys reads ${TRACE_VERSION[0]}.x: ` +
      'use the version of dsys that wrote it, or run the seed again',
  );
}

const witness: Reader<TraceWitness> = record<TraceWitness>({
  events: list(count),
  ops: list(count),
  partials: optional(list(list(count))),
  order: optional(list(count)),
  lasso: optional(tuple(count, count)),
});

/** Sections that are lists, by name, with the reader of one element. */
export const SECTION_READERS: {
  readonly sources: Reader<Source>;
  readonly src: Reader<SourceRange>;
  readonly faults: Reader<Fault>;
  readonly checks: Reader<Check>;
  readonly metrics: Reader<Metric>;
  readonly notes: Reader<Note>;
} = {
  sources: record<Source>({ uri: text, sha256: text }),
  src: record<SourceRange>({
    source: integer(0, NONE16),
    range: tuple(count, count, count, count),
    decl: text,
    handler: text,
  }),
  faults: record<Fault>({
    kind: text,
    nodes: list(node),
    groups: list(list(node)),
    start: index,
    end: index,
    params,
    src,
  }),
  checks: record<Check>({
    name: text,
    kind: oneOf('invariant', 'linearizability', 'serializability', 'causal', 'liveness', 'custom'),
    verdict: oneOf('holds', 'violated', 'unknown'),
    message: text,
    src,
    witness: nullable(witness),
  }),
  metrics: record<Metric>({
    name: text,
    unit: text,
    agg: text,
    x: list(safeInteger),
    series: dictionary(list(finiteOrNull)),
  }),
  notes: record<Note>({
    event: optional(count),
    range: optional(tuple(count, count)),
    text,
    author: text,
    story: optional(text),
  }),
};
export type SectionName = keyof typeof SECTION_READERS;
export const SECTION_NAMES = Object.keys(SECTION_READERS) as readonly SectionName[];
