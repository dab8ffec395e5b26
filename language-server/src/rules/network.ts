/** Timeouts and retries against the network that they meet. */
import type { Design } from '@dsys/runtime/design/design';
import { quantile } from '@dsys/runtime/design/distribution';
import { type LinkPlace, latencyOf, resolveLink } from '@dsys/runtime/design/links';
import type { Workload, WorkloadOperationKind } from '@dsys/runtime/design/scenario';
import type { Store } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import { broadcast } from '../elaborate/mechanisms/timeouts.ts';
import { claimedAtLeast, duration, isPlaced, listed, partitionsOf, percent } from './questions.ts';
import { fix, type Rule, set } from './rule.ts';
import { leastLatency } from './uses.ts';

const targetsOf = (design: Design, workload: Workload): readonly Store[] =>
  design.stores.filter(store => workload.targets.includes(store.name) && isPlaced(design, store));

const placeOf = (design: Design, node: NodeId): LinkPlace => {
  const { region, zone } = design.nodes[node]!;
  return { node, region, zone };
};

/** One-way latency that 999 of 1,000 messages keep, from a workload's clients to the farthest replica; ns. */
function slowWay(design: Design, workload: Workload, store: Store): number {
  if (workload.place === null) return 0;
  const clients: LinkPlace = { node: null, ...workload.place };
  const nodes = new Set(partitionsOf(design, store).flatMap(({ replicas }) => replicas));
  let most = 0;
  for (const node of nodes) {
    const latency = latencyOf(resolveLink(design.links, clients, placeOf(design, node)), 'client');
    if (latency !== undefined) most = Math.max(most, quantile(latency, 0.999) ?? 0);
  }
  return most;
}

/** No mechanism takes more broadcasts than this for one operation: three-phase commit takes three, each with a sync. */
const mostRounds = 6;

/** A typical broadcast among the replicas of a store, ns: no least latency is longer, and it is quickly known. */
const broadcastOf = (design: Design, store: Store): number =>
  broadcast(
    design.nodes,
    design.links,
    partitionsOf(design, store).map(({ replicas }) => replicas),
  ).broadcastNs;

const timeoutBelowRtt: Rule = {
  id: 'timeout-below-rtt',
  title: 'A timeout shorter than the way there and back',
  severity: 'warning',
  condition:
    'A workload’s `timeout` is below the least latency of its reads or writes: an error. Below the least latency plus the slowest round trip in a thousand between clients and replicas: a warning.',
  why: 'An attempt that times out is not undone: it takes effect while the client believes that it failed. With a timeout below the round trip every call ends so, and retries multiply the load.',
  source: 'arithmetic on the design’s own latencies; Dean and Barroso, "The Tail at Scale", 2013',
  wrong: `region a
region b
network { between a and b { latency 37.5ms } }
cluster c { nodes 3 in a }
store s on c { consensus raft }
workload w on s { clients 10 in b  timeout 30ms }`,
  right: `region a
region b
network { between a and b { latency 37.5ms } }
cluster c { nodes 3 in a }
store s on c { consensus raft }
workload w on s { clients 10 in b  timeout 1s }`,
  *check(design) {
    for (const workload of design.workloads) {
      for (const store of targetsOf(design, workload)) {
        const slowClient = 2 * slowWay(design, workload, store);
        if (workload.timeoutNs >= 2 * slowClient + mostRounds * broadcastOf(design, store)) continue;
        const kinds = [
          ...new Set(workload.mix.map(({ kind }) => (kind === 'read' || kind === 'scan' ? 'read' : 'write'))),
        ];
        const floors = kinds.flatMap(kind => {
          const floor = leastLatency(alone(design, workload), store, kind);
          return 'value' in floor ? [{ kind, ns: floor.value }] : [];
        });
        const [highest] = floors.sort((a, b) => b.ns - a.ns);
        if (highest === undefined) continue;
        const slow = highest.ns + slowClient;
        if (workload.timeoutNs >= slow || slow === 0) continue;
        const isError = workload.timeoutNs < highest.ns;
        yield {
          severity: isError ? 'error' : 'warning',
          at: { of: workload, option: 'timeout' },
          message: isError
            ? `A ${highest.kind} on ${store.name} takes at least ${duration(highest.ns)}, and clients give up after ${duration(workload.timeoutNs)}: every one of them fails while its effect happens.`
            : `A ${highest.kind} on ${store.name} takes ${duration(highest.ns)} at least and the slowest round trip in a thousand ${duration(slow - highest.ns)}: with a timeout of ${duration(workload.timeoutNs)} such calls fail while their effects happen.`,
          fixes: [
            fix(
              'Wait twice the slowest',
              set(workload, 'timeout', `timeout ${duration(Math.ceil((2 * slow) / 1e6) * 1e6)}`),
            ),
          ],
        };
        break;
      }
    }
  },
};

/** The design as if this workload were the only one: floors are those of its clients. */
const alone = (design: Design, workload: Workload): Design => ({ ...design, workloads: [workload], scenarios: [] });

/** Doing them twice is not doing them once. */
const notIdempotent: readonly WorkloadOperationKind[] = ['increment', 'append', 'cas', 'transaction'];

const retryDuplicates: Rule = {
  id: 'retry-duplicates',
  title: 'Requests that do things twice',
  severity: 'warning',
  condition:
    'Operations that are not idempotent go without request ids (`retries N idempotent`) over links that duplicate messages, or lose them and are retried. An error when `linearizable` or `no lost-updates` is claimed.',
  why: 'A retry after a lost answer does again what was done, and so does a copy that the network makes of a request. With loss p each way and enough retries a share p of the operations is executed more than once. A request id lets the store recognise what it has done.',
  source: 'Ongaro 2014, §6.3; arithmetic: E[executions] = 1 / (1 − p)',
  wrong: `network { loss 5% }
cluster c { nodes 3 }
store s on c { model counter  consensus raft }
workload w on s { operations 100% increment  retries 3 }`,
  right: `network { loss 5% }
cluster c { nodes 3 }
store s on c { model counter  consensus raft }
workload w on s { operations 100% increment  retries 3 idempotent }`,
  *check(design) {
    const loss = Math.max(0, ...design.links.map(link => link.loss ?? 0));
    const duplicate = Math.max(0, ...design.links.map(link => link.duplicate ?? 0));
    for (const workload of design.workloads) {
      // Without retries only the network asks twice.
      const retried = workload.retries > 0 ? loss : 0;
      if (retried + duplicate === 0 || workload.idempotent || workload.generated) continue;
      const kinds = [...new Set(workload.mix.map(({ kind }) => kind))].filter(kind => notIdempotent.includes(kind));
      if (kinds.length === 0) continue;
      const claim = targetsOf(design, workload)
        .flatMap(store => [
          claimedAtLeast(store, 'linearizable'),
          store.claims.find(one => one.kind === 'no-lost-updates'),
        ])
        .find(one => one !== undefined);
      const [how, share, why] =
        retried >= duplicate
          ? ['lost', retried, 'a retry carries no request id']
          : ['duplicated', duplicate, 'a request carries no id'];
      yield {
        severity: claim === undefined ? 'warning' : 'error',
        at: { of: workload, option: 'retries' },
        message: `${percent(share)} of the messages are ${how}: about that share of each ${listed(kinds)} is executed twice, because ${why}.`,
        ...(claim && { related: [{ at: claim, message: `"${claim.text}" is claimed here.` }] }),
        fixes: [fix('Send request ids', set(workload, 'retries', `retries ${workload.retries} idempotent`))],
      };
    }
  },
};

export const networkRules: readonly Rule[] = [timeoutBelowRtt, retryDuplicates];
