/** Traces as files: read whole or in part, written by the ending of their names. */

import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Design } from '@dsys/runtime';
import { decodeTrace } from '@dsys/runtime/trace/decode';
import { ascii } from '@dsys/runtime/trace/describe';
import { ExportError } from '@dsys/runtime/trace/export/export-error';
import { EXPORTS } from '@dsys/runtime/trace/export/formats';
import { MAX_REPORT_SOURCES, type SourceTexts } from '@dsys/runtime/trace/export/report-page';
import type { Trace } from '@dsys/runtime/trace/model';
import { TraceFormatError } from '@dsys/runtime/trace/sections';
import { sha256Hex } from '@dsys/runtime/trace/sha256';
import { complain, Unusable } from './output.ts';
import { pictureOf } from './picture.ts';
import { reportOf } from './report.ts';

/** Larger files are not read: what they hold does not fit into a process. */
export const traceBytesMax = 1024 * 1024 * 1024;

const stdinName = '-';

type Encode = (trace: Trace, texts: SourceTexts) => string | Uint8Array;

export interface TraceWriter {
  readonly path: string;
  readonly ending: string;
  readonly encode: Encode;
}

const encoders: Readonly<Record<string, Encode>> = { ...EXPORTS, '.html': reportOf, '.svg': pictureOf };

/** What can be written, for help texts. */
export const traceEndings = Object.keys(encoders).join(', ');

/** Refuses what cannot be written before anything runs. */
export function traceWriters(paths: readonly string[]): TraceWriter[] {
  return paths.map(path => {
    const ending = Object.keys(encoders).find(one => path.endsWith(one));
    if (ending !== undefined) return { path, ending, encode: encoders[ending]! };
    throw new Unusable(`A trace is written by the ending of its name; ${path} has none of ${traceEndings}.`);
  });
}

/**
 * Writes every file that can be written; what cannot ends the command after that, with the reasons.
 * @param texts of the design, for files that show them
 */
export function writeTraces(writers: readonly TraceWriter[], trace: Trace, texts: SourceTexts): void {
  const problems = tryTraces(writers, trace, texts);
  if (problems.length > 0) throw new Unusable(problems.join(' '));
}

/** Writes every file that can be written; returns why others were not, a sentence each. */
export function tryTraces(writers: readonly TraceWriter[], trace: Trace, texts: SourceTexts): string[] {
  return writers.flatMap(({ path, encode }) => {
    const problem = writeTrace(path, encode, trace, texts);
    return problem === undefined ? [] : [`${path}: ${problem}.`];
  });
}

/** The same files for one of several traces: its name stands before the ending. */
export function namedWriters(writers: readonly TraceWriter[], name: string): TraceWriter[] {
  return writers.map(writer => {
    const { path, ending } = writer;
    return { ...writer, path: `${path.slice(0, -ending.length)}-${name}${ending}` };
  });
}

function writeTrace(path: string, encode: Encode, trace: Trace, texts: SourceTexts): string | undefined {
  try {
    const contents = encode(trace, texts);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, contents);
    return undefined;
  } catch (error) {
    if (error instanceof ExportError || error instanceof RangeError) return `not written: ${error.message}`;
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    return `it cannot be written (${code})`;
  }
}

/** The texts that a run was made from. */
export const designTexts = ({ files }: Design): SourceTexts => new Map(files.map(({ path, text }) => [path, text]));

/** The texts that a stored trace was made from, where they are found as they were: from here, or beside the trace. */
export function textsOf(trace: Trace, file: string): SourceTexts {
  const texts = new Map<string, string>();
  for (const { uri, sha256 } of trace.sources.slice(0, MAX_REPORT_SOURCES)) {
    for (const path of [uri, join(dirname(file), basename(uri))]) {
      const text = textOf(path);
      if (text === undefined || sha256Hex(text) !== sha256) continue;
      texts.set(uri, text);
      break;
    }
  }
  return texts;
}

/** Most bytes of a source: a trace may name anything. */
const sourceBytesMax = 4 * 1024 * 1024;

function textOf(path: string): string | undefined {
  if (!path.endsWith('.dsys')) return undefined;
  try {
    const stat = statSync(path);
    return stat.isFile() && stat.size <= sourceBytesMax ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A trace from a file, or from standard input (`-`). What could not be read of it is told on stderr, and the rest goes on.
 * Nothing that a stranger wrote into it can drive a terminal.
 */
export function readTrace(file: string): Trace {
  const bytes = bytesOf(file);
  if (bytes.length === 0) throw new Unusable(`${file} is empty, and no trace.`);
  try {
    const { trace, problems } = decodeTrace(bytes);
    for (const problem of problems) complain(`${file}: ${ascii(problem)}\n`);
    return trace;
  } catch (error) {
    if (!(error instanceof TraceFormatError || error instanceof RangeError)) throw error;
    throw new Unusable(`${file}: ${ascii(error.message)}.`);
  }
}

function bytesOf(file: string): Uint8Array {
  if (file === stdinName) return readFileSync(0);
  let size: number;
  try {
    const stat = statSync(file);
    if (stat.isDirectory()) throw new Unusable(`${file} is a folder; name a trace in it.`);
    size = stat.size;
    if (size <= traceBytesMax) return readFileSync(file);
  } catch (error) {
    if (error instanceof Unusable) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new Unusable(code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read (${code}).`);
  }
  throw new Unusable(`${file} has ${size} bytes; a trace is read up to ${traceBytesMax}.`);
}
