/** This trace cannot be written in that format; the message says why, and what to do instead. */
export class ExportError extends Error {}

/** Whoever meets a limit learns how to get below it. */
const HINT = 'write a part of it (dsys trace slice)';

/** @throws ExportError when there are more of something than a format, or its tools, bear */
export function refuseMoreThan(limit: number, count: number, format: string, what: string): void {
  if (count <= limit) return;
  throw new ExportError(`${format} takes at most ${limit} ${what}, and this trace has ${count}: ${HINT}`);
}
