/**
 * Claims about distributed data that are often repeated and are inaccurate, each with what dsys says instead: rules on
 * a design, facts of it, verdicts of runs. The tests are named by the claims.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { analyse, type Diagnostic, review } from '@dsys/language-server';
import { obstacles, runScenario } from '@dsys/runtime';
import type { StoreFacts } from '@dsys/runtime/analysis/facts';
import { checkConsistency } from '@dsys/runtime/checkers/consistency';
import { litmus } from '@dsys/runtime/checkers/testing/histories';
import { kv } from '@dsys/runtime/model/kv';
import { factsOfDesign } from '@dsys/runtime/protocols/facts';
import { describe, expect, it } from 'vitest';
import { designOf } from './support/design.ts';

/** Rules that speak of a text; it must be free of other errors. */
async function findings(text: string): Promise<readonly Diagnostic[]> {
  const uri = pathToFileURL(resolve('article.dsys')).href;
  const analysis = await analyse(
    uri,
    asked => (asked === uri ? text : undefined),
    () => 'article.dsys',
  );
  expect(analysis!.diagnostics.filter(one => one.severity === 'error')).toEqual([]);
  return review(analysis!).diagnostics;
}
const rules = async (text: string) => (await findings(text)).map(({ rule }) => rule);
const errors = async (text: string) =>
  (await findings(text)).filter(({ severity }) => severity === 'error').map(({ rule }) => rule);

async function facts(text: string, name = 's'): Promise<StoreFacts> {
  return factsOfDesign(await designOf(text), 0).stores.find(store => store.name === name)!;
}

/** Verdicts of the only scenario, by property. */
async function verdicts(text: string, seed = 1): Promise<Readonly<Record<string, string>>> {
  const design = await designOf(text);
  expect(obstacles(design, design.scenarios[0]!)).toEqual([]);
  const { report } = runScenario(design, design.scenarios[0]!, { tool: 'test', seed, record: false });
  return Object.fromEntries(
    report.properties
      .filter(({ origin }) => origin.startsWith('expect') || origin === 'claim')
      .map(({ property, verdict }) => [property, verdict]),
  );
}

const allowed = (history: string, model: 'linearizable' | 'sequential' | 'causal') =>
  checkConsistency(litmus(history), kv, model).verdict === 'holds';

const three = 'cluster c { nodes 3 }\n';

describe('CAP', () => {
  const far = `region a {} region b {}
network { latency 0.5ms  between a and b { latency 80ms } }
cluster c { nodes 3 in a }
store s on c { replication leaderless { read 1  write 1 }  claims {  cap AP  CLAIM } }
workload w on s { clients 5 in b }`;

  it('"availability is the fastest answer, ignoring accuracy": availability is no speed', async () => {
    // Always answered, and never fast: the labels and the latency are two facts.
    const text = far.replace('CLAIM', '');
    expect(await facts(text)).toMatchObject({ cap: 'AP', pacelc: 'PA/EL', latencyFloorNs: { read: 160e6 } });
    expect(await errors(text)).toEqual([]);
    // A claim about speed is refuted without a word about availability, and the other way round.
    expect(await errors(far.replace('CLAIM', 'read p50 < 20ms'))).toEqual(['latency-floor']);
    expect(await errors(far.replace('CLAIM', 'read availability >= 99.99999999999999%'))).toEqual([
      'availability-claim',
    ]);
  });

  it('"there are only CP and AP": many designs are neither, and labels are per operation', async () => {
    const lagging = `${three}store s on c { replication single-leader asynchronous { failover none  read from any } }`;
    expect(await facts(lagging)).toMatchObject({
      cap: 'neither',
      pacelc: 'PC/EL',
      operations: { read: { cap: 'AP', pacelc: 'PA/EL' }, write: { cap: 'neither', pacelc: 'PC/EL' } },
    });
    expect(await facts(`${three}store s on c { replication leaderless { read 2  write 2 } }`)).toMatchObject({
      cap: 'neither',
      consistency: { ceiling: 'regular' },
    });
    // A label that is claimed is taken, and compared.
    expect(await rules(`${three}store s on c { consensus raft  claims { cap CP } }`)).toEqual([]);
    expect(await rules(`${three}store s on c { consensus raft  claims { cap AP } }`)).toContain(
      'majority-is-not-total',
    );
    expect(await errors(`${three}store s on c { consensus raft  claims { cap CA } }`)).toContain('ca-claim');
  });
});

describe('consistency', () => {
  it('"causal is strong: all nodes see values in the same order": concurrent writes may be seen in two orders', async () => {
    const twoOrders = 'w(x)1 | w(y)1 | r(x)1 r(y)0 | r(y)1 r(x)0';
    expect(allowed(twoOrders, 'causal')).toBe(true);
    expect(allowed(twoOrders, 'sequential')).toBe(false);
    expect(allowed('w(x)1 | r(x)1 w(y)1 | r(y)1 r(x)0', 'causal')).toBe(false);
    // So it can be had by everybody who stays with a replica, cut off or not; what is strong cannot.
    const merged = (claims: string) => `${three}store s on c {
  model set
  replication multi-leader asynchronous { leader c1, c2  conflicts merge or-set }
  claims { ${claims} }
}
workload w on s { session sticky }`;
    expect(await facts(merged('cap AP'))).toMatchObject({
      cap: 'AP',
      availabilityUnderPartition: 'sticky',
      consistency: { ceiling: 'causal' },
    });
    expect(await errors(merged('cap AP  consistency causal'))).not.toContain('cap-unavailable-model');
    expect(await errors(merged('cap AP  consistency sequential'))).toContain('cap-unavailable-model');
  });

  it('"linearizable: everybody sees one order": that is sequential; linearizable keeps real time too', async () => {
    // The old leader answers from the past: one order of all operations explains it, though not that of time.
    const found = await verdicts(`network { latency 1ms }
cluster db { nodes n1, n2, n3 }
store local on db { consensus raft { read local  check-quorum off } }
scenario stale {
  run for 8s
  at 100ms promote n1 on local
  at 1s client c1 write flag = 1 via n1 on local
  at 2s cut n1 from n2, n3
  at 4s client c2 write flag = 2 via n2 on local
  at 5s client c1 read flag via n1 on local
  at 6s heal
  expect consistency sequential
  expect violation consistency linearizable
}`);
    expect(found).toMatchObject({ 'consistency sequential': 'holds', 'consistency linearizable': 'violated' });
    // Nor is program order optional.
    expect(allowed('w(x)1 w(x)2 | r(x)2 r(x)1', 'sequential')).toBe(false);
  });

  it('"unless a client writes and reads through the same cache": as long as it does, it reads its writes', async () => {
    const text = (session: string) => `${three}store s on c {
  replication leaderless { read 1  write 1 }
  claims { consistency read-your-writes }
}
workload w on s { ${session} }`;
    expect(await errors(text('session any'))).toContain('session-needs-stickiness');
    expect(await errors(text('session sticky'))).not.toContain('session-needs-stickiness');
    expect(await errors(text('session any  session-token on'))).not.toContain('session-needs-stickiness');
  });

  it('"eventual: if no update takes a very long time": if no new updates are made, and messages arrive', async () => {
    const text = (action: string) => `cluster c { nodes e1, e2, e3 }
store s on c { replication single-leader asynchronous { leader e1  failover none } }
workload w on s { clients 4 }
scenario quiet {
  run w for 4s
  settle 5s
  at 2s ${action}
  expect consistency eventual
}`;
    // Replicas differ while updates go on, and nobody minds; a replica that hears of nothing does not converge.
    expect(await verdicts(text('cut e3 from e1, e2 for 1s'))).toEqual({ 'consistency eventual': 'holds' });
    const alone = await verdicts(text('lose log-ship to e3'));
    expect(alone).toEqual({ 'consistency eventual': 'violated' });
  });
});

describe('replication', () => {
  it('"a node is down, so the system is read-only": only if all must acknowledge and none is dropped', async () => {
    const text = (mode: string) => `cluster c { nodes e1, e2, e3 reliability { mtbf 99h mttr 1h } }
store s on c { replication single-leader ${mode} }
workload w on s { clients 4  operations 100% write }
scenario down {
  run w for 12s
  at 3s crash e3
  expect recovery < 6s
}`;
    const blocking = 'synchronous { leader e1  on-replica-down block }';
    const dropping = 'synchronous { leader e1  on-replica-down drop }';
    expect(await verdicts(text(blocking))).toEqual({ 'recovery < 6s': 'violated' });
    expect(await verdicts(text(dropping))).toEqual({ 'recovery < 6s': 'holds' });
    expect(await verdicts(text('semi-synchronous 1 { leader e1 }'))).toEqual({ 'recovery < 6s': 'holds' });
    expect((await facts(text(blocking))).availabilityWithoutFailovers.write).toBeCloseTo(0.970299, 9);
    expect((await facts(text(dropping))).availabilityWithoutFailovers.write).toBeGreaterThan(0.999);
  });

  it('"an error code guarantees consistency": an error is an unknown outcome, the value may be there', async () => {
    const text = (option: string) => `network { latency 1ms }
cluster c { nodes e1, e2, e3 }
store s on c { replication single-leader synchronous { leader e1  ${option}  failover automatic { detect 500ms } } }
scenario told {
  run for 10s
  at 3s crash e3
  at 3050ms client c1 write seat = 7 via e1
  at 4s crash e1
  at 4200ms restart e3
  at 7s client c2 read seat via e2
  expect violation invariant ErrorMeansNoEffect
  expect consistency linearizable
}`;
    expect(await rules(text('on-failure error'))).toContain('sync-error-is-ambiguous');
    expect(await rules(text('on-failure unknown'))).not.toContain('sync-error-is-ambiguous');
    // Who was told "error" finds the value after all; that is no wrong answer, since an unknown write may stand.
    expect(await verdicts(text('on-failure error'))).toEqual({
      'invariant ErrorMeansNoEffect': 'violated',
      'consistency linearizable': 'holds',
    });
    expect(await verdicts(text('on-failure unknown'))).toEqual({
      'invariant ErrorMeansNoEffect': 'holds',
      'consistency linearizable': 'holds',
    });
    // Waiting for everybody is not yet linearizable: who reads elsewhere than at the leader reads what has arrived.
    expect((await facts(text('read from any'))).consistency.ceiling).not.toBe('linearizable');
  });

  it('"several masters address many writes": each applies all of them', async () => {
    const text = (store: string) => `cluster c { nodes 4  capacity write 8000/s }
store s on c { record { id: string }  ${store} }
workload w on s { rate 15000/s  operations 100% write }`;
    const leaders = 'replication multi-leader asynchronous { conflicts last-write-wins by hybrid }';
    const [found] = (await findings(text(leaders))).filter(({ rule }) => rule === 'multileader-write-scaling');
    expect(found!.message).toContain('over 4 leaders, but c1 applies all of them and can apply 8000/s');
    expect(await rules(text(`partition by hash(id) into 16 replicas 2  ${leaders}`))).not.toContain(
      'multileader-write-scaling',
    );
    // What several leaders buy is that whoever is cut off with one is served.
    expect(await facts(text(leaders))).toMatchObject({ cap: 'AP', availabilityUnderPartition: 'total' });
  });

  it('"an optimistic lock compares with the version of the other master": only if somebody is asked', async () => {
    const text = (check: string) => `${three}store s on c {
  replication multi-leader asynchronous { leader c1, c2  conflicts optimistic-lock version-check ${check} }
}`;
    const [found] = (await findings(text('local'))).filter(({ rule }) => rule === 'version-check-not-synchronous');
    expect(found).toMatchObject({ severity: 'error' });
    expect(found!.message).toContain('both accept version 8');
    for (const check of ['home', 'quorum'])
      expect(await rules(text(check))).not.toContain('version-check-not-synchronous');
  });

  it('"semi-synchronous with one replica is synchronous": not if it may fall back', async () => {
    const text = (options: string, claims = '') => `cluster c { nodes 2 }
store s on c { replication single-leader ${options}  ${claims} }`;
    const kept = { consistency: { ceiling: 'linearizable' } };
    expect(await facts(text('semi-synchronous 1'))).toMatchObject(kept);
    expect(await facts(text('synchronous'))).toMatchObject(kept);
    const falling = await facts(text('semi-synchronous 1 { fallback asynchronous after 10s }'));
    expect(falling.consistency.ceiling).toBe('eventual');
    expect(falling.consistency.why).toContain('asynchronous');
    // Nor if the replica has only received what it acknowledges, when reads may come from it.
    const read = (acknowledge: string) =>
      errors(text(`semi-synchronous 1 { ${acknowledge}  read from any }`, 'claims { consistency regular }'));
    expect(await read('acknowledge received')).toContain('follower-read-stale');
    expect(await read('acknowledge applied')).not.toContain('follower-read-stale');
    // And one of one is how many of how many: the number says so.
    const all = (await findings(text('semi-synchronous 1'))).find(({ rule }) => rule === 'semisync-k-range');
    expect(all).toMatchObject({ severity: 'information' });
  });

  it('conflict resolution without a list: the policies, and what each gives up', async () => {
    const store = (policy: string) => `${three}store s on c {
  replication multi-leader asynchronous { leader c1, c2  conflicts ${policy} }
}`;
    const ceilings: Record<string, string> = {};
    for (const policy of [
      'last-write-wins by hybrid',
      'siblings by vector per server',
      'merge or-set',
      'pessimistic-lock lease 5s',
      'optimistic-lock version-check quorum',
    ])
      ceilings[policy.split(' ')[0]!] = (await facts(store(policy))).consistency.ceiling;
    expect(ceilings).toEqual({
      'last-write-wins': 'eventual',
      // What a client reads of several siblings is the latest; it is told all.
      siblings: 'causal-convergence',
      merge: 'causal',
      'pessimistic-lock': 'eventual',
      'optimistic-lock': 'eventual',
    });
  });
});

describe('commit and consensus', () => {
  const stores = `${three}store a on c { consensus raft }  store b on c { consensus raft }\n`;
  const commit = (protocol: string) => `${stores}transaction t { update a, b  commit ${protocol} }`;

  it('"two-phase commit is not partition tolerant": it is safe, and blocks until the coordinator is back', async () => {
    const found = (await findings(commit('two-phase-commit'))).filter(({ rule }) => /^[23]pc/.test(rule));
    expect(found.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual(['warning 2pc-blocking']);
    expect(found[0]!.message).toContain('hold locks until it returns');
    const copies = `${three}store s on c { consensus two-phase-commit }`;
    // Nothing is answered wrongly: what cannot be decided is refused.
    expect(await facts(copies)).toMatchObject({ cap: 'CP', consistency: { ceiling: 'linearizable' } });
    // Leaving the block by oneself is what breaks atomicity.
    expect(await errors(commit('two-phase-commit { on-timeout abort }'))).toContain('2pc-heuristic-decision');
    // Nobody is forced to block on one node: the coordinator can be a group.
    expect(await rules(commit('two-phase-commit { coordinator raft on c }'))).not.toContain('2pc-blocking');
  });

  it('"a pre-committed participant discards on timeout": it commits, or one late message splits the outcome', async () => {
    const calm = 'faults { cut up to 0s  delay up to 10ms }\n';
    expect(await errors(calm + commit('three-phase-commit { on-timeout discard }'))).toContain('3pc-precommit-timeout');
    expect(await errors(calm + commit('three-phase-commit { on-timeout skeen }'))).toEqual([]);
  });

  it('"three-phase commit solves blocking": only without partitions and late messages', async () => {
    expect(await errors(commit('three-phase-commit'))).toContain('3pc-needs-synchrony');
    expect(await errors(`faults { cut up to 0s  delay up to 10ms }\n${commit('three-phase-commit')}`)).toEqual([]);
  });

  it('"Paxos is the successor of two-phase commit": one needs a majority, the other everybody', async () => {
    const of = (mechanism: string) => facts(`${three}store s on c { consensus ${mechanism} }`);
    expect(await of('paxos')).toMatchObject({ tolerates: { nodes: 1 }, quorums: { write: { size: 2, of: 3 } } });
    expect(await of('two-phase-commit')).toMatchObject({
      tolerates: { nodes: 0 },
      quorums: { write: { size: 3, of: 3 } },
    });
    // What consensus is good for in a commit is the coordinator, and that is what is offered.
    const [blocking] = (await findings(commit('two-phase-commit'))).filter(({ rule }) => rule === '2pc-blocking');
    expect(blocking!.fixes!.flatMap(fix => fix.edits.map(edit => edit.newText)).join()).toContain('coordinator raft');
  });

  it('"numbers tell acceptors which value comes first": they order attempts, and the older value is taken over', async () => {
    const of = (adopt: string) => facts(`${three}store s on c { consensus paxos { adopt ${adopt} } }`);
    expect((await of('highest')).consistency.ceiling).toBe('linearizable');
    const first = await of('first');
    expect(first.consistency.ceiling).toBe('eventual');
    expect(first.consistency.why).toContain('another value than the one with the highest ballot');
  });
});

describe('order', () => {
  it('"Lamport clocks and vector clocks are two ways to tell what happened before": only vectors can', async () => {
    const text = (clock: string) =>
      `${three}store s on c { replication leaderless { resolve siblings by ${clock} per server } }`;
    expect(await errors(text('lamport'))).toContain('lamport-conflict');
    expect(await errors(text('vector'))).toEqual([]);
  });
});

describe('sharding', () => {
  it('"data of a node should not avoid relations": it should; what belongs together stands together', async () => {
    const text = (orders: string, commit = '') => `${three}store users on c {
  record { id: string }  partition by hash(id) into 4 replicas 3  consensus raft
}
store orders on c { record { id: string  user: string -> users.id${orders} }  consensus raft }
transaction place { update users, orders  ${commit} claims { no fractured-reads } }`;
    expect(await errors(text(''))).toContain('cross-shard-atomicity');
    expect(await rules(text(''))).toContain('functional-crossref');
    const kept = await rules(text(' on-delete refuse', 'commit two-phase-commit { coordinator raft on c }'));
    expect(kept).not.toContain('cross-shard-atomicity');
    expect(kept).not.toContain('functional-crossref');
  });

  it('"sharding loses some data": rows are left without what they belong to, and records in pieces', async () => {
    const references = `${three}store users on c { record { id: string }  consensus raft }
store orders on c { record { user: string -> users.id }  consensus raft }`;
    const [orphans] = (await findings(references)).filter(({ rule }) => rule === 'functional-crossref');
    expect(orphans!.message).toContain('deleting there leaves orphans');
    const columns = `${three}store s on c {
  record { name: string  dob: date }  partition by columns { public: name  private: dob }  consensus raft
}
workload w on s { operations 50% read, 50% write }`;
    const [joined] = (await findings(columns)).filter(({ rule }) => rule === 'vertical-join');
    expect(joined!.message).toContain('2 requests');
    // Nothing is lost as such: each shard keeps what it has acknowledged, as it would alone.
    expect(await errors(references)).toEqual([]);
    expect(await facts(columns)).toMatchObject({ consistency: { ceiling: 'linearizable' }, tolerates: { nodes: 1 } });
  });
});
