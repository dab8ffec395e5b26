/** How long a write takes from the leader that has it to a follower. */
import type { Design } from '@dsys/runtime/design/design';
import { type Distribution, mean, quantile, uniform, variance } from '@dsys/runtime/design/distribution';
import { type LinkPlace, latencyOf, resolveLink } from '@dsys/runtime/design/links';
import type { SingleLeader } from '@dsys/runtime/design/mechanism';
import type { MessageClass, NodeId } from '@dsys/runtime/design/topology';
import { relayDelayNs, shippingDelayNs } from '@dsys/runtime/protocols/single-leader/shipping';
import { defaults } from '../elaborate/defaults.ts';

export interface Lag {
  /** Of a heavy tail, which has no mean, what 9 of 10 writes stay below. */
  readonly meanNs: number;
  /** 99 of 100 writes take no longer. */
  readonly p99Ns: number;
  /** Nobody wrote how long messages take. */
  readonly isDefault: boolean;
}

/** One-way latency of a class of messages. */
export function wayOf(design: Design, from: NodeId, to: NodeId, kind: MessageClass): Distribution {
  const link = resolveLink(design.links, placeOf(design, from), placeOf(design, to));
  return latencyOf(link, kind) ?? { kind: 'constant', ns: 0 };
}

/** The way of a write from one node to another, until it is on disk there, and whatever else comes in between. */
export function lagOf(design: Design, from: NodeId, to: NodeId, ...between: readonly Distribution[]): Lag {
  const way = wayOf(design, from, to, 'write-request');
  const all: Distribution = { kind: 'sum', parts: [...between, way, design.nodes[to]!.disk.fsync] };
  const average = mean(all);
  return {
    meanNs: Number.isFinite(average) ? average : mostOf(all, 0.9),
    p99Ns: mostOf(all, 0.99),
    isDefault: (Object.values(defaults.latency) as readonly Distribution[]).includes(way),
  };
}

/** Asynchronously, a leader ships its log in the background, a moment after it has acknowledged. */
export const shippingOf = ({ mode }: SingleLeader): readonly Distribution[] =>
  mode === 'asynchronous' ? [uniform(...shippingDelayNs)] : [];

/** With `acknowledge received` a follower applies what it has on disk a moment later. */
export const applyingOf = ({ acknowledge }: SingleLeader): readonly Distribution[] =>
  acknowledge === 'received' ? [uniform(...relayDelayNs)] : [];

/**
 * A duration in ns that a draw stays at or below with probability `p` at least: exact where one part varies, else by
 * the union bound over the parts that do.
 */
export function mostOf(d: Distribution, p: number): number {
  const exact = quantile(d, p);
  if (exact !== undefined) return exact;
  if (d.kind === 'mix') {
    return Math.max(...d.parts.filter(({ weight }) => weight > 0).map(({ of }) => mostOf(of, p)));
  }
  if (d.kind !== 'sum') return Number.POSITIVE_INFINITY;
  const varying = d.parts.filter(part => variance(part) > 0).length;
  return d.parts.reduce((sum, part) => sum + mostOf(part, 1 - (1 - p) / varying), 0);
}

/** Bits per second of the way from one node to another; `Infinity`: no limit is known. */
export const bandwidth = (design: Design, from: NodeId, to: NodeId): number =>
  resolveLink(design.links, placeOf(design, from), placeOf(design, to)).bitsPerSecond;

function placeOf(design: Design, node: NodeId): LinkPlace {
  const { region, zone } = design.nodes[node]!;
  return { node, region, zone };
}
