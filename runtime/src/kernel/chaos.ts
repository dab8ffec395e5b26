/** Chaos: faults drawn from the seed. At most N at once, gaps exponential, lengths uniform; all undone at the end. */
import type { Chaos, Target } from '../design/scenario.ts';
import type { SourceRange } from '../design/source.ts';
import type { NodeId } from '../design/topology.ts';
import { type ActiveFault, describeDrawn, endFault, type Faults, type FaultVerb, startFault } from './faults.ts';
import type { RandomStream } from './random.ts';
import { randomOf, schedule } from './simulation.ts';
import { resolveTarget } from './targets.ts';

/** Starts drawing at `fromNs`; `pool` are the nodes of the stores that the scenario touches. */
export function startChaos(
  faults: Faults,
  chaos: Chaos,
  originNs: number,
  pool: readonly NodeId[],
  index: number,
): void {
  const { sim } = faults.context;
  const until = originNs + chaos.untilNs;
  chaos.parts.forEach((part, number) => {
    const random = randomOf(sim, `chaos:${index}.${number}.${part.verb}`);
    const running: ActiveFault[] = [];
    const candidates = (): readonly NodeId[] => {
      if (part.targets === null) return pool;
      return part.targets.flatMap(target => resolveTarget(faults.context, target, []).nodes);
    };
    const strike = () => {
      if (sim.now >= until) return;
      const active = running.filter(fault => !fault.ended);
      running.length = 0;
      running.push(...active);
      if (active.length < part.upTo) {
        const taken = new Set(active.flatMap(fault => [...fault.nodes]));
        const free = candidates().filter(node => !taken.has(node));
        const length = Math.min(until - sim.now, Math.ceil((0.1 + 0.9 * random.uniform()) * part.everyNs));
        const fault = free.length === 0 ? null : draw(faults, part.verb, free, pool, random, length, chaos.at);
        if (fault !== null) running.push(fault);
      }
      next();
    };
    const next = () => {
      const gap = Math.ceil(-Math.log(1 - random.uniform()) * part.everyNs);
      schedule(sim, sim.now + gap, strike);
    };
    schedule(sim, originNs + chaos.fromNs, next);
    schedule(sim, until, () => {
      for (const fault of running) endFault(faults, fault);
    });
  });
}

function draw(
  faults: Faults,
  verb: Chaos['parts'][number]['verb'],
  free: readonly NodeId[],
  pool: readonly NodeId[],
  random: RandomStream,
  forNs: number,
  at: SourceRange,
): ActiveFault | null {
  const { sim } = faults.context;
  const names = (nodes: readonly NodeId[]) => nodes.map(node => sim.nodes[node]!.spec.name);
  const target = (nodes: readonly NodeId[]): Target => ({
    kind: 'nodes',
    text: names(nodes).join(', '),
    nodes,
    at,
  });
  const victim = free[random.int(free.length)]!;
  const start = (made: FaultVerb, nodes: readonly NodeId[]) =>
    startFault(faults, made, forNs, describeDrawn(verb, names(nodes)), at);
  switch (verb) {
    case 'crash':
      return start({ kind: 'crash', targets: [target([victim])], losingDisk: false }, [victim]);
    case 'pause':
      return start({ kind: 'pause', targets: [target([victim])] }, [victim]);
    case 'isolate':
      return start({ kind: 'isolate', targets: [target([victim])] }, [victim]);
    case 'slow':
      return start({ kind: 'slow', targets: [target([victim])], factor: 2 + random.int(9) }, [victim]);
    case 'skew':
      return start({ kind: 'skew', targets: [target([victim])], byNs: Math.round((random.uniform() * 2 - 1) * 1e9) }, [
        victim,
      ]);
    case 'cut': {
      // Any proper part of the group from the rest, one way or both.
      const side = pool.filter(node => node === victim || random.uniform() < 0.3);
      const part = side.length === pool.length ? [victim] : side;
      const others = pool.filter(node => !part.includes(node));
      if (others.length === 0) return null;
      return start({ kind: 'cut', a: [target(part)], b: [target(others)], oneWay: random.uniform() < 0.25 }, part);
    }
  }
}
