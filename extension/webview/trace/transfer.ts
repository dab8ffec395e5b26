/** How a container gets from the host to the viewer: cut into pieces on one side, put together on the other. */

import type { Chunk, OpenParams } from './protocol.ts';

/** Small enough that the window stays responsive in between, large enough that a million events are a few pieces. */
export const CHUNK_BYTES = 1_048_576;

/** Larger containers are refused: unpacked they would not fit into a browser's memory beside everything else. */
export const MAX_CONTAINER_BYTES = 268_435_456;

/** The piece at `offset`, in a buffer of its own and of exactly its size. */
export function chunkAt(bytes: Uint8Array, offset: number, size = CHUNK_BYTES): Chunk {
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > bytes.length) {
    throw new RangeError(`there is no byte ${offset} in a trace of ${bytes.length} bytes`);
  }
  const end = Math.min(bytes.length, offset + size);
  const buffer = new ArrayBuffer(end - offset);
  new Uint8Array(buffer).set(bytes.subarray(offset, end));
  return { bytes: buffer, next: end < bytes.length ? end : null };
}

/**
 * All pieces together.
 * @throws Error in plain words when the host sends something else than it announced
 */
export async function receive(
  open: Pick<OpenParams, 'id' | 'bytes'>,
  chunk: (id: number, offset: number) => Promise<Chunk>,
  progress: (received: number) => void = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (open.bytes > MAX_CONTAINER_BYTES) throw new Error(tooLarge(open.bytes));
  const bytes = new Uint8Array(open.bytes);
  let offset = 0;
  for (let next: number | null = 0; next !== null; ) {
    if (next !== offset) throw new Error('The trace changed while it was read: open it again.');
    const piece: Chunk = await chunk(open.id, next);
    if (!(piece.bytes instanceof ArrayBuffer)) throw new Error('A piece of the trace did not arrive as bytes.');
    if (offset + piece.bytes.byteLength > bytes.length) {
      throw new Error('The trace changed while it was read: open it again.');
    }
    bytes.set(new Uint8Array(piece.bytes), offset);
    offset += piece.bytes.byteLength;
    // A host that sends nothing for ever must not keep the viewer waiting for ever.
    if (piece.next !== null && piece.bytes.byteLength === 0) throw new Error('An empty piece of the trace arrived.');
    next = piece.next;
    progress(offset);
  }
  if (offset !== bytes.length) {
    throw new Error(`Only ${offset} of ${bytes.length} bytes of the trace arrived: open it again.`);
  }
  return bytes;
}

/** What is said of a container of more than `MAX_CONTAINER_BYTES`. */
export const tooLarge = (bytes: number): string =>
  `The trace has ${megabytes(bytes)}, more than the ${megabytes(MAX_CONTAINER_BYTES)} that can be shown here. ` +
  'A scenario with a shorter time, fewer clients or a lower rate records less.';

const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MiB`;
