/** A trace as the viewer holds it: decoded, with what everything else asks for again and again. */

import { type Causality, causalityOf } from '@dsys/runtime/trace/causality';
import type { Inflated } from '@dsys/runtime/trace/container-read';
import { decodeTrace } from '@dsys/runtime/trace/decode';
import { originNs } from '@dsys/runtime/trace/describe';
import { KIND } from '@dsys/runtime/trace/kinds';
import type { Trace } from '@dsys/runtime/trace/model';
import { NONE16 } from '@dsys/runtime/trace/model';
import { type Blocks, blocksOf } from './blocks.ts';
import type { Failure } from './failure.ts';
import { type OpTracks, opTracks } from './lanes.ts';
import { type Chart, chartsOf } from './metrics.ts';
import { type Outage, outagesOf } from './outages.ts';
import { type Pyramid, pyramidOf } from './pyramid.ts';
import { type Leadership, leadershipsOf } from './roles.ts';
import { type Violation, violationsOf } from './verdict.ts';

export interface Opened {
  readonly trace: Trace;
  /** What could not be read, in plain sentences. */
  readonly problems: readonly string[];
  readonly causality: Causality;
  /** Virtual ns from which times are told. */
  readonly origin: number;
  /** Events of each node in order, the network's included. */
  readonly eventsOfNode: readonly Int32Array[];
  readonly ops: OpTracks;
  readonly outages: readonly Outage[];
  readonly leaderships: readonly Leadership[];
  readonly violations: readonly Violation[];
  /** Events at which a monitor saw something broken. */
  readonly violationRows: Int32Array;
  /** Counts of all events. */
  readonly pyramid: Pyramid;
  readonly messageBlocks: Blocks;
  readonly opBlocks: Blocks;
  readonly charts: readonly Chart[];
}

/** How far opening has come: a part of it, in words, and the share of this part that is done, from 0 to 1. */
export type OpeningProgress = (part: string, share: number) => void;

/** Decodes a container or JSON lines; what cannot be shown at all is a `Failure`, never an exception. */
export function openTrace(
  bytes: Uint8Array,
  progress: OpeningProgress = () => {},
  inflated?: Inflated,
): Opened | Failure {
  if (bytes.length === 0) {
    return {
      title: 'The trace is empty',
      text: 'The file has no bytes. Execute the scenario again to record a new one.',
    };
  }
  try {
    const { trace, problems } = decodeTrace(bytes, share => progress('Reading', share), inflated);
    return openedOf(trace, problems, progress);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    const title = error instanceof RangeError ? 'The trace is too large' : 'The trace cannot be read';
    return { title, text: `${sentence(text)} Execute the scenario again to record a new one.` };
  }
}

export function openedOf(trace: Trace, problems: readonly string[] = [], progress: OpeningProgress = () => {}): Opened {
  progress('Following causes', 1);
  const causality = causalityOf(trace);
  progress('Counting events', 1);
  const { messages, ops } = trace;
  const outages = outagesOf(trace);
  return {
    trace,
    problems,
    causality,
    origin: originNs(trace),
    eventsOfNode: eventsOfNode(trace),
    ops: opTracks(trace),
    outages,
    leaderships: leadershipsOf(trace),
    violations: violationsOf(trace),
    violationRows: rowsOfKind(trace, KIND.violation),
    pyramid: pyramidOf(trace),
    messageBlocks: blocksOf(messages.send, messages.end, 'start'),
    opBlocks: blocksOf(ops.invoke, ops.complete, 'never'),
    charts: chartsOf(trace),
  };
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

function eventsOfNode(trace: Trace): Int32Array[] {
  const { node, length } = trace.events;
  const lanes = trace.header.nodes.length;
  const counts = new Int32Array(lanes);
  for (let event = 0; event < length; event++) if (node[event] !== NONE16) counts[node[event]]++;
  const lists = Array.from(counts, count => new Int32Array(count));
  const filled = new Int32Array(lanes);
  for (let event = 0; event < length; event++) {
    const lane = node[event];
    if (lane !== NONE16) lists[lane][filled[lane]++] = event;
  }
  return lists;
}

function rowsOfKind(trace: Trace, wanted: number): Int32Array {
  const { kind, length } = trace.events;
  let count = 0;
  for (let row = 0; row < length; row++) if (kind[row] === wanted) count++;
  const rows = new Int32Array(count);
  for (let row = 0, filled = 0; filled < count; row++) if (kind[row] === wanted) rows[filled++] = row;
  return rows;
}
