/** Reads a trace from a file of either form. */

import { decodeContainer, isContainer } from './container-read.ts';
import { decodeJsonl } from './jsonl-read.ts';
import type { Decoded } from './sections.ts';

/** @throws TraceFormatError when the bytes are no trace, or one that this version cannot read */
export function decodeTrace(bytes: Uint8Array): Decoded {
  return isContainer(bytes) ? decodeContainer(bytes) : decodeJsonl(bytes);
}
