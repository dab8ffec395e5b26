import { describe, expect, it } from 'vitest';
import type { IsolationLevel } from '../../design/property.ts';
import { hasNoFracturedReads, isReadCommitted, isSerializable, isSnapshot } from '../testing/isolation-oracle.ts';
import { seeded } from '../testing/random.ts';
import { randomTransactions, type TransactionRecipe } from '../testing/transactions.ts';
import { fracturedReads } from './fractured-reads.ts';
import { isolationOf } from './isolation.ts';

const rounds = process.env.DSYS_LONG === '1' ? 40_000 : 4_000;

describe('against the definitions, by all orders', () => {
  const oracles: readonly [IsolationLevel, (history: Parameters<typeof isSnapshot>[0]) => boolean][] = [
    ['serializable', history => isSerializable(history, false)],
    ['repeatable-read', history => isSerializable(history, false)],
    ['strict-serializable', history => isSerializable(history, true)],
    ['snapshot', isSnapshot],
    ['read-committed', isReadCommitted],
  ];
  it.each([
    [true, 0],
    [false, 0],
    [true, 0.1],
    [false, 0.3],
  ])('agrees on random histories (lists: %s, repeated values: %s)', (lists, repeated) => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < rounds; seed++) {
      const random = seeded(seed);
      const recipe: TransactionRecipe = {
        transactions: 2 + random.below(4),
        processes: 1 + random.below(4),
        keys: ['x', 'y', 'z'].slice(0, 1 + random.below(3)),
        lists,
        steps: 4,
        store: random.pick(['serial', 'snapshot', 'committed', 'dirty']),
        unknown: random.pick([0, 0.2]),
        failed: random.pick([0, 0.15]),
        tamper: random.pick([0, 0.05, 0.2]),
        repeated,
      };
      const history = randomTransactions(random, recipe);
      for (const [level, oracle] of oracles) {
        const verdict = isolationOf(history, level);
        const holds = oracle(history);
        const count = `${level} ${holds ? 'holds' : 'violated'}`;
        counts.set(count, (counts.get(count) ?? 0) + 1);
        const open = verdict.why.startsWith('Nothing was checked') || (repeated > 0 && verdict.verdict === 'unknown');
        if (!open && verdict.verdict !== (holds ? 'holds' : 'violated'))
          expect.fail(
            `seed ${seed}, ${level}: ${verdict.verdict} (${verdict.why}), but it ${count}\n${history.operations.map(o => `c${o.process} ${o.invoke}..${o.complete} ${o.outcome} ${JSON.stringify(o.outcome === 'ok' ? o.output : o.input)}`).join('\n')}`,
          );
      }
    }
    for (const [level] of oracles)
      for (const verdict of ['holds', 'violated'])
        expect(counts.get(`${level} ${verdict}`) ?? 0, `${level} ${verdict}`).toBeGreaterThan(
          rounds / (repeated > 0 ? 100 : 20),
        );
  });

  it('agrees about fractured reads of registers', () => {
    const counts = { holds: 0, violated: 0, unknown: 0 };
    for (let seed = 0; seed < rounds; seed++) {
      const random = seeded(seed);
      const history = randomTransactions(random, {
        transactions: 2 + random.below(4),
        processes: 1 + random.below(4),
        keys: ['x', 'y', 'z'].slice(0, 2 + random.below(2)),
        lists: false,
        steps: 7,
        store: random.pick(['snapshot', 'committed', 'dirty']),
        unknown: 0,
        failed: 0,
        tamper: random.pick([0, 0.4, 0.8]),
      });
      const { verdict, why } = fracturedReads(history);
      counts[verdict]++;
      if (verdict !== 'unknown')
        expect(verdict, `seed ${seed}: ${why}`).toBe(hasNoFracturedReads(history) ? 'holds' : 'violated');
    }
    expect(counts.holds).toBeGreaterThan(rounds / 4);
    expect(counts.violated).toBeGreaterThan(rounds / 40);
  });
});
