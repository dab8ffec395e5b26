/**
 * The metrics of a trace as CSV (RFC 4180), one sample a row: `metric,unit,aggregate,series,time_ns,value`. So a
 * spreadsheet, R or pandas can pivot them, whatever metrics there are. A sample that was not taken has no value. Times
 * are virtual ns, as events have them.
 */

import type { Trace } from '../model.ts';
import { ExportError } from './export-error.ts';
import { addLine, createLines } from './lines.ts';

const COLUMNS = ['metric', 'unit', 'aggregate', 'series', 'time_ns', 'value'];

/** @throws ExportError when there are no metrics, or too many samples for a text */
export function encodeCsv(trace: Trace): string {
  if (trace.metrics.length === 0) {
    throw new ExportError('CSV holds the metrics of a trace, and this trace has none; its events are in .jsonl');
  }
  const out = createLines('CSV');
  addLine(out, COLUMNS.join(','));
  for (const { name, unit, agg, x, series } of trace.metrics) {
    for (const [one, values] of Object.entries(series)) {
      const start = [name, unit, agg, one].map(cell).join(',');
      // A file of a stranger may have fewer values than times, or more.
      x.forEach((time, at) => {
        addLine(out, `${start},${time},${values[at] ?? ''}`);
      });
    }
  }
  return `${out.lines.join('\r\n')}\r\n`;
}

/** A text as a cell. Spreadsheets would run what begins like a formula: an apostrophe before it keeps it a text. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
