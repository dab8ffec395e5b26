/** The outline of a file, and symbols of all files. */
import type { LangiumDocument } from 'langium';
import type { DocumentSymbolProvider, LangiumSharedServices, WorkspaceSymbolProvider } from 'langium/lsp';
import { type DocumentSymbol, SymbolKind as Icon, type WorkspaceSymbol } from 'vscode-languageserver';
import { placeOf } from '../diagnostic.ts';
import { declaredAt } from '../names/duplicates.ts';
import { type NameSymbol, type SymbolKind, symbolsOf } from '../names/symbols.ts';
import { rootOf } from './tree.ts';

const icons: Readonly<Record<SymbolKind, Icon>> = {
  region: Icon.Namespace,
  zone: Icon.Namespace,
  cluster: Icon.Class,
  node: Icon.Variable,
  store: Icon.Struct,
  field: Icon.Field,
  partition: Icon.Property,
  transaction: Icon.Function,
  workload: Icon.Event,
  scenario: Icon.Method,
  exploration: Icon.Method,
};

export const documentSymbolProvider = (): DocumentSymbolProvider => ({ getSymbols: outlineOf });

/** Declarations with what they declare inside; what is only counted (`nodes 3`) is no entry of its own. */
export function outlineOf(document: LangiumDocument): DocumentSymbol[] {
  const root = rootOf(document);
  const symbols = symbolsOf(root, document.uri.toString()).filter(symbol => !symbol.implied);
  const named = new Map(symbols.filter(isTop).map(symbol => [symbol.declaration, symbol]));
  return root.declarations.flatMap(declaration => {
    const symbol = named.get(declaration);
    if (!declaration.$cstNode) return [];
    if (symbol) {
      const inside = symbols.filter(
        each => !isTop(each) && each.path.startsWith(`${symbol.path}.`) && isIn(each, symbol),
      );
      return [entryOf(symbol, inside)];
    }
    if (declaration.$type !== 'Network' && declaration.$type !== 'Faults') return [];
    const { range } = declaration.$cstNode;
    const end = { line: range.start.line, character: range.start.character + declaration.$type.length };
    const name = declaration.$type.toLowerCase();
    return [{ name, kind: Icon.Interface, range, selectionRange: { start: range.start, end } }];
  });
}

const isTop = ({ path }: NameSymbol): boolean => !path.includes('.');

const isIn = ({ declaration }: NameSymbol, { declaration: outer }: NameSymbol): boolean =>
  (declaration.$cstNode?.offset ?? -1) >= (outer.$cstNode?.offset ?? 0) &&
  (declaration.$cstNode?.end ?? -1) <= (outer.$cstNode?.end ?? 0);

function entryOf(symbol: NameSymbol, inside: readonly NameSymbol[]): DocumentSymbol {
  const { range } = placeOf(symbol.declaration);
  return {
    name: symbol.name,
    detail: symbol.kind,
    kind: icons[symbol.kind],
    range,
    selectionRange: declaredAt(symbol).range,
    ...(inside.length > 0 && { children: inside.map(each => entryOf(each, [])) }),
  };
}

/** More symbols than this are not sent: the list is for reading. */
const maxSymbols = 1000;

export const workspaceSymbolProvider = (shared: LangiumSharedServices): WorkspaceSymbolProvider => ({
  getSymbols({ query }): WorkspaceSymbol[] {
    const symbols = shared.workspace.LangiumDocuments.all
      .toArray()
      .flatMap(document => symbolsOf(rootOf(document), document.uri.toString()))
      .filter(({ implied, name, path }) => !implied && (matches(query, name) || matches(query, path)));
    return symbols.slice(0, maxSymbols).map(symbol => {
      const owner = symbol.path.slice(0, Math.max(0, symbol.path.lastIndexOf('.')));
      const location = declaredAt(symbol);
      return { name: symbol.name, kind: icons[symbol.kind], location, ...(owner !== '' && { containerName: owner }) };
    });
  },
});

/** The letters of a query in their order, with others between. */
function matches(query: string, name: string): boolean {
  let at = 0;
  const lower = name.toLowerCase();
  for (const letter of query.toLowerCase()) {
    at = lower.indexOf(letter, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
