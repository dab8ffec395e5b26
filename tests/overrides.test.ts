/** Workloads that want to be served otherwise than their store has chosen: `read one`, `write all`, `read from any`. */
import { type Design, obstacles, runScenario } from '@dsys/runtime';
import { checkLinearizable } from '@dsys/runtime/checkers/linearizable';
import { historyOf } from '@dsys/runtime/clients/log';
import { modelNamed } from '@dsys/runtime/model/model';
import type { AnyProtocol, ClientRequest } from '@dsys/runtime/protocols/contract';
import { promisesOf } from '@dsys/runtime/protocols/descriptors';
import { leaderlessProtocol } from '@dsys/runtime/protocols/leaderless/leaderless';
import { raft } from '@dsys/runtime/protocols/raft/raft';
import { singleLeader } from '@dsys/runtime/protocols/single-leader/single-leader';
import { type Executed, execute } from '@dsys/runtime/run/execute';
import { describe, expect, it } from 'vitest';
import { designOf, isLong, testScenario } from './support/design.ts';

const abd = 'replication leaderless { read 2  write 2  read-write-back on }';

/** A store with a workload that goes by it, and one that asks otherwise. */
const text = (store: string, quick: string, more = '') => `
network { latency lognormal(3ms, 0.8) }
cluster c { nodes 3 }
store s on c { ${store} }
${store.includes('master m') ? 'store m on c { consensus raft }' : ''}
workload own on s { clients 4  think exponential(10ms)  keys 2  timeout 500ms }
workload quick on s { clients 4  think exponential(10ms)  keys 2  timeout 500ms  ${quick} }
scenario usual { run own for 2s  settle 3s }
scenario alone { run quick for 2s  settle 3s }
scenario both { run own for 2s  run quick for 2s  settle 3s  ${more} }`;

const written = (store: string, quick: string, more?: string): Promise<Design> =>
  designOf(text(store, quick, more), 'test.dsys', { withErrors: true });

const executed = (design: Design, name: string, seed: number, protocol?: AnyProtocol): Executed =>
  execute(design, design.scenarios.find(one => one.name === name)!, {
    seed,
    ...(protocol && { protocolOf: () => protocol }),
  });

/** 'holds', or why not; of the operations of those clients alone whose workload is named, and of all writes. */
function linearizability(run: Executed, reader?: 'own' | 'quick'): string {
  const { history } = historyOf(run.log, 's', run.originNs);
  // Clients of the first workload come first.
  const isOf = (process: number) => (Number(run.log.processes[process]!.slice(1)) <= 4 ? 'own' : 'quick');
  const operations = history.operations
    .filter(one => one.kind !== 'read' || reader === undefined || isOf(one.process) === reader)
    .map((one, id) => ({ ...one, id }));
  const { verdict, why } = checkLinearizable({ ...history, operations }, modelNamed(run.stores[0]!.model)!);
  return verdict === 'holds' ? verdict : why;
}

const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('reads of one workload from fewer replicas', () => {
  it.each([
    [abd, 'read one'],
    ['replication single-leader semi-synchronous 1', 'read from any'],
    ['replication single-leader semi-synchronous 1', 'read from followers'],
    ['replication single-leader semi-synchronous 1', 'read from nearest'],
    ['consensus raft', 'read local from any'],
    ['replication chain { master m }', 'read from any'],
  ])('of %s, %s: stale, and the others are not', async (store, quick) => {
    const design = await written(store, quick);
    const why = seeds(20).map(seed => linearizability(executed(design, 'both', seed)));
    expect(why.find(one => one !== 'holds')).toMatch(/read/);
    for (const seed of seeds(20)) expect(linearizability(executed(design, 'both', seed), 'own')).toBe('holds');
    for (const seed of seeds(isLong ? 1000 : 100))
      expect(linearizability(executed(design, 'usual', seed))).toBe('holds');
  });

  it.each([
    'replication single-leader semi-synchronous 1 { failover automatic { detect 200ms } }',
    'consensus raft { check-quorum off }',
  ])('of %s, read local: a leader that was replaced is stale, and the others are not', async store => {
    const cut = 'at 500ms cut minority of s from majority of s for 1s';
    const design = await written(store, 'read local', cut);
    const runs = seeds(20).map(seed => executed(design, 'both', seed));
    expect(runs.some(run => linearizability(run) !== 'holds')).toBe(true);
    expect(runs.filter(run => linearizability(run, 'own') !== 'holds')).toEqual([]);
    expect(seeds(20).filter(seed => linearizability(executed(design, 'alone', seed)) !== 'holds')).toEqual([]);
    expect(promisesOf(design, design.stores[0]!).consistency).toBe('eventual');
  });

  it('is what the run is judged by', async () => {
    const design = await written(abd, 'read one');
    const [store] = design.stores;
    const of = (name: string) => {
      const scenario = design.scenarios.find(one => one.name === name)!;
      return promisesOf(design, store!, undefined, scenario).consistency;
    };
    expect([of('usual'), of('alone'), of('both')]).toEqual(['linearizable', 'eventual', 'eventual']);
    expect(promisesOf(design, store!).why).toMatch(/need not share a replica.*\(read one of workload quick\)/);
    for (const name of ['usual', 'both']) {
      const report = testScenario(design, name, 20);
      expect(report.properties.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
      const checked = report.properties.map(({ property }) => property);
      expect(checked.includes('invariant Regular')).toBe(name === 'usual');
    }
  });
});

describe('reads of one workload in a safer way than the store’s', () => {
  it.each([
    ['replication leaderless { read one  write 2  read-write-back on }', 'read 2'],
    ['replication single-leader semi-synchronous 1 { read from any }', 'read from leader'],
    ['consensus raft { read local from any }', 'read from leader'],
  ])('of %s, %s: the latest, and the others are stale', async (store, quick) => {
    const design = await written(store, quick);
    const [safe] = [promisesOf(design, design.stores[0]!, undefined, design.scenarios[1])];
    expect(safe.consistency).toBe('linearizable');
    for (const seed of seeds(isLong ? 1000 : 40))
      expect(linearizability(executed(design, 'alone', seed))).toBe('holds');
    for (const seed of seeds(20)) expect(linearizability(executed(design, 'both', seed), 'quick')).toBe('holds');
    expect(seeds(20).some(seed => linearizability(executed(design, 'both', seed), 'own') !== 'holds')).toBe(true);
  });
});

/** Share of a workload's operations that succeeded. */
function okShare(run: Executed, of: 'own' | 'quick', kind: 'read' | 'write'): number {
  const isOf = (process: number) => Number(run.log.processes[process]!.slice(1)) <= 4 === (of === 'own');
  const all = run.log.operations.filter(one => one.kind === kind && isOf(one.process));
  expect(all.length).toBeGreaterThan(5);
  return all.filter(({ outcome }) => outcome === 'ok').length / all.length;
}

describe('writes of one workload to more or fewer replicas', () => {
  it('write one and read all meet while all are up', async () => {
    const design = await written('replication leaderless', 'read all  write one');
    expect(promisesOf(design, design.stores[0]!, undefined, design.scenarios[1]).consistency).toBe('regular');
    const report = testScenario(design, 'alone', isLong ? 1000 : 40);
    expect(report.properties.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(report.properties.map(({ property }) => property)).toContain('invariant Regular');
  });

  it('what reads write back is no write that others have to meet, but in the order of reads', async () => {
    const design = await written(abd, 'read one  operations 100% read');
    const [store] = design.stores;
    const workloads = design.workloads.map(one =>
      one.name === 'own' ? { ...one, write: { quorum: { kind: 'all' } as const } } : one,
    );
    const changed = { ...design, workloads };
    expect(promisesOf(changed, store!)).toMatchObject({
      consistency: 'regular',
      why: 'a read need not meet what another has written back (read one of workload quick)',
    });
    const report = testScenario(changed, 'both', isLong ? 1000 : 40);
    expect(report.properties.filter(({ verdict }) => verdict !== 'holds')).toEqual([]);
    expect(report.properties.map(({ property }) => property)).toContain('invariant Regular');
    const why = seeds(40).map(seed => linearizability(executed(changed, 'both', seed)));
    expect(why.some(one => one !== 'holds')).toBe(true);
  });

  it('write all stops with the first that is down, and only that', async () => {
    const design = await written('replication leaderless', 'write all', 'at 0s crash c3');
    const run = executed(design, 'both', 1);
    expect(okShare(run, 'own', 'write')).toBeGreaterThan(0.5);
    expect(okShare(run, 'quick', 'write')).toBe(0);
    expect(okShare(run, 'quick', 'read')).toBeGreaterThan(0.5);
  });

  it('with read-write-back a read writes by the level of its workload', async () => {
    const design = await written(abd, 'write all', 'at 0s crash c3');
    const run = executed(design, 'both', 1);
    expect(okShare(run, 'own', 'read')).toBeGreaterThan(0.5);
    expect(okShare(run, 'quick', 'read')).toBeLessThan(0.3);
  });

  it.each([
    ['local one', true],
    ['local majority', true],
    ['weight 2 of (a1 = 2, b1 = 1)', false],
    ['each majority', false],
    ['any 2 of (a1, b1, d1)', false],
    ['grid(1, 3) row', false],
  ])('read and write %s are gathered, by whoever is asked alone: %s', async (level, isLocal) => {
    const design = await designOf(
      `region a
region b
region d
network { latency 20ms }
cluster c { nodes a1 in a  nodes b1 in b  nodes d1 in d }
store s on c { replication leaderless }
workload w on s { clients 3 in a  keys 3  read ${level}  write ${level} }
scenario t { run w for 1s  settle 1s }`,
      'test.dsys',
      { withErrors: true },
    );
    expect(obstacles(design, design.scenarios[0]!)).toEqual([]);
    const { report } = runScenario(design, design.scenarios[0]!, {
      tool: 'test',
      seed: 1,
      record: false,
      extraRuns: false,
    });
    expect(report.properties.filter(({ verdict }) => verdict === 'violated')).toEqual([]);
    const run = executed(design, 't', 1);
    expect(run.log.operations.every(({ outcome }) => outcome === 'ok')).toBe(true);
    // There and back takes 40ms, and once more as long if others are asked.
    expect(run.log.operations.every(one => one.ended - one.invoke < 60_000_000)).toBe(isLocal);
  });
});

/** A protocol whose coordinators see other requests than they were sent. */
const changed = (of: AnyProtocol, change: (request: ClientRequest) => ClientRequest): AnyProtocol => ({
  ...of,
  request: (state, request, io) => of.request(state, change(request), io),
});

const without = ({ overrides: _, ...request }: ClientRequest): ClientRequest => request;

describe('whoever does not keep to it', () => {
  it('and acknowledges a write to all by two is accused', async () => {
    const design = await written('replication leaderless { read one }', 'write all');
    const run = executed(design, 'alone', 1, changed(leaderlessProtocol, without));
    expect(run.sim.broken.map(({ invariant }) => invariant)).toContain('AckW');
    expect(executed(design, 'alone', 1).sim.broken).toEqual([]);
  });

  it('and reads one instead of all is accused', async () => {
    const design = await written('replication leaderless { read one }', 'read all  write one');
    const careless = changed(leaderlessProtocol, request =>
      request.command.kind === 'read' ? without(request) : request,
    );
    const broken = (protocol?: AnyProtocol) =>
      seeds(20).flatMap(seed => executed(design, 'alone', seed, protocol).sim.broken.map(({ invariant }) => invariant));
    expect(broken(careless)).toContain('Regular');
    expect(broken()).toEqual([]);
  });

  it('and answers whatever it is asked as its store would is found by the history', async () => {
    const design = await written('consensus raft { read local from any }', 'read from leader');
    const careless = changed(raft, without);
    const why = seeds(20).map(seed => linearizability(executed(design, 'alone', seed, careless)));
    expect(why.find(one => one !== 'holds')).toMatch(/read/);
  });
});

describe('requests that are handed on', () => {
  it('keep how they want to be served', async () => {
    const design = await written('replication single-leader semi-synchronous 1', 'read from followers');
    const asked: { node: number; request: ClientRequest }[] = [];
    const watched: AnyProtocol = {
      ...singleLeader,
      request(state, request, io) {
        asked.push({ node: state.context.self, request });
        singleLeader.request(state, request, io as never);
      },
    };
    const run = executed(design, 'alone', 1, watched);
    expect(run.log.operations.every(({ outcome }) => outcome === 'ok')).toBe(true);
    const nodes = Map.groupBy(asked, ({ request }) => request.id);
    const handedOn = [...nodes.values()].filter(([first, then]) => then !== undefined && then.node !== first!.node);
    expect(handedOn.filter(([first]) => first!.request.command.kind === 'read').length).toBeGreaterThan(20);
    for (const { request } of handedOn.flat()) expect(request.overrides?.read.from).toBe('followers');
  });
});

it('reads by a field ask as their workload does, scripted clients as the store', async () => {
  const design = await designOf(
    `cluster c { nodes 3 }
store s on c { record { id: string  city: string distinct 3 }  replication leaderless }
workload w on s { clients 2  keys 6  read one  operations 50% read by city, 50% scan by city }
scenario t { run w for 500ms  at 100ms client script read k1 on s  settle 1s }`,
    'test.dsys',
    { withErrors: true },
  );
  const asked: ClientRequest[] = [];
  const run = executed(
    design,
    't',
    1,
    changed(leaderlessProtocol, request => {
      asked.push(request);
      return request;
    }),
  );
  expect(run.log.operations.every(({ outcome }) => outcome === 'ok')).toBe(true);
  const levels = asked.map(({ overrides }) => overrides?.read.quorum?.kind ?? 'own');
  expect(levels.filter(level => level === 'own')).toHaveLength(1);
  expect(levels.filter(level => level === 'one').length).toBeGreaterThan(50);
});

describe('what a mechanism cannot do', () => {
  it.each([
    [
      'consensus raft',
      'write majority',
      /workload quick: write majority says how many replicas acknowledge, and raft commits by its own quorum: leave it out/,
    ],
    ['consensus raft', 'read 2', /read 2 says how many replicas are asked, and a leader of raft asks its own quorum/],
    ['consensus raft', 'read from any', /read from any says which replicas answer, and .*: read local from any/],
    ['consensus raft', 'read local from followers', /read from followers says which/],
    [
      'consensus multi-paxos',
      'read local',
      /read local says that the leader answers unchecked, and multi-paxos serves all requests alike: leave it out/,
    ],
    ['consensus paxos', 'write one', /write one says how many replicas acknowledge, and paxos serves/],
    ['replication single-leader', 'write majority', /and the leader waits for as many followers as its mode says/],
    ['replication single-leader', 'read one', /and one replica answers: read from/],
    ['replication leaderless', 'read from any', /and whoever is asked coordinates: session nearest or any/],
    ['replication leaderless', 'read local', /and nobody leads here: read local one/],
    ['replication leaderless', 'read 4', /read 4 can never be gathered from the 3 replicas of s: ask fewer/],
    ['replication leaderless', 'write 0', /write 0 asks nobody: ask at least 1 of the 3 replicas of s/],
    [
      'replicas 2  replication leaderless',
      'write all of (c1, c3)',
      /write all of \(…\) names c3, and there is no copy of s/,
    ],
    [
      'replication multi-leader { leader c1, c2 }',
      'read from leader',
      /and where several lead, whoever is asked answers/,
    ],
    ['replication chain', 'read from leader', /and in a chain the tail answers, or any replica does: read from any/],
  ])('%s, %s', async (store, quick, why) => {
    const design = await written(store, quick);
    const found = obstacles(design, design.scenarios[1]!);
    const [one] = found.filter(({ message }) => message.startsWith('workload quick'));
    expect(one?.message).toMatch(why);
    expect(one?.at).toEqual(design.workloads.find(({ name }) => name === 'quick')!.at);
    expect(obstacles(design, design.scenarios[0]!).filter(({ message }) => message.includes('quick'))).toEqual([]);
  });

  it('a transaction goes its stores’ own ways', async () => {
    const design = await designOf(
      `cluster c { nodes 3 }
store s on c { replication single-leader }
transaction t { update 2 s  commit two-phase-commit { coordinator c1 } }
workload w on s, t { read local  operations 50% read, 50% transaction }
scenario x { run w for 1s }`,
      'test.dsys',
      { withErrors: true },
    );
    expect(obstacles(design, design.scenarios[0]!).map(({ message }) => message)).toEqual([
      expect.stringMatching(/workload w: read local is no way for a transaction/),
    ]);
  });
});
