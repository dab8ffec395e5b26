/** Reading designs from files, folders and standard input. */

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Analysis, analyse, type Diagnostic } from '@dsys/language-server';
import { Unusable } from './output.ts';

/** Larger files are not designs. */
const bytesMax = 16 * 1024 * 1024;

const stdinName = '-';

/** The file behind a URI; undefined if there is none or it cannot be read. */
function readUri(uri: string): string | undefined {
  try {
    const path = fileURLToPath(uri);
    if (statSync(path).size > bytesMax) return undefined;
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Files as people named them: relative to where they are, when they are below it. */
/** Standard input has the name of a file in the current folder, so that it can import what is there. */
const stdinUri = pathToFileURL(resolve('stdin.dsys')).href;
let readsStdin = false;

export function pathOf(uri: string): string {
  if (readsStdin && uri === stdinUri) return stdinName;
  let path: string;
  try {
    path = fileURLToPath(uri);
  } catch {
    return uri;
  }
  const short = relative(process.cwd(), path);
  return short === '' || short.startsWith(`..${sep}`) || isAbsolute(short) ? path : short;
}

export async function load(file: string): Promise<Analysis> {
  if (file === stdinName) {
    const text = readFileSync(0, 'utf8');
    readsStdin = true;
    return (await analyse(stdinUri, asked => (asked === stdinUri ? text : readUri(asked)), pathOf))!;
  }
  const path = resolve(file);
  let size: number;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new Unusable(`${file} is a folder; name a .dsys file in it.`);
    size = stat.size;
  } catch (error) {
    if (error instanceof Unusable) throw error;
    throw new Unusable(`There is no file ${file}.`);
  }
  if (size > bytesMax) throw new Unusable(`${file} has ${size} bytes; a design has at most ${bytesMax}.`);
  const analysis = await analyse(pathToFileURL(path).href, readUri, pathOf);
  if (analysis === undefined) throw new Unusable(`${file} cannot be read.`);
  return analysis;
}

/** Files as they are; folders stand for all .dsys files below them. */
export function expand(names: readonly string[]): string[] {
  const files = names.flatMap(name => {
    if (name === stdinName) return [name];
    let directory: boolean;
    try {
      directory = statSync(name).isDirectory();
    } catch {
      throw new Unusable(`There is no file ${name}.`);
    }
    if (!directory) return [name];
    const found = readdirSync(name, { recursive: true, withFileTypes: true })
      .filter(
        entry =>
          entry.isFile() && entry.name.endsWith('.dsys') && !entry.parentPath.split(sep).includes('node_modules'),
      )
      .map(entry => join(entry.parentPath, entry.name))
      .sort();
    if (found.length === 0) throw new Unusable(`There is no .dsys file in ${name}.`);
    return found;
  });
  return [...new Set(files)];
}

/** A design that can be executed as far as its text goes; anything that cannot be interpreted ends the command. */
export async function loadRunnable(file: string): Promise<Analysis> {
  const analysis = await load(file);
  const errors = analysis.diagnostics.filter(one => one.severity === 'error');
  if (errors.length > 0) throw new Unusable(`${file} cannot be interpreted.`, errors);
  return analysis;
}

export const positionOf = ({ uri, range }: Diagnostic): string =>
  `${pathOf(uri)}:${range.start.line + 1}:${range.start.character + 1}`;
