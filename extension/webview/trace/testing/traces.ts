/** Traces of real runs for tests, and pictures of them. */

import { join } from 'node:path';
import { runScenario } from '@dsys/runtime';
import { encodeContainer } from '@dsys/runtime/trace/container';
import type { Trace } from '@dsys/runtime/trace/model';
import { designAt } from '../../../../tests/support/design.ts';
import { type Opened, openedOf } from '../model/opened.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');

/** The runs that the viewer is tried on: scenario and seed of a sample, or of a scenario of the tests. */
export const RUNS = {
  'stale-leader': ['local-reads', 1],
  'forgotten-vote': ['voting-twice', 1],
  'split-brain': ['without-fencing', 1],
  'async-failover': ['leader-dies', 5],
  'leader-crash': ['leader-crash', 1],
  's22-raft-lease-under-drift': ['fast-followers', 1],
  'follower-reads': ['reading-elsewhere', 1],
  'region-outage': ['tokyo-is-gone', 1],
  'semi-sync-failover': ['leader-dies', 1],
  'blocked-commit': ['coordinator-dies', 1],
  'split-decision': ['crash-and-cut', 1],
  'chain-repair': ['second-dies', 1],
  'cheap-paxos': ['too-soon', 1],
  'fast-paxos-trades': ['two-down', 1],
  'flexible-paxos': ['frankfurt-burns', 1],
  'order-and-stock': ['coordinator-dies', 1],
  'paxos-registers': ['fire', 1],
  'cart-anywhere': ['cut-in-two', 1],
  'shopping-cart-siblings': ['cut-in-two', 1],
  'write-skew': ['night', 1],
  resharding: ['to-the-annex', 1],
  'two-calendars': ['moved-and-moved-back', 1],
} as const;
export type RunName = keyof typeof RUNS;
export const ALL_RUNS = Object.keys(RUNS) as readonly RunName[];
/** Those with everything that the others have. */
export const RUN_NAMES = ALL_RUNS.slice(0, 6);

const known = new Map<RunName, Promise<Trace>>();

export function traceOf(name: RunName): Promise<Trace> {
  let trace = known.get(name);
  if (trace === undefined) known.set(name, (trace = run(name)));
  return trace;
}

/** What was executed. */
export async function designOf(name: RunName) {
  const [scenario, seed] = RUNS[name];
  const folder = name.startsWith('s22') ? join('tests', 'scenarios') : 'samples';
  const design = await designAt(join(root, folder, `${name}.dsys`));
  return { design, scenario: design.scenarios.find(one => one.name === scenario)!, seed };
}

async function run(name: RunName): Promise<Trace> {
  const { design, scenario: found, seed } = await designOf(name);
  const { trace } = runScenario(design, found, { tool: 'test', seed, record: true, extraRuns: false });
  return trace!;
}

const containers = new Map<RunName, Promise<Uint8Array>>();

export function containerOf(name: RunName): Promise<Uint8Array> {
  let container = containers.get(name);
  if (container === undefined) containers.set(name, (container = traceOf(name).then(encodeContainer)));
  return container;
}

export async function openedRun(name: RunName): Promise<Opened> {
  return openedOf(await traceOf(name));
}
