import { describe, expect, it } from 'vitest';
import { modelNamed } from '../model/model.ts';
import type { Value } from './history.ts';
import { checkLinearizable } from './linearizable.ts';
import { written } from './testing/histories.ts';
import { DEFAULT_NAMES, milliseconds } from './words.ts';

function why(model: string, initial: Value, text: string) {
  const { verdict, why, witness } = checkLinearizable(written(text, initial), modelNamed(model)!);
  return { verdict, why, operations: witness?.operations };
}

describe('why a history is not linearizable', () => {
  it('a stale read of the initial value', () => {
    expect(
      why(
        'register',
        0,
        `c1 3..12 write x 1
         c3 5..11 read x 1
         c2 41..43 read x 0`,
      ),
    ).toEqual({
      verdict: 'violated',
      why: "c2 read 0 at 41 ms, but c1's write of 1 had returned at 12 ms.",
      operations: [0, 2],
    });
  });

  it('a stale read of an older write', () => {
    expect(
      why(
        'kv',
        null,
        `c1 0..5 write x "a"
         c2 7..8 write x "b"
         c3 9..10 read x "a"
         c4 9..10 read y null`,
      ),
    ).toEqual({
      verdict: 'violated',
      why: 'x: c3 read "a" at 9 ms, but c2\'s write of "b" had returned at 8 ms, and c1\'s write of "a" had returned at 5 ms before c2\'s write of "b" began at 7 ms; each value was written only once.',
      operations: [0, 1, 2],
    });
  });

  it('two readers who disagree about concurrent writes', () => {
    const { verdict, operations } = why(
      'register',
      0,
      `c1 0..50 write x 1
       c2 0..50 write x 2
       c3 1..5 read x 1
       c4 6..9 read x 2
       c3 10..12 read x 1`,
    );
    expect({ verdict, operations }).toEqual({ verdict: 'violated', operations: [0, 1, 2, 3, 4] });
  });

  it('a value from nowhere, and one from the future', () => {
    expect(why('register', 0, 'c1 0..5 read x 7').why).toBe('c1 read 7 at 0 ms, but nobody ever wrote 7.');
    expect(
      why(
        'register',
        0,
        `c1 0..5 read x 7
         c2 6..8 write x 7`,
      ).why,
    ).toBe("c1 read 7 at 5 ms, but c2's write of 7 began only at 6 ms.");
    expect(
      why(
        'register',
        0,
        `c1 0..5 cas x [7,8]
         c2 6..8 write x 7`,
      ).why,
    ).toBe("c1 set 7 → 8 at 5 ms, but c2's write of 7 began only at 6 ms.");
  });

  it('after a search: only what the contradiction needs', () => {
    expect(
      why(
        'register',
        0,
        `c1 0..5 write x 1
         c2 6..8 write x 1
         c3 9..10 cas x [1,2] false
         c1 20..21 write x 3
         c2 22..23 read x 3`,
      ),
    ).toEqual({
      verdict: 'violated',
      why: "c3 was refused 1 → 2 at 9 ms, but c2's write of 1 had returned at 8 ms.",
      operations: [1, 2],
    });
  });

  it('counters', () => {
    expect(
      why(
        'counter',
        10,
        `c1 0..5 increment x 1
         c2 6..8 increment x 5
         c1 6..7 increment x 2
         c3 9..10 read x 12`,
      ),
    ).toEqual({
      verdict: 'violated',
      why: 'c3 read 12 at 9 ms, but what had returned by then adds up to at least 18.',
      operations: [1, 3],
    });
    expect(
      why(
        'counter',
        0,
        `c1 0.. increment x 1
         c3 9..10 read x 2
         c2 12..13 increment x 5`,
      ).why,
    ).toBe('c3 read 2 at 10 ms, but what had begun by then adds up to at most 1.');
  });

  it('sets and lists', () => {
    expect(
      why(
        'set',
        null,
        `c1 0..5 add x 1
         c2 6..8 read x []`,
      ).why,
    ).toBe("c2 read [] at 6 ms, without 1, but c1's add of 1 had returned at 5 ms.");
    expect(
      why(
        'list',
        null,
        `c1 0..5 append x 1
         c2 6..8 append x 2
         c3 9..10 read x [2,1]`,
      ).why,
    ).toBe(
      "c3 read [2, 1] at 9 ms, so c2's append of 2 came before c1's append of 1, but c1's append of 1 had returned at 5 ms before the other began at 6 ms.",
    );
    expect(
      why(
        'set',
        null,
        `c1 0..5 add x 1
         c2 0..5 add x 2
         c3 0..5 read x [1]
         c4 0..5 read x [2]`,
      ).why,
    ).toBe('c3 read [1] at 0 ms and c4 read [2] at 0 ms: neither can have come first.');
  });

  it('says what was checked, and what could not be', () => {
    expect(why('register', 0, 'c1 0..5 write x 1').why).toBe(
      '1 operation on 1 key fit one order that respects real time.',
    );
    const nothing = why(
      'register',
      0,
      `c1 0..5! write x 1
       c2 0.. read x 1`,
    );
    expect(nothing.verdict).toBe('unknown');
    const wrong = why('counter', 0, 'c1 0..5 write x 1');
    expect(wrong).toMatchObject({ verdict: 'unknown', why: expect.stringContaining('it knows read, increment') });
    expect(why('counter', 0, 'c1 0..5 increment x 0.1').why).toContain('whole amounts only');
  });

  it('names clients and times as it is told to', () => {
    const history = written('c1 0..5 read x 7', 0);
    const names = { process: (process: number) => `worker ${process}`, time: (ns: number) => `line ${ns}` };
    expect(checkLinearizable(history, modelNamed('register')!, undefined, names).why).toBe(
      'worker 1 read 7 at line 0, but nobody ever wrote 7.',
    );
    expect(DEFAULT_NAMES.process(3)).toBe('c3');
  });

  it('gives times as many digits as tell them apart', () => {
    const at = milliseconds([12_345_678, 12_345_999, Number.POSITIVE_INFINITY]);
    expect(at(12_345_678)).toBe('12.3457 ms');
    expect(at(12_345_999)).toBe('12.3460 ms');
    expect(milliseconds([41_200_000, 12_000_000])(41_200_000)).toBe('41 ms');
  });
});
