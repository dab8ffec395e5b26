/** The forms, besides its own, that a trace can be saved in from VS Code. */

import { type Uri, window } from 'vscode';
import type { ExportFormat } from '../../webview/trace/protocol.ts';
import { saveAs } from './save.ts';
import type { Origin } from './sources.ts';

/** By the endings of `EXPORTS` in the runtime, with the report; a test sees that none is forgotten. */
export const formats: readonly ExportFormat[] = [
  { ending: '.html', name: 'Report, a page of its own' },
  { ending: '.jsonl', name: 'JSON lines' },
  { ending: '.edn', name: 'Jepsen history' },
  { ending: '.shiviz', name: 'ShiViz log' },
  { ending: '.mmd', name: 'Mermaid diagram' },
  { ending: '.csv', name: 'Metrics as CSV' },
  { ending: '.pftrace', name: 'Perfetto trace' },
  { ending: '.otlp.json', name: 'OpenTelemetry spans' },
  { ending: '.itf.json', name: 'Informal Trace Format' },
];

/**
 * @param container the trace's bytes
 * @param extensionUri where the extension is, and the viewer with it
 */
export async function exportAs(
  ending: string,
  { name, ...origin }: Origin & { readonly name: string },
  container: Uint8Array,
  extensionUri: Uri,
): Promise<void> {
  try {
    // Read only by those who ask: whoever starts VS Code does not wait for it.
    const [{ EXPORTS }, { decodeTrace }, { reportOf }] = await Promise.all([
      import('@dsys/runtime/trace/export/formats'),
      import('@dsys/runtime/trace/decode'),
      import('./report.ts'),
    ]);
    const { trace } = decodeTrace(container);
    const encode = EXPORTS[ending];
    if (encode === undefined && ending !== '.html') throw new Error(`Traces are not written as ${ending}`);
    const contents = encode === undefined ? await reportOf(trace, extensionUri, origin) : encode(trace);
    const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
    await saveAs(`${name.replace(/\.(dsystrace|jsonl)$/, '')}${ending}`, bytes, origin.design ?? origin.file);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(`The trace was not saved: ${why}.`);
  }
}
