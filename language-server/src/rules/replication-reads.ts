/** Reads that may miss the latest write: from followers, from a leader that does not check, under a lease. */
import type { Design } from '@dsys/runtime/design/design';
import type { Mechanism, Raft } from '@dsys/runtime/design/mechanism';
import { overridesOf, type Workload } from '@dsys/runtime/design/scenario';
import type { Located } from '@dsys/runtime/design/source';
import type { Store } from '@dsys/runtime/design/store';
import { rateRatio } from '@dsys/runtime/protocols/descriptor';
import { descriptorOf } from '@dsys/runtime/protocols/descriptors';
import { overrideWords, seenBy } from '@dsys/runtime/protocols/overrides';
import { leaseMargin as patience } from '@dsys/runtime/protocols/paxos/descriptor';
import { detectNs } from '@dsys/runtime/protocols/single-leader/rules';
import { applyingOf, lagOf, shippingOf } from './lag.ts';
import { byDefault } from './loads.ts';
import {
  claimedAtLeast,
  claimsOf,
  duration,
  durationAtMost,
  isWritten,
  nameOf,
  namesOf,
  smallestPartition,
  storesWith,
  votersOf,
  workloadsOn,
} from './questions.ts';
import { type Change, type Finding, fix, type Rule, type Spot, set, unset } from './rule.ts';
import { type Led, ledStores } from './single-leaders.ts';

/** Reads that replicas other than the leader answer from what they have. */
interface FollowerReads {
  readonly store: Store;
  readonly at: Spot;
  readonly who: string;
  /** How far behind, as a whole sentence's second half. */
  readonly why: string;
  /** Each replica has applied a write before it is acknowledged. */
  readonly appliedBefore: boolean;
  readonly readers: readonly Workload[];
  readonly mend: Change;
}

/** Claims that a read sees every write acknowledged before it. */
const claimsLatest = (store: Store) => claimedAtLeast(store, 'regular');

/** The store as reads of a workload see it. */
const seenIn = ({ mechanism }: Store, workload: Workload): Mechanism =>
  seenBy(descriptorOf(mechanism.kind), mechanism, overridesOf(workload));

/** A leader answers from its own copy, without asking anybody. */
const isUnchecked = (seen: Mechanism): boolean =>
  (seen.kind === 'raft' && seen.read.kind === 'local' && !seen.readFromAny) ||
  (seen.kind === 'single-leader' && seen.read === 'leader' && seen.leaderRead.kind === 'local');

const readsElsewhere = (seen: Mechanism): boolean =>
  (seen.kind === 'raft' && seen.read.kind === 'local' && seen.readFromAny) ||
  (seen.kind === 'single-leader' && seen.read !== 'leader');

const overrides = (workload: Workload): boolean => overrideWords(workload, 'read') !== '';
const reads = ({ mix }: Workload): boolean => mix.some(({ kind, share }) => kind === 'read' && share > 0);

/** Of the store's own choice where some workload goes by it, and of each workload that says otherwise. */
function readsOf(
  design: Design,
  store: Store,
  own: Pick<FollowerReads, 'at' | 'who' | 'mend'> | undefined,
  how: Pick<FollowerReads, 'why' | 'appliedBefore'>,
): readonly FollowerReads[] {
  const readers = workloadsOn(design, store).filter(reads);
  const usual = readers.filter(one => !overrides(one));
  const isUsed = own !== undefined && (readers.length === 0 || usual.length > 0);
  return [
    ...(isUsed ? [{ store, ...own, ...how, readers: usual }] : []),
    ...readers
      .filter(one => overrides(one) && readsElsewhere(seenIn(store, one)))
      .map(one => ({
        store,
        at: { of: one, option: 'read' },
        who: `Clients of ${one.name} read from ${fromWords(one.read.from ?? 'any')}`,
        ...how,
        readers: [one],
        mend: set(one, 'read', 'read from leader'),
      })),
  ];
}

const fromWords = (from: 'leader' | 'followers' | 'any' | 'nearest'): string =>
  ({ leader: 'the leader', followers: 'followers', any: 'any replica', nearest: 'the nearest replica' })[from];

function ofSingleLeader(design: Design, led: Led): readonly FollowerReads[] {
  const { store, mechanism, leader, followers, k } = led;
  const lags = followers.map(node => ({
    node,
    ...lagOf(design, leader, node, ...shippingOf(mechanism), ...applyingOf(mechanism)),
  }));
  const farthest = lags.sort((a, b) => b.meanNs - a.meanNs)[0]!;
  const appliedBefore =
    k === followers.length &&
    mechanism.acknowledge === 'applied' &&
    mechanism.onReplicaDown === 'block' &&
    mechanism.fallbackAfterNs === null;
  const why = appliedBefore
    ? 'while a write is on its way, one of them shows it and another does not yet'
    : `${nameOf(design, farthest.node)} applies a write ${duration(farthest.meanNs)} after ${nameOf(design, leader)} has it${byDefault(farthest.isDefault)}, 99% of them within ${duration(farthest.p99Ns)}, and shows the old value until then`;
  const own =
    mechanism.read === 'leader'
      ? undefined
      : {
          at: { of: mechanism, option: 'read' },
          who: `Reads come from ${fromWords(mechanism.read)}`,
          mend: set(mechanism, 'read', 'read from leader'),
        };
  return readsOf(design, store, own, { why, appliedBefore });
}

function ofRaft(design: Design, store: Store & { readonly mechanism: Raft & Located }): readonly FollowerReads[] {
  const { mechanism } = store;
  if (smallestPartition(design, store).replicas.length < 2) return [];
  const own =
    mechanism.read.kind === 'local' && mechanism.readFromAny
      ? {
          at: { of: mechanism, option: 'read' },
          who: 'Any replica answers from its own copy',
          mend: set(mechanism, 'read', 'read index'),
        }
      : undefined;
  const why = `a follower hears that a write is committed with the leader’s next message, up to ${duration(mechanism.heartbeatNs)} later, and shows the old value until then`;
  return readsOf(design, store, own, { why, appliedBefore: false });
}

const followerReadStale: Rule = {
  id: 'follower-read-stale',
  title: 'Followers answer from the past',
  severity: 'error',
  condition:
    'Replicas other than the leader answer reads by themselves, and the store claims `linearizable` or `regular` (error), or a session guarantee down to `read-your-writes` for clients that stay with a replica and carry no `session-token` (warning).',
  why: 'A follower has what has reached it so far. After a write was acknowledged, it still shows the old value for as long as it lags, also to the client that wrote: writes go to the leader, and reads of the same client do not.',
  source:
    'Ongaro 2014, §6.4; MySQL Reference Manual, "Semisynchronous Replication" (acknowledged when received, not when applied)',
  wrong: `cluster c { nodes 3 }
store s on c { consensus raft { read local from any }  claims { consistency linearizable } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft { read index }  claims { consistency linearizable } }`,
  *check(design) {
    const all = [
      ...ledStores(design).flatMap(led => ofSingleLeader(design, led)),
      ...storesWith(design, 'raft').flatMap(store => ofRaft(design, store)),
    ];
    for (const one of all) yield* judge(design, one);
  },
};

function* judge(
  design: Design,
  { store, at, who, why, appliedBefore, readers, mend }: FollowerReads,
): Iterable<Finding> {
  const latest = claimsLatest(store);
  const message = `${who}: ${why}.`;
  const lead = fix('Read from the leader', mend);
  if (latest !== undefined && !(appliedBefore && latest.model === 'regular')) {
    const related = [{ at: latest, message: `${latest.model} is claimed here.` }];
    yield { severity: 'error', at, message, related, fixes: [lead] };
    return;
  }
  // A write that is acknowledged is everywhere; clients that change replica are another rule's.
  const claim = appliedBefore ? undefined : claimedAtLeast(store, 'read-your-writes');
  const lost = readers.filter(({ session, sessionToken }) => session === 'sticky' && !sessionToken);
  if (claim === undefined || lost.length === 0) return;
  const carry = lost.every(one => isWritten(design, one))
    ? [fix('Carry what was seen last', ...lost.map(one => set(one, 'session-token', 'session-token on')))]
    : [];
  const related = [{ at: claim, message: `${claim.model} is claimed here.` }];
  yield { severity: 'warning', at, message, related, fixes: [...carry, lead] };
}

const staleLeaderRead: Rule = {
  id: 'stale-leader-read',
  title: 'A leader that does not know that it was replaced',
  severity: 'error',
  condition:
    'The leader answers reads from its own copy, without a round of heartbeats and without a lease (`read local`, `read from leader local`), another node may take over, and the store claims `linearizable` or `regular`.',
  why: 'A leader that is cut off or has been paused learns last that another one was elected. Until then it answers from a copy that no longer changes. A round of heartbeats before answering, or a lease that ends before an election can, shows that it still leads.',
  source: 'Ongaro, "Consensus: Bridging Theory and Practice", 2014, §6.4',
  wrong: `cluster c { nodes 3 }
store s on c { consensus raft { read local }  claims { consistency linearizable } }`,
  right: `cluster c { nodes 3 }
store s on c { consensus raft { read index }  claims { consistency linearizable } }`,
  *check(design) {
    const { cutNs, pauseNs, delayNs } = design.faults;
    if (cutNs === 0 && pauseNs === 0 && delayNs === 0) return;
    const asLong =
      Number.isFinite(cutNs) && cutNs > 0
        ? `while it is cut off (up to ${duration(cutNs)})`
        : 'for as long as it is cut off';
    for (const store of storesWith(design, 'raft')) {
      const { mechanism } = store;
      const claim = claimsLatest(store);
      if (claim === undefined || smallestPartition(design, store).replicas.length < 2) continue;
      const timeoutNs = mechanism.electionTimeoutNs[1];
      const until = mechanism.checkQuorum ? `for up to one election timeout (${duration(timeoutNs)})` : asLong;
      for (const { at, whose, mends } of uncheckedReads(design, store, set(mechanism, 'read', 'read index'))) {
        yield {
          at,
          message: `A leader that has been replaced goes on answering ${whose}from its own copy, ${until}: its reads miss what the new leader acknowledges.`,
          related: [{ at: claim, message: `${claim.model} is claimed here.` }],
          fixes: [fix('Confirm leadership before answering (read index)', ...mends)],
        };
      }
    }
    for (const { store, mechanism, leader } of ledStores(design)) {
      const claim = claimsLatest(store);
      if (claim === undefined || mechanism.failover.mode === 'none') continue;
      const checked = set(mechanism, 'read', 'read from leader checked');
      for (const { at, whose, mends } of uncheckedReads(design, store, checked)) {
        yield {
          at,
          message: `When ${nameOf(design, leader)} has been replaced, it goes on answering ${whose}from its own copy, ${asLong}: its reads miss what the new leader acknowledges.`,
          related: [{ at: claim, message: `${claim.model} is claimed here.` }],
          fixes: [fix('Confirm leadership before answering', ...mends)],
        };
      }
    }
  },
};

/** By the store's own choice, and by workloads that want it so where the store's leader would check. */
function uncheckedReads(design: Design, store: Store & { readonly mechanism: Located }, mend: Change) {
  const { mechanism } = store;
  const own = isUnchecked(mechanism) ? [{ at: { of: mechanism, option: 'read' }, whose: '', mends: [mend] }] : [];
  const readers = workloadsOn(design, store).filter(
    one => reads(one) && overrides(one) && isUnchecked(seenIn(store, one)),
  );
  return [
    ...own,
    ...readers.map(one => ({
      at: { of: one, option: 'read' },
      whose: `clients of ${one.name} `,
      mends: [set(one, 'read', 'read from leader'), ...(own.length === 0 ? [] : [mend])],
    })),
  ];
}

interface Lease {
  readonly store: Store;
  readonly ns: number;
  readonly at: Spot;
  /** Silence after which others may lead, and what it is called. */
  readonly electionNs: number;
  readonly election: string;
  readonly check: Change;
  /** Undefined: no shorter lease would be safer. */
  readonly shorten: ((text: string) => Change) | undefined;
}

function leasesOf(design: Design): readonly Lease[] {
  const leases: Lease[] = [];
  for (const store of storesWith(design, 'raft')) {
    const { mechanism } = store;
    if (mechanism.read.kind !== 'lease') continue;
    leases.push({
      store,
      ns: mechanism.read.ns,
      at: { of: mechanism, option: 'read' },
      electionNs: mechanism.electionTimeoutNs[0],
      election: 'the least election timeout',
      check: set(mechanism, 'read', 'read index'),
      shorten: text => set(mechanism, 'read', `read lease ${text}`),
    });
  }
  for (const store of storesWith(design, 'multi-paxos')) {
    const { mechanism } = store;
    if (mechanism.leaseNs === null) continue;
    leases.push({
      store,
      ns: mechanism.leaseNs,
      at: { of: mechanism, option: 'lease' },
      // They wait in proportion to the lease: a shorter one is no safer.
      electionNs: mechanism.leaseNs * (1 + patience),
      election: 'what acceptors wait before they promise to others',
      check: unset(mechanism, 'lease'),
      shorten: undefined,
    });
  }
  for (const { store, mechanism } of ledStores(design)) {
    if (mechanism.read !== 'leader' || mechanism.leaderRead.kind !== 'lease') continue;
    if (mechanism.failover.mode !== 'automatic') continue;
    leases.push({
      store,
      ns: mechanism.leaderRead.ns,
      at: { of: mechanism, option: 'read' },
      electionNs: detectNs(mechanism),
      election: 'the time to detect a failure',
      check: set(mechanism, 'read', 'read from leader checked'),
      shorten: text => set(mechanism, 'read', `read from leader lease ${text}`),
    });
  }
  return leases;
}

/** Of what is left for a lease, this part is taken: the rest is for the time that messages take. */
const leaseMargin = 0.9;

const leaseVsDrift: Rule = {
  id: 'lease-vs-drift',
  title: 'A lease that outlasts the next election',
  severity: 'error',
  condition:
    'Reads under a lease with lease × ρ ≥ the least election timeout (or the time to detect a failure), where ρ = (1 + drift) / (1 − drift) is the ratio of the fastest clock to the slowest; or timers run by the wall clock; or no drift is declared (warning).',
  why: 'A lease says: until it ends, nobody else leads. Its holder and the others measure that time with different clocks. If the holder’s runs slowly, or is set back, it believes in its lease when a new leader already writes.',
  source: 'Ongaro 2014, §6.4.1: start + election timeout / clock drift bound',
  wrong: `cluster c { nodes 3  clock { drift 50ppm } }
store s on c { consensus raft { election-timeout 150ms..300ms  heartbeat 50ms  read lease 150ms } }`,
  right: `cluster c { nodes 3  clock { drift 50ppm } }
store s on c { consensus raft { election-timeout 150ms..300ms  heartbeat 50ms  read lease 120ms } }`,
  *check(design) {
    for (const { store, ns, at, electionNs, election, check, shorten } of leasesOf(design)) {
      const partition = smallestPartition(design, store);
      const voters = votersOf(partition);
      if (voters.length < 2) continue;
      const claims = claimsOf(store, 'consistency');
      const latest = claimsLatest(store);
      const severity = latest !== undefined || claims.length === 0 ? 'error' : 'warning';
      const related = latest && { related: [{ at: latest, message: `${latest.model} is claimed here.` }] };
      const checked = fix('Check each read instead', check);
      const onWall = voters.filter(node => design.nodes[node]!.clock.timers === 'wall');
      if (onWall.length > 0) {
        yield {
          severity,
          at,
          message: `The timers of ${namesOf(design, onWall)} run by the wall clock, which can be set back: a lease of ${duration(ns)} then lasts longer than others think.`,
          ...related,
          fixes: [checked],
        };
      }
      const ratio = rateRatio({ design, store, partition });
      if (ns * ratio >= electionNs) {
        const shorter = durationAtMost((electionNs / ratio) * leaseMargin);
        yield {
          severity,
          at,
          message: `A lease of ${duration(ns)} × ${Number(ratio.toPrecision(6))} for clocks that drift is not shorter than ${election} (${duration(electionNs)}): a new leader can write while the old one still reads.`,
          ...related,
          fixes: [...(shorten ? [fix(`Shorten the lease to ${shorter}`, shorten(shorter))] : []), checked],
        };
      }
      if (ratio === 1) {
        const slack =
          ns < electionNs
            ? `while no clock runs ${Number((electionNs / ns).toPrecision(3))} times as fast as another`
            : 'while all clocks run at the same rate';
        yield {
          severity: 'warning',
          at,
          message: `A lease of ${duration(ns)} is safe only ${slack}, and the design declares no drift (clock { drift 50ppm } is common).`,
          ...related,
          fixes: [checked],
        };
      }
    }
  },
};

export const staleReadRules: readonly Rule[] = [followerReadStale, staleLeaderRead, leaseVsDrift];
