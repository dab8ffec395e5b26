/**
 * Executes one scenario of a design under one seed: builds the nodes and groups, waits for time 0, lets workloads,
 * scripted operations and faults run, lets things settle, and hands over what happened. It judges nothing.
 */

import { createCache } from '../clients/cache.ts';
import { type ClientLog, createLog } from '../clients/log.ts';
import { createMover, type Mistakes, type Moving } from '../clients/mover.ts';
import { createOperator, type Operator } from '../clients/operator.ts';
import { createRouter } from '../clients/router.ts';
import { keysOf } from '../clients/routing.ts';
import { createMatching } from '../clients/scatter.ts';
import { createServices } from '../clients/services.ts';
import { receive, type Session, type SessionSettings } from '../clients/session.ts';
import type { Runnable } from '../clients/transactions.ts';
import { startWorkload, type WorkloadRun } from '../clients/workload.ts';
import type { Design } from '../design/design.ts';
import { overridesOf, type Scenario, type Workload } from '../design/scenario.ts';
import type { Store } from '../design/store.ts';
import type { NodeId } from '../design/topology.ts';
import { startChaos } from '../kernel/chaos.ts';
import { createFaults, type Faults } from '../kernel/faults.ts';
import { type Endpoint, endpointsMax, type Place } from '../kernel/network.ts';
import { bootNode } from '../kernel/nodes.ts';
import { type Acknowledgement, type Port, randomOf, runUntil, type Simulation } from '../kernel/simulation.ts';
import type { ClientPlace } from '../kernel/targets.ts';
import { noTrace, type Tracer } from '../kernel/tracer.ts';
import type { AnyProtocol } from '../protocols/contract.ts';
import { groupOf } from '../protocols/group.ts';
import { protocolOf } from '../protocols/registry.ts';
import type { Change } from '../trace/changes.ts';
import { scheduleActions } from './actions.ts';
import { createSimulation } from './assemble.ts';
import { type Blocking, lookEveryNs, watchBlocking } from './blocking.ts';
import { createDeviations, scheduleSeeds, withAdded } from './changes.ts';
import { watchInvariants, withCoordinators } from './coordinators.ts';
import { withDecisionGroups } from './decision-groups.ts';
import { watchEdges } from './edges.ts';
import { withNewcomers } from './newcomers.ts';
import { watchMoves, withMoves } from './partitions.ts';
import { runningStores, touchedStores } from './running-stores.ts';

/** Every partition has this long to find its first leader; the scenario starts when they have. */
export const graceNs = 10_000_000_000;

/** Events of one run unless the host says otherwise: a runaway ends with an honest `unknown`. */
export const defaultEventLimit = 50_000_000;

export interface RunOptions {
  readonly seed: number;
  /** Who records; without one only what the verdicts need is kept. */
  readonly trace?: Tracer;
  readonly eventLimit?: number;
  /** What this run does otherwise than its scenario. */
  readonly changes?: readonly Change[];
  /** Polled now and then: true ends the run. */
  readonly cancelled?: () => boolean;
  /** Who executes a store, where it is not the registered protocol of its mechanism: tests run broken variants. */
  readonly protocolOf?: (store: Store) => AnyProtocol;
  /** Who coordinates transactions, where it is not the registered coordinator: tests run broken variants. */
  readonly coordinator?: AnyProtocol;
  /** Who asks for what, where workloads cannot say it: tests pair operations. */
  readonly load?: (run: WorkloadRun) => void;
  /** Who acts for participants whose coordinator is silent: tests run broken variants. */
  readonly participant?: AnyProtocol;
  /** How partitions move, where it is not as it should be: tests run broken variants. */
  readonly mover?: Mistakes;
}

/** One lane of the trace. */
export interface Lane {
  readonly name: string;
  readonly kind: 'server' | 'client' | 'nemesis';
  readonly group: string;
}

export interface Executed {
  /** With the hidden groups of its transactions and stores. */
  readonly design: Design;
  /** As it was given: what is to be executed once more. */
  readonly written: Design;
  readonly scenario: Scenario;
  readonly stores: readonly Store[];
  /** Transactions that the scenario runs. */
  readonly transactions: readonly Runnable[];
  readonly sim: Simulation;
  readonly log: ClientLog;
  readonly faults: Faults;
  readonly operator: Operator;
  readonly acknowledgements: readonly Acknowledgement[];
  /** Virtual ns of the scenario's time 0, of the end of its load, and of its end. */
  readonly originNs: number;
  readonly loadEndNs: number;
  readonly endNs: number;
  readonly leaderChanges: number;
  /** What was in doubt, and for how long. */
  readonly blocking: Blocking;
  /** Partitions that had no leader when the grace was over. */
  readonly leaderless: readonly string[];
  /** Open-loop arrivals that found no free session. */
  readonly turnedAway: number;
  readonly ended: 'complete' | 'event-limit' | 'cancelled';
  /** Changes that found nothing to change. */
  readonly unmet: readonly Change[];
  /** Stores whose partitions changed hands, with the maps by which their keys are found at the end. */
  readonly moving: ReadonlyMap<string, Moving>;
  /** Lanes of the trace: nodes, clients, then operator and faults. */
  readonly lanes: readonly Lane[];
}

export function execute(written: Design, scenario: Scenario, options: RunOptions): Executed {
  return begin(written, scenario, options).advance()!;
}

/** A run that can be held between two queued events, looked at, and continued. */
export interface Execution {
  /** As it stands; nothing has happened in it before the first `advance`. */
  readonly sim: Simulation;
  /**
   * Goes on until `hold`, which is asked before each queued event, answers true; without it, to the end.
   * undefined: held; what the run came to once it is over, also when asked again.
   */
  advance(hold?: () => boolean): Executed | undefined;
}

export function begin(written: Design, scenario: Scenario, options: RunOptions): Execution {
  const steps = executing(written, scenario, options);
  const sim = steps.next().value as Simulation;
  let over: Executed | undefined;
  return {
    sim,
    advance(hold) {
      if (over !== undefined) return over;
      const step = steps.next(hold);
      if (step.done === true) over = step.value;
      return over;
    },
  };
}

type Hold = (() => boolean) | undefined;

/** The run itself. It yields before its beginning and whenever it is held, and is given what it is held by next. */
function* executing(written: Design, asWritten: Scenario, options: RunOptions): Generator<Simulation, Executed, Hold> {
  const { changes = [] } = options;
  const scenario = withAdded(written, asWritten, changes);
  const deviations = createDeviations(written, changes);
  const moves = withMoves(withNewcomers(written, scenario), scenario, options.protocolOf ?? protocolOf);
  const coordinated = withCoordinators(moves.design, scenario, options);
  const { runnables } = coordinated;
  const running = runningStores(coordinated.design, scenario);
  const { design, plans } = withDecisionGroups(coordinated.design, running);
  const stores = touchedStores(design, scenario);
  const log = createLog();
  const acknowledgements: Acknowledgement[] = [];
  const clientPlaces: ClientPlace[] = [];
  const lanes: Lane[] = design.nodes.map(node => ({
    name: node.name,
    kind: 'server',
    group: node.zone ?? node.region ?? node.cluster,
  }));
  let leaderChanges = 0;
  let waitingForLeaders = new Set<number>();
  const sim = createSimulation(
    design,
    running,
    options.seed,
    options.trace ?? noTrace(),
    {
      call: (member, group, command, token) => services.call(member, group, command, token),
      edge: (edge, type, endpoint) => edges.passed(edge, type, endpoint),
      acknowledged: one => acknowledgements.push(one),
      ...(changes.some(({ kind }) => kind === 'drop') && {
        loses: (from, to, type) => deviations.loses(sim.now, lanes[from]!.name, lanes[to]!.name, type),
      }),
      leadership(member) {
        if (member.leads < 0) return;
        leaderChanges++;
        if (waitingForLeaders.delete(member.partition.id) && waitingForLeaders.size === 0) sim.stopped = true;
      },
    },
    options.protocolOf,
    [...moves.plans, ...coordinated.plans, ...plans],
    moves.shards,
  );
  watchInvariants(sim, runnables, scenario);
  watchMoves(sim, moves);

  const addEndpoint = (place: Place, name: string, kind: 'client' | 'nemesis'): Endpoint => {
    if (sim.network.places.length >= endpointsMax)
      throw new Error(`more than ${endpointsMax} clients and nodes in one run`);
    lanes.push({ name, kind, group: kind === 'client' ? 'clients' : '' });
    return sim.network.places.push(place) - 1;
  };
  const beside: Place = { node: null, region: null, zone: null, beside: true };
  const operatorLane = addEndpoint(beside, 'operator', 'nemesis');
  const faultLane = addEndpoint(beside, 'faults', 'nemesis');
  const operator = createOperator(sim, operatorLane, () => log.attempts++);
  const mover = createMover(
    {
      sim,
      log,
      endpoint: operatorLane,
      open: operator.others,
      mistakes: options.mover,
      changed({ store, map }) {
        const first = keysOf(design, store).map.groups;
        for (const [index, group] of map.groups.entries())
          if (first[index] !== undefined && first[index] !== group) sim.heldBy.set(first[index]!, group);
      },
    },
    moves.moving,
  );
  const services = createServices(sim, log, name => addEndpoint(beside, name, 'client'));

  const newSession = (name: string, workload: string | null, settings: SessionSettings, turn: number): Session => {
    const place: Place =
      settings.place === null
        ? beside
        : { node: null, region: settings.place.region, zone: settings.place.zone, beside: false };
    const endpoint = addEndpoint(place, name, 'client');
    clientPlaces.push({ endpoint, workload, region: place.region, zone: place.zone });
    const process = log.processes.push(name) - 1;
    const port: Port = {
      endpoint,
      paused: false,
      backlog: [],
      receive: (from, id, reply) => receive(session, from, id, reply),
    };
    const random = randomOf(sim, `client:${name}`);
    const session: Session = {
      sim,
      log,
      port,
      process,
      settings,
      overrides: overridesOf(settings),
      random,
      turn,
      home: new Map(),
      sequence: 0,
      current: null,
      known: new Map(),
      contexts: new Map(),
      tokens: new Map(),
      cache: createCache(settings.cacheNs),
      gathering: new Map(),
      router: createRouter(design),
    };
    sim.ports.set(endpoint, port);
    return session;
  };

  const faults = createFaults(
    { sim, clients: () => clientPlaces, random: randomOf(sim, 'targets') },
    faultLane,
    text => changes.length > 0 && deviations.leavesOut(sim.now, text),
  );
  const edges = watchEdges(faults, scenario);
  scheduleSeeds(sim, changes);

  let hold: Hold = yield sim;
  for (const node of sim.nodes) {
    const source = sim.trace.source(node.spec.at, `cluster ${node.spec.cluster}`, '');
    bootNode(sim, node, sim.trace.event(0, 'init', node.id, 'boot', -1, -1, undefined, source));
  }
  waitingForLeaders = new Set(
    sim.groups
      .filter(group => group?.protocol.leads !== undefined && !hasLeader(sim, group.partition.id))
      .map(group => group.partition.id),
  );
  const eventLimit = options.eventLimit ?? defaultEventLimit;
  if (waitingForLeaders.size > 0) while (runUntil(sim, graceNs, eventLimit, hold) === 'held') hold = yield sim;
  sim.stopped = false;
  const leaderless = [...waitingForLeaders].map(id => design.partitions[id]!.name);
  // A leader that comes later ends no waiting.
  waitingForLeaders.clear();
  leaderChanges = 0;

  const originNs = sim.now;
  const durationNs = Math.max(0, ...scenario.runs.map(run => run.forNs));
  const loadEndNs = originNs + durationNs;
  const endNs = loadEndNs + scenario.settleNs;
  const unique = { next: 1 };
  const workloads: WorkloadRun[] = [];
  let clientNumber = 0;
  for (const run of scenario.runs) {
    const workload = design.workloads.find(one => one.name === run.workload);
    if (workload === undefined) continue;
    const one: WorkloadRun = {
      sim,
      workload,
      stores: workloadStores(design, workload),
      transactions: runnables.filter(({ transaction }) => workload.targets.includes(transaction.name)),
      untilNs: originNs + run.forNs,
      unique,
      newSession: turn => newSession(`c${++clientNumber}`, workload.name, workload, turn),
      matching: createMatching(design, workload.keys.count),
      turnedAway: 0,
    };
    workloads.push(one);
    (options.load ?? startWorkload)(one);
  }
  const pool = poolOf(stores, runnables, design);
  edges.arm(originNs);
  scheduleActions({
    sim,
    faults,
    operator,
    scenario,
    design,
    originNs,
    transactions: runnables,
    unique,
    newSession,
    changes: moves.changes,
    mover,
  });
  for (const [index, chaos] of scenario.chaos.entries()) startChaos(faults, chaos, originNs, pool, index);

  const blocking = watchBlocking();
  const ended = yield* runInSlices(
    sim,
    endNs,
    lookEveryNs(
      stores,
      runnables.map(({ transaction }) => transaction),
    ),
    eventLimit,
    () => blocking.look(sim),
    options.cancelled,
    hold,
  );
  return {
    design,
    written,
    scenario,
    stores,
    transactions: runnables,
    sim,
    log,
    faults,
    operator,
    acknowledgements,
    originNs,
    loadEndNs,
    endNs: Math.min(endNs, Math.max(sim.now, originNs)),
    leaderChanges,
    blocking,
    leaderless,
    turnedAway: workloads.reduce((sum, one) => sum + one.turnedAway, 0),
    ended,
    unmet: deviations.unmet(),
    moving: moves.moving,
    lanes,
  };
}

const hasLeader = (sim: Simulation, partition: number): boolean =>
  [...sim.groups[partition]!.members.values()].some(member => member.leads >= 0);

function workloadStores(design: Design, workload: Workload): readonly Store[] {
  return design.stores.filter(store => workload.targets.includes(store.name));
}

/** Nodes that chaos strikes: those that hold data, and those that coordinate. */
function poolOf(stores: readonly Store[], runnables: readonly Runnable[], design: Design): readonly NodeId[] {
  const nodes = new Set<NodeId>(runnables.flatMap(({ coordinator }) => coordinator.replicas));
  for (const store of stores)
    for (const partition of design.partitions.filter(one => one.store === store.name)) {
      const { replicas, witnesses, coordinators } = groupOf(design, store, partition);
      for (const node of [...replicas, ...witnesses, ...(coordinators?.nodes ?? [])]) nodes.add(node);
    }
  return [...nodes].sort((a, b) => a - b);
}

/** Cancellation is looked for between slices of virtual time; slicing changes nothing in what happens. */
function* runInSlices(
  sim: Simulation,
  endNs: number,
  slice: number,
  eventLimit: number,
  look: () => void,
  cancelled: (() => boolean) | undefined,
  heldBy: Hold,
): Generator<Simulation, Executed['ended'], Hold> {
  let hold = heldBy;
  for (let until = sim.now; until < endNs; ) {
    until = Math.min(endNs, until + slice);
    let why = runUntil(sim, until, eventLimit, hold);
    while (why === 'held') {
      hold = yield sim;
      why = runUntil(sim, until, eventLimit, hold);
    }
    look();
    if (why === 'limit') return 'event-limit';
    if (cancelled?.()) return 'cancelled';
  }
  return 'complete';
}
