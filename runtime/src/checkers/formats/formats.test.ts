import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recordedEntries } from '../testing/recorded.ts';
import { readEdn } from './edn.ts';
import { guessFormat, readHistory } from './formats.ts';

const read = (file: string) => readFileSync(new URL(`../data/${file}`, import.meta.url), 'utf8');

describe('edn', () => {
  it('reads what histories are made of', () => {
    const [value] = readEdn(
      '; a comment\n[nil true -1 2.5 3N "a\\"b\n" :ok sym, (1 2) #{1} #jepsen.Op{:a 1} #_ [ignored] {}]',
    );
    expect(value).toEqual([
      null,
      true,
      -1,
      2.5,
      3,
      'a"b\n',
      ':ok',
      'sym',
      [1, 2],
      [1],
      new Map([[':a', 1]]),
      new Map(),
    ]);
    expect(readEdn('1 2')).toEqual([1, 2]);
  });

  it('says where a text is broken', () => {
    expect(() => readEdn('[1\n[2')).toThrow('line 2: the text ends in the middle of a value');
    expect(() => readEdn('\n\n]')).toThrow('line 3: "]" closes nothing');
    expect(() => readEdn('{1}')).toThrow('line 1: a map needs a value for every key');
    expect(() => readEdn('"abc')).toThrow('line 1: a string is not closed');
    expect(() => readEdn('1/2')).toThrow('"1/2" is not a number');
  });
});

describe('formats', () => {
  const log = [
    'INFO  jepsen.util - 0\t:invoke\t:read\tnil',
    'INFO  jepsen.util - :nemesis\t:info\t:start\tnil',
    'INFO  jepsen.util - 1\t:invoke\t:cas\t[2 4]',
    'INFO  jepsen.util - 0\t:ok\t:read\tnil',
    'INFO  jepsen.util - 1\t:fail\t:cas\t[2 4]',
    'INFO  jepsen.util - 0\t:invoke\t:write\t3',
    'INFO  jepsen.util - 0\t:info\t:write\t:timed-out',
  ].join('\n');

  it('jepsen-log: calls and returns are paired, a refused cas is an answer unless it is to be ignored', () => {
    const { history, clock } = readHistory(log, 'jepsen-log');
    expect(clock).toBe('line');
    expect(history.operations).toEqual([
      { id: 0, process: 0, key: '', kind: 'read', input: null, output: null, invoke: 0, complete: 2, outcome: 'ok' },
      { id: 1, process: 1, key: '', kind: 'cas', input: [2, 4], output: false, invoke: 1, complete: 3, outcome: 'ok' },
      {
        id: 2,
        process: 0,
        key: '',
        kind: 'write',
        input: 3,
        output: null,
        invoke: 4,
        complete: Infinity,
        outcome: 'unknown',
        abandoned: 5,
      },
    ]);
    expect(readHistory(log, 'jepsen-log', { failedCas: 'ignored' }).history.operations[1].outcome).toBe('fail');
    expect(readHistory(log, 'jepsen-log', { nilRead: 'unknown' }).history.operations[0].outcome).toBe('unknown');
  });

  it('jepsen-edn: times may not run backwards, since the order of the lines is that of the events', () => {
    const text = `{:process 0, :type :invoke, :f :read, :value nil, :time 50}
      {:process 1, :type :invoke, :f :acquire, :value nil, :time 40}
      {:process :nemesis, :type :info, :f :kill}
      {:process 0, :type :ok, :f :read, :value 3, :time 60}
      {:process 1, :type :ok, :f :acquire, :value nil, :time 61}
      {:process 1, :type :invoke, :f :txn, :value [[:r :x nil] [:w :y 1]], :time 62}
      {:process 1, :type :ok, :f :txn, :value [[:r :x nil] [:w :y 1]], :time 63}`;
    const { history, clock } = readHistory(text, 'jepsen-edn', { nilRead: 'value' });
    expect(clock).toBe('ns');
    expect(history.operations.map(o => [o.kind, o.input, o.output, o.invoke, o.complete])).toEqual([
      ['read', null, 3, 50, 60],
      ['cas', [false, true], true, 51, 61],
      [
        'transaction',
        [
          ['read', 'x', null],
          ['write', 'y', 1],
        ],
        [
          ['read', 'x', null],
          ['write', 'y', 1],
        ],
        62,
        63,
      ],
    ]);
    expect(readHistory(text, 'jepsen-edn').history.operations[2].output).toEqual([['write', 'y', 1]]);
  });

  it('jsonl: the fields of an operation, one a line', () => {
    const text = `{"initial": 0}
      {"process": 1, "key": "x", "kind": "write", "input": 1, "invoke": 5, "complete": null, "outcome": "unknown", "abandoned": 9}
      {"process": 0, "key": "x", "kind": "read", "output": 0, "invoke": 2, "complete": 7, "outcome": "ok"}`;
    const { history } = readHistory(text, 'jsonl');
    expect(history).toEqual({
      initial: 0,
      operations: [
        { id: 0, process: 0, key: 'x', kind: 'read', input: null, output: 0, invoke: 2, complete: 7, outcome: 'ok' },
        {
          id: 1,
          process: 1,
          key: 'x',
          kind: 'write',
          input: 1,
          output: null,
          invoke: 5,
          complete: Infinity,
          outcome: 'unknown',
          abandoned: 9,
        },
      ],
    });
    const bad = (line: string) => () => readHistory(`{"initial":0}\n${line}`, 'jsonl');
    expect(bad('{')).toThrow('line 2: not a JSON object');
    expect(bad('{"kind": "read"}')).toThrow('line 2: "process" must be a whole number');
    expect(bad('{"kind": "sing", "process": 1}')).toThrow('line 2: "kind" must be one of read, write');
    expect(bad('{"kind": "read", "process": 1, "invoke": 1, "outcome": "yes"}')).toThrow('"outcome" must be one of ok');
    expect(bad('{"kind": "read", "process": 1, "invoke": 1, "outcome": "ok", "output": {}}')).toThrow(
      '"input" and "output"',
    );
  });

  it('refuse texts that are something else', () => {
    expect(() => readHistory('hello', 'jepsen-log')).toThrow('no operation of the format jepsen-log was found');
    expect(() => readHistory('{:process 1, :type :ok, :f :sing}', 'jepsen-edn')).toThrow('"sing" of process 1');
    expect(() =>
      readHistory('{:process 1, :type :invoke, :f :read} {:process 2, :type :ok, :f :read}', 'jepsen-edn'),
    ).toThrow('event 2: process 2 returns from something it never called');
  });

  it('are told apart', () => {
    const expected = {
      'lin-etcd-register': 'jepsen-log',
      'lin-kv-append': 'porcupine-kv',
      'lin-cas-register-knossos': 'jepsen-edn',
      'lin-multi-register': 'jepsen-edn',
      'session-mww': 'jepsen-edn',
    };
    for (const [group, format] of Object.entries(expected)) {
      for (const { file } of recordedEntries(group, read)) expect(guessFormat(read(file)), file).toBe(format);
    }
    expect(guessFormat('{"process": 1}')).toBe('jsonl');
    expect(guessFormat('hello')).toBe(undefined);
  });
});
