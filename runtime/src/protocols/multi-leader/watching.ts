/** What monitors keep of each replica's disk: it follows deeds, and outlives crashes that leave the disk. */
import type { NodeId } from '../../design/topology.ts';
import type { Deed, Positions, Write } from './state.ts';

/** How much of each stream every replica has on disk. */
export class Disks {
  readonly #of = new Map<NodeId, Record<string, number>>();

  of = (node: NodeId): Positions => this.#of.get(node) ?? {};

  /** @returns true: the node has begun with another disk than it had */
  follow(node: NodeId, deed: Deed): boolean {
    if (deed.kind === 'boots') {
      const before = this.of(node);
      const isSame = Object.keys(before).every(stream => deed.positions[stream] === before[stream]);
      this.#of.set(node, { ...deed.positions });
      return !isSame;
    }
    if (deed.kind === 'took') {
      const { stream, number } = deed.write;
      this.#of.set(node, { ...this.of(node), [stream]: number });
    }
    return false;
  }
}

/** The writes of each operation, one for each of its tries that came to one. */
export class Tries {
  readonly #of = new Map<number, Write[]>();

  add(write: Write): void {
    const all = this.#of.get(write.operation);
    if (all === undefined) this.#of.set(write.operation, [write]);
    else if (!all.some(one => idOf(one) === idOf(write))) all.push(write);
  }

  of = (operation: number): readonly Write[] => this.#of.get(operation) ?? [];
}

export const idOf = ({ stream, number }: Write): string => `${stream} ${number}`;
