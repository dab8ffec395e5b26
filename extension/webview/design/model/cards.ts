/** What stands on the card of a node: what it is, and what it has of the store that is looked at. */
import type { Design } from '@dsys/runtime/design/design';
import type { Partition, Store } from '@dsys/runtime/design/store';
import type { NodeId, NodeSpec } from '@dsys/runtime/design/topology';
import type { QuorumExample } from './quorums.ts';
import { type Holding, shortName } from './roles.ts';
import { counted, shortList } from './words.ts';

/** A partition on a card that has several. */
export interface Pip {
  readonly name: string;
  readonly leads: boolean;
}

export interface NodeCard {
  readonly kind: 'node';
  readonly key: string;
  readonly node: NodeSpec;
  /** What it is to the partition, or how much it has of the store; null: pips say it. */
  readonly text: string | null;
  readonly pips: readonly Pip[];
  /** The example quorums that it belongs to: letters, with their place among all examples, which decides their shape. */
  readonly quorums: readonly { readonly letter: string; readonly place: number }[];
  /** `holds`: it has something of what is looked at. */
  readonly standing: 'leads' | 'holds' | 'apart';
  /** All of it in words. */
  readonly label: string;
}

/** Nodes of a group that are not drawn one by one. */
export interface RestCard {
  readonly kind: 'rest';
  readonly key: string;
  readonly group: string;
  readonly count: number;
  readonly text: string;
  readonly label: string;
}

export type Card = NodeCard | RestCard;

export interface Look {
  readonly design: Design;
  readonly store: Store | null;
  /** The partition that is looked at; null: all of the store. */
  readonly partition: Partition | null;
  readonly holdings: ReadonlyMap<NodeId, readonly Holding[]>;
  readonly examples: readonly QuorumExample[];
}

export function nodeCard(node: NodeSpec, look: Look): NodeCard {
  const { store, partition } = look;
  // What a spare could be given once it is added is nothing that it has.
  const all = (look.holdings.get(node.id) ?? []).filter(({ word }) => word !== 'spare');
  const held = partition === null ? all : all.filter(one => one.partition === partition);
  const quorums = look.examples.filter(({ nodes }) => nodes.includes(node.id));
  const leads = held.some(one => one.leads);
  const pips = partition === null ? held.map(one => ({ name: shortName(one.partition), leads: one.leads })) : [];
  const text = pips.length > 0 ? null : textOf(node, store, held);
  return {
    kind: 'node',
    key: `node:${node.id}`,
    node,
    text,
    pips,
    quorums: quorums.map(one => ({ letter: one.letter, place: look.examples.indexOf(one) })),
    standing: leads ? 'leads' : held.length > 0 ? 'holds' : 'apart',
    label: [
      `node ${node.name}, ${node.role} of cluster ${node.cluster}`,
      ...(store === null ? [] : [inWords(store, partition, held)]),
      ...(quorums.length === 0 ? [] : [`in the smallest quorum shown for ${shortList(quorums.map(q => q.word))}`]),
    ].join('; '),
  };
}

function textOf(node: NodeSpec, store: Store | null, held: readonly Holding[]): string {
  if (held.length > 0) return held[0]!.word;
  if (store === null) return node.role === 'member' ? '' : node.role;
  return node.role === 'spare' ? 'spare, empty' : 'no copy';
}

function inWords(store: Store, partition: Partition | null, held: readonly Holding[]): string {
  if (held.length === 0) return `has nothing of ${partition?.name ?? store.name}`;
  if (partition !== null) return `${held[0]!.word} of ${partition.name}`;
  const led = held.filter(one => one.leads).map(one => shortName(one.partition));
  const names = held.map(one => shortName(one.partition));
  return `has ${counted(held.length, 'partition')} of ${store.name}: ${shortList(names)}${led.length > 0 ? `; leads ${shortList(led)}` : ''}`;
}

/** What many nodes are together. */
export function restCard(group: string, nodes: readonly NodeSpec[], look: Look): RestCard {
  const holding = nodes.filter(({ id }) =>
    (look.holdings.get(id) ?? []).some(
      one => one.word !== 'spare' && (look.partition === null || one.partition === look.partition),
    ),
  ).length;
  const roles = [...new Set(nodes.map(({ role }) => role))];
  const kinds = roles.map(role => counted(nodes.filter(one => one.role === role).length, role)).join(', ');
  const text = look.store === null ? '' : holding === 0 ? 'no copy' : `${holding} with data`;
  return {
    kind: 'rest',
    key: `rest:${group}`,
    group,
    count: nodes.length,
    text,
    label: `${kinds} more${look.store === null ? '' : `, ${holding} of them with data of ${look.store.name}`}; show them one by one`,
  };
}
