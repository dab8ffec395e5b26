/** What the page and its worker say to each other. */

import type { Beside, Result } from './work.ts';

/** To the worker: the bytes, in a buffer that becomes its own, and a copy of what they are compared with. */
export interface ToWorker {
  readonly bytes: Uint8Array;
  readonly beside: Beside | undefined;
}

export type FromWorker =
  /** It runs. Until then nothing is given away to it. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly part: string; readonly share: number }
  | { readonly kind: 'done'; readonly result: Result<Beside | undefined> };

/** Buffers of all columns of what was opened, which go from one thread to the other without a copy. */
export function buffersOf(result: Result<Beside | undefined>): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (value: unknown, depth: number): void => {
    if (ArrayBuffer.isView(value)) found.add(value.buffer as ArrayBuffer);
    // Columns stand in tables; lists of anything else may be long, and have none.
    else if (Array.isArray(value)) {
      if (ArrayBuffer.isView(value[0])) for (const one of value) visit(one, depth);
    } else if (typeof value === 'object' && value !== null && depth > 0) {
      for (const one of Object.values(value)) visit(one, depth - 1);
    }
  };
  // The deepest are those of a trace that was compared: its `other.trace.events`.
  visit(result, 4);
  return [...found];
}
