/** What versions of siblings must tell, compared with what clients were told in truth. */
import type { Leaderless } from '../../design/mechanism.ts';
import type { Group, Monitor } from '../contract.ts';
import { ofDeeds } from '../deeds.ts';
import type { Version } from '../versions/siblings.ts';
import { nameOf } from './names.ts';
import type { Deed, LeaderlessState, Write } from './state.ts';

/** Which write's client had been told of which others, straight or by way of others; a client knows its own. */
class Knowledge {
  /** By key: writes are numbered, and of each one there is a bit for everything that it knows. */
  readonly #keys = new Map<string, { readonly numbers: Map<string, number>; readonly known: Map<string, number[]> }>();
  /** By key and client, its writes in the order of its operations. */
  readonly #own = new Map<string, Version[]>();
  readonly #resolve: Leaderless['resolve'];

  constructor(resolve: Leaderless['resolve']) {
    this.#resolve = resolve;
  }

  add({ key, write, told }: Extract<Deed, { kind: 'written' }>): void {
    const { actor, id } = write.version;
    let of = this.#keys.get(key);
    if (of === undefined) this.#keys.set(key, (of = { numbers: new Map(), known: new Map() }));
    const { numbers, known } = of;
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    // What is counted per client stands in its own order.
    const { kind } = this.#resolve;
    const isOwn = kind === 'siblings' && this.#resolve.per === 'client' && this.#resolve.by !== 'lamport';
    const { earlier, later } = isOwn ? this.#ownBeside(`${key} ${actor}`, write.version) : { earlier: [], later: [] };
    const bits: number[] = [];
    for (const one of [...told, ...earlier.slice(-1)]) {
      const other = numbers.get(one);
      if (other === undefined || one === id) continue;
      setBit(bits, other);
      for (const [i, word] of known.get(one)!.entries()) bits[i] = (bits[i] ?? 0) | word;
    }
    // A write that was lost before it was on disk was told to nobody: its number may be given again.
    known.set(id, bits);
    if (later.length > 0)
      for (const [name, its] of known)
        if (later.some(one => one === name || hasBit(its, numbers.get(one)!))) setBit(its, number);
  }

  /** What the client has written before this, and after it: a late attempt comes after later ones. */
  #ownBeside(
    name: string,
    version: Version,
  ): { readonly earlier: readonly string[]; readonly later: readonly string[] } {
    const own = this.#own.get(name) ?? [];
    this.#own.set(name, own);
    const earlier = own.filter(({ count }) => count < version.count);
    if (!own.some(({ id }) => id === version.id)) own.splice(earlier.length, 0, version);
    const ids = own.map(({ id }) => id);
    return { earlier: ids.slice(0, earlier.length), later: ids.slice(earlier.length + 1) };
  }

  /** The client of `write` had been told of `other`. */
  has(key: string, write: string, other: string): boolean {
    const of = this.#keys.get(key);
    const number = of?.numbers.get(other);
    return of !== undefined && number !== undefined && hasBit(of.known.get(write) ?? [], number);
  }
}

const hasBit = (bits: readonly number[], number: number): boolean =>
  (((bits[number >> 5] ?? 0) >>> (number & 31)) & 1) === 1;

function setBit(bits: number[], number: number): void {
  while (bits.length <= number >> 5) bits.push(0);
  bits[number >> 5]! |= 1 << (number & 31);
}

export function whyNotTold({ resolve }: Leaderless): string | undefined {
  if (resolve.kind === 'last-write-wins') return 'the last write wins, whoever has heard of the others';
  if (resolve.by === 'lamport') return 'Lamport stamps cannot tell concurrent writes from later ones';
  return resolve.by === 'vector' && resolve.per === 'server'
    ? 'of two writes through one server the second one counts as having seen the first'
    : undefined;
}

/** Whose siblings come from other groups. */
export const whyNotKnown = ({ shard }: Group): string | undefined =>
  shard === undefined ? undefined : 'keys change hands, and what clients of other groups were told is not known here';

/** Where the last write wins there is nothing to watch. */
const silent: Monitor<LeaderlessState> = { step: () => undefined };

export function toldBeforeReplaced(group: Group, { resolve }: Leaderless): Monitor<LeaderlessState> {
  if (resolve.kind === 'last-write-wins' || whyNotKnown(group) !== undefined) return silent;
  const knowledge = new Knowledge(resolve);
  return ofDeeds((node, deed, view) => {
    if (deed.kind === 'written') knowledge.add(deed);
    if (deed.kind !== 'stored') return undefined;
    for (const one of [...deed.before, ...deed.came]) {
      const { id } = one.version;
      if (deed.cell.some(({ version }) => version.id === id)) continue;
      if (deed.cell.some(({ version }) => knowledge.has(deed.key, version.id, id))) continue;
      return `${view.nameOf(node)} replaced ${nameOf(one, resolve, view)} of ${deed.key}, of which nobody who wrote since had been told`;
    }
    return undefined;
  });
}

export function siblingBound(group: Group, { resolve }: Leaderless): Monitor<LeaderlessState> {
  if (resolve.kind === 'last-write-wins' || whyNotKnown(group) !== undefined) return silent;
  const knowledge = new Knowledge(resolve);
  return ofDeeds((node, deed, view) => {
    if (deed.kind === 'written') knowledge.add(deed);
    if (deed.kind !== 'stored' || deed.cell === deed.before) return undefined;
    const isNew = (one: Write) => !deed.before.some(({ version }) => version.id === one.version.id);
    for (const one of deed.cell.filter(isNew))
      for (const other of deed.cell)
        for (const [older, newer] of [
          [one, other],
          [other, one],
        ] as const)
          if (knowledge.has(deed.key, newer.version.id, older.version.id))
            return `${view.nameOf(node)} keeps ${nameOf(older, resolve, view)} of ${deed.key} beside ${nameOf(newer, resolve, view)}, whose client had been told of it`;
    return undefined;
  });
}
