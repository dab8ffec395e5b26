/**
 * The network: who is linked to whom, what a link does to a message, what faults do to links. Links keep order (like a
 * connection) unless a message is drawn to be reordered; loss and duplication are per message; bandwidth is a queue.
 */
import type { Distribution } from '../design/distribution.ts';
import { type LinkPlace, latencyOf, type ResolvedLink, resolveLink } from '../design/links.ts';
import type { LinkRule, MessageClass } from '../design/topology.ts';
import { sample } from './distribution.ts';
import type { RandomStream } from './random.ts';

/** Nodes first (their `NodeId`), then clients. */
export type Endpoint = number;

/** Most endpoints of one run. */
export const endpointsMax = 1 << 20;

export interface Place extends LinkPlace {
  /** A client that sits beside whichever node it calls: no distance, never cut off. */
  readonly beside: boolean;
}

/** What the active faults add to a link. */
export interface Overlay {
  blocked: boolean;
  loss: number;
  duplicate: number;
  reorder: number;
  latency: Distribution[];
  bitsPerSecond: number;
}

/** A cut or degradation under way, between two sets of endpoints. */
export interface LinkFault {
  readonly from: ReadonlySet<Endpoint> | null;
  readonly to: ReadonlySet<Endpoint> | null;
  readonly bothWays: boolean;
  /** null: a cut. */
  readonly degrade: {
    readonly loss: number | null;
    readonly duplicate: number | null;
    readonly reorder: number | null;
    readonly latency: Distribution | null;
    readonly bitsPerSecond: number | null;
  } | null;
}

/** `lose` and `delay` of single message types. `by` ns; null: lose. */
export interface Filter {
  readonly message: string;
  readonly from: ReadonlySet<Endpoint> | null;
  readonly to: ReadonlySet<Endpoint> | null;
  readonly byNs: number | null;
}

interface Link extends ResolvedLink {
  readonly beside: boolean;
  lastDeliveryNs: number;
  busyUntilNs: number;
  overlay: Overlay;
  overlayVersion: number;
}

/** What becomes of one message: one delay per copy, or why it is lost. */
export interface Fate {
  /** ns from now until each copy arrives; empty: lost. */
  readonly delays: readonly number[];
  readonly lost: 'loss' | 'partition' | 'filter' | null;
  readonly reordered: boolean;
  readonly delayed: boolean;
}

export interface Network {
  /** By endpoint; grows when clients join. */
  readonly places: Place[];
  readonly rules: readonly LinkRule[];
  readonly random: RandomStream;
  readonly faults: LinkFault[];
  readonly filters: Filter[];
  /** Changes whenever `faults` does: links refresh their overlay then. */
  version: number;
  readonly links: Map<number, Link>;
}

export function createNetwork(places: Place[], rules: readonly LinkRule[], random: RandomStream): Network {
  return { places, rules, random, faults: [], filters: [], version: 0, links: new Map() };
}

function makeLink(network: Network, from: Place, to: Place): Link {
  const beside = from.beside || to.beside;
  // A client beside its node shares the network's general losses, and no distance but a declared client hop.
  const rules = beside ? network.rules.filter(rule => rule.from === null && rule.to === null) : network.rules;
  const resolved = resolveLink(rules, from, to);
  const { all: _all, ...ofClasses } = resolved.latency;
  return {
    ...resolved,
    ...(beside && { latency: ofClasses, bitsPerSecond: Number.POSITIVE_INFINITY }),
    beside,
    lastDeliveryNs: 0,
    busyUntilNs: 0,
    overlay: noOverlay,
    overlayVersion: 0,
  };
}

const noOverlay: Overlay = {
  blocked: false,
  loss: 0,
  duplicate: 0,
  reorder: 0,
  latency: [],
  bitsPerSecond: Number.POSITIVE_INFINITY,
};

const covers = (set: ReadonlySet<Endpoint> | null, endpoint: Endpoint): boolean => set === null || set.has(endpoint);

/** The node that an endpoint stands on: itself, or the one whose calls leave there. Clients stand for themselves. */
export const standsOn = (network: Network, endpoint: Endpoint): Endpoint => network.places[endpoint]?.node ?? endpoint;

function overlayOf(network: Network, from: Endpoint, to: Endpoint, beside: boolean): Overlay {
  const overlay: Overlay = { ...noOverlay, latency: [] };
  for (const fault of network.faults) {
    const forward = covers(fault.from, from) && covers(fault.to, to);
    const backward = fault.bothWays && covers(fault.from, to) && covers(fault.to, from);
    if (!forward && !backward) continue;
    const { degrade } = fault;
    if (degrade === null) {
      overlay.blocked ||= !beside;
      continue;
    }
    if (beside && (fault.from !== null || fault.to !== null)) continue;
    overlay.loss = 1 - (1 - overlay.loss) * (1 - (degrade.loss ?? 0));
    overlay.duplicate = Math.max(overlay.duplicate, degrade.duplicate ?? 0);
    overlay.reorder = Math.max(overlay.reorder, degrade.reorder ?? 0);
    overlay.bitsPerSecond = Math.min(overlay.bitsPerSecond, degrade.bitsPerSecond ?? Number.POSITIVE_INFINITY);
    if (degrade.latency !== null && !beside) overlay.latency.push(degrade.latency);
  }
  return overlay;
}

function linkBetween(network: Network, from: Endpoint, to: Endpoint): Link {
  const key = from * endpointsMax + to;
  let link = network.links.get(key);
  if (link === undefined) {
    link = makeLink(network, network.places[from]!, network.places[to]!);
    network.links.set(key, link);
  }
  if (link.overlayVersion !== network.version) {
    link.overlay = overlayOf(network, standsOn(network, from), standsOn(network, to), link.beside);
    link.overlayVersion = network.version;
  }
  return link;
}

export function addFault(network: Network, fault: LinkFault): void {
  network.faults.push(fault);
  network.version++;
}

export function removeFault(network: Network, fault: LinkFault): void {
  const index = network.faults.indexOf(fault);
  if (index < 0) return;
  network.faults.splice(index, 1);
  network.version++;
}

export const isBlocked = (network: Network, from: Endpoint, to: Endpoint): boolean =>
  linkBetween(network, from, to).overlay.blocked;

const lost = (why: 'loss' | 'partition' | 'filter'): Fate => ({
  delays: [],
  lost: why,
  reordered: false,
  delayed: false,
});

/** Draws what becomes of a message that leaves now. Every draw comes from the stream `network`, in sending order. */
export function decideFate(
  network: Network,
  now: number,
  from: Endpoint,
  to: Endpoint,
  type: string,
  kind: MessageClass,
  bytes: number,
): Fate {
  const link = linkBetween(network, from, to);
  const { overlay } = link;
  if (overlay.blocked) return lost('partition');
  let extra = 0;
  const [sender, receiver] = [standsOn(network, from), standsOn(network, to)];
  for (const filter of network.filters) {
    if (filter.message !== type || !covers(filter.from, sender) || !covers(filter.to, receiver)) continue;
    if (filter.byNs === null) return lost('filter');
    extra += filter.byNs;
  }
  const { random } = network;
  const loss = 1 - (1 - link.loss) * (1 - overlay.loss);
  if (loss > 0 && random.uniform() < loss) return lost('loss');
  const duplicate = Math.max(link.duplicate, overlay.duplicate);
  const copies = duplicate > 0 && random.uniform() < duplicate ? 2 : 1;
  const reorder = Math.max(link.reorder, overlay.reorder);
  const bitsPerSecond = Math.min(link.bitsPerSecond, overlay.bitsPerSecond);
  let leaves = now;
  if (bitsPerSecond !== Number.POSITIVE_INFINITY) {
    leaves = Math.max(now, link.busyUntilNs) + Math.ceil((bytes * 8e9) / bitsPerSecond);
    link.busyUntilNs = leaves;
  }
  const distribution = latencyOf(link, kind);
  const delays: number[] = [];
  let reordered = false;
  for (let copy = 0; copy < copies; copy++) {
    let arrives = leaves + extra;
    if (distribution !== undefined) arrives += sample(distribution, random);
    for (const added of overlay.latency) arrives += sample(added, random);
    if (reorder > 0 && random.uniform() < reorder) {
      // Out of order: held back by another latency, and nobody waits for it.
      if (distribution !== undefined) arrives += sample(distribution, random);
      reordered = true;
    } else if (extra === 0) {
      arrives = Math.max(arrives, link.lastDeliveryNs);
      link.lastDeliveryNs = arrives;
    }
    delays.push(arrives - now);
  }
  return { delays, lost: null, reordered, delayed: extra > 0 };
}
