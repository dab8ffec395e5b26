/** Deliberate mistakes, by policy: each is caught, and every invariant is seen broken. */
import { describe, expect, it } from 'vitest';
import type { ConflictPolicy } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';
import { atMs, nodesTarget, type Sketch } from '../../testing/design.ts';
import { mix, runLeaders, storm, wrongIn } from '../../testing/multi-leader.ts';
import { brokenIn } from '../../testing/runs.ts';
import { seedCount, seedsTo } from '../../testing/seeds.ts';
import type { AnyProtocol, ClientRequest } from '../contract.ts';
import { multiLeaderInvariants } from './invariants.ts';
import { multiLeaderProtocol as real } from './multi-leader.ts';
import type { Policy } from './policy.ts';
import type {
  MultiLeaderDisk,
  MultiLeaderIo,
  MultiLeaderMessage,
  MultiLeaderState,
  MultiLeaderWrite,
} from './state.ts';

type Io = MultiLeaderIo;
type State = MultiLeaderState;

/** Messages come changed. */
const receiving = (
  change: (state: State, m: MultiLeaderMessage, io: Io, from: NodeId) => MultiLeaderMessage,
): AnyProtocol => ({
  ...real,
  receive: (state: State, from, m: MultiLeaderMessage, io) =>
    real.receive(state, from, change(state, m, io as Io, from), io as Io),
});

/** The policy is another one. */
const deciding = (change: (policy: Policy) => Partial<Policy>): AnyProtocol => ({
  ...real,
  boot(context, image: MultiLeaderDisk | undefined, io) {
    const state = real.boot(context as never, image, io as Io);
    return { ...state, policy: { ...state.policy, ...change(state.policy) } };
  },
});

/** Some writes never reach the disk. */
const forgetting = (kind: MultiLeaderWrite['kind']): AnyProtocol => ({
  ...real,
  disk: {
    empty: real.disk.empty,
    apply(image: MultiLeaderDisk, write: MultiLeaderWrite) {
      if (write.kind !== kind) real.disk.apply(image, write);
    },
  },
});

/** Answers before anything is on disk. */
const hasty: AnyProtocol = {
  ...real,
  request(state: State, request: ClientRequest, io) {
    if (request.command.kind !== 'read') io.reply(request, { kind: 'ok', output: null });
    real.request(state, request, io as Io);
  },
};

/** Takes a write whatever came before it. */
const careless = receiving((state, m) => {
  const [first] = m.type === 'replicate' ? m.writes : [];
  const had = first === undefined ? undefined : state.streams[first.stream];
  if (first !== undefined && had !== undefined)
    while (had.length > 0 && had.length < first.number - 1) had.push({ ...had[0]!, number: had.length + 1 });
  return m;
});

/** Merges only half of what comes, at one of the nodes. */
const lossy = receiving((state, m) => {
  if (m.type !== 'replicate' || state.context.self !== 2) return m;
  const nothing = { added: {}, taken: {} };
  const writes = m.writes.map(one =>
    one.number % 2 === 0 ? { ...one, effect: { kind: 'merge', delta: nothing } as const } : one,
  );
  return { ...m, writes };
});

/** Believes to have one grant more than it has. */
const oneShort = receiving((state, m, _io, from) => {
  const granted = m.type === 'lock-grant' ? state.locks.wanted[m.key]?.granted : undefined;
  if (granted?.length === 0) granted.push((from + 1) % 5);
  return m;
});

/** Grants a lock to whoever asks. */
const generous = receiving((state, m) => {
  const entry = m.type === 'lock-request' ? state.locks.table[m.key] : undefined;
  if (m.type === 'lock-request' && entry !== undefined) state.locks.table[m.key] = { ...entry, held: false };
  return m;
});

/** Takes a lock away from who has it when somebody else asks. */
const impatient = receiving((state, m, io, from) => {
  const entry = m.type === 'lock-request' ? state.locks.table[m.key] : undefined;
  if (m.type === 'lock-request' && entry?.held === true && entry.holder !== from)
    real.receive(state, from, { type: 'lock-release', key: m.key, token: entry.token }, io);
  return m;
});

/** Writes without what was written under the lock before. */
const ignorant = receiving((_state, m) => (m.type === 'lock-grant' ? { ...m, positions: {} } : m));

/** The home believes whoever asks. */
const trusting = receiving((state, m) =>
  m.type === 'write-if' ? { ...m, base: state.cells[m.key]?.write.stamp.time ?? 0 } : m,
);

/** Agrees to whatever version is asked for. */
const agreeable = receiving((state, m) => {
  if (m.type === 'vote-request') delete state.checks.votes[m.key];
  return m;
});

/** The new home does not wait for what the old one took. */
const hurried = receiving((_state, m) => (m.type === 'home-drained' ? { ...m, positions: {} } : m));

/** The old home goes on writing. */
const stubborn: AnyProtocol = {
  ...real,
  request(state: State, request: ClientRequest, io) {
    state.homes.durable = { ...state.homes.durable, drainedFor: null };
    real.request(state, request, io as Io);
  },
};

/** All homes write in the same epoch. */
const timeless: AnyProtocol = {
  ...real,
  boot(context, image: MultiLeaderDisk | undefined, io) {
    const { options } = context as never as { options: { conflicts: ConflictPolicy } };
    const conflicts = { ...options.conflicts, onMove: 'none' };
    return real.boot({ ...context, options: { ...options, conflicts } } as never, image, io as Io);
  },
};

const lww: ConflictPolicy = { kind: 'last-write-wins', clock: 'hybrid' };
const counter: ConflictPolicy = { kind: 'merge', type: 'pn-counter' };
const lock: ConflictPolicy = { kind: 'pessimistic-lock', leaseNs: 150_000_000, fencing: true, grantedBy: 'majority' };
const unfenced: ConflictPolicy = { ...lock, fencing: false };
const home: ConflictPolicy = { kind: 'optimistic-lock', check: 'home' };
const quorum: ConflictPolicy = { kind: 'optimistic-lock', check: 'quorum' };
const homes = [
  ['k0', 0],
  ['k1', 1],
  ['k2', 0],
] as const;
const avoid: ConflictPolicy = { kind: 'avoid', field: 'id', homes, onMove: 'drain' };
const fenced: ConflictPolicy = { ...avoid, onMove: 'fence' };

const mistakes: readonly (readonly [string, AnyProtocol, ConflictPolicy, RegExp])[] = [
  ['answers before the disk', hasty, lww, /AckedOn/],
  ['writes that a crash forgets', forgetting('write'), lww, /SEC|Converge/],
  ['gaps in a stream', careless, lww, /ExactlyOnce/],
  ['the last to arrive in place of the highest stamp', deciding(() => ({ ordered: false })), lww, /Converge/],
  ['merges that lose something', lossy, counter, /SEC/],
  ['operations that come before their causes', deciding(() => ({ causal: false })), counter, /CausalDelivery/],
  ['increments that a crash forgets', forgetting('write'), counter, /SEC/],
  ['a lock of one too few', oneShort, lock, /NoLostUpdate/],
  ['holders that do not look at what was written', ignorant, lock, /NoLostUpdate/],
  ['tokens that nobody looks at', deciding(() => ({ ordered: false, refuses: () => false })), lock, /Mutex/],
  ['locks for whoever asks, without tokens', generous, unfenced, /Mutex/],
  ['locks that are taken away', impatient, lock, /NoUnlockWithoutAbort/],
  ['a home that compares nothing', trusting, home, /NoLostUpdate/],
  ['votes of one too few', deciding(policy => ({ copies: policy.copies - 1 })), quorum, /NoLostUpdate|AckedOn/],
  ['leaders that agree to everything', agreeable, quorum, /NoLostUpdate/],
  ['homes that do not wait', hurried, avoid, /NoLostUpdate/],
  ['homes that go on after they have made way', stubborn, avoid, /NoLostUpdate/],
  ['homes without epochs', timeless, fenced, /OneHome/],
  ['homes that a crash forgets', forgetting('homes'), avoid, /NoLostUpdate/],
];

const promote = (node: number, at: number) =>
  atMs(at, { kind: 'promote', store: 'db', targets: [nodesTarget(node)] }, null);

function run(seed: number, conflicts: ConflictPolicy, protocol?: AnyProtocol) {
  const counting: Sketch = {
    model: 'counter',
    workload: { ...storm.workload, mix: mix(['read', 0.3], ['increment', 0.7]) },
  };
  const wanted: Sketch = {
    ...storm,
    ...(conflicts.kind === 'merge' && counting),
    actions:
      conflicts.kind === 'avoid' ? [promote(2, 500), promote(1, 1_100), promote(0, 1_700), promote(3, 2_300)] : [],
  };
  return runLeaders(wanted, seed, conflicts, {}, protocol);
}

describe('broken multi-leader replication is caught', () => {
  it.each(mistakes)('%s', (_what, protocol, conflicts, caughtAs) => {
    const caught = seedsTo(20).some(seed => brokenIn(run(seed, conflicts, protocol)).some(text => caughtAs.test(text)));
    expect(caught).toBe(true);
  });

  it('and every invariant has been seen broken', () => {
    const seen = mistakes.flatMap(([, protocol, conflicts]) =>
      seedsTo(3).flatMap(seed => run(seed, conflicts, protocol).sim.broken.map(one => one.invariant)),
    );
    expect(multiLeaderInvariants.map(one => one.name).filter(name => !seen.includes(name))).toEqual([]);
  });

  it.each([lww, counter, lock, home, quorum, avoid, fenced])(
    'and the same storm finds nothing wrong with the real one: $kind',
    conflicts => {
      for (const seed of seedsTo(seedCount(6, 300))) {
        const keeps =
          conflicts === lww || conflicts === fenced ? (['copies'] as const) : (['copies', 'updates'] as const);
        expect(wrongIn(run(seed, conflicts), keeps), `seed ${seed}`).toEqual([]);
      }
    },
  );
});
