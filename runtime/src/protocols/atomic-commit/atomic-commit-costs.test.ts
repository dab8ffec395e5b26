/**
 * What a write without faults costs, as the trace counts it. Gray and Lamport 2006, §3.2: with the coordinator beside a
 * replica 3N − 3 messages and 3 delays. A request that comes elsewhere costs one more of each, until all have committed.
 */
import { describe, expect, it } from 'vitest';
import { constant } from '../../design/distribution.ts';
import type { Mechanism } from '../../design/mechanism.ts';
import { execute } from '../../run/execute.ts';
import { sketch, threePhaseOptions, twoPhaseOptions, writeAtMs } from '../../testing/design.ts';
import { isBetweenNodes, watchingTrace } from '../../testing/watching.ts';

const delayMs = 10;

/** Messages by type that one write sends, and delays until the last replica has been told. */
function costs(mechanism: Mechanism, nodes: number, via = 0) {
  const { design, scenario } = sketch({
    nodes,
    mechanism,
    latency: constant(delayMs * 1_000_000),
    fsync: constant(0),
    workload: null,
    forNs: 3_000_000_000,
    actions: [writeAtMs(1_000, via)],
  });
  const sent: Record<string, number> = {};
  let toldMs = 0;
  const trace = watchingTrace(event => {
    if (!isBetweenNodes(event)) return;
    const { name, timeNs } = event;
    sent[name] = (sent[name] ?? 0) + 1;
    if (name === 'commit' || name === 'do-commit') toldMs = timeNs / 1e6 + delayMs;
  });
  const executed = execute(design, scenario, { seed: 1, trace });
  expect(executed.log.operations.map(one => one.outcome)).toEqual(['ok']);
  return { sent, delays: Math.round((toldMs - 1_000) / delayMs) };
}

describe('messages and delays of a write without faults', () => {
  it.each([3, 5, 7])('two phases over %i replicas: 3N − 3 and 3; acknowledgements by presumption', n => {
    const core = { prepare: n - 1, yes: n - 1, commit: n - 1 };
    expect(costs(twoPhaseOptions({ presume: 'commit' }), n)).toEqual({ sent: core, delays: 3 });
    for (const presume of ['abort', 'nothing'] as const)
      expect(costs(twoPhaseOptions({ presume }), n)).toEqual({ sent: { ...core, ack: n - 1 }, delays: 3 });
  });

  it('five replicas: 12 messages, and a request that comes elsewhere one more, in 4 delays', () => {
    const total = (sent: Readonly<Record<string, number>>) => Object.values(sent).reduce((a, b) => a + b, 0);
    expect(total(costs(twoPhaseOptions({ presume: 'commit' }), 5).sent)).toBe(12);
    const { sent, delays } = costs(twoPhaseOptions({ presume: 'commit' }), 5, 3);
    // The reply's way back through that node is no part of the commit.
    expect({ forward: sent.forward, total: total(sent), delays }).toEqual({ forward: 1, total: 13, delays: 4 });
  });

  it('three phases over 5 replicas: two more messages each, and two more delays', () => {
    expect(costs(threePhaseOptions(), 5)).toEqual({
      sent: { 'can-commit': 4, yes: 4, 'pre-commit': 4, 'ack-pre': 4, 'do-commit': 4, ack: 4 },
      delays: 5,
    });
  });
});
