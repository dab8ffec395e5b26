/** dsys trace: stored traces cut, converted and compared, and what it says when that cannot be done. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeContainer } from '@dsys/runtime/trace/container';
import { decodeTrace } from '@dsys/runtime/trace/decode';
import { EXPORTS } from '@dsys/runtime/trace/export/formats';
import type { Trace } from '@dsys/runtime/trace/model';
import { validate } from '@dsys/runtime/trace/validate';
import { beforeAll, describe, expect, it } from 'vitest';
import { dsysIn } from './support/cli.ts';

let folder: string;
let whole: Trace;

const design = `cluster db { nodes n1, n2, n3 }
store accounts on db { consensus raft }
workload load on accounts { clients 2 }
scenario crash { run load for 300ms  settle 200ms  at 100ms crash leader of accounts for 100ms }
`;

const dsys = (words: readonly string[], input?: Buffer) => dsysIn(folder, words, input);

const traceIn = (name: string): Trace => decodeTrace(readFileSync(join(folder, name))).trace;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dsys trace '));
  writeFileSync(join(folder, 'a.dsys'), design);
  writeFileSync(join(folder, 'more.dsys'), design.replace('at 100ms', 'at 90ms crash n1 for 20ms  at 150ms'));
  for (const [file, seed, out] of [
    ['a.dsys', '1', 'a.dsystrace'],
    ['a.dsys', '1', 'again.jsonl'],
    ['a.dsys', '2', 'other.dsystrace'],
    ['more.dsys', '1', 'more.dsystrace'],
  ]) {
    const result = dsys(['run', file!, '--seed', seed!, '--trace', out!]);
    if (result.status !== 0) throw new Error(result.err);
  }
  whole = traceIn('a.dsystrace');
});

describe('slice', () => {
  it('keeps events by number, time, lane and cause, and says what', () => {
    const events = dsys(['trace', 'slice', 'a.dsystrace', '--events', '10..200', '--out', 'parts/e.dsystrace']);
    expect(events.status, events.err).toBe(0);
    expect(events.out).toMatch(new RegExp(`^191 of ${whole.events.length} events: events 10 to 200\n`));
    expect(events.out).toContain('trace: parts/e.dsystrace');
    expect(traceIn('parts/e.dsystrace').header.slice).toMatchObject({
      first: 10,
      last: 200,
      events: whole.events.length,
    });

    const origin = whole.header.params.originNs as number;
    expect(dsys(['trace', 'slice', 'a.dsystrace', '--from', '50ms', '--to', '0.1s', '--out', 't.jsonl']).status).toBe(
      0,
    );
    const times = [...traceIn('t.jsonl').events.t].map(t => t - origin);
    expect(times.length).toBe([...whole.events.t].filter(t => t >= origin + 50e6 && t <= origin + 100e6).length);

    expect(dsys(['trace', 'slice', 'a.dsystrace', '--nodes', 'n1, c2', '--out', 'n.dsystrace']).status).toBe(0);
    const lanes = new Set([...traceIn('n.dsystrace').events.node].map(node => whole.header.nodes[node]!.name));
    expect([...lanes].sort()).toEqual(['c2', 'n1']);

    const { err } = dsys([
      'trace',
      'slice',
      'a.dsystrace',
      '--before',
      '300',
      '--events',
      '..250',
      '--out',
      'b.dsystrace',
    ]);
    expect(err).toBe('');
    for (const name of ['parts/e.dsystrace', 't.jsonl', 'n.dsystrace', 'b.dsystrace']) {
      expect(validate(traceIn(name)), name).toEqual([]);
    }
    // A part of a part says so.
    dsys(['trace', 'slice', 'parts/e.dsystrace', '--events', '0..9', '--out', 'pp.dsystrace']);
    expect(traceIn('pp.dsystrace').header.slice!.what).toBe('events 0 to 9; of events 10 to 200');
    expect(dsys(['trace', 'slice', 'a.dsystrace', '--events', '31', '--quiet', '--out', 'q.dsystrace']).out).toBe('');
  });

  it.each([
    [['--events', '10..99999'], /there is no event 99999 in a\.dsystrace; it has \d+, from 0 to \d+\./],
    [['--events', '20..10'], /--events 20\.\.10 ends before it begins/],
    [['--events', 'x..y'], /--events needs a range such as 10\.\.200, not "x\.\.y"/],
    [['--from', '90s'], /a\.dsystrace has no events then; it has them from -?\d+\.\d+ ms to \d+\.\d+ ms/],
    [['--from', '2s', '--to', '1s'], /ends before it begins/],
    [['--from', 'soon'], /--from needs a duration such as 1\.5s/],
    [['--nodes', 'n1,n9'], /there is no lane n9 in a\.dsystrace; /],
    [['--before', '99999'], /--before: there is no event 99999/],
    [['--before', 'x'], /number of an event/],
    [[], /Say what to keep/],
    [['--nodes', 'c1', '--events', '0..0'], /nothing is left of it \(events 0 to 0; lanes c1\)/],
  ])('%j is refused with exit 2 and a message', (words, message) => {
    const result = dsys(['trace', 'slice', 'a.dsystrace', ...words, '--out', 'never.dsystrace']);
    expect(result.status).toBe(2);
    expect(result.err).toMatch(message);
    expect(result.out).toBe('');
    expect(existsSync(join(folder, 'never.dsystrace'))).toBe(false);
  });

  it('shows names of strangers as plain text', () => {
    const text = readFileSync(join(folder, 'again.jsonl'), 'utf8').replaceAll('"n1"', '"\\u001b[31mn1"');
    writeFileSync(join(folder, 'red.jsonl'), text);
    const named = dsys(['trace', 'slice', 'red.jsonl', '--nodes', '\u001b[31mn1', '--out', 'red.dsystrace']);
    expect(named.status, named.err).toBe(0);
    expect(named.out).toContain('lanes \\u{1b}[31mn1\n');
    const refused = dsys(['trace', 'slice', 'red.jsonl', '--nodes', 'x', '--out', 'red.dsystrace']);
    const compared = dsys(['trace', 'diff', 'red.jsonl', 'again.jsonl']);
    writeFileSync(join(folder, 'red2.jsonl'), text.replace('"dsys-trace"', '"\\u001b[31m"'));
    const strange = dsys(['trace', 'convert', 'red2.jsonl', 'x.edn']);
    for (const { out, err } of [named, refused, compared, strange]) expect(out + err).not.toContain('\u001b');
    expect([refused.status, compared.status, strange.status]).toEqual([2, 1, 2]);
  });

  it('needs somewhere to write', () => {
    expect(dsys(['trace', 'slice', 'a.dsystrace', '--events', '1..2']).err).toContain('Say where to write it');
  });
});

describe('convert', () => {
  it('writes every format that there is, by ending, from a file or standard input', () => {
    expect(dsys(['trace', 'slice', 'a.dsystrace', '--before', '330', '--out', 'short.dsystrace']).status).toBe(0);
    const endings = Object.keys(EXPORTS).filter(ending => ending !== '.csv' && ending !== '.mmd');
    const outs = endings.map(ending => `out/short${ending}`);
    const result = dsys(['trace', 'convert', 'short.dsystrace', ...outs]);
    expect(result.status, result.err).toBe(0);
    expect(result.out).toBe(outs.map(out => `trace: ${out}\n`).join(''));
    for (const out of outs) expect(readFileSync(join(folder, out)).length, out).toBeGreaterThan(100);
    const piped = dsys(['trace', 'convert', '-', 'out/piped.edn'], readFileSync(join(folder, 'short.dsystrace')));
    expect(piped.status, piped.err).toBe(0);
    expect(readFileSync(join(folder, 'out/piped.edn'))).toEqual(readFileSync(join(folder, 'out/short.edn')));
  });

  it('writes what can be written, and then says what cannot and why, exit 2', () => {
    const result = dsys(['trace', 'convert', 'a.dsystrace', 'b.mmd', 'b.csv', 'b.edn']);
    expect(result.status).toBe(2);
    expect(result.err).toMatch(
      /b\.mmd: not written: A Mermaid diagram takes at most 60 messages, and this trace has \d+/,
    );
    expect(result.err).not.toContain('b.csv');
    expect(readFileSync(join(folder, 'b.csv'), 'utf8')).toMatch(
      /^metric,unit,aggregate,series,time_ns,value\r\nthroughput,1\/s,rate,read,\d+,[\d.]+\r\n/,
    );
    writeFileSync(join(folder, 'none.dsystrace'), encodeContainer({ ...whole, metrics: [] }));
    expect(dsys(['trace', 'convert', 'none.dsystrace', 'none.csv']).err).toContain(
      'none.csv: not written: CSV holds the metrics of a trace, and this trace has none',
    );
    expect(existsSync(join(folder, 'b.edn'))).toBe(true);
    expect(existsSync(join(folder, 'b.mmd'))).toBe(false);
  });

  it('goes on with what can be read of a damaged trace, and says what cannot', () => {
    const bytes = readFileSync(join(folder, 'a.dsystrace'));
    writeFileSync(join(folder, 'cut.dsystrace'), bytes.subarray(0, Math.floor(bytes.length * 0.9)));
    const result = dsys(['trace', 'convert', 'cut.dsystrace', 'cut.jsonl']);
    expect(result.status, result.err).toBe(0);
    expect(result.err).toMatch(/^cut\.dsystrace: .+/);
    expect(traceIn('cut.jsonl').events.length).toBeLessThanOrEqual(whole.events.length);
    const lines = readFileSync(join(folder, 'again.jsonl'), 'utf8').split('\n');
    writeFileSync(join(folder, 'cut2.jsonl'), lines.slice(0, 300).join('\n'));
    expect(dsys(['trace', 'convert', 'cut2.jsonl', 'cut3.jsonl']).err).toMatch(/^cut2\.jsonl: /);
  });

  it.each([
    ['missing.dsystrace', 'There is no file missing.dsystrace.'],
    ['.', '. is a folder; name a trace in it.'],
    ['a.dsys', 'a.dsys: this is no dsys trace'],
    ['empty.dsystrace', 'empty.dsystrace is empty, and no trace.'],
    ['future.dsystrace', 'the trace is of version 9.0, and this version of dsys reads 1.x'],
    ['future.jsonl', 'the trace is of version 9.0, and this version of dsys reads 1.x'],
  ])('%s is refused with exit 2 and a message', (file, message) => {
    writeFileSync(join(folder, 'empty.dsystrace'), '');
    const bytes = readFileSync(join(folder, 'a.dsystrace'));
    bytes.writeUInt16LE(9, 4);
    writeFileSync(join(folder, 'future.dsystrace'), bytes);
    const text = readFileSync(join(folder, 'again.jsonl'), 'utf8');
    writeFileSync(join(folder, 'future.jsonl'), text.replace('"version":[1,0]', '"version":[9,0]'));
    for (const words of [
      ['convert', file, 'x.edn'],
      ['slice', file, '--events', '1..2', '--out', 'x.edn'],
      ['diff', 'a.dsystrace', file],
    ]) {
      const result = dsys(['trace', ...words]);
      expect(result.status).toBe(2);
      expect(result.err).toContain(message);
      expect(result.out).toBe('');
    }
  });

  it('refuses endings that it does not know, and places that cannot be written to', () => {
    expect(dsys(['trace', 'convert', 'a.dsystrace', 'x.pdf']).err).toContain(
      'by the ending of its name; x.pdf has none',
    );
    mkdirSync(join(folder, 'taken.edn'), { recursive: true });
    const result = dsys(['trace', 'convert', 'a.dsystrace', 'taken.edn']);
    expect(result.status).toBe(2);
    expect(result.err).toContain('taken.edn: it cannot be written (EISDIR)');
  });
});

describe('diff', () => {
  it('exits 0 for the same run, whichever file it is in', () => {
    const result = dsys(['trace', 'diff', 'a.dsystrace', 'again.jsonl']);
    expect(result.status, result.err).toBe(0);
    expect(result.out).toMatch(/\nthe same: trace [0-9a-f]{16}\n$/);
    expect(dsys(['trace', 'diff', 'a.dsystrace', 'again.jsonl', '--format', 'json']).json()).toMatchObject({
      schema: 'dsys.trace-diff/1',
      same: true,
      prefix: whole.events.length,
      divergence: null,
      events: { both: whole.events.length, onlyA: 0, onlyB: 0 },
    });
  });

  it('tells where a run with another fault parts, and what only one of both has', () => {
    const result = dsys(['trace', 'diff', 'a.dsystrace', 'more.dsystrace']);
    expect(result.status, result.err).toBe(1);
    expect(result.out).toMatch(
      /first divergence, at event \d+: something else happens\n {2}A {2}.* ms .*\n {2}B {2}90\.000 ms {2}faults {2}begins: at 90ms crash n1 for 20ms\n/,
    );
    expect(result.out).toMatch(/\n {2}lane +in both +only A +only B\n/);
    const { same, divergence, prefix, lanes, events, a } = dsys([
      ...['trace', 'diff', 'a.dsystrace', 'more.dsystrace', '--format', 'json'],
    ]).json();
    expect(same).toBe(false);
    expect(divergence).toMatchObject({
      how: 'event',
      a: { event: prefix },
      b: { event: prefix, timeNs: 90e6, node: 'faults' },
    });
    expect(a).toMatchObject({ file: 'a.dsystrace', seed: 1, events: whole.events.length });
    expect(events.both + events.onlyA).toBe(whole.events.length);
    expect(lanes.map((lane: { name: string }) => lane.name)).toEqual(whole.header.nodes.map(node => node.name));
  });

  it('tells where another seed parts, to the nanosecond if that is all', () => {
    const result = dsys(['trace', 'diff', 'a.dsystrace', 'other.dsystrace']);
    expect(result.status, result.err).toBe(1);
    expect(result.out).toMatch(/seed 1, \d+ events\n.*seed 2, \d+ events\n/);
    expect(result.out).toMatch(/at another time\n {2}A .* \(-?\d+ ns\) /);
  });
});

describe('test --trace', () => {
  it('stores the run that shows the outcome of each scenario', () => {
    const two = design.replace('scenario crash', 'scenario quiet { run load for 100ms }\nscenario crash');
    writeFileSync(join(folder, 'two.dsys'), two);
    const result = dsys(['test', 'two.dsys', '--seeds', '2', '--trace', 'shown/t.dsystrace', '--trace', 'shown/t.edn']);
    expect(result.status, result.err).toBe(0);
    for (const name of ['crash', 'quiet']) {
      const trace = traceIn(`shown/t-two-${name}.dsystrace`);
      expect(trace.header).toMatchObject({ seed: 1, model: { name } });
      expect(existsSync(join(folder, `shown/t-two-${name}.edn`))).toBe(true);
    }
  });

  it('says before it tests what it cannot write, and after it what was not written', () => {
    expect(dsys(['test', 'a.dsys', '--trace', 'x.pdf']).status).toBe(2);
    const result = dsys(['test', 'a.dsys', '--seeds', '1', '--trace', 'x.mmd']);
    expect(result.status).toBe(2);
    expect(result.err).toContain('x-a-crash.mmd: not written: A Mermaid diagram takes at most 60 messages');
  });
});

it('view writes a page with the trace, and with the text that it was made from as long as that is the same', () => {
  const result = dsys(['trace', 'view', 'a.dsystrace']);
  expect(result.status, result.err).toBe(0);
  expect(result.out).toBe('trace: a.html\n');
  const page = readFileSync(join(folder, 'a.html'), 'utf8');
  expect(page).toContain('Content-Security-Policy');
  const report = JSON.parse(/id="report">([^<]*)</.exec(page)![1]!);
  expect(report.texts).toEqual({ 'a.dsys': design });
  const container = Buffer.from(/id="trace">([^<]*)</.exec(page)![1]!, 'base64');
  expect(decodeTrace(container).trace.events.length).toBe(whole.events.length);

  writeFileSync(join(folder, 'a.dsys'), `${design}// changed\n`);
  try {
    expect(dsys(['trace', 'view', 'a.dsystrace', '--out', 'later.html']).status).toBe(0);
    expect(readFileSync(join(folder, 'later.html'), 'utf8')).toContain('"texts":{}');
  } finally {
    writeFileSync(join(folder, 'a.dsys'), design);
  }
});
