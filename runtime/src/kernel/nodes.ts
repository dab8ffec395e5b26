/** What happens to whole nodes: boot, crash, restart, pause, resume. */
import type { Io } from '../protocols/contract.ts';
import { loseUnsynced } from './disk.ts';
import { afterEvent } from './member.ts';
import type { Member, Node, Port, Simulation } from './simulation.ts';
import { schedule } from './simulation.ts';

export function bootNode(sim: Simulation, node: Node, row: number): void {
  node.up = true;
  for (const member of node.members) bootMember(sim, member, row);
}

export function bootMember(sim: Simulation, member: Member, row: number): void {
  sim.cause = row;
  const { protocol, options, group, node } = member;
  member.state = protocol.boot({ self: node.id, group, options }, member.image, member.io as Io<unknown, unknown>);
  sim.groups[member.partition.id]!.states.set(node.id, member.state);
  afterEvent(sim, member, row);
}

/** Everything volatile is gone; with `losingDisk`, everything. What others hear of it is silence. */
export function crashNode(sim: Simulation, node: Node, losingDisk: boolean, cause: number): void {
  if (!node.up) {
    if (losingDisk) for (const member of node.members) member.image = undefined;
    return;
  }
  sim.trace.event(sim.now, 'crash', node.id, losingDisk ? 'crash losing disk' : 'crash', cause);
  node.up = false;
  node.incarnation++;
  node.paused = false;
  node.backlog = [];
  node.busyUntilNs = sim.now;
  loseUnsynced(node.disk);
  for (const member of node.members) {
    const ledBefore = member.leads;
    member.state = undefined;
    if (losingDisk || node.disk.volatile) member.image = undefined;
    member.timers.clear();
    member.held = [];
    member.written = 0;
    member.synced = 0;
    member.returns.clear();
    member.leads = -1;
    const run = sim.groups[member.partition.id]!;
    run.states.delete(node.id);
    for (const { monitor } of run.monitors) monitor.crashed?.(node.id);
    if (ledBefore >= 0) sim.hooks.leadership(member, ledBefore);
  }
}

export function restartNode(sim: Simulation, node: Node, cause: number): void {
  if (node.up) return;
  const row = sim.trace.event(sim.now, 'restart', node.id, 'restart', cause);
  bootNode(sim, node, row);
}

export function pauseNode(sim: Simulation, node: Node, cause: number): void {
  if (!node.up || node.paused) return;
  sim.trace.event(sim.now, 'pause', node.id, 'pause', cause);
  node.paused = true;
}

/** Whatever arrived or fell due meanwhile is handled now, in its order. */
export function resumeNode(sim: Simulation, node: Node, cause: number): void {
  if (!node.paused) return;
  sim.trace.event(sim.now, 'resume', node.id, 'resume', cause);
  node.paused = false;
  const { backlog } = node;
  node.backlog = [];
  for (const run of backlog) schedule(sim, sim.now, run);
}

export function pausePort(port: Port): void {
  port.paused = true;
}

export function resumePort(sim: Simulation, port: Port): void {
  if (!port.paused) return;
  port.paused = false;
  const { backlog } = port;
  port.backlog = [];
  for (const run of backlog) schedule(sim, sim.now, run);
}
