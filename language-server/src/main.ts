/** The language server on Node: `--node-ipc` from VS Code, else standard input and output. */
import { Worker } from 'node:worker_threads';
import { NodeFileSystem } from 'langium/node';
import { createConnection, ProposedFeatures } from 'vscode-languageserver/node';
import type { StartWorker } from './runs/runs.ts';
import { startServer } from './server.ts';

// Beside this file, as source or bundled.
const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './run-worker.ts' : './run-worker.js', import.meta.url);

const startWorker: StartWorker = () => {
  const worker = new Worker(workerUrl);
  // The server ends when its client goes, whatever runs.
  worker.unref();
  return {
    post: message => worker.postMessage(message),
    listen(onMessage, onEnd) {
      worker.on('message', onMessage);
      worker.on('error', error => onEnd((error as Error).stack ?? String(error)));
      worker.on('exit', code => onEnd(`Its thread ended with code ${code}.`));
    },
    stop: () => void worker.terminate(),
  };
};

// With the option in place, words on the console go to the client and not between the messages.
if (!process.argv.some(word => /^--(node-ipc|stdio|socket|pipe)\b/.test(word))) process.argv.push('--stdio');

startServer(createConnection(ProposedFeatures.all), { ...NodeFileSystem, startWorker });
