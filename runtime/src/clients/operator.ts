/** The operator: topology changes and promotions, asked of whoever leads, again until they are taken. */

import type { SourceRange } from '../design/source.ts';
import type { PartitionId } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import type { Endpoint } from '../kernel/network.ts';
import { type Port, type Simulation, schedule } from '../kernel/simulation.ts';
import { leaderOf } from '../kernel/targets.ts';
import { transmit } from '../kernel/transport.ts';
import type { AdminRequest, Reply } from '../protocols/contract.ts';

/** Without an answer, or refused: asked again after this long. */
const askAgainNs = 500_000_000;

export interface Order {
  readonly text: string;
  readonly at: SourceRange;
  readonly partition: PartitionId;
  readonly make: (id: number) => AdminRequest;
  /** Whom to ask when nobody leads. */
  readonly otherwise: NodeId | null;
  outcome: string;
  /** What follows when it has been carried out. */
  readonly after?: () => void;
}

export interface Operator {
  readonly sim: Simulation;
  readonly port: Port;
  readonly nextId: () => number;
  readonly orders: Order[];
  readonly open: Map<number, Order>;
  /** Who else waits for answers at its lane. */
  readonly others: Map<number, (reply: Reply) => void>;
}

export function createOperator(sim: Simulation, endpoint: Endpoint, nextId: () => number): Operator {
  const open = new Map<number, Order>();
  const others: Operator['others'] = new Map();
  const port: Port = {
    endpoint,
    paused: false,
    backlog: [],
    receive(_from, id, reply) {
      const order = open.get(id);
      if (order === undefined) return others.get(id)?.(reply);
      open.delete(id);
      answered(operator, order, reply);
    },
  };
  const operator: Operator = { sim, port, nextId, orders: [], open, others };
  sim.ports.set(endpoint, port);
  return operator;
}

export function give(operator: Operator, order: Order): void {
  operator.orders.push(order);
  ask(operator, order);
}

function ask(operator: Operator, order: Order): void {
  const { sim } = operator;
  if (order.outcome === 'done') return;
  const leader = leaderOf(sim, [order.partition]) ?? order.otherwise;
  const again = () => schedule(sim, sim.now + askAgainNs, () => ask(operator, order));
  if (leader === null) {
    order.outcome = 'nobody leads';
    return again();
  }
  const id = operator.nextId();
  operator.open.set(id, order);
  order.outcome = 'asked';
  const source = sim.trace.source(order.at, order.text, '');
  sim.cause = sim.trace.event(sim.now, 'annotate', operator.port.endpoint, 'order', -1, -1, order.text, source);
  transmit(
    sim,
    operator.port.endpoint,
    leader,
    { kind: 'admin', partition: order.partition, request: order.make(id) },
    'admin',
    'client',
    64,
  );
  schedule(sim, sim.now + 10 * askAgainNs, () => {
    if (operator.open.get(id) !== order) return;
    operator.open.delete(id);
    ask(operator, order);
  });
}

function answered(operator: Operator, order: Order, reply: Reply): void {
  const { sim } = operator;
  order.outcome = reply.kind === 'ok' ? 'done' : `${reply.kind}: ${reply.why}`;
  if (reply.kind === 'ok') order.after?.();
  // Refused orders were not carried out; of the others nobody knows, and asking again could do them twice.
  if (reply.kind === 'refused') schedule(sim, sim.now + askAgainNs, () => ask(operator, order));
}
