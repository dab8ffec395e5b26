/** Properties that are judged by what stands on the replicas, and by who acknowledged what: god's eye at the end of a run. */
import type { LoggedOperation } from '../clients/log.ts';
import type { Value } from '../checkers/history.ts';
import { describe } from '../clients/describe.ts';
import type { Store } from '../design/store.ts';
import type { Member } from '../kernel/simulation.ts';
import { nodeName } from '../kernel/simulation.ts';
import { isBlocked } from '../kernel/network.ts';
import type { Executed } from './execute.ts';
import { list, plural, time } from './words.ts';

export interface Finding {
  readonly verdict: 'holds' | 'violated' | 'unknown';
  readonly why: string;
  readonly operations: readonly number[];
  readonly events: readonly number[];
}

export const holds = (why: string): Finding => ({ verdict: 'holds', why, operations: [], events: [] });
export const unknown = (why: string): Finding => ({ verdict: 'unknown', why, operations: [], events: [] });
export const violated = (why: string, operations: readonly number[] = [], events: readonly number[] = []): Finding => ({ verdict: 'violated', why, operations, events });

/** Live members of a partition that hold data. */
function dataMembers(executed: Executed, partition: number): Member[] {
  const { witnesses } = executed.design.partitions[partition]!;
  return [...executed.sim.groups[partition]!.members.values()].filter(member => member.state !== undefined && !member.node.paused && !witnesses.includes(member.node.id));
}

/**
 * Members that take part, as the last leader knows them, or (while nobody leads) as all live ones agree: a spare that
 * was not added and a server that was removed hold nothing that counts.
 */
function participants(executed: Executed, partition: number): Member[] {
  const { spares } = executed.design.partitions[partition]!;
  const live = dataMembers(executed, partition);
  const leader = finalLeader(executed, partition);
  const views = (leader === undefined ? live : [leader]).flatMap(one => {
    const members = one.protocol.members?.(one.state);
    return members === undefined ? [] : [members];
  });
  return live.filter(({ node }) =>
    views.length === 0 ? !spares.includes(node.id) : views.every(members => members.includes(node.id)),
  );
}

function finalLeader(executed: Executed, partition: number): Member | undefined {
  return dataMembers(executed, partition).filter(member => member.leads >= 0).sort((a, b) => b.leads - a.leads)[0];
}

const wasAcknowledged = (operation: LoggedOperation, store: Store): boolean =>
  operation.store === store.name && operation.kind !== 'read' && operation.outcome === 'ok' && !(operation.kind === 'cas' && operation.output === false);

/** An acknowledged write is lost if the final leader's surviving history (or every live replica's) never applied it. */
export function lostWrites(executed: Executed, store: Store, inWindow: (operation: LoggedOperation) => boolean): Finding {
  const acknowledged = executed.log.operations.filter(one => wasAcknowledged(one, store) && inWindow(one));
  if (acknowledged.length === 0) return unknown('no write was acknowledged');
  const surviving = new Set<number>();
  const holders: string[] = [];
  for (const partition of store.partitions) {
    const { leads } = executed.sim.groups[partition]!.protocol;
    const leader = finalLeader(executed, partition);
    if (leads !== undefined && leader === undefined) return unknown(`${executed.design.partitions[partition]!.name} has no leader at the end: what survives cannot be told`);
    const members = leader === undefined ? dataMembers(executed, partition) : [leader];
    if (members.length === 0) return unknown(`no replica of ${executed.design.partitions[partition]!.name} is up at the end`);
    for (const member of members) {
      holders.push(member.node.spec.name);
      for (const operation of member.protocol.applied(member.state)) surviving.add(operation);
    }
  }
  const lost = acknowledged.filter(one => !surviving.has(one.id));
  if (lost.length === 0) return holds(`all ${plural(acknowledged.length, 'acknowledged write')} survive on ${list([...new Set(holders)])}`);
  const [first] = lost;
  const told = `${executed.log.processes[first!.process]} was told at ${time(first!.ended - executed.originNs)} that ${describe(first!.kind, first!.key, first!.input)} had succeeded`;
  return violated(
    `${plural(lost.length, 'acknowledged write')} of ${acknowledged.length} ${lost.length === 1 ? 'is' : 'are'} not in the history of ${list([...new Set(holders)])}: ${told}`,
    lost.slice(0, 10).map(one => one.id),
    [first!.completeEvent],
  );
}

/** No leader acknowledges a write after a later leader has; one that the later leader already had does no harm. */
export function splitBrain(executed: Executed, store: Store): Finding {
  let leaders = 0;
  for (const partition of store.partitions) {
    let latest: (typeof executed.acknowledgements)[number] | undefined;
    const epochs = new Set<number>();
    for (const one of executed.acknowledgements) {
      if (one.partition !== partition || one.epoch < 0) continue;
      epochs.add(one.epoch);
      if (latest !== undefined && one.epoch < latest.epoch && !appliedBy(executed, partition, latest.node, one.operation)) {
        const at = (ns: number) => time(ns - executed.originNs);
        return violated(
          `${nodeName(executed.sim, one.node)} (epoch ${one.epoch}) acknowledged a write at ${at(one.timeNs)}, after ${nodeName(executed.sim, latest.node)} (epoch ${latest.epoch}) had acknowledged one at ${at(latest.timeNs)}, and ${nodeName(executed.sim, latest.node)} never had it`,
          [latest.operation, one.operation].filter(id => id >= 0),
          [latest.event, one.event],
        );
      }
      if (latest === undefined || one.epoch > latest.epoch) latest = one;
    }
    leaders = Math.max(leaders, epochs.size);
  }
  return leaders === 0 ? unknown('no leader acknowledged a write') : holds(`${plural(leaders, 'leader')} acknowledged writes, one after the other`);
}

function appliedBy(executed: Executed, partition: number, node: number, operation: number): boolean {
  const member = executed.sim.groups[partition]!.members.get(node)!;
  if (member.state === undefined) return false;
  for (const one of member.protocol.applied(member.state)) if (one === operation) return true;
  return false;
}

/** After settling, replicas that are up and connected are equal. */
export function convergence(executed: Executed, store: Store): Finding {
  if (executed.ended !== 'complete') return unknown('the run was cut short before things could settle');
  let compared = 0;
  for (const partition of store.partitions) {
    const members = participants(executed, partition);
    const connected = members.filter(a => members.every(b => a === b || !isBlocked(executed.sim.network, a.node.id, b.node.id)));
    if (connected.length < 2) continue;
    compared += connected.length;
    const [reference, ...others] = connected;
    const expected = reference!.protocol.contents(reference!.state);
    for (const other of others) {
      const found = other.protocol.contents(other.state);
      const key = [...new Set([...Object.keys(expected), ...Object.keys(found)])].sort().find(one => !sameValue(expected[one] ?? null, found[one] ?? null));
      if (key === undefined) continue;
      const show = (value: Value | undefined) => JSON.stringify(value ?? null);
      return violated(`after ${time(executed.endNs - executed.loadEndNs)} without load, ${reference!.node.spec.name} has ${key} = ${show(expected[key])} and ${other.node.spec.name} has ${key} = ${show(found[key])}`);
    }
  }
  return compared === 0 ? unknown('fewer than two connected replicas are up at the end') : holds(`${plural(compared, 'replica')} are equal at rest`);
}

const sameValue = (a: Value, b: Value): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
