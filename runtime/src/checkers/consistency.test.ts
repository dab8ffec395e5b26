import { describe, expect, it } from 'vitest';
import { counter } from '../model/counter.ts';
import { kv } from '../model/kv.ts';
import { MODEL_NAMES, modelNamed } from '../model/model.ts';
import { CONSISTENCIES, checkConsistency } from './consistency.ts';
import type { History } from './history.ts';
import { written } from './testing/histories.ts';

describe('consistency by name', () => {
  it('covers the language, and every verdict carries the name that was asked for', () => {
    expect(CONSISTENCIES).toEqual([
      'linearizable',
      'regular',
      'sequential',
      'weak-causal',
      'causal-convergence',
      'causal-memory',
      'causal',
      'pram',
      'read-your-writes',
      'monotonic-reads',
      'monotonic-writes',
      'writes-follow-reads',
    ]);
    const stale = written('c1 0..1 write x 1\nc1 2..3 read x 0', 0);
    for (const consistency of CONSISTENCIES) {
      const { property, verdict } = checkConsistency(stale, kv, consistency);
      const silent = ['monotonic-reads', 'monotonic-writes', 'writes-follow-reads'].includes(consistency);
      expect([property, verdict]).toEqual([consistency, silent ? 'unknown' : 'violated']);
    }
  });

  it('never claims that something empty holds, nor fails on it', () => {
    const nothing: History = { operations: [], initial: null };
    for (const name of MODEL_NAMES) {
      for (const consistency of CONSISTENCIES) {
        const { verdict, why } = checkConsistency(nothing, modelNamed(name)!, consistency);
        expect([verdict, why.endsWith('.')], `${name} ${consistency}`).toEqual(['unknown', true]);
      }
    }
  });

  it('tells what is wrong with a history that is none', () => {
    const { operations } = written('c1 0..5 write x 1\nc2 3..4 read x 1', 0);
    const [write, readOfOne] = operations;
    const broken: readonly (readonly [History['operations'], string])[] = [
      [[readOfOne, write], 'has id 1: ids must count from 0'],
      [
        [
          { ...readOfOne, id: 0 },
          { ...write, id: 1 },
        ],
        'sort the history by time of invocation',
      ],
      [[{ ...write, complete: Number.POSITIVE_INFINITY }], 'has the outcome "unknown"'],
      [[{ ...write, complete: -1 }], 'was invoked at 0 and completed at -1'],
      [[{ ...write, invoke: Number.NaN }], 'which is not a time'],
      [[write, { ...readOfOne, process: 1 }], 'a session does one thing at a time'],
      [[{ ...write, kind: 'increment' }], 'is not something that a kv can do'],
      [[{ ...write, kind: 'cas' }], 'a cas needs [expected, replacement]'],
      [[{ ...write, kind: 'cas', input: [1, 2] }], 'a cas answers true'],
    ];
    for (const [list, problem] of broken) {
      for (const consistency of CONSISTENCIES) {
        const { verdict, why } = checkConsistency({ operations: list, initial: 0 }, kv, consistency);
        expect(verdict).toBe('unknown');
        expect(why).toContain(problem);
      }
    }
    const text: History = { operations: [{ ...readOfOne, id: 0, output: 'a' }], initial: 0 };
    expect(checkConsistency(text, counter, 'linearizable').why).toContain('a counter holds a whole number');
    expect(checkConsistency({ ...text, operations: [], initial: 'a' }, counter, 'sequential').why).toContain(
      'The initial value is "a"',
    );
  });
});
