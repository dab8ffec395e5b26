/**
 * Threads that execute designs, so that the server answers while a run is under way. One is started when there is
 * something to do, a second when the first is busy, never more. A thread that dies takes its run with it, not the server.
 */
import { type CancellationToken, Emitter, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { errorCodes } from '../protocol.ts';
import type { Answers, FromWorker, Job, Tidings, ToWorker } from './jobs.ts';

/** A thread as its host starts it. */
export interface WorkerPort {
  post(message: ToWorker): void;
  /** @param onEnd the thread has ended, and why */
  listen(onMessage: (message: FromWorker) => void, onEnd: (why: string) => void): void;
  stop(): void;
}

export type StartWorker = () => WorkerPort;

/** Does something later; the answer takes that back. */
export type Later = (ms: number, work: () => void) => () => void;

const workersMax = 2;
/** A thread that does not end a cancelled run by then is ended itself: checking a history is not interrupted. */
const graceMs = 500;

interface Asked {
  readonly job: Job;
  readonly background: boolean;
  readonly progress: ((tidings: Tidings[Job['kind']]) => void) | undefined;
  readonly resolve: (answer: Answers[Job['kind']]) => void;
  readonly reject: (error: unknown) => void;
}

interface Slot {
  readonly port: WorkerPort;
  readonly flag: Int32Array | undefined;
  /** Of the recorded run that it has looked into last: it holds an execution of it. */
  key: string | undefined;
  current: { readonly id: number; readonly asked: Asked; cancelled: boolean } | undefined;
}

export interface RunOptions<K extends Job['kind']> {
  readonly token: CancellationToken;
  readonly progress?: (tidings: Tidings[K]) => void;
  /** Waits until nothing else does. */
  readonly background?: boolean;
}

export interface Runs {
  /**
   * @throws ResponseError `RequestCancelled` when cancelled, `workerFailed` when the runtime failed; also as the answer
   * to a request
   */
  execute<J extends Job>(job: J, options: RunOptions<J['kind']>): Promise<Answers[J['kind']]>;
  stop(): void;
}

export const cancelledError = () => new ResponseError(LSPErrorCodes.RequestCancelled, 'The run has been cancelled.');

const failedError = (why: string, { scenario, seed }: { scenario?: { name: string }; seed?: number }) =>
  new ResponseError(
    errorCodes.workerFailed,
    `dsys has a bug: the run ${[scenario && `of scenario ${scenario.name}`, seed !== undefined && `with seed ${seed}`].filter(Boolean).join(' ')} failed. ${why}`,
  );

export function createRuns(start: StartWorker, later: Later): Runs {
  const slots = new Set<Slot>();
  const waiting: Asked[] = [];
  const ended = new Emitter<Slot>();
  let lastId = 0;

  const newSlot = (): Slot => {
    const flag = typeof SharedArrayBuffer === 'undefined' ? undefined : new Int32Array(new SharedArrayBuffer(4));
    const slot: Slot = { port: start(), flag, key: undefined, current: undefined };
    slots.add(slot);
    slot.port.listen(
      message => heard(slot, message),
      why => {
        slots.delete(slot);
        const { current } = slot;
        slot.current = undefined;
        current?.asked.reject(failedError(why, current.asked.job as { scenario?: { name: string }; seed?: number }));
        next();
      },
    );
    return slot;
  };

  const heard = (slot: Slot, message: FromWorker) => {
    const { current } = slot;
    if (current?.id !== message.id) return;
    if (message.kind === 'progress') {
      if (!current.cancelled) current.asked.progress?.(message.tidings);
      return;
    }
    slot.current = undefined;
    if (message.kind === 'done') current.asked.resolve(message.answer);
    else current.asked.reject(failedError(message.message, current.asked.job as { seed?: number }));
    ended.fire(slot);
    next();
  };

  const next = () => {
    while (waiting.length > 0) {
      const index = Math.max(
        0,
        waiting.findIndex(one => !one.background),
      );
      const free = [...slots].filter(slot => slot.current === undefined);
      if (free.length === 0 && slots.size >= workersMax) return;
      const [asked] = waiting.splice(index, 1);
      const key = 'key' in asked!.job ? asked!.job.key : undefined;
      const idle = free.find(slot => slot.key === key) ?? free[0];
      try {
        const slot = idle ?? newSlot();
        const id = ++lastId;
        slot.current = { id, asked: asked!, cancelled: false };
        slot.key = key ?? slot.key;
        if (slot.flag) Atomics.store(slot.flag, 0, 0);
        slot.port.post({ id, job: asked!.job, flag: slot.flag });
      } catch (error) {
        asked!.reject(failedError(`No thread could be started: ${(error as Error).message}`, {}));
      }
    }
  };

  const stopSlot = (slot: Slot) => {
    slots.delete(slot);
    slot.current = undefined;
    slot.port.stop();
    next();
  };

  const cancel = (asked: Asked) => {
    asked.reject(cancelledError());
    const index = waiting.indexOf(asked);
    if (index >= 0) {
      waiting.splice(index, 1);
      return;
    }
    const slot = [...slots].find(({ current }) => current?.asked === asked);
    if (!slot?.current) return;
    slot.current.cancelled = true;
    if (slot.flag === undefined) {
      stopSlot(slot);
      return;
    }
    Atomics.store(slot.flag, 0, 1);
    const { id } = slot.current;
    const takeBack = later(graceMs, () => {
      if (slot.current?.id === id) stopSlot(slot);
    });
    const listener = ended.event(one => {
      if (one !== slot) return;
      takeBack();
      listener.dispose();
    });
  };

  return {
    execute<J extends Job>(job: J, { token, progress, background = false }: RunOptions<J['kind']>) {
      return new Promise<Answers[J['kind']]>((resolve, reject) => {
        if (token.isCancellationRequested) {
          reject(cancelledError());
          return;
        }
        const listener = token.onCancellationRequested(() => cancel(asked));
        const asked: Asked = {
          job,
          background,
          progress: progress as Asked['progress'],
          resolve: answer => {
            listener.dispose();
            resolve(answer as Answers[J['kind']]);
          },
          reject: error => {
            listener.dispose();
            reject(error);
          },
        };
        waiting.push(asked);
        next();
      });
    },
    stop() {
      for (const asked of waiting.splice(0)) asked.reject(cancelledError());
      for (const slot of [...slots]) {
        slots.delete(slot);
        slot.current?.asked.reject(cancelledError());
        slot.current = undefined;
        slot.port.stop();
      }
    },
  };
}
