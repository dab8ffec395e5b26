import { sameValue, showValue, valueKey } from '../model/value.ts';
import type { History, Value, Verdict } from './history.ts';
import { writtenBy } from './versions.ts';
import { listed, plural } from './words.ts';

/** What one replica held at the end, after load had stopped and repairs had had time. */
export interface ReplicaState {
  readonly replica: string;
  /** Replicas of one partition are compared with each other. */
  readonly partition: string;
  /** Up, and connected with the other live replicas of its partition. Others are not judged. */
  readonly live: boolean;
  /** Keys that are not in it hold nothing (`null`). */
  readonly values: ReadonlyMap<string, Value>;
}

/**
 * Whether the live replicas of every partition hold the same value of every key (eventual consistency of a finite run:
 * it can refute "by then", nothing more). With a history of reads, writes, cas and deletes, each value must also be one
 * that was written, or the initial one. `unknown` if no partition has two live replicas.
 */
export function checkConvergence(replicas: readonly ReplicaState[], history?: History): Verdict {
  const partitions = Map.groupBy(
    replicas.filter(({ live }) => live),
    ({ partition }) => partition,
  );
  let compared = 0;
  const alone: string[] = [];
  const keysSeen = new Set<string>();
  for (const [partition, members] of partitions) {
    if (members.length < 2) alone.push(partition);
    else compared++;
    for (const key of new Set(members.flatMap(({ values }) => [...values.keys()]))) {
      keysSeen.add(key);
      const flaw = judgeKey(key, members, history);
      if (flaw !== undefined) return flaw;
    }
  }
  const missing = replicas.map(({ partition }) => partition).filter(partition => !partitions.has(partition));
  const unjudged = [...new Set([...alone, ...missing])];
  if (compared === 0 || unjudged.length > 0) {
    const which =
      unjudged.length === 0
        ? 'there are no replicas'
        : `fewer than two replicas of ${listed(unjudged)} were up and connected`;
    return verdict('unknown', `Not every partition could be compared: ${which}.`);
  }
  return verdict(
    'holds',
    `The live replicas of ${plural(compared, 'partition')} hold the same values of ${plural(keysSeen.size, 'key')}.`,
  );
}

function judgeKey(key: string, members: readonly ReplicaState[], history: History | undefined): Verdict | undefined {
  const held = (replica: ReplicaState) => replica.values.get(key) ?? null;
  const [first] = members;
  const other = members.find(replica => !sameValue(held(replica), held(first)));
  const writes = (values: readonly Value[]) =>
    (history?.operations ?? []).filter(operation => {
      const value = writtenBy(operation);
      return operation.key === key && value !== undefined && values.some(each => sameValue(each, value));
    });
  if (other !== undefined) {
    const groups = Map.groupBy(members, replica => valueKey(held(replica)));
    const told = Array.from(
      groups.values(),
      group =>
        `${listed(group.map(({ replica }) => replica))} ${group.length === 1 ? 'holds' : 'hold'} ${showValue(held(group[0]))}`,
    );
    const ids = writes(members.map(held)).map(({ id }) => id);
    return verdict('violated', `At the end, of ${key}, ${listed(told)}.`, ids);
  }
  if (history === undefined || sameValue(held(first), history.initial) || writes([held(first)]).length > 0)
    return undefined;
  return verdict('violated', `At the end ${key} is ${showValue(held(first))}, which nobody wrote.`, []);
}

function verdict(kind: Verdict['verdict'], why: string, operations?: readonly number[]): Verdict {
  return {
    property: 'convergence',
    verdict: kind,
    why,
    witness: operations === undefined ? null : { operations, events: [] },
  };
}
