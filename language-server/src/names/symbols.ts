import type { Cluster, Declaration, Field, Node, Partition, Region, Specification, Store, Zone } from '@dsys/grammar';
import type { AstNode } from 'langium';
import { membersWithNodes } from './nodes.ts';
import { partitionPaths } from './partitions.ts';

export type SymbolKind =
  | 'region'
  | 'zone'
  | 'cluster'
  | 'node'
  | 'store'
  | 'field'
  | 'partition'
  | 'transaction'
  | 'workload'
  | 'scenario'
  | 'exploration';

export interface NameSymbol {
  readonly kind: SymbolKind;
  /** The full name: `eu`, `eu.e1`, `frankfurt.a`, `orders.p3`, `users.id`. */
  readonly path: string;
  /** The last part of the path. */
  readonly name: string;
  /** What declares it; for implied ones (eu3 of `nodes 3`, p0 of `into 16`) the line or store that implies it. */
  readonly declaration: Region | Zone | Cluster | Node | Store | Field | Partition | Declaration | AstNode;
  readonly implied: boolean;
  readonly uri: string;
}

/**
 * The names that one file declares, by every text that may stand for them: a node by `e1` and `eu.e1`, a zone,
 * a partition and a field only by their full paths. Several symbols may share a text.
 */
export type SymbolTable = ReadonlyMap<string, readonly NameSymbol[]>;

const topLevelKinds: Readonly<Record<string, SymbolKind>> = {
  Region: 'region',
  Cluster: 'cluster',
  Store: 'store',
  Transaction: 'transaction',
  Workload: 'workload',
  Scenario: 'scenario',
  Exploration: 'exploration',
};

/** The symbols of a file in the order of the text. Half-written declarations without a name have none. */
export function symbolsOf(specification: Specification, uri: string): NameSymbol[] {
  const symbols: NameSymbol[] = [];
  const add = (kind: SymbolKind, path: string, declaration: AstNode, implied = false) =>
    symbols.push({ kind, path, name: path.slice(path.lastIndexOf('.') + 1), declaration, implied, uri });
  for (const declaration of specification.declarations) {
    const kind = topLevelKinds[declaration.$type];
    if (!kind || !('name' in declaration) || !declaration.name) continue;
    const { name } = declaration;
    add(kind, name, declaration);
    if (declaration.$type === 'Region') {
      for (const zone of declaration.zones) if (zone.name) add('zone', `${name}.${zone.name}`, zone);
    } else if (declaration.$type === 'Cluster') {
      for (const { name: node, declaration: by, implied } of membersWithNodes(declaration)) {
        add('node', `${name}.${node}`, by, implied);
      }
    } else if (declaration.$type === 'Store') {
      for (const field of declaration.records.flatMap(record => record.fields)) {
        if (field.name) add('field', `${name}.${field.name}`, field);
      }
      for (const { path, declaration: by } of partitionPaths(declaration)) {
        add('partition', `${name}.${path}`, by ?? declaration, by === undefined);
      }
    }
  }
  return symbols;
}

/** All texts that may stand for a symbol. */
export function textsFor(symbol: NameSymbol): string[] {
  return symbol.kind === 'node' ? [symbol.path, symbol.name] : [symbol.path];
}

export function tableOf(symbols: Iterable<NameSymbol>): SymbolTable {
  const table = new Map<string, NameSymbol[]>();
  for (const symbol of symbols) {
    for (const text of textsFor(symbol)) {
      const same = table.get(text);
      if (same) same.push(symbol);
      else table.set(text, [symbol]);
    }
  }
  return table;
}
