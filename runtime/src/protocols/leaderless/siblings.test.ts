import { describe, expect, it } from 'vitest';
import { checkConsistency } from '../../checkers/consistency.ts';
import { historyOf } from '../../clients/log.ts';
import type { Leaderless } from '../../design/mechanism.ts';
import { modelNamed } from '../../model/model.ts';
import type { Executed } from '../../run/execute.ts';
import { lostUpdates, lostWrites } from '../../run/state-checks.ts';
import { atMs, nodesTarget, type Sketch } from '../../testing/design.ts';
import { brokenIn, linearizability, okShare, replicasAgree } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol } from '../contract.ts';
import { leaderlessProtocol } from './leaderless.ts';
import type { LeaderlessState } from './state.ts';
import { everything, mixOf, receiving, run, storm } from './testing/runs.ts';

const by = (kind: 'vector' | 'dotted-vector' | 'lamport', per: 'server' | 'client'): Partial<Leaderless> => ({
  resolve: { kind: 'siblings', by: kind, per },
});
const dotted = by('dotted-vector', 'server');

function regularity(executed: Executed): string {
  const [store] = executed.stores;
  const { history } = historyOf(executed.log, store!.name, executed.originNs);
  const { verdict, why } = checkConsistency(history, modelNamed(store!.model)!, 'regular');
  return verdict === 'violated' ? why : '';
}

const said = ({ verdict, why }: { verdict: string; why: string }) => (verdict === 'holds' ? '' : `${verdict}: ${why}`);
const updatesLost = (executed: Executed) => said(lostUpdates(executed, executed.stores[0]!));

const wrongIn = (executed: Executed): string[] =>
  [
    ...brokenIn(executed),
    updatesLost(executed),
    said(lostWrites(executed, executed.stores[0]!)),
    replicasAgree(executed).replace(/^holds$/, ''),
  ].filter(text => text !== '');

const sets: Sketch = {
  ...everything,
  model: 'set',
  workload: { ...everything.workload, mix: mixOf(['read', 0.5], ['add', 0.5]) },
};
const fewKeys: Sketch = { ...everything, workload: { ...everything.workload, keys: { count: 3, choice: 'uniform' } } };

describe('siblings under chaos', () => {
  it.each([
    ['dotted vectors per server', dotted, fewKeys],
    ['dotted vectors per client', by('dotted-vector', 'client'), fewKeys],
    ['vectors per client', by('vector', 'client'), fewKeys],
    ['sets', dotted, sets],
    ['sets per client', by('vector', 'client'), sets],
    ['deletions', dotted, { ...storm, model: 'kv' }],
    ['no repair but by hints and trees', { ...dotted, readRepair: false }, fewKeys],
    ['one replica is enough', { ...dotted, read: { kind: 'one' }, write: { kind: 'one' } }, fewKeys],
  ] as [string, Partial<Leaderless>, Sketch][])('lose no update: %s', (_name, options, sketch) => {
    for (const seed of seedsTo(seedCount(6, 200))) {
      const executed = run(sketch, seed, options);
      const isGivenUp = (text: string) => options.read !== undefined && text.startsWith('Regular');
      expect(
        wrongIn(executed).filter(text => !isGivenUp(text)),
        `seed ${seed}`,
      ).toEqual([]);
      expect(okShare(executed)).toBeGreaterThan(0.5);
      if (options.read === undefined && sketch.model !== 'set') expect(regularity(executed), `seed ${seed}`).toBe('');
    }
  });

  it('are one register with reads that write back', () => {
    for (const seed of seedsTo(seedCount(6, 200))) {
      const executed = run({ ...fewKeys, model: 'register' }, seed, { ...dotted, readWriteBack: true });
      expect([...wrongIn(executed), linearizability(executed)], `seed ${seed}`).toEqual(['holds']);
    }
  });

  it.each([
    ['vectors per server', by('vector', 'server'), /nobody who wrote since/],
    ['Lamport stamps per server', by('lamport', 'server'), /nobody who wrote since/],
    ['Lamport stamps per client', by('lamport', 'client'), /nobody who wrote since/],
    ['the last write', {}, /nobody who wrote since/],
  ] as [string, Partial<Leaderless>, RegExp][])('but are lost by %s', (_name, options, why) => {
    const all = seedsTo(3).map(seed => updatesLost(run(fewKeys, seed, options)));
    expect(all.join()).toMatch(why);
  });

  it('of a disk that was lost are not counted again', () => {
    const lost = (node: number, at: number) =>
      atMs(at, { kind: 'crash', targets: [nodesTarget(node)], losingDisk: true }, 300);
    const sketch: Sketch = { ...fewKeys, chaos: [], actions: [lost(0, 900), lost(1, 2_000), lost(0, 3_100)] };
    for (const seed of seedsTo(seedCount(4, 100)))
      expect(wrongIn(run(sketch, seed, dotted)), `seed ${seed}`).toEqual([]);
  });
});

describe('mistakes with siblings', () => {
  const caught = (protocol: AnyProtocol, what: RegExp, sketch = fewKeys) => {
    const found = seedsTo(8).flatMap(seed => {
      const executed = run(sketch, seed, dotted, protocol);
      return [...brokenIn(executed), updatesLost(executed)];
    });
    expect(found.join('\n')).toMatch(what);
  };

  it('a server that passes on only what it has last written', () => {
    caught(
      receiving((_state, m) => (m.type === 'store' ? { ...m, cell: m.cell.slice(-1) } : m)),
      /ToldBeforeReplaced|nobody who wrote since/,
    );
  });

  it('a server that counts from one again after a crash', () => {
    caught(
      {
        ...leaderlessProtocol,
        boot: (context, image, io) =>
          leaderlessProtocol.boot(context, image === undefined ? image : { ...image, cells: {} }, io),
      },
      /ToldBeforeReplaced|NoLostSibling|nobody who wrote since|Regular/,
    );
  });

  it('a read that tells the client of the newest alone and gives it the context of all', () => {
    caught(
      {
        ...leaderlessProtocol,
        receive: (state: LeaderlessState, from, m, io) =>
          leaderlessProtocol.receive(state, from, m, {
            ...io,
            reply: (request, reply, untilNs) =>
              io.reply(request, reply.kind === 'ok' ? { ...reply, siblings: undefined } : reply, untilNs),
          }),
      },
      /nobody who wrote since/,
    );
  });
});

describe('how many there are', () => {
  const most = (options: Partial<Leaderless>, clients: number, reads: number) => {
    const workload = {
      clients,
      keys: { count: 1, choice: 'uniform' } as const,
      mix: mixOf(['read', reads], ['write', 1 - reads]),
    };
    const executed = run({ workload, forNs: 500_000_000 }, 1, options);
    const states = [...executed.sim.groups[0]!.members.values()].map(({ state }) => state as LeaderlessState);
    const versions = states.flatMap(({ cells }) => Object.values(cells).flat()).map(({ version }) => version);
    return {
      siblings: Math.max(...states.flatMap(({ cells }) => Object.values(cells).map(cell => cell.length))),
      entries: Math.max(...versions.map(({ past }) => Object.keys(past).length)),
    };
  };

  it('is bounded by clients that write at the same time; entries per client grow with clients', () => {
    const server = most(dotted, 30, 0.5);
    const client = most(by('vector', 'client'), 30, 0.5);
    expect(server.siblings).toBeLessThanOrEqual(30);
    expect(server.entries).toBeLessThanOrEqual(3);
    expect(client.entries).toBeGreaterThan(20);
  });
});
