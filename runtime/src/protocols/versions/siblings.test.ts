import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concurrent,
  discard,
  happenedBefore,
  includes,
  merge,
  showVersion,
  type Versioning,
  versionFor,
} from './siblings.ts';
import { randomExecution, type VersionFor, type Written } from './testing/executions.ts';

const all: readonly Versioning[] = (['vector', 'dotted-vector', 'lamport'] as const).flatMap(by =>
  (['server', 'client'] as const).map(per => ({ by, per })),
);
const name = ({ by, per }: Versioning) => `${by} per ${per}`;
const named = all.map(one => [name(one), one] as const);
/** Those that tell exactly which write had seen which. */
const exact = named.filter(([text]) => !/lamport|^vector per server/.test(text));
const ids = (cell: readonly Written[]) => cell.map(({ version }) => version.id);

/** What is wrong with an execution: a write that nobody had seen and that is gone, or one that was seen and is not. */
function flaws(versioning: Versioning, seed: number, give?: VersionFor): { lost: string[]; kept: string[] } {
  const { by } = versioning;
  const { writes, servers } = randomExecution(versioning, seed, 40, 3, give);
  const last = servers.reduce((a, b) => merge(by, a, b), []);
  const isSeen = (one: Written) =>
    writes.some(other => other.version.id !== one.version.id && other.seen.has(one.version.id));
  return {
    lost: writes.filter(one => !isSeen(one) && !last.includes(one)).map(one => one.version.id),
    kept: last
      .filter(one => last.some(other => other !== one && other.seen.has(one.version.id)))
      .map(one => one.version.id),
  };
}

const seeds = Array.from({ length: 200 }, (_, i) => i + 1);

describe('siblings', () => {
  it.each(named)('are merged in any order and as often as one likes: %s', (_name, versioning) => {
    const { by } = versioning;
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.nat(), { minLength: 3, maxLength: 3 }), (seed, at) => {
        const { cells } = randomExecution(versioning, seed, 40);
        const [a, b, c] = at.map(i => cells[i % cells.length]!) as [Written[], Written[], Written[]];
        const ab = merge(by, a, b);
        expect(ids(ab)).toEqual(ids(merge(by, b, a)));
        expect(ids(merge(by, ab, c))).toEqual(ids(merge(by, a, merge(by, b, c))));
        expect(merge(by, a, a)).toBe(a);
        expect(merge(by, ab, b)).toBe(ab);
        expect(includes(by, ab, a) && includes(by, ab, b)).toBe(true);
        for (const x of ab) for (const y of ab) if (x !== y) expect(concurrent(by, x.version, y.version)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it.each(exact)('have seen each other exactly when their versions say so: %s', (_name, versioning) => {
    fc.assert(
      fc.property(fc.integer(), seed => {
        const { writes } = randomExecution(versioning, seed, 40);
        for (const x of writes)
          for (const y of writes)
            if (x !== y) expect(happenedBefore(versioning.by, x.version, y.version)).toBe(y.seen.has(x.version.id));
      }),
      { numRuns: 60 },
    );
  });

  it.each(named)('that were seen are never taken for later ones: %s', (_name, versioning) => {
    for (const seed of seeds) {
      const { writes } = randomExecution(versioning, seed, 40);
      for (const x of writes)
        for (const y of writes)
          if (x !== y && y.seen.has(x.version.id))
            expect(happenedBefore(versioning.by, x.version, y.version), name(versioning)).toBe(true);
    }
  });

  it.each(exact)('none is lost, and none is kept for nothing: %s', (_name, versioning) => {
    for (const seed of seeds) expect(flaws(versioning, seed)).toEqual({ lost: [], kept: [] });
  });

  it.each([
    ['vector per server', { by: 'vector', per: 'server' }],
    ['lamport per server', { by: 'lamport', per: 'server' }],
    ['lamport per client', { by: 'lamport', per: 'client' }],
  ] as const)('are lost by %s', (_name, versioning) => {
    expect(seeds.filter(seed => flaws(versioning, seed).lost.length > 0).length).toBeGreaterThan(100);
  });

  it.each([
    // The dot in the vector: what was written through the same server before seems to have been seen.
    [
      'a dot that is part of what was seen',
      (by, known, stored, writer) => {
        const one = versionFor(by, known, stored, writer);
        return { ...one, past: { ...one.past, [one.actor]: one.count } };
      },
      'lost',
    ],
    [
      'a context that is what the server has',
      (by, _known, stored, writer) => versionFor(by, stored, stored, writer),
      'lost',
    ],
    ['a context that is left out', (by, _known, stored, writer) => versionFor(by, [], stored, writer), 'kept'],
    [
      'numbers of the client’s context alone',
      (by, known, _stored, writer) => versionFor(by, known, [], writer),
      'lost',
    ],
  ] as const satisfies readonly (readonly [string, VersionFor, 'lost' | 'kept'])[])(
    'a mistake shows: %s',
    (_what, give, how) => {
      const dotted = { by: 'dotted-vector', per: 'server' } as const;
      expect(seeds.some(seed => flaws(dotted, seed, give)[how].length > 0)).toBe(true);
    },
  );

  it('entries per client grow with clients, entries per server do not', () => {
    const entries = (per: 'server' | 'client', clients: number) => {
      const { writes } = randomExecution({ by: 'dotted-vector', per }, 1, 600, clients);
      return Math.max(...writes.map(({ version }) => Object.keys(version.past).length));
    };
    expect(entries('client', 3)).toBeLessThanOrEqual(3);
    expect(entries('client', 40)).toBeGreaterThan(25);
    expect(entries('server', 40)).toBeLessThanOrEqual(3);
  });
});

/** DeCandia et al. 2007, figure 3: D1 and D2 through Sx, then D3 through Sy and D4 through Sz, then D5 through Sx. */
describe('figure 3 of Dynamo', () => {
  it.each(['vector', 'dotted-vector'] as const)('by %s per server', by => {
    const put = (known: readonly { version: ReturnType<typeof versionFor> }[], stored: typeof known, actor: string) => {
      const version = versionFor(by, known, stored, { kind: 'server', actor, floor: 0 });
      return merge(by, discard(by, stored, version), [{ version }]);
    };
    const say = (cell: ReturnType<typeof put>) => cell.map(({ version }) => showVersion(by, version));
    const d1 = put([], [], 'Sx');
    const d2 = put(d1, d1, 'Sx');
    const d3 = put(d2, d2, 'Sy');
    const d4 = put(d2, d2, 'Sz');
    const both = merge(by, d3, d4);
    const d5 = put(both, merge(by, d2, both), 'Sx');
    expect([d1, d2, d3, d4, d5].map(say)).toEqual(
      by === 'vector'
        ? [['[(Sx,1)]'], ['[(Sx,2)]'], ['[(Sx,2),(Sy,1)]'], ['[(Sx,2),(Sz,1)]'], ['[(Sx,3),(Sy,1),(Sz,1)]']]
        : [['[](Sx,1)'], ['[(Sx,1)](Sx,2)'], ['[(Sx,2)](Sy,1)'], ['[(Sx,2)](Sz,1)'], ['[(Sx,2),(Sy,1),(Sz,1)](Sx,3)']],
    );
    expect(both.length).toBe(2);
    expect(merge(by, d5, both)).toBe(d5);
    expect(merge(by, both, d5).map(({ version }) => version)).toEqual(d5.map(({ version }) => version));
  });

  it('two writes through one server with the same context: a vector loses one, a dotted vector keeps both', () => {
    const twice = (by: 'vector' | 'dotted-vector') => {
      const first = { version: versionFor(by, [], [], { kind: 'server', actor: 'S', floor: 0 }) };
      const second = { version: versionFor(by, [], [first], { kind: 'server', actor: 'S', floor: 0 }) };
      return merge(by, [first], [second]).map(({ version }) => showVersion(by, version));
    };
    expect(twice('vector')).toEqual(['[(S,2)]']);
    expect(twice('dotted-vector')).toEqual(['[](S,1)', '[](S,2)']);
  });
});
