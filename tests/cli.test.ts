/** The command as people and programs use it: names, exit codes, JSON, and what it says when something is wrong. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeTrace } from '@dsys/runtime/trace/decode';
import { traceSha256 } from '@dsys/runtime/trace/hash';
import { validate } from '@dsys/runtime/trace/validate';
import { beforeAll, describe, expect, it } from 'vitest';
import { dsysIn, folderWithSmall, launcher, small } from './support/cli.ts';

const root = join(import.meta.dirname, '..');
let folder: string;

const dsys = (words: readonly string[], input?: string) => dsysIn(folder, words, input);

/** Waits until a fresh process is computing: nothing tells, but the processor time it has taken (Linux), or time. */
async function computing(pid: number): Promise<void> {
  const stat = `/proc/${pid}/stat`;
  const pause = (ms: number) => new Promise(done => setTimeout(done, ms));
  if (!existsSync(stat)) return void (await pause(5000));
  // Fields 14 and 15, in hundredths of a second; the name before them may hold blanks.
  const taken = () => {
    const fields = readFileSync(stat, 'utf8').split(') ')[1].split(' ');
    return Number(fields[11]) + Number(fields[12]);
  };
  while (taken() < 250) await pause(50);
}

beforeAll(() => {
  folder = folderWithSmall();
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
    writeFileSync(join(folder, 'epaxos.dsys'), 'cluster db { nodes 3 }\nstore s on db { consensus epaxos }\n');
    const result = dsys(['run', 'epaxos.dsys', '--format', 'json']);
    expect(result.status).toBe(2);
    expect(result.json()).toMatchObject({
      schema: 'dsys.error/1',
      message: expect.stringContaining('EPaxos is judged, never executed'),
    });
    expect(result.err).toContain('epaxos.dsys:2:');
    expect(dsys(['check', 'epaxos.dsys']).status).toBe(0);
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
    await computing(child.pid!);
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
