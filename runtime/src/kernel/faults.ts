/**
 * Faults: every verb of the language as something that starts, may undo itself, and is undone by its opposite. Which
 * fault is active on what is known here and nowhere else; each start and end is in the trace and counted.
 */
import type { Target, Verb } from '../design/scenario.ts';
import type { SourceRange } from '../design/source.ts';
import type { NodeId } from '../design/topology.ts';
import { setDrift } from './clock.ts';
import { lookAtTimer } from './member.ts';
import { addFault, type Endpoint, type Filter, type LinkFault, removeFault } from './network.ts';
import { crashNode, pauseNode, pausePort, restartNode, resumeNode, resumePort } from './nodes.ts';
import { type Node, type Simulation, schedule } from './simulation.ts';
import { type Resolved, resolveTarget, type TargetContext } from './targets.ts';

export type FaultVerb = Exclude<Verb, { kind: 'add' | 'remove' | 'promote' | 'move' | 'operation' }>;

export interface ActiveFault {
  readonly kind: string;
  readonly nodes: ReadonlySet<NodeId>;
  readonly text: string;
  /** Its row in the trace; -1: it was left out. */
  readonly traced: number;
  readonly startNs: number;
  ended: boolean;
  readonly undo: (row: number) => void;
}

export interface Faults {
  readonly context: TargetContext;
  /** Lane of the trace on which faults are recorded. */
  readonly lane: Endpoint;
  readonly active: ActiveFault[];
  /** How often each verb took effect. */
  readonly counts: Record<string, number>;
  /** Actions that found nobody to act on. */
  readonly skipped: string[];
  /** Virtual times at which a fault started: recovery is measured from there. */
  readonly starts: number[];
  /** What would take effect now and is to be left out. */
  readonly leavesOut: (text: string) => boolean;
}

export const createFaults = (
  context: TargetContext,
  lane: Endpoint,
  leavesOut: Faults['leavesOut'] = () => false,
): Faults => ({
  context,
  lane,
  active: [],
  counts: {},
  skipped: [],
  starts: [],
  leavesOut,
});

/** Fires a fault now. Undone after `forNs`, by its opposite verb, or never. */
export function startFault(
  faults: Faults,
  verb: FaultVerb,
  forNs: number | null,
  text: string,
  at: SourceRange,
): ActiveFault | null {
  const { sim } = faults.context;
  const source = sim.trace.source(at, text, '');
  const resolved = resolveVerb(faults, verb);
  if (resolved.missing !== null) {
    faults.skipped.push(`${text}: ${resolved.missing}`);
    sim.trace.event(sim.now, 'annotate', faults.lane, 'skipped', -1, -1, `${text}: ${resolved.missing}`, source);
    return null;
  }
  if (faults.leavesOut(text)) return leaveOut(faults, verb, resolved.a.nodes, forNs, text, source);
  const groups = resolved.b === null ? [] : [resolved.a.nodes, resolved.b.nodes];
  const { fault: traced, row } = sim.trace.faultStart(
    sim.now,
    faults.lane,
    verb.kind,
    resolved.a.nodes,
    groups,
    text,
    source,
  );
  faults.counts[verb.kind] = (faults.counts[verb.kind] ?? 0) + 1;
  if (!undoing.includes(verb.kind)) faults.starts.push(sim.now);
  const undo = perform(faults, verb, resolved, row);
  if (undo === null) return null;
  const fault: ActiveFault = {
    kind: verb.kind,
    nodes: new Set(resolved.a.nodes),
    text,
    traced,
    startNs: sim.now,
    ended: false,
    undo,
  };
  faults.active.push(fault);
  if (forNs !== null) schedule(sim, sim.now + forNs, () => endFault(faults, fault));
  return fault;
}

const undoing: readonly string[] = ['restart', 'resume', 'heal'];

/** It stands in the trace, has no effect, and lasts as long as it would have: chaos goes on drawing what it drew. */
function leaveOut(
  { context: { sim }, lane }: Faults,
  { kind }: FaultVerb,
  nodes: readonly NodeId[],
  forNs: number | null,
  text: string,
  source: number,
): ActiveFault | null {
  sim.trace.event(sim.now, 'annotate', lane, 'left out', -1, -1, text, source);
  if (undoing.includes(kind)) return null;
  const fault: ActiveFault = {
    kind,
    nodes: new Set(nodes),
    text,
    traced: -1,
    startNs: sim.now,
    ended: false,
    undo: () => {},
  };
  if (forNs !== null) schedule(sim, sim.now + forNs, () => void (fault.ended = true));
  return fault;
}

export function endFault(faults: Faults, fault: ActiveFault): void {
  if (fault.ended) return;
  if (fault.traced < 0) {
    fault.ended = true;
    return;
  }
  const { sim } = faults.context;
  forget(faults, fault);
  const row = sim.trace.faultEnd(sim.now, faults.lane, fault.traced);
  fault.undo(row);
}

/** An explicit opposite has undone it: its own `for` has nothing left to do. */
function forget(faults: Faults, fault: ActiveFault): void {
  fault.ended = true;
  const index = faults.active.indexOf(fault);
  if (index >= 0) faults.active.splice(index, 1);
}

interface ResolvedVerb {
  readonly a: Resolved;
  readonly b: Resolved | null;
  readonly missing: string | null;
}

function resolveVerb(faults: Faults, verb: FaultVerb): ResolvedVerb {
  const list = (targets: readonly Target[] | null, named: readonly NodeId[]) => resolveAll(faults, targets, named);
  switch (verb.kind) {
    case 'heal':
      return { a: { nodes: [], clients: [], missing: null }, b: null, missing: null };
    case 'cut':
    case 'degrade': {
      const b0 = verb.b === null ? null : list(verb.b.filter(isFixed), []);
      const a = list(verb.a, b0?.nodes ?? []);
      const b = verb.b === null ? null : list(verb.b, a.nodes);
      return { a, b, missing: a.missing ?? b?.missing ?? null };
    }
    case 'lose':
    case 'delay': {
      const a = list(verb.from, []);
      const b = verb.to === null ? null : list(verb.to, a.nodes);
      return { a, b, missing: a.missing ?? b?.missing ?? null };
    }
    default: {
      const a = list(verb.targets, []);
      return { a, b: null, missing: a.missing };
    }
  }
}

/** Targets that do not depend on what stands opposite. */
const isFixed = (target: Target): boolean =>
  target.kind !== 'rest' && !(target.kind === 'role' && (target.role === 'majority' || target.role === 'minority'));

function resolveAll(faults: Faults, targets: readonly Target[] | null, opposite: readonly NodeId[]): Resolved {
  if (targets === null) return { nodes: [], clients: [], missing: null };
  const nodes: NodeId[] = [];
  const clients: Endpoint[] = [];
  let missing: string | null = null;
  for (const target of [...targets].sort((x, y) => Number(x.kind === 'rest') - Number(y.kind === 'rest'))) {
    const one = resolveTarget(faults.context, target, target.kind === 'rest' ? [...opposite, ...nodes] : opposite);
    missing ??= one.missing;
    for (const node of one.nodes) if (!nodes.includes(node)) nodes.push(node);
    for (const client of one.clients) if (!clients.includes(client)) clients.push(client);
  }
  // Part of a list may be missing (no leader just now); the rest of it is still meant.
  return { nodes, clients, missing: nodes.length + clients.length > 0 ? null : (missing ?? 'nothing was named') };
}

const endpoints = (resolved: Resolved): ReadonlySet<Endpoint> => new Set([...resolved.nodes, ...resolved.clients]);

/** Does it; the answer undoes it, or is null where there is nothing to undo. */
function perform(faults: Faults, verb: FaultVerb, { a, b }: ResolvedVerb, row: number): ((row: number) => void) | null {
  const { sim } = faults.context;
  const nodes = a.nodes.map(node => sim.nodes[node]!);
  const each = (act: (node: Node) => void) => nodes.forEach(act);
  switch (verb.kind) {
    case 'crash':
    case 'fail-disk': {
      const losingDisk = verb.kind === 'fail-disk' || verb.losingDisk;
      each(node => crashNode(sim, node, losingDisk, row));
      return undoRow => each(node => restartNode(sim, node, undoRow));
    }
    case 'restart':
      each(node => restartNode(sim, node, row));
      return undone(faults, ['crash', 'fail-disk'], a.nodes);
    case 'pause':
      each(node => pauseNode(sim, node, row));
      ports(faults, a).forEach(pausePort);
      return undoRow => {
        each(node => resumeNode(sim, node, undoRow));
        for (const port of ports(faults, a)) resumePort(sim, port);
      };
    case 'resume':
      each(node => resumeNode(sim, node, row));
      for (const port of ports(faults, a)) resumePort(sim, port);
      return undone(faults, ['pause'], a.nodes);
    case 'isolate': {
      const inside = new Set<Endpoint>(a.nodes);
      const others = new Set<Endpoint>(sim.nodes.map(node => node.id).filter(node => !inside.has(node)));
      for (const client of faults.context.clients()) others.add(client.endpoint);
      // Isolated nodes are cut from one another too: each stands alone.
      const alone = a.nodes.map(node => ({
        from: new Set([node]),
        to: new Set([...others, ...a.nodes.filter(other => other !== node)]),
        bothWays: true,
        degrade: null,
      }));
      return linkFaults(sim, alone);
    }
    case 'cut':
      return linkFaults(sim, [{ from: endpoints(a), to: endpoints(b!), bothWays: !verb.oneWay, degrade: null }]);
    case 'degrade': {
      const { loss, duplicate, reorder, latency, bitsPerSecond } = verb;
      const degrade = { loss, duplicate, reorder, latency, bitsPerSecond };
      const everywhere = verb.a === null;
      return linkFaults(sim, [
        {
          from: everywhere ? null : endpoints(a),
          to: everywhere || b === null ? null : endpoints(b),
          bothWays: true,
          degrade,
        },
      ]);
    }
    case 'lose':
    case 'delay': {
      const filter: Filter = {
        message: verb.message,
        from: verb.from === null ? null : endpoints(a),
        to: b === null ? null : endpoints(b),
        byNs: verb.kind === 'delay' ? verb.byNs : null,
      };
      sim.network.filters.push(filter);
      return () => void sim.network.filters.splice(sim.network.filters.indexOf(filter), 1);
    }
    case 'heal':
      for (const fault of [...faults.active]) if (healable.has(fault.kind)) endFault(faults, fault);
      return null;
    case 'slow':
      each(node => (node.slow *= verb.factor));
      return () => each(node => (node.slow /= verb.factor));
    case 'skew':
      each(node => {
        node.clock.jumpNs += verb.byNs;
        clockChanged(sim, node);
      });
      return () =>
        each(node => {
          node.clock.jumpNs -= verb.byNs;
          clockChanged(sim, node);
        });
    case 'drift':
      each(node => {
        setDrift(node.clock, sim.now, verb.ppm);
        clockChanged(sim, node);
      });
      return () =>
        each(node => {
          setDrift(node.clock, sim.now, 0);
          clockChanged(sim, node);
        });
  }
}

const healable = new Set(['cut', 'isolate', 'degrade', 'lose', 'delay']);

function linkFaults(sim: Simulation, list: readonly LinkFault[]): (row: number) => void {
  for (const fault of list) addFault(sim.network, fault);
  return () => {
    for (const fault of list) removeFault(sim.network, fault);
  };
}

/** The opposite of active faults on these nodes was asked for: they count as undone once all their nodes are. */
function undone(faults: Faults, kinds: readonly string[], nodes: readonly NodeId[]): null {
  for (const fault of [...faults.active]) {
    if (!kinds.includes(fault.kind)) continue;
    const left = fault.nodes as Set<NodeId>;
    for (const node of nodes) left.delete(node);
    if (left.size === 0) forget(faults, fault);
  }
  return null;
}

const ports = (faults: Faults, resolved: Resolved) =>
  resolved.clients.flatMap(client => faults.context.sim.ports.get(client) ?? []);

/** A clock that jumped or changed its rate reaches deadlines at other times than were queued. */
function clockChanged(sim: Simulation, node: Node): void {
  for (const member of node.members) {
    for (const timer of member.timers.values()) {
      timer.queuedNs = Number.POSITIVE_INFINITY;
      lookAtTimer(sim, member, timer);
    }
  }
}

/** One line for a verb that was drawn, not written. */
export const describeDrawn = (verb: string, names: readonly string[]): string => `chaos: ${verb} ${names.join(', ')}`;
