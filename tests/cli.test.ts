/** The command as people and programs use it: names, exit codes, JSON, and what it says when something is wrong. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeTrace } from '@dsys/runtime/trace/decode';
import { traceSha256 } from '@dsys/runtime/trace/hash';
import { validate } from '@dsys/runtime/trace/validate';
import { beforeAll, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const launcher = join(root, 'cli', 'bin', 'dsys.mjs');
let folder: string;

const small = `cluster db { nodes 3 }
store accounts on db { consensus raft  claims { consistency linearizable } }
workload load on accounts { clients 3 }
scenario crash { run load for 2s  settle 1s  at 1s crash leader of accounts for 500ms  expect no lost-writes }
`;

function dsys(words: readonly string[], input?: string) {
  const result = spawnSync(process.execPath, [launcher, ...words], { cwd: folder, encoding: 'utf8', input });
  return { status: result.status, out: result.stdout, err: result.stderr, json: () => JSON.parse(result.stdout) };
}

beforeAll(() => {
  // A space in the path does no harm.
  folder = join(mkdtempSync(join(tmpdir(), 'dsys ')), 'my designs');
  mkdirSync(folder);
  writeFileSync(join(folder, 'small.dsys'), small);
});

describe('run', () => {
  it('prints one JSON object by contract, the same for the same seed', () => {
    const first = dsys(['run', 'small.dsys', '--format', 'json', '--seed', '7']);
    expect(first.status, first.err).toBe(0);
    const report = first.json();
    expect(report).toMatchObject({
      schema: 'dsys.run/1',
      tool: '0.1.0',
      file: 'small.dsys',
      scenario: 'crash',
      seed: 7,
      outcome: 'pass',
    });
    for (const one of report.properties) {
      expect(Object.keys(one).sort()).toEqual(['measured', 'of', 'origin', 'property', 'verdict', 'why', 'witness']);
    }
    expect(report.properties).toContainEqual(
      expect.objectContaining({
        property: 'consistency linearizable',
        of: 'accounts',
        origin: 'claim',
        verdict: 'holds',
      }),
    );
    expect(report.properties).toContainEqual(
      expect.objectContaining({ property: 'invariant ElectionSafety', origin: 'invariant', verdict: 'holds' }),
    );
    expect(report.covered).toMatchObject({ faults: { crash: 1 }, leaderChanges: 1 });
    const { invoked, ok, failed, unknown } = report.covered.operations;
    expect(ok + failed + unknown).toBe(invoked);
    expect(report.metrics.latencyNs.read.p50).toBeLessThanOrEqual(report.metrics.latencyNs.read.p99);
    expect(report.traceSha256).toMatch(/^[0-9a-f]{64}$/);
    expect(dsys(['run', 'small.dsys', '--format', 'json', '--seed', '7']).out).toBe(first.out);
    expect(dsys(['run', 'small.dsys', '--format', 'json', '--seed', '8']).json().traceSha256).not.toBe(
      report.traceSha256,
    );
  });

  it('stores traces that read back, and have the hash that it printed', () => {
    const result = dsys([
      'run',
      'small.dsys',
      'crash',
      '--format',
      'json',
      '--trace',
      'out/a.dsystrace',
      '--trace',
      'out/a.jsonl',
    ]);
    expect(result.status, result.err).toBe(0);
    const { traceSha256: printed, covered } = result.json();
    for (const name of ['a.dsystrace', 'a.jsonl']) {
      const { trace, problems } = decodeTrace(readFileSync(join(folder, 'out', name)));
      expect(problems).toEqual([]);
      expect(validate(trace)).toEqual([]);
      expect(traceSha256(trace)).toBe(printed);
      expect(trace.events.length).toBe(covered.events);
    }
  });

  it('shows the verdicts and why, and exits 1, when something is violated', () => {
    writeFileSync(
      join(folder, 'bad.dsys'),
      'cluster db { nodes 3 }\nstore s on db { consensus raft { read local from any }  claims { consistency linearizable } }\nworkload w on s { clients 10  keys 2 }\nscenario x { run w for 3s }\n',
    );
    const result = dsys(['run', 'bad.dsys']);
    expect(result.status).toBe(1);
    expect(result.out).toMatch(/VIOLATED\s+consistency linearizable of s/);
    expect(result.out).toContain('Why "consistency linearizable" fails');
    expect(result.out).toMatch(/repeat: dsys run bad\.dsys x --seed 1/);
    // Short enough to read.
    expect(result.out.split('\n').length).toBeLessThan(50);
  });

  it('is unknown, exit 3, when an expected violation was not seen under this seed', () => {
    writeFileSync(join(folder, 'hope.dsys'), small.replace('expect no lost-writes', 'expect violation no lost-writes'));
    const result = dsys(['run', 'hope.dsys', '--format', 'json']);
    expect(result.status).toBe(3);
    expect(result.json().outcome).toBe('unknown');
  });

  it('says what is not built, exit 2, and runs nothing else instead', () => {
    writeFileSync(join(folder, 'paxos.dsys'), 'cluster db { nodes 3 }\nstore s on db { consensus paxos }\n');
    const result = dsys(['run', 'paxos.dsys', '--format', 'json']);
    expect(result.status).toBe(2);
    expect(result.json()).toMatchObject({
      schema: 'dsys.error/1',
      message: expect.stringContaining('paxos is not built yet'),
    });
    expect(result.err).toContain('paxos.dsys:2:');
    expect(dsys(['check', 'paxos.dsys']).status).toBe(0);
  });

  it('refuses to lose messages that nobody sends', () => {
    writeFileSync(
      join(folder, 'typo.dsys'),
      small.replace('at 1s crash leader of accounts for 500ms', 'at 1s lose append-entrys for 500ms'),
    );
    const result = dsys(['run', 'typo.dsys']);
    expect(result.status).toBe(2);
    expect(result.err).toMatch(
      /typo\.dsys:4:\d+ .*nobody in this scenario sends append-entrys; there are .*append-entries/,
    );
  });

  it.each([
    ['cli', launcher],
    ['the extension', join(root, 'extension', 'out', 'server', 'dsys.js')],
  ])('writes a report with the text of the design, and a picture: %s', (_, command) => {
    const words = ['run', 'small.dsys', '--trace', 'out/run.html', '--trace', 'out/run.svg'];
    const result = spawnSync(process.execPath, [command, ...words], { cwd: folder, encoding: 'utf8' });
    expect(result.status, result.stderr).toBe(0);
    const report = readFileSync(join(folder, 'out', 'run.html'), 'utf8');
    expect(report).toMatch(/<title>crash, seed 1: dsys trace<\/title>/);
    const { texts } = JSON.parse(/id="report">([^<]*)/.exec(report)![1]!);
    expect(texts).toEqual({ 'small.dsys': small });
    const bytes = Buffer.from(/id="trace">([^<]*)/.exec(report)![1]!, 'base64');
    expect(decodeTrace(new Uint8Array(bytes)).problems).toEqual([]);
    expect(readFileSync(join(folder, 'out', 'run.svg'), 'utf8')).toMatch(
      /<title id="title">All \d+ checks hold\. scenario crash/,
    );
  });

  it.each([
    [['run', 'missing.dsys'], 'There is no file missing.dsys'],
    [['run', 'small.dsys', 'nothing'], 'has no scenario nothing; it has crash'],
    [['run', 'small.dsys', '--seed', 'seven'], 'whole number'],
    [['run', 'small.dsys', '--trace', 'a.xyz'], 'by the ending of its name'],
    [['hunt', 'small.dsys'], 'not built yet'],
    [['nonsense'], 'unknown command'],
  ])('%j is refused with exit 2 and a message', (words, message) => {
    const result = dsys(words);
    expect(result.status).toBe(2);
    expect(result.err).toContain(message);
    expect(result.out).toBe('');
  });

  it('refuses what cannot be interpreted: located, exit 2, one JSON object', () => {
    writeFileSync(join(folder, 'broken.dsys'), 'cluster db { nodes 3 }\nstore s on dc { consensus raft }\n');
    const result = dsys(['run', 'broken.dsys', '--format', 'json']);
    expect(result.status).toBe(2);
    const { diagnostics } = result.json();
    expect(diagnostics[0]).toMatchObject({
      rule: 'unresolved-name',
      file: 'broken.dsys',
      range: { start: { line: 1, character: 11 } },
    });
  });

  it('ends cleanly on Ctrl-C: partial results, marked cancelled, exit 130', async () => {
    writeFileSync(join(folder, 'long.dsys'), small.replace('run load for 2s', 'run load for 3000s'));
    const child = spawn(process.execPath, [launcher, 'run', 'long.dsys', '--format', 'json'], { cwd: folder });
    let out = '';
    child.stdout.on('data', data => (out += data));
    // Once it is computing: a fresh process has printed nothing and taken some processor time by then.
    await new Promise(done => setTimeout(done, 3000));
    child.kill('SIGINT');
    const status = await new Promise(done => child.on('exit', done));
    expect(status).toBe(130);
    const report = JSON.parse(out);
    expect(report.outcome).toBe('cancelled');
    expect(report.covered.operations.ok).toBeGreaterThan(0);
  });

  it('stops at the time limit with what it has', () => {
    writeFileSync(join(folder, 'long.dsys'), small.replace('run load for 2s', 'run load for 3000s'));
    const result = dsys(['run', 'long.dsys', '--format', 'json', '--time-limit', '1s']);
    expect(result.status).toBe(130);
    expect(result.json()).toMatchObject({ outcome: 'cancelled' });
  });

  it('stops at the event limit with an honest unknown', () => {
    const result = dsys(['run', 'small.dsys', '--format', 'json', '--event-limit', '500']);
    expect(result.status).toBe(3);
    expect(result.json().covered.skipped).toContainEqual(expect.stringContaining('stopped after 500 events'));
  });
});

describe('check', () => {
  it('finds errors with places, exit 1, as text, JSON, SARIF and annotations', () => {
    const text = 'cluster db { nodes 3 }\nstore s on db { replication leaderless { write 4 } }\n';
    const asText = dsys(['check', '-'], text);
    expect(asText.status).toBe(1);
    expect(asText.out).toMatch(/^-:2:\d+ error quorum-size-range /);
    const asJson = dsys(['check', '-', '--format', 'json'], text).json();
    expect(asJson).toMatchObject({
      schema: 'dsys.check/1',
      tool: '0.1.0',
      summary: { errors: 1, warnings: 0, ignored: 0 },
    });
    expect(asJson.diagnostics[0]).toMatchObject({
      rule: 'quorum-size-range',
      severity: 'error',
      file: '-',
      related: [],
      fixes: [expect.objectContaining({ title: 'Ask 3' })],
    });
    const sarif = dsys(['check', '-', '--format', 'sarif'], text).json();
    expect(sarif.runs[0].results[0]).toMatchObject({ ruleId: 'quorum-size-range', level: 'error' });
    expect(dsys(['check', '-', '--format', 'github'], text).out).toMatch(/^::error file=-,line=2,/);
  });

  it('syntax errors and unresolved names are ordinary diagnostics there', () => {
    const result = dsys(['check', '-', '--format', 'json'], 'store s on nowhere { consensus raft { heartbeat 5 ms } }');
    expect(result.status).toBe(1);
    expect(result.json().diagnostics.map((one: { rule: string }) => one.rule)).toEqual(['unresolved-name', 'syntax']);
  });

  it('reads folders, imports, CRLF and a byte-order mark', () => {
    const sub = join(folder, 'many files');
    mkdirSync(sub, { recursive: true });
    writeFileSync(join(sub, 'cluster.dsys'), '\ufeffcluster db {\r\n  nodes 3\r\n}\r\n');
    writeFileSync(join(sub, 'store.dsys'), 'import "./cluster.dsys"\r\nstore s on db { consensus raft }\r\n');
    const result = dsys(['check', 'many files']);
    expect(result.out).toMatch(/^2 files: 0 errors/);
    expect(result.status).toBe(0);
    writeFileSync(join(sub, 'circle.dsys'), 'import "./circle.dsys"\n');
    expect(dsys(['check', 'many files']).out).toMatch(/import-cycle/);
  });
});

describe('test', () => {
  it('runs every scenario over its seeds', () => {
    const result = dsys(['test', 'small.dsys', '--seeds', '3', '--reporter', 'json']);
    expect(result.status, result.out).toBe(0);
    expect(result.json()).toMatchObject({
      schema: 'dsys.test/1',
      outcome: 'pass',
      scenarios: [{ scenario: 'crash', outcome: 'pass', seeds: { ran: 3 } }],
    });
    expect(dsys(['test', 'small.dsys', '--seeds', '2', '--reporter', 'junit']).out).toContain(
      '<testsuite name="dsys" tests="1" failures="0" skipped="0">',
    );
  });

  it('fails when an expected violation never shows', () => {
    writeFileSync(join(folder, 'hope.dsys'), small.replace('expect no lost-writes', 'expect violation no lost-writes'));
    const result = dsys(['test', 'hope.dsys', '--seeds', '3']);
    expect(result.status).toBe(1);
    expect(result.out).toContain('was expected to be violated, and held under all 3 seeds');
  });

  it('explorations are unknown until they are built', () => {
    writeFileSync(
      join(folder, 'explore.dsys'),
      `${small}exploration tiny of accounts { operations 2 write  at most 1 crash }\n`,
    );
    const result = dsys(['test', 'explore.dsys', '--seeds', '1']);
    expect(result.status).toBe(3);
    expect(result.out).toContain('explorations are not built yet');
  });
});

describe('quorum', () => {
  it('prints one JSON object: dual, load, capacity, resilience, failure probability, strategy', () => {
    const result = dsys(['quorum', 'any 2 of (a, b, c)', '--format', 'json', '--node-availability', '90%']);
    expect(result.status, result.err).toBe(0);
    const family = {
      quorums: [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'c'],
      ],
      count: 3,
      size: 2,
      resilience: 1,
      indispensable: [],
      dual: [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'c'],
      ],
      load: expect.closeTo(2 / 3, 8),
      capacity: expect.closeTo(1.5, 8),
      failureProbability: expect.closeTo(0.028, 12),
    };
    expect(result.json()).toEqual({
      schema: 'dsys.quorum/1',
      expression: { read: 'any 2 of (a, b, c)', write: null },
      nodes: ['a', 'b', 'c'],
      read: family,
      write: { ...family, isDualOfRead: true },
      readMeetsWrite: { always: true, disjoint: null },
      writeMeetsWrite: { always: true, disjoint: null },
      readFraction: 0.5,
      failures: 0,
      optimised: 'load',
      optimal: expect.objectContaining({
        load: expect.closeTo(2 / 3, 8),
        network: expect.closeTo(2, 8),
        latencyNs: null,
      }),
      uniform: expect.objectContaining({ capacity: expect.closeTo(1.5, 8) }),
      unknown: {},
    });
  });

  it('knows capacities, latencies, read fractions, failures to bear, and who can miss whom', () => {
    const grid = 'any 1 of (all of (a, b), all of (c, d))';
    // PaPoC 2021, section 2: capacities of reads 200, 200, 100, 100.
    const words = [
      '--capacity',
      '200/100,c=100/50,d=100/50',
      '--read-fraction',
      '1',
      '--latency',
      '4s,c=1s,d=1s',
      '--format',
      'json',
    ];
    expect(dsys(['quorum', grid, ...words]).json().optimal).toMatchObject({
      capacity: expect.closeTo(300, 3),
      latencyNs: expect.closeTo(3e9, -2),
    });
    expect(dsys(['quorum', grid, ...words, '--failures', '1']).json().optimal.capacity).toBeCloseTo(100, 4);
    expect(dsys(['quorum', grid, ...words, '--optimize', 'latency']).json().optimal.latencyNs).toBeCloseTo(1e9, -2);
    const apart = dsys(['quorum', 'any 2 of (a, b, c)', '--write', 'one', '--format', 'json']).json();
    expect(apart.readMeetsWrite).toEqual({ always: false, disjoint: [['a', 'b'], ['c']] });
    const text = dsys(['quorum', 'weight 3 of (a = 3, b = 1, c = 1)', '--write', 'all']);
    expect(text.out).toContain('resilience');
    const fragile = dsys(['quorum', 'weight 4 of (a = 3, b = 1, c = 1)']);
    expect(fragile.out).toContain('every quorum needs a');
    const mixed = dsys([
      'quorum',
      'majority',
      '--nodes',
      '5',
      '--read-fraction',
      '0.9:3,0.1:1',
      '--format',
      'json',
    ]).json();
    expect(mixed.readFraction).toBeCloseTo(0.7, 12);
  });

  it('is exact for large systems, and unknown (exit 3) where it cannot be', () => {
    const large = dsys(['quorum', 'majority', '--nodes', '41', '--format', 'json']);
    expect(large.status).toBe(0);
    expect(large.json()).toMatchObject({
      read: { quorums: null, size: 21, resilience: 20, load: expect.closeTo(21 / 41, 8) },
      optimal: { load: expect.closeTo(21 / 41, 8), read: null },
      uniform: { load: expect.closeTo(21 / 41, 8) },
    });
    const twice = dsys([
      'quorum',
      `any 2 of (any 20 of (${Array.from({ length: 40 }, (_, i) => `n${i}`)}), any 2 of (n0, n1))`,
    ]);
    expect(twice.status).toBe(3);
    expect(twice.out).toContain('unknown: 40 nodes');
  });

  it.each([
    [['any 2 of (a'], "Expected ')' after 'a'"],
    [['any 3 of (a, b)'], 'any 3 of 2 can never be gathered'],
    [['majority'], 'names no nodes'],
    [['local majority', '--nodes', '3'], 'depends on regions'],
    [['majority', '--nodes', '999'], '1 to 200'],
    [['any 2 of (a, b)', '--write', 'any 1 of'], 'is no quorum'],
    [['any 2 of (a, b)', '--read-fraction', '7'], '--read-fraction needs a share'],
    [['any 2 of (a, b)', '--read-fraction', '0.5:x'], 'is no weight'],
    [['any 2 of (a, b)', '--node-availability', 'x=0.9'], 'there is no node x'],
    [['any 2 of (a, b)', '--capacity', '0'], 'operations per second above 0'],
    [['any 2 of (a, b)', '--latency', '5'], 'needs a duration such as 10ms'],
    [['any 2 of (a, b)', '--optimize', 'beauty'], 'Allowed choices'],
  ])('%j is refused with exit 2 and a message', (words, message) => {
    const result = dsys(['quorum', ...words]);
    expect(result.status).toBe(2);
    expect(result.err).toContain(message);
    expect(result.out).toBe('');
    expect(JSON.parse(dsys(['quorum', ...words, '--format', 'json']).out).schema).toBe('dsys.error/1');
  });
});

describe('facts', () => {
  it('prints one JSON object by contract', () => {
    const result = dsys(['facts', 'small.dsys', '--format', 'json']);
    expect(result.status, result.err).toBe(0);
    const majority = {
      size: 2,
      of: 3,
      load: expect.closeTo(2 / 3, 8),
      capacity: expect.closeTo(1.5, 8),
      resilience: 1,
    };
    expect(result.json()).toMatchObject({
      schema: 'dsys.facts/1',
      stores: [
        {
          name: 'accounts',
          mechanism: 'raft',
          consistency: { ceiling: 'linearizable', why: expect.any(String), source: expect.stringContaining('Ongaro') },
          cap: 'CP',
          pacelc: 'PC/EC',
          availabilityUnderPartition: 'majority',
          operations: { read: { cap: 'CP', pacelc: 'PC/EC' }, write: { cap: 'CP', pacelc: 'PC/EC' } },
          tolerates: { nodes: 1, zones: 0, regions: 0 },
          quorums: { read: majority, write: majority },
          availability: { read: expect.any(Number), write: expect.any(Number) },
          durability: { mttdlHours: expect.any(Number) },
          latencyFloorNs: { read: expect.any(Number), write: expect.any(Number) },
          staleness: null,
        },
      ],
    });
    expect(dsys(['facts', 'small.dsys', '--format', 'json']).out).toBe(result.out);
  });

  it('shows a table per store, which says what the figures are and whence', () => {
    writeFileSync(
      join(folder, 'dynamo.dsys'),
      'network { latency exponential(5ms) }\ncluster db { nodes 3 { capacity read 4000/s write 2000/s } reliability { mtbf 99h mttr 1h } }\nstore cart on db { replication leaderless { read 1 write 1 } }\nstore stock on db { consensus raft }\n',
    );
    const result = dsys(['facts', 'dynamo.dsys']);
    expect(result.status, result.err).toBe(0);
    const row = (name: string) => new RegExp(`^  ${name} +(.*)$`, 'm').exec(result.out)?.[1];
    expect(row('consistency')).toBe('eventual');
    expect(result.out).toContain('a read of 1 and a write of 1 need not share a replica');
    expect(result.out).toContain('Probabilistically Bounded Staleness');
    expect(row('CAP')).toBe('AP');
    expect(row('PACELC')).toBe('PA/EL');
    expect(row('tolerates')).toBe('the loss of no node');
    expect(row('write quorum')).toContain('1 of 3, resilience 2');
    expect(row('write quorum')).toContain('6000 writes/s');
    expect(row('availability')).toBe('99.9999%, 6.0 nines, down 32 s a year');
    expect(row('staleness')).toMatch(/^\d.*% of reads right after a write see it/);
    expect(result.out.split('\n').every(line => line.length <= 110)).toBe(true);
    expect(result.out).toContain('unknown: the WARS model describes leaderless stores');
  });

  it('exits 3 when a figure that a design should have is unknown, and says which', () => {
    writeFileSync(
      join(folder, 'open.dsys'),
      'cluster db { nodes 5 }\nstore s on db { consensus flexible-paxos { prepare 4 accept 2 } }\n',
    );
    const result = dsys(['facts', 'open.dsys']);
    expect(result.status).toBe(3);
    expect(result.out).toMatch(/availability +unknown: flexible-paxos does not say when a leader is replaced/);
  });

  it('needs a design that can be interpreted, rules aside: exit 2', () => {
    writeFileSync(join(folder, 'names.dsys'), 'store s on nowhere { consensus raft }\n');
    const result = dsys(['facts', 'names.dsys', '--format', 'json']);
    expect(result.status).toBe(2);
    expect(result.json().schema).toBe('dsys.error/1');
    expect(dsys(['facts', 'missing.dsys']).status).toBe(2);
    // What a rule finds does not stop it.
    writeFileSync(
      join(folder, 'claims.dsys'),
      'cluster db { nodes 3 }\nstore s on db { consensus raft  claims { consistency linearizable  cap AP } }\n',
    );
    expect(dsys(['check', 'claims.dsys']).status).toBe(1);
    expect(dsys(['facts', 'claims.dsys']).status).toBe(0);
  });
});

describe('explain', () => {
  it('shows the page of a rule, wrapped', () => {
    const result = dsys(['explain', 'quorum-rw-disjoint']);
    expect(result.status, result.err).toBe(0);
    expect(result.out).toMatch(/^quorum-rw-disjoint {2}Reads that can miss every write\n/);
    for (const part of ['R + W ≤ N', 'Wrong', 'read 1  write 1', 'Read from 3 replicas', 'Right', 'Gifford 1979'])
      expect(result.out).toContain(part);
    const prose = result.out.split('\n').filter(line => !line.startsWith('    '));
    expect(prose.every(line => line.length <= 80)).toBe(true);
  });

  it('lists all rules by family, and the other ids, without one', () => {
    const { status, out } = dsys(['explain']);
    expect(status).toBe(0);
    expect(out).toMatch(/^Quorums and voting\n/);
    expect(out).toMatch(/^ {2}even-cluster +A voter that buys nothing$/m);
    expect(out).toMatch(/^ {2}unresolved-name /m);
  });

  it('explains ids that are no rules', () => {
    expect(dsys(['explain', 'option-not-applicable']).out).toContain('belongs to another mechanism');
  });

  it('suggests the nearest rule, exit 2', () => {
    const result = dsys(['explain', 'quorum-rw-disjont']);
    expect(result.status).toBe(2);
    expect(result.err).toContain('Did you mean quorum-rw-disjoint?');
    expect(dsys(['explain', 'xyzzyxyzzy']).err).toContain('dsys explain lists all');
  });
});

describe('fmt and init', () => {
  it('init writes a design that is formatted and passes', () => {
    const result = dsys(['init', 'fresh']);
    expect(result.status, result.err).toBe(0);
    expect(existsSync(join(folder, 'fresh', '.github', 'workflows', 'design.yml'))).toBe(true);
    expect(dsys(['fmt', '--check', 'fresh']).status).toBe(0);
    expect(dsys(['test', 'fresh', '--seeds', '2']).status).toBe(0);
    expect(dsys(['init', 'fresh']).status).toBe(2);
  });

  it('fmt lays out anew, and --check only tells', () => {
    writeFileSync(join(folder, 'ugly.dsys'), 'cluster   db {nodes 3}\n');
    expect(dsys(['fmt', '--check', 'ugly.dsys']).status).toBe(1);
    expect(dsys(['fmt', 'ugly.dsys']).status).toBe(0);
    expect(dsys(['fmt', '--check', 'ugly.dsys']).status).toBe(0);
    expect(dsys(['fmt', '-'], 'cluster   db {nodes 3}').out).toBe('cluster db { nodes 3 }\n');
  });
});
