/** Asking a group until it answers: one node after the other, as it names a leader, is silent or refuses. */
import type { PartitionId } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { Endpoint } from '../kernel/network.ts';
import { type Simulation, schedule } from '../kernel/simulation.ts';
import { transmit } from '../kernel/transport.ts';
import { type Command, type Reply, transactionWord } from '../protocols/contract.ts';
import type { ClientLog } from './log.ts';

/** Another node is asked when one is silent for so long. */
const silentNs = 200_000_000;

export interface Asking {
  readonly sim: Simulation;
  readonly log: ClientLog;
  /** Who asks. */
  readonly endpoint: Endpoint;
  /** Answers that come to the endpoint, by the number of what was asked. */
  readonly open: Map<number, (reply: Reply) => void>;
}

export interface Question {
  readonly group: PartitionId;
  /** In the order in which they are asked. */
  readonly nodes: readonly NodeId[];
  /** Under this number it is asked. */
  readonly command: (id: number) => Command;
  /** What its messages are called, where the command has no name of its own. */
  readonly name: string;
  /** How soon it is asked again after a refusal, ns. */
  readonly pauseNs: number;
  /** Whether nobody waits for it any more; undefined: somebody always does. */
  readonly isOver?: () => boolean;
  /** `again`: this is no answer yet, ask the same node again. */
  readonly answered: (reply: Extract<Reply, { kind: 'ok' }>) => 'again' | undefined;
}

export function askUntilAnswered({ sim, log, endpoint, open }: Asking, question: Question): void {
  const { group, nodes, pauseNs, isOver = () => false } = question;
  const { cause } = sim;
  let position = 0;
  const send = () => {
    if (isOver()) return;
    const id = log.attempts++;
    const command = question.command(id);
    open.set(id, reply => {
      open.delete(id);
      if (isOver()) return;
      if (reply.kind !== 'ok') {
        const hinted = reply.kind === 'refused' && reply.leader !== null ? nodes.indexOf(reply.leader) : -1;
        position = hinted >= 0 ? hinted : position + 1;
      } else if (question.answered(reply) === undefined) return;
      schedule(sim, sim.now + pauseNs, send);
    });
    sim.cause = cause;
    const request = { id, command, session: null, attempt: 0 };
    const body = { kind: 'request' as const, partition: group, request, hops: 0 };
    const name = transactionWord(command) ?? question.name;
    transmit(sim, endpoint, nodes[position % nodes.length]!, body, name, 'client', 64);
    schedule(sim, sim.now + silentNs, () => {
      if (!open.delete(id)) return;
      position++;
      send();
    });
  };
  send();
}
