/** Links on the paths of imports. */
import type { Specification } from '@dsys/grammar';
import type { LangiumDocument } from 'langium';
import type { DocumentLinkProvider } from 'langium/lsp';
import type { DocumentLink } from 'vscode-languageserver';
import { placeOf } from '../diagnostic.ts';
import { importsOf } from '../workspace/imports.ts';

export const documentLinkProvider = (): DocumentLinkProvider => ({
  getDocumentLinks: document => linksOf(document as LangiumDocument<Specification>),
});

function linksOf(document: LangiumDocument<Specification>): DocumentLink[] {
  return importsOf(document).flatMap(({ node, uri }) => {
    if (uri === undefined) return [];
    const { start, end } = placeOf(node, 'path').range;
    // Between the quotes.
    const range = {
      start: { line: start.line, character: start.character + 1 },
      end: { line: end.line, character: Math.max(start.character + 1, end.character - 1) },
    };
    return [{ range, target: uri }];
  });
}
