/** What the WARS model predicts for a leaderless store, with the design's own links, disks, quorums and placement. */
import type { Design } from '../design/design.ts';
import type { Distribution } from '../design/distribution.ts';
import { latencyOf, resolveLink } from '../design/links.ts';
import { type Quorum, resolveQuorum } from '../design/quorum.ts';
import type { Store } from '../design/store.ts';
import type { MessageClass, NodeId } from '../design/topology.ts';
import { sample } from '../kernel/distribution.ts';
import type { RandomStream } from '../kernel/random.ts';
import { type Known, known, unknown } from './known.ts';
import { defaultTrials, simulateWars, type WarsResult } from './wars.ts';

/** What the prediction assumes, for people. */
export const warsAssumptions =
  'no faults, no read repair, no anti-entropy; each operation is coordinated from the place of a replica drawn at random, and every replica is reached over the network (PBS, VLDB 2012, section 5)';

interface Leg {
  readonly delay: Distribution | undefined;
}

/** Legs between one coordinator and all replicas of a partition. */
interface Coordination {
  readonly legs: Readonly<Record<'w' | 'a' | 'r' | 's', readonly Leg[]>>;
  readonly read: Quorum;
  readonly write: Quorum;
}

/** Most pairs of replicas whose links are looked up, and most messages drawn of each kind: seconds of work. */
const pairsMax = 400_000;
const legsMax = 20_000_000;

/**
 * @param trials pairs of a write and a read
 * @returns times in ns; unknown for stores that the model does not describe
 */
export function predictStaleness(design: Design, store: Store, trials = defaultTrials, seed = 1): Known<WarsResult> {
  const { mechanism } = store;
  if (mechanism.kind !== 'leaderless')
    return unknown(`the WARS model describes leaderless stores; this one is ${mechanism.kind}`);
  const partitions = store.partitions.map(id => design.partitions[id]!);
  const replicas = partitions[0]?.replicas.length ?? 0;
  if (replicas === 0) return unknown('the store has no replicas');
  if (partitions.some(one => one.replicas.length !== replicas))
    return unknown('partitions have different numbers of replicas');
  const kinds = new Map(partitions.map(one => [one.replicas.join(), one.replicas]));
  if (kinds.size * replicas * replicas > pairsMax || replicas * trials > legsMax)
    return unknown(`${replicas} replicas of each key are too many to be simulated in ${trials} trials`);
  // Partitions on the same nodes share what is known of the ways between them.
  const waysOf = new Map([...kinds].map(([key, nodes]) => [key, coordinations(design, mechanism, nodes)]));
  const groups = partitions.map(one => waysOf.get(one.replicas.join())!);
  const syncs = partitions.map(one => one.replicas.map(node => design.nodes[node]!.disk));
  const result = simulateWars(
    {
      replicas,
      draw: (random, legs) => {
        const group = partitions.length === 1 ? 0 : random.int(partitions.length);
        const writer = groups[group]![random.int(replicas)]!;
        const reader = groups[group]![random.int(replicas)]!;
        for (let i = 0; i < replicas; i++) {
          const disk = syncs[group]![i]!;
          legs.w[i] = draw(writer.legs.w[i]!, random) + (disk.volatile ? 0 : sample(disk.fsync, random));
          legs.a[i] = draw(writer.legs.a[i]!, random);
          legs.r[i] = draw(reader.legs.r[i]!, random);
          legs.s[i] = draw(reader.legs.s[i]!, random);
        }
        return { read: reader.read, write: writer.write };
      },
    },
    trials,
    seed,
  );
  return known(result);
}

const draw = ({ delay }: Leg, random: RandomStream): number => (delay === undefined ? 0 : sample(delay, random));

function coordinations(
  design: Design,
  mechanism: Extract<Store['mechanism'], { kind: 'leaderless' }>,
  replicas: readonly NodeId[],
): Coordination[] {
  const place = (node: NodeId) => ({ node, region: design.nodes[node]!.region, zone: design.nodes[node]!.zone });
  const leg = (from: NodeId, to: NodeId, kind: MessageClass): Leg => ({
    delay: latencyOf(resolveLink(design.links, place(from), place(to)), kind),
  });
  const region = (node: NodeId): string | null => design.nodes[node]!.region;
  const position = new Map(replicas.map((node, i) => [node, i]));
  return replicas.map(coordinator => ({
    legs: {
      w: replicas.map(node => leg(coordinator, node, 'write-request')),
      a: replicas.map(node => leg(node, coordinator, 'write-acknowledge')),
      r: replicas.map(node => leg(coordinator, node, 'read-request')),
      s: replicas.map(node => leg(node, coordinator, 'read-response')),
    },
    read: renamed(resolveQuorum(mechanism.read, replicas, region, coordinator), position),
    write: renamed(resolveQuorum(mechanism.write, replicas, region, coordinator), position),
  }));
}

/** The same system over positions instead of nodes. */
function renamed(quorum: Quorum, position: ReadonlyMap<NodeId, number>): Quorum {
  switch (quorum.kind) {
    case 'nodes':
      return { ...quorum, of: quorum.of.map(node => position.get(node)!) };
    case 'combine':
      return { ...quorum, of: quorum.of.map(part => renamed(part, position)) };
    case 'weight':
      return { ...quorum, weights: quorum.weights.map(([node, weight]) => [position.get(node)!, weight]) };
  }
}
