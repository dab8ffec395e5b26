/** dsys history: recorded histories, their isolation and their consistency, as people and programs ask for them. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { dsysIn } from './support/cli.ts';

let folder: string;
const history = (...words: string[]) => dsysIn(folder, ['history', ...words]);

/** Write skew, as Jepsen's list-append workload logs it. */
const skew = [
  '{:process 0 :type :invoke :f :txn :value [[:r :x nil] [:r :y nil] [:append :x 1]] :time 0}',
  '{:process 1 :type :invoke :f :txn :value [[:r :x nil] [:r :y nil] [:append :y 1]] :time 1}',
  '{:process 0 :type :ok :f :txn :value [[:r :x nil] [:r :y nil] [:append :x 1]] :time 5}',
  '{:process 1 :type :ok :f :txn :value [[:r :x nil] [:r :y nil] [:append :y 1]] :time 6}',
].join('\n');

const line = (process: number, kind: string, input: unknown, output: unknown, invoke: number) =>
  JSON.stringify({ process, key: 'x', kind, input, output, invoke, complete: invoke + 1, outcome: 'ok' });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'dsys '));
  writeFileSync(join(folder, 'skew.edn'), skew);
  writeFileSync(join(folder, 'stale.jsonl'), [line(0, 'write', 1, null, 0), line(1, 'read', null, null, 5)].join('\n'));
  const torn = ['write', 'x', 1];
  writeFileSync(
    join(folder, 'torn.jsonl'),
    [
      line(0, 'transaction', [torn, ['write', 'y', 1]], [torn, ['write', 'y', 1]], 0),
      line(
        1,
        'transaction',
        [],
        [
          ['read', 'x', 1],
          ['read', 'y', null],
        ],
        0,
      ),
    ].join('\n'),
  );
  writeFileSync(
    join(folder, 'twice.jsonl'),
    [line(0, 'write', 1, null, 0), line(1, 'write', 1, null, 0), line(2, 'read', null, 1, 5)].join('\n'),
  );
  writeFileSync(join(folder, 'broken.jsonl'), '{"process": 0}\n');
});

describe('isolation', () => {
  it('tells a violation in words, with the transactions of the cycle, exit 1', () => {
    const result = history('skew.edn', '--isolation', 'snapshot,serializable');
    expect(result.status, result.err).toBe(1);
    expect(result.out).toMatch(/^✓ isolation snapshot: Of 2 transactions/);
    expect(result.out).toMatch(
      /✗ isolation serializable: G2-item \(write skew\): T\d read [xy] before T\d overwrote it \(rw\)/,
    );
    expect(result.out).toContain('    0: process 0, 0..5 ns, ok: transaction [["read","x",null]');
  });

  it('prints one JSON object', () => {
    const result = history('skew.edn', '--isolation', 'serializable', '--format', 'json');
    expect(result.status).toBe(1);
    expect(result.json()).toMatchObject({
      schema: 'dsys.history/1',
      file: 'skew.edn',
      from: 'jepsen-edn',
      operations: 2,
      properties: [{ property: 'isolation serializable', verdict: 'violated', witness: { operations: [0, 1] } }],
    });
  });

  it('is what is checked of transactions when nothing else is asked for', () => {
    expect(history('skew.edn').out).toMatch(/^✗ isolation strict-serializable: /);
  });

  it('takes single operations as transactions', () => {
    expect(history('stale.jsonl', '--isolation', 'serializable').status).toBe(0);
    expect(history('stale.jsonl', '--isolation', 'strict-serializable').out).toContain('real time');
  });

  it('says what it cannot decide, exit 3', () => {
    const result = history('twice.jsonl', '--isolation', 'serializable');
    expect(result.status).toBe(3);
    expect(result.out).toMatch(/^\? isolation serializable: .*written more than once/);
  });

  it('finds fractured reads', () => {
    const result = history('torn.jsonl', '--fractured-reads');
    expect(result.status).toBe(1);
    expect(result.out).toMatch(/^✗ no fractured-reads: Fractured read: T1 saw what T0 did to x, but y as it was/);
  });
});

it('checks consistency by a model', () => {
  const result = history('stale.jsonl', '--model', 'register', '--consistency', 'linearizable,sequential');
  expect(result.status, result.err).toBe(1);
  expect(result.out).toMatch(/✗ linearizable: /);
  expect(result.out).toMatch(/✓ sequential: /);
});

it.each([
  [['missing.edn'], 'There is no file missing.edn'],
  [['broken.jsonl'], 'broken.jsonl cannot be read as jsonl: line 1: "kind" must be one of'],
  [
    ['skew.edn', '--isolation', 'perfect'],
    '--isolation: "perfect" is none of serializable, strict-serializable, snapshot',
  ],
  [['stale.jsonl', '--consistency', 'good'], '--consistency: "good" is none of linearizable'],
  [['stale.jsonl'], 'linearizable depends on what the operations do: --model is one of register'],
  [['stale.jsonl', '--from', 'csv'], 'Allowed choices are jepsen-edn'],
  [['stale.jsonl', '--model', 'tree'], 'Allowed choices are register'],
])('%j is refused with exit 2 and a message', (words, message) => {
  const result = history(...words);
  expect(result.status).toBe(2);
  expect(result.err).toContain(message);
  expect(result.out).toBe('');
});
