/** Groups as services of other groups (`io.call`): a session of the calling node, with the same routing as a client's. */

import type { Partition } from '../design/store.ts';
import { deliverAnswer } from '../kernel/member.ts';
import type { Endpoint } from '../kernel/network.ts';
import { type Member, type Simulation, schedule } from '../kernel/simulation.ts';
import { transmit } from '../kernel/transport.ts';
import { type Command, type Reply, transactionWord } from '../protocols/contract.ts';
import type { ClientLog } from './log.ts';
import { partitionIndex } from './routing.ts';

/** A partition by its name, or the one of a store that holds the key. */
function groupNamed(sim: Simulation, group: string, key: string): Partition | undefined {
  const { partitions, stores } = sim.design;
  const store = stores.find(one => one.name === group);
  return (
    partitions.find(one => one.name === group) ??
    (store === undefined ? undefined : partitions[store.partitions[partitionIndex(store, key)]!])
  );
}

/** How long a call may take before its outcome counts as unknown, and how soon a refusal is followed by another try. */
const callTimeoutNs = 1_000_000_000;
const refusedPauseNs = 10_000_000;
/** How soon somebody else is asked what may be asked twice: reads, and commands of transactions. */
const repeatAfterNs = 200_000_000;

export interface Services {
  call(member: Member, group: string, command: Command, token: number): void;
}

/**
 * Calls are made from the calling node over the network: they are lost with it and cut off with it. An answer that
 * comes after the caller's crash is nobody's.
 */
export function createServices(sim: Simulation, log: ClientLog, newLane: (name: string) => Endpoint): Services {
  /** Lanes whose call is over, by name: the next one takes it. An answer that comes late has another's number. */
  const idle = new Map<string, Endpoint[]>();
  const homes = new Map<string, number>();
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
      const name = `${member.node.spec.name}→${group}`;
      const free = idle.get(name) ?? [];
      idle.set(name, free);
      const lane = free.pop() ?? newLane(name);
      // Where the last call was answered; at first, the nearest: oneself if one is a member.
      let position = homes.get(name) ?? Math.max(0, nodes.indexOf(member.node.id));
      const repeats = transactionWord(command) !== undefined || command.kind === 'read';
      // A call leaves from its node: same place, same cuts.
      sim.network.places[lane] = { ...sim.network.places[member.node.id]! };
      const finish = (reply: Reply, row: number) => {
        if (done) return;
        done = true;
        sim.ports.delete(lane);
        free.push(lane);
        // Who did not answer is not the first to be asked next time.
        homes.set(name, (position + (reply.kind === 'unknown' ? 1 : 0)) % nodes.length);
        const deliver = () => {
          if (!alive()) return;
          if (member.node.paused) member.node.backlog.push(deliver);
          else deliverAnswer(sim, member, token, reply, row);
        };
        deliver();
      };
      const ask = () => {
        if (done || !alive()) return;
        const id = log.attempts++;
        open = id;
        sim.cause = cause;
        if (repeats) schedule(sim, sim.now + repeatAfterNs, () => id === open && askNext(position + 1));
        const request = { id, command, session: null, attempt: 0 };
        transmit(
          sim,
          lane,
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
      sim.ports.set(lane, {
        endpoint: lane,
        paused: false,
        backlog: [],
        receive(_from, id, reply, row) {
          if (id !== open) return;
          if (reply.kind !== 'refused') return finish(reply, row);
          const hinted = reply.leader === null ? -1 : nodes.indexOf(reply.leader);
          open = -1;
          schedule(sim, sim.now + refusedPauseNs, () => askNext(hinted >= 0 ? hinted : position + 1));
        },
      });
      ask();
      schedule(sim, sim.now + callTimeoutNs, () => finish({ kind: 'unknown', why: 'the call timed out' }, -1));
    },
  };
}
