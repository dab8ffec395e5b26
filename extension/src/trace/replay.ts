/** Moments of traces, rebuilt by the server: it executes the run again where its design is still the same. */

import {
  errorCodes,
  type Likelihood,
  type Rebuilt,
  type RunParams,
  requests,
  commands as serverCommands,
} from '@dsys/language-server/protocol';
import type { RecordedRun } from '@dsys/runtime/trace/changes';
import { CancellationTokenSource, commands, type Uri, window } from 'vscode';
import { type BaseLanguageClient, ProgressType, ResponseError } from 'vscode-languageclient';
import type {
  OriginAt,
  OriginAtParams,
  Probabilities,
  ProbabilitiesParams,
  StateAt,
  StateAtParams,
} from '../../webview/trace/protocol.ts';
import { findSource, type Origin } from './sources.ts';

/** What one viewer asks. */
export interface TraceReplay {
  stateAt(params: StateAtParams, origin: Origin): Promise<StateAt>;
  originOf(params: OriginAtParams, origin: Origin): Promise<OriginAt>;
  /** @param told each result, as soon as there is one */
  probabilities(params: ProbabilitiesParams, origin: Origin, told: (one: Likelihood) => void): Promise<Probabilities>;
  stopProbabilities(): void;
  /** Executes it with its changes and shows it, in a panel of its own. */
  runChanged(run: RecordedRun, origin: Origin): Promise<void>;
  dispose(): void;
}

let lastToken = 0;

export function traceReplay(client: BaseLanguageClient): TraceReplay {
  /** Of each kind, only what was asked for last is wanted. */
  const underWay = new Map<'look' | 'probabilities', CancellationTokenSource>();
  const stop = (kind: 'look' | 'probabilities') => underWay.get(kind)?.cancel();
  const ask = async <Value>(
    kind: 'look' | 'probabilities',
    method: string,
    params: { readonly run: RecordedRun },
    origin: Origin,
  ): Promise<Rebuilt<Value>> => {
    stop(kind);
    const own = new CancellationTokenSource();
    underWay.set(kind, own);
    try {
      const uri = await designOf(params.run, origin);
      if (uri === undefined) return { kind: 'differs', why: 'its design is not in an open folder' };
      return await client.sendRequest<Rebuilt<Value>>(method, { ...params, uri: uri.toString() }, own.token);
    } catch (error) {
      if (own.token.isCancellationRequested) return { kind: 'cancelled' };
      return { kind: 'differs', why: whyNot(error) };
    }
  };
  return {
    stateAt: (params, origin) => ask('look', requests.state, params, origin),
    originOf: (params, origin) => ask('look', requests.origin, params, origin),
    async probabilities(params, origin, told) {
      const partialResultToken = `dsys-likelihood-${++lastToken}`;
      const listener = client.onProgress(new ProgressType<Likelihood>(), partialResultToken, told);
      try {
        const asked = { ...params, partialResultToken };
        return await ask('probabilities', requests.probabilities, asked, origin);
      } finally {
        listener.dispose();
      }
    },
    stopProbabilities: () => stop('probabilities'),
    async runChanged(run, origin) {
      const uri = await designOf(run, origin);
      if (uri === undefined) {
        void window.showWarningMessage('The design of this run is not in an open folder: it cannot be executed again.');
        return;
      }
      const { scenario, seed, changes, sources } = run;
      const params: RunParams = { uri: uri.toString(), scenario, seed, changes, sources };
      await commands.executeCommand(serverCommands.openTrace, params);
    },
    dispose() {
      for (const one of underWay.values()) one.cancel();
    },
  };
}

/** The file that was executed; the others are found by what it imports. */
async function designOf(run: RecordedRun, origin: Origin): Promise<Uri | undefined> {
  const [main] = run.sources;
  return main === undefined ? origin.design : findSource(main.uri, origin);
}

function whyNot(error: unknown): string {
  if (error instanceof ResponseError && error.code === errorCodes.designChanged)
    return 'the design changed since this run';
  return error instanceof Error ? error.message : String(error);
}
