/** Random executions in which the truth is known: clients write one key through servers that exchange what they have. */
import { type Random, seeded } from '../../../checkers/testing/random.ts';
import { merge, type Version, type Versioned, type Versioning, versionFor } from '../siblings.ts';

export interface Written extends Versioned {
  /** Ids of all writes that its client had seen, in truth, and its own. */
  readonly seen: ReadonlySet<string>;
}

export interface Execution {
  readonly writes: readonly Written[];
  /** What each server has at the end. */
  readonly servers: readonly (readonly Written[])[];
  /** Everything that some server had at some time. */
  readonly cells: readonly (readonly Written[])[];
}

export type VersionFor = typeof versionFor;

export function randomExecution(
  { by, per }: Versioning,
  seed: number,
  steps: number,
  clients = 3,
  give: VersionFor = versionFor,
): Execution {
  const random: Random = seeded(seed);
  const servers: (readonly Written[])[] = [[], [], []];
  const contexts: (readonly Written[])[] = Array.from({ length: clients }, () => []);
  const own: Version[][] = contexts.map(() => []);
  const sequences = contexts.map(() => 0);
  const writes: Written[] = [];
  const cells: (readonly Written[])[] = [];
  for (let step = 0; step < steps; step++) {
    const server = random.below(servers.length);
    const client = random.below(clients);
    const choice = random.below(4);
    if (choice === 0) servers[server] = merge(by, servers[server]!, servers[random.below(servers.length)]!);
    else if (choice === 1) contexts[client] = merge(by, contexts[client]!, servers[server]!);
    else {
      const writer =
        per === 'client'
          ? ({ kind: 'client', actor: `c${client}`, sequence: ++sequences[client]! } as const)
          : ({ kind: 'server', actor: `s${server}`, floor: 0 } as const);
      const version = give(by, contexts[client]!, servers[server]!, writer);
      const seen = new Set([version.id, ...contexts[client]!.flatMap(one => [...one.seen])]);
      // A Lamport stamp is made from what the client was told.
      if (per === 'client' && by !== 'lamport')
        for (const one of writes) if (own[client]!.includes(one.version)) for (const id of one.seen) seen.add(id);
      own[client]!.push(version);
      const written: Written = { version, seen };
      writes.push(written);
      servers[server] = merge(by, servers[server]!, [written]);
      // Now and then the answer is lost.
      if (choice === 2) contexts[client] = merge(by, contexts[client]!, servers[server]!);
    }
    cells.push(servers[server]!);
  }
  return { writes, servers, cells };
}
