/** Replay over real designs: what is rebuilt at an event is what was recorded up to it, or it says that it is not. */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type Design, obstacles, runScenario } from '@dsys/runtime';
import type { Scenario } from '@dsys/runtime/design/scenario';
import { stream } from '@dsys/runtime/kernel/random';
import { ELEMENTS_MAX, FIELDS_MAX } from '@dsys/runtime/run/fields';
import { createReplay, type Replay } from '@dsys/runtime/run/replay';
import { seedCount } from '@dsys/runtime/testing/seeds';
import { KIND } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { createPrefixes, prefixAt } from '@dsys/runtime/trace/prefix';
import type { Moment } from '@dsys/runtime/trace/state';
import { valueText } from '@dsys/runtime/trace/values';
import { describe, expect, it } from 'vitest';
import { designAt } from './support/design.ts';

const root = join(import.meta.dirname, '..');
const samples = readdirSync(join(root, 'samples'))
  .filter(name => name.endsWith('.dsys'))
  .map(name => join(root, 'samples', name));
/** Two stores on the same nodes, and every kind of fault. */
const chaotic = join(root, 'tests', 'support', 'chaotic.dsys');

interface Recorded {
  readonly design: Design;
  readonly scenario: Scenario;
  readonly trace: Trace;
  readonly replay: Replay;
  moment(event: number): Moment;
}

async function recorded(path: string, seed = 1, name?: string): Promise<Recorded> {
  const design = await designAt(path);
  const scenario = design.scenarios.find(one => (name === undefined ? !one.generated : one.name === name))!;
  expect(obstacles(design, scenario)).toEqual([]);
  const { trace } = runScenario(design, scenario, { tool: 'test', seed, record: true, extraRuns: false });
  const prefixes = createPrefixes(trace!);
  return {
    design,
    scenario,
    trace: trace!,
    replay: createReplay(design, scenario, { seed }),
    moment: event => ({ event, prefix: prefixAt(prefixes, event) }),
  };
}

/** Watched fields by node and path, from what was recorded up to an event. */
function watchedUpTo(trace: Trace, event: number): Map<number, Map<string, string>> {
  const found = new Map<number, Map<string, string>>();
  const { deltas, events, strings, values } = trace;
  for (let row = 0; row < deltas.length && deltas.event[row] <= event; row++) {
    const node = events.node[deltas.event[row]];
    if (!found.has(node)) found.set(node, new Map());
    found.get(node)!.set(strings[deltas.path[row]], valueText(values, deltas.new[row]));
  }
  return found;
}

function stateOf(run: Recorded, event: number, node: number) {
  const rebuilt = run.replay.stateAt(run.moment(event), node);
  if (rebuilt.kind !== 'rebuilt') throw new Error(JSON.stringify(rebuilt));
  return rebuilt.value;
}

const textAt = (fields: readonly { path: readonly string[]; text: string }[], ...path: string[]) =>
  fields.find(one => one.path.join('/') === path.join('/'))?.text;

describe('the state at an event', () => {
  it('is complete where an answer to a call comes to a node, and not before', async () => {
    const run = await recorded(samples.find(path => path.includes('order-and-stock'))!);
    const { trace } = run;
    const { deltas, events, strings, values } = trace;
    let looked = 0;
    for (let row = 0; row < deltas.length && looked < seedCount(20, 200); row++) {
      const event = deltas.event[row];
      if (strings[deltas.path[row]] !== 'place-order.decided' || events.kind[event] !== KIND.local) continue;
      looked++;
      for (const [at, value] of [
        [event - 1, deltas.old[row]],
        [event, deltas.new[row]],
      ] as const) {
        const { watched } = stateOf(run, at, events.node[event]);
        const is = watched.find(one => one.path === 'place-order.decided')?.itf;
        expect(is, `at event ${at}`).toBe(valueText(values, value));
      }
    }
    expect(looked).toBeGreaterThanOrEqual(20);
  });

  it.each([...samples, chaotic])('is what the deltas say, for every node at random events: %s', async path => {
    const run = await recorded(path);
    const { trace, design } = run;
    // By its name: wherever the project lies, the same events are looked at.
    const random = stream(1, basename(path));
    const [randomly, most] = [seedCount(7, 25), seedCount(16, 60)];
    const chosen = Array.from({ length: randomly }, () => random.int(trace.events.length));
    // Where one event of many follows on another at once: whole nodes fall and rise there.
    for (let event = 0; event < trace.events.length && chosen.length < most; event++)
      if ([KIND.crash, KIND.restart, KIND.faultStart, KIND.init].includes(trace.events.kind[event] as never))
        chosen.push(event);
    let compared = 0;
    for (const event of chosen) {
      const deltas = watchedUpTo(trace, event);
      for (const { id, name } of design.nodes) {
        const state = stateOf(run, event, id);
        expect(state.node).toBe(name);
        for (const { path: field, itf } of state.watched) {
          expect(deltas.get(id)?.get(field), `${field} of ${name} at event ${event}`).toBe(itf);
          compared++;
        }
        let isUp = false;
        for (let row = 0; row <= event; row++) {
          const kind = trace.events.kind[row];
          if (trace.events.node[row] !== id) continue;
          if (kind === KIND.init || kind === KIND.restart) isUp = true;
          if (kind === KIND.crash) isUp = false;
        }
        expect(textAt(state.fields, 'status') === '"down"', `${name} at event ${event}`).toBe(!isUp);
      }
    }
    expect(compared).toBeGreaterThan(15 * randomly);
  });

  it('tells the messages that the trace has under way, in any order of asking', async () => {
    const run = await recorded(join(root, 'samples', 'stale-leader.dsys'));
    const { trace, design } = run;
    const { messages } = trace;
    let seen = 0;
    for (const event of [3000, 40, 2999, 3001, 1500, 3000, 0, 700, 1100, 2100, 2500, trace.events.length - 1]) {
      for (const { id } of design.nodes) {
        const wanted = [];
        for (let message = 0; message < messages.length; message++) {
          const made = trace.events.kind.findIndex(
            (kind, row) => trace.events.msg[row] === message && (kind === KIND.send || kind === KIND.duplicate),
          );
          if (messages.to[message] !== id || made > event) continue;
          if (messages.end[message] >= 0 && messages.end[message] <= event) continue;
          wanted.push(`message ${message}`);
        }
        const told = stateOf(run, event, id).fields.filter(({ path }) => path[0] === 'on its way here');
        const numbers = new Set(told.map(({ path }) => path[1]).filter(name => name !== undefined));
        // A send's row is there before its message is; what else the same event sends is told with it.
        for (const message of wanted) expect(numbers).toContain(message);
        seen += wanted.length;
      }
    }
    expect(seen).toBeGreaterThan(5);
  });

  it('has what is on disk, timers, and stays within its limits', async () => {
    const run = await recorded(join(root, 'samples', 'leader-crash.dsys'));
    const { fields } = stateOf(run, run.trace.events.length - 1, 0);
    const group = run.design.partitions[0]!.name;
    expect(fields.some(({ path }) => path.join('/').startsWith(`groups/${group}/durable/`))).toBe(true);
    expect(fields.some(({ path, unit }) => path[2] === 'timers due' && unit === 'moment')).toBe(true);
    expect(fields.length).toBeLessThanOrEqual(FIELDS_MAX);
    const cut = fields.filter(one => one.cut);
    expect(cut.some(({ text }) => /^\d+ more$/.test(text) || text.startsWith('more than'))).toBe(true);
    const log = fields.filter(({ path }) => path[3] === 'log' && /^\d+$/.test(path[5] ?? ''));
    expect(new Set(log.map(({ path }) => path[5])).size).toBeLessThanOrEqual(ELEMENTS_MAX);
  });
});

describe('where a value comes from', () => {
  it('is the last event that changed it, as the deltas say', async () => {
    const run = await recorded(join(root, 'samples', 'stale-leader.dsys'));
    const { trace, design } = run;
    const { deltas } = trace;
    const group = design.partitions[0]!.name;
    for (const event of [500, 1700, trace.events.length - 1]) {
      for (const { id } of design.nodes) {
        let last = -1;
        for (let row = 0; row < deltas.length && deltas.event[row] <= event; row++)
          if (trace.events.node[deltas.event[row]] === id && trace.strings[deltas.path[row]] === `${group}.term`)
            last = deltas.event[row];
        const origin = run.replay.originOf(run.moment(event), id, ['groups', group, 'state', 'term']);
        expect(origin).toMatchObject({ kind: 'rebuilt', value: { event: last } });
      }
    }
  });
});

describe('another run than the recorded one', () => {
  it('is found out, and nothing is told of it', async () => {
    const run = await recorded(join(root, 'samples', 'stale-leader.dsys'));
    const { design, scenario, trace } = run;
    const end = trace.events.length - 1;
    expect(run.replay.stateAt(run.moment(end), 0).kind).toBe('rebuilt');
    const otherSeed = createReplay(design, scenario, { seed: 2 });
    expect(otherSeed.stateAt(run.moment(end), 0)).toMatchObject({
      kind: 'differs',
      why: /does something else|ends after/,
    });
    const slower = {
      ...design,
      nodes: design.nodes.map(node => ({ ...node, clock: { ...node.clock, driftPpm: 5e4 } })),
    };
    expect(createReplay(slower, scenario, { seed: 1 }).stateAt(run.moment(end), 0).kind).toBe('differs');
    const late = createReplay(design, scenario, { seed: 1 });
    expect(late.stateAt({ event: end + 1, prefix: '' }, 0)).toMatchObject({
      kind: 'differs',
      why: /the run ends after/,
    });
    // One event of another kind in the file is enough.
    trace.events.kind[1200] = KIND.local;
    const prefixes = createPrefixes(trace);
    const forged = (event: number) => ({ event, prefix: prefixAt(prefixes, event) });
    expect(run.replay.stateAt(forged(1199), 0).kind).toBe('rebuilt');
    expect(run.replay.stateAt(forged(1200), 0).kind).toBe('differs');
    expect(run.replay.stateAt(forged(end), 0).kind).toBe('differs');
  });

  it('ends when nobody wants it any more, and can be gone on with', async () => {
    const run = await recorded(join(root, 'samples', 'leader-crash.dsys'));
    const event = run.trace.events.length - 1;
    expect(run.replay.stateAt(run.moment(event), 0, () => true)).toEqual({ kind: 'cancelled' });
    expect(run.replay.stateAt(run.moment(event), 0).kind).toBe('rebuilt');
  });
});

describe('fingerprints of beginnings', () => {
  it('do not depend on what was asked before', async () => {
    const { trace } = await recorded(join(root, 'samples', 'leader-crash.dsys'));
    const jumping = createPrefixes(trace);
    const events = [40_000, 5, 4095, 4096, 8191, 8192, 60_000, 4094, 0];
    const jumped = events.map(event => prefixAt(jumping, event));
    expect(jumped).toEqual(events.map(event => prefixAt(createPrefixes(trace), event)));
    expect(new Set(jumped).size).toBe(events.length);
  });
});
