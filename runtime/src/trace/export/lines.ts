/** A text that grows line by line, up to what an engine holds. */

import { MAX_JSONL_CHARACTERS } from '../jsonl.ts';
import { refuseMoreThan } from './export-error.ts';

export interface Lines {
  readonly format: string;
  /** Most characters. */
  readonly limit: number;
  readonly lines: string[];
  length: number;
}

export function createLines(format: string, limit = MAX_JSONL_CHARACTERS): Lines {
  return { format, limit, lines: [], length: 0 };
}

/** @throws ExportError beyond the limit */
export function addLine(to: Lines, line: string): void {
  to.length += line.length + 1;
  if (to.length > to.limit) refuseMoreThan(to.limit, to.length, to.format, 'characters');
  to.lines.push(line);
}

export function textOf({ lines }: Lines): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
