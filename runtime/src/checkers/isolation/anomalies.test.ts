import { describe, expect, it } from 'vitest';
import { type IsolationLevel, isolationLevels } from '../../design/property.ts';
import { transactions } from '../testing/transactions.ts';
import { fracturedReads } from './fractured-reads.ts';
import { isolationOf } from './isolation.ts';

const all: readonly IsolationLevel[] = isolationLevels;
const strict: readonly IsolationLevel[] = ['strict-serializable'];
const serial: readonly IsolationLevel[] = ['serializable', 'strict-serializable', 'repeatable-read'];
const snapshot: readonly IsolationLevel[] = [...serial, 'snapshot'];
const committed: readonly IsolationLevel[] = [...snapshot, 'read-committed'];

/** What was seen, which levels it violates, and how the strongest of them that tells it by its own name says so. */
const anomalies: readonly [name: string, history: string, violated: readonly IsolationLevel[], why: RegExp][] = [
  ['a serial history', 'c1 0..1 w(x)1 w(y)1\nc2 2..3 r(x)1 r(y)1 w(x)2\nc1 4..5 r(x)2', [], /^$/],
  [
    'G0: interleaved writes (Adya et al. 2000, H_wcycle)',
    'a(x)1 a(y)1\na(x)2 a(y)2\nr(x)[1,2] r(y)[2,1]',
    all,
    /^G0 \(dirty write\): T\d wrote [xy] before T\d did \(ww\) and T\d wrote [xy] before T\d did \(ww\)\. T0: c0, a x 1, a y 1; T1: /,
  ],
  ['G0 of one key: elements of a transaction that are kept apart', 'a(x)1 a(x)3\na(x)2\nr(x)[1,2,3]', all, /^G0/],
  [
    'G1a: an aborted read',
    '!w(x)1\nr(x)1',
    committed,
    /^G1a \(aborted read\): T1 read 1 in x, which T0 wrote, and T0 was aborted/,
  ],
  ['G1a in a list', '!a(x)1\na(x)2\nr(x)[1,2]', committed, /^G1a .*T2 read 1 in x/],
  [
    'G1b: an intermediate read',
    'w(x)1 w(x)2\nr(x)1',
    committed,
    /^G1b \(intermediate read\): T1 read 1 in x, which T0 replaced/,
  ],
  ['G1b in a list', 'a(x)1 a(x)2\nr(x)[1]', committed, /^G1b/],
  [
    'G1c: circular information flow',
    'w(x)1 r(y)1\nw(y)1 r(x)1',
    committed,
    /^G1c \(circular information flow\): T\d read [xy] from T\d \(wr\) and T\d read [xy] from T\d \(wr\)\./,
  ],
  ['G1c by a write', 'a(x)1 r(y)[1]\na(x)2 a(y)1\nr(x)[1,2]', committed, /^G1c.*\(ww\)/],
  [
    'incompatible orders of a list',
    'a(x)1\na(x)2\nr(x)[1]\nr(x)[2]',
    committed,
    /^Incompatible orders: T\d read x as \[\d\], but T\d read \[\d\]/,
  ],
  ['a value from nowhere', 'r(x)7', all, /^T0 read 7 in x, which nobody had written/],
  ['an element that took effect twice', 'a(x)1\nr(x)[1,1]', all, /^T1 read x with 1 twice/],
  ['a read of what comes later', 'r(x)1 w(x)1', all, /nobody had written/],
  [
    'internal: its own write is not seen (FaunaDB, in Elle §7.3)',
    'a(x)6 r(x)[]',
    snapshot,
    /^Internal inconsistency: T0 wrote 6 to x and then read \[\], without it/,
  ],
  [
    'internal: a read that does not repeat',
    'w(x)1\nr(x)null r(x)1',
    snapshot,
    /^Internal inconsistency: T1 read x as nothing and then as 1/,
  ],
  [
    'lost update',
    'w(x)0\nr(x)0 w(x)1\nr(x)0 w(x)2',
    snapshot,
    /^Lost update: T1 and T2 both read x from T0 and both overwrote it/,
  ],
  [
    'lost update of the initial value',
    'r(x)null w(x)1\nr(x)null w(x)2',
    snapshot,
    /^Lost update: T0 and T1 both read x as it was at first/,
  ],
  [
    'lost update by one that read nothing (TiDB, in Elle §7.1)',
    'a(x)1 a(x)2\nr(x)[1,2] a(y)5 a(x)4\na(x)5\nr(x)[1,2,5,4]',
    snapshot,
    /^G-single \(read skew\): (T1 read x before T2 overwrote it \(rw\) and T2 wrote x before T1 did \(ww\)|T2 wrote x before T1 did \(ww\) and T1 read x before T2 overwrote it \(rw\))\./,
  ],
  [
    'G-single: read skew (Adya et al. 2000, H1)',
    'r(x)null w(x)1 r(y)null w(y)9\nr(x)1 r(y)null',
    snapshot,
    /^G-single \(read skew\): .*T1 read y before T0 overwrote it \(rw\)/,
  ],
  ['G-single: read skew (H2)', 'r(x)null r(y)9\nr(x)null w(x)1 r(y)null w(y)9', snapshot, /^G-single/],
  [
    'G-nonadjacent: long fork (Sovran et al. 2011)',
    'w(x)1\nw(y)1\nr(x)1 r(y)null\nr(x)null r(y)1',
    snapshot,
    /^G-nonadjacent \(non-adjacent anti-dependencies\): (.*\(rw\)){2}/,
  ],
  [
    'G2-item: write skew',
    'r(x)null r(y)null w(x)1\nr(x)null r(y)null w(y)1',
    serial,
    /^G2-item \(write skew\): T\d read [xy] before T\d overwrote it \(rw\) and T\d read [xy] before T\d overwrote it \(rw\)\./,
  ],
  [
    'the read-only transaction anomaly (Fekete, O’Neil & O’Neil 2004)',
    'r(y)null w(y)20\nr(x)null r(y)null w(x)-11\nr(x)null r(y)20',
    serial,
    /^G2-item/,
  ],
  [
    'an order of versions that only several reads refute',
    'w(x)1 w(y)1\nw(x)2 w(y)2\nr(x)1 r(y)2',
    snapshot,
    /^No order of versions is without a forbidden cycle: T\d wrote [xy] before T\d did \(ww: T2 read the newer/,
  ],
  [
    'a stale read',
    'c1 0..5 w(x)1\nc2 6..9 r(x)null',
    strict,
    /^G-single with the order of time: .*T0 had returned at 5 ms, before T1 began at 6 ms \(real time\)/,
  ],
  ['a stale read within a session, without times', 'w(x)1 ; r(x)null', strict, /c0 ran T0 before T1 \(session\)/],
  [
    'writes against real time',
    'c1 0..5 a(x)1\nc2 6..9 a(x)2\nc3 10..12 r(x)[2,1]',
    strict,
    /^G0 with the order of time/,
  ],
  [
    'an old version of a register after a newer one was written',
    'c1 0..5 w(x)1\nc2 6..9 w(x)2\nc3 10..12 r(x)1',
    strict,
    /T0 wrote x before T1 did \(ww: in real time\)|with the order of time/,
  ],
  ['an unknown one that was not seen', 'c1 0.. w(x)1\nc2 6..9 r(x)null', [], /^$/],
  ['an unknown one that was seen, and then not', 'c1 0.. w(x)1\nc2 6..9 r(x)1\nc3 10..12 r(x)null', strict, /time/],
  [
    'an unknown one that takes effect after the next of its session',
    'c1 0.. w(x)1\nc1 6..9 r(x)null\nc2 10..12 r(x)1',
    [],
    /^$/,
  ],
  [
    'a crowd before a crowd, with one that is in both',
    `${'r(x)[]\n'.repeat(5)}a(x)1\na(x)2\na(x)3\nr(x)[] a(x)9\na(x)4`,
    [],
    /^$/,
  ],
  ['an unknown one of which a part was seen', '?w(x)1 w(y)1\nr(x)1 r(y)null', snapshot, /^G-single/],
];

describe.each(anomalies)('%s', (_name, text, violated, why) => {
  const history = transactions(text);
  it.each(isolationLevels)('%s', level => {
    const verdict = isolationOf(history, level);
    expect(verdict.verdict, verdict.why).toBe(
      violated.includes(level)
        ? 'violated'
        : // Orders that contradict each other leave nothing to say about what was written.
          level === 'read-uncommitted' && text.includes('r(x)[1]\nr(x)[2]')
          ? 'unknown'
          : 'holds',
    );
    if (verdict.verdict !== 'violated') expect(verdict.witness).toBe(null);
    else {
      expect(verdict.witness!.operations.length).toBeGreaterThan(0);
      if (violated === all || level !== 'read-uncommitted') expect(verdict.why).toMatch(why);
    }
  });
});

describe('what cannot be judged', () => {
  it.each([
    ['w(x)1\nw(x)1\nr(x)1', /values of x were written more than once/],
    ['w(x)1\na(x)2', /written and appended to/],
    ['a(x)1\na(x)1\nr(x)[1]', /elements of x were appended more than once/],
    ['!w(x)1', /^Nothing was checked/],
  ])('%s', (text, why) => {
    expect(isolationOf(transactions(text), 'serializable')).toMatchObject({
      verdict: 'unknown',
      why: expect.stringMatching(why),
    });
  });

  it('is an operation that leaves no version', () => {
    const increment = {
      process: 0,
      key: 'x',
      kind: 'increment',
      input: 1,
      output: null,
      invoke: 0,
      complete: 1,
      outcome: 'ok',
    } as const;
    const verdict = isolationOf({ operations: [{ id: 0, ...increment }], initial: 0 }, 'serializable');
    expect(verdict).toMatchObject({ verdict: 'unknown', why: expect.stringContaining('increment') });
  });
});

it('takes operations on single objects as transactions of one step', () => {
  const base = { key: 'x', complete: 0, invoke: 0, outcome: 'ok' } as const;
  const operations = [
    { ...base, id: 0, process: 0, kind: 'write', input: 1, output: null },
    { ...base, id: 1, process: 1, kind: 'cas', input: [1, 2], output: true },
    { ...base, id: 2, process: 2, kind: 'cas', input: [1, 3], output: true },
  ] as const;
  expect(isolationOf({ operations, initial: 0 }, 'serializable')).toMatchObject({
    verdict: 'violated',
    why: expect.stringMatching(/^Lost update: T1 and T2 both read x from T0/),
    witness: { operations: [0, 1, 2] },
  });
  const refused = [operations[0], { ...operations[1], output: false }];
  expect(isolationOf({ operations: refused, initial: 0 }, 'serializable')).toMatchObject({
    verdict: 'unknown',
    why: expect.stringContaining('refused cas'),
  });
});

describe('fractured reads (Bailis et al. 2014)', () => {
  it.each([
    [
      'a part of a write',
      'w(x)1 w(y)1\nr(x)1 r(y)null',
      /^Fractured read: T1 saw what T0 did to x, but y as it was before T0/,
    ],
    ['a part of a list', 'a(x)1 a(y)1\na(x)2\nr(x)[1,2] r(y)[]', /^Fractured read: T2 saw what T0 did to x/],
    ['a part in a known order', 'w(y)5\nr(y)5 w(x)1 w(y)1\nr(x)1 r(y)5', /^Fractured reads/],
    ['whichever came last', 'w(x)1 w(y)1\nw(x)2 w(y)2\nr(x)1 r(y)2\nr(x)2 r(y)1', /^Fractured reads: .*whichever/],
    ['one of unknown outcome', '?w(x)1 w(y)1\nr(x)1 r(y)null', /^Fractured read/],
  ])('%s', (_name, text, why) => {
    expect(fracturedReads(transactions(text))).toMatchObject({ verdict: 'violated', why: expect.stringMatching(why) });
  });
  it.each([
    ['all of it', 'w(x)1 w(y)1\nr(x)1 r(y)1'],
    ['none of it', 'w(x)1 w(y)1\nr(x)null r(y)null'],
    ['one of two whose order is not known', 'w(x)1 w(y)1\nw(y)2\nr(x)1 r(y)2'],
    ['a list with more in it', 'a(x)1 a(y)1\na(y)2\nr(x)[1] r(y)[1,2]'],
    ['write skew', 'r(x)null r(y)null w(x)1\nr(x)null r(y)null w(y)1'],
    ['long fork: each wrote one key', 'w(x)1\nw(y)1\nr(x)1 r(y)null\nr(x)null r(y)1'],
  ])('none: %s', (_name, text) => {
    expect(fracturedReads(transactions(text))).toMatchObject({ verdict: 'holds' });
  });
  it('checks nothing without transactions that read two keys', () => {
    expect(fracturedReads(transactions('w(x)1\nr(x)1'))).toMatchObject({ verdict: 'unknown' });
  });
});
