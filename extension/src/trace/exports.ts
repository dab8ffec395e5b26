/** The forms, besides its own, that a trace can be saved in from VS Code. */

import { type Uri, window } from 'vscode';
import type { ExportFormat } from '../../webview/trace/protocol.ts';
import { saveAs } from './save.ts';

/** By the endings of `EXPORTS` in the runtime; a test sees that none is forgotten. */
export const formats: readonly ExportFormat[] = [
  { ending: '.jsonl', name: 'JSON lines' },
  { ending: '.edn', name: 'Jepsen history' },
  { ending: '.shiviz', name: 'ShiViz log' },
  { ending: '.mmd', name: 'Mermaid diagram' },
  { ending: '.csv', name: 'Metrics as CSV' },
  { ending: '.pftrace', name: 'Perfetto trace' },
  { ending: '.otlp.json', name: 'OpenTelemetry spans' },
  { ending: '.itf.json', name: 'Informal Trace Format' },
];

/** @param container the trace's bytes */
export async function exportAs(
  ending: string,
  name: string,
  container: Uint8Array,
  near: Uri | undefined,
): Promise<void> {
  try {
    // Read only by those who ask: whoever starts VS Code does not wait for it.
    const [{ EXPORTS }, { decodeTrace }] = await Promise.all([
      import('@dsys/runtime/trace/export/formats'),
      import('@dsys/runtime/trace/decode'),
    ]);
    const encode = EXPORTS[ending];
    if (encode === undefined) throw new Error(`Traces are not written as ${ending}`);
    const contents = encode(decodeTrace(container).trace);
    const bytes = typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
    await saveAs(`${name.replace(/\.(dsystrace|jsonl)$/, '')}${ending}`, bytes, near);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(`The trace was not saved: ${why}.`);
  }
}
