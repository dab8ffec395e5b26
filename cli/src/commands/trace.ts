/** dsys trace: a stored trace cut, written in other formats, compared, or shown. */
import { parseQuantity } from '@dsys/grammar';
import { closest } from '@dsys/language-server';
import { compare } from '@dsys/runtime/trace/compare';
import { ascii, milliseconds, originNs } from '@dsys/runtime/trace/describe';
import { traceSha256 } from '@dsys/runtime/trace/hash';
import type { Trace } from '@dsys/runtime/trace/model';
import { slice } from '@dsys/runtime/trace/slice';
import type { Selection } from '@dsys/runtime/trace/slice-selection';
import { type Colors, exitCode, json, print, Unusable } from '../output.ts';
import { isSame, jsonOfDiff, renderDiff, type Side } from '../render-diff.ts';
import { readTrace, textsOf, traceWriters, writeTraces } from '../trace-files.ts';

export interface SliceOptions {
  /** `10..200`, `10..`, `..200`, `31`. */
  readonly events?: string;
  /** Durations since the scenario began. */
  readonly from?: string;
  readonly to?: string;
  /** Names of lanes with commas. */
  readonly nodes?: string;
  readonly before?: number;
  readonly out: readonly string[];
  readonly quiet: boolean;
}

export function traceSlice(file: string, options: SliceOptions): number {
  const { events, from, to, nodes, before } = options;
  if ([events, from, to, nodes, before].every(one => one === undefined)) {
    throw new Unusable('Say what to keep: --events 10..200, --from 1s --to 2s, --nodes n1,n2, --before EVENT.');
  }
  if (options.out.length === 0) throw new Unusable('Say where to write it: --out part.dsystrace (repeatable).');
  const writers = traceWriters(options.out);
  const trace = readTrace(file);
  if (trace.events.length === 0) throw new Unusable(`${file} has no events to keep a part of.`);
  const part = slice(trace, {
    ...(events !== undefined && { events: eventRange(file, trace, events) }),
    ...((from !== undefined || to !== undefined) && { times: timeRange(file, trace, from, to) }),
    ...(nodes !== undefined && { nodes: lanesOf(file, trace, nodes) }),
    ...(before !== undefined && { before: existingEvent(file, trace, '--before', before) }),
  } satisfies Selection);
  const { what, cutArrivals, cutEnds, cutMessages } = part.header.slice!;
  if (part.events.length === 0) throw new Unusable(`${file}: nothing is left of it (${ascii(what)}).`);
  writeTraces(writers, part, textsOf(trace, file));
  if (options.quiet) return exitCode.ok;
  print(`${part.events.length} of ${trace.events.length} events: ${ascii(what)}\n`);
  const border = [
    counted(cutMessages, 'message that ends outside is', 'messages that end outside are', 'in flight'),
    counted(cutArrivals, 'arrival of a message from outside is', 'arrivals of messages from outside are', 'local'),
    counted(cutEnds, 'end of an operation from outside is', 'ends of operations from outside are', 'local'),
  ].filter(one => one !== '');
  if (border.length > 0) print(`at the border: ${border.join('; ')}\n`);
  for (const { path } of writers) print(`trace: ${path}\n`);
  return exitCode.ok;
}

const counted = (count: number, one: string, many: string, what: string): string =>
  count === 0 ? '' : `${count} ${count === 1 ? one : many} ${what}`;

function eventRange(file: string, trace: Trace, text: string): [number, number] {
  const match = /^(?:(\d+)|(\d*)\.\.(\d*))$/.exec(text.trim());
  if (match === null) throw new Unusable(`--events needs a range such as 10..200, not "${text}".`);
  const [, single, first, last] = match;
  const from = Number(single ?? (first || 0));
  const to = Number(single ?? (last || trace.events.length - 1));
  for (const event of [from, to]) existingEvent(file, trace, '--events', event);
  if (from > to) throw new Unusable(`--events ${text} ends before it begins.`);
  return [from, to];
}

function existingEvent(file: string, trace: Trace, option: string, event: number): number {
  const { length } = trace.events;
  if (event < length) return event;
  throw new Unusable(`${option}: there is no event ${event} in ${file}; it has ${length}, from 0 to ${length - 1}.`);
}

function timeRange(file: string, trace: Trace, from?: string, to?: string): [number, number] {
  const { t, length } = trace.events;
  const origin = originNs(trace);
  const [begins, ends] = [t[0]!, t[length - 1]!];
  const at = (option: string, text: string | undefined, otherwise: number): number => {
    if (text === undefined) return otherwise;
    const parsed = parseQuantity('duration', text);
    if ('problem' in parsed) throw new Unusable(`${option} needs a duration such as 1.5s. ${parsed.problem}`);
    return origin + parsed.value;
  };
  const range: [number, number] = [at('--from', from, begins), at('--to', to, ends)];
  if (from !== undefined && to !== undefined && range[0] > range[1])
    throw new Unusable(`--from ${from} --to ${to} ends before it begins.`);
  if (range[0] <= ends && range[1] >= begins) return range;
  const [first, last] = [milliseconds(begins - origin), milliseconds(ends - origin)];
  throw new Unusable(`${file} has no events then; it has them from ${first} ms to ${last} ms.`);
}

function lanesOf(file: string, trace: Trace, text: string): number[] {
  const names = trace.header.nodes.map(({ name }) => name);
  return text.split(',').flatMap(one => {
    const wanted = one.trim();
    const found = names.flatMap((name, node) => (name === wanted ? [node] : []));
    if (found.length > 0) return found;
    const near = closest(wanted, names);
    const hint = near === undefined ? `it has ${lanesTold(names)}` : `did you mean ${ascii(near)}?`;
    throw new Unusable(`--nodes: there is no lane ${wanted} in ${file}; ${hint}`);
  });
}

/** A trace may have thousands. */
const lanesTold = (names: readonly string[]): string =>
  ascii(names.length <= 20 ? names.join(', ') : `${names.slice(0, 20).join(', ')} and ${names.length - 20} more`);

export function traceConvert(file: string, out: readonly string[], options: { readonly quiet: boolean }): number {
  const writers = traceWriters(out);
  const trace = readTrace(file);
  writeTraces(writers, trace, textsOf(trace, file));
  if (!options.quiet) for (const { path } of writers) print(`trace: ${path}\n`);
  return exitCode.ok;
}

/** @param out by default the trace's own name with the ending of a report */
export function traceView(file: string, options: { readonly out?: string; readonly quiet: boolean }): number {
  const out =
    options.out ?? `${file === '-' ? 'trace' : file.replace(/\.(dsystrace|jsonl|dsystrace\.jsonl)$/, '')}.html`;
  return traceConvert(file, [out], options);
}

export interface DiffOptions {
  readonly format: 'text' | 'json';
  readonly colors: Colors;
}

/** Exit code 0 when both are the same, 1 when they differ. */
export function traceDiff(fileA: string, fileB: string, { format, colors }: DiffOptions): number {
  if (fileA === '-' && fileB === '-') throw new Unusable('Only one of two traces can be standard input.');
  const [a, b] = [sideOf(fileA), sideOf(fileB)];
  const found = comparison(a, b);
  print(format === 'json' ? json(jsonOfDiff(a, b, found)) : renderDiff(a, b, found, colors));
  return isSame(a, b, found) ? exitCode.ok : exitCode.violated;
}

function sideOf(file: string): Side {
  const trace = readTrace(file);
  return { file, trace, sha256: traceSha256(trace) };
}

function comparison(a: Side, b: Side): ReturnType<typeof compare> {
  try {
    return compare(a.trace, b.trace);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Unusable(`${a.file} and ${b.file}: ${error.message}.`);
  }
}
