/**
 * Staleness and latencies of partial quorums from runs: Bailis et al., "Probabilistically Bounded Staleness for Practical
 * Partial Quorums", VLDB 2012, table 4 and §5.6, with the distributions of table 3 as latencies of messages. A trial writes a
 * key of its own and reads it a time after the answer. As in the model, who coordinates holds no copy (clients turn to a
 * spare), and no message waits for another: messages between two nodes keep their order, as on one connection, so each client
 * has a coordinator for its writes and another one for its reads, and begins anew when nothing is under way any more.
 */
import { valueIn } from '@dsys/runtime/analysis/known';
import { predictStaleness } from '@dsys/runtime/analysis/staleness';
import { consistentAt, percentileOf, type WarsResult } from '@dsys/runtime/analysis/wars';
import { type Asked, start } from '@dsys/runtime/clients/session';
import type { WorkloadRun } from '@dsys/runtime/clients/workload';
import type { Design } from '@dsys/runtime/design/design';
import { schedule } from '@dsys/runtime/kernel/simulation';
import { execute } from '@dsys/runtime/run/execute';
import { describe, expect, it } from 'vitest';
import { designOf, isLong } from './support/design.ts';

const ms = 1e6;
const trials = 10_000;
/** For figures at 99.9 %. */
const manyTrials = isLong ? 1_000_000 : trials;
const trialsPerRun = 10_000;
const clients = 10;
/** A message in a few ten thousand takes longer than the first of these. */
const pauseNs = (isLong ? 2000 : 400) * ms;

const ssd = 'mix(91.22% pareto(0.235ms, 10), 8.78% exponential(602410ns))';
const disk = 'mix(38% pareto(1.05ms, 1.51), 62% exponential(5464481ns))';
const latencies = (write: string, more = '') =>
  `latency ${more}${ssd}  latency write-request ${more}${write}  latency client 0ms`;
const local = (write: string) => `network { ${latencies(write)} }
cluster db { nodes 3  spare ${fronts('p')}  disk { volatile } }`;
const regions = ['x', 'y', 'z'];
const pairs = ['x and y', 'x and z', 'y and z'];
const places: Readonly<Record<string, string>> = {
  'LNKD-SSD': local(ssd),
  'LNKD-DISK': local(disk),
  // A coordinator in each region, drawn for each operation: 75 ms to all copies but one.
  WAN: `${regions.map(region => `region ${region}`).join('\n')}
network { ${latencies(disk)}
  ${pairs.map(pair => `between ${pair} { ${latencies(disk, '75ms + ')} }`).join('\n  ')} }
cluster db {
  ${regions.map(region => `nodes 1 in ${region}  spare ${fronts(`p${region}`)} in ${region}`).join('\n  ')}
  disk { volatile }
}`,
};

/** Names of nodes that hold nothing, two for each client. */
function fronts(prefix: string): string {
  return Array.from({ length: 2 * clients }, (_, i) => `${prefix}${i}`).join(', ');
}

interface Measured {
  /** Share of reads that returned what had been written. */
  readonly consistent: number;
  /** Ascending, ns. */
  readonly readLatency: Float64Array;
  readonly writeLatency: Float64Array;
}

const designFor = (place: string, read: number, write: number): Promise<Design> =>
  designOf(
    `${places[place]}
store s on db { replication leaderless { read ${read}  write ${write}  read-repair off } }
workload trials on s { clients ${clients}  timeout 10s }
scenario quiet { run trials for 100000s  settle 0s }`,
    'pbs.dsys',
    { withErrors: true },
  );

function measured(design: Design, afterNs: number, trials: number): Measured {
  const spares = design.nodes.filter(({ role }) => role === 'spare');
  // Of each region one for the writes of a client and one for its reads.
  const frontsOf = (client: number, role: 0 | 1) =>
    spares.filter((_, i) => i % (2 * clients) === 2 * client + role).map(({ id }) => id);
  const reads: number[] = [];
  const writes: number[] = [];
  let consistent = 0;
  const load = (run: WorkloadRun) => {
    const { sim, workload, stores } = run;
    let [begun, over] = [0, 0];
    for (let client = 0; client < clients; client++) {
      const session = run.newSession(client);
      const ask = (kind: 'read' | 'write', trial: number): Asked => {
        const via = frontsOf(client, kind === 'write' ? 0 : 1);
        const input = kind === 'write' ? trial : null;
        const from = { via: via[session.random.int(via.length)]!, at: workload.at, declaration: '' };
        return { store: stores[0]!, kind, key: `k${trial}`, input, ...from };
      };
      const next = () => {
        if (begun >= trialsPerRun) return;
        const trial = ++begun;
        start(session, ask('write', trial), written => {
          writes.push(written.ended - written.invoke);
          const read = () =>
            start(session, ask('read', trial), found => {
              reads.push(found.ended - found.invoke);
              if (found.output === trial) consistent++;
              if (++over === trialsPerRun) sim.stopped = true;
              schedule(sim, sim.now + pauseNs, next);
            });
          schedule(sim, sim.now + afterNs, read);
        });
      };
      next();
    }
  };
  for (let seed = 1; reads.length < trials; seed++) execute(design, design.scenarios[0]!, { seed, load });
  return {
    consistent: consistent / reads.length,
    readLatency: Float64Array.from(reads).sort(),
    writeLatency: Float64Array.from(writes).sort(),
  };
}

const off = (found: number, expected: number): number => Math.abs(found / expected - 1);

/** When the model says that as large a share of reads is stale as was found. */
const impliedNs = ({ visibleAfter }: WarsResult, consistent: number): number => percentileOf(visibleAfter, consistent);

const predictionOf = (design: Design): WarsResult =>
  valueIn(predictStaleness(design, design.stores[0]!, isLong ? 1_000_000 : 200_000));

async function trial(place: string, read: number, write: number, afterNs: number, count = trials) {
  const design = await designFor(place, read, write);
  return { predicted: predictionOf(design), found: measured(design, afterNs, count) };
}

// Each row takes minutes at full counts.
describe('table 4, from runs of a design', () => {
  // Latencies at 99.9 % in the paper, and t-visibility at 99.9 % in an independent run of 10^6 trials.
  it.each([
    ['LNKD-SSD', 1, 1, 0.66, 0.66, 1.99],
    ['LNKD-DISK', 1, 1, 0.66, 10.99, 51.9],
    ['LNKD-DISK', 2, 1, 1.63, 10.9, 14.4],
    ['WAN', 1, 1, 3.4, 55.12, 115.4],
  ] as const)('%s, R=%i, W=%i', async (place, r, w, readMs, writeMs, tMs) => {
    if (isLong) {
      const { found, predicted } = await trial(place, r, w, tMs * ms, manyTrials);
      expect(off(impliedNs(predicted, found.consistent), tMs * ms), `${found.consistent}`).toBeLessThan(0.05);
      expect(off(percentileOf(found.readLatency, 0.999), readMs * ms), 'read').toBeLessThan(0.05);
      expect(off(percentileOf(found.writeLatency, 0.999), writeMs * ms), 'write').toBeLessThan(0.05);
      return;
    }
    // Ten of ten thousand reads are too few to judge by: where one in a hundred is stale, the model has to agree as well.
    const design = await designFor(place, r, w);
    const predicted = predictionOf(design);
    const found = measured(design, percentileOf(predicted.visibleAfter, 0.99), trials);
    expect(off(1 - found.consistent, 0.01), `${found.consistent}`).toBeLessThan(0.35);
    expect(off(percentileOf(found.readLatency, 0.99), percentileOf(predicted.readLatency, 0.99))).toBeLessThan(0.12);
    expect(off(percentileOf(found.writeLatency, 0.99), percentileOf(predicted.writeLatency, 0.99))).toBeLessThan(0.12);
  });

  it.each([
    ['LNKD-SSD', 2, 1],
    ['LNKD-SSD', 2, 2],
    ['LNKD-DISK', 2, 2],
  ] as const)('%s, R=%i, W=%i: all but one in a thousand are consistent within 0.05 ms', async (place, r, w) => {
    const { found } = await trial(place, r, w, 0.05 * ms);
    expect(found.consistent).toBeGreaterThanOrEqual(r + w > 3 ? 1 : 0.999);
  });
});

describe('§5.6, from runs of a design', () => {
  // The share that is consistent, and three standard errors of ten thousand trials.
  it.each([
    ['LNKD-SSD', 0, 0.9738, 0.006],
    ['LNKD-DISK', 0, 0.437, 0.015],
    ['LNKD-DISK', 10, 0.926, 0.008],
  ] as const)('%s after %i ms', async (place, afterMs, share, tolerance) => {
    const { found, predicted } = await trial(place, 1, 1, afterMs * ms);
    expect(Math.abs(found.consistent - share)).toBeLessThan(tolerance);
    expect(Math.abs(found.consistent - consistentAt(predicted, afterMs * ms))).toBeLessThan(tolerance);
  });
});
