/**
 * A trace as one HTML file that needs nothing else: the viewer as it is in the editor, the trace, and the texts that it was
 * made from. The page's own policy lets it run its one script and load nothing.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodeContainer } from '@dsys/runtime/trace/container';
import type { Trace } from '@dsys/runtime/trace/model';
import { Unusable } from './output.ts';

/** Texts of designs, by the name that the trace has for them (`trace.sources[].uri`). */
export type SourceTexts = ReadonlyMap<string, string>;

/** The viewer's bundle, beside the command in the extension, and in the extension's folder of the project. */
const folders = [
  join(import.meta.dirname, '..', 'webview'),
  join(import.meta.dirname, '..', '..', 'extension', 'out', 'webview'),
];

/**
 * @param texts those given are in the page, for the way from an event to its line; the others are not
 * @throws Unusable when the viewer's bundle is not where it is built to
 */
export function reportOf(trace: Trace, texts: SourceTexts): string {
  const script = inScript(bundle('trace.js'));
  const style = bundle('trace.css').replaceAll('</', '<\\/');
  const policy = [
    "default-src 'none'",
    // The second is the part that reads traces, run by itself where no worker starts.
    `script-src '${hashOf(script)}' '${hashOf(bundle('worker.js'))}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data: blob:',
    'worker-src blob:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  const title = `${trace.header.model.name}, seed ${trace.header.seed}: dsys trace`;
  const known = trace.sources.filter(({ uri }) => texts.has(uri)).map(({ uri }) => [uri, texts.get(uri)]);
  const data = { name: fileNameOf(trace), texts: Object.fromEntries(known) };
  // The data come before the script, which finds them when it starts.
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
<noscript>This report shows its trace by a script, which the browser has been told not to run.</noscript>
<script type="application/json" id="report">${jsonInScript(data)}</script>
<script type="application/octet-stream" id="trace">${Buffer.from(encodeContainer(trace)).toString('base64')}</script>
<script>${script}</script>
</body>
</html>
`;
}

function bundle(name: string): string {
  const path = folders.map(folder => join(folder, name)).find(existsSync);
  if (path === undefined)
    throw new Unusable(`The viewer's ${name} is not in ${folders.join(' or ')}: npm run build makes it.`);
  return readFileSync(path, 'utf8').replace(/\n?\/[/*]# sourceMappingURL=[^\n]*\s*$/, '');
}

/** As a content security policy names an inline block. */
const hashOf = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** Nothing in a script ends it or begins a comment of HTML: where these signs can stand, in texts, they may be written so. */
const inScript = (script: string): string => script.replace(/<(?=\/script|!--)/gi, '\\x3C');

/** JSON that ends no element, begins no comment and breaks no line of a script, whatever stands in its texts. */
const jsonInScript = (data: unknown): string =>
  JSON.stringify(data).replace(
    /[<>&\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const escaped = (text: string): string =>
  text.slice(0, 300).replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);

const fileNameOf = ({ header }: Trace): string =>
  `${header.model.name.replace(/[^\w.-]+/g, '-').slice(0, 80) || 'trace'}-${header.seed}.dsystrace`;
