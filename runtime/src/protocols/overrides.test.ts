/** What mechanisms make of what a workload says of its reads and writes, and who uses a store how. */
import { describe, expect, it } from 'vitest';
import type { Chain, Mechanism } from '../design/mechanism.ts';
import { isQuorum, type QuorumSpec, resolveQuorum } from '../design/quorum.ts';
import { type Overrides, overridesOf, type Workload } from '../design/scenario.ts';
import { nowhere } from '../design/source.ts';
import { raftOptions, singleLeaderOptions, sketch, writeAtMs } from '../testing/design.ts';
import type { ClientRequest, NodeContext } from './contract.ts';
import { descriptorOf, usesOfStore } from './descriptors.ts';
import { levelOf } from './leaderless/levels.ts';
import type { LeaderlessState } from './leaderless/state.ts';
import { leaderlessOptions } from './leaderless/testing/runs.ts';
import { overrideWords, seenBy, whyNotOverridden } from './overrides.ts';
import { differentUses, useWords } from './uses.ts';

const asked = (read: Partial<Overrides['read']>, write: QuorumSpec | null = null): Overrides => ({
  read: { from: null, local: false, quorum: null, ...read },
  write: { quorum: write },
});

const one: QuorumSpec = { kind: 'one' };
const all: QuorumSpec = { kind: 'all' };

describe('options as a request sees them', () => {
  const chain: Chain = { kind: 'chain', master: null, read: 'tail', resend: true };
  const local = { read: { kind: 'local' }, readFromAny: false } as const;
  const any = { read: { kind: 'local' }, readFromAny: true } as const;
  it.each<[string, Mechanism, Overrides, object]>([
    ['read one', leaderlessOptions(), asked({ quorum: one }), { read: one }],
    ['write all', leaderlessOptions(), asked({}, all), { write: all }],
    ['both', leaderlessOptions(), asked({ quorum: one }, all), { read: one, write: all }],
    ['read local', raftOptions(), asked({ local: true }), local],
    ['read local', raftOptions(any), asked({ local: true }), local],
    ['read local from any', raftOptions(), asked({ local: true, from: 'any' }), any],
    ['read from any', raftOptions(any), asked({ from: 'any' }), any],
    ['read from leader', raftOptions(any), asked({ from: 'leader' }), { read: { kind: 'index' }, readFromAny: false }],
    ['read from leader', raftOptions({ read: { kind: 'log' } }), asked({ from: 'leader' }), { read: { kind: 'log' } }],
    ['read from leader', raftOptions(local), asked({ from: 'leader' }), local],
    ['read from any', singleLeaderOptions(), asked({ from: 'any' }), { read: 'any' }],
    ['read from leader', singleLeaderOptions({ read: 'any' }), asked({ from: 'leader' }), { read: 'leader' }],
    [
      'read local',
      singleLeaderOptions({ read: 'any' }),
      asked({ local: true }),
      { read: 'leader', leaderRead: { kind: 'local' } },
    ],
    ['read from any', chain, asked({ from: 'any' }), { read: 'any' }],
  ])('%s', (words, options, overrides, changed) => {
    expect([overrideWords(overrides, 'read'), overrideWords(overrides, 'write')].join(' ')).toContain(
      words === 'both' ? 'read one write all' : words,
    );
    expect(seenBy(descriptorOf(options.kind), options, overrides)).toEqual({ ...options, ...changed });
    expect(whyNotOverridden(descriptorOf(options.kind), options, overrides)).toBeUndefined();
  });

  it('are the store’s own where nothing is said', () => {
    const options = raftOptions();
    expect(seenBy(descriptorOf('raft'), options, undefined)).toBe(options);
    expect(overridesOf(asked({}))).toBeUndefined();
    expect(overridesOf({})).toBeUndefined();
  });

  it('are the store’s own where it makes no sense', () => {
    const options = raftOptions();
    const overrides = asked({}, { kind: 'of', need: 1, members: [0, 1] });
    expect(seenBy(descriptorOf('raft'), options, overrides)).toBe(options);
    const not = whyNotOverridden(descriptorOf('raft'), options, overrides);
    expect(not?.option).toBe('write');
    expect(not?.why).toMatch(/^write any 1 of \(…\) says how many replicas acknowledge, and raft/);
  });
});

describe('one of the coordinator’s region', () => {
  const regionOf = (node: number) => (node < 2 ? 'a' : 'b');
  const has = (...nodes: number[]) => [(node: number) => nodes.includes(node)] as const;

  it('is any replica there, and any at all where nobody coordinates', () => {
    const inB = resolveQuorum({ kind: 'local-one' }, [0, 1, 2, 3], regionOf, 3);
    expect([isQuorum(inB, ...has(2)), isQuorum(inB, ...has(0, 1))]).toEqual([true, false]);
    const anywhere = resolveQuorum({ kind: 'local-one' }, [0, 1, 2, 3], regionOf);
    expect([0, 1, 2, 3].map(node => isQuorum(anywhere, ...has(node)))).toEqual([true, true, true, true]);
  });

  it('is resolved once by a coordinator, however many ask', () => {
    const group = { replicas: [0, 1, 2, 3], regionOf } as unknown as NodeContext<unknown>['group'];
    const quorum = resolveQuorum(all, [0, 1, 2, 3], regionOf);
    const state = {
      context: { self: 0, group, options: leaderlessOptions() },
      read: quorum,
      write: quorum,
      levels: {},
    } as unknown as LeaderlessState;
    const request = { overrides: asked({ quorum: { kind: 'local-one' } }) } as ClientRequest;
    const first = levelOf(state, request, 'read');
    expect(first).toEqual({ kind: 'nodes', need: 1, of: [0, 1] });
    expect(levelOf(state, { ...request, overrides: asked({ quorum: { kind: 'local-one' } }) }, 'read')).toBe(first);
    expect(levelOf(state, { ...request, overrides: undefined }, 'read')).toBe(quorum);
    expect(levelOf(state, request, 'write')).toEqual(resolveQuorum({ kind: 'majority' }, [0, 1, 2, 3], regionOf));
  });
});

describe('uses of a store', () => {
  const { design, scenario } = sketch({ mechanism: leaderlessOptions() });
  const [store] = design.stores;
  const [own] = design.workloads;
  const entry = (kind: 'read' | 'write', share = 1) => ({ at: nowhere, kind, share, on: null, by: null });
  const quick: Workload = { ...own!, name: 'quick', ...asked({ quorum: one }) };
  const careful: Workload = { ...own!, name: 'careful', ...asked({}, all) };
  const used = (workloads: readonly Workload[], changes: object = {}) =>
    usesOfStore({ ...design, workloads, ...changes }, store!).map(useWords);

  it('are the pairs of those who read and those who write', () => {
    expect(used([own!])).toEqual(['']);
    expect(used([own!, quick])).toEqual(['', 'read one of workload quick']);
    expect(used([quick])).toEqual(['read one of workload quick']);
    expect(used([own!, quick, careful])).toEqual([
      '',
      'write all of workload careful',
      'read one of workload quick',
      'read one of workload quick and write all of workload careful',
    ]);
  });

  it('leave out who does not', () => {
    expect(used([own!, { ...quick, mix: [entry('write')] }])).toEqual(['']);
    expect(used([own!, { ...careful, mix: [entry('read')] }])).toEqual(['']);
    expect(used([own!, { ...quick, targets: ['other'] }])).toEqual(['']);
    expect(
      used([
        { ...own!, mix: [entry('write')] },
        { ...quick, mix: [entry('read')] },
      ]),
    ).toEqual(['read one of workload quick']);
  });

  it('have the store’s own where scripts ask, and where nobody does', () => {
    expect(used([quick], { scenarios: [{ ...scenario, actions: [writeAtMs(1, 0)] }] })).toEqual([
      '',
      'read one of workload quick',
    ]);
    expect(used([])).toEqual(['']);
  });

  it('count both where reads write back', () => {
    const abd = { ...store!, mechanism: { ...store!.mechanism, readWriteBack: true } as typeof store.mechanism };
    const reader = { ...careful, mix: [entry('read')] };
    const uses = usesOfStore({ ...design, workloads: [own!, reader] }, abd);
    expect(uses.map(use => [useWords(use), use.isWriteBack])).toEqual([
      ['', false],
      ['write all of workload careful', true],
    ]);
  });

  it('of a scenario are those of its runs', () => {
    const both = { ...design, workloads: [own!, quick] };
    expect(usesOfStore(both, store!, scenario).map(useWords)).toEqual(['']);
    const runs = [{ workload: 'quick', forNs: 1 }];
    expect(usesOfStore(both, store!, { ...scenario, runs }).map(useWords)).toEqual(['read one of workload quick']);
  });

  it('are many only as far as they see different options', () => {
    const many = Array.from({ length: 40 }, (_, i) => ({ ...quick, name: `q${i}`, ...asked({ quorum: one }, all) }));
    const uses = usesOfStore({ ...design, workloads: [own!, ...many] }, store!);
    expect(uses.length).toBeLessThan(200);
    expect(differentUses(uses).map(useWords)).toEqual([
      '',
      'write all of workload q0',
      'read one of workload q0',
      'read one of workload q0 and write all of workload q0',
    ]);
    expect(new Set(uses.map(({ reader }) => reader?.name))).toHaveLength(41);
  });
});
