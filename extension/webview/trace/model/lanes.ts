/**
 * Which rows the diagram has, from top to bottom: servers, then clients; clients that are not needed share one row. Under
 * them are those of metrics, if they are asked for.
 */

import type { Trace } from '@dsys/runtime/trace/model';
import type { Chart } from './metrics.ts';
import type { Opened } from './opened.ts';
import type { Violation } from './verdict.ts';

export interface Lane {
  readonly kind: 'server' | 'client' | 'others' | 'metric';
  /** Nodes whose events stand in it; none in those of metrics. */
  readonly nodes: readonly number[];
  readonly name: string;
  /** Region, group or role, '' for none. */
  readonly note: string;
  /** Rows of operation boxes, for clients with several operations at once. */
  readonly tracks: number;
  /** What is drawn in a lane of a metric. */
  readonly chart?: Chart;
}

/** As many clients as have lanes of their own unless somebody asks for all. */
export const MAX_CLIENT_LANES = 8;
const MAX_TRACKS = 3;

export interface OpTracks {
  /** Track of each operation in its client's lane. */
  readonly track: Uint8Array;
  /** Tracks of each node. */
  readonly tracks: Uint8Array;
}

/** Places operations of one client that overlap in time beside each other; beyond three they share the last place. */
export function opTracks(trace: Trace): OpTracks {
  const { invoke, complete, length } = trace.ops;
  const track = new Uint8Array(length);
  const tracks = new Uint8Array(trace.header.nodes.length).fill(1);
  const free = new Map<number, number[]>();
  for (let op = 0; op < length; op++) {
    const node = trace.events.node[invoke[op]];
    if (invoke[op] < 0 || node >= tracks.length) continue;
    let busy = free.get(node);
    if (busy === undefined) free.set(node, (busy = []));
    let place = 0;
    while (place < MAX_TRACKS - 1 && (busy[place] ?? -1) >= invoke[op]) place++;
    busy[place] = complete[op] < 0 ? Number.POSITIVE_INFINITY : complete[op];
    track[op] = place;
    tracks[node] = Math.max(tracks[node], place + 1);
  }
  return { track, tracks };
}

/** Nodes that a violation is about. */
export function nodesOf(trace: Trace, violation: Violation | null): number[] {
  if (violation === null) return [];
  const events = [...violation.events, ...violation.ops.map(op => trace.ops.invoke[op])];
  return events.filter(event => event >= 0).map(event => trace.events.node[event]);
}

const NONE_PINNED: ReadonlySet<number> = new Set();

/**
 * @param needed nodes that keep a lane of their own whatever happens
 * @param pinned nodes that have one, on top of the others
 */
export function lanesOf(
  opened: Opened,
  needed: readonly number[],
  all: boolean,
  pinned: ReadonlySet<number> = NONE_PINNED,
): Lane[] {
  const { nodes } = opened.trace.header;
  const lanes: Lane[] = [];
  const clients: number[] = [];
  nodes.forEach(({ kind, name, group, role }, node) => {
    if (kind === 'client') clients.push(node);
    // The network's and the operator's doings stand above the lanes.
    else if (kind !== 'nemesis') lanes.push({ kind: 'server', nodes: [node], name, note: role ?? group, tracks: 0 });
  });
  const wanted = chosen(clients, needed);
  const own =
    all || clients.length <= MAX_CLIENT_LANES
      ? clients
      : clients.filter(node => wanted.includes(node) || pinned.has(node));
  for (const node of own) {
    const { name } = nodes[node];
    lanes.push({ kind: 'client', nodes: [node], name, note: '', tracks: opened.ops.tracks[node] });
  }
  if (own.length < clients.length) {
    const rest = clients.filter(node => !own.includes(node));
    lanes.push({ kind: 'others', nodes: rest, name: `${rest.length} more clients`, note: 'show', tracks: 0 });
  }
  const isPinned = ({ nodes: of }: Lane): boolean => of.length === 1 && pinned.has(of[0]);
  return pinned.size === 0 ? lanes : [...lanes.filter(isPinned), ...lanes.filter(lane => !isPinned(lane))];
}

/** A lane for each metric. */
export function metricLanesOf({ charts }: Pick<Opened, 'charts'>): Lane[] {
  return charts.map(chart => ({ kind: 'metric', nodes: [], name: chart.name, note: '', tracks: 0, chart }));
}

/** The clients that are needed, in the trace's order; without any, the first few. */
function chosen(clients: readonly number[], needed: readonly number[]): number[] {
  const wanted = clients.filter(node => needed.includes(node)).slice(0, MAX_CLIENT_LANES);
  return wanted.length > 0 ? wanted : clients.slice(0, 4);
}
