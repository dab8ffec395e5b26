/** The worker that opens traces; in a page it leaves there what does it. */

import { buffersOf, type FromWorker, type ToWorker } from './messages.ts';
import { openBytes } from './work.ts';

/** The part of a worker's scope that this one uses: the DOM's types have none. */
interface Scope {
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer?: ArrayBuffer[]): void;
}
const scope = self as unknown as Scope;

/** Ms between two reports. */
const REPORT_MS = 50;

function listen(): void {
  scope.onmessage = async ({ data }) => {
    let last = 0;
    const progress = (part: string, share: number): void => {
      const now = performance.now();
      // What has no shares says once that it begins.
      if (share < 1 && now - last < REPORT_MS) return;
      last = now;
      scope.postMessage({ kind: 'progress', part, share });
    };
    const result = await openBytes(data.bytes, progress, data.beside);
    scope.postMessage({ kind: 'done', result }, buffersOf(result));
  };
  scope.postMessage({ kind: 'ready' });
}

if (typeof document === 'undefined') listen();
else window.dsysOpenBytes = openBytes;
