/** Events and client operations per second of five Raft nodes with 16 clients, and what a trace of them takes. */
import { constant, exponential, lognormal } from '../runtime/src/design/distribution.ts';
import { execute } from '../runtime/src/run/execute.ts';
import { finishRecording, record } from '../runtime/src/run/record.ts';
import { raftOptions, type Sketch, sketch } from '../runtime/src/testing/design.ts';
import { chaosOf } from '../runtime/src/testing/faults.ts';
import { runBaseline } from './baseline-kernel.ts';
import { best, perSecond, type Row, row, si } from './table.ts';

const ms = 1_000_000;
const load: Sketch = {
  nodes: 5,
  mechanism: raftOptions({ snapshotEvery: 10_000 }),
  latency: lognormal(0.5 * ms, 0.3),
  fsync: constant(0.1 * ms),
  workload: {
    clients: 16,
    arrival: { kind: 'closed', think: exponential(0.2 * ms) },
    keys: { count: 100, choice: 'uniform' },
  },
  forNs: 20_000 * ms,
  settleNs: 0,
};
const stormy: Sketch = {
  ...load,
  chaos: [chaosOf(0, 20_000, ['crash', 2, 500], ['cut', 1, 500], ['pause', 1, 500])],
  loss: 0.01,
};

function measure(wanted: Sketch, traced: boolean) {
  const { design, scenario } = sketch(wanted);
  const recording = traced
    ? record(design, { tool: 'bench', scenario: 'bench', seed: 1, payloadLimitBytes: 0 })
    : undefined;
  const executed = execute(design, scenario, { seed: 1, trace: recording?.tracer });
  const trace = recording && finishRecording(recording, executed, 'pass', []);
  return { events: executed.sim.trace.counts.events, operations: executed.log.operations.length, trace };
}

/** Bytes of everything that a trace holds in typed arrays. */
function bytesOf(value: unknown, seen = new Set<unknown>()): number {
  if (ArrayBuffer.isView(value)) {
    if (seen.has(value.buffer)) return 0;
    seen.add(value.buffer);
    return value.byteLength;
  }
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null || seen.has(value)) return 0;
  seen.add(value);
  let sum = 0;
  for (const part of Object.values(value)) sum += typeof part === 'number' ? 8 : bytesOf(part, seen);
  return sum;
}

export function rows(): Row[] {
  const base = best(3, () => runBaseline(150_000, 16));
  const rate = (base.result * 1000) / base.ms;
  const baseline = `${si(rate)}/s bare heap of objects`;
  const found: Row[] = [];
  for (const [name, wanted, traced] of [
    ['raft, 5 nodes, no trace', load, false],
    ['raft, 5 nodes, columnar trace', load, true],
    ['raft, 5 nodes, chaos, no trace', stormy, false],
  ] as const) {
    const { ms: took, result } = best(3, () => measure(wanted, traced));
    const bytes = result.trace === undefined ? '' : `${(bytesOf(result.trace) / result.events).toFixed(1)} B/event`;
    const ratio = ((result.events * 1000) / took / rate).toFixed(2);
    found.push(row(`${name}: events`, perSecond(result.events, took), baseline, ratio, bytes));
    found.push(row(`${name}: client operations`, perSecond(result.operations, took)));
  }
  return found;
}
