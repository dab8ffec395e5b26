/**
 * What a client sees of its own session (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994):
 * each guarantee is broken by a design, for its reason, and kept by the same design with one line changed.
 */
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';

const seedsToKeep = isLong ? 1000 : 40;
const seedsToFind = 20;

interface Case {
  readonly guarantee: string;
  readonly store: string;
  /** Lines of the workload. */
  readonly broken: string;
  readonly kept: string;
  readonly because: RegExp;
}

const cluster = `region a
region b
region c
network { latency 1ms  between a and b { latency 30ms }  between a and c { latency 30ms }  between b and c { latency 30ms } }
cluster three { nodes 1 in a  nodes 1 in b  nodes 1 in c }`;
const lagging = 'replication single-leader asynchronous { read from any  failover none }';
const followers = 'consensus raft { read local from any }';

const cached = 'cache 200ms';

const cases: readonly Case[] = [
  {
    guarantee: 'read-your-writes',
    store: lagging,
    broken: 'session any',
    kept: 'session any  session-token on',
    because: /but its own write of \d+ had returned/,
  },
  {
    guarantee: 'monotonic-reads',
    store: lagging,
    broken: 'session any',
    kept: 'session any  session-token on',
    because: /c\d+ read \d+ at .* and then read nothing/,
  },
  {
    guarantee: 'monotonic-reads',
    store: followers,
    broken: 'session any',
    kept: 'session sticky',
    because: /c\d+ read \d+ at .* and then read/,
  },
  {
    guarantee: 'causal',
    store: followers,
    broken: 'session any',
    kept: 'session any  session-token on',
    because: /c\d+ (read|wrote)/,
  },
  // A cache keeps to what its own session has done; what others do it sees late, and of several keys out of order.
  {
    guarantee: 'linearizable',
    store: 'consensus raft',
    broken: cached,
    kept: 'session sticky',
    because: /had returned/,
  },
  {
    guarantee: 'pram',
    store: 'consensus raft',
    broken: cached,
    kept: 'session sticky',
    because: /c\d+ (read|wrote)/,
  },
  {
    guarantee: 'read-your-writes',
    store: lagging,
    broken: 'session any',
    kept: `session sticky  ${cached}`,
    because: /its own/,
  },
  {
    guarantee: 'monotonic-reads',
    store: lagging,
    broken: 'session any',
    kept: `session sticky  ${cached}`,
    because: /then/,
  },
];

const textOf = ({ guarantee, store }: Case, workload: string, expects: string) => `${cluster}
store t on three { ${store} }
workload people on t { clients 6  keys 3  think exponential(15ms)  ${workload} }
scenario calm { run people for 2s  expect ${expects} consistency ${guarantee} }`;

const report = async (text: string, seeds: number) =>
  testScenario(await designOf(text, 'sessions.dsys', { withErrors: true }), 'calm', seeds);

describe.each(cases)('$guarantee over $store', one => {
  it(`is broken with ${one.broken}`, async () => {
    const { properties } = await report(textOf(one, one.broken, 'violation'), seedsToFind);
    const shown = properties.find(({ origin }) => origin === 'expect violation')!;
    expect(shown.verdict, shown.why).toBe('violated');
    expect(shown.why).toMatch(one.because);
  });

  it(`is kept with ${one.kept}`, async () => {
    const { properties } = await report(textOf(one, one.kept, ''), seedsToKeep);
    expect(
      properties.filter(({ verdict }) => verdict !== 'holds').map(({ property, why }) => `${property}: ${why}`),
    ).toEqual([]);
  });
});
