/** What the page and its worker say to each other. */

import type { Failure, Opened } from '../model/opened.ts';

/** To the worker: the bytes, in a buffer that becomes its own. */
export type ToWorker = Uint8Array;

export type FromWorker =
  /** It runs. Until then nothing is given away to it. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly part: string; readonly share: number }
  | { readonly kind: 'done'; readonly opened: Opened | Failure };

/** Buffers of all columns of an opened trace, which go from one thread to the other without a copy. */
export function buffersOf(opened: Opened | Failure): ArrayBuffer[] {
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
  visit(opened, 3);
  return [...found];
}
