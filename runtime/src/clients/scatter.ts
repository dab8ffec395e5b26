/**
 * Reads that do not go by key. `read by city` wants the records of one city, `scan by placed` those from some date on: the
 * client asks every partition that can hold such records, and joins what they answer. What it gets is a page, at most
 * `pageMax` records. Partitions have no index of their own in a run; which keys match follows from the design, so each
 * partition is asked for its matching keys, and one without any for a key of its own all the same, as it has to look.
 *
 * In the history a scan stands as an operation on several keys with the name of `scanOf`: each of its reads is judged
 * with the key that it is of, somewhere between begin and end. That all of them belong to one moment is promised by
 * nobody; whether one saw a part of a transaction is what `no fractured-reads` asks.
 */
import type { Value } from '../checkers/history.ts';
import type { Design } from '../design/design.ts';
import { type KeySpace, type PartitionMap, partitionOf } from '../design/partition-map.ts';
import { type FieldValue, fieldOf } from '../design/records.ts';
import type { SourceRange } from '../design/source.ts';
import type { Partitioning, Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { schedule } from '../kernel/simulation.ts';
import { transmit } from '../kernel/transport.ts';
import type { Reply } from '../protocols/contract.ts';
import { askDirectory } from './directory.ts';
import { carriedTo, learn } from './knowledge.ts';
import { complete, invoke, type LoggedOperation } from './log.ts';
import { keysOf, nodesByDistance } from './routing.ts';
import type { Session } from './session.ts';
import { keyName, scanOf } from './transactions.ts';

/** Most records of one answer. */
export const pageMax = 20;
/** Most keys of a workload that has such reads: all of them are looked at. */
export const scannedKeysMax = 10_000;
const refusedPauseNs = 10_000_000;

export interface Scan {
  readonly store: Store;
  /** All from the drawn key's value on; false: those of the same value. */
  readonly range: boolean;
  /** null: by key. */
  readonly by: string | null;
  readonly drawn: string;
  readonly at: SourceRange;
  readonly declaration: string;
}

/** The keys of a workload in the order of a field; of equal values the numbers of the keys decide. */
interface Ordered {
  readonly keys: readonly string[];
  readonly values: readonly FieldValue[];
  readonly positions: ReadonlyMap<string, number>;
}

/** What of it is known, store by store. */
export interface Matching {
  /** null: by key. */
  inOrder(store: Store, by: string | null): Ordered;
  /** A key of each partition, by index, as far as there are any. */
  ownKeys(store: Store, space: KeySpace, map: PartitionMap): ReadonlyMap<number, string>;
}

export function createMatching(design: Design, count: number): Matching {
  const orders = new Map<string, Ordered>();
  const owns = new WeakMap<PartitionMap, ReadonlyMap<number, string>>();
  const all = () => Array.from({ length: Math.min(count, scannedKeysMax) }, (_, i) => `k${i}`);
  return {
    inOrder(store, by) {
      const name = `${store.name} ${by}`;
      let order = orders.get(name);
      if (order === undefined) {
        const { space } = keysOf(design, store.name);
        const valued = all().map((key, i) => [key, by === null ? i : fieldOf(space, key, by)] as const);
        valued.sort(([, a], [, b]) => (a < b ? -1 : a > b ? 1 : 0));
        const keys = valued.map(([key]) => key);
        const positions = new Map(keys.map((key, i) => [key, i]));
        orders.set(name, (order = { keys, values: valued.map(([, value]) => value), positions }));
      }
      return order;
    },
    ownKeys(store, space, map) {
      let own = owns.get(map);
      if (own === undefined) {
        const found = new Map<number, string>();
        for (const key of all().flatMap(one => piecesOf(store, one))) {
          const index = partitionOf(space, map, key);
          if (index >= 0 && !found.has(index)) found.set(index, key);
        }
        owns.set(map, (own = found));
      }
      return own;
    },
  };
}

/** Keys that are wanted, in order. */
function wantedKeys({ keys, values, positions }: Ordered, { range, drawn }: Scan): readonly string[] {
  const at = positions.get(drawn) ?? 0;
  let from = at;
  while (from > 0 && values[from - 1] === values[at]) from--;
  const page = keys.slice(from, from + pageMax);
  return range ? page : page.filter((_, i) => values[from + i] === values[at]);
}

/** Partitions that can hold what is wanted, by index. */
export function candidates(space: KeySpace, map: PartitionMap, scan: Scan, wanted: readonly string[]): Set<number> {
  const holding = new Set(wanted.map(key => partitionOf(space, map, key)).filter(index => index >= 0));
  const levels: Partitioning[] = [];
  for (let how: Partitioning | null = space.partitioning; how !== null; how = 'then' in how ? how.then : null)
    levels.push(how);
  const { by, range } = scan;
  // Told apart by this level: an equal value lies where the drawn one does, and ranges are in order.
  const tells = (how: Partitioning) => 'field' in how && how.field === by && (!range || how.kind === 'range');
  if (levels.length === 1) return tells(levels[0]!) ? holding : new Set(map.groups.keys());
  const parts =
    levels[0]!.kind === 'range' ? levels[0]!.ranges.length : levels[0]!.kind === 'list' ? levels[0]!.lists.length : 1;
  const inner = space.count / parts;
  const outers = new Set([...holding].map(index => Math.floor(index / inner)));
  const inners = new Set([...holding].map(index => index % inner));
  const all = new Set<number>();
  for (let index = 0; index < space.count; index++)
    if (
      (!tells(levels[0]!) || outers.has(Math.floor(index / inner))) &&
      (!tells(levels[1]!) || inners.has(index % inner))
    )
      all.add(index);
  return all;
}

interface Leg {
  readonly key: string;
  group: number;
  nodes: readonly NodeId[];
  /** Its place in the answer; -1: asked, and nothing of it is wanted. */
  readonly place: number;
  position: number;
  request: number;
  done: boolean;
}

export function startScan(
  session: Session,
  matching: Matching,
  scan: Scan,
  done: (operation: LoggedOperation) => void,
): void {
  const { sim, log, router } = session;
  const { store } = scan;
  const pieces = wantedKeys(matching.inOrder(store, scan.by), scan).flatMap(key => piecesOf(store, key));
  const operation = invoke(
    sim,
    log,
    session.port.endpoint,
    {
      process: session.process,
      store: scanOf(store.name),
      key: '',
      kind: 'transaction',
      input: pieces.map(key => ['read', keyName(store.name, key), null]),
    },
    sim.trace.source(scan.at, scan.declaration, ''),
  );
  const gathering = gather(session, store, operation, pieces, done);
  const begin = () => {
    const { space, map } = router.mapOf(store)!;
    const holders = pieces.map(key => partitionOf(space, map, key));
    const idle = [...candidates(space, map, scan, pieces)].filter(index => !holders.includes(index));
    const own = matching.ownKeys(store, space, map);
    const others = idle.flatMap(index => own.get(index) ?? []);
    gathering.begin([
      ...pieces.flatMap((key, place) => (holders[place]! < 0 ? [] : [{ key, place }])),
      ...others.map(key => ({ key, place: -1 })),
    ]);
  };
  if (router.mapOf(store) === null) askDirectory(session, store, gathering.isOver, begin);
  else begin();
}

/** A record that is split over groups of columns is read from all of them. */
const piecesOf = ({ partitioning }: Store, key: string): readonly string[] =>
  partitioning.kind === 'columns' ? partitioning.groups.map(({ name }) => `${key}.${name}`) : [key];

/** Asks all at once, each until it answers, and everybody until the time is up. */
function gather(
  session: Session,
  store: Store,
  operation: LoggedOperation,
  pieces: readonly string[],
  done: (operation: LoggedOperation) => void,
) {
  const { sim, log, settings, overrides, gathering, router, turn } = session;
  const values: Value[] = pieces.map(() => null);
  let legs: readonly Leg[] = [];
  let open = -1;
  let over = false;
  const finish = (outcome: 'ok' | 'unknown', output: Value, why: string) => {
    over = true;
    for (const leg of legs) gathering.delete(leg.request);
    complete(sim, operation, session.port.endpoint, outcome, output, why);
    done(operation);
  };
  const joined = () =>
    (operation.input as readonly (readonly Value[])[]).map((step, i) => ['read', step[1]!, values[i]!]);
  /** To whom the session believes that the key belongs now. */
  const turnTo = (leg: Leg): void => {
    const group = router.groupFor(store, leg.key);
    if (group === null)
      return askDirectory(
        session,
        store,
        () => over || leg.done,
        () => turnTo(leg),
      );
    if (group !== undefined && group !== leg.group) {
      const { replicas, observers } = sim.design.partitions[group]!;
      leg.group = group;
      leg.nodes = nodesByDistance(sim.design, settings.place, [...replicas, ...observers], turn);
      leg.position = (session.home.get(group) ?? 0) % leg.nodes.length;
    }
    ask(leg);
  };
  const ask = (leg: Leg): void => {
    if (over || leg.done) return;
    gathering.delete(leg.request);
    const id = log.attempts++;
    leg.request = id;
    gathering.set(id, reply => answered(leg, reply));
    const node = leg.nodes[leg.position % leg.nodes.length]!;
    operation.node = node;
    // Reads of several keys are not one operation to whom they are asked of.
    const command = { kind: 'read' as const, key: leg.key, input: null, operation: -2 - id };
    // Who carries tokens finds no less by a field than by key.
    const carried = settings.sessionToken ? carriedTo(session, leg.group, store.name, leg.key) : undefined;
    const request = {
      id,
      command,
      session: null,
      attempt: 0,
      ...(carried && { carried }),
      ...(overrides && { overrides }),
    };
    const bytes = 64 + sim.groups[leg.group]!.recordBytes;
    const body = { kind: 'request' as const, partition: leg.group, request, hops: 0 };
    transmit(sim, session.port.endpoint, node, body, 'request', 'client', bytes);
  };
  const later = (leg: Leg, act: (leg: Leg) => void) => {
    const { cause } = sim;
    schedule(sim, sim.now + refusedPauseNs, () => {
      if (over || leg.done) return;
      sim.cause = cause;
      act(leg);
    });
  };
  const answered = (leg: Leg, reply: Reply): void => {
    if (over) return;
    gathering.delete(leg.request);
    if (reply.kind === 'ok') {
      leg.done = true;
      if (settings.sessionToken) learn(session, leg.group, store.name, leg.key, reply);
      if (leg.place >= 0) values[leg.place] = reply.output;
      if (--open === 0) finish('ok', joined(), '');
      return;
    }
    if (reply.kind === 'refused' && reply.map !== undefined) {
      router.refusedBy(reply.map);
      return later(leg, turnTo);
    }
    const hinted = reply.kind === 'refused' && reply.leader !== null ? leg.nodes.indexOf(reply.leader) : -1;
    leg.position = hinted >= 0 ? hinted : leg.position + 1;
    if (hinted >= 0) ask(leg);
    else later(leg, ask);
  };
  let attempt = 0;
  const timedOut = () => {
    if (over) return;
    const silent = open < 0 ? 'the directory did not answer' : `${open} of ${legs.length} did not answer`;
    if (attempt++ >= settings.retries) return finish('unknown', null, silent);
    for (const leg of legs) {
      if (leg.done || leg.nodes.length === 0) continue;
      leg.position++;
      sim.cause = operation.invokeEvent;
      ask(leg);
    }
    schedule(sim, sim.now + settings.timeoutNs, timedOut);
  };
  schedule(sim, sim.now + settings.timeoutNs, timedOut);
  return {
    isOver: () => over,
    begin(asked: readonly { readonly key: string; readonly place: number }[]) {
      legs = asked.map(one => ({ ...one, group: -1, nodes: [], position: 0, request: -1, done: false }));
      open = legs.length;
      if (open === 0) return finish('ok', joined(), '');
      for (const leg of legs) {
        sim.cause = operation.invokeEvent;
        turnTo(leg);
      }
    },
  };
}
