/** Who uses whom: scenarios run workloads, workloads ask stores and transactions, those stand on clusters. */

import { URI } from 'langium';
import type { CallHierarchyProvider, LangiumSharedServices } from 'langium/lsp';
import { type CallHierarchyItem, SymbolKind as Icon } from 'vscode-languageserver';
import { placeOf, type Range } from '../diagnostic.ts';
import { declaredAt } from '../names/duplicates.ts';
import type { NameSymbol, SymbolKind } from '../names/symbols.ts';
import { symbolsOf } from '../names/symbols.ts';
import { contains, keyOf, type Occurrence, occurrencesIn, projectsSeeing, symbolAt } from './occurrences.ts';
import { projectOf } from './project.ts';
import { rootOf } from './tree.ts';

const icons: Readonly<Partial<Record<SymbolKind, Icon>>> = {
  scenario: Icon.Method,
  exploration: Icon.Method,
  workload: Icon.Event,
  transaction: Icon.Function,
  store: Icon.Struct,
  cluster: Icon.Class,
};

const isPart = ({ kind }: NameSymbol): boolean => kind in icons;

export function callHierarchyProvider(shared: LangiumSharedServices): CallHierarchyProvider {
  /** The symbol that an item was made of, in the present state of its file. */
  const symbolOf = async ({ uri, selectionRange }: CallHierarchyItem): Promise<NameSymbol | undefined> => {
    const document = shared.workspace.LangiumDocuments.getDocument(URI.parse(uri));
    return document && (await symbolAt(shared, document, selectionRange.start))?.occurrence.symbol;
  };
  return {
    async prepareCallHierarchy(document, { position }) {
      const symbol = (await symbolAt(shared, document, position))?.occurrence.symbol;
      return symbol && isPart(symbol) ? [itemOf(symbol)] : undefined;
    },
    async outgoingCalls({ item }) {
      const symbol = await symbolOf(item);
      const document = shared.workspace.LangiumDocuments.getDocument(URI.parse(item.uri));
      if (!symbol || !document) return undefined;
      const { range } = placeOf(symbol.declaration);
      const uses = occurrencesIn(await projectOf(shared, document)).filter(
        each => !each.isDeclaration && isPart(each.symbol) && contains(range, each.range.start),
      );
      return grouped(uses, each => each.symbol).map(([to, fromRanges]) => ({ to: itemOf(to), fromRanges }));
    },
    async incomingCalls({ item }) {
      const symbol = await symbolOf(item);
      if (!symbol) return undefined;
      const key = keyOf(symbol);
      const projects = await projectsSeeing(shared, symbol.uri);
      return projects.flatMap(project => {
        const users = symbolsOf(rootOf(project.workspace.entry.document), project.uri).filter(isPart);
        const uses = occurrencesIn(project).filter(each => !each.isDeclaration && keyOf(each.symbol) === key);
        const user = ({ range }: Occurrence) =>
          users.find(each => contains(placeOf(each.declaration).range, range.start));
        return grouped(uses, user).map(([from, fromRanges]) => ({ from: itemOf(from), fromRanges }));
      });
    },
  };
}

function grouped(
  uses: readonly Occurrence[],
  by: (use: Occurrence) => NameSymbol | undefined,
): [NameSymbol, Range[]][] {
  const found = new Map<string, [NameSymbol, Range[]]>();
  for (const use of uses) {
    const symbol = by(use);
    if (!symbol) continue;
    const known = found.get(keyOf(symbol)) ?? [symbol, []];
    known[1].push(use.range);
    found.set(keyOf(symbol), known);
  }
  return [...found.values()];
}

function itemOf(symbol: NameSymbol): CallHierarchyItem {
  const { uri, range } = placeOf(symbol.declaration);
  return {
    name: symbol.path,
    detail: symbol.kind,
    kind: icons[symbol.kind] ?? Icon.Variable,
    uri,
    range,
    selectionRange: declaredAt(symbol).range,
  };
}
