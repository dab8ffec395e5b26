/** Messages between endpoints: sent, lost, duplicated, delayed, delivered, each copy with its fate in the trace. */
import type { MessageClass } from '../design/topology.ts';
import { deliverAdmin, deliverMessage, deliverRequest, passReplyOn } from './member.ts';
import { decideFate, type Endpoint, standsOn } from './network.ts';
import { type Body, handlerSource, memberOf, type Node, type Port, type Simulation, schedule } from './simulation.ts';

/** Sends; the answer is the trace row of the sending. */
export function transmit(
  sim: Simulation,
  from: Endpoint,
  to: Endpoint,
  body: Body,
  type: string,
  kind: MessageClass,
  bytes: number,
): number {
  const { trace } = sim;
  const row = trace.event(
    sim.now,
    'send',
    from,
    type,
    sim.cause,
    body.kind === 'request' ? Math.max(-1, body.request.command.operation) : -1,
  );
  const payload = trace.detailed ? payloadOf(body) : null;
  // Calls of a node to itself need no network either.
  if (standsOn(sim.network, from) === standsOn(sim.network, to)) {
    deliverLater(sim, 0, from, to, body, type, trace.message(row, to, bytes, payload, false, false));
    return row;
  }
  const lost = sim.hooks.loses?.(from, to, type) ?? -1;
  const fate = decideFate(sim.network, sim.now, from, to, type, kind, bytes);
  const message = trace.message(row, to, bytes, payload, fate.delayed, fate.reordered);
  if (fate.lost !== null) trace.dropped(sim.now, message, fate.lost);
  for (let copy = 0; copy < fate.delays.length; copy++) {
    const number = copy === 0 ? message : trace.duplicated(sim.now, message);
    // Only its arrival is taken from it: what the network draws for others stays as it was.
    if (copy === lost) schedule(sim, sim.now + fate.delays[copy]!, () => void trace.dropped(sim.now, number, 'filter'));
    else deliverLater(sim, fate.delays[copy]!, from, to, body, type, number);
  }
  // The edge comes after the message is on its way: "when prepare leaves e1 crash e1" must not unsend it.
  sim.hooks.edge('leaves', type, standsOn(sim.network, from), body.partition);
  return row;
}

function payloadOf(body: Body): unknown {
  switch (body.kind) {
    case 'protocol':
      return body.message;
    case 'request':
      return body.request.command;
    case 'admin':
      return body.request;
    case 'reply':
      return body.reply;
  }
}

function deliverLater(
  sim: Simulation,
  delay: number,
  from: Endpoint,
  to: Endpoint,
  body: Body,
  type: string,
  message: number,
): void {
  const node = sim.nodes[to];
  if (node === undefined) schedule(sim, sim.now + delay, () => arriveAtPort(sim, from, to, body, type, message));
  else schedule(sim, sim.now + delay, () => arriveAtNode(sim, node, from, body, type, message));
}

function arriveAtPort(sim: Simulation, from: Endpoint, to: Endpoint, body: Body, type: string, message: number): void {
  const at = standsOn(sim.network, to);
  if (at !== to && sim.nodes[at]!.up && !sim.nodes[at]!.paused) sim.hooks.edge('reaches', type, at, body.partition);
  const port = sim.ports.get(to);
  if (port === undefined || body.kind !== 'reply') return;
  if (port.paused) {
    port.backlog.push(() => arriveAtPort(sim, from, to, body, type, message));
    return;
  }
  receiveAtPort(sim, port, from, body, message);
}

function receiveAtPort(
  sim: Simulation,
  port: Port,
  from: Endpoint,
  body: Extract<Body, { kind: 'reply' }>,
  message: number,
): void {
  const row = sim.trace.delivered(sim.now, message);
  sim.cause = row;
  port.receive(from, body.id, body.reply, row);
}

function arriveAtNode(sim: Simulation, node: Node, from: Endpoint, body: Body, type: string, message: number): void {
  // A trigger that crashes the receiver fires before it has seen the message.
  if (node.up && !node.paused) sim.hooks.edge('reaches', type, node.id, body.partition);
  if (!node.up) {
    sim.trace.dropped(sim.now, message, 'crashed');
    return;
  }
  if (node.paused) {
    node.backlog.push(() => arriveAtNode(sim, node, from, body, type, message));
    return;
  }
  const cost = processingNs(sim, node, body);
  if (cost === 0 && node.busyUntilNs <= sim.now) return handle(sim, node, from, body, message);
  // One processor, first come first served.
  node.busyUntilNs = Math.max(node.busyUntilNs, sim.now) + cost;
  const { incarnation } = node;
  const finish = () => {
    if (node.incarnation !== incarnation) {
      sim.trace.dropped(sim.now, message, 'crashed');
    } else if (node.paused) node.backlog.push(finish);
    else handle(sim, node, from, body, message);
  };
  schedule(sim, node.busyUntilNs, finish);
}

/** What handling costs on a node that was slowed but declares no capacity. */
const nominalProcessingNs = 100_000;

/** Processor time of one message: 1 / capacity for what a capacity is declared for, times what `slow` says. */
function processingNs(sim: Simulation, node: Node, body: Body): number {
  const { readPerSecond, writePerSecond } = node.spec.capacity;
  let cost = 0;
  if (readPerSecond !== null || writePerSecond !== null) {
    const kind = workOf(sim, body);
    const perSecond = kind === 'read' ? readPerSecond : kind === 'write' ? writePerSecond : null;
    if (perSecond !== null) cost = 1e9 / perSecond;
  }
  if (node.slow > 1) cost = Math.max(cost, nominalProcessingNs) * node.slow;
  return Math.round(cost);
}

function workOf(sim: Simulation, body: Body): 'read' | 'write' | null {
  if (body.kind === 'request') return body.request.command.kind === 'read' ? 'read' : 'write';
  if (body.kind !== 'protocol') return null;
  const kind = sim.groups[body.partition]!.protocol.classOf(body.message);
  return kind === 'read-request' ? 'read' : kind === 'write-request' ? 'write' : null;
}

function handle(sim: Simulation, node: Node, from: Endpoint, body: Body, message: number): void {
  const member = memberOf(sim, body.partition, node.id);
  const handler = body.kind === 'protocol' ? body.message.type : body.kind;
  const row = sim.trace.delivered(sim.now, message, handlerSource(sim, body.partition, handler));
  if (member === undefined || member.state === undefined) return;
  switch (body.kind) {
    case 'protocol':
      return deliverMessage(sim, member, from, body.message, row);
    case 'request':
      return deliverRequest(sim, member, from, body.request, body.hops, row);
    case 'admin':
      return deliverAdmin(sim, member, from, body.request, row);
    case 'reply':
      return passReplyOn(sim, member, body.id, body.reply, row);
  }
}
