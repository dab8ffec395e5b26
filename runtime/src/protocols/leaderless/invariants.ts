/** What leaderless replication must keep, watched with god's eye. What is on disk counts. */
import type { Leaderless } from '../../design/mechanism.ts';
import { isQuorum, resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Group, Invariant, Monitor } from '../contract.ts';
import { ofDeeds } from '../deeds.ts';
import { canMiss } from '../descriptor.ts';
import { seenBy } from '../overrides.ts';
import { hasAll, isReplaced, together } from './cells.ts';
import { changeInvariants } from './change-invariants.ts';
import { leaderless } from './descriptor.ts';
import { nameOf, namesOf } from './names.ts';
import { siblingBound, toldBeforeReplaced, whyNotKnown, whyNotTold } from './sibling-invariants.ts';
import type { Cell, Deed, LeaderlessState } from './state.ts';

const quorumOf = (group: Group, spec: Leaderless['read']) =>
  resolveQuorum(spec, group.replicas, node => group.regionOf(node));

type Of<K extends Deed['kind']> = Extract<Deed, { kind: K }>;

/** The writes of each operation's tries, in order. */
class Writes {
  readonly #of = new Map<number, Of<'written'>[]>();

  add(deed: Of<'written'>): void {
    this.#of.set(deed.operation, [...this.of(deed.operation), deed]);
  }

  of = (operation: number) => this.#of.get(operation) ?? [];
}

function ackW(group: Group, options: Leaderless): Monitor<LeaderlessState> {
  const { resolve } = options;
  /** By replica and key, what it has on disk, or somebody keeps for it: with everything that this has replaced. */
  const on = new Map<string, Cell>();
  const writes = new Writes();
  const add = (node: NodeId, key: string, cell: Cell) => {
    const name = `${node} ${key}`;
    on.set(name, together(resolve, on.get(name), cell));
  };
  return ofDeeds(
    (node, deed) => {
      if (deed.kind === 'written') writes.add(deed);
      if (deed.kind === 'stored') add(node, deed.key, deed.cell);
      if (deed.kind === 'held') add(deed.target, deed.key, deed.came);
      return undefined;
    },
    {
      acknowledged(node, { kind, operation }, view, output, overrides) {
        // A compare-and-set that did not apply has written nothing, whatever an earlier try of it proposed.
        const all = kind === 'read' || output === false ? [] : writes.of(operation);
        const places = all.map(({ key, write }) =>
          group.replicas.filter(one => hasAll(resolve, on.get(`${one} ${key}`), [write])),
        );
        const quorum = quorumOf(group, seenBy(leaderless, options, overrides).write);
        if (all.length === 0 || places.some(nodes => isQuorum(quorum, one => nodes.includes(one)))) return undefined;
        const who =
          places
            .at(-1)!
            .map(one => view.nameOf(one))
            .join(', ') || 'nobody';
        return `${view.nameOf(node)} acknowledged a write of ${all[0]!.key} that is on the disks of ${who}, which is no write quorum`;
      },
    },
  );
}

/** A read answers nothing older than what was acknowledged before it began (Lamport 1986: regular). */
function regular(_group: Group, { resolve }: Leaderless): Monitor<LeaderlessState> {
  const writes = new Writes();
  const latest = new Map<string, Cell>();
  const collected = new Map<string, Cell>();
  const asked = new Map<number, Cell | undefined>();
  return ofDeeds(
    (node, deed, view) => {
      if (deed.kind === 'written') writes.add(deed);
      if (deed.kind === 'collected') collected.set(deed.key, together(resolve, collected.get(deed.key), deed.cell));
      // An operation that is tried again began with its first try.
      if (deed.kind === 'asks' && !asked.has(deed.operation)) asked.set(deed.operation, latest.get(deed.key));
      if (deed.kind !== 'answers') return undefined;
      // Of a deletion nothing is left in the end.
      const gone = collected.get(deed.key);
      const due = asked.get(deed.operation)?.filter(one => !hasAll(resolve, gone, [one]));
      if (due === undefined || hasAll(resolve, deed.cell, due)) return undefined;
      return `${view.nameOf(node)} read ${namesOf(deed.cell, resolve, view)} of ${deed.key}, after ${namesOf(due, resolve, view)} had been acknowledged`;
    },
    {
      acknowledged(_node, { operation }, _view, output) {
        if (output === false) return undefined;
        // Of several tries it was the first at least, where stamps decide; of siblings nobody knows which.
        const tries = writes.of(operation);
        const [first] = tries;
        if (first === undefined || (resolve.kind === 'siblings' && tries.length > 1)) return undefined;
        latest.set(first.key, together(resolve, latest.get(first.key), [first.write]));
        return undefined;
      },
    },
  );
}

/** What a replica has of a key is only ever replaced by what replaces it. */
function noLostSibling(_group: Group, { resolve }: Leaderless): Monitor<LeaderlessState> {
  const kept = new Map<string, Cell>();
  return ofDeeds((node, deed, view) => {
    // Who has lost its disk begins anew, in another name.
    const name = `${view.states.get(node)?.actor} ${deed.key}`;
    if (deed.kind === 'collected' || deed.kind === 'dropped') kept.delete(name);
    if (deed.kind !== 'stored') return undefined;
    for (const one of [...(kept.get(name) ?? []), ...deed.came]) {
      if (deed.cell.some(({ version }) => version.id === one.version.id)) continue;
      if (deed.cell.some(other => isReplaced(resolve, one, other))) continue;
      return `${view.nameOf(node)} dropped ${nameOf(one, resolve, view)} of ${deed.key} for ${namesOf(deed.cell, resolve, view)}, which does not replace it`;
    }
    kept.set(name, deed.cell);
    return undefined;
  });
}

/** A hint is given up only when its target has the write, or what replaces it. */
function hintDelivered(_group: Group, { resolve }: Leaderless): Monitor<LeaderlessState> {
  const kept = new Map<string, Cell>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind === 'stored') {
      const name = `${node} ${deed.key}`;
      kept.set(name, together(resolve, kept.get(name), deed.cell));
    }
    if (deed.kind !== 'handed') return undefined;
    return hasAll(resolve, kept.get(`${deed.target} ${deed.key}`), deed.came)
      ? undefined
      : `${view.nameOf(node)} gave up its hint of ${deed.key} for ${view.nameOf(deed.target)}, which has never stored it`;
  });
}

/** What was deleted does not come back: no replica takes a write that a collected tombstone had replaced. */
function noResurrect(_group: Group, { resolve }: Leaderless): Monitor<LeaderlessState> {
  const collected = new Map<string, Cell>();
  return ofDeeds((node, deed, view) => {
    if (deed.kind === 'collected') collected.set(deed.key, together(resolve, collected.get(deed.key), deed.cell));
    if (deed.kind !== 'stored') return undefined;
    const gone = collected.get(deed.key) ?? [];
    for (const one of deed.cell) {
      if (deed.before.some(({ version }) => version.id === one.version.id)) continue;
      const tombstone = gone.find(other => isReplaced(resolve, one, other));
      if (tombstone !== undefined)
        return `${view.nameOf(node)} took ${nameOf(one, resolve, view)} of ${deed.key}, which ${nameOf(tombstone, resolve, view)} had deleted: its tombstone was collected too early`;
    }
    return undefined;
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
    source: 'DeCandia et al. 2007, §4.4; with last-write-wins stamps take the place of vector clocks',
    means: 'a replica replaces a write only by one with a later stamp, or of siblings a greater version',
    protects: safety,
    givenUp: never,
    monitor: noLostSibling,
  },
  {
    name: 'ToldBeforeReplaced',
    source: 'Preguiça et al., "Dotted Version Vectors", 2010, §3',
    means: 'a sibling is replaced only by a write whose client had been told of it',
    protects: ['no-lost-updates'],
    givenUp: (options, group) => whyNotTold(options) ?? whyNotKnown(group),
    monitor: toldBeforeReplaced,
  },
  {
    name: 'SiblingBound',
    source: 'Preguiça et al., "Dotted Version Vectors", 2010, §4',
    means:
      'of two siblings neither had been told to the client of the other: there are only as many as concurrent writes',
    protects: [],
    givenUp: ({ resolve }, group) =>
      resolve.kind === 'siblings' ? whyNotKnown(group) : 'the last write wins, there is only one',
    monitor: siblingBound,
  },
  ...changeInvariants,
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
