import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { kv } from '../model/kv.ts';
import { list } from '../model/list.ts';
import { register } from '../model/register.ts';
import { set } from '../model/set.ts';
import { CAUSAL_MODELS, type CausalModel, checkCausal, findPerSession } from './causal.ts';
import { causalGraph } from './causal-graph.ts';
import { orderEvents } from './happens-before.ts';
import type { History, Operation } from './history.ts';
import { judgeSessions } from './session-knowledge.ts';
import { isCausal, isPram } from './testing/causal-oracle.ts';
import { historyOf, litmus, replicatedSessions, written } from './testing/histories.ts';
import { type Random, seeded } from './testing/random.ts';
import { recordedEntries, sessionsOfTransactions } from './testing/recorded.ts';

const read = (file: string) => readFileSync(new URL(`./data/${file}`, import.meta.url), 'utf8');

const verdictOf = (history: History, model: CausalModel) => checkCausal(history, kv, model).verdict;

/** Y: allowed. Columns: CCv, CM, CC, PRAM. Verdicts computed from the definitions. */
const LITMUS = {
  'store buffer: w(x)1 r(y)0 | w(y)1 r(x)0': 'YYYY',
  'disagreeing readers: w(x)1 | w(x)2 | r(x)1 r(x)2 | r(x)2 r(x)1': 'nYYY',
  'independent writes: w(x)1 | w(y)1 | r(x)1 r(y)0 | r(y)1 r(x)0': 'YYYY',
  'each reads the other: w(x)1 r(x)2 | w(x)2 r(x)1': 'nYYY',
  'non-monotonic read: w(x)1 w(x)2 | r(x)2 r(x)1': 'nnnn',
  'own write not read: w(x)1 r(x)0': 'nnnn',
  'causality through a third: w(x)1 | r(x)1 w(y)1 | r(y)1 r(x)0': 'nnnY',
};

/** Sessions of reads and writes with values that are written once; reads mostly get what somebody wrote. */
function randomSessions(random: Random, operations: number): History {
  const keys = ['x', 'y'];
  const drafts = Array.from({ length: operations }, (_, n) => ({
    process: random.below(3),
    key: random.pick(keys),
    kind: random.chance(0.5) ? ('read' as const) : ('write' as const),
    value: n + 1,
  }));
  return historyOf(
    drafts.map(({ process, key, kind, value }): Omit<Operation, 'id'> => {
      const writes = drafts.filter(other => other.kind === 'write' && other.key === key);
      const output = random.chance(0.25) || writes.length === 0 ? 0 : random.pick(writes).value;
      return {
        process,
        key,
        kind,
        input: kind === 'write' ? value : null,
        output: kind === 'read' ? output : null,
        invoke: 0,
        complete: 0,
        outcome: 'ok',
      };
    }),
    0,
  );
}

/** Sessions that add to a set or a list; answers show some of the additions, in a list in some order. */
function randomAdditions(random: Random, operations: number, kind: 'add' | 'append'): History {
  const drafts = Array.from({ length: operations }, (_, n) => ({
    process: random.below(3),
    key: random.pick(['x', 'x', 'y']),
    isRead: random.chance(0.55),
    value: n + 1,
  }));
  return historyOf(
    drafts.map(({ process, key, isRead, value }): Omit<Operation, 'id'> => {
      const elements = drafts
        .filter(other => !other.isRead && other.key === key && random.chance(0.7))
        .map(other => other.value);
      if (kind === 'append' && random.chance(0.3)) elements.reverse();
      return {
        process,
        key,
        kind: isRead ? 'read' : kind,
        input: isRead ? null : value,
        output: isRead ? elements : null,
        invoke: 0,
        complete: 0,
        outcome: 'ok',
      };
    }),
    null,
  );
}

/** A session that reads and writes while two others only write: the contradictions in it take many steps to find. */
function oneReader(random: Random): History {
  const keys = ['x', 'y', 'z', 'u', 'v', 'w'];
  const plain = { invoke: 0, complete: 0, outcome: 'ok' as const };
  const made: Omit<Operation, 'id'>[] = [];
  const write = (process: number) =>
    made.push({ ...plain, process, key: random.pick(keys), kind: 'write', input: made.length + 1, output: null });
  for (let n = 0; n < 16; n++) write(1 + (n % 2));
  for (let n = 0; n < 8; n++) {
    const { key, input } = random.pick(made.filter(({ kind }) => kind === 'write'));
    if (random.chance(0.3)) write(0);
    else made.push({ ...plain, process: 0, key, kind: 'read', input: null, output: input });
  }
  return historyOf(made, 0);
}

describe('causal models', () => {
  for (const [text, expected] of Object.entries(LITMUS)) {
    it(text, () => {
      const history = litmus(text.slice(text.indexOf(':') + 1));
      const models = ['causal-convergence', 'causal-memory', 'weak-causal', 'pram'] as const;
      expect(models.map(model => (verdictOf(history, model) === 'holds' ? 'Y' : 'n')).join('')).toBe(expected);
    });
  }

  for (const [size, count] of [
    [4, 4_000],
    [5, 600],
  ]) {
    it(`against the definitions, all orders: ${count} histories of ${size} operations`, () => {
      const counts: Record<string, number> = {};
      for (let seed = 0; seed < count; seed++) {
        const history = randomSessions(seeded(seed * 10 + size), size);
        if (history.operations.every(({ kind }) => kind === 'write')) continue;
        for (const model of ['weak-causal', 'causal-convergence', 'causal-memory', 'pram'] as const) {
          const truth = model === 'pram' ? isPram(history) : isCausal(history, model);
          const { verdict, why } = checkCausal(history, register, model);
          expect(verdict, `seed ${seed} ${model}: ${why}\n${JSON.stringify(history.operations)}`).toBe(
            truth ? 'holds' : 'violated',
          );
          const name = `${model} ${verdict}`;
          counts[name] = (counts[name] ?? 0) + 1;
        }
      }
      expect(Object.keys(counts)).toHaveLength(8);
      expect(Math.min(...Object.values(counts))).toBeGreaterThan(count / 50);
    }, 60_000);
  }

  for (const model of [list, set]) {
    it(`of a ${model.name}, against the definitions`, () => {
      const counts: Record<string, number> = {};
      for (let seed = 0; seed < 2_500; seed++) {
        const history = randomAdditions(
          seeded(seed),
          seed % 10 === 0 ? 5 : 4,
          model.name === 'list' ? 'append' : 'add',
        );
        if (history.operations.every(({ kind }) => kind !== 'read')) continue;
        for (const property of ['weak-causal', 'causal-convergence', 'causal-memory', 'pram'] as const) {
          const truth = property === 'pram' ? isPram(history, model) : isCausal(history, property, model);
          const { verdict, why } = checkCausal(history, model, property);
          expect(verdict, `seed ${seed} ${property}: ${why}\n${JSON.stringify(history.operations)}`).toBe(
            truth ? 'holds' : 'violated',
          );
          const name = `${property} ${verdict}`;
          counts[name] = (counts[name] ?? 0) + 1;
        }
      }
      expect(Object.keys(counts)).toHaveLength(8);
      expect(Math.min(...Object.values(counts))).toBeGreaterThan(200);
    }, 60_000);
  }

  it('keep their hierarchy on larger histories', () => {
    const stronger: readonly (readonly [CausalModel, CausalModel])[] = [
      ['causal', 'causal-memory'],
      ['causal', 'causal-convergence'],
      ['causal-memory', 'weak-causal'],
      ['causal-convergence', 'weak-causal'],
      ['causal-memory', 'pram'],
    ];
    const seen = new Set<string>();
    for (let seed = 0; seed < 3_000; seed++) {
      const history = randomSessions(seeded(seed), 6 + (seed % 9));
      const verdicts = Object.fromEntries(CAUSAL_MODELS.map(model => [model, verdictOf(history, model)]));
      for (const [strong, weak] of stronger)
        if (verdicts[strong] === 'holds') expect(verdicts[weak], `seed ${seed} ${strong} ${weak}`).toBe('holds');
      seen.add(Object.values(verdicts).join());
    }
    expect(seen.size).toBeGreaterThan(5);
  });

  it('sessions are judged as by taking the relation step by step', () => {
    const counts: Record<string, number> = {};
    for (let seed = 0; seed < 6_000; seed++) {
      const random = seeded(seed);
      const keys = ['x', 'y', 'z', 'u'].slice(0, 1 + random.below(4));
      const replicated = () => replicatedSessions(random, 2 + random.below(4), 12 + random.below(30), keys, 0.05);
      const graph = causalGraph(seed % 3 === 0 ? replicated() : oneReader(random));
      for (const property of ['pram', 'causal-memory']) {
        const order = property === 'pram' ? undefined : orderEvents(graph, [], () => true);
        if (order !== undefined && 'cycle' in order) continue;
        const pattern = findPerSession(graph, order, graph.lastOf);
        expect(judgeSessions(graph, order).verdict, `seed ${seed} ${property}`).toBe(
          pattern === undefined ? 'fine' : 'bad',
        );
        const name = `${property} ${pattern?.kind ?? 'fine'}`;
        counts[name] = (counts[name] ?? 0) + 1;
      }
    }
    expect(Object.keys(counts)).toHaveLength(6);
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(100);
  });

  it('figure 2 of POPL 2017', () => {
    const entries = recordedEntries('causal-register', read);
    expect(entries).toHaveLength(3);
    for (const { file, verdicts } of entries) {
      const { sessions } = JSON.parse(read(file)) as {
        sessions: { op: string; key: string; value: number }[][];
      };
      const history = litmus(
        sessions.map(session => session.map(({ op, key, value }) => `${op}(${key})${value}`).join(' ')).join('|'),
      );
      const models = { cc: 'weak-causal', ccv: 'causal-convergence', cm: 'causal-memory' } as const;
      for (const [name, model] of Object.entries(models))
        expect(verdictOf(history, model), `${file} ${name}`).toBe(verdicts[name] ? 'holds' : 'violated');
    }
  });

  it('a history of ConsistencyChecking that violates PRAM', () => {
    const [{ file, verdicts }] = recordedEntries('pram-register', read);
    const text = read(file)
      .trim()
      .split('\n')
      .map(session => session.replace(/([rw])([a-z])(\d+)/g, '$1($2)$3'))
      .join('|');
    expect(verdicts).toEqual({ pram: false });
    expect(verdictOf(litmus(text), 'pram')).toBe('violated');
  });

  it('session checks of jepsen-causal-consistency', () => {
    const lists = recordedEntries('session-list-append', read);
    const registers = recordedEntries('session-mww', read);
    expect([lists.length, registers.length]).toEqual([8, 5]);
    for (const { file, verdicts } of lists)
      expect(checkCausal(sessionsOfTransactions(file, read), list, 'causal').verdict, file).toBe(
        verdicts.sessionCausal ? 'holds' : 'violated',
      );
    for (const { file, verdicts } of registers)
      expect(checkCausal(sessionsOfTransactions(file, read), kv, 'weak-causal').verdict, file).toBe(
        verdicts.sessionCausal ? 'holds' : 'violated',
      );
  });

  it('tell who knew what', () => {
    const tell = (text: string, model: CausalModel) => {
      const { why, witness } = checkCausal(litmus(text), kv, model);
      return [why, witness?.operations];
    };
    expect(tell('w(x)1 w(y)1 | r(y)1 r(x)0', 'weak-causal')).toEqual([
      'c0 wrote 1 on x and then wrote 1 on y; c1 read 1 on y and then read 0 on x, which was there before all writes.',
      [0, 1, 2, 3],
    ]);
    expect(tell('w(x)1 w(x)2 | r(x)2 r(x)1', 'weak-causal')).toEqual([
      'c0 wrote 1 and then wrote 2; c1 read 2 and then read 1, which it knew to be replaced.',
      [0, 1, 2, 3],
    ]);
    expect(tell('w(x)1 | w(x)2 | r(x)1 r(x)2 | r(x)2 r(x)1', 'causal-convergence')).toEqual([
      'These go round in a circle: c0 wrote 1, so that came before c1 wrote 2, since c2, which knew the former, read 2, so that came before c0 wrote 1, since c3, which knew the former, read 1.',
      [0, 1, 3, 5],
    ]);
    expect(tell('r(x)7', 'pram')[0]).toBe('c0 read 7, which nobody had written.');
  });

  it('leave out writes of unknown outcome, unless they were read; nothing follows them', () => {
    expect(verdictOf(written('c1 0.. write x 1\nc1 6..8 read x 0', 0), 'causal')).toBe('holds');
    expect(
      verdictOf(
        written('c1 0.. write x 1\nc1 6..8 write y 1\nc2 0..1 read y 1\nc2 2..3 read x 0\nc2 4..5 read x 1', 0),
        'causal',
      ),
    ).toBe('holds');
    expect(verdictOf(written('c1 0.. write x 1\nc2 0..1 read x 1\nc2 2..3 read x 0', 0), 'pram')).toBe('violated');
  });

  it('do not claim what they cannot know', () => {
    expect(checkCausal(litmus('w(x)1 w(x)1 | r(x)1'), kv, 'causal')).toMatchObject({
      verdict: 'unknown',
      why: expect.stringContaining('written more than once'),
    });
    expect(checkCausal(litmus('w(x)1 w(x)1 | w(y)5 r(y)0'), kv, 'causal').verdict).toBe('violated');
    expect(checkCausal(litmus('w(x)1'), kv, 'causal').why).toContain('Nothing was checked');
    expect(checkCausal(written('c1 0..1 cas x [0,1]\nc1 2..3 read x 1', 0), kv, 'causal')).toMatchObject({
      verdict: 'unknown',
      why: expect.stringContaining('a cas'),
    });
    expect(checkCausal(written('c1 0..1 cas x [0,1]\nc1 2..3 read x 0', 0), kv, 'causal').verdict).toBe('violated');
  });
});
