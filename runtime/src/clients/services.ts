/** Groups as services of other groups (`io.call`): a session of the calling node, with the same routing as a client's. */

import { deliverAnswer } from '../kernel/member.ts';
import type { Endpoint } from '../kernel/network.ts';
import { type Member, type Simulation, schedule } from '../kernel/simulation.ts';
import { transmit } from '../kernel/transport.ts';
import type { Command, Reply } from '../protocols/contract.ts';
import type { ClientLog } from './log.ts';
import { partitionIndex } from './routing.ts';

/** How long a call may take before its outcome counts as unknown, and how soon a refusal is followed by another try. */
const callTimeoutNs = 1_000_000_000;
const refusedPauseNs = 10_000_000;

interface Door {
  readonly lane: Endpoint;
  /** Who waits for the answer to which attempt. */
  readonly open: Map<number, (reply: Reply, row: number) => void>;
}

export interface Services {
  call(member: Member, group: string, command: Command, token: number): void;
}

/**
 * Calls are made from the calling node over the network: they are lost with it and cut off with it. An answer that
 * comes after the caller's crash is nobody's.
 */
export function createServices(sim: Simulation, log: ClientLog, newLane: (name: string) => Endpoint): Services {
  /** A node has one lane to each service, for all of its calls: groups that ask all the time must not run out of lanes. */
  const doors = new Map<string, Door>();
  const doorOf = (member: Member, group: string): Door => {
    const name = `${member.node.spec.name}→${group}`;
    let door = doors.get(name);
    if (door === undefined) {
      const lane = newLane(name);
      // A call leaves from its node: same place, same cuts.
      sim.network.places[lane] = { ...sim.network.places[member.node.id]! };
      const open: Door['open'] = new Map();
      sim.ports.set(lane, {
        endpoint: lane,
        paused: false,
        backlog: [],
        receive: (_from, id, reply, row) => open.get(id)?.(reply, row),
      });
      door = { lane, open };
      doors.set(name, door);
    }
    return door;
  };
  return {
    call(member, group, command, token) {
      const store = sim.design.stores.find(
        one => one.name === group || one.partitions.some(id => sim.design.partitions[id]!.name === group),
      );
      const partition =
        store === undefined
          ? undefined
          : (sim.design.partitions.find(one => one.name === group) ??
            sim.design.partitions[store.partitions[partitionIndex(store, command.key)]!]);
      if (partition === undefined || sim.groups[partition.id] === undefined)
        throw new Error(`${member.partition.name} calls ${group}, which is no group of this run`);
      const { cause } = sim;
      const { incarnation } = member.node;
      const nodes = partition.replicas;
      // Nearest first: oneself if one is a member.
      let position = Math.max(0, nodes.indexOf(member.node.id));
      let open = -1;
      let done = false;
      const alive = () => member.node.incarnation === incarnation;
      const door = doorOf(member, group);
      const finish = (reply: Reply, row: number) => {
        if (done) return;
        done = true;
        door.open.delete(open);
        if (alive()) deliverAnswer(sim, member, token, reply, row);
      };
      const ask = () => {
        if (done || !alive()) return;
        open = log.attempts++;
        door.open.set(open, receive);
        sim.cause = cause;
        const request = { id: open, command, session: null, attempt: 0 };
        transmit(
          sim,
          door.lane,
          nodes[position % nodes.length]!,
          { kind: 'request', partition: partition.id, request, hops: 0 },
          'call',
          'client',
          64,
        );
      };
      const receive = (reply: Reply, row: number) => {
        if (reply.kind !== 'refused') return finish(reply, row);
        door.open.delete(open);
        const hinted = reply.leader === null ? -1 : nodes.indexOf(reply.leader);
        position = hinted >= 0 ? hinted : position + 1;
        schedule(sim, sim.now + refusedPauseNs, ask);
      };
      ask();
      schedule(sim, sim.now + callTimeoutNs, () => finish({ kind: 'unknown', why: 'the call timed out' }, -1));
    },
  };
}
