/**
 * Opens a trace beside the page, so that the window stays alive; in the page itself where no worker starts. The code that
 * does it is in the page once, as the text of a script: a worker is made from it, or it is run here.
 */

import type { OpeningProgress } from '../model/opened.ts';
import type { FromWorker, ToWorker } from './messages.ts';
import type { Beside, openBytes, Result } from './work.ts';
import script from './worker.ts?bundled';

/** Ms after which a worker that has not said anything is given up. */
const START_MS = 5000;

/** What the page's policy allows scripts by; reports allow this one by its hash. */
const nonce = document.currentScript?.nonce;

let started: Promise<Worker | undefined> | undefined;

/** Starts the worker for the next trace already, while its bytes are still on their way. */
export function startOpening(): void {
  started ??= startWorker();
}

/**
 * @param bytes are given away: they cannot be read any more afterwards
 * @param beside what the trace is compared with, of which another thread gets a copy
 * @param signal ends all work on it; then the promise stays open
 * @returns what cannot be shown at all is a `Failure`; an exception only if the copy does not fit into the memory
 */
export async function openTrace<With extends Beside | undefined = undefined>(
  bytes: Uint8Array<ArrayBuffer>,
  progress: OpeningProgress,
  beside?: With,
  signal?: AbortSignal,
): Promise<Result<With>> {
  startOpening();
  const worker = await started;
  started = undefined;
  if (worker === undefined) {
    const open = openerInPage();
    if (open !== undefined) return open(bytes, progress, beside as With);
    return {
      title: 'The trace could not be opened',
      text: 'The page is allowed neither a worker nor the script that reads traces. Try another browser.',
    };
  }
  return new Promise(resolve => {
    const end = (result: Result<With>): void => {
      worker.terminate();
      resolve(result);
    };
    signal?.addEventListener('abort', () => worker.terminate());
    const lost = (text: string): void =>
      end({
        title: 'The trace could not be opened',
        text: `${text} A scenario with a shorter time, fewer clients or a lower rate records less.`,
      });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      if (data.kind === 'progress') progress(data.part, data.share);
      else if (data.kind === 'done') end(data.result as Result<With>);
    };
    worker.onerror = event => lost(`Reading it failed: ${event.message || 'the memory may not suffice'}.`);
    worker.onmessageerror = () => lost('It did not fit into the memory.');
    worker.postMessage({ bytes, beside } satisfies ToWorker, [bytes.buffer]);
  });
}

declare global {
  interface Window {
    /** Left there by `worker.ts` when it runs in a page. */
    dsysOpenBytes?: typeof openBytes;
  }
}

function openerInPage(): typeof openBytes | undefined {
  if (window.dsysOpenBytes === undefined) {
    const element = document.createElement('script');
    if (nonce !== undefined) element.nonce = nonce;
    element.textContent = script;
    document.head.append(element);
  }
  return window.dsysOpenBytes;
}

/** A worker that runs; undefined where policy or browser allow none. */
async function startWorker(): Promise<Worker | undefined> {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  try {
    const worker = new Worker(url);
    return await new Promise<Worker | undefined>(resolve => {
      const give = (found: Worker | undefined): void => {
        clearTimeout(timer);
        if (found === undefined) worker.terminate();
        resolve(found);
      };
      const timer = setTimeout(() => give(undefined), START_MS);
      worker.onmessage = () => give(worker);
      worker.onerror = event => {
        event.preventDefault();
        give(undefined);
      };
    });
  } catch {
    return undefined;
  } finally {
    URL.revokeObjectURL(url);
  }
}
