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
    const opened = await openBytes(data, (part, share) => {
      const now = performance.now();
      if (now - last < REPORT_MS) return;
      last = now;
      scope.postMessage({ kind: 'progress', part, share });
    });
    scope.postMessage({ kind: 'done', opened }, buffersOf(opened));
  };
  scope.postMessage({ kind: 'ready' });
}

if (typeof document === 'undefined') listen();
else window.dsysOpenBytes = openBytes;
