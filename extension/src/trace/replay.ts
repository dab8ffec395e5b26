/** Moments of traces, rebuilt by the server: it executes the run again where its design is still the same. */

import {
  errorCodes,
  type Rebuilt,
  type RunParams,
  requests,
  commands as serverCommands,
} from '@dsys/language-server/protocol';
import type { RecordedRun } from '@dsys/runtime/trace/changes';
import { CancellationTokenSource, commands, type Uri, window } from 'vscode';
import { type BaseLanguageClient, ResponseError } from 'vscode-languageclient';
import type { LookParams, OriginAt, OriginAtParams, StateAt, StateAtParams } from '../../webview/trace/protocol.ts';
import { findSource, type Origin } from './sources.ts';

/** What one viewer asks. */
export interface TraceReplay {
  stateAt(params: StateAtParams, origin: Origin): Promise<StateAt>;
  originOf(params: OriginAtParams, origin: Origin): Promise<OriginAt>;
  /** Executes it with its changes and shows it, in a panel of its own. */
  runChanged(run: RecordedRun, origin: Origin): Promise<void>;
  dispose(): void;
}

export function traceReplay(client: BaseLanguageClient): TraceReplay {
  let underWay: CancellationTokenSource | undefined;
  /** Only what was asked for last is wanted. */
  const ask = async <Value>(method: string, params: LookParams, origin: Origin): Promise<Rebuilt<Value>> => {
    underWay?.cancel();
    const own = new CancellationTokenSource();
    underWay = own;
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
    stateAt: (params, origin) => ask(requests.state, params, origin),
    originOf: (params, origin) => ask(requests.origin, params, origin),
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
    dispose: () => underWay?.cancel(),
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
