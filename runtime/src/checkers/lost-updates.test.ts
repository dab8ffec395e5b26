import { describe, expect, it } from 'vitest';
import type { History, Value } from './history.ts';
import { checkLostUpdates } from './lost-updates.ts';
import { written } from './testing/histories.ts';

const at = (...values: readonly Value[]) => [{ holder: 'a', covers: () => true, values: new Map([['x', values]]) }];
const judge = (text: string, ...values: readonly Value[]) =>
  checkLostUpdates(written(text, null), at(...values)).verdict;

describe('lost updates', () => {
  it('a value that is gone must have been seen by somebody who wrote since', () => {
    const both = 'c1 0..1 write x 1\nc2 0..1 write x 2';
    expect(judge(both, 2)).toBe('violated');
    expect(judge(both, 1, 2)).toBe('holds');
    expect(judge(`${both}\nc3 2..3 read x 1\nc3 4..5 write x 3`, 2, 3)).toBe('holds');
    // Reading is not enough, and having read it afterwards neither.
    expect(judge(`${both}\nc3 2..3 read x 1`, 2)).toBe('violated');
    expect(judge('c1 0..1 write x 1\nc2 2..3 write x 2\nc2 4..5 read x 1', 2)).toBe('violated');
    expect(checkLostUpdates(written(both, null), at(2)).why).toBe(
      "c1's write of 1 to x, acknowledged at 1 ms, is gone, and nobody who wrote since had seen it (of 2 acknowledged writes).",
    );
  });

  it('who has written it has seen it; what was not acknowledged is not lost', () => {
    expect(judge('c1 0..1 write x 1\nc1 2..3 write x 2', 2)).toBe('holds');
    expect(judge('c1 0..1 write x 1\nc2 0.. write x 2', 1)).toBe('holds');
    expect(judge('c1 0.. write x 1\nc2 0..1 write x 2', 2)).toBe('holds');
  });

  it('all of several values that an answer told of have been seen', () => {
    const { operations } = written('c1 0..1 write x 1\nc2 0..1 write x 2\nc3 2..3 read x 2\nc3 4..5 write x 3', null);
    const told: History = {
      initial: null,
      operations: operations.map(one => (one.kind === 'read' ? { ...one, siblings: [1, 2] } : one)),
    };
    expect(checkLostUpdates({ operations, initial: null }, at(3)).verdict).toBe('violated');
    expect(checkLostUpdates(told, at(3)).verdict).toBe('holds');
  });

  it('a compare-and-set has seen what it replaced', () => {
    expect(judge('c1 0..1 write x 1\nc2 2..3 cas x [1,2] true', 2)).toBe('holds');
  });

  it('elements and increments must be there', () => {
    expect(judge('c1 0..1 add x 1\nc2 0..1 add x 2', [1, 2])).toBe('holds');
    expect(judge('c1 0..1 add x 1\nc2 0..1 add x 2', [2])).toBe('violated');
    expect(judge('c1 0..1 add x 1\nc2 2..3 delete x 1', [])).toBe('holds');
    expect(judge('c1 0..1 increment x 1\nc2 0..1 increment x 1', 2)).toBe('holds');
    expect(judge('c1 0..1 increment x 1\nc2 0..1 increment x 1', 1)).toBe('violated');
  });
});
