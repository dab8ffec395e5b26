/** Workloads: who asks for what, when. Written values are unique over the whole run, so that a read names its write. */
import type { OperationKind, Value } from '../checkers/history.ts';
import type { MixEntry, Workload } from '../design/scenario.ts';
import type { DataModel, Store } from '../design/store.ts';
import { drawnFrom, zipfTable } from '../design/zipf.ts';
import { sample } from '../kernel/distribution.ts';
import type { RandomStream } from '../kernel/random.ts';
import { randomOf, type Simulation, schedule } from '../kernel/simulation.ts';
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
    start(session, choose(run, session), next);
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
      start(taken, choose(run, taken), () => void idle.push(taken));
    }
    next();
  };
  next();
}

function choose(run: WorkloadRun, session: Session): Asked {
  const { workload } = run;
  const { random } = session;
  const entry = pickEntry(workload.mix, random);
  const kind = entry.kind as OperationKind;
  if (kind === 'transaction') return chooseTransaction(run, session, entry);
  const able = run.stores.filter(
    store => (entry.on === null || store.name === entry.on) && supported[store.model].includes(kind),
  );
  const store = able[able.length === 1 ? 0 : random.int(able.length)]!;
  const key = store.model === 'register' ? 'x' : `k${pickKey(workload, session)}`;
  const input = inputFor(run, session, kind, key);
  return { store, kind, key, input, via: null, at: entry.at, declaration: `workload ${workload.name}` };
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
