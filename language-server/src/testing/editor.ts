/** Files in an editor's services, for tests of its features: `¦` marks the cursor. */
import { EmptyFileSystem, type LangiumDocument, URI } from 'langium';
import type { LangiumServices, LangiumSharedServices } from 'langium/lsp';
import type { Position, TextEdit } from 'vscode-languageserver';
import { createDsysServices } from '../lsp/services.ts';
import { mainFile } from './check.ts';

const folder = 'file:///test/';
export const cursor = '¦';

export interface Editor {
  readonly services: LangiumServices;
  readonly shared: LangiumSharedServices;
  readonly document: LangiumDocument;
  /** Where the cursor stands in the main file; its beginning without one. */
  readonly position: Position;
  /** The parameters of most requests. */
  readonly at: { readonly textDocument: { readonly uri: string }; readonly position: Position };
  file(path: string): LangiumDocument;
}

let services: ReturnType<typeof createDsysServices> | undefined;

/**
 * Opens a text, with a cursor in it or not, and files beside it; those of earlier calls are closed.
 * @param build whether to wait until the files are validated
 */
export async function editor(
  marked: string,
  files: Readonly<Record<string, string>> = {},
  { build = false }: { readonly build?: boolean } = {},
): Promise<Editor> {
  services ??= createDsysServices(EmptyFileSystem);
  const { shared, dsys } = services;
  const { LangiumDocuments, LangiumDocumentFactory, DocumentBuilder } = shared.workspace;
  for (const { uri } of LangiumDocuments.all.toArray()) LangiumDocuments.deleteDocument(uri);
  const offset = Math.max(0, marked.indexOf(cursor));
  const texts = { ...files, [mainFile]: marked.replace(cursor, '') };
  const opened = Object.entries(texts).map(([path, text]) => {
    const document = LangiumDocumentFactory.fromString(text, URI.parse(folder + path));
    LangiumDocuments.addDocument(document);
    return document;
  });
  if (build) await DocumentBuilder.build(opened, { validation: true });
  const file = (path: string) => LangiumDocuments.getDocument(URI.parse(folder + path))!;
  const document = file(mainFile);
  const position = document.textDocument.positionAt(offset);
  return {
    services: dsys,
    shared,
    document,
    position,
    at: { textDocument: { uri: document.uri.toString() }, position },
    file,
  };
}

/** The text after edits, which do not overlap. */
export function edited(text: string, edits: readonly TextEdit[]): string {
  const starts = lineStarts(text);
  const offset = ({ line, character }: Position) => (starts[line] ?? text.length) + character;
  const ordered = edits.toSorted((a, b) => offset(b.range.start) - offset(a.range.start));
  return ordered.reduce(
    (rest, { range, newText }) => rest.slice(0, offset(range.start)) + newText + rest.slice(offset(range.end)),
    text,
  );
}

function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map(match => match.index + match[0].length)];
}

/** The text with `«` and `»` around ranges, which may lie in each other. */
export function withRanges(
  text: string,
  ranges: readonly { readonly start: Position; readonly end: Position }[],
): string {
  const at = (position: Position, newText: string) => ({ range: { start: position, end: position }, newText });
  const isEmpty = (start: Position, end: Position) => start.line === end.line && start.character === end.character;
  const marks = ranges.flatMap(({ start, end }) =>
    isEmpty(start, end) ? [at(start, '«»')] : [at(start, '«'), at(end, '»')],
  );
  return edited(text, marks);
}
