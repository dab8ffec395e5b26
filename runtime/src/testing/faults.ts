/** Faults for sketched designs, in a few words. Times in ms of virtual time, from the scenario's time 0. */

import type { Distribution } from '../design/distribution.ts';
import type { Action, Chaos, ChaosVerb, Target, Verb } from '../design/scenario.ts';
import { nowhere } from '../design/source.ts';
import type { Sketch } from './design.ts';

const at = nowhere;
const ms = 1_000_000;

/** Chaos from `from` to `until` of parts `[verb, at most so many at once, mean gap]`. */
export const chaosOf = (
  from: number,
  until: number,
  ...parts: readonly (readonly [ChaosVerb, number, number, (readonly Target[])?])[]
): Chaos => ({
  at,
  fromNs: from * ms,
  untilNs: until * ms,
  parts: parts.map(([verb, upTo, every, targets]) => ({ verb, upTo, everyNs: every * ms, targets: targets ?? null })),
});

/** A verb every `period` from `from` until `until`, each undone after `lasting`; null: never. */
export const everyMs = (
  period: number,
  from: number,
  until: number,
  verb: Verb,
  lasting: number | null = null,
): Action => ({
  at,
  trigger: { kind: 'every', periodNs: period * ms, fromNs: from * ms, untilNs: until * ms },
  verb,
  forNs: lasting === null ? null : lasting * ms,
  text: `every ${period}ms ${verb.kind}`,
});

/** The first time that `message` reaches or leaves one of the targets. */
export const whenMessage = (
  message: string,
  edge: 'reaches' | 'leaves',
  targets: readonly Target[],
  verb: Verb,
  lasting: number | null = null,
): Action => ({
  at,
  trigger: { kind: 'when', message, edge, targets },
  verb,
  forNs: lasting === null ? null : lasting * ms,
  text: `when ${message} ${edge}: ${verb.kind}`,
});

export const roleTarget = (
  role: Extract<Target, { kind: 'role' }>['role'],
  of = 'db',
  partitions: readonly number[] = [0],
): Target => ({ at, kind: 'role', text: `${role} of ${of}`, role, of, partitions });

export const restTarget: Target = { at, kind: 'rest', text: 'rest' };
export const allTarget: Target = { at, kind: 'all', text: 'all' };

export const degrade = (
  changes: Partial<Omit<Extract<Verb, { kind: 'degrade' }>, 'kind'>> & { readonly latency?: Distribution },
): Verb => ({
  kind: 'degrade',
  a: null,
  b: null,
  loss: null,
  duplicate: null,
  reorder: null,
  latency: null,
  bitsPerSecond: null,
  ...changes,
});

/** Messages are lost, doubled and overtake each other, nodes crash, stand still and are cut off: so many ms, and to settle. */
export const allFaults = (forMs: number, settleMs: number): Sketch => ({
  nodes: 5,
  loss: 0.02,
  duplicate: 0.05,
  reorder: 0.1,
  workload: { timeoutNs: 600_000_000, clients: 6 },
  forNs: forMs * ms,
  settleNs: settleMs * ms,
  chaos: [chaosOf(0, forMs, ['crash', 2, 600], ['cut', 1, 900], ['pause', 1, 900], ['isolate', 1, 1_100])],
});
