/** Runs of Fast Paxos on five nodes, with the quorums of its paper. */
import type { FastPaxos } from '../design/mechanism.ts';
import type { AnyProtocol } from '../protocols/contract.ts';
import type { Executed } from '../run/execute.ts';
import type { Sketch } from './design.ts';
import { runSketch } from './runs.ts';

export const fastOptions = (changes: Partial<FastPaxos> = {}): FastPaxos => ({
  kind: 'fast-paxos',
  retry: { kind: 'randomized' },
  durablePromises: true,
  adopt: 'highest',
  classic: { kind: 'count', count: 3 },
  fast: { kind: 'count', count: 4 },
  recovery: 'coordinated',
  ...changes,
});

export const runFast = (
  wanted: Sketch,
  seed: number,
  options: Partial<FastPaxos> = {},
  protocol?: AnyProtocol,
): Executed => runSketch({ nodes: 5, ...wanted, mechanism: fastOptions(options) }, seed, protocol);
