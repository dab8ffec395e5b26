import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Operation, Value } from '../history.ts';
import { historyOf } from '../testing/histories.ts';
import { recordedEntries } from '../testing/recorded.ts';
import { fracturedReads } from './fractured-reads.ts';
import { isolationOf } from './isolation.ts';

const read = (file: string) => readFileSync(new URL(`../data/${file}`, import.meta.url), 'utf8');

/** `=====` between sessions, `-----` between transactions, `r key value` and `w key value`. No times. */
function transactionsOf(text: string) {
  const operations = text
    .trim()
    .split(/^=+$/m)
    .flatMap((session, process) =>
      session
        .trim()
        .split(/^-+$/m)
        .map((transaction): Omit<Operation, 'id'> => {
          const steps = transaction
            .trim()
            .split('\n')
            .map((line): Value => {
              const [kind, key, value] = line.trim().split(' ');
              return [kind === 'r' ? 'read' : 'write', key!, Number(value)];
            });
          return {
            process,
            key: '',
            kind: 'transaction',
            input: steps,
            output: steps,
            invoke: 0,
            complete: 0,
            outcome: 'ok',
          };
        }),
    );
  return historyOf(operations, null);
}

/** Their levels are those of Biswas & Enea (OOPSLA 2019), which know sessions; what follows for ours is one way only. */
describe.each(recordedEntries('transactions', read))('$file', ({ file, verdicts }) => {
  const history = transactionsOf(read(file));
  it('is read committed if it is so for those who have sessions, too', () => {
    const { verdict, why } = isolationOf(history, 'read-committed');
    if (verdicts.readCommitted) expect(verdict, why).toBe('holds');
  });
  it('is serializable in the order of sessions only if it is causal', () => {
    const { verdict, why } = isolationOf(history, 'strict-serializable');
    if (!verdicts.txnCausal) expect(verdict, why).toBe('violated');
  });
  it('has no fractured reads if it is read atomic', () => {
    const { verdict, why } = fracturedReads(history);
    const nothing = why.startsWith('Nothing was checked: no transaction read two keys');
    if (verdicts.readAtomic) expect(verdict, why).toBe(nothing ? 'unknown' : 'holds');
  });
});

it('tells a long fork from what is serializable', () => {
  const level = (file: string) =>
    isolationOf(transactionsOf(read(`transactions/awdit-causal-${file}.txt`)), 'serializable');
  expect(level('fully-ser').verdict).toBe('holds');
  expect(level('long-fork')).toMatchObject({ verdict: 'violated', why: expect.stringContaining('G-nonadjacent') });
});
