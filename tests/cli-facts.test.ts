/** What the command says of a design without running it, and of its own rules: quorum, facts, explain, fmt, init. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { dsysIn, folderWithSmall } from './support/cli.ts';

let folder: string;

const dsys = (words: readonly string[], input?: string) => dsysIn(folder, words, input);

beforeAll(() => {
  folder = folderWithSmall();
});

describe('quorum', () => {
  it('prints one JSON object: dual, load, capacity, resilience, failure probability, strategy', () => {
    const result = dsys(['quorum', 'any 2 of (a, b, c)', '--format', 'json', '--node-availability', '90%']);
    expect(result.status, result.err).toBe(0);
    const family = {
      quorums: [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'c'],
      ],
      count: 3,
      size: 2,
      resilience: 1,
      indispensable: [],
      dual: [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'c'],
      ],
      load: expect.closeTo(2 / 3, 8),
      capacity: expect.closeTo(1.5, 8),
      failureProbability: expect.closeTo(0.028, 12),
    };
    expect(result.json()).toEqual({
      schema: 'dsys.quorum/1',
      expression: { read: 'any 2 of (a, b, c)', write: null },
      nodes: ['a', 'b', 'c'],
      read: family,
      write: { ...family, isDualOfRead: true },
      readMeetsWrite: { always: true, disjoint: null },
      writeMeetsWrite: { always: true, disjoint: null },
      readFraction: 0.5,
      failures: 0,
      optimised: 'load',
      optimal: expect.objectContaining({
        load: expect.closeTo(2 / 3, 8),
        network: expect.closeTo(2, 8),
        latencyNs: null,
      }),
      uniform: expect.objectContaining({ capacity: expect.closeTo(1.5, 8) }),
      unknown: {},
    });
  });

  it('knows capacities, latencies, read fractions, failures to bear, and who can miss whom', () => {
    const grid = 'any 1 of (all of (a, b), all of (c, d))';
    // PaPoC 2021, section 2: capacities of reads 200, 200, 100, 100.
    const words = [
      '--capacity',
      '200/100,c=100/50,d=100/50',
      '--read-fraction',
      '1',
      '--latency',
      '4s,c=1s,d=1s',
      '--format',
      'json',
    ];
    expect(dsys(['quorum', grid, ...words]).json().optimal).toMatchObject({
      capacity: expect.closeTo(300, 3),
      latencyNs: expect.closeTo(3e9, -2),
    });
    expect(dsys(['quorum', grid, ...words, '--failures', '1']).json().optimal.capacity).toBeCloseTo(100, 4);
    expect(dsys(['quorum', grid, ...words, '--optimize', 'latency']).json().optimal.latencyNs).toBeCloseTo(1e9, -2);
    const apart = dsys(['quorum', 'any 2 of (a, b, c)', '--write', 'one', '--format', 'json']).json();
    expect(apart.readMeetsWrite).toEqual({ always: false, disjoint: [['a', 'b'], ['c']] });
    const text = dsys(['quorum', 'weight 3 of (a = 3, b = 1, c = 1)', '--write', 'all']);
    expect(text.out).toContain('resilience');
    const fragile = dsys(['quorum', 'weight 4 of (a = 3, b = 1, c = 1)']);
    expect(fragile.out).toContain('every quorum needs a');
    const mixed = dsys([
      'quorum',
      'majority',
      '--nodes',
      '5',
      '--read-fraction',
      '0.9:3,0.1:1',
      '--format',
      'json',
    ]).json();
    expect(mixed.readFraction).toBeCloseTo(0.7, 12);
  });

  it('is exact for large systems, and unknown (exit 3) where it cannot be', () => {
    const large = dsys(['quorum', 'majority', '--nodes', '41', '--format', 'json']);
    expect(large.status).toBe(0);
    expect(large.json()).toMatchObject({
      read: { quorums: null, size: 21, resilience: 20, load: expect.closeTo(21 / 41, 8) },
      optimal: { load: expect.closeTo(21 / 41, 8), read: null },
      uniform: { load: expect.closeTo(21 / 41, 8) },
    });
    const twice = dsys([
      'quorum',
      `any 2 of (any 20 of (${Array.from({ length: 40 }, (_, i) => `n${i}`)}), any 2 of (n0, n1))`,
    ]);
    expect(twice.status).toBe(3);
    expect(twice.out).toContain('unknown: 40 nodes');
  });

  it.each([
    [['any 2 of (a'], "Expected ')' after 'a'"],
    [['any 3 of (a, b)'], 'any 3 of 2 can never be gathered'],
    [['majority'], 'names no nodes'],
    [['local majority', '--nodes', '3'], 'depends on regions'],
    [['majority', '--nodes', '999'], '1 to 200'],
    [['any 2 of (a, b)', '--write', 'any 1 of'], 'is no quorum'],
    [['any 2 of (a, b)', '--read-fraction', '7'], '--read-fraction needs a share'],
    [['any 2 of (a, b)', '--read-fraction', '0.5:x'], 'is no weight'],
    [['any 2 of (a, b)', '--node-availability', 'x=0.9'], 'there is no node x'],
    [['any 2 of (a, b)', '--capacity', '0'], 'operations per second above 0'],
    [['any 2 of (a, b)', '--latency', '5'], 'needs a duration such as 10ms'],
    [['any 2 of (a, b)', '--optimize', 'beauty'], 'Allowed choices'],
  ])('%j is refused with exit 2 and a message', (words, message) => {
    const result = dsys(['quorum', ...words]);
    expect(result.status).toBe(2);
    expect(result.err).toContain(message);
    expect(result.out).toBe('');
    expect(JSON.parse(dsys(['quorum', ...words, '--format', 'json']).out).schema).toBe('dsys.error/1');
  });
});

describe('facts', () => {
  it('prints one JSON object by contract', () => {
    const result = dsys(['facts', 'small.dsys', '--format', 'json']);
    expect(result.status, result.err).toBe(0);
    const majority = {
      size: 2,
      of: 3,
      load: expect.closeTo(2 / 3, 8),
      capacity: expect.closeTo(1.5, 8),
      resilience: 1,
    };
    expect(result.json()).toMatchObject({
      schema: 'dsys.facts/1',
      stores: [
        {
          name: 'accounts',
          mechanism: 'raft',
          consistency: { ceiling: 'linearizable', why: expect.any(String), source: expect.stringContaining('Ongaro') },
          cap: 'CP',
          pacelc: 'PC/EC',
          availabilityUnderPartition: 'majority',
          operations: { read: { cap: 'CP', pacelc: 'PC/EC' }, write: { cap: 'CP', pacelc: 'PC/EC' } },
          tolerates: { nodes: 1, zones: 0, regions: 0 },
          quorums: { read: majority, write: majority },
          availability: { read: expect.any(Number), write: expect.any(Number) },
          durability: { mttdlHours: expect.any(Number) },
          latencyFloorNs: { read: expect.any(Number), write: expect.any(Number) },
          staleness: null,
        },
      ],
    });
    expect(dsys(['facts', 'small.dsys', '--format', 'json']).out).toBe(result.out);
  });

  it('shows a table per store, which says what the figures are and whence', () => {
    writeFileSync(
      join(folder, 'dynamo.dsys'),
      'network { latency exponential(5ms) }\ncluster db { nodes 3 { capacity read 4000/s write 2000/s } reliability { mtbf 99h mttr 1h } }\nstore cart on db { replication leaderless { read 1 write 1 } }\nstore stock on db { consensus raft }\n',
    );
    const result = dsys(['facts', 'dynamo.dsys']);
    expect(result.status, result.err).toBe(0);
    const row = (name: string) => new RegExp(`^  ${name} +(.*)$`, 'm').exec(result.out)?.[1];
    expect(row('consistency')).toBe('eventual');
    expect(result.out).toContain('a read of 1 and a write of 1 need not share a replica');
    expect(result.out).toContain('Probabilistically Bounded Staleness');
    expect(row('CAP')).toBe('AP');
    expect(row('PACELC')).toBe('PA/EL');
    expect(row('tolerates')).toBe('the loss of no node');
    expect(row('write quorum')).toContain('1 of 3, resilience 2');
    expect(row('write quorum')).toContain('6000 writes/s');
    expect(row('availability')).toBe('99.9999%, 6.0 nines, down 32 s a year');
    expect(row('staleness')).toMatch(/^\d.*% of reads right after a write see it/);
    expect(result.out.split('\n').every(line => line.length <= 110)).toBe(true);
    expect(result.out).toContain('unknown: the WARS model describes leaderless stores');
  });

  it('exits 3 when a figure that a design should have is unknown, and says which', () => {
    writeFileSync(
      join(folder, 'open.dsys'),
      'cluster db { nodes 5 }\nstore s on db { consensus flexible-paxos { prepare 4 accept 2 } }\n',
    );
    const result = dsys(['facts', 'open.dsys']);
    expect(result.status).toBe(3);
    expect(result.out).toMatch(/availability +unknown: flexible-paxos does not say when a leader is replaced/);
  });

  it('needs a design that can be interpreted, rules aside: exit 2', () => {
    writeFileSync(join(folder, 'names.dsys'), 'store s on nowhere { consensus raft }\n');
    const result = dsys(['facts', 'names.dsys', '--format', 'json']);
    expect(result.status).toBe(2);
    expect(result.json().schema).toBe('dsys.error/1');
    expect(dsys(['facts', 'missing.dsys']).status).toBe(2);
    // What a rule finds does not stop it.
    writeFileSync(
      join(folder, 'claims.dsys'),
      'cluster db { nodes 3 }\nstore s on db { consensus raft  claims { consistency linearizable  cap AP } }\n',
    );
    expect(dsys(['check', 'claims.dsys']).status).toBe(1);
    expect(dsys(['facts', 'claims.dsys']).status).toBe(0);
  });
});

describe('explain', () => {
  it('shows the page of a rule, wrapped', () => {
    const result = dsys(['explain', 'quorum-rw-disjoint']);
    expect(result.status, result.err).toBe(0);
    expect(result.out).toMatch(/^quorum-rw-disjoint {2}Reads that can miss every write\n/);
    for (const part of ['R + W ≤ N', 'Wrong', 'read 1  write 1', 'Read from 3 replicas', 'Right', 'Gifford 1979'])
      expect(result.out).toContain(part);
    const prose = result.out.split('\n').filter(line => !line.startsWith('    '));
    expect(prose.every(line => line.length <= 80)).toBe(true);
  });

  it('lists all rules by family, and the other ids, without one', () => {
    const { status, out } = dsys(['explain']);
    expect(status).toBe(0);
    expect(out).toMatch(/^Quorums and voting\n/);
    expect(out).toMatch(/^ {2}even-cluster +A voter that buys nothing$/m);
    expect(out).toMatch(/^ {2}unresolved-name /m);
  });

  it('explains ids that are no rules', () => {
    expect(dsys(['explain', 'option-not-applicable']).out).toContain('belongs to another mechanism');
  });

  it('suggests the nearest rule, exit 2', () => {
    const result = dsys(['explain', 'quorum-rw-disjont']);
    expect(result.status).toBe(2);
    expect(result.err).toContain('Did you mean quorum-rw-disjoint?');
    expect(dsys(['explain', 'xyzzyxyzzy']).err).toContain('dsys explain lists all');
  });
});

describe('fmt and init', () => {
  it('init writes a design that is formatted and passes', () => {
    const result = dsys(['init', 'fresh']);
    expect(result.status, result.err).toBe(0);
    expect(existsSync(join(folder, 'fresh', '.github', 'workflows', 'design.yml'))).toBe(true);
    expect(dsys(['fmt', '--check', 'fresh']).status).toBe(0);
    expect(dsys(['test', 'fresh', '--seeds', '2']).status).toBe(0);
    expect(dsys(['init', 'fresh']).status).toBe(2);
  });

  it('fmt lays out anew, and --check only tells', () => {
    writeFileSync(join(folder, 'ugly.dsys'), 'cluster   db {nodes 3}\n');
    expect(dsys(['fmt', '--check', 'ugly.dsys']).status).toBe(1);
    expect(dsys(['fmt', 'ugly.dsys']).status).toBe(0);
    expect(dsys(['fmt', '--check', 'ugly.dsys']).status).toBe(0);
    expect(dsys(['fmt', '-'], 'cluster   db {nodes 3}').out).toBe('cluster db { nodes 3 }\n');
  });
});
