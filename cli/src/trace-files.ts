/** Traces as files, by the ending of their names. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { encodeContainer } from '@dsys/runtime/trace/container';
import { encodeJsonl } from '@dsys/runtime/trace/jsonl';
import type { Trace } from '@dsys/runtime/trace/model';
import { Unusable } from './output.ts';
import { pictureOf } from './picture.ts';
import { reportOf, type SourceTexts } from './report.ts';

export interface TraceWriter {
  readonly path: string;
  /** @param texts of the design, for files that show them */
  write(trace: Trace, texts: SourceTexts): void;
}

const encoders: Readonly<Record<string, (trace: Trace, texts: SourceTexts) => string | Uint8Array>> = {
  '.dsystrace': encodeContainer,
  '.jsonl': encodeJsonl,
  '.html': reportOf,
  '.svg': pictureOf,
};

const later = ['.pftrace', '.shiviz', '.edn', '.otlp.json', '.itf.json', '.mmd', '.csv'];

/** Refuses what cannot be written before anything runs. */
export function traceWriters(paths: readonly string[]): TraceWriter[] {
  return paths.map(path => {
    const ending = Object.keys(encoders).find(one => path.endsWith(one));
    if (ending !== undefined) {
      return {
        path,
        write(trace, texts) {
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, encoders[ending]!(trace, texts));
        },
      };
    }
    const known = later.find(one => path.endsWith(one));
    if (known !== undefined)
      throw new Unusable(`Writing ${known} traces is not built yet; ${Object.keys(encoders).join(', ')} are.`);
    throw new Unusable(
      `A trace is written by the ending of its name; ${path} has none of ${[...Object.keys(encoders), ...later].join(', ')}.`,
    );
  });
}
