/** A report of a trace, with the viewer's bundle from where it is built to. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportPage, type SourceTexts } from '@dsys/runtime/trace/export/report-page';
import type { Trace } from '@dsys/runtime/trace/model';
import { Unusable } from './output.ts';

/** Beside the command in the extension, and in the extension's folder of the project. */
const folders = [
  join(import.meta.dirname, '..', 'webview'),
  join(import.meta.dirname, '..', '..', 'extension', 'out', 'webview'),
];

/** @throws Unusable when the viewer's bundle is not where it is built to */
export function reportOf(trace: Trace, texts: SourceTexts): string {
  const viewer = { script: bundle('trace.js'), style: bundle('trace.css'), worker: bundle('worker.js') };
  return reportPage(trace, texts, viewer, bytes => Buffer.from(bytes).toString('base64'));
}

function bundle(name: string): string {
  const path = folders.map(folder => join(folder, name)).find(existsSync);
  if (path === undefined)
    throw new Unusable(`The viewer's ${name} is not in ${folders.join(' or ')}: npm run build makes it.`);
  return readFileSync(path, 'utf8');
}
