/**
 * Elections of the real Raft on the real kernel, beside Ongaro's analysis (thesis ch. 9): mean time to a new leader
 * after a crash, in multiples of the one-way delay, split votes, and the thesis's wide-area set-up beside a direct
 * simulation of it.
 */
import { constant, uniform } from '../runtime/src/design/distribution.ts';
import { bootNode, crashNode, restartNode } from '../runtime/src/kernel/nodes.ts';
import { stream } from '../runtime/src/kernel/random.ts';
import { type Hooks, runUntil, type Simulation } from '../runtime/src/kernel/simulation.ts';
import { noTrace } from '../runtime/src/kernel/tracer.ts';
import { createSimulation } from '../runtime/src/run/assemble.ts';
import { raftOptions, sketch } from '../runtime/src/testing/design.ts';
import { electDirectly } from './elections-direct.ts';
import { type Row, row } from './table.ts';

const ms = 1_000_000;
const forever = 1_000_000_000;

function cluster(
  voters: number,
  latency: ReturnType<typeof constant>,
  timeout: readonly [number, number],
  heartbeatNs: number,
  seed: number,
) {
  const options = {
    preVote: false,
    leaderStickiness: false,
    checkQuorum: false,
    electionTimeoutNs: timeout,
    heartbeatNs,
  };
  const { design } = sketch({ nodes: voters, mechanism: raftOptions(options), latency, fsync: constant(0) });
  const hooks: Hooks = {
    call: () => {},
    edge: () => {},
    acknowledged: () => {},
    leadership: member => {
      if (member.leads >= 0) sim.stopped = true;
    },
  };
  const sim: Simulation = createSimulation(design, design.stores, seed, noTrace(), hooks);
  return sim;
}

function untilLeader(sim: Simulation): void {
  sim.stopped = false;
  runUntil(sim, sim.now + 1000 * 1000 * ms, forever);
  if (!sim.stopped) throw new Error('no leader was elected');
}

const wait = (sim: Simulation, ns: number) => {
  for (const until = sim.now + ns; sim.now < until; ) {
    sim.stopped = false;
    runUntil(sim, until, forever);
  }
};

/** Leaders crash at random moments of their heartbeat interval; `up` servers are left to elect another. */
function afterCrash(voters: number, up: number, range: number, elections: number) {
  const owd = 1 * ms;
  const heartbeat = (range * owd) / 2;
  const sim = cluster(voters, constant(owd), [range * owd, 2 * range * owd], heartbeat, 1);
  const random = stream(1, 'crashes');
  for (const node of sim.nodes) bootNode(sim, node, -1);
  untilLeader(sim);
  let total = 0;
  let split = 0;
  const members = [...sim.groups[0]!.members.values()];
  for (let i = 0; i < elections; i++) {
    for (const node of sim.nodes) if (!node.up) restartNode(sim, node, -1);
    wait(sim, 8 * range * owd);
    const leaders = members.filter(member => member.leads >= 0);
    const leader = leaders.sort((a, b) => b.leads - a.leads)[0]!;
    wait(sim, Math.floor(random.uniform() * heartbeat));
    const term = leader.leads;
    const others = sim.nodes.filter(node => node !== leader.node);
    random.shuffle(others);
    for (const node of [leader.node, ...others.slice(0, voters - up - 1)]) crashNode(sim, node, false, -1);
    const crashed = sim.now;
    untilLeader(sim);
    // The analysis counts from the followers' side: the last heartbeat's way is not part of it.
    total += (sim.now - crashed) / owd - 1;
    if (Math.max(...members.map(member => member.leads)) > term + 1) split++;
  }
  return { mean: total / elections, split: split / elections };
}

const wide = { delay: [30, 40], timeout: [300, 600] } as const;

/** ms to the first leader, `up` of 5 servers booted at 0. */
function wideArea(up: number, elections: number): number[] {
  const found: number[] = [];
  for (let seed = 1; seed <= elections; seed++) {
    const [from, to] = wide.delay;
    const sim = cluster(5, uniform(from * ms, to * ms), [wide.timeout[0] * ms, wide.timeout[1] * ms], 50 * ms, seed);
    for (const node of sim.nodes.slice(0, up)) bootNode(sim, node, -1);
    untilLeader(sim);
    found.push(sim.now / ms);
  }
  return found.sort((a, b) => a - b);
}

function wideAreaDirect(up: number, elections: number): number[] {
  const random = stream(2, 'direct');
  const setup = { voters: 5, up, ...wide };
  return Array.from({ length: elections }, () => electDirectly(setup, () => random.uniform())).sort((a, b) => a - b);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const high = (sorted: readonly number[]) => sorted[Math.ceil(sorted.length * 0.999) - 1]!;

export function rows(): Row[] {
  const found: Row[] = [];
  for (const [n, s, range, target, splits] of [
    [5, 4, 10, 12.2, 0.0523],
    [5, 4, 20, 21.4, 0.014],
    [5, 3, 10, 17.0, null],
    [5, 3, 20, 26.3, null],
    [3, 2, 10, 16.2, null],
    [3, 2, 20, 26.7, null],
    [5, 4, 5, null, 0.1808],
    [5, 3, 5, null, 0.488],
  ] as const) {
    const got = afterCrash(n, s, range, 10_000);
    const what = `raft election, ${s} of ${n} up, timeouts ${range}–${2 * range} owd`;
    if (target !== null)
      found.push(row(`${what}: mean, owd`, got.mean.toFixed(2), `${target}`, (got.mean / target).toFixed(3)));
    if (splits !== null)
      found.push(row(`${what}: split votes`, got.split.toFixed(4), `${splits}`, (got.split / splits).toFixed(3)));
  }
  for (const up of [4, 3]) {
    const ours = wideArea(up, 20_000);
    const direct = wideAreaDirect(up, 100_000);
    for (const [name, of] of [
      ['mean', mean],
      ['p99.9', high],
    ] as const) {
      const ratio = of(ours) / of(direct);
      const beyond = Math.abs(ratio - 1) > 0.06 ? ' BEYOND 6 %' : '';
      found.push(
        row(
          `raft election, WAN, ${5 - up} of 5 failed: ${name}, ms`,
          of(ours).toFixed(1),
          `${of(direct).toFixed(1)} direct simulation`,
          `${ratio.toFixed(3)}${beyond}`,
        ),
      );
    }
  }
  return found;
}
