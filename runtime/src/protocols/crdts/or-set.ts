/**
 * A set whose removals take away what they have seen: each addition has a tag of its own, a removal names the tags that are
 * there, and an addition that it had not seen stays (RR-7506, specification 15). Removed tags are kept.
 */
import type { Value } from '../../checkers/history.ts';
import { valueKey } from '../../model/value.ts';
import { type Crdt, cannot } from './crdt.ts';
import { sorted } from './g-set.ts';

export interface OrSet {
  /** Element and tag of each addition, by tag. */
  readonly added: Readonly<Record<string, Value>>;
  readonly removed: Readonly<Record<string, true>>;
}

export const orSet: Crdt<OrSet> = {
  name: 'or-set',
  kinds: ['add', 'delete'],
  empty: { added: {}, removed: {} },
  update({ added, removed }, { kind, input }, { replica, number }) {
    if (kind === 'add') return { added: { [`${replica} ${number}`]: input }, removed: {} };
    if (kind !== 'delete') return cannot('or-set', kind);
    const key = valueKey(input);
    const tags = Object.keys(added).filter(tag => removed[tag] === undefined && valueKey(added[tag]!) === key);
    return { added: {}, removed: Object.fromEntries(tags.map(tag => [tag, true as const])) };
  },
  merge: (a, b) => ({ added: { ...a.added, ...b.added }, removed: { ...a.removed, ...b.removed } }),
  value({ added, removed }) {
    const elements = new Map<string, Value>();
    for (const tag in added) if (removed[tag] === undefined) elements.set(valueKey(added[tag]!), added[tag]!);
    return sorted([...elements.values()]);
  },
};
