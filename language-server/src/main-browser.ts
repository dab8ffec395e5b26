/**
 * The language server in a web worker. It starts itself again, under another name, as the thread that executes designs:
 * one file is all that a client has to serve.
 */
import { EmptyFileSystem } from 'langium';
import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import type { FromWorker, ToWorker } from './runs/jobs.ts';
import type { StartWorker } from './runs/runs.ts';
import { handle } from './runs/work.ts';
import { startServer } from './server.ts';

/** What is used of a worker's global scope and of a worker; the types of the DOM are not among ours. */
interface Port {
  postMessage(message: unknown, transfer?: readonly ArrayBuffer[]): void;
  onmessage: ((event: { readonly data: unknown }) => void) | null;
}
interface Scope extends Port {
  readonly name: string;
  readonly location: { readonly href: string };
  readonly Worker: new (
    url: string,
    options: { readonly name: string },
  ) => Port & {
    onerror: ((event: { readonly message?: string }) => void) | null;
    terminate(): void;
  };
}

const scope = globalThis as unknown as Scope;
const runnerName = 'dsys-run';

const startWorker: StartWorker = () => {
  const worker = new scope.Worker(scope.location.href, { name: runnerName });
  return {
    post: message => worker.postMessage(message),
    listen(onMessage, onEnd) {
      worker.onmessage = ({ data }) => onMessage(data as FromWorker);
      worker.onerror = ({ message }) => {
        worker.terminate();
        onEnd(message ?? 'Its thread ended.');
      };
    },
    stop: () => worker.terminate(),
  };
};

if (scope.name === runnerName) {
  scope.onmessage = ({ data }) => handle(data as ToWorker, (answer, transfer) => scope.postMessage(answer, transfer));
} else {
  const port = globalThis as unknown as ConstructorParameters<typeof BrowserMessageReader>[0];
  startServer(createConnection(new BrowserMessageReader(port), new BrowserMessageWriter(port)), {
    ...EmptyFileSystem,
    startWorker,
  });
}
