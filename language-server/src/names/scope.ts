import type { Specification, Store } from '@dsys/grammar';
import { visibleFrom, type Workspace } from '../workspace/load.ts';
import { mayBePartition } from './partitions.ts';
import { closest } from './suggest.ts';
import { type NameSymbol, type SymbolKind, type SymbolTable, symbolsOf, tableOf } from './symbols.ts';

/** The names that can be used in a file: its own and those of everything that it imports, directly or not. */
export interface Scope {
  /** The symbols that `text` may stand for, of these kinds only. */
  lookup(text: string, kinds: readonly SymbolKind[]): readonly NameSymbol[];
  /** All symbols of these kinds, for completion and for suggestions. */
  list(kinds: readonly SymbolKind[]): readonly NameSymbol[];
}

export function scopeOf(workspace: Workspace, uri: string): Scope {
  const symbols = visibleFrom(workspace, uri).flatMap(each => symbolsOfFile(workspace, each));
  return createScope(symbols);
}

/** Symbols are made once per parsed text: the same declaration is the same symbol in every scope. */
const cache = new WeakMap<Specification, NameSymbol[]>();

export function symbolsOfFile(workspace: Workspace, uri: string): NameSymbol[] {
  const root = workspace.byUri.get(uri)!.document.parseResult.value;
  const known = cache.get(root) ?? symbolsOf(root, uri);
  cache.set(root, known);
  return known;
}

function createScope(symbols: readonly NameSymbol[]): Scope {
  const table: SymbolTable = tableOf(symbols);
  const unlisted = new Map<string, NameSymbol>();
  const ofKinds = (found: readonly NameSymbol[], kinds: readonly SymbolKind[]) =>
    found.filter(each => kinds.includes(each.kind));

  const unlistedPartition = (text: string): NameSymbol | undefined => {
    const [storeName, ...path] = text.split('.');
    const store = path.length > 0 ? ofKinds(table.get(storeName) ?? [], ['store'])[0] : undefined;
    if (!store || !mayBePartition(store.declaration as Store, path)) return undefined;
    const known = unlisted.get(text);
    if (known) return known;
    const { declaration, uri } = store;
    const made: NameSymbol = { kind: 'partition', path: text, name: path.at(-1)!, declaration, implied: true, uri };
    unlisted.set(text, made);
    return made;
  };

  return {
    lookup(text, kinds) {
      const found = ofKinds(table.get(text) ?? [], kinds);
      if (found.length > 0 || !kinds.includes('partition')) return withoutShadowed(text, found);
      const partition = unlistedPartition(text);
      return partition ? [partition] : [];
    },
    list: kinds => ofKinds(symbols, kinds),
  };
}

/** A bare name is first a region, cluster or store; the node of that name is written with its cluster. */
function withoutShadowed(text: string, found: readonly NameSymbol[]): readonly NameSymbol[] {
  const whole = found.filter(each => each.path === text);
  return whole.length > 0 ? whole : found;
}

/** The name of one of these kinds that was most likely meant by `text`, as it has to be written. */
export function suggestion(scope: Scope, text: string, kinds: readonly SymbolKind[]): string | undefined {
  const candidates = scope.list(kinds);
  const last = text.slice(text.lastIndexOf('.') + 1);
  // A zone, partition or field without its owner, or with another one.
  const sameEnd = candidates.filter(each => each.name === last && each.path !== text);
  if (sameEnd.length > 0)
    return (
      closest(
        text,
        sameEnd.map(each => each.path),
      ) ?? sameEnd[0].path
    );
  const texts = candidates.map(each => (each.kind === 'node' && !text.includes('.') ? each.name : each.path));
  return closest(text, texts);
}
