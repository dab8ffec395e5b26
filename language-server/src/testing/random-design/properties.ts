/** Claims and expectations of every kind. */
import { anomalies, consistencyModels, isolationLevels } from '@dsys/runtime/design/property';
import type { Choices } from './choices.ts';
import { block } from './layout.ts';
import { anyDomain, anyPlace } from './places.ts';
import { fieldOf, type Sketch, type StoreSketch } from './sketch.ts';
import { duration, percent, rate } from './values.ts';

export interface About {
  /** Whose fields and partitions may be named; at least one. */
  readonly stores: readonly StoreSketch[];
  readonly of: 'store' | 'transaction' | 'expectation';
}

export function claims(c: Choices, sketch: Sketch, about: About): string[] {
  if (!c.chance(70)) return [];
  return c.list(1, c.chance(10) ? 2 : 1, () =>
    block(
      c,
      'claims',
      c.list(0, 4, () => property(c, sketch, about)),
    ),
  );
}

const comparison = (c: Choices): string => c.pick(['<', '<=', '>', '>=']);
const percentile = (c: Choices): string => c.pick(['', ' p50', ' p99', ' p99.9', ' p0', ' p100']);

export function property(c: Choices, sketch: Sketch, { stores, of }: About): string {
  const { places } = sketch;
  const store = c.pick(stores);
  const field = () => (of === 'store' ? fieldOf(c, store) : `${store.name}.${fieldOf(c, store)}`);
  return c.pick([
    () => `consistency ${c.some(consistencyModels, 1, c.chance(25) ? 3 : 1).join(', ')}`,
    () => `no ${c.pick(anomalies)}`,
    () => `cap ${c.pick(['CP', 'AP', 'CA'])}`,
    () => `survives ${c.pick(['1 node', '2 nodes', '1 zone', '2 zones', '1 region', '3 regions'])}`,
    () => `survives ${anyPlace(c, places)}`,
    () => `${c.pick(['', 'read ', 'write '])}availability ${comparison(c)} ${percent(c)}`,
    () => `${c.pick(['read', 'write', 'transaction'])}${percentile(c)} ${comparison(c)} ${duration(c)}`,
    () => `staleness${percentile(c)} ${comparison(c)} ${duration(c)}`,
    () => `staleness ${comparison(c)} ${c.between(0, 5)} versions`,
    () => `${c.pick(['recovery', 'loss-window'])} ${comparison(c)} ${c.pick(['0s', duration(c)])}`,
    () => `throughput ${comparison(c)} ${rate(c)}`,
    () => `durability ${comparison(c)} ${c.pick(['99.9999%', percent(c)])}`,
    () => `isolation ${c.pick(isolationLevels)}`,
    () => `keeps unique ${field()}`,
    () => `keeps sum(${field()})`,
    () => `keeps ${field()} ${comparison(c)} ${c.pick(['0', '-5', '2.5'])}`,
    () => residency(c, sketch, store),
    () =>
      `apart-from ${c
        .some(sketch.stores, 1, 2)
        .map(({ name }) => name)
        .join(', ')}`,
    () => `invariant ${c.pick(['ElectionSafety', 'AC1', 'LogMatching', 'StateMachineSafety'])}`,
  ])();
}

function residency(c: Choices, { places }: Sketch, { partitions }: StoreSketch): string {
  const of = partitions.length > 0 && c.chance(50) ? `${c.pick(partitions)} ` : '';
  return `residency ${of}in ${c.list(1, 2, () => anyDomain(c, places)).join(', ')}`;
}
