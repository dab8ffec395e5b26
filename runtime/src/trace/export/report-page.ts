/**
 * A trace as one HTML page that needs nothing else: the viewer as it is in the editor, the trace, and the texts that it was
 * made from. The page's own policy lets it run its one script and load nothing.
 */

import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import { encodeContainer } from '../container.ts';
import type { Trace } from '../model.ts';

/** The viewer's bundle: texts of files. */
export interface ViewerBundle {
  readonly script: string;
  readonly style: string;
  /** The part of the script that reads traces, which runs by itself where no worker starts. */
  readonly worker: string;
}

/** Texts of designs, by the name that the trace has for them (`trace.sources[].uri`). */
export type SourceTexts = ReadonlyMap<string, string>;

/** Most sources that whoever makes a page looks for: a trace may name anything. */
export const MAX_REPORT_SOURCES = 200;

/**
 * @param texts those given are in the page, for the way from an event to its line; the others are not
 * @param base64 of bytes, by whatever the host has for it
 */
export function reportPage(
  trace: Trace,
  texts: SourceTexts,
  viewer: ViewerBundle,
  base64: (bytes: Uint8Array) => string,
): string {
  const script = inScript(withoutMap(viewer.script));
  const style = withoutMap(viewer.style).replaceAll('</', '<\\/');
  /** As a content security policy names an inline block. */
  const hashOf = (text: string): string => `sha256-${base64(sha256(utf8ToBytes(text)))}`;
  const policy = [
    "default-src 'none'",
    `script-src '${hashOf(script)}' '${hashOf(withoutMap(viewer.worker))}'`,
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
<script type="application/octet-stream" id="trace">${base64(encodeContainer(trace))}</script>
<script>${script}</script>
</body>
</html>
`;
}

const withoutMap = (text: string): string => text.replace(/\n?\/[/*]# sourceMappingURL=[^\n]*\s*$/, '');

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
