/** Exit codes, and where text goes: results to stdout, complaints and progress to stderr. */

import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import type { Diagnostic } from '@dsys/language-server';
import { createColors } from 'picocolors';

export const exitCode = { ok: 0, violated: 1, unusable: 2, unknown: 3, cancelled: 130 } as const;

/** What the input or the options do not allow: ends the command with exit code 2. */
export class Unusable extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(message: string, diagnostics: readonly Diagnostic[] = []) {
    super(message);
    this.diagnostics = diagnostics;
  }
}

export type ColorChoice = 'auto' | 'always' | 'never';
export type Colors = ReturnType<typeof createColors>;

/** For what is written to a file descriptor: 1 or 2. */
export function colorsFor(choice: ColorChoice, fd: number): Colors {
  const wanted = choice === 'always' || (choice === 'auto' && isatty(fd) && process.env.NO_COLOR === undefined);
  return createColors(wanted);
}

/** Writes all of it before the process may end, also into a pipe. */
export function print(text: string): void {
  writeAll(1, text);
}

export function complain(text: string): void {
  writeAll(2, text);
}

function writeAll(fd: number, text: string): void {
  let bytes = Buffer.from(text, 'utf8');
  while (bytes.length > 0) {
    try {
      bytes = bytes.subarray(writeSync(fd, bytes));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EAGAIN') continue;
      // Whoever read from us has gone (`| head`): nothing is left to say.
      if (code === 'EPIPE') process.exit(exitCode.ok);
      throw error;
    }
  }
}

export const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
