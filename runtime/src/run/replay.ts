/**
 * Replay: any moment of a recorded run, rebuilt by executing the run again. A simulation cannot be copied (its queue holds
 * functions), so keyframes are executions that are held where they were last asked: going on from one costs what lies
 * between, going back before all of them begins anew.
 *
 * What is told is told of the recorded run or not at all: the events up to the moment have to be those that were recorded,
 * which their fingerprint shows (`trace/prefix.ts`). Another version of dsys, or a changed design, is found out that way.
 */

import type { Design } from '../design/design.ts';
import type { Scenario } from '../design/scenario.ts';
import type { NodeId } from '../design/topology.ts';
import type { Moment, NodeState, Origin, Rebuilt } from '../trace/state.ts';
import { begin, type Execution, type RunOptions } from './execute.ts';
import { fieldAt } from './fields.ts';
import { createFollower, type Follower } from './follower.ts';
import { nodeState, stateOf } from './node-state.ts';

export type ReplayOptions = Omit<RunOptions, 'trace' | 'cancelled'>;

export interface Replay {
  /** @throws RangeError when the design has no such node */
  stateAt(moment: Moment, node: NodeId, cancelled?: () => boolean): Rebuilt<NodeState>;
  /** Executes the run from its beginning: the value may have changed, and changed back. */
  originOf(moment: Moment, node: NodeId, path: readonly string[], cancelled?: () => boolean): Rebuilt<Origin>;
}

/** Executions that are held at the same time, and states that are kept. */
const HELD_MAX = 3;
const STATES_MAX = 64;
/** Queued events between two looks at whether somebody wants an end. */
const CANCEL_EVERY = 4096;

interface Held {
  readonly execution: Execution;
  readonly follower: Follower;
}

export function createReplay(design: Design, scenario: Scenario, options: ReplayOptions): Replay {
  const held: Held[] = [];
  const states = new Map<string, NodeState>();

  const fresh = (): Held => {
    const follower = createFollower();
    return { execution: begin(design, scenario, { ...options, trace: follower.tracer }), follower };
  };
  /** The one that is furthest, but has not yet recorded the event. */
  const nearest = (event: number): Held => {
    const rows = ({ follower }: Held) => follower.tracer.counts.events;
    const usable = held.filter(one => rows(one) <= event);
    const best = usable.sort((a, b) => rows(b) - rows(a))[0] ?? fresh();
    const index = held.indexOf(best);
    if (index >= 0) held.splice(index, 1);
    held.unshift(best);
    held.length = Math.min(held.length, HELD_MAX);
    return best;
  };

  return {
    stateAt(moment, node, cancelled) {
      const { event, prefix } = moment;
      const key = `${event} ${prefix} ${node}`;
      let value = states.get(key);
      if (value !== undefined) return { kind: 'rebuilt', value };
      const there = held.find(({ follower }) => follower.prefixAt(event) === prefix);
      const one = there ?? nearest(event);
      const read = () => nodeState(one.execution.sim, one.follower, nodeOf(one, node));
      if (there !== undefined) value = read();
      else {
        const went = goTo(one, moment, cancelled, () => {
          if (one.follower.prefixAt(event) !== undefined) value = read();
        });
        if (went !== undefined) return went;
      }
      states.set(key, value!);
      if (states.size > STATES_MAX) states.delete(states.keys().next().value!);
      return { kind: 'rebuilt', value: value! };
    },
    originOf(moment, node, path, cancelled) {
      const one = fresh();
      const { follower } = one;
      const { sim } = one.execution;
      const ofNode = nodeOf(one, node);
      let origin: Origin = { event: -1, now: undefined, before: undefined };
      const went = goTo(one, moment, cancelled, () => {
        // What happens at another node changes nothing here.
        const elsewhere = follower.lane !== node && follower.lane < sim.nodes.length;
        if (follower.from > moment.event || elsewhere) return;
        const now = fieldAt(stateOf(sim, follower, ofNode), path);
        if (now !== origin.now) origin = { event: follower.from, now, before: origin.now };
      });
      return went ?? { kind: 'rebuilt', value: origin };
    },
  };
}

function nodeOf({ execution: { sim } }: Held, node: NodeId) {
  const found = sim.nodes[node];
  if (found === undefined)
    throw new RangeError(`the design has ${sim.nodes.length} nodes, and none with number ${node}`);
  return found;
}

/**
 * Goes on until the event has been recorded and what it brought about is complete.
 * @param settled told each time when a step is complete
 * @returns undefined when the moment was reached, and is that of the recorded run
 */
function goTo(
  { execution, follower }: Held,
  { event, prefix }: Moment,
  cancelled: (() => boolean) | undefined,
  settled: () => void,
): Exclude<Rebuilt<never>, { kind: 'rebuilt' }> | undefined {
  const { counts } = follower.tracer;
  let asked = 0;
  let isCancelled = false;
  let found: string | undefined;
  follower.settled = () => {
    found ??= follower.prefixAt(event);
    settled();
  };
  const over = execution.advance(() => {
    follower.settle();
    if (counts.events > event) return true;
    isCancelled = cancelled !== undefined && ++asked % CANCEL_EVERY === 0 && cancelled();
    return isCancelled;
  });
  if (over !== undefined) follower.settle();
  follower.settled = undefined;
  if (isCancelled) {
    follower.forget();
    return { kind: 'cancelled' };
  }
  if (found === undefined)
    return {
      kind: 'differs',
      why: `executed again, the run ends after ${counts.events} events; event ${event} was recorded`,
    };
  if (found !== prefix)
    return {
      kind: 'differs',
      why: `executed again, the run does something else up to event ${event}: it was recorded by another version of dsys, or of another design`,
    };
  return undefined;
}
