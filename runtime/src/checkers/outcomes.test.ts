import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkConvergence } from './convergence.ts';
import type { Value } from './history.ts';
import { checkLostWrites } from './lost-writes.ts';
import { checkSplitBrain } from './split-brain.ts';
import { written } from './testing/histories.ts';
import { finalReads, recordedEntries } from './testing/recorded.ts';

const read = (file: string) => readFileSync(new URL(`./data/${file}`, import.meta.url), 'utf8');

describe('convergence', () => {
  const replica = (name: string, values: Record<string, Value>, partition = 'p0', live = true) => ({
    replica: name,
    partition,
    live,
    values: new Map(Object.entries(values)),
  });

  it('holds when live replicas of each partition agree; dead ones are not asked', () => {
    const verdict = checkConvergence([
      replica('e1', { x: [1] }),
      replica('e2', { x: [1], y: null }),
      replica('e3', { x: 2 }, 'p0', false),
      replica('e1', { z: 3 }, 'p1'),
      replica('e4', { z: 3 }, 'p1'),
    ]);
    expect(verdict).toMatchObject({
      verdict: 'holds',
      why: 'The live replicas of 2 partitions hold the same values of 3 keys.',
    });
  });

  it('names who holds what, and the writes of these values', () => {
    const history = written('c1 0..1 write x 1\nc2 0..1 write x 2\nc2 3..4 write y 1', 0);
    const verdict = checkConvergence(
      [replica('e1', { x: 1 }), replica('e2', { x: 2 }), replica('e3', { x: 1 })],
      history,
    );
    expect(verdict).toMatchObject({
      verdict: 'violated',
      why: 'At the end, of x, e1 and e3 hold 1 and e2 holds 2.',
      witness: { operations: [0, 1] },
    });
    expect(checkConvergence([replica('e1', { x: 1 }), replica('e2', {})]).why).toContain('e2 holds nothing');
  });

  it('refuses a value that nobody wrote', () => {
    const history = written('c1 0..1 write x 1\nc1 2..3! write x 7', 0);
    expect(checkConvergence([replica('e1', { x: 7 }), replica('e2', { x: 7 })], history)).toMatchObject({
      verdict: 'violated',
      why: 'At the end x is 7, which nobody wrote.',
    });
    expect(checkConvergence([replica('e1', { x: 1, y: 0 }), replica('e2', { x: 1, y: 0 })], history).verdict).toBe(
      'holds',
    );
  });

  it('final reads of jepsen-causal-consistency', () => {
    const judged = new Map(
      recordedEntries('convergence', read).map(({ file }) => [
        file.replace(/.*jcc-|\.edn/g, ''),
        checkConvergence(finalReads(file, read)).verdict,
      ]),
    );
    expect(Object.fromEntries(judged)).toEqual({
      'mww-valid-final-reads': 'holds',
      'mww-infos-that-oked': 'holds',
      'append-valid-final-reads-multi-mop': 'holds',
      'mww-incomplete-final-reads': 'violated',
      'append-divergent-final-reads': 'violated',
      'append-invalid-final-reads': 'violated',
      // One node was never asked.
      'mww-missing-nodes': 'unknown',
      // Earlier reads of a session went back, which is another property; the final ones agree.
      'mww-non-monotonic-reads': 'holds',
    });
  });

  it('does not judge a partition with fewer than two live replicas', () => {
    expect(checkConvergence([replica('e1', { x: 1 }), replica('e2', { x: 1 }, 'p0', false)])).toMatchObject({
      verdict: 'unknown',
      why: expect.stringContaining('p0'),
    });
    expect(checkConvergence([replica('e1', {}), replica('e2', {}), replica('e3', {}, 'p1', false)]).verdict).toBe(
      'unknown',
    );
    expect(checkConvergence([]).verdict).toBe('unknown');
  });
});

describe('lost writes', () => {
  const history = written(
    `c1 0..5 write x 1
     c1 6..8 write x 2
     c2 6.. write x 3
     c2 9..10! write x 4
     c3 9..12 cas x [1,5] false
     c3 13..14 write y 6`,
    0,
  );
  const survivor = (holder: string, ids: number[], keys = ['x', 'y']) => ({
    holder,
    covers: (key: string) => keys.includes(key),
    applied: new Set(ids),
  });

  it('counts what was acknowledged and never applied, not what was replaced, failed, refused or unknown', () => {
    expect(checkLostWrites(history, [survivor('e1', [0, 1, 5])])).toMatchObject({
      verdict: 'holds',
      why: 'All of 3 acknowledged writes survived.',
    });
    expect(checkLostWrites(history, [survivor('e2', [1, 2])])).toEqual({
      property: 'no lost-writes',
      verdict: 'violated',
      why: "c1's write of 1 to x, acknowledged at 5 ms, is missing from e2; c3's write of 6 to y, acknowledged at 14 ms, is missing from e2 (of 3 acknowledged writes).",
      witness: { operations: [0, 5], events: [] },
    });
  });

  it('is satisfied by any survivor of the key, and does not judge keys without one', () => {
    expect(
      checkLostWrites(history, [survivor('e1', [0], ['x']), survivor('e2', [1], ['x']), survivor('e3', [5], ['y'])])
        .verdict,
    ).toBe('holds');
    expect(checkLostWrites(history, [survivor('e1', [0, 1], ['x'])])).toMatchObject({
      verdict: 'unknown',
      why: expect.stringContaining('y'),
    });
    expect(checkLostWrites(written('c1 0.. write x 1', 0), [survivor('e1', [])]).verdict).toBe('unknown');
  });
});

describe('split brain', () => {
  const MS = 1_000_000;
  const ack = (leader: string, epoch: number, ms: number, partition = 'orders.p0') => ({
    leader,
    epoch,
    time: ms * MS,
    partition,
    operation: ms,
    event: ms * 10,
  });

  it('is an acknowledgement after that of a later leader, in the same partition', () => {
    expect(checkSplitBrain([ack('e1', 1, 10), ack('e2', 2, 30), ack('e1', 1, 41)])).toEqual({
      property: 'no split-brain',
      verdict: 'violated',
      why: 'e1, leader of orders.p0 in epoch 1, acknowledged a write at 41 ms, after e2, leader in epoch 2, had acknowledged one at 30 ms.',
      witness: { operations: [30, 41], events: [300, 410] },
    });
    expect(checkSplitBrain([ack('e1', 1, 10), ack('e2', 2, 30), ack('e1', 1, 41, 'orders.p1')]).verdict).toBe('holds');
  });

  it('allows leaders to change, to come back, and to believe', () => {
    expect(checkSplitBrain([ack('e1', 1, 10), ack('e2', 2, 30), ack('e1', 3, 41), ack('e1', 3, 50)])).toMatchObject({
      verdict: 'holds',
      why: "4 acknowledgements by 3 leaders of 1 partition, none after a later leader's.",
    });
    const believes = [
      { partition: 'orders.p0', leader: 'e1', epoch: 1, from: 0 },
      { partition: 'orders.p0', leader: 'e2', epoch: 2, from: 5 * MS },
    ];
    expect(checkSplitBrain([ack('e1', 1, 10)], believes).verdict).toBe('holds');
    expect(checkSplitBrain([]).verdict).toBe('unknown');
  });

  it('does not mind late news from the leader itself', () => {
    expect(checkSplitBrain([ack('e1', 1, 1), ack('e1', 3, 3), ack('e1', 1, 4)]).verdict).toBe('holds');
  });

  it('tells leaders of one epoch apart by when they began, and is not fooled by a node that leads again', () => {
    const began = [
      { partition: 'orders.p0', leader: 'e1', epoch: 1, from: 0 },
      { partition: 'orders.p0', leader: 'e2', epoch: 1, from: 5 * MS },
    ];
    expect(checkSplitBrain([ack('e2', 1, 6), ack('e1', 1, 7)], began).verdict).toBe('violated');
    expect(checkSplitBrain([ack('e1', 1, 6), ack('e2', 1, 7)], began).verdict).toBe('holds');
    expect(checkSplitBrain([ack('e1', 1, 1), ack('e2', 2, 2), ack('e1', 3, 3), ack('e1', 1, 4)]).verdict).toBe(
      'violated',
    );
  });
});
