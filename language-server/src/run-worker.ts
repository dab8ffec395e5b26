/** A thread that executes designs, on Node. */
import { parentPort } from 'node:worker_threads';
import type { ToWorker } from './runs/jobs.ts';
import { handle } from './runs/work.ts';

parentPort?.on('message', (message: ToWorker) =>
  handle(message, (answer, transfer) => parentPort?.postMessage(answer, transfer)),
);
