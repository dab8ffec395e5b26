/**
 * Moves keys between the groups of a store while clients use them: the operator's part of what `protocols/ownership.ts`
 * does in the groups. One change of a store at a time, each from one map to the next:
 *
 *     release to every group of the old map, install to every group of the new one, tell the directory, forget at all.
 *
 * A step is over when everybody has answered; whoever does not is asked again, another node next time. All steps may be
 * repeated, so it does not matter what became of an answer. Between a group's release and the other's install its keys are
 * served by nobody: that is how long a move is felt. The operator itself is outside of the faults of a run, as are all
 * that it is told; what it would need to come back after a crash is the next map alone.
 */
import type { Value } from '../checkers/history.ts';
import { type KeySpace, mapValue, type PartitionMap } from '../design/partition-map.ts';
import type { SourceRange } from '../design/source.ts';
import type { PartitionId } from '../design/store.ts';
import type { Endpoint } from '../kernel/network.ts';
import { type Simulation, schedule } from '../kernel/simulation.ts';
import type { Reply } from '../protocols/contract.ts';
import { askUntilAnswered } from './asking.ts';
import type { ClientLog } from './log.ts';
import { directoryFor } from './router.ts';

const waitNs = 20_000_000;

type Entries = readonly (readonly [key: string, state: Value])[];
/** What a group answers to `release`. */
export type Released = readonly [
  word: 'released',
  epoch: number,
  parcels: readonly (readonly [to: PartitionId, entries: Entries])[],
  sessions: readonly Value[],
  operations: readonly number[],
];

/** How a change is carried out, where it is not as above: tests make mistakes. */
export interface Mistakes {
  /** Nobody is asked to release: what leaves is copied. */
  readonly neverReleases?: boolean;
  /** What is taken over was copied before it was released, so many ns earlier. */
  readonly copiedBeforeNs?: number;
  /** The map that is told. */
  readonly mapped?: (map: PartitionMap) => PartitionMap;
}

/** A store whose map changes. */
export interface Moving {
  readonly store: string;
  readonly space: KeySpace;
  /** By which keys are found now. */
  map: PartitionMap;
  /** Each map with the virtual ns from which on it was that. */
  readonly maps: { readonly map: PartitionMap; readonly fromNs: number }[];
  readonly changes: Change[];
}

export interface Change {
  readonly text: string;
  readonly at: SourceRange;
  /** Of which epoch the next map is; 0: it has not begun. */
  epoch: number;
  /** Keys that other groups have taken over, and all that there were. */
  moved: number;
  held: number;
  startedNs: number;
  endedNs: number;
  outcome: string;
}

export interface Mover {
  readonly stores: ReadonlyMap<string, Moving>;
  /** Queues a change. @param next the map after that of now; null: there is nothing to change */
  change(store: string, text: string, at: SourceRange, next: (map: PartitionMap) => PartitionMap | null): void;
}

export interface MoverParts {
  readonly sim: Simulation;
  readonly log: ClientLog;
  readonly endpoint: Endpoint;
  /** Answers to these go to the mover. */
  readonly open: Map<number, (reply: Reply) => void>;
  readonly mistakes?: Mistakes | undefined;
  /** The groups hold the store's partitions by this map from here on. */
  readonly changed: (moving: Moving) => void;
}

export function createMover(parts: MoverParts, stores: ReadonlyMap<string, Moving>): Mover {
  const waiting = new Map<string, (() => void)[]>();
  const next = (store: string) => {
    const queue = waiting.get(store)!;
    queue.shift();
    queue[0]?.();
  };
  return {
    stores,
    change(store, text, at, nextMap) {
      const moving = stores.get(store)!;
      const change: Change = {
        text,
        at,
        epoch: 0,
        moved: 0,
        held: 0,
        startedNs: 0,
        endedNs: 0,
        outcome: 'waits for another change',
      };
      moving.changes.push(change);
      const begin = () => {
        const wanted = nextMap(moving.map);
        if (wanted === null) {
          change.outcome = 'done';
          return next(store);
        }
        carryOut(parts, moving, change, parts.mistakes?.mapped?.(wanted) ?? wanted, () => next(store));
      };
      const queue = waiting.get(store) ?? [];
      waiting.set(store, queue);
      queue.push(begin);
      if (queue.length === 1) begin();
    },
  };
}

const groupsOf = ({ groups }: PartitionMap): readonly PartitionId[] => [...new Set(groups)].filter(group => group >= 0);

function carryOut(parts: MoverParts, moving: Moving, change: Change, map: PartitionMap, done: () => void): void {
  const { sim, endpoint, mistakes = {} } = parts;
  const before = moving.map;
  const [old, now] = [groupsOf(before), groupsOf(map)];
  const told = mapValue(map);
  change.epoch = map.epoch;
  change.held = keysHeld(sim, old);
  change.startedNs = sim.now;
  const source = sim.trace.source(change.at, change.text, '');
  const cause = sim.trace.event(sim.now, 'annotate', endpoint, 'order', -1, -1, change.text, source);
  const step = (
    name: string,
    groups: readonly PartitionId[],
    inputOf: (group: PartitionId) => Value,
    then: (answers: readonly Value[]) => void,
  ) => {
    change.outcome = name;
    const answers: Value[] = [];
    let left = groups.length;
    if (left === 0) return then([]);
    for (const [i, group] of groups.entries())
      ask(parts, group, { kind: 'transaction', key: '', input: inputOf(group) }, cause, answer => {
        answers[i] = answer;
        if (--left === 0) then(answers);
      });
  };
  const release = (then: (answers: readonly Value[]) => void) => {
    const word = mistakes.neverReleases ? 'copy' : 'release';
    const { copiedBeforeNs } = mistakes;
    if (copiedBeforeNs === undefined) return step('releases', old, () => [word, told], then);
    step(
      'copies',
      old,
      () => ['copy', told],
      copies =>
        schedule(sim, sim.now + copiedBeforeNs, () =>
          step(
            'releases',
            old,
            () => [word, told],
            () => then(copies),
          ),
        ),
    );
  };
  release(answers => {
    const parcels = new Map<PartitionId, (readonly [string, Value])[]>();
    const sessions: Value[] = [];
    const operations: number[] = [];
    for (const [, , leaving, served, applied] of answers as unknown as readonly Released[]) {
      for (const [to, entries] of leaving) {
        parcels.set(to, [...(parcels.get(to) ?? []), ...entries]);
        change.moved += entries.length;
      }
      sessions.push(...served);
      operations.push(...applied);
    }
    const inputOf = (group: PartitionId): Value => {
      const entries = parcels.get(group) ?? [];
      const [served, applied] = entries.length === 0 ? [[], []] : [sessions, operations];
      return ['install', told, entries, served, applied, mapValue(before)];
    };
    step('hands over', now, inputOf, () =>
      publish(parts, moving.store, map, cause, () => {
        moving.map = map;
        moving.maps.push({ map, fromNs: sim.now });
        const text = `${moving.store}: epoch ${map.epoch}, ${change.moved} of ${change.held} keys moved`;
        sim.trace.event(sim.now, 'annotate', endpoint, 'map', cause, -1, text, source);
        parts.changed(moving);
        change.endedNs = sim.now;
        step(
          'clears up',
          [...new Set([...old, ...now])],
          () => ['forget', told],
          () => {
            change.outcome = 'done';
            done();
          },
        );
      }),
    );
  });
}

/** How many keys the groups hold, as their fullest members know. */
function keysHeld(sim: Simulation, groups: readonly PartitionId[]): number {
  let keys = 0;
  for (const group of groups) {
    const { members, protocol } = sim.groups[group]!;
    const counts = [...members.values()].map(({ state }) =>
      state === undefined ? 0 : Object.keys(protocol.contents(state)).length,
    );
    keys += Math.max(0, ...counts);
  }
  return keys;
}

/** The directory is told before anybody is sent elsewhere by it. */
function publish(parts: MoverParts, store: string, map: PartitionMap, cause: number, then: () => void): void {
  const directory = directoryFor(parts.sim.design, store);
  if (directory === undefined) return then();
  const command = { kind: 'write' as const, key: directory.key, input: mapValue(map) };
  ask(parts, directory.partition.id, command, cause, () => then());
}

/** Asks a group until it has done it. */
function ask(
  parts: MoverParts,
  group: PartitionId,
  asked: { readonly kind: 'transaction' | 'write'; readonly key: string; readonly input: Value },
  cause: number,
  then: (output: Value) => void,
): void {
  const { sim } = parts;
  sim.cause = cause;
  askUntilAnswered(parts, {
    group,
    nodes: sim.design.partitions[group]!.replicas,
    command: () => ({ ...asked, operation: -1 }),
    name: 'call',
    pauseNs: waitNs,
    answered({ output }) {
      // A transaction that is not decided holds a key that leaves.
      if (Array.isArray(output) && output[0] === 'wait') return 'again';
      then(output);
      return undefined;
    },
  });
}
