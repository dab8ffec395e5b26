/** Unpacks a container's chunks by the browser itself. */

import { gzipMembers, type Inflated, isContainer } from '@dsys/runtime/trace/container-read';

/** Unpacked at a time: more would only wait for each other in memory. */
const AT_ONCE = 4;

/**
 * What could be unpacked. What could not is left out: the decoder tries it by itself, and says what is wrong with it.
 * @param progress is told the share that is done, from 0 to 1
 */
export async function inflateChunks(bytes: Uint8Array, progress: (share: number) => void): Promise<Inflated> {
  const inflated: Inflated = new Map();
  if (!isContainer(bytes)) return inflated;
  let members: ReturnType<typeof gzipMembers>;
  try {
    members = gzipMembers(bytes);
  } catch {
    return inflated;
  }
  const total = members.reduce((all, { rawLength }) => all + rawLength, 0);
  let done = 0;
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < members.length) {
      const { offset, packed, rawLength } = members[next++];
      if (inflated.has(offset)) continue;
      const raw = await inflate(packed, rawLength);
      if (raw !== undefined) inflated.set(offset, raw);
      done += rawLength;
      progress(Math.min(1, done / Math.max(1, total)));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return inflated;
}

/** Undefined when it is broken, or unpacks to another length: what is too long is not unpacked any further. */
async function inflate(packed: Uint8Array, rawLength: number): Promise<Uint8Array | undefined> {
  try {
    const raw = new Uint8Array(rawLength);
    const { readable, writable } = new DecompressionStream('gzip');
    const writer = writable.getWriter();
    // What goes wrong here is told to the reader, too.
    Promise.all([writer.write(packed as Uint8Array<ArrayBuffer>), writer.close()]).catch(() => {});
    const reader = readable.getReader();
    let at = 0;
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return at === rawLength ? raw : undefined;
      if (at + value.length > rawLength) {
        await reader.cancel();
        return undefined;
      }
      raw.set(value, at);
      at += value.length;
    }
  } catch {
    return undefined;
  }
}
