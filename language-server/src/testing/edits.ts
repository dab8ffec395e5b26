/** Applying edits to texts, as an editor does. */
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Edit } from '../diagnostic.ts';

/** The texts of a workspace after the edits; none of them may overlap. */
export function applied(
  texts: Readonly<Record<string, string>>,
  edits: readonly Edit[],
  uriOf: (file: string) => string,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([file, text]) => {
      const own = edits.filter(({ uri }) => uri === uriOf(file));
      return [file, TextDocument.applyEdits(TextDocument.create(uriOf(file), 'dsys', 0, text), [...own])];
    }),
  );
}
