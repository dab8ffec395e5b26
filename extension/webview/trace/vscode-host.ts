/** The host is VS Code: messages go over its webview channel. */

import type { Likelihood } from '@dsys/runtime/trace/probability';
import { HOST_EXTENSION } from 'vscode-messenger-common';
import { Messenger } from 'vscode-messenger-webview';
import type { TraceHost } from './host.ts';
import { toHost, toViewer } from './protocol.ts';

export function vscodeHost(): TraceHost {
  const vscode = acquireVsCodeApi();
  const messenger = new Messenger(vscode);
  const told = new Map<number, (one: Likelihood) => void>();
  return {
    start(listener) {
      messenger.onNotification(toViewer.open, listener.open);
      messenger.onNotification(toViewer.revealEvents, listener.revealEvents);
      messenger.onNotification(toViewer.fail, ({ message }) => listener.fail(message));
      messenger.onNotification(toViewer.command, ({ command }) => listener.command(command));
      messenger.onNotification(toViewer.likelihood, ({ id, one }) => told.get(id)?.(one));
      messenger.start();
      messenger.sendNotification(toHost.ready, HOST_EXTENSION);
    },
    chunk: (id, offset) => messenger.sendRequest(toHost.chunk, HOST_EXTENSION, { id, offset }),
    compareSources: sources => messenger.sendRequest(toHost.compareSources, HOST_EXTENSION, sources),
    reveal: place => messenger.sendNotification(toHost.reveal, HOST_EXTENSION, place),
    runAgain: run => messenger.sendNotification(toHost.runAgain, HOST_EXTENSION, run),
    exportTrace: () => messenger.sendNotification(toHost.exportTrace, HOST_EXTENSION),
    exportAs: ending => messenger.sendNotification(toHost.exportAs, HOST_EXTENSION, { ending }),
    saveFile: file => messenger.sendNotification(toHost.saveFile, HOST_EXTENSION, file),
    state: state => messenger.sendNotification(toHost.state, HOST_EXTENSION, state),
    replay: {
      stateAt: params => messenger.sendRequest(toHost.stateAt, HOST_EXTENSION, params),
      async probabilities(params, tell) {
        told.set(params.id, tell);
        try {
          return await messenger.sendRequest(toHost.probabilities, HOST_EXTENSION, params);
        } finally {
          told.delete(params.id);
        }
      },
      stopProbabilities: () => messenger.sendNotification(toHost.stopProbabilities, HOST_EXTENSION),
      runChanged: run => messenger.sendNotification(toHost.runChanged, HOST_EXTENSION, run),
      originOf: params => messenger.sendRequest(toHost.originOf, HOST_EXTENSION, params),
    },
    pickOther: () => messenger.sendRequest(toHost.pickOther, HOST_EXTENSION),
    saved: () => vscode.getState(),
    save: view => void vscode.setState(view),
  };
}
