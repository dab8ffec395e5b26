import { describe, expect, it } from 'vitest';
import { constant } from '../design/distribution.ts';
import type { Action, Verb } from '../design/scenario.ts';
import { atMs, nodesTarget, type Sketch } from '../testing/design.ts';
import { allTarget, chaosOf, degrade, everyMs, restTarget, roleTarget, whenMessage } from '../testing/faults.ts';
import { type Probe, runProbe } from '../testing/probe.ts';
import { noTrace, type Tracer } from './tracer.ts';

const ms = 1_000_000;

/**
 * Every node pings every other one each ms, without latency. The answer lists, for each ordered pair, the spans of
 * virtual ms in which nothing came through: `0→1 50-60`.
 */
function silences(wanted: Sketch, probe: Probe = {}): string[] {
  const nodes = wanted.nodes ?? 3;
  const last = new Map<string, number>();
  const found: [number, string][] = [];
  const heard = (pair: string, at: number) => {
    const before = last.get(pair) ?? 0;
    if (at - before > 1.5) found.push([before, `${pair} ${Math.round(before)}-${Math.round(at)}`]);
    last.set(pair, at);
  };
  const tick = (io: { setTimer(name: string, min: number, max: number): void }) => io.setTimer('tick', ms, ms);
  runProbe({ nodes, latency: constant(0), forNs: 300 * ms, ...wanted }, {
    ...probe,
    boot(state, io) {
      tick(io);
      probe.boot?.(state, io);
    },
    timer(state, _name, io) {
      tick(io);
      for (let to = 0; to < nodes; to++) if (to !== state.self) io.send(to, { type: 'ping' });
    },
    receive: (state, from, message, io) =>
      message.type === 'ping' && heard(`${from}→${state.self}`, io.monotonicNs() / ms),
  } as Probe);
  for (let from = 0; from < nodes; from++)
    for (let to = 0; to < nodes; to++) if (from !== to) heard(`${from}→${to}`, 300);
  return found.sort((a, b) => a[0] - b[0] || a[1].localeCompare(b[1])).map(([, text]) => text);
}
const pairs = (list: readonly string[], span: string): string[] => list.map(pair => `${pair} ${span}`);
const all3 = ['0→1', '0→2', '1→0', '1→2', '2→0', '2→1'];
const about0 = ['0→1', '0→2', '1→0', '2→0'];

const n = nodesTarget;
const at = (time: number, verb: Verb, forMs: number | null = null): Action => atMs(time, verb, forMs);
const crash0: Verb = { kind: 'crash', targets: [n(0)], losingDisk: false };
const cut01: Verb = { kind: 'cut', a: [n(0)], b: [n(1)], oneWay: false };

describe('faults', () => {
  it('nothing is silent without one', () => {
    expect(silences({})).toEqual([]);
  });

  it.each([
    ['crash … for', [at(50, crash0, 20)], pairs(about0, '50-71')],
    [
      'crash, then an explicit restart; its own undoing comes too late',
      [at(50, crash0, 100), at(70, { kind: 'restart', targets: [n(0)] }), at(90, crash0, 10)],
      [...pairs(about0, '50-71'), ...pairs(about0, '90-101')],
    ],
    ['restart of a running node', [at(50, { kind: 'restart', targets: [n(0)] })], []],
    ['a cut, both ways', [at(50, cut01, 20)], pairs(['0→1', '1→0'], '50-70')],
    ['a cut, one way', [at(50, { ...cut01, oneWay: true } as Verb, 20)], pairs(['0→1'], '50-70')],
    ['isolate', [at(50, { kind: 'isolate', targets: [n(0)] }, 20)], pairs(about0, '50-70')],
    ['isolate several: each alone', [at(50, { kind: 'isolate', targets: [n(0), n(1)] }, 20)], pairs(all3, '50-70')],
    [
      'heal',
      [at(50, cut01), at(55, { kind: 'isolate', targets: [n(2)] }), at(70, { kind: 'heal' })],
      [...pairs(['0→1', '1→0'], '50-70'), ...pairs(['0→2', '1→2', '2→0', '2→1'], '55-70')],
    ],
    ['heal does not restart', [at(50, crash0), at(70, { kind: 'heal' })], pairs(about0, '50-300')],
    ['degrade, everywhere', [at(50, degrade({ loss: 1 }), 20)], pairs(all3, '50-70')],
    ['degrade, between', [at(50, degrade({ a: [n(0)], b: [n(1)], loss: 1 }), 20)], pairs(['0→1', '1→0'], '50-70')],
    ['degrade, one end', [at(50, degrade({ a: [n(0)], loss: 1 }), 20)], pairs(about0, '50-70')],
    [
      'lose a message type',
      [at(50, { kind: 'lose', message: 'ping', from: [n(0)], to: null }, 20)],
      pairs(['0→1', '0→2'], '50-70'),
    ],
    ['lose another type', [at(50, { kind: 'lose', message: 'pong', from: [n(0)], to: null }, 20)], []],
    [
      'delay a message type',
      [at(50, { kind: 'delay', message: 'ping', from: [n(0)], to: [n(1)], byNs: 10 * ms })],
      pairs(['0→1'], '50-61'),
    ],
    [
      'drift: timers of a clock that stands still',
      [at(50, { kind: 'drift', targets: [n(0)], ppm: -1_000_000 }, 20)],
      // Afterwards its clock is 20 ms behind: by it, the run ends at 280.
      [...pairs(['0→1', '0→2'], '50-71'), ...pairs(['1→0', '2→0'], '280-300')],
    ],
    [
      'rest and all',
      [
        at(50, { kind: 'cut', a: [n(0)], b: [restTarget], oneWay: false }, 20),
        at(80, { kind: 'crash', targets: [allTarget], losingDisk: false }, 20),
      ],
      [...pairs(about0, '50-70'), ...pairs(all3, '80-101')],
    ],
    [
      'every',
      [everyMs(100, 50, 250, cut01, 10)],
      [...pairs(['0→1', '1→0'], '50-60'), ...pairs(['0→1', '1→0'], '150-160')],
    ],
    [
      'overlapping faults of one kind end one by one',
      [at(50, cut01, 20), at(60, cut01, 30)],
      pairs(['0→1', '1→0'], '50-90'),
    ],
  ] as [string, Action[], string[]][])('%s', (_name, actions, expected) => {
    // A fault fires before the ticks of its ms: the ping of that very ms is lost, the one at its end is not.
    const found = silences({ actions });
    const near = (text: string) =>
      text.replace(
        /(\d+)-(\d+)$/,
        (_all, from, to) => `${Math.round((Number(from) + 1) / 5) * 5}-${Math.floor(Number(to) / 5) * 5}`,
      );
    expect(found.map(near).sort()).toEqual(expected.map(near).sort());
  });

  it('pause stops a node and resume lets it go on with what had arrived', () => {
    const arrived: number[] = [];
    runProbe(
      {
        nodes: 2,
        latency: constant(0),
        actions: [
          at(50, { kind: 'pause', targets: [n(1)] }, 100),
          at(80, { kind: 'resume', targets: [n(1)] }),
          at(120, { kind: 'pause', targets: [n(1)] }, 10),
        ],
      },
      {
        boot: (state, io) => void (state.self === 0 && io.setTimer('send', 60 * ms, 60 * ms)),
        timer(_state, _name, io) {
          io.send(1, { type: 'm' });
          io.setTimer('send', 60 * ms, 60 * ms);
        },
        receive: (_state, _from, _message, io) => void (arrived.length < 3 && arrived.push(io.monotonicNs() / ms)),
      },
    );
    // The first pause was ended by hand at 80; its own undoing at 150 must not end the second one, which ends at 130.
    expect(arrived).toEqual([80, 130, 180]);
  });

  it('slow costs processing time, and undoes exactly', () => {
    const executed = runProbe(
      {
        nodes: 1,
        actions: [
          at(10, { kind: 'slow', targets: [n(0)], factor: 3 }, 50),
          at(20, { kind: 'slow', targets: [n(0)], factor: 5 }, 80),
        ],
      },
      {},
    );
    expect(executed.sim.nodes[0]!.slow).toBe(1);
  });

  it('skew and drift are taken back when they end', () => {
    const executed = runProbe(
      {
        nodes: 1,
        actions: [
          at(10, { kind: 'skew', targets: [n(0)], byNs: 500 * ms }, 50),
          at(10, { kind: 'drift', targets: [n(0)], ppm: 5_000 }, 50),
        ],
      },
      {},
    );
    const { clock } = executed.sim.nodes[0]!;
    expect([clock.jumpNs, clock.injectedRate]).toEqual([0, 0]);
    expect(clock.gainedNs).toBeCloseTo(0.005 * 50 * ms, 0);
  });

  it('fail-disk takes the disk along', () => {
    const kept: unknown[] = [];
    const probe: Probe = {
      boot(state, io) {
        kept.push(state.kept);
        io.persist('x');
      },
    };
    runProbe({ nodes: 1, actions: [at(50, { kind: 'fail-disk', targets: [n(0)] }, 20), at(200, crash0, 20)] }, probe);
    expect(kept).toEqual([[], [], ['x']]);
  });
});

describe('roles as targets', () => {
  const led = (leader: number | null, verb: Verb): { down: number[]; skipped: readonly string[] } => {
    const executed = runProbe(
      { nodes: 5, actions: [at(50, verb)] },
      {
        withLeaders: true,
        boot(state) {
          if (state.self === leader) state.leads = 1;
          else if (leader === null && state.self === 4) state.leads = 1;
        },
        timer() {},
      },
    );
    return { down: executed.sim.nodes.filter(node => !node.up).map(node => node.id), skipped: executed.faults.skipped };
  };
  const crash = (...targets: Extract<Verb, { kind: 'crash' }>['targets']): Verb => ({
    kind: 'crash',
    targets,
    losingDisk: false,
  });

  it('leader, majority and minority alone', () => {
    expect(led(3, crash(roleTarget('leader'))).down).toEqual([3]);
    expect(led(3, crash(roleTarget('minority'))).down).toEqual([0, 3]);
    expect(led(3, crash(roleTarget('majority'))).down).toEqual([1, 2, 4]);
  });

  it('majority opposite something else is everybody else', () => {
    const executed = runProbe(
      {
        nodes: 5,
        actions: [at(50, { kind: 'cut', a: [roleTarget('leader')], b: [roleTarget('majority')], oneWay: false })],
      },
      { withLeaders: true, boot: state => void (state.self === 2 && (state.leads = 1)) },
    );
    const [fault] = executed.sim.network.faults;
    expect([...fault!.from!]).toEqual([2]);
    expect([...fault!.to!].sort()).toEqual([0, 1, 3, 4]);
  });

  it('any follower is one that is up and does not lead', () => {
    const seen = new Set<number>();
    for (let seed = 1; seed <= 30; seed++) {
      const executed = runProbe(
        { nodes: 4, actions: [at(20, crash(n(0))), at(50, crash(roleTarget('any-follower')))] },
        { withLeaders: true, boot: state => void (state.self === 2 && (state.leads = 1)) },
        seed,
      );
      seen.add(executed.sim.nodes.find(node => !node.up && node.id !== 0)!.id);
    }
    expect([...seen].sort()).toEqual([1, 3]);
  });

  it('an action that finds nobody is skipped and said', () => {
    const executed = runProbe(
      { nodes: 2, actions: [at(40, crash(n(0))), at(50, crash(roleTarget('leader')))] },
      { withLeaders: true, boot: state => void (state.self === 0 && (state.leads = 1)) },
    );
    expect(executed.faults.skipped).toEqual([expect.stringContaining('had no leader')]);
    expect(executed.faults.counts.crash).toBe(1);
  });
});

describe('when a message reaches or leaves', () => {
  const run = (edge: 'reaches' | 'leaves', target: number) => {
    const got: string[] = [];
    const executed = runProbe(
      {
        nodes: 3,
        latency: constant(ms),
        actions: [whenMessage('hit', edge, [n(target)], { kind: 'crash', targets: [n(target)], losingDisk: false })],
      },
      {
        boot: (state, io) => void (state.self === 0 && io.setTimer('go', 10 * ms, 10 * ms)),
        timer(_state, _name, io) {
          io.send(1, { type: 'other' });
          io.send(1, { type: 'hit' });
          io.setTimer('go', 10 * ms, 10 * ms);
        },
        receive: (state, _from, message) => void got.push(`${state.self} ${message.type}`),
      },
    );
    return { got, executed };
  };

  it('reaches: before the receiver has seen it, once', () => {
    const { got, executed } = run('reaches', 1);
    expect(got).toEqual(['1 other']);
    expect(executed.faults.counts.crash).toBe(1);
  });

  it('leaves: the message is on its way', () => {
    const { got, executed } = run('leaves', 0);
    expect(got).toEqual(['1 other', '1 hit']);
    expect(executed.sim.nodes[0]!.up).toBe(false);
  });
});

describe('chaos', () => {
  const parts = [
    ['crash', 2, 20],
    ['cut', 1, 30],
    ['pause', 1, 30],
    ['isolate', 1, 30],
    ['slow', 1, 30],
    ['skew', 1, 30],
  ] as const;

  it('keeps its bounds and its time, and undoes everything', () => {
    const most: Record<string, number> = {};
    for (let seed = 1; seed <= 30; seed++) {
      const open = new Map<number, string>();
      const base = noTrace();
      const trace: Tracer = {
        ...base,
        faultStart(...words) {
          const started = base.faultStart(...words);
          const kind = words[2];
          open.set(started.fault, kind);
          most[kind] = Math.max(most[kind] ?? 0, [...open.values()].filter(one => one === kind).length);
          return started;
        },
        faultEnd(timeNs, lane, fault) {
          open.delete(fault);
          return base.faultEnd(timeNs, lane, fault);
        },
      };
      const { faults, sim } = runProbe({ nodes: 5, chaos: [chaosOf(100, 800, ...parts)] }, {}, seed, trace);
      expect([faults.active, open.size]).toEqual([[], 0]);
      expect(sim.nodes.every(node => node.up && !node.paused && node.slow === 1 && node.clock.jumpNs === 0)).toBe(true);
      expect(sim.network.faults).toEqual([]);
      expect(Math.min(...faults.starts)).toBeGreaterThanOrEqual(100 * ms);
      expect(Math.max(...faults.starts)).toBeLessThan(800 * ms);
      expect(faults.counts.crash).toBeGreaterThan(5);
    }
    expect(most).toEqual({ crash: 2, cut: 1, pause: 1, isolate: 1, slow: 1, skew: 1 });
  });

  it('strikes only whom it is aimed at', () => {
    const struck = new Set<number>();
    const base = noTrace();
    const trace: Tracer = {
      ...base,
      faultStart(...words) {
        for (const node of words[3]) struck.add(node);
        return base.faultStart(...words);
      },
    };
    runProbe({ nodes: 5, chaos: [chaosOf(0, 900, ['crash', 2, 10, [n(1), n(3)]])] }, {}, 1, trace);
    expect([...struck].sort()).toEqual([1, 3]);
  });
});
