/**
 * What a client sees of its own session (Terry et al., "Session Guarantees for Weakly Consistent Replicated Data", PDIS 1994):
 * each guarantee is broken by a design, for its reason, and kept by the same design with one line changed.
 */
import type { Value } from '@dsys/runtime/checkers/history';
import { keyName } from '@dsys/runtime/clients/transactions';
import { execute } from '@dsys/runtime/run/execute';
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';

const seedsToKeep = isLong ? 1000 : 40;
const seedsToFind = 20;

interface Case {
  readonly guarantee: string;
  readonly store: string;
  /** Lines of the workload. */
  readonly workload: string;
  /** What is changed, for what. */
  readonly cure: readonly [string, string];
  readonly because: RegExp;
  /** What sets hold is compared element by element: a little of it is enough. */
  readonly forTime?: string;
}

const lagging = 'replication single-leader asynchronous { read from any  failover none }';
const followers = 'consensus raft { read local from any }';
const carry = ['session any', 'session any  session-token on'] as const;
const stay = ['session any', 'session sticky'] as const;
const noCache = ['cache 200ms', ''] as const;

const cases: readonly Case[] = [
  {
    guarantee: 'read-your-writes',
    store: lagging,
    workload: 'session any',
    cure: carry,
    because: /but its own write of \d+ had returned/,
  },
  { guarantee: 'monotonic-reads', store: lagging, workload: 'session any', cure: carry, because: /and then read/ },
  { guarantee: 'monotonic-reads', store: followers, workload: 'session any', cure: stay, because: /and then read/ },
  { guarantee: 'causal', store: followers, workload: 'session any', cure: carry, because: /c\d+ (read|wrote)/ },
  {
    guarantee: 'read-your-writes',
    store: 'replication leaderless { read 1  write 1  anti-entropy every 1s }',
    workload: 'session any',
    cure: carry,
    because: /its own/,
  },
  {
    guarantee: 'monotonic-reads',
    store: 'replication leaderless { read 1  write 1  anti-entropy every 1s }',
    workload: 'session any',
    cure: carry,
    because: /and then read/,
  },
  // Who writes here and there has the second write seen without the first, and the answer without what it answers.
  ...(['monotonic-writes', 'writes-follow-reads'] as const).map(guarantee => ({
    guarantee,
    store: 'model set  replication multi-leader asynchronous { conflicts merge g-set }',
    workload: 'operations 50% read, 50% add  session any',
    cure: carry,
    because: /c\d+/,
    forTime: '400ms',
  })),
  // A cache keeps to what its own session has done; what others do it sees late, and of several keys out of order.
  {
    guarantee: 'linearizable',
    store: 'consensus raft',
    workload: 'cache 200ms',
    cure: noCache,
    because: /had returned/,
  },
  { guarantee: 'pram', store: 'consensus raft', workload: 'cache 200ms', cure: noCache, because: /c\d+ (read|wrote)/ },
  {
    guarantee: 'read-your-writes',
    store: lagging,
    workload: 'session any',
    cure: ['session any', 'cache 200ms'],
    because: /its own/,
  },
];

const textOf = ({ guarantee, store, workload, forTime = '2s' }: Case, expects: string) => `region a
region b
region c
network { latency 1ms  between a and b { latency 30ms }  between a and c { latency 30ms }  between b and c { latency 30ms } }
cluster three { nodes 1 in a  nodes 1 in b  nodes 1 in c }
store t on three { ${store} }
workload people on t { clients 6  keys 3  think exponential(15ms)  ${workload} }
scenario calm { run people for ${forTime}  expect ${expects} consistency ${guarantee} }`;

const report = async (text: string, seeds: number) =>
  testScenario(await designOf(text, 'sessions.dsys', { withErrors: true }), 'calm', seeds);

describe.each(cases)('$guarantee over $store', one => {
  it(`is broken with ${one.workload}`, async () => {
    const { properties } = await report(textOf(one, 'violation'), seedsToFind);
    const shown = properties.find(({ origin }) => origin === 'expect violation')!;
    expect(shown.verdict, shown.why).toBe('violated');
    expect(shown.why).toMatch(one.because);
  });

  it(`is kept with ${one.cure[1] || 'none'}`, async () => {
    const text = textOf(one, '');
    expect(text.split(one.cure[0])).toHaveLength(2);
    const { properties } = await report(text.replace(...one.cure), seedsToKeep);
    const missed = properties.filter(({ verdict }) => verdict !== 'holds');
    expect(missed.map(({ property, why }) => `${property}: ${why}`)).toEqual([]);
  });
});

describe('reads by a field', () => {
  /** Reads that one client, alone with its writes, was told something older by. */
  async function staleReads(carries: 'on' | 'off'): Promise<number> {
    const text = `region a
region b
region c
network { latency 1ms  between a and b { latency 30ms }  between a and c { latency 30ms }  between b and c { latency 30ms } }
cluster three { nodes 1 in a  nodes 1 in b  nodes 1 in c }
store t on three { record { city: string distinct 3 }  partition by hash(city) into 2 replicas 3  consensus raft { read local from any } }
workload one on t { clients 1  keys 4  think 5ms  operations 50% read by city, 50% write  session any  session-token ${carries} }
scenario calm { run one for 2s }`;
    const design = await designOf(text, 'scans.dsys', { withErrors: true });
    let [stale, told] = [0, 0];
    for (let seed = 1; seed <= 5; seed++) {
      const latest = new Map<Value, Value>();
      for (const { kind, key, input, output, outcome } of execute(design, design.scenarios[0]!, { seed }).log
        .operations) {
        if (outcome !== 'ok') continue;
        if (kind === 'write') latest.set(keyName('t', key), input);
        else
          for (const [, name, value] of output as readonly (readonly [Value, Value, Value])[]) {
            told++;
            if (value !== (latest.get(name) ?? null)) stale++;
          }
      }
    }
    expect(told).toBeGreaterThan(50);
    return stale;
  }

  it('find no less than their session has written, if it carries what it has seen', async () => {
    expect(await staleReads('off')).toBeGreaterThan(0);
    expect(await staleReads('on')).toBe(0);
  });
});
