/** Home leaders: where each value of the field is written, and how that changes. */
import type { NodeId } from '../../design/topology.ts';
import type { Positions } from './state.ts';

export interface Home {
  readonly node: NodeId;
  /** Rises with every move; 0: as the design says. */
  readonly epoch: number;
}

/** The home that all values are moving to, and from whom what is still waited for. */
export interface Move {
  readonly epoch: number;
  readonly drained: Readonly<Record<NodeId, Positions | null>>;
}

export interface Homes {
  durable: {
    /** By value; `''`: every value that the design does not name. */
    readonly of: Readonly<Record<string, Home>>;
    /** An epoch that this node makes way for: it takes no writes before it has heard of that, or of a later one. */
    readonly drainedFor: Home | null;
    /** This node is to become the home. */
    readonly move: Move | null;
  };
  /** Operators' orders that wait for the move. */
  orders: number[];
  /** When others were last asked to make way. */
  askedNs: number;
  /** Who has confirmed the homes as they are here, by the highest epoch in them. */
  told: Record<NodeId, number>;
}

export type HomeMessage =
  | { readonly type: 'home-drain'; readonly epoch: number }
  /** The old home takes no more writes; all that it took is in `positions`. */
  | {
      readonly type: 'home-drained';
      readonly epoch: number;
      readonly positions: Positions;
      /** Whom it had made way for before: that one has to, too. */
      readonly also: NodeId | null;
    }
  | { readonly type: 'home-move'; readonly of: Readonly<Record<string, Home>> }
  | { readonly type: 'home-known'; readonly epoch: number };

export interface HomeWrite {
  readonly kind: 'homes';
  readonly homes: Homes['durable'];
}
