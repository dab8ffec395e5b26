/** Reads a trace from a file of either form. */

import { decodeContainer, type Inflated, isContainer } from './container-read.ts';
import { decodeJsonl } from './jsonl-read.ts';
import type { Decoded } from './sections.ts';

/**
 * @param progress is told the share that is read, from 0 to 1; of JSON lines only at the end
 * @param inflated chunks of a container that need not be unpacked any more
 * @throws TraceFormatError when the bytes are no trace, or one that this version cannot read
 */
export function decodeTrace(
  bytes: Uint8Array,
  progress: (share: number) => void = () => {},
  inflated: Inflated = new Map(),
): Decoded {
  if (isContainer(bytes)) return decodeContainer(bytes, progress, inflated);
  const decoded = decodeJsonl(bytes);
  progress(1);
  return decoded;
}
