/**
 * What a write without faults costs, as the trace counts it. Gray and Lamport 2006, §3.2: with the coordinator beside a
 * replica 3N − 3 messages and 3 delays. A request that comes elsewhere costs one more of each, until all have committed.
 * With the coordinator apart from the replicas 3N − 1 and 4.
 */
import { describe, expect, it } from 'vitest';
import { constant } from '../../design/distribution.ts';
import type { Mechanism } from '../../design/mechanism.ts';
import { execute } from '../../run/execute.ts';
import { coordinatorOn, sketch, threePhaseOptions, twoPhaseOptions, writeAtMs } from '../../testing/design.ts';
import { isBetweenNodes, watchingTrace } from '../../testing/watching.ts';

const delayMs = 10;

/** What goes on without any write: who leads, and the group's own elections and heartbeats. */
const aside = new Set([
  'leading',
  'pre-vote',
  'pre-vote-response',
  'request-vote',
  'vote',
  'append-entries',
  'append-entries-response',
]);

/** Messages by type that one write sends, and delays until the last replica has been told, and until the client was. */
function costs(mechanism: Mechanism, nodes: number, via = 0, apart = 0) {
  const { design, scenario } = sketch({
    nodes: nodes + apart,
    apart,
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
    if (!isBetweenNodes(event) || aside.has(event.name)) return;
    const { name, timeNs } = event;
    sent[name] = (sent[name] ?? 0) + 1;
    if (name === 'commit' || name === 'do-commit') toldMs = timeNs / 1e6 + delayMs;
  });
  const executed = execute(design, scenario, { seed: 1, trace });
  const [write] = executed.log.operations;
  expect(write!.outcome).toBe('ok');
  const inDelays = (ms: number) => Math.round(ms / delayMs);
  return {
    sent,
    delays: inDelays(toldMs - executed.originNs / 1e6 - 1_000),
    answered: inDelays((write!.ended - write!.invoke) / 1e6),
  };
}

describe('messages and delays of a write without faults', () => {
  it.each([3, 5, 7])('two phases over %i replicas: 3N − 3 and 3; acknowledgements by presumption', n => {
    const core = { prepare: n - 1, yes: n - 1, commit: n - 1 };
    expect(costs(twoPhaseOptions({ presume: 'commit' }), n)).toEqual({ sent: core, delays: 3, answered: 2 });
    for (const presume of ['abort', 'nothing'] as const)
      expect(costs(twoPhaseOptions({ presume }), n)).toEqual({ sent: { ...core, ack: n - 1 }, delays: 3, answered: 2 });
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
      answered: 4,
    });
  });

  it.each([3, 5, 7])(
    'two phases over %i replicas, a coordinator apart: 3N − 1 and 4, with the vote of the one asked',
    n => {
      const apart = twoPhaseOptions({ coordinator: { kind: 'node', node: n } });
      const { sent, delays, answered } = costs(apart, n, 0, 1);
      const { ack, ...core } = sent;
      expect(core).toEqual({ begin: 1, prepare: n - 1, yes: n - 1, commit: n });
      expect(Object.values(core).reduce((a, b) => a + b, 0)).toBe(3 * n - 1);
      expect({ ack, delays, answered }).toEqual({ ack: n, delays: 4, answered: 4 });
    },
  );

  it.each(['commit', 'nothing'] as const)(
    'presumed %s, nobody may vote before the coordinator has written that it begins: two messages more',
    presume => {
      const n = 5;
      const { sent, delays } = costs(twoPhaseOptions({ coordinator: { kind: 'node', node: n }, presume }), n, 0, 1);
      const acknowledged = presume === 'commit' ? {} : { ack: n };
      expect(sent).toEqual({ forward: 1, prepare: n, yes: n, commit: n, ...acknowledged });
      expect(delays).toBe(4);
    },
  );

  it('a replicated coordinator: the same messages, and the round trip in which its group chooses', () => {
    const n = 5;
    const coordinator = coordinatorOn([n, n + 1, n + 2]);
    const { sent, delays, answered } = costs(twoPhaseOptions({ coordinator }), n, 0, 3);
    // The call is from the leader to the member of the group on its own node.
    expect(sent).toEqual({ begin: 1, prepare: n - 1, yes: n - 1, call: 1, commit: n, ack: n });
    expect({ delays, answered }).toEqual({ delays: 6, answered: 6 });
  });
});
