/** A trace as a page of its own, made in VS Code: with the viewer that comes along, and the texts as far as they are found. */

import { MAX_REPORT_SOURCES, reportPage } from '@dsys/runtime/trace/export/report-page';
import type { Trace } from '@dsys/runtime/trace/model';
import { Uri, workspace } from 'vscode';
import { type Origin, sameText } from './sources.ts';

export async function reportOf(trace: Trace, extensionUri: Uri, origin: Origin): Promise<string> {
  const bundle = async (name: string): Promise<string> =>
    new TextDecoder().decode(await workspace.fs.readFile(Uri.joinPath(extensionUri, 'out', 'webview', name)));
  const [script, style, worker] = await Promise.all(['trace.js', 'trace.css', 'worker.js'].map(bundle));
  const texts = new Map<string, string>();
  for (const source of trace.sources.slice(0, MAX_REPORT_SOURCES)) {
    const text = await sameText(source, origin);
    if (text !== undefined) texts.set(source.uri, text);
  }
  return reportPage(trace, texts, { script, style, worker }, base64);
}

/** Where there is Node and where there is not. */
function base64(bytes: Uint8Array): string {
  let binary = '';
  // So many arguments at a time as every host takes.
  for (let at = 0; at < bytes.length; at += 0x8000) binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(binary);
}
