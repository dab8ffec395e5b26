/** Workloads: who asks for what, when. Written values are unique over the whole run, so that a read names its write. */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { MixEntry, Workload } from '../design/scenario.ts';
import type { DataModel, Store } from '../design/store.ts';
import { drawnFrom, zipfTable } from '../design/zipf.ts';
import { sample } from '../kernel/distribution.ts';
import type { RandomStream } from '../kernel/random.ts';
import { randomOf, type Simulation, schedule } from '../kernel/simulation.ts';
import { type Matching, startScan } from './scatter.ts';
import { type Asked, type Session, start } from './session.ts';
import { type Runnable, transactionAsked } from './transactions.ts';

/** Sessions that an open loop may have under way at once; arrivals beyond it are counted as turned away. */
export const openSessionsMax = 10_000;

export interface WorkloadRun {
  readonly sim: Simulation;
  readonly workload: Workload;
  readonly stores: readonly Store[];
  readonly transactions: readonly Runnable[];
  readonly untilNs: number;
  readonly unique: { next: number };
  readonly newSession: (turn: number) => Session;
  /** Which of its keys have which values. */
  readonly matching: Matching;
  turnedAway: number;
}

/** What each data model can be asked. */
export const supported: Readonly<Record<DataModel, readonly OperationKind[]>> = {
  register: ['read', 'write', 'cas'],
  kv: ['read', 'write', 'cas', 'delete'],
  counter: ['read', 'increment'],
  set: ['read', 'add'],
  list: ['read', 'append'],
};

export function startWorkload(run: WorkloadRun): void {
  const { workload } = run;
  const sessions = Array.from({ length: workload.clients }, (_, i) => run.newSession(i));
  if (workload.arrival.kind === 'closed') {
    const { think } = workload.arrival;
    for (const session of sessions) closedLoop(run, session, () => sample(think, session.random));
  } else openLoop(run, sessions, workload.arrival.perSecond);
}

function closedLoop(run: WorkloadRun, session: Session, think: () => number): void {
  const { sim } = run;
  const next = () => schedule(sim, sim.now + think(), ask);
  const ask = () => {
    if (sim.now >= run.untilNs) return;
    if (session.port.paused) {
      session.port.backlog.push(ask);
      return;
    }
    begin(run, session, next);
  };
  next();
}

/** Arrivals as a Poisson process, whatever is pending; a session that is busy or paused does not hold them up. */
function openLoop(run: WorkloadRun, sessions: Session[], perSecond: number): void {
  const { sim, workload } = run;
  const arrivals = randomOf(sim, `workload:${workload.name}:arrivals`);
  let created = sessions.length;
  const idle = sessions.slice();
  const next = () => {
    const gap = Math.ceil((-Math.log(1 - arrivals.uniform()) * 1e9) / perSecond);
    schedule(sim, sim.now + gap, arrive);
  };
  const arrive = () => {
    if (sim.now >= run.untilNs) return;
    const at = idle.findIndex(session => !session.port.paused);
    let session = at < 0 ? undefined : idle.splice(at, 1)[0];
    if (session === undefined && created < openSessionsMax) session = run.newSession(created++);
    if (session === undefined) run.turnedAway++;
    else {
      const taken = session;
      begin(run, taken, () => void idle.push(taken));
    }
    next();
  };
  next();
}

function begin(run: WorkloadRun, session: Session, done: () => void): void {
  const { workload, matching } = run;
  const entry = pickEntry(workload.mix, session.random);
  if (entry.kind === 'transaction') return start(session, chooseTransaction(run, session, entry), done);
  const able = ableStores(run.stores, entry);
  const store = able[able.length === 1 ? 0 : session.random.int(able.length)]!;
  const declaration = `workload ${workload.name}`;
  if (entry.kind !== 'scan' && entry.by === null)
    return start(session, choose(run, session, store, entry.kind, { at: entry.at, declaration }), done);
  const drawn = `k${pickKey(workload, session)}`;
  const asked = { store, range: entry.kind === 'scan', by: entry.by, drawn, at: entry.at, declaration };
  startScan(session, matching, asked, done);
}

/** Stores that such an operation can be asked of; by a field: those whose records have it. */
export const ableStores = (stores: readonly Store[], { kind, on, by }: MixEntry): readonly Store[] =>
  stores.filter(
    ({ name, model, fields }) =>
      (on === null || name === on) &&
      (by === null || fields.some(field => field.name === by)) &&
      (kind === 'scan' || by !== null ? model !== 'register' : supported[model].includes(kind as OperationKind)),
  );

function choose(
  run: WorkloadRun,
  session: Session,
  store: Store,
  kind: OperationKind,
  from: Pick<Asked, 'at' | 'declaration'>,
): Asked {
  const key = store.model === 'register' ? 'x' : pieceOf(store, `k${pickKey(run.workload, session)}`, session);
  const input = inputFor(run, session, kind, key);
  return { store, kind, key, input, via: null, ...from };
}

/** A record that is split over groups of columns is as many pieces; an operation is about one of them. */
function pieceOf({ partitioning }: Store, key: string, { random }: Session): string {
  if (partitioning.kind !== 'columns') return key;
  return `${key}.${partitioning.groups[random.int(partitioning.groups.length)]!.name}`;
}

function chooseTransaction(run: WorkloadRun, session: Session, entry: MixEntry): Asked {
  const { workload, unique } = run;
  const able = run.transactions.filter(({ transaction }) => entry.on === null || transaction.name === entry.on);
  const runnable = able[able.length === 1 ? 0 : session.random.int(able.length)]!;
  const keysOf = (store: Store, count: number | null): readonly string[] => {
    if (store.model === 'register') return ['x'];
    const wanted = count ?? workload.keys.count;
    const keys = new Set<number>();
    while (keys.size < Math.min(wanted, workload.keys.count)) {
      const drawn = pickKey(workload, session);
      // The next one that is free: few keys may be drawn nearly always.
      let key = wanted >= workload.keys.count ? keys.size : drawn;
      while (keys.has(key)) key = (key + 1) % workload.keys.count;
      keys.add(key);
    }
    return [...keys].map(key => `k${key}`);
  };
  const from = { at: entry.at, declaration: `workload ${workload.name}`, via: null };
  return transactionAsked(runnable, keysOf, () => unique.next++, from);
}

function pickEntry(mix: readonly MixEntry[], random: RandomStream): MixEntry {
  let at = random.uniform();
  for (const entry of mix) if ((at -= entry.share) < 0) return entry;
  return mix[mix.length - 1]!;
}

function inputFor(run: WorkloadRun, session: Session, kind: OperationKind, key: string): Value {
  switch (kind) {
    case 'read':
    case 'delete':
      return null;
    case 'increment':
      return 1;
    case 'cas':
      return [session.known.get(key) ?? null, run.unique.next++];
    default:
      return run.unique.next++;
  }
}

function pickKey(workload: Workload, session: Session): number {
  const { count, choice } = workload.keys;
  if (choice === 'uniform') return session.random.int(count);
  if (choice === 'sequential') return session.sequence % count;
  return drawnFrom(zipfTable(count, choice.zipf), session.random.uniform());
}
