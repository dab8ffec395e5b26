/** Groups as services of other groups (`io.call`): a session of the calling node, with the same routing as a client's. */

import type { Partition } from '../design/store.ts';
import { deliverAnswer } from '../kernel/member.ts';
import type { Endpoint } from '../kernel/network.ts';
import { type Member, type Simulation, schedule } from '../kernel/simulation.ts';
import { transmit } from '../kernel/transport.ts';
import { type Command, type Reply, transactionWord } from '../protocols/contract.ts';
import type { ClientLog } from './log.ts';
import { partitionHolding } from './routing.ts';

/** A partition by its name, or the one of a store that holds the key. */
function groupNamed(sim: Simulation, group: string, key: string): Partition | undefined {
  const { partitions, stores } = sim.design;
  const store = stores.find(one => one.name === group);
  return (
    partitions.find(one => one.name === group) ??
    (store === undefined ? undefined : partitionHolding(sim.design, store, key))
  );
}

/** How long a call may take before its outcome counts as unknown, and how soon a refusal is followed by another try. */
const callTimeoutNs = 1_000_000_000;
const refusedPauseNs = 10_000_000;
/** How soon somebody else is asked what may be asked twice: reads, and commands of transactions. */
const repeatAfterNs = 200_000_000;

interface Door {
  readonly lane: Endpoint;
  /** Who waits for the answer to which attempt. */
  readonly open: Map<number, (reply: Reply, row: number) => void>;
  /** Where the last call was answered; null: none was yet. */
  home: number | null;
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
      door = { lane, open, home: null };
      doors.set(name, door);
    }
    return door;
  };
  return {
    call(member, group, command, token) {
      const partition = groupNamed(sim, group, command.key);
      if (partition === undefined || sim.groups[partition.id] === undefined)
        throw new Error(`${member.partition.name} calls ${group}, which is no group of this run`);
      const { cause } = sim;
      const { incarnation } = member.node;
      const nodes = partition.replicas;
      let open = -1;
      let done = false;
      const alive = () => member.node.incarnation === incarnation;
      const door = doorOf(member, group);
      // At first the nearest: oneself if one is a member.
      let position = door.home ?? Math.max(0, nodes.indexOf(member.node.id));
      const repeats = transactionWord(command) !== undefined || command.kind === 'read';
      const finish = (reply: Reply, row: number) => {
        if (done) return;
        done = true;
        door.open.delete(open);
        // Who did not answer is not the first to be asked next time.
        door.home = (position + (reply.kind === 'unknown' ? 1 : 0)) % nodes.length;
        const deliver = () => {
          if (!alive()) return;
          if (member.node.paused) member.node.backlog.push(deliver);
          else deliverAnswer(sim, member, token, reply, row);
        };
        deliver();
      };
      const ask = () => {
        if (done || !alive()) return;
        door.open.delete(open);
        const id = log.attempts++;
        open = id;
        door.open.set(id, receive);
        sim.cause = cause;
        if (repeats) schedule(sim, sim.now + repeatAfterNs, () => id === open && askNext(position + 1));
        const request = { id, command, session: null, attempt: 0 };
        transmit(
          sim,
          door.lane,
          nodes[position % nodes.length]!,
          { kind: 'request', partition: partition.id, request, hops: 0 },
          transactionWord(command) ?? 'call',
          'client',
          64,
        );
      };
      const askNext = (next: number) => {
        if (done) return;
        position = next;
        ask();
      };
      const receive = (reply: Reply, row: number) => {
        // Who is refused by a map is refused by everybody there.
        if (reply.kind !== 'refused' || reply.map !== undefined) return finish(reply, row);
        door.open.delete(open);
        open = -1;
        const hinted = reply.leader === null ? -1 : nodes.indexOf(reply.leader);
        schedule(sim, sim.now + refusedPauseNs, () => askNext(hinted >= 0 ? hinted : position + 1));
      };
      ask();
      schedule(sim, sim.now + callTimeoutNs, () => finish({ kind: 'unknown', why: 'the call timed out' }, -1));
    },
  };
}
