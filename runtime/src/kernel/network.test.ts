import { describe, expect, it } from 'vitest';
import { constant, type Distribution, uniform } from '../design/distribution.ts';
import { nowhere } from '../design/source.ts';
import type { LinkEnd, LinkRule, MessageClass } from '../design/topology.ts';
import {
  addFault,
  createNetwork,
  decideFate,
  type Endpoint,
  isBlocked,
  type LinkFault,
  type Network,
  type Place,
  removeFault,
} from './network.ts';
import { stream } from './random.ts';

const ms = 1_000_000;
const node = (id: number, region: string | null = null, zone: string | null = null): Place => ({
  node: id,
  region,
  zone,
  beside: false,
});
const beside: Place = { node: null, region: null, zone: null, beside: true };
const rule = (changes: Partial<LinkRule>): LinkRule => ({
  at: nowhere,
  from: null,
  to: null,
  bothWays: true,
  latency: {},
  ...changes,
});
const nodes = (...ids: number[]): LinkEnd => ({ nodes: ids, regions: [], zones: [] });
const region = (name: string): LinkEnd => ({ nodes: [], regions: [name], zones: [] });
const network = (rules: readonly LinkRule[], places: Place[] = [node(0), node(1), node(2), beside]): Network =>
  createNetwork(places, rules, stream(1, 'network'));
const send = (
  net: Network,
  from: Endpoint,
  to: Endpoint,
  now = 0,
  kind: MessageClass = 'control',
  bytes = 100,
  type = 'm',
) => decideFate(net, now, from, to, type, kind, bytes);
const cut = (from: readonly number[], to: readonly number[], bothWays = true): LinkFault => ({
  from: new Set(from),
  to: new Set(to),
  bothWays,
  degrade: null,
});
const degraded = (
  changes: Partial<NonNullable<LinkFault['degrade']>>,
  from: LinkFault['from'] = null,
  to: LinkFault['to'] = null,
): LinkFault => ({
  from,
  to,
  bothWays: true,
  degrade: { loss: null, duplicate: null, reorder: null, latency: null, bitsPerSecond: null, ...changes },
});
const flat = (latency: Distribution) => rule({ latency: { all: latency } });
const share = (count: number, happens: () => boolean): number =>
  Array.from({ length: count }, happens).filter(Boolean).length / count;

describe('the network', () => {
  it('loses and duplicates at the declared rates, and faults add to them', () => {
    const net = network([rule({ latency: { all: constant(ms) }, loss: 0.1, duplicate: 0.2 })]);
    expect(share(20_000, () => send(net, 0, 1).lost === 'loss')).toBeCloseTo(0.1, 1.9);
    expect(share(20_000, () => send(net, 0, 1).delays.length === 2)).toBeCloseTo(0.9 * 0.2, 1.9);
    addFault(net, degraded({ loss: 0.5 }));
    expect(share(20_000, () => send(net, 0, 1).lost === 'loss')).toBeCloseTo(1 - 0.9 * 0.5, 1.7);
  });

  it('keeps order on each link, and breaks it only where a message is drawn to be reordered', () => {
    const arrivals = (reorder: number) => {
      const net = network([rule({ latency: { all: uniform(ms, 9 * ms) }, reorder })]);
      return Array.from({ length: 2_000 }, (_, i) => {
        const fate = send(net, 0, 1, i * 100_000);
        return { at: i * 100_000 + fate.delays[0]!, reordered: fate.reordered };
      });
    };
    const overtaken = (list: readonly { at: number }[]) =>
      list.filter((one, i) => i > 0 && one.at < list[i - 1]!.at).length;
    expect(overtaken(arrivals(0))).toBe(0);
    const some = arrivals(0.3);
    expect(overtaken(some)).toBeGreaterThan(100);
    expect(overtaken(some.filter(one => !one.reordered))).toBe(0);
    expect(some.filter(one => one.reordered).length / some.length).toBeCloseTo(0.3, 1);
  });

  it('order on one link does not hold up another one, or the way back', () => {
    const net = network([flat(constant(ms))]);
    send(net, 0, 1, 0);
    addFault(net, degraded({ latency: constant(50 * ms) }, new Set([0]), new Set([1])));
    send(net, 0, 1, 0);
    expect(send(net, 0, 2, 0).delays).toEqual([ms]);
    expect(send(net, 2, 0, 0).delays).toEqual([ms]);
  });

  it('cuts one way or both, and heals', () => {
    const net = network([flat(constant(ms))]);
    const both = cut([0], [1]);
    addFault(net, both);
    expect([isBlocked(net, 0, 1), isBlocked(net, 1, 0), isBlocked(net, 0, 2)]).toEqual([true, true, false]);
    expect(send(net, 0, 1).lost).toBe('partition');
    removeFault(net, both);
    expect(send(net, 0, 1).delays).toEqual([ms]);
    addFault(net, cut([0], [1], false));
    expect([isBlocked(net, 0, 1), isBlocked(net, 1, 0)]).toEqual([true, false]);
  });

  it('overlapping cuts end one by one', () => {
    const net = network([flat(constant(ms))]);
    const one = cut([0], [1, 2]);
    const other = cut([0, 2], [1]);
    addFault(net, one);
    addFault(net, other);
    removeFault(net, one);
    expect([isBlocked(net, 0, 1), isBlocked(net, 0, 2)]).toEqual([true, false]);
  });

  it('queues what bandwidth cannot carry at once', () => {
    const net = network([rule({ latency: { all: constant(ms) }, bitsPerSecond: 8_000_000 })]);
    // 1,000 bytes take 1 ms at 8 Mbit/s.
    expect([0, 1, 2].map(() => send(net, 0, 1, 0, 'control', 1_000).delays[0])).toEqual([2 * ms, 3 * ms, 4 * ms]);
    expect(send(net, 1, 0, 0, 'control', 1_000).delays[0]).toBe(2 * ms);
    expect(send(net, 0, 1, 10 * ms, 'control', 1_000).delays[0]).toBe(2 * ms);
  });

  it('gives each class its latency, and `all` to the rest', () => {
    const net = network([rule({ latency: { all: constant(5 * ms), 'write-request': constant(9 * ms) } })]);
    expect(send(net, 0, 1, 0, 'control').delays).toEqual([5 * ms]);
    expect(send(net, 0, 2, 0, 'write-request').delays).toEqual([9 * ms]);
  });

  it('lets later, specific rules override earlier, general ones, property by property', () => {
    const net = network(
      [
        rule({ latency: { all: constant(ms) }, loss: 0 }),
        rule({ from: region('eu'), to: region('us'), latency: { all: constant(40 * ms) } }),
        rule({ from: nodes(0), to: nodes(2), bothWays: false, loss: 1 }),
      ],
      [node(0, 'eu'), node(1, 'eu'), node(2, 'us')],
    );
    expect(send(net, 0, 1).delays).toEqual([ms]);
    expect(send(net, 1, 2).delays).toEqual([40 * ms]);
    expect(send(net, 2, 1).delays).toEqual([40 * ms]);
    expect(send(net, 0, 2).lost).toBe('loss');
    expect(send(net, 2, 0).delays).toEqual([40 * ms]);
  });

  it('never cuts a client off from the node beside it, and gives it no distance', () => {
    const net = network([flat(constant(7 * ms))]);
    addFault(net, cut([0], [1, 2, 3]));
    addFault(net, degraded({ latency: constant(ms), loss: 1 }, new Set([0]), null));
    expect(send(net, 3, 0).delays).toEqual([0]);
    expect(send(net, 0, 3).delays).toEqual([0]);
    expect(send(net, 0, 1).lost).toBe('partition');
  });

  it('lets a client beside its node share a loss of the whole network', () => {
    const net = network([flat(constant(ms))]);
    addFault(net, degraded({ loss: 1 }));
    expect(send(net, 3, 0).lost).toBe('loss');
  });

  it('loses or delays single message types, from and to where it says', () => {
    const net = network([flat(constant(ms))]);
    net.filters.push({ message: 'vote', from: new Set([0]), to: null, byNs: null });
    net.filters.push({ message: 'append', from: null, to: new Set([2]), byNs: 20 * ms });
    expect(send(net, 0, 1, 0, 'control', 1, 'vote').lost).toBe('filter');
    expect(send(net, 1, 0, 0, 'control', 1, 'vote').delays).toEqual([ms]);
    expect(send(net, 0, 2, 0, 'control', 1, 'append')).toMatchObject({ delays: [21 * ms], delayed: true });
    // What is delayed is overtaken.
    expect(send(net, 0, 2, 0, 'control', 1, 'other').delays).toEqual([ms]);
  });

  it('draws nothing where nothing is left to chance', () => {
    const net = network([flat(constant(ms))]);
    for (let i = 0; i < 10; i++) send(net, 0, 1);
    expect(net.random.bits32()).toBe(stream(1, 'network').bits32());
  });
});

describe('an endpoint of a node', () => {
  it('is cut off with its node, and its messages are lost with those of the node', () => {
    const net = network([], [node(0), node(1), node(0)]);
    addFault(net, cut([0], [1]));
    expect(isBlocked(net, 2, 1)).toBe(true);
    expect(isBlocked(net, 1, 2)).toBe(true);
    const loses = network([], [node(0), node(1), node(0)]);
    loses.filters.push({ message: 'm', from: new Set([0]), to: null, byNs: null });
    expect(send(loses, 2, 1).lost).toBe('filter');
  });
});
