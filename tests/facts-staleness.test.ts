/** What the facts of a design say of stale reads, beside the figures of the paper that the prediction is from. */
import { valueIn } from '@dsys/runtime/analysis/known';
import { predictStaleness } from '@dsys/runtime/analysis/staleness';
import { describe, expect, it } from 'vitest';
import { designOf } from './support/design.ts';
import { facts, storeOf } from './support/facts.ts';

const ms = 1e6;

describe('staleness', () => {
  const disk = 'mix(38% pareto(1.05ms, 1.51), 62% exponential(5464481ns))';
  const ssd = 'mix(91.22% pareto(0.235ms, 10), 8.78% exponential(602410ns))';
  const text = (read: number, write: number, network = '') => `cluster db { nodes 3 }
network { latency ${ssd}  latency write-request ${disk} ${network} }
store s on db { replication leaderless { read ${read} write ${write} } }`;

  it('LNKD-DISK of PBS (VLDB 2012, table 3): 43.7 % consistent at once, t-visibility 51.9 ms', async () => {
    const { staleness } = await facts(text(1, 1));
    expect(Math.abs(staleness!.pConsistentAt0 - 0.437)).toBeLessThan(0.006);
    // 100 of 100 000 trials lie beyond p99.9.
    expect(Math.abs(staleness!.tVisibilityNs['p99.9'] / (51.9 * ms) - 1)).toBeLessThan(0.15);
    expect(staleness!.tVisibilityNs.p99).toBeLessThan(staleness!.tVisibilityNs['p99.9']);
    expect(staleness!.assumes).toContain('no read repair');
    const { curve } = staleness!;
    expect(curve[0]).toEqual([0, staleness!.pConsistentAt0]);
    expect(curve.at(-1)).toEqual([staleness!.tVisibilityNs['p99.9'], expect.closeTo(0.999, 9)]);
    expect(curve.length).toBe(25);
    for (const [index, [ns, p]] of curve.slice(1).entries()) {
      expect(ns).toBeGreaterThan(curve[index]![0]);
      expect(p).toBeGreaterThan(curve[index]![1]);
    }
  });

  it('the same over three regions, 75 ms apart', async () => {
    const regions = `region a {} region b {} region c {}
cluster db { nodes x in a  nodes y in b  nodes z in c }
network { latency ${ssd}  latency write-request ${disk}
  ${['a and b', 'a and c', 'b and c'].map(pair => `between ${pair} { latency 75ms + ${ssd}  latency write-request 75ms + ${disk} }`).join('\n  ')} }
store s on db { replication leaderless { read 1 write 1 } }`;
    const { staleness } = await facts(regions);
    // Table 4, WAN: 113.0 ms; 115.4 ms in an independent run.
    expect(Math.abs(staleness!.tVisibilityNs['p99.9'] / (115.4 * ms) - 1)).toBeLessThan(0.1);
  });

  it('takes each leg from the messages that it stands for', async () => {
    const design = await designOf(`cluster db { nodes 2  disk { fsync 2ms } }
network { latency 100ms  latency write-request 7ms  latency write-acknowledge 11ms  latency read-request 3ms  latency read-response 5ms }
store s on db { replication leaderless { read 2 write 2 } }`);
    const { readLatency, writeLatency } = valueIn(predictStaleness(design, storeOf(design), 10));
    expect([readLatency[0], readLatency[9], writeLatency[0], writeLatency[9]]).toEqual([
      8 * ms,
      8 * ms,
      20 * ms,
      20 * ms,
    ]);
  });

  it('strict quorums are never stale', async () => {
    expect((await facts(text(2, 2))).staleness).toMatchObject({
      pConsistentAt0: 1,
      tVisibilityNs: { p99: 0, 'p99.9': 0 },
    });
  });
});
