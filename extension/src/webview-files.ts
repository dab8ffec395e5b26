/** Loads one of the bundles of `out/webview/` into a webview. */

import { Uri, type Webview } from 'vscode';
import { newNonce, pageOf } from './webview-page.ts';

/** @param name of the bundle: `trace` stands in `trace.js` and `trace.css` */
export function loadPage(webview: Webview, extensionUri: Uri, name: string, title: string): void {
  const folder = Uri.joinPath(extensionUri, 'out', 'webview');
  webview.options = { enableScripts: true, localResourceRoots: [folder] };
  webview.html = pageOf({
    title,
    nonce: newNonce(),
    cspSource: webview.cspSource,
    script: webview.asWebviewUri(Uri.joinPath(folder, `${name}.js`)).toString(),
    style: webview.asWebviewUri(Uri.joinPath(folder, `${name}.css`)).toString(),
  });
}
