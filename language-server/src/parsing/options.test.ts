import type { Store, Transaction, Workload } from '@dsys/grammar';
import { expect, test } from 'vitest';
import { analyse } from '../testing/check.ts';
import { show } from '../testing/show.ts';

/** Each option as it is written, and what is understood: `name(values){block}`. */
const mechanisms: readonly (readonly [string, string])[] = [
  // single-leader
  ['on-replica-down block', 'on-replica-down(block)'],
  ['fallback none', 'fallback(none)'],
  ['fallback asynchronous after 10s', 'fallback(asynchronous, after 10s)'],
  ['acknowledge applied', 'acknowledge(applied)'],
  ['on-failure unknown', 'on-failure(unknown)'],
  ['log retention 24h', 'log(retention, 24h)'],
  ['log global-ids', 'log(global-ids)'],
  ['rejoin rewind', 'rejoin(rewind)'],
  ['leader e1', 'leader(e1)'],
  ['leader e1, eu.e2', 'leader(e1, eu.e2)'],
  ['read from leader', 'read(from leader)'],
  ['read from leader checked', 'read(from leader, checked)'],
  ['read from leader lease 5s', 'read(from leader, lease, 5s)'],
  ['read from leader local', 'read(from leader, local)'],
  ['read from nearest', 'read(from nearest)'],
  ['failover none', 'failover(none)'],
  ['failover automatic { detect 3s promote any }', 'failover(automatic){detect(3s) promote(any)}'],
  ['detect phi 8', 'detect(phi, 8)'],
  ['consult majority', 'consult(majority)'],
  ['fencing off', 'fencing(off)'],
  ['manager peers', 'manager(peers)'],
  // leaderless
  ['read 2', 'read(2)'],
  ['read majority', 'read(majority)'],
  ['write all', 'write(all)'],
  ['read local one', 'read(ScopedQuorum(scope=local quorum=one))'],
  ['read-write-back on', 'read-write-back(on)'],
  ['sloppy', 'sloppy()'],
  ['sloppy off', 'sloppy(off)'],
  ['hinted-handoff off', 'hinted-handoff(off)'],
  ['hinted-handoff on for 3h', 'hinted-handoff(on, for 3h)'],
  ['anti-entropy every 10s', 'anti-entropy(every 10s)'],
  ['resolve last-write-wins by hybrid', 'resolve(last-write-wins, by hybrid)'],
  ['resolve siblings by dotted-vector per client', 'resolve(siblings, by dotted-vector, per client)'],
  ['tombstones keep 10d', 'tombstones(keep, 10d)'],
  ['cas paxos', 'cas(paxos)'],
  // multi-leader
  ['conflicts none', 'conflicts(none)'],
  ['conflicts last-write-wins by physical', 'conflicts(last-write-wins, by physical)'],
  ['conflicts siblings by vector per server', 'conflicts(siblings, by vector, per server)'],
  ['conflicts merge or-set', 'conflicts(merge, or-set)'],
  ['conflicts avoid by c { "DE", 2, rest -> e1 }', 'conflicts(avoid, by c){"DE", 2, rest -> e1}'],
  ['on-move drain', 'on-move(drain)'],
  ['version-check quorum', 'version-check(quorum)'],
  ['granted-by all', 'granted-by(all)'],
  // raft
  ['read index', 'read(index)'],
  ['read lease 120ms', 'read(lease, 120ms)'],
  ['read local', 'read(local)'],
  ['read local from any', 'read(local, from any)'],
  ['election-timeout 150ms..300ms', 'election-timeout(150ms..300ms)'],
  ['snapshot every 1000 entries', 'snapshot(every 1000, entries)'],
  ['new-voters at-once', 'new-voters(at-once)'],
  ['quorum grid(2, 3) column', 'quorum(Grid(rows=2 columns=3 shape=column))'],
  // paxos
  ['retry fixed 50ms', 'retry(fixed, 50ms)'],
  ['lease 2s', 'lease(2s)'],
  ['main e1, e2', 'main(e1, e2)'],
  ['prepare any 2 of (e1, all of (e2, e3))', 'prepare(AnyOf(count=2 members=[e1, AllOf(members=[e2, e3])]))'],
  [
    'accept weight 2 of (e1 = 1, e2 = 1)',
    'accept(Weighted(threshold=2 members=[WeightedMember(member=e1 weight=1), WeightedMember(member=e2 weight=1)]))',
  ],
  ['fast each majority', 'fast(ScopedQuorum(scope=each quorum=majority))'],
  // commit
  ['coordinator e1', 'coordinator(e1)'],
  ['coordinator raft on eu', 'coordinator(raft, on eu)'],
  ['presume nothing', 'presume(nothing)'],
  // chain
  ['master none', 'master(none)'],
  ['read from tail', 'read(from tail)'],
  // partitioning
  ['handoff within region', 'handoff(within region)'],
  ['placement copysets', 'placement(copysets)'],
  // unknown
  ['colour blue', 'colour(blue)'],
  ['colour 5 { shade dark }', 'colour(5){shade(dark)}'],
  ['colour "blue", 3', 'colour("blue", 3)'],
  ['size 64KB', 'size(64KB)'],
  ['crash on', 'crash(on)'],
];

const workloads: readonly (readonly [string, string])[] = [
  ['clients 20', 'clients(20)'],
  ['clients 20 in eu', 'clients(20, in eu)'],
  ['clients 20 in eu, eu.e1', 'clients(20, in eu, eu.e1)'],
  ['rate 500/s', 'rate(500/s)'],
  ['think exponential(5ms)', 'think(exponential(5ms))'],
  ['think 1ms + uniform(0ms, 1ms)', 'think(1ms + uniform(0ms, 1ms))'],
  ['think mix(90% 1ms, 10% pareto(1ms, 2) + 1ms)', 'think(mix(90% of 1ms, 10% of pareto(1ms, 2) + 1ms))'],
  ['keys 1000', 'keys(1000)'],
  ['keys 1000 uniform', 'keys(1000, uniform)'],
  ['keys 1000 zipf 1.1', 'keys(1000, zipf, 1.1)'],
  ['session sticky', 'session(sticky)'],
  ['session-token on', 'session-token(on)'],
  ['retries 3', 'retries(3)'],
  ['retries 3 idempotent', 'retries(3, idempotent)'],
  ['cache 5s', 'cache(5s)'],
  ['read from any', 'read(from any)'],
  ['write majority', 'write(majority)'],
];

const end = ['quux on', 'quux(on)'] as const;

async function optionsIn(text: string) {
  const { workspace, diagnostics } = await analyse(text);
  const syntax = diagnostics.filter(each => each.rule === 'syntax');
  expect(syntax).toEqual([]);
  return workspace.entry.document.parseResult.value.declarations;
}

/** Whatever follows an option must not become part of it, so each stands before every other one. */
test.each(mechanisms)('%s', async (text, shown) => {
  for (const [next, nextShown] of [...mechanisms, end]) {
    // The one pair that reads as one option; no mechanism has both.
    if (text === 'read from leader' && next === 'lease 2s') continue;
    const [store] = await optionsIn(`store x on eu { replication leaderless { ${text} ${next} } }`);
    const { options } = (store as Store).replications[0].block!;
    expect(options.map(show)).toEqual([shown, nextShown]);
  }
});

test.each(workloads)('workload: %s', async (text, shown) => {
  for (const [next, nextShown] of [...workloads, end]) {
    const [workload] = await optionsIn(`workload x on y { ${text} ${next} }`);
    expect((workload as Workload).options.map(show)).toEqual([shown, nextShown]);
  }
});

test('options of transactions', async () => {
  const text =
    'transaction t { isolation strict-serializable concurrency versions deadlock wait commit-wait off read all a update 2 b read c, d }';
  const [transaction] = await optionsIn(text);
  const { options, accesses } = transaction as Transaction;
  expect(options.map(show)).toEqual([
    'isolation(strict-serializable)',
    'concurrency(versions)',
    'deadlock(wait)',
    'commit-wait(off)',
  ]);
  expect(accesses.map(show)).toEqual([
    'Access(kind=read all=true stores=[a])',
    'Access(kind=update count=2 stores=[b])',
    'Access(kind=read stores=[c, d])',
  ]);
});
