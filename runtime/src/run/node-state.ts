/** Everything that a node is at one moment of a run: what its groups' protocols hold, what is on disk, what is coming to it. */

import { injectedPpm } from '../kernel/clock.ts';
import { watchedValue } from '../kernel/member.ts';
import type { Member, Node, Simulation } from '../kernel/simulation.ts';
import type { TraceValue } from '../trace/itf.ts';
import { toItf } from '../trace/itf.ts';
import type { NodeState } from '../trace/state.ts';
import { fieldsOf, Nanoseconds } from './fields.ts';
import type { Follower } from './follower.ts';

/** Most messages on their way to the node that are told; the rest is counted. */
const UNDER_WAY_MAX = 100;

export function nodeState(sim: Simulation, follower: Follower, node: Node): NodeState {
  return {
    from: follower.from,
    before: follower.tracer.counts.events,
    node: node.spec.name,
    timeNs: sim.now,
    fields: fieldsOf(stateOf(sim, follower, node)),
    watched: node.members.flatMap(member =>
      member.state === undefined
        ? []
        : Object.entries(member.protocol.watched).map(([path, read]) => ({
            path: `${member.partition.name}.${path}`,
            itf: toItf(watchedValue(sim, member.protocol, path, read(member.state)) as TraceValue),
          })),
    ),
  };
}

/** The node as a record, for `fieldsOf` and `fieldAt`. Its parts are those of the simulation, not copies, and made when asked for. */
export function stateOf(sim: Simulation, { underWay }: Follower, node: Node): object {
  const { clock, disk } = node;
  return {
    status: !node.up ? 'down' : node.paused ? 'paused' : 'up',
    crashes: node.incarnation,
    'held up while paused': node.paused ? node.backlog.length : undefined,
    'slowed by factor': node.slow === 1 ? undefined : node.slow,
    get groups() {
      return Object.fromEntries(node.members.map(member => [member.partition.name, memberState(member)]));
    },
    disk: {
      'writes being synced': disk.syncing?.length ?? 0,
      'writes waiting': disk.waiting.length,
    },
    clock: {
      'wall clock ahead': new Nanoseconds(clock.offsetNs + clock.jumpNs, 'duration'),
      'drift in ppm': clock.rateError * 1e6 + injectedPpm(clock),
    },
    get 'on its way here'() {
      return messagesTo(sim, underWay, node);
    },
  };
}

function memberState(member: Member): object {
  const { state, image } = member;
  return {
    'leads in epoch': member.leads < 0 ? undefined : member.leads,
    state,
    durable: image,
    // On the node's own clock, by which it counts.
    get 'timers due'() {
      const due = [...member.timers.values()].filter(({ deadlineNs }) => deadlineNs !== Number.POSITIVE_INFINITY);
      return Object.fromEntries(due.map(({ name, deadlineNs }) => [name, new Nanoseconds(deadlineNs, 'moment')]));
    },
    'writes not synced': member.written - member.synced,
    'held for the disk': member.held.length,
    'requests to answer': member.returns.size,
  };
}

function messagesTo(sim: Simulation, underWay: Follower['underWay'], node: Node): object {
  const found: Record<string, unknown> = {};
  let count = 0;
  for (const [number, { type, from, to, sentNs, payload }] of underWay) {
    if (to !== node.id || count++ >= UNDER_WAY_MAX) continue;
    const sender = sim.nodes[from]?.spec.name ?? 'a client';
    found[`message ${number}`] = { type, from: sender, sent: new Nanoseconds(sentNs, 'moment'), contents: payload };
  }
  if (count > UNDER_WAY_MAX) found['not shown'] = count - UNDER_WAY_MAX;
  return found;
}
