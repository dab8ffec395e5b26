/** Runs that differ from a recorded one in one thing: the rest of it stays, up to that thing bit by bit. */
import { join } from 'node:path';
import { type Design, runScenario } from '@dsys/runtime';
import type { Scenario } from '@dsys/runtime/design/scenario';
import { createReplay } from '@dsys/runtime/run/replay';
import { type Change, changeText, readChanges, recordedRun } from '@dsys/runtime/trace/changes';
import { encodeContainer } from '@dsys/runtime/trace/container';
import { decodeContainer } from '@dsys/runtime/trace/container-read';
import { KIND, WHY } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { createPrefixes, prefixAt } from '@dsys/runtime/trace/prefix';
import { describe, expect, it } from 'vitest';
import { designAt } from './support/design.ts';

const root = join(import.meta.dirname, '..');
const sample = (name: string) => join(root, 'samples', `${name}.dsys`);
const chaotic = join(root, 'tests', 'support', 'chaotic.dsys');

interface Subject {
  readonly design: Design;
  readonly scenario: Scenario;
  run(changes?: readonly Change[]): ReturnType<typeof runScenario> & { readonly trace: Trace };
}

async function subject(path: string, seed: number): Promise<Subject> {
  const design = await designAt(path);
  const scenario = design.scenarios.find(one => !one.generated)!;
  return {
    design,
    scenario,
    run(changes = []) {
      const result = runScenario(design, scenario, { tool: 'test', seed, record: true, extraRuns: false, changes });
      return { ...result, trace: result.trace! };
    },
  };
}

const textOf = (trace: Trace, fault: number) => `${trace.faults[fault]!.params.text}`;
const without = (trace: Trace, fault: number): Change => ({
  kind: 'without',
  text: textOf(trace, fault),
  atNs: trace.events.t[trace.faults[fault]!.start]!,
  nth: 0,
});
/** Number of events from the beginning that are the same. */
function common(left: Trace, right: Trace): number {
  const [a, b] = [createPrefixes(left), createPrefixes(right)];
  let [low, high] = [0, Math.min(left.events.length, right.events.length)];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (prefixAt(a, middle) === prefixAt(b, middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
const verdictOf = ({ report }: { report: ReturnType<typeof runScenario>['report'] }, property: string) =>
  report.properties.find(one => one.property === property)!.verdict;

describe('without a fault', () => {
  it('nothing is lost where the leader does not die', async () => {
    const { run } = await subject(sample('async-failover'), 5);
    const dies = run();
    expect(verdictOf(dies, 'no lost-writes')).toBe('violated');
    const { start } = dies.trace.faults[0]!;
    const change = without(dies.trace, 0);
    const lives = run([change]);
    expect(lives.executed.unmet).toEqual([]);
    expect(verdictOf(lives, 'no lost-writes')).toBe('holds');
    expect(common(dies.trace, lives.trace)).toBe(start);
    expect(lives.trace.faults).toEqual([]);
    // It says where it would have been.
    expect(lives.trace.strings[lives.trace.events.name[start]!]).toBe('left out');
    expect(lives.trace.events.t[start]).toBe(dies.trace.events.t[start]);
    expect(changeText(change, dies.executed.originNs)).toBe('without: at 3s crash leader of orders');
  });

  it('chaos goes on drawing what it drew', async () => {
    const { run } = await subject(chaotic, 2);
    const all = run();
    const told = (trace: Trace) =>
      trace.faults.map(({ start }, fault) => `${trace.events.t[start]} ${textOf(trace, fault)}`);
    expect(all.trace.faults.length).toBeGreaterThan(8);
    for (const fault of [0, 3, all.trace.faults.length - 2]) {
      const change = without(all.trace, fault);
      const fewer = run([change]);
      expect(fewer.executed.unmet).toEqual([]);
      expect(told(fewer.trace)).toEqual(told(all.trace).toSpliced(fault, 1));
      expect(common(all.trace, fewer.trace)).toBe(all.trace.faults[fault]!.start);
      expect(changeText(change, all.executed.originNs)).toMatch(/^without: chaos: .* at \d/);
    }
  });

  it('one after the other, and those that are alike are told apart', async () => {
    const design = await designAt(sample('async-failover'));
    const once = design.scenarios.find(one => !one.generated)!;
    const scenario = { ...once, actions: [...once.actions, once.actions[0]!] };
    const run = (changes: readonly Change[]) =>
      runScenario(design, scenario, { tool: 'test', seed: 5, record: true, extraRuns: false, changes });
    const twice = run([]);
    // The second one has nobody to act on: the leader is gone.
    expect(twice.trace!.faults.length).toBe(1);
    const first = without(twice.trace!, 0) as Extract<Change, { kind: 'without' }>;
    const second = run([first]);
    expect(second.trace!.faults.length).toBe(1);
    const neither = run([first, { ...first, nth: 1 }]);
    expect(neither.executed.unmet).toEqual([]);
    expect(neither.trace!.faults.length).toBe(0);
  });

  it('that does not come up, it is said so', async () => {
    const { run } = await subject(sample('async-failover'), 5);
    const change = { ...without(run().trace, 0), atNs: 1 } as Change;
    const same = run([change]);
    expect(same.executed.unmet).toEqual([change]);
    expect(same.trace.faults.length).toBe(1);
    const { executed } = run([{ kind: 'with', fault: 'crash', node: 'nobody', ns: 0 }]);
    expect(executed.unmet.length).toBe(1);
  });
});

describe('with a fault', () => {
  it.each(['crash', 'isolate'] as const)('%s: it comes right after the event', async fault => {
    const { run, design } = await subject(sample('split-brain'), 1);
    const plain = run();
    const { events } = plain.trace;
    const event = events.node.findIndex((node, row) => node === 1 && events.t[row]! > plain.executed.originNs + 1e9);
    const atNs = events.t[event]!;
    const changed = run([{ kind: 'with', fault, node: design.nodes[1]!.name, ns: atNs - plain.executed.originNs + 1 }]);
    expect(changed.executed.unmet).toEqual([]);
    const same = common(plain.trace, changed.trace);
    expect(same).toBeGreaterThan(event);
    expect(changed.trace.events.t[same - 1]).toBe(atNs);
    expect(changed.trace.events.kind[same]).toBe(KIND.faultStart);
    expect(changed.trace.events.t[same]).toBe(atNs + 1);
    expect(changed.trace.faults[0]).toMatchObject({ kind: fault, nodes: [1], start: same });
  });

  it('a message is lost where it would arrive, and what others drew stays', async () => {
    const { run } = await subject(chaotic, 2);
    const plain = run();
    const { events, messages, header, strings } = plain.trace;
    // Before there is chaos: on a node that stands still, a message is handled later than it arrives.
    const message = messages.end.findIndex(
      (end, row) =>
        events.t[end]! > plain.executed.originNs + 5e8 &&
        events.t[end]! < plain.executed.originNs + 9e8 &&
        header.nodes[messages.to[row]!]!.kind === 'server' &&
        messages.why[row] === WHY.none,
    );
    const send = messages.send[message]!;
    const nameAt = (lane: number) => header.nodes[lane]!.name;
    const change: Change = {
      kind: 'drop',
      type: strings[events.name[send]!]!,
      from: nameAt(events.node[send]!),
      to: nameAt(messages.to[message]!),
      atNs: events.t[send]!,
      nth: 0,
      copy: 0,
    };
    const changed = run([change]);
    expect(changed.executed.unmet).toEqual([]);
    const end = messages.end[message]!;
    expect(common(plain.trace, changed.trace)).toBe(end);
    expect(changed.trace.events.t[end]).toBe(events.t[end]);
    expect(changed.trace.events.kind[end]).toBe(KIND.drop);
    expect(changed.trace.messages.why[message]).toBe(WHY.filter);
    expect(run([{ ...change, nth: 1000 }]).executed.unmet.length).toBe(1);
  });
});

describe('with other randomness from some moment on', () => {
  it('is the same up to it, and another for every seed after it', async () => {
    const { run } = await subject(chaotic, 2);
    const plain = run().trace;
    const event = Math.floor(plain.events.length / 2);
    const atNs = plain.events.t[event]!;
    const until = plain.events.t.findIndex(t => t > atNs);
    const others = [101, 102, 103].map(seed => run([{ kind: 'seed', seed, atNs }]).trace);
    for (const other of others) {
      const same = common(plain, other);
      expect(same).toBeGreaterThanOrEqual(until);
      expect(same).toBeLessThan(plain.events.length - 1000);
      // What was due already comes when it was due.
      for (let message = 0; message < plain.messages.length; message++) {
        const [sent, ends] = [plain.messages.send[message]!, plain.messages.end[message]!];
        if (sent < 0 || sent > event || ends <= event || other.messages.end[message]! < 0) continue;
        if (plain.messages.why[message] !== 0 || other.messages.why[message] !== 0) continue;
        if (plain.header.nodes[plain.messages.to[message]!]!.kind !== 'client') continue;
        expect(other.events.t[other.messages.end[message]!]).toBe(plain.events.t[ends]);
      }
    }
    expect(common(others[0]!, others[1]!)).toBeLessThan(plain.events.length - 1000);
    expect(common(others[1]!, others[2]!)).toBeLessThan(plain.events.length - 1000);
    // The same seed again is the same run again.
    const again = run([{ kind: 'seed', seed: 101, atNs }]).trace;
    expect(common(again, others[0]!)).toBe(again.events.length);
  });
});

describe('the trace of such a run', () => {
  it('tells what was changed, through files, and can be looked into again', async () => {
    const { run, design, scenario } = await subject(sample('async-failover'), 5);
    const change = without(run().trace, 0);
    const { trace } = decodeContainer(encodeContainer(run([change]).trace));
    const recorded = recordedRun(trace.header, trace.sources)!;
    expect(recorded.changes).toEqual([change]);
    const event = trace.events.length - 1;
    const moment = { event, prefix: prefixAt(createPrefixes(trace), event) };
    const { seed, changes } = recorded;
    expect(createReplay(design, scenario, { seed, changes }).stateAt(moment, 0).kind).toBe('rebuilt');
    expect(createReplay(design, scenario, { seed }).stateAt(moment, 0).kind).toBe('differs');
    expect(run().trace.header.params.changes).toBeUndefined();
    expect(run().trace.header.runId).not.toBe(trace.header.runId);
  });

  it('of strangers: what cannot be understood is no change', () => {
    expect(readChanges(undefined)).toEqual([]);
    const good = { kind: 'seed', seed: 3, atNs: 5 };
    expect(readChanges([good, { ...good, more: 'is left out' }])).toEqual([good, good]);
    for (const json of [
      null,
      'x',
      { length: 1 },
      [null],
      [{ kind: 'seed', seed: -1, atNs: 0 }],
      [{ kind: 'seed', seed: 1.5, atNs: 0 }],
      [{ kind: 'without', text: 'x'.repeat(5000), atNs: 0, nth: 0 }],
      [{ kind: 'with', fault: 'explode', node: 'n1', ns: 0 }],
      [{ kind: 'with', fault: 'crash', node: 3, ns: 0 }],
      [{ kind: 'drop', type: 'x', from: 'a', to: 'b', atNs: 0, nth: 0 }],
      Array.from({ length: 17 }, () => good),
    ])
      expect(readChanges(json), JSON.stringify(json)?.slice(0, 80)).toBeUndefined();
  });
});
