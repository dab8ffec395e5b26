/** A trace of a run in which nothing happened. */

import type { Trace } from '@dsys/runtime/trace/model';
import { createRecorder, finish } from '@dsys/runtime/trace/recorder';

export function emptyTrace(): Trace {
  const run = {
    runId: '0',
    tool: 'test',
    model: { uri: 'a.dsys', sha256: '', name: 'nothing' },
    seed: 1,
    params: {},
    nodes: [{ name: 'n1', kind: 'server', group: '' }],
    sources: [],
    src: [],
  } as const;
  const recorder = createRecorder(run, { mode: 'full', payloadLimitBytes: 0 });
  return finish(recorder, { outcome: 'pass', checks: [], metrics: [], notes: [] });
}
