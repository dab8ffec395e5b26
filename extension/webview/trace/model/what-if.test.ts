/** What is offered of a trace is what the runtime understands: every offer is executed. */
import { runScenario } from '@dsys/runtime';
import { KIND, MESSAGE_FLAG, WHY } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { describe, expect, it } from 'vitest';
import { designAt } from '../../../../tests/support/design.ts';
import { openedRun } from '../testing/traces.ts';
import { openedOf } from './opened.ts';
import { type WhatIf, withFault, withoutFault, withoutMessage } from './what-if.ts';

const chaotic = `${import.meta.dirname}/../../../../tests/support/chaotic.dsys`;

async function chaoticRun() {
  const design = await designAt(chaotic);
  const scenario = design.scenarios.find(one => !one.generated)!;
  const run = (asked?: WhatIf) => {
    const changes = asked === undefined ? [] : 'run' in asked ? asked.run.changes : undefined;
    if (changes === undefined) throw new Error(JSON.stringify(asked));
    const result = runScenario(design, scenario, { tool: 't', seed: 2, record: true, extraRuns: false, changes });
    expect(result.executed.unmet).toEqual([]);
    return openedOf(result.trace!);
  };
  return { run, opened: run() };
}
const textsOf = (trace: Trace) => trace.faults.map(({ params }) => params.text);

describe('the same run', () => {
  it('without a message, be it a copy', async () => {
    const { run, opened } = await chaoticRun();
    const { events, messages, header } = opened.trace;
    const chosen: number[] = [];
    // Before there is chaos, a message is handled when it arrives.
    for (
      let message = 0;
      message < messages.length && events.t[messages.send[message]] < opened.origin + 8e8;
      message++
    ) {
      if (messages.why[message] !== WHY.none || messages.end[message] < 0) continue;
      if (header.nodes[messages.to[message]].kind !== 'server') continue;
      const isCopy = (messages.flags[message] & MESSAGE_FLAG.duplicate) !== 0;
      if (isCopy || chosen.length === 0) chosen.push(message);
      if (chosen.length > 6) break;
    }
    expect(chosen.some(message => messages.flags[message] & MESSAGE_FLAG.duplicate)).toBe(true);
    for (const message of chosen) {
      const { trace } = run(withoutMessage(opened, message));
      const end = messages.end[message];
      expect(trace.events.kind[end]).toBe(KIND.drop);
      expect(trace.events.msg[end]).toBe(message);
      expect(trace.events.t[end]).toBe(events.t[end]);
    }
  });

  it('without a fault, then without another one', async () => {
    const { run, opened } = await chaoticRun();
    const all = textsOf(opened.trace);
    const without = run(withoutFault(opened, 4));
    expect(textsOf(without.trace)).toEqual(all.toSpliced(4, 1));
    const fewer = run(withoutFault(without, 6));
    expect(textsOf(fewer.trace)).toEqual(all.toSpliced(4, 1).toSpliced(6, 1));
  });

  it('with a fault, which can be taken back', async () => {
    const { run, opened } = await chaoticRun();
    const event = opened.eventsOfNode[1].find(row => opened.trace.events.t[row] > opened.origin + 5e8)!;
    const crashed = run(withFault(opened, event, 'crash'));
    const fault = crashed.trace.faults.findIndex(({ params }) => `${params.text}`.startsWith('added: crash'));
    expect(crashed.trace.faults[fault].nodes).toEqual([1]);
    const asked = withoutFault(crashed, fault);
    expect('run' in asked && asked.run.changes).toEqual([]);
    expect(textsOf(run(asked).trace)).toEqual(textsOf(opened.trace));
  });
});

describe('messages that are alike', () => {
  it('are told apart by how many come before', async () => {
    const { trace } = await openedRun('stale-leader');
    const { events, messages } = trace;
    const isLike = (left: number, right: number) =>
      messages.to[left] === messages.to[right] &&
      events.name[messages.send[left]] === events.name[messages.send[right]] &&
      events.node[messages.send[left]] === events.node[messages.send[right]];
    const second = messages.send.findIndex((send, row) => row > 40 && messages.end[row] > send && isLike(row, 40));
    // All at the same time: those from 40 on up to this one that are like it are counted.
    const t = events.t.map((ns, row) =>
      row >= messages.send[40] && row <= messages.send[second] ? events.t[messages.send[40]] : ns,
    );
    const squeezed = openedOf({ ...trace, events: { ...events, t } });
    const asked = withoutMessage(squeezed, second);
    expect('run' in asked && asked.run.changes).toMatchObject([{ kind: 'drop', nth: 1, copy: 0 }]);
  });
});

describe('what cannot be', () => {
  it('is said, with the reason', async () => {
    const opened = await openedRun('stale-leader');
    const { trace, eventsOfNode } = opened;
    const why = (asked: WhatIf) => ('why' in asked ? asked.why : 'it can');
    expect(why(withFault(opened, 0, 'crash'))).toMatch(/before its time 0/);
    const client = trace.header.nodes.findIndex(({ kind }) => kind === 'client');
    expect(why(withFault(opened, eventsOfNode[client][0], 'crash'))).toMatch(/only nodes/);
    const dropped = trace.messages.why.findIndex(one => one !== WHY.none);
    expect(why(withoutMessage(opened, dropped))).toMatch(/was not delivered/);
    const damaged = openedOf({
      ...trace,
      faults: [
        { ...trace.faults[0], start: -1 },
        { ...trace.faults[0], params: {} },
      ],
    });
    expect(why(withoutFault(damaged, 0))).toMatch(/when the fault began/);
    expect(why(withoutFault(damaged, 1))).toMatch(/as what the fault was written/);
    const changes = Array.from({ length: 16 }, () => ({ kind: 'seed', seed: 1, atNs: 1 }));
    const header = { ...trace.header, params: { ...trace.header.params, changes } };
    expect(why(withoutFault(openedOf({ ...trace, header }), 0))).toMatch(/at most 16 changes/);
    const odd = { ...trace.header, params: { ...trace.header.params, changes: 'odd' } };
    expect(why(withoutFault(openedOf({ ...trace, header: odd }), 0))).toMatch(/not understood/);
  });
});
