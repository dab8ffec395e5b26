/** Traces of recent runs, kept until a client has fetched them. */
import { ResponseError } from 'vscode-languageserver';
import { errorCodes, type TraceChunk, type TraceHandle } from '../protocol.ts';

/** Bytes of all kept traces together; the latest is kept whatever its size. */
const bytesMax = 256 * 1024 * 1024;
/** Bytes of one chunk before base64: a message that does not hold up the others. */
export const chunkBytes = 1024 * 1024;

export interface Traces {
  add(container: Uint8Array): TraceHandle;
  /** @throws ResponseError `unknownTrace` */
  chunk(id: string, offset: number): TraceChunk;
}

export function createTraces(): Traces {
  const kept = new Map<string, Uint8Array>();
  let last = 0;
  return {
    add(container) {
      const id = String(++last);
      kept.set(id, container);
      let total = [...kept.values()].reduce((sum, { length }) => sum + length, 0);
      for (const [oldest, { length }] of kept) {
        if (total <= bytesMax || oldest === id) break;
        kept.delete(oldest);
        total -= length;
      }
      return { id, bytes: container.length };
    },
    chunk(id, offset) {
      const container = kept.get(id);
      if (container === undefined)
        throw new ResponseError(errorCodes.unknownTrace, `Trace ${id} is not kept any more: run the scenario again.`);
      if (!Number.isSafeInteger(offset) || offset < 0 || offset > container.length)
        throw new ResponseError(
          errorCodes.unknownTrace,
          `Trace ${id} has ${container.length} bytes; there is none at ${offset}.`,
        );
      const end = Math.min(container.length, offset + chunkBytes);
      return { base64: base64(container.subarray(offset, end)), next: end < container.length ? end : null };
    },
  };
}

/** As in Node, and in a browser without it: not too many arguments at once. */
function base64(bytes: Uint8Array): string {
  const step = 8192;
  let text = '';
  for (let at = 0; at < bytes.length; at += step) text += String.fromCharCode(...bytes.subarray(at, at + step));
  return btoa(text);
}
