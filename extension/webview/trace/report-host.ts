/** The host is the page itself: a report, which carries the trace and the texts that it was made from. */

import type { TraceHost } from './host.ts';
import type { PickedOther } from './protocol.ts';
import { chunkAt, MAX_CONTAINER_BYTES, tooLarge } from './transfer.ts';

/** Ids of the two elements of a report that hold data. */
export const TRACE_ID = 'trace';
export const REPORT_ID = 'report';

export interface ReportData {
  /** File name of the trace, for whoever saves it. */
  readonly name: string;
  /** Texts of the trace's sources, by their uri; those that nobody gave are left out. */
  readonly texts: Readonly<Record<string, string>>;
  /** The container, base64. */
  readonly trace: string;
}

/** What a page carries; undefined when it is no report. The elements are emptied: their texts are held once only. */
export function reportData(page: Document): ReportData | undefined {
  const trace = page.getElementById(TRACE_ID);
  const report = page.getElementById(REPORT_ID);
  if (trace === null || report === null) return undefined;
  const data = JSON.parse(report.textContent) as Omit<ReportData, 'trace'>;
  const text = trace.textContent;
  trace.remove();
  report.remove();
  return { ...data, trace: text };
}

/** @throws Error for what is no base64 */
export function bytesOfBase64(text: string): Uint8Array {
  const native = Uint8Array as unknown as { fromBase64?: (text: string) => Uint8Array };
  if (native.fromBase64 !== undefined) return native.fromBase64(text);
  // Older browsers make a text with a character for each byte first.
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** By the browser's own means, which pages from disk have as well. */
async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
}

export function reportHost({ name, texts, trace }: ReportData): TraceHost {
  let text = trace;
  let bytes: Uint8Array = new Uint8Array(0);
  let showText: Parameters<TraceHost['start']>[0]['showText'] = () => {};
  return {
    start(listener) {
      showText = listener.showText;
      try {
        bytes = bytesOfBase64(text);
      } catch {
        listener.fail('The report is damaged: what stands for the trace cannot be read. Make it again from the trace.');
        return;
      }
      text = '';
      listener.open({ id: 1, name, bytes: bytes.length, canRun: false, canExport: true });
    },
    chunk: async (_, offset) => chunkAt(bytes, offset),
    compareSources: sources =>
      Promise.all(
        sources.map(async ({ uri, sha256 }) => {
          if (!Object.hasOwn(texts, uri)) return 'missing';
          return (await sha256Hex(texts[uri])) === sha256 ? { text: texts[uri] } : 'changed';
        }),
      ),
    reveal({ uri, range }) {
      if (Object.hasOwn(texts, uri)) showText({ uri, text: texts[uri], range });
    },
    runAgain() {},
    exportTrace: () => download(name, bytes),
    exportAs() {},
    pickOther: pickFile,
    saveFile: file => download(file.name, new Uint8Array(file.bytes)),
    state() {},
    // Kept by the browser for this page while its tab is open: reloading leads back to the same view.
    saved: () => history.state,
    save(view) {
      try {
        history.replaceState(view, '');
      } catch {
        // Browsers allow only so many in a minute; the next one will do.
      }
    },
  };
}

/** Asks for a trace's file. Browsers that do not tell when nobody chooses one leave the question open. */
async function pickFile(): Promise<PickedOther> {
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.dsystrace,.jsonl';
  const file = await new Promise<File | undefined>(resolve => {
    input.onchange = () => resolve(input.files?.[0]);
    input.oncancel = () => resolve(undefined);
    input.click();
  });
  if (file === undefined) return null;
  if (file.size > MAX_CONTAINER_BYTES) return { why: tooLarge(file.size) };
  try {
    return { name: file.name, bytes: await file.arrayBuffer() };
  } catch (error) {
    return { why: `${file.name} cannot be read: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** Saves bytes as a file, as a link would that somebody clicks. */
export function download(name: string, bytes: Uint8Array): void {
  const url = URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser reads it in its own time.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
