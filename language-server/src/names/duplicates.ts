import type { Diagnostic, Place } from '../diagnostic.ts';
import { placeOf } from '../diagnostic.ts';
import type { Workspace } from '../workspace/load.ts';
import { symbolsOfFile } from './scope.ts';
import type { NameSymbol, SymbolKind } from './symbols.ts';

/** Kinds that are named in the same places share one set of names. */
const namespaces: Readonly<Partial<Record<SymbolKind, string>>> = {
  region: 'place',
  cluster: 'place',
  store: 'data',
  transaction: 'data',
};

/** Names declared twice in a workspace, reported at the later one. Rule id: `duplicate-name`. */
export function duplicateNames(workspace: Workspace): Diagnostic[] {
  const first = new Map<string, NameSymbol>();
  const doubled = new Set<string>();
  const found: Diagnostic[] = [];
  for (const symbol of workspace.files.flatMap(({ uri }) => symbolsOfFile(workspace, uri))) {
    const space = namespaces[symbol.kind] ?? symbol.kind;
    const key = `${space} ${symbol.path}`;
    const before = first.get(key);
    if (!before) {
      first.set(key, symbol);
      continue;
    }
    if (isWithin(symbol, doubled)) continue;
    doubled.add(symbol.path);
    found.push(duplicate(symbol, before));
  }
  return found;
}

/** What is inside of something declared twice is not reported again. */
function isWithin(symbol: NameSymbol, doubled: ReadonlySet<string>): boolean {
  const parts = symbol.path.split('.');
  return parts.some((_, i) => i > 0 && doubled.has(parts.slice(0, i).join('.')));
}

function duplicate(symbol: NameSymbol, before: NameSymbol): Diagnostic {
  const what = symbol.kind === before.kind ? `two ${symbol.kind}s` : `a ${before.kind} and a ${symbol.kind}`;
  return {
    rule: 'duplicate-name',
    severity: 'error',
    message: `There are ${what} called '${symbol.path}'.`,
    ...declaredAt(symbol),
    related: [{ message: `The first '${before.path}' is here.`, ...declaredAt(before) }],
  };
}

/** Where a symbol's name is written, or the line that implies it. */
export function declaredAt(symbol: NameSymbol): Place {
  const node = symbol.declaration;
  if (symbol.implied && node.$type === 'Members') return placeOf(node, 'count' as never);
  return placeOf(node, 'name' as never);
}
