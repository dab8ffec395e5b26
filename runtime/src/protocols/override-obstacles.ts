/** What a workload cannot say of its reads and writes: for rules, which say it at the option, and before runs. */
import type { Design } from '../design/design.ts';
import { isQuorum, type QuorumSpec, quorumNodes, resolveQuorum } from '../design/quorum.ts';
import { overridesOf, ownWay, type Workload } from '../design/scenario.ts';
import type { Partition } from '../design/store.ts';
import { descriptorOf } from './descriptors.ts';
import { overrideWords, whyNotOverridden } from './overrides.ts';

export interface OverrideObstacle {
  readonly option: 'read' | 'write';
  /** "write majority says how many replicas acknowledge, and raft commits by its own quorum: leave it out" */
  readonly why: string;
}

export function overrideObstacles(design: Design, workload: Workload): readonly OverrideObstacle[] {
  const overrides = overridesOf(workload);
  if (overrides === undefined) return [];
  const { read, write } = overrides;
  const options = [
    { option: 'read' as const, overrides: { ...ownWay, read }, spec: read.quorum },
    { option: 'write' as const, overrides: { ...ownWay, write }, spec: write.quorum },
  ].filter(({ overrides }) => overridesOf(overrides) !== undefined);
  const found: OverrideObstacle[] = [];
  const say = (option: 'read' | 'write', why: string | undefined) => {
    if (why !== undefined && !found.some(one => one.why === why)) found.push({ option, why });
  };
  const transacts = workload.mix.some(({ kind, share }) => kind === 'transaction' && share > 0);
  for (const { option, overrides, spec } of options) {
    const words = overrideWords(overrides, option);
    if (transacts)
      say(
        option,
        `${words} is no way for a transaction, which ${option}s as its stores have chosen: leave it out, or let a workload of its own ask so`,
      );
    for (const store of design.stores) {
      if (!workload.targets.includes(store.name)) continue;
      const { mechanism } = store;
      const not = whyNotOverridden(descriptorOf(mechanism.kind), mechanism, overrides);
      say(option, not?.why);
      if (not !== undefined || spec === null) continue;
      for (const id of store.partitions) say(option, whyNever(design, design.partitions[id]!, spec, words));
    }
  }
  return found;
}

/** Why a quorum of the partition can never be gathered, or means nothing; undefined: it can be. */
function whyNever(design: Design, partition: Partition, spec: QuorumSpec, words: string): string | undefined {
  const { replicas, name } = partition;
  // What stands nowhere was reported as such.
  if (replicas.length === 0) return undefined;
  const quorum = resolveQuorum(spec, replicas, node => design.nodes[node]!.region);
  const absent = quorumNodes(quorum).filter(node => !replicas.includes(node));
  const named = absent.map(node => design.nodes[node]!.name).join(', ');
  const copies = `${replicas.length} ${replicas.length === 1 ? 'replica' : 'replicas'} of ${name}`;
  if (absent.length > 0)
    return `${words} names ${named}, and there is no copy of ${name}: a quorum names only nodes that hold every key`;
  if (!isQuorum(quorum, node => replicas.includes(node)))
    return `${words} can never be gathered from the ${copies}: ask fewer`;
  return isQuorum(quorum, () => false) ? `${words} asks nobody: ask at least 1 of the ${copies}` : undefined;
}
