/** The trace viewer's beginning: finds its host and shows what that has. */

import './style.css';
import './key-sheet.css';
import './side.css';
import './compare.css';
import './moments.css';
import './menu.css';
import './text-panel.css';
import './strip.css';
import './conditions.css';
// These two before all else, which puts the worker's script, a text within this one, next to the modules that both have: gzip
// finds again what it has met in the last 32 KiB.
import './ui/viewer.ts';
import './opening/open.ts';
import { render } from 'preact';
import type { TraceHost } from './host.ts';
import { reportData, reportHost } from './report-host.ts';
import { App } from './ui/app.tsx';
import { frameTimes } from './ui/diagram.tsx';
import { startViewer } from './ui/open.ts';
import { followTheme } from './ui/theme.ts';
import { createViewer } from './ui/viewer.ts';
import { vscodeHost } from './vscode-host.ts';

declare global {
  interface Window {
    /** Set by whoever hosts the page and is neither VS Code nor a report. */
    dsysTraceHost?: TraceHost;
    /** How long the last pictures took, in ms. */
    dsysFrameTimes?: readonly number[];
  }
}

const report = reportData(document);
const viewer = createViewer(window.dsysTraceHost ?? (report === undefined ? vscodeHost() : reportHost(report)));
window.dsysFrameTimes = frameTimes;
if (report === undefined) document.title = 'dsys trace';
followTheme(viewer);
render(<App viewer={viewer} />, document.body);
startViewer(viewer);
