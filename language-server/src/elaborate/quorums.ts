/** The quorum systems of a store's partitions, and whether each can ever be gathered. */
import type { Option, Store as StoreAst } from '@dsys/grammar';
import type { Mechanism } from '@dsys/runtime/design/mechanism';
import {
  isQuorum,
  majorityOf,
  type Quorum,
  type QuorumSpec,
  quorumNodes,
  resolveQuorum,
} from '@dsys/runtime/design/quorum';
import type { Partition } from '@dsys/runtime/design/store';
import type { NodeId } from '@dsys/runtime/design/topology';
import type { AstNode } from 'langium';
import { type Diagnostic, placeOf } from '../diagnostic.ts';
import { type Context, counted, nodeNames, report } from './context.ts';

/** The quorums of a mechanism, by the word under which they are written. */
function specsOf(mechanism: Mechanism): Readonly<Record<string, QuorumSpec>> {
  switch (mechanism.kind) {
    case 'raft':
    case 'paxos':
    case 'multi-paxos':
      return { quorum: mechanism.quorum };
    case 'flexible-paxos':
      return { prepare: mechanism.prepare, accept: mechanism.accept };
    case 'fast-paxos':
      return { classic: mechanism.classic, fast: mechanism.fast };
    case 'leaderless':
      return { read: mechanism.read, write: mechanism.write };
    case 'epaxos':
      return mechanism.fast === null ? {} : { fast: mechanism.fast };
    case 'single-leader':
      return {
        ...(mechanism.acknowledgements === null ? {} : { acknowledge: mechanism.acknowledgements }),
        ...(mechanism.failover.mode === 'automatic' ? { consult: mechanism.failover.consult } : {}),
      };
    default:
      return {};
  }
}

/**
 * Who votes on what: data copies on reads, writes and acknowledgements, witnesses too on everything else. A leader is
 * neither its own follower nor consulted about its successor; `consult majority` is one of all voters all the same.
 */
function votersOf(mechanism: Mechanism, partition: Partition, word: string, spec: QuorumSpec): readonly NodeId[] {
  const { replicas, witnesses } = partition;
  const data = word === 'read' || word === 'write' || word === 'acknowledge';
  const all = data ? replicas : [...replicas, ...witnesses];
  if (mechanism.kind !== 'single-leader' || (word === 'consult' && spec.kind === 'majority')) return all;
  const leader = mechanism.leader ?? replicas[0];
  return all.filter(node => node !== leader);
}

export function quorumsOf(context: Context, mechanism: Mechanism, partition: Partition): Record<string, Quorum> {
  const quorums: Record<string, Quorum> = {};
  for (const [word, spec] of Object.entries(specsOf(mechanism))) {
    const among = votersOf(mechanism, partition, word, spec);
    quorums[word] = resolveQuorum(spec, among, node => context.nodes[node]!.region);
  }
  return quorums;
}

/** Reports each quorum that some partition can never gather, once per store. */
export function checkQuorums(
  context: Context,
  store: StoreAst,
  mechanism: Mechanism,
  partitions: readonly Partition[],
): void {
  for (const [word, spec] of Object.entries(specsOf(mechanism))) {
    for (const partition of partitions) {
      if (partition.replicas.length === 0) continue;
      const among = votersOf(mechanism, partition, word, spec);
      const problem = problemOf(context, mechanism, partition, { word, spec, among });
      if (problem === undefined) continue;
      const place = placeOfQuorum(store, word);
      const fixes =
        problem.rule === 'semisync-k-range'
          ? fewerAcknowledgements(store, among.length)
          : fewerAsked(place, word, spec, among.length);
      report(context, problem.rule, place, problem.message, fixes.length > 0 ? { fixes } : {});
      break;
    }
  }
}

interface Asked {
  readonly word: string;
  readonly spec: QuorumSpec;
  readonly among: readonly NodeId[];
}

function problemOf(
  context: Context,
  mechanism: Mechanism,
  partition: Partition,
  { word, spec, among }: Asked,
): { readonly rule: string; readonly message: string } | undefined {
  const { name, replicas, witnesses } = partition;
  const quorum = partition.quorums[word]!;
  const absent = quorumNodes(quorum).filter(node => !replicas.includes(node) && !witnesses.includes(node));
  if (absent.length > 0) {
    const holders = `${nodeNames(context, replicas)} ${replicas.length === 1 ? 'does' : 'do'}`;
    const message = `${nodeNames(context, absent)} ${absent.length === 1 ? 'holds' : 'hold'} no copy of ${name} (${holders}): a quorum names only nodes that hold every key.`;
    return { rule: 'node-not-in-store', message };
  }
  const what = word === 'acknowledge' ? 'semi-synchronous' : word;
  const voters = `${counted(among.length, word === 'acknowledge' ? 'follower' : among.length === replicas.length ? 'replica' : 'voter')}`;
  const isPossible = isQuorum(quorum, node => among.includes(node));
  if (isPossible && !isQuorum(quorum, () => false)) return undefined;
  // Waiting for nobody is a way to say asynchronous, which rules advise on.
  if (isPossible && word === 'acknowledge') return undefined;
  if (isPossible) {
    return { rule: 'quorum-size-range', message: `${what} 0 asks nobody: a quorum has at least 1 of ${voters}.` };
  }
  const rule = word === 'acknowledge' && spec.kind === 'count' ? 'semisync-k-range' : 'quorum-size-range';
  switch (spec.kind) {
    case 'count': {
      const waits =
        word === 'acknowledge' ? `waits for ${counted(spec.count, 'acknowledgement')}` : `asks ${spec.count}`;
      const most = among.length === 0 ? '' : `Write ${among.length} at most, or `;
      const needed = replicas.length + spec.count - among.length;
      const way = most === '' ? 'R' : 'r';
      const message = `${what} ${spec.count} ${waits} of ${voters} of ${name}: never. ${most}${way}aise its replicas to ${needed}.`;
      return { rule, message };
    }
    case 'grid': {
      const cells = spec.rows * spec.columns;
      const message = `A grid of ${spec.rows} × ${spec.columns} needs ${cells} replicas; ${name} has ${among.length}.`;
      return { rule, message };
    }
    default: {
      const led = mechanism.kind === 'single-leader' && among.length < replicas.length;
      const leader = led ? ` beside its leader ${nodeNames(context, [mechanism.leader ?? replicas[0]!])}` : '';
      return { rule, message: `${what} can never be gathered from the ${voters} of ${name}${leader}.` };
    }
  }
}

/** A number that is too large, or 0, becomes the nearest that can be gathered. */
function fewerAsked(place: AstNode, word: string, spec: QuorumSpec, most: number): NonNullable<Diagnostic['fixes']> {
  if (spec.kind !== 'count' || most === 0) return [];
  const nearest = Math.min(most, Math.max(1, spec.count));
  const newText = { Option: `${word} ${nearest}`, NumberLiteral: String(nearest) }[place.$type];
  return newText === undefined ? [] : [{ title: `Ask ${nearest}`, edits: [{ ...placeOf(place), newText }] }];
}

/** So many that leader and followers are a majority; where that is everyone, it is synchronous replication. */
function fewerAcknowledgements(store: StoreAst, followers: number): NonNullable<Diagnostic['fixes']> {
  const [replication] = store.replications;
  if (replication?.quorum === undefined) return [];
  const enough = majorityOf(followers + 1) - 1;
  const number = placeOf(replication.quorum);
  if (enough > 0 && enough < followers) {
    const title = `Wait for ${counted(enough, 'follower')}, a majority with the leader`;
    return [{ title, edits: [{ ...number, newText: String(enough) }] }];
  }
  if (followers === 0 || replication.block !== undefined) return [];
  const range = { start: placeOf(replication, 'mode').range.start, end: number.range.end };
  return [{ title: 'Wait for every follower', edits: [{ uri: number.uri, range, newText: 'synchronous' }] }];
}

/** Where a quorum is written; the mechanism where it is not. */
function placeOfQuorum(store: StoreAst, word: string) {
  const mechanism = store.replications[0] ?? store.consensus[0];
  const options: readonly Option[] = mechanism?.block?.options ?? [];
  const nested = options.flatMap(option => option.block?.options ?? []);
  const written = [...options, ...nested].find(option => option.name === word && word !== 'acknowledge');
  return written ?? store.replications[0]?.quorum ?? mechanism ?? store;
}
