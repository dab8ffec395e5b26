/** The design view's beginning: finds its host and shows what that has. */
import '../common/base.css';
import './style.css';
import { batch } from '@preact/signals';
import { render } from 'preact';
import { followTheme } from '../common/theme.ts';
import { type DesignHost, vscodeHost } from './host.ts';
import { App } from './ui/app.tsx';
import { createView } from './ui/view.ts';

declare global {
  interface Window {
    /** Set by a page that carries its design in itself; without it, the host is VS Code. */
    dsysDesignHost?: DesignHost;
  }
}

const host = window.dsysDesignHost ?? vscodeHost();
const view = createView(host);
document.title = 'dsys design';
followTheme(() => {});
render(<App view={view} />, document.body);
host.start({
  show(params) {
    batch(() => {
      view.cursor.value = params.cursor;
      view.shown.value = params;
    });
  },
  empty(message) {
    view.shown.value = null;
    view.message.value = message;
  },
  cursor(line) {
    view.cursor.value = line;
  },
});
