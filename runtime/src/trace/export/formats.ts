/** The formats that a trace can leave in as text or bytes, by the ending of a file's name. Reports and pictures are made elsewhere. */

import { encodeContainer } from '../container.ts';
import { encodeJsonl } from '../jsonl.ts';
import type { Trace } from '../model.ts';
import { encodeCsv } from './csv.ts';
import { encodeItf } from './itf.ts';
import { encodeJepsen } from './jepsen.ts';
import { encodeMermaid } from './mermaid.ts';
import { encodeOtlp } from './otlp.ts';
import { encodePerfetto } from './perfetto.ts';
import { encodeShiviz } from './shiviz.ts';

/** @throws ExportError, or RangeError, with what stands against it and what to do */
export type Encode = (trace: Trace) => string | Uint8Array;

export const EXPORTS: Readonly<Record<string, Encode>> = {
  '.dsystrace': encodeContainer,
  '.jsonl': encodeJsonl,
  '.pftrace': encodePerfetto,
  '.shiviz': encodeShiviz,
  '.edn': encodeJepsen,
  '.otlp.json': encodeOtlp,
  '.itf.json': encodeItf,
  '.mmd': encodeMermaid,
  '.csv': encodeCsv,
};
