import { describe, expect, it } from 'vitest';
import { register } from '../model/register.ts';
import type { History, Operation } from './history.ts';
import { checkLinearizable } from './linearizable.ts';
import { checkRegular } from './regular.ts';
import { ask, randomHistory, written } from './testing/histories.ts';
import { seeded } from './testing/random.ts';
import { permutations } from './testing/sessions-oracle.ts';

/** The definition, trying every order of the writes. */
function isRegular({ operations, initial }: History): boolean {
  const writes = operations.filter(({ kind, outcome }) => kind === 'write' && outcome !== 'fail');
  const reads = operations.filter(({ kind, outcome }) => kind === 'read' && outcome === 'ok');
  const before = (a: Operation, b: Operation) => a.outcome === 'ok' && a.complete < b.invoke;
  return permutations(writes).some(order => {
    if (!order.every((b, i) => order.slice(0, i).every(a => !before(b, a)))) return false;
    return reads.every(read => {
      const last = order.filter(write => before(write, read)).at(-1);
      const running = writes.filter(write => !before(write, read) && !before(read, write));
      return (
        read.output === (last === undefined ? initial : last.input) ||
        running.some(write => write.input === read.output)
      );
    });
  });
}

describe('regular registers', () => {
  it('against the definition, every order of writes', () => {
    const counts = { holds: 0, violated: 0 };
    for (let seed = 0; seed < 5_000; seed++) {
      const history = randomHistory(seeded(seed), {
        model: register,
        initial: 0,
        processes: 4,
        operations: 8,
        keys: ['x'],
        unknown: 0.1,
        tamper: 0.4,
        longest: seed % 2 === 0 ? 10 : 3,
        ask: ask.unique,
      });
      const { verdict, why, witness } = checkRegular(history, register);
      if (why.startsWith('Nothing')) continue;
      const truth = isRegular(history);
      expect(verdict, `seed ${seed}: ${why}\n${JSON.stringify(history.operations)}`).toBe(truth ? 'holds' : 'violated');
      if (checkLinearizable(history, register).verdict === 'holds') expect(verdict).toBe('holds');
      counts[truth ? 'holds' : 'violated']++;
      // The witness contradicts itself, whatever else happened.
      if (witness !== null && !why.includes('nobody')) {
        const known = history.operations.filter(({ id, kind }) => witness.operations.includes(id) || kind === 'write');
        const freed = known.map(o =>
          witness.operations.includes(o.id) ? o : { ...o, outcome: 'unknown' as const, invoke: -1 },
        );
        expect(isRegular({ ...history, operations: freed }), `seed ${seed}: ${why}`).toBe(false);
      }
    }
    expect(Math.min(counts.holds, counts.violated)).toBeGreaterThan(1_000);
  });

  it('readers may disagree about a write that is running, but not about one that has returned', () => {
    const inverted = `c1 0..5 write x 1
      c1 10..30 write x 2
      c2 11..12 read x 2
      c3 13..14 read x 1`;
    expect(checkRegular(written(inverted, 0), register).verdict).toBe('holds');
    expect(checkLinearizable(written(inverted, 0), register).verdict).toBe('violated');
    expect(checkRegular(written(`${inverted}\nc3 31..32 read x 1`, 0), register)).toEqual({
      property: 'regular',
      verdict: 'violated',
      why: "c3 read 1 at 31 ms, but c1's write of 2 had returned at 30 ms, and c1's write of 1 had returned at 5 ms before c1's write of 2 began at 10 ms.",
      witness: { operations: [0, 1, 4], events: [] },
    });
  });

  it('two readers cannot settle on different orders', () => {
    const settled = `c1 0..9 write x 1
      c2 0..9 write x 2
      c3 10..12 read x 1
      c4 13..14 read x 2`;
    expect(checkRegular(written(settled, 0), register).why).toBe(
      "c3 read 1 at 10 ms, but c2's write of 2 had returned at 9 ms, and c4 read 2 at 13 ms, but c1's write of 1 had returned at 9 ms.",
    );
  });

  it('does not judge what it is not about', () => {
    expect(checkRegular(written('c1 0..1 cas x [0,1]', 0), register).verdict).toBe('unknown');
    expect(checkRegular(written('c1 0..1 write x 1\nc2 0..1 write x 1\nc2 3..4 read x 1', 0), register).verdict).toBe(
      'unknown',
    );
    expect(checkRegular(written('c1 0..1 write x 1', 0), register).verdict).toBe('unknown');
  });
});
