/** Whoever has a design and shows it in this view: VS Code, or a test. */
import { HOST_EXTENSION } from 'vscode-messenger-common';
import { Messenger } from 'vscode-messenger-webview';
import { type RevealParams, type ShowParams, toHost, toView, type ViewState } from './protocol.ts';

export interface HostListener {
  readonly show: (params: ShowParams) => void;
  readonly empty: (message: string) => void;
  readonly cursor: (line: number) => void;
}

export interface DesignHost {
  /** Says that the view listens from now on. */
  start(listener: HostListener): void;
  reveal(place: RevealParams): void;
  /** Told after every change that another side may want to know of. */
  state(state: ViewState): void;
  /** What `save` was given before the page was thrown away and made again. */
  saved(): unknown;
  save(view: unknown): void;
}

export function vscodeHost(): DesignHost {
  const vscode = acquireVsCodeApi();
  const messenger = new Messenger(vscode);
  return {
    start(listener) {
      messenger.onNotification(toView.show, listener.show);
      messenger.onNotification(toView.empty, ({ message }) => listener.empty(message));
      messenger.onNotification(toView.cursor, ({ line }) => listener.cursor(line));
      messenger.start();
      messenger.sendNotification(toHost.ready, HOST_EXTENSION);
    },
    reveal: place => messenger.sendNotification(toHost.reveal, HOST_EXTENSION, place),
    state: state => messenger.sendNotification(toHost.state, HOST_EXTENSION, state),
    saved: () => vscode.getState(),
    save: view => void vscode.setState(view),
  };
}
