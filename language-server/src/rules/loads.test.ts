import { expect, it } from 'vitest';
import { designOf } from '../testing/design.ts';
import { lagOf, mostOf } from './lag.ts';
import { operationsOf, writesInWords, writesOn } from './loads.ts';

const ms = 1e6;
const writes = async (text: string, name = 's') => {
  const design = await designOf(`cluster c { nodes 3 }\n${text}`);
  return writesOn(design, design.stores.find(store => store.name === name)!);
};

it('an open loop writes at its rate times the share of writes, and several workloads add up', async () => {
  const load = await writes(`store s on c { consensus raft }
workload w on s { rate 1000/s  operations 20% read, 50% write, 30% delete }
workload v on s { rate 60/min  operations 100% cas }
workload r on s { rate 9000/s  operations 90% read, 10% scan }`);
  expect(load).toEqual({ perSecond: 801, isDefault: false, isMost: false });
  expect(writesInWords(load)).toBe('801 writes/s');
});

it('a closed loop writes no more than its clients think, and what nobody said is the default', async () => {
  const said = await writes('store s on c { consensus raft }\nworkload w on s { clients 4  think 2ms }');
  expect(said).toEqual({ perSecond: 1000, isDefault: false, isMost: true });
  const unsaid = await writes('store s on c { consensus raft }');
  expect(writesInWords(unsaid)).toBe('up to 500 writes/s (by default)');
  const hurried = await writes('store s on c { consensus raft }\nworkload w on s { think 0ms }');
  expect(hurried.perSecond).toBe(Number.POSITIVE_INFINITY);
});

it('targets that can do it share an operation; a transaction writes its keys in each store', async () => {
  const text = `store s on c { consensus raft }
store n on c { model counter  consensus raft }
store t on c { consensus raft }
transaction move { update 2 s, t  commit two-phase-commit }
workload w on s, n, t, move { rate 100/s  operations 40% write, 20% increment, 10% write on t, 30% transaction }`;
  // 40 shared by s and t, 30 transactions of 2 keys.
  expect((await writes(text)).perSecond).toBeCloseTo(20 + 60, 9);
  expect((await writes(text, 't')).perSecond).toBeCloseTo(20 + 10 + 60, 9);
  expect((await writes(text, 'n')).perSecond).toBeCloseTo(20, 9);
});

it('operations of a workload per second', async () => {
  const { workloads } = await designOf(`cluster c { nodes 1 }
store s on c { }
workload w on s { clients 20  think exponential(5ms) }`);
  expect(operationsOf(workloads[0]!)).toBe(4000);
});

it('a write takes its way and the disk; 99 of 100 are bounded by the parts', async () => {
  const design = await designOf(`network { latency 9ms  latency write-request uniform(10ms, 20ms) }
cluster c { nodes 2  disk { fsync 2ms } }
store s on c { consensus raft }`);
  const { meanNs, p99Ns, isDefault } = lagOf(design, 0, 1);
  expect(meanNs).toBeCloseTo(17 * ms, 3);
  expect(p99Ns).toBeCloseTo(21.9 * ms, 3);
  expect(isDefault).toBe(false);
});

it('a bound of a quantile: exact for one part, the union bound for several, the worst part of a mix', () => {
  const uniform = { kind: 'uniform', from: 0, to: 100 } as const;
  expect(mostOf(uniform, 0.9)).toBe(90);
  expect(mostOf({ kind: 'sum', parts: [uniform, uniform] }, 0.9)).toBeCloseTo(190, 9);
  const parts = [
    { weight: 9, of: uniform },
    { weight: 1, of: { kind: 'constant', ns: 500 } },
    { weight: 0, of: { kind: 'constant', ns: 900 } },
  ] as const;
  expect(mostOf({ kind: 'mix', parts }, 0.9)).toBe(500);
});
