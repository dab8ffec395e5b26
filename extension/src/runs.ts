/** Runs of the server's, with progress that people see and can cancel. */

import {
  errorCodes,
  type NotRunnableData,
  type RunAnswer,
  type RunParams,
  requests,
  type TestAnswer,
  type TestParams,
  type TraceChunk,
  type TraceHandle,
} from '@dsys/language-server/protocol';
import { type CancellationToken, type Progress, ProgressLocation, window } from 'vscode';
import { type BaseLanguageClient, ResponseError, WorkDoneProgress } from 'vscode-languageclient';

/** What is told on the way: how much more of the whole, in percent, and words. */
export type Told = Progress<{ readonly increment?: number; readonly message?: string }>;

export interface Runs {
  run(params: RunParams, token: CancellationToken, told?: Told): Promise<RunAnswer>;
  test(params: TestParams, token: CancellationToken, told?: Told): Promise<TestAnswer>;
  /** The trace as a container, in a buffer of its own. */
  trace(handle: TraceHandle): Promise<Uint8Array<ArrayBuffer>>;
}

let lastToken = 0;

export function createRuns(client: BaseLanguageClient): Runs {
  const ask = async <Answer>(method: string, params: RunParams | TestParams, token: CancellationToken, told?: Told) => {
    const workDoneToken = `dsys-${++lastToken}`;
    let percent = 0;
    const listener = client.onProgress(WorkDoneProgress.type, workDoneToken, value => {
      if (value.kind !== 'report') return;
      const increment = (value.percentage ?? percent) - percent;
      percent += increment;
      told?.report({ increment, message: value.message });
    });
    try {
      return await client.sendRequest<Answer>(method, { ...params, workDoneToken }, token);
    } finally {
      listener.dispose();
    }
  };
  return {
    run: (params, token, told) => ask<RunAnswer>(requests.run, params, token, told),
    test: (params, token, told) => ask<TestAnswer>(requests.test, params, token, told),
    async trace({ id, bytes }) {
      const all = new Uint8Array(bytes);
      for (let offset: number | null = 0; offset !== null; ) {
        const chunk: TraceChunk = await client.sendRequest(requests.trace, { id, offset });
        all.set(bytesOf(chunk.base64), offset);
        offset = chunk.next;
      }
      return all;
    },
  };
}

/** Without `Buffer`, which a browser has not. */
function bytesOf(base64: string): Uint8Array {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Work under way in a corner of the window, with a button that ends it. */
export function underWay<T>(title: string, work: (token: CancellationToken, told: Told) => Promise<T>): Thenable<T> {
  return window.withProgress({ location: ProgressLocation.Notification, title, cancellable: true }, (told, token) =>
    work(token, told),
  );
}

/** LSP's `RequestCancelled`. */
const requestCancelled = -32800;

/** What an error of a run means to people; undefined: they have cancelled it themselves. */
export function problemOf(
  error: unknown,
): { readonly message: string; readonly places: NotRunnableData['diagnostics'] } | undefined {
  if (!(error instanceof ResponseError))
    return { message: `${error instanceof Error ? error.message : error}`, places: [] };
  if (error.code === requestCancelled) return undefined;
  const places =
    error.code === errorCodes.notRunnable ? ((error.data as NotRunnableData | undefined)?.diagnostics ?? []) : [];
  return { message: error.message, places };
}
