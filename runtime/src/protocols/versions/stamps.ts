/**
 * What orders the writes of a key: stamps of physical, Lamport (CACM 1978) or hybrid logical clocks (Kulkarni et al.,
 * "Logical Physical Clocks", OPODIS 2014, fig. 5). Ties are broken by who gave the stamp, so any two differ.
 */
import type { ClockKind } from '../../design/mechanism.ts';
import type { NodeId } from '../../design/topology.ts';

export interface Stamp {
  /** Physical and hybrid: ns of a wall clock. Lamport: a count. */
  readonly time: number;
  /** Hybrid: events within `time`. Physical: writes within it at that node. */
  readonly count: number;
  readonly node: NodeId;
  /** How often that node had started: a stamp of an earlier life never comes again. */
  readonly life: number;
  /** Compare-and-sets that were decided one after the other upon the write with this stamp; undefined: none. */
  readonly changes?: number;
}

/** Where a node's clock stands, as far as it is not the wall's. */
export interface ClockState {
  time: number;
  count: number;
}

/** Below 0: `a` is older. 0: they are the same one. */
export const compareStamps = (a: Stamp, b: Stamp): number =>
  a.time - b.time || a.count - b.count || a.node - b.node || a.life - b.life || (a.changes ?? 0) - (b.changes ?? 0);

/** Equal for equal stamps only. */
export const stampId = ({ time, count, node, life, changes }: Stamp): string =>
  `${time} ${count} ${node} ${life}${changes === undefined ? '' : ` ${changes}`}`;

/** A stamp for a write that begins here. The clock moves. */
export function nextStamp(kind: ClockKind, clock: ClockState, wallNs: number, node: NodeId, life: number): Stamp {
  switch (kind) {
    case 'lamport':
      clock.time++;
      clock.count = 0;
      break;
    case 'hybrid': {
      const time = Math.max(clock.time, wallNs);
      clock.count = time === clock.time ? clock.count + 1 : 0;
      clock.time = time;
      break;
    }
    case 'physical':
      // The wall clock as it is: when it is set back, so are the stamps.
      clock.count = wallNs === clock.time ? clock.count + 1 : 0;
      clock.time = wallNs;
      break;
  }
  return { time: clock.time, count: clock.count, node, life };
}

/** What a node learns from a stamp that it sees; physical clocks learn nothing. */
export function seeStamp(kind: ClockKind, clock: ClockState, stamp: Stamp, wallNs: number): void {
  if (kind === 'lamport') clock.time = Math.max(clock.time, stamp.time);
  if (kind !== 'hybrid') return;
  const time = Math.max(clock.time, stamp.time, wallNs);
  const counts = [...(time === clock.time ? [clock.count] : []), ...(time === stamp.time ? [stamp.count] : [])];
  clock.count = counts.length === 0 ? 0 : Math.max(...counts) + 1;
  clock.time = time;
}
