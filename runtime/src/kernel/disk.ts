/**
 * A node's disk: one sync at a time, and what is written meanwhile shares the next one (group commit). A crash loses
 * every write that has not been synced, and whatever was held back for it.
 */
import type { Distribution } from '../design/distribution.ts';
import { sample } from './distribution.ts';
import type { RandomStream } from './random.ts';
import type { Member, Node, Simulation } from './simulation.ts';
import { schedule } from './simulation.ts';

export interface DiskWrite {
  readonly member: Member;
  readonly write: unknown;
  readonly token: number | undefined;
  readonly cause: number;
}

export interface Disk {
  readonly fsync: Distribution;
  readonly volatile: boolean;
  readonly random: RandomStream;
  syncing: DiskWrite[] | null;
  waiting: DiskWrite[];
}

export const createDisk = (fsync: Distribution, volatile: boolean, random: RandomStream): Disk => ({
  fsync,
  volatile,
  random,
  syncing: null,
  waiting: [],
});

/** `done` is called for the writes of one sync, in the order in which they were written. */
export function writeToDisk(
  sim: Simulation,
  node: Node,
  write: DiskWrite,
  done: (writes: readonly DiskWrite[]) => void,
): void {
  const { disk } = node;
  disk.waiting.push(write);
  if (disk.syncing === null) startSync(sim, node, done);
}

function startSync(sim: Simulation, node: Node, done: (writes: readonly DiskWrite[]) => void): void {
  const { disk, incarnation } = node;
  disk.syncing = disk.waiting;
  disk.waiting = [];
  const takes = disk.volatile ? 0 : Math.round(sample(disk.fsync, disk.random) * node.slow);
  const finish = () => {
    if (node.incarnation !== incarnation) return;
    // The device goes on while its process stands still; the process notices when it runs again.
    if (node.paused) {
      node.backlog.push(finish);
      return;
    }
    const writes = disk.syncing!;
    disk.syncing = null;
    done(writes);
    if (node.incarnation === incarnation && disk.waiting.length > 0 && disk.syncing === null)
      startSync(sim, node, done);
  };
  schedule(sim, sim.now + takes, finish);
}

export function loseUnsynced(disk: Disk): void {
  disk.syncing = null;
  disk.waiting = [];
}
