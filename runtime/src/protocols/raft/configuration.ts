/** Configurations and their quorums: who may vote, and which sets of votes decide. */
import { isQuorum, type Quorum, quorumNodes, resolveQuorum } from '../../design/quorum.ts';
import type { NodeId } from '../../design/topology.ts';
import type { Group } from '../contract.ts';
import { entryAt, lastIndex } from '../log.ts';
import type { Configuration, RaftState } from './state.ts';

/** Spares and observers of the design do not vote until they are added. */
export const initialConfiguration = (group: Group): Configuration => ({
  voters: [...group.replicas, ...group.witnesses],
  old: null,
  observers: group.observers,
});

/** While joint, decisions need a quorum of the old voters and one of the new (thesis §4.3). */
export function quorumsOf(state: RaftState, configuration: Configuration): readonly Quorum[] {
  const { group, options } = state.context;
  const of = (voters: readonly NodeId[]) =>
    resolveQuorum(options.quorum, voters, node => group.regionOf(node), state.context.self);
  return configuration.old === null ? [of(configuration.voters)] : [of(configuration.old), of(configuration.voters)];
}

export const decides = (state: RaftState, has: (node: NodeId) => boolean): boolean =>
  state.quorums.every(quorum => isQuorum(quorum, has));

export function votersOf(configuration: Configuration): readonly NodeId[] {
  const { voters, old } = configuration;
  return old === null ? voters : [...voters, ...old.filter(node => !voters.includes(node))];
}

/** Everyone who is sent entries: voters, observers, and servers that are being caught up. */
export function recipients(state: RaftState): readonly NodeId[] {
  const { configuration, change } = state;
  const nodes = [...votersOf(configuration)];
  const add = (node: NodeId) => {
    if (!nodes.includes(node)) nodes.push(node);
  };
  for (const node of configuration.observers) add(node);
  for (const { node } of change?.learners ?? []) add(node);
  return nodes;
}

export const isVoter = (state: RaftState, node: NodeId): boolean => votersOf(state.configuration).includes(node);

/** Witnesses vote but hold no data, so they never stand for election. */
export const maySeekElection = (state: RaftState): boolean =>
  isVoter(state, state.context.self) && !state.context.group.witnesses.includes(state.context.self);

/** Takes the latest configuration of the log into force, as after an append, a truncation or a snapshot (§4.1). */
export function adoptConfiguration(state: RaftState): void {
  let configuration = state.snapshot?.configuration ?? initialConfiguration(state.context.group);
  let index = state.snapshot?.index ?? 0;
  for (let i = lastIndex(state.log); i > state.log.base; i--) {
    const entry = entryAt(state.log, i)!;
    if (entry.kind === 'configuration') {
      configuration = entry.configuration;
      index = i;
      break;
    }
  }
  useConfiguration(state, configuration, index);
}

export function useConfiguration(state: RaftState, configuration: Configuration, index: number): void {
  state.configuration = configuration;
  state.configurationIndex = index;
  state.quorums = quorumsOf(state, configuration);
}

/** A set that decides under `a` while its complement decides under `b`; by enumeration, for at most 16 nodes. */
export function disjointQuorums(a: readonly Quorum[], b: readonly Quorum[]): NodeId[] | undefined {
  const nodes = [...new Set([...a, ...b].flatMap(quorumNodes))];
  if (nodes.length > 16) return undefined;
  for (let set = 0; set < 1 << nodes.length; set++) {
    const has = (node: NodeId) => (set & (1 << nodes.indexOf(node))) !== 0;
    if (a.every(q => isQuorum(q, has)) && b.every(q => isQuorum(q, node => !has(node)))) return nodes.filter(has);
  }
  return undefined;
}
