/** Go to definition, find references, highlights. */
import { URI } from 'langium';
import type {
  DefinitionProvider,
  DocumentHighlightProvider,
  LangiumSharedServices,
  ReferencesProvider,
} from 'langium/lsp';
import { DocumentHighlightKind, type Location, LocationLink } from 'vscode-languageserver';
import { placeOf } from '../diagnostic.ts';
import { declaredAt } from '../names/duplicates.ts';
import { importsOf } from '../workspace/imports.ts';
import { contains, keyOf, occurrencesIn, occurrencesOf, symbolAt } from './occurrences.ts';

const fileStart = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };

/** Of names and of imported files. */
export function definitionProvider(shared: LangiumSharedServices): DefinitionProvider {
  return {
    async getDefinition(document, { position }) {
      const path = importsOf(document as Parameters<typeof importsOf>[0]).find(({ node }) =>
        contains(placeOf(node, 'path').range, position),
      );
      if (path?.uri !== undefined && shared.workspace.LangiumDocuments.hasDocument(URI.parse(path.uri))) {
        return [LocationLink.create(path.uri, fileStart, fileStart, placeOf(path.node, 'path').range)];
      }
      const found = await symbolAt(shared, document, position);
      if (!found) return undefined;
      const { symbol, range } = found.occurrence;
      const { uri, range: name } = declaredAt(symbol);
      const whole = symbol.declaration.$cstNode?.range ?? name;
      return [LocationLink.create(uri, whole, name, range)];
    },
  };
}

export function referencesProvider(shared: LangiumSharedServices): ReferencesProvider {
  return {
    async findReferences(document, { position, context }): Promise<Location[]> {
      const found = await symbolAt(shared, document, position);
      if (!found) return [];
      const all = await occurrencesOf(shared, found.occurrence.symbol);
      return all
        .filter(({ isDeclaration }) => context.includeDeclaration || !isDeclaration)
        .map(({ uri, range }) => ({ uri, range }));
    },
  };
}

export function highlightProvider(shared: LangiumSharedServices): DocumentHighlightProvider {
  return {
    async getDocumentHighlight(document, { position }) {
      const found = await symbolAt(shared, document, position);
      if (!found) return undefined;
      const key = keyOf(found.occurrence.symbol);
      return occurrencesIn(found.project)
        .filter(({ symbol }) => keyOf(symbol) === key)
        .map(({ range, isDeclaration }) => ({
          range,
          kind: isDeclaration ? DocumentHighlightKind.Write : DocumentHighlightKind.Read,
        }));
    },
  };
}
