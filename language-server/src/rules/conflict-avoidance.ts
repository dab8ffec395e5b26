/** Conflicts that are kept from arising: locks that are held while writing, homes where each value is written. */
import type { Design } from '@dsys/runtime/design/design';
import type { ConflictPolicy } from '@dsys/runtime/design/mechanism';
import { majorityOf } from '@dsys/runtime/design/quorum';
import type { Store } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import { lagOf } from './lag.ts';
import { about, byDefault, writersOf, writesInWords, writesOn } from './loads.ts';
import { timeAllUp } from './node-uptime.ts';
import {
  claimsOf,
  duration,
  durationAtLeast,
  expectsCrashes,
  isWritten,
  nameOf,
  namesOf,
  storesWith,
} from './questions.ts';
import { writableSites } from './replication-conflicts.ts';
import { type Finding, fix, type Rule, set } from './rule.ts';

type Policy<K extends ConflictPolicy['kind']> = Extract<ConflictPolicy, { kind: K }>;

/** Stores of several leaders with a policy, and the leaders of the same keys. */
function* storesThat<K extends ConflictPolicy['kind']>(design: Design, kind: K) {
  for (const store of storesWith(design, 'multi-leader')) {
    const { conflicts } = store.mechanism;
    const sites = writableSites(design, store);
    if (conflicts.kind !== kind || sites.length < 2) continue;
    yield { store, mechanism: store.mechanism, policy: conflicts as Policy<K>, sites };
  }
}

/** Claims that a second holder of a lock breaks; without one, a lock only saves double work. */
const breakable = (store: Store) =>
  claimsOf(store, 'no-lost-updates', 'no-lost-writes', 'no-divergence', 'keeps-unique', 'keeps-bound', 'keeps-sum')[0];

/** The longest that an operation may take: as long as a client waits for it. */
function longestOperation(design: Design, store: Store): { readonly ns: number; readonly isDefault: boolean } {
  const writers = writersOf(design, store);
  const ns = Math.max(0, ...writers.map(({ timeoutNs }) => timeoutNs));
  return { ns, isDefault: writers.some(one => one.timeoutNs === ns && !isWritten(design, one)) };
}

const lockWithoutFencing: Rule = {
  id: 'lock-without-fencing',
  title: 'Two holders of one lock',
  severity: 'warning',
  condition:
    'A lock whose holder is not fenced off (`fencing off`), and lease ≤ longest pause + longest operation (a client’s timeout), or nodes that grant locks forget them in a crash (`disk { volatile }`); or a lock without a lease while nodes may be down. An error where the claims need the lock: `no lost-updates`, `keeps …` and their like.',
  why: 'A lease ends whether or not its holder knows. One that was paused, or whose write is slow, goes on as if it still had the lock, while another has it. Only a token that rises with each grant, checked where the write arrives, keeps the old holder out.',
  source:
    'Kleppmann, "How to do distributed locking", 2016 (tokens 33 and 34); Redis documentation, "Distributed Locks"',
  wrong: `faults { pause up to 15s }
cluster c { nodes 3 }
store s on c { replication multi-leader asynchronous { conflicts pessimistic-lock lease 10s fencing off } }`,
  right: `faults { pause up to 15s }
cluster c { nodes 3 }
store s on c { replication multi-leader asynchronous { conflicts pessimistic-lock lease 10s fencing on } }`,
  *check(design) {
    const { pauseNs } = design.faults;
    for (const { store, mechanism, policy, sites } of storesThat(design, 'pessimistic-lock')) {
      const { leaseNs, fencing } = policy;
      const claim = breakable(store);
      const common: Pick<Finding, 'severity' | 'at' | 'related'> = {
        severity: claim === undefined ? 'warning' : 'error',
        at: { of: mechanism, option: 'fencing' },
        ...(claim && { related: [{ at: claim, message: `"${claim.text}" is claimed here.` }] }),
      };
      if (leaseNs === null) {
        if (!expectsCrashes(design)) continue;
        const message = 'A holder that crashes keeps its lock for good: it has no lease.';
        yield { ...common, message, fixes: [fix('Give it a lease', set(mechanism, 'lease', 'lease 5s'))] };
        continue;
      }
      if (fencing) continue;
      const fence = fix('Refuse the tokens of earlier holders', set(mechanism, 'fencing', 'fencing on'));
      const operation = longestOperation(design, store);
      const needed = pauseNs + operation.ns;
      if (leaseNs <= needed) {
        const longer = `lease ${durationAtLeast(needed * 1.25)}`;
        const paused = pauseNs > 0 ? `paused for up to ${duration(pauseNs)} and ` : '';
        yield {
          ...common,
          message: `A lease of ${duration(leaseNs)} can end while its holder is ${paused}writing for up to ${duration(operation.ns)}${byDefault(operation.isDefault)}: it goes on although another holds the lock, and nobody refuses it.`,
          fixes: [fence, fix(`Hold it longer: ${longer}`, set(mechanism, 'lease', longer))],
        };
      }
      const forgetful = sites.filter(node => design.nodes[node]!.disk.volatile);
      if (forgetful.length > 0 && expectsCrashes(design)) {
        yield {
          ...common,
          message: `${namesOf(design, forgetful)} ${forgetful.length === 1 ? 'forgets' : 'forget'} in a crash which locks are held, and can grant them again before ${duration(leaseNs)} are over.`,
          fixes: [fence],
        };
      }
    }
  },
};

const lockNeedsAllMasters: Rule = {
  id: 'lock-needs-all-masters',
  title: 'One missing leader stops all locks',
  severity: 'warning',
  condition: 'A lock has to be granted by every leader (`granted-by all`, or a majority of two).',
  why: 'If all must agree, any one of them that is down or cut off keeps everybody from writing. A majority keeps two holders apart just as well, since two majorities share a leader, and does without the few that are missing.',
  source:
    'Availability in series is the product of the parts; Thomas, "A Majority Consensus Approach to Concurrency Control", 1979',
  wrong: `cluster c { nodes 3 }
store s on c { replication multi-leader asynchronous { conflicts pessimistic-lock granted-by all } }`,
  right: `cluster c { nodes 3 }
store s on c { replication multi-leader asynchronous { conflicts pessimistic-lock granted-by majority } }`,
  *check(design) {
    for (const { mechanism, policy, sites } of storesThat(design, 'pessimistic-lock')) {
      const need = policy.grantedBy === 'all' ? sites.length : majorityOf(sites.length);
      if (need < sites.length) continue;
      yield {
        at: { of: mechanism, option: 'granted-by' },
        message: `A lock is granted by all ${sites.length} leaders: while 1 of them is missing, nobody can write. All are up ${timeAllUp(design, sites)}.`,
        fixes:
          majorityOf(sites.length) < sites.length
            ? [fix('Let a majority grant it', set(mechanism, 'granted-by', 'granted-by majority'))]
            : [],
      };
    }
  },
};

/** Of the homes the two that are farthest from each other, with the first value of each. */
function farthestHomes(design: Design, homes: Policy<'avoid'>['homes']) {
  const firsts = new Map<NodeId, string>();
  for (const [value, node] of homes) if (!firsts.has(node)) firsts.set(node, value);
  const nodes = [...firsts.keys()].slice(0, 16);
  const moves = nodes.flatMap(from =>
    nodes.filter(to => to !== from).map(to => ({ from, to, value: firsts.get(from)!, lag: lagOf(design, from, to) })),
  );
  return moves.sort((a, b) => b.lag.p99Ns - a.lag.p99Ns)[0];
}

const homeSiteMove: Rule = {
  id: 'home-site-move',
  title: 'Two homes while one moves',
  severity: 'warning',
  condition:
    'Each value has a home where it is written (`avoid by`), nodes may be down, so that a home has to move, and nothing is done about writes that are under way then (`on-move none`).',
  why: 'Avoiding conflicts works as long as a value has one home. When the home moves, what the old one took last has not reached the new one yet, and meets what that takes first. Waiting until everything has arrived (drain), or refusing the old home’s epoch (fence), keeps them apart.',
  source: 'Derived: writes under way = rate × lag; the same epochs as for a failed leader (Ongaro 2014, §3)',
  wrong: `cluster c { nodes 3 }
store s on c {
  record { country: string }
  replication multi-leader asynchronous { conflicts avoid by country { "DE" -> c1  "US" -> c2 } on-move none }
}`,
  right: `cluster c { nodes 3 }
store s on c {
  record { country: string }
  replication multi-leader asynchronous { conflicts avoid by country { "DE" -> c1  "US" -> c2 } on-move drain }
}`,
  *check(design) {
    if (!expectsCrashes(design)) return;
    for (const { store, mechanism, policy } of storesThat(design, 'avoid')) {
      const move = farthestHomes(design, policy.homes);
      if (policy.onMove !== 'none' || move === undefined) continue;
      const { from, to, value, lag } = move;
      const load = writesOn(design, store);
      const count = (load.perSecond * lag.p99Ns) / 1e9;
      const some =
        Number.isFinite(count) && count > 0 ? `up to ${about(count)} writes (${writesInWords(load)})` : 'some writes';
      yield {
        at: { of: mechanism, option: 'on-move' },
        message: `When the home of "${value}" moves from ${nameOf(design, from)} to ${nameOf(design, to)}, ${some} of the last ${duration(lag.p99Ns)}${byDefault(lag.isDefault)} are still under way and conflict with those at the new home.`,
        fixes: [
          fix('Wait until everything has arrived', set(mechanism, 'on-move', 'on-move drain')),
          fix('Refuse what the old home still sends', set(mechanism, 'on-move', 'on-move fence')),
        ],
      };
    }
  },
};

export const avoidanceRules: readonly Rule[] = [lockWithoutFencing, lockNeedsAllMasters, homeSiteMove];
