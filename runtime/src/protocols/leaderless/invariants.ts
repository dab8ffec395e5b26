/** What leaderless replication with one write per key must keep, watched with god's eye. What is on disk counts. */
import type { Leaderless } from '../../design/mechanism.ts';
import { isQuorum, resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Group, GroupView, Invariant, Monitor } from '../contract.ts';
import { ofDeeds } from '../deeds.ts';
import { canMiss } from '../descriptor.ts';
import { compareStamps, type Stamp } from '../versions/stamps.ts';
import type { Deed, LeaderlessState } from './state.ts';

type View = GroupView<LeaderlessState>;

const quorumOf = (group: Group, spec: Leaderless['read']) =>
  resolveQuorum(spec, group.replicas, node => group.regionOf(node));

const nameOf = ({ time, count, node }: Stamp, view: View) => `stamp ${time}.${count} of ${view.nameOf(node)}`;
const idOf = ({ time, count, node, life }: Stamp) => `${time} ${count} ${node} ${life}`;

/** The stamps of each operation's tries, in order. */
class Writes {
  readonly #of = new Map<number, Extract<Deed, { kind: 'stamped' }>[]>();

  add(deed: Extract<Deed, { kind: 'stamped' }>): void {
    this.#of.set(deed.operation, [...this.of(deed.operation), deed]);
  }

  of = (operation: number) => this.#of.get(operation) ?? [];
}

function ackW(group: Group, options: Leaderless): Monitor<LeaderlessState> {
  const quorum = quorumOf(group, options.write);
  /** Who has a write on disk, or a later one of its key, or has somebody who keeps it for it. */
  const on = new Map<string, Set<NodeId>>();
  const writes = new Writes();
  const name = (key: string, stamp: Stamp) => `${idOf(stamp)} ${key}`;
  const has = (key: string, stamp: Stamp) => {
    const id = name(key, stamp);
    let nodes = on.get(id);
    if (nodes === undefined) on.set(id, (nodes = new Set()));
    return nodes;
  };
  return ofDeeds(
    (node, deed) => {
      if (deed.kind === 'stamped') writes.add(deed);
      if (deed.kind === 'stored') has(deed.key, deed.stamp).add(node);
      if (deed.kind === 'held') has(deed.key, deed.stamp).add(deed.target);
      return undefined;
    },
    {
      acknowledged(node, { kind, operation }, view) {
        const all = kind === 'read' ? [] : writes.of(operation);
        const places = all.map(({ key, stamp }) => has(key, stamp));
        if (all.length === 0 || places.some(nodes => isQuorum(quorum, one => nodes.has(one)))) return undefined;
        const who = [...places.at(-1)!].map(one => view.nameOf(one)).join(', ') || 'nobody';
        return `${view.nameOf(node)} acknowledged a write of ${all[0]!.key} that is on the disks of ${who}, which is no write quorum`;
      },
    },
  );
}

/** A read answers nothing older than what was acknowledged before it began (Lamport 1986: regular). */
function regular(): Monitor<LeaderlessState> {
  const writes = new Writes();
  const latest = new Map<string, Stamp>();
  const asked = new Map<number, Stamp | undefined>();
  return ofDeeds(
    (node, deed, view) => {
      if (deed.kind === 'stamped') writes.add(deed);
      // An operation that is tried again began with its first try.
      if (deed.kind === 'asks' && !asked.has(deed.operation)) asked.set(deed.operation, latest.get(deed.key));
      if (deed.kind !== 'answers') return undefined;
      const due = asked.get(deed.operation);
      if (due === undefined || (deed.stamp !== null && compareStamps(deed.stamp, due) >= 0)) return undefined;
      const found = deed.stamp === null ? 'nothing' : nameOf(deed.stamp, view);
      return `${view.nameOf(node)} read ${found} of ${deed.key}, after ${nameOf(due, view)} had been acknowledged`;
    },
    {
      acknowledged(_node, { operation }) {
        // Of several tries it was the first at least.
        const [write] = writes.of(operation);
        if (write === undefined) return undefined;
        const before = latest.get(write.key);
        if (before === undefined || compareStamps(write.stamp, before) > 0) latest.set(write.key, write.stamp);
        return undefined;
      },
    },
  );
}

/** A replica's write of a key is only ever replaced by a later one. */
function noLostSibling(): Monitor<LeaderlessState> {
  const kept = new Map<string, Stamp>();
  return ofDeeds((node, deed, view) => {
    const name = 'key' in deed ? `${node} ${deed.key}` : '';
    if (deed.kind === 'collected') kept.delete(name);
    if (deed.kind !== 'stored') return undefined;
    const before = kept.get(name);
    if (before !== undefined && compareStamps(deed.cell, before) < 0)
      return `${view.nameOf(node)} replaced ${nameOf(before, view)} of ${deed.key} by the earlier ${nameOf(deed.cell, view)}`;
    if (compareStamps(deed.cell, deed.stamp) < 0)
      return `${view.nameOf(node)} dropped ${nameOf(deed.stamp, view)} of ${deed.key} for the earlier ${nameOf(deed.cell, view)}`;
    kept.set(name, deed.cell);
    return undefined;
  });
}

/** A hint is given up only when its target has the write, or a later one of the key. */
function hintDelivered(): Monitor<LeaderlessState> {
  const kept = new Map<string, Stamp>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind === 'stored') {
      const before = kept.get(`${node} ${deed.key}`);
      if (before === undefined || compareStamps(deed.cell, before) > 0) kept.set(`${node} ${deed.key}`, deed.cell);
    }
    if (deed.kind !== 'handed') return undefined;
    const there = kept.get(`${deed.target} ${deed.key}`);
    return there !== undefined && compareStamps(there, deed.stamp) >= 0
      ? undefined
      : `${view.nameOf(node)} gave up its hint of ${deed.key} for ${view.nameOf(deed.target)}, which has never stored it`;
  });
}

/** What was deleted does not come back: no replica takes a write that is older than a tombstone that was collected. */
function noResurrect(): Monitor<LeaderlessState> {
  const collected = new Map<string, Stamp>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind === 'collected') {
      const before = collected.get(deed.key);
      if (before === undefined || compareStamps(deed.stamp, before) > 0) collected.set(deed.key, deed.stamp);
    }
    if (deed.kind !== 'stored' || compareStamps(deed.stamp, deed.cell) !== 0) return undefined;
    const gone = collected.get(deed.key);
    return gone === undefined || compareStamps(deed.stamp, gone) >= 0
      ? undefined
      : `${view.nameOf(node)} took ${nameOf(deed.stamp, view)} of ${deed.key}, which ${nameOf(gone, view)} had deleted: its tombstone was collected too early`;
  });
}

const safety = ['consistency', 'no-lost-writes', 'no-lost-updates', 'no-divergence'] as const;
const never = (): undefined => undefined;

export const leaderlessInvariants: readonly Invariant<LeaderlessState, Leaderless>[] = [
  {
    name: 'AckW',
    source: 'DeCandia et al. 2007, §4.5',
    means: 'an acknowledged write is on the disks of a write quorum, or kept for its members by stand-ins',
    protects: safety,
    givenUp: never,
    monitor: ackW,
  },
  {
    name: 'Regular',
    source: 'Gifford 1979; Lamport, "On Interprocess Communication", 1986',
    means: 'a read answers nothing older than what was acknowledged before it began',
    protects: safety,
    givenUp: (options, group) =>
      options.sloppy
        ? 'stand-ins of sloppy quorums are not asked by reads'
        : canMiss(quorumOf(group, options.read), quorumOf(group, options.write))
          ? 'a read quorum and a write quorum can have no replica in common'
          : undefined,
    monitor: regular,
  },
  {
    name: 'NoLostSibling',
    source: 'DeCandia et al. 2007, §4.4, with stamps in the place of vector clocks',
    means: 'a replica replaces a write only by one with a later stamp',
    protects: safety,
    givenUp: never,
    monitor: noLostSibling,
  },
  {
    name: 'HintDelivered',
    source: 'DeCandia et al. 2007, §4.6',
    means: 'a hint is given up only when its target has the write',
    protects: safety,
    givenUp: never,
    monitor: hintDelivered,
  },
  {
    name: 'NoResurrect',
    source: 'Apache Cassandra, gc_grace_seconds',
    means: 'what was deleted does not come back when its tombstone is gone',
    protects: safety,
    givenUp: never,
    monitor: noResurrect,
  },
];
