import { describe, expect, it } from 'vitest';
import { checkDiscards } from './discards.ts';
import type { History, Operation } from './history.ts';

const write = (id: number, outcome: Operation['outcome']): Operation => ({
  id,
  process: id,
  key: 'x',
  kind: 'write',
  input: id,
  output: null,
  invoke: id * 1_000_000,
  complete: outcome === 'unknown' ? Number.POSITIVE_INFINITY : id * 1_000_000 + 500_000,
  outcome,
});
const history: History = { operations: [write(0, 'ok'), write(1, 'ok'), write(2, 'unknown')], initial: null };

describe('writes that gave way to others that had not seen them', () => {
  it('are lost if they were acknowledged, whatever became of the others', () => {
    const found = checkDiscards(history, [{ loser: 0, winner: 2, holder: 'a' }]);
    expect(found.verdict).toBe('violated');
    expect(found.why).toContain("c0's write of 0 to x");
    expect(found.why).toContain('was discarded at a for c2');
    expect(found.witness?.operations).toEqual([0, 2]);
  });

  it('are not if nobody was told that they happened', () => {
    expect(checkDiscards(history, [{ loser: 2, winner: 1, holder: 'a' }]).verdict).toBe('holds');
    expect(checkDiscards(history, []).verdict).toBe('holds');
  });

  it('may have given way to something that is in no history', () => {
    expect(checkDiscards(history, [{ loser: 1, winner: -1, holder: 'b' }]).why).toContain('discarded at b for one');
  });

  it('is unknown if nothing was acknowledged', () => {
    expect(checkDiscards({ operations: [write(0, 'unknown')], initial: null }, []).verdict).toBe('unknown');
  });
});
