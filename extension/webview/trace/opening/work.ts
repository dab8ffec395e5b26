/** All that opening a trace takes, on whichever thread: the worker runs it, and the page where no worker starts. */

import { type Failure, type Opened, type OpeningProgress, openTrace } from '../model/opened.ts';
import { inflateChunks } from './inflate.ts';

export async function openBytes(bytes: Uint8Array, progress: OpeningProgress): Promise<Opened | Failure> {
  const inflated = await inflateChunks(bytes, share => progress('Unpacking', share));
  return openTrace(bytes, progress, inflated);
}
