/** Growing the selection from a word to what it belongs to. */
import { type CstNode, CstUtils, type LangiumDocument, URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import { type Connection, type SelectionRange, SelectionRangeRequest } from 'vscode-languageserver';
import type { Position, Range } from '../diagnostic.ts';
import { rootOf } from './tree.ts';

/** One chain per position: the word, the value, option, block, statement and declaration around it, the file. */
export function selectionRanges(document: LangiumDocument, positions: readonly Position[]): SelectionRange[] {
  return positions.map(position => chainAt(document, position));
}

function chainAt(document: LangiumDocument, position: Position): SelectionRange {
  const { textDocument } = document;
  const offset = textDocument.offsetAt(position);
  const root = rootOf(document).$cstNode;
  const leaf = root && CstUtils.findLeafNodeAtOffset(root, offset);
  const leafBefore = root && offset > 0 ? CstUtils.findLeafNodeAtOffset(root, offset - 1) : undefined;
  const ranges: Range[] = [];
  for (let node: CstNode | undefined = leaf ?? leafBefore; node; node = node.container) ranges.push(node.range);
  const end = textDocument.positionAt(textDocument.getText().length);
  ranges.push({ start: { line: 0, character: 0 }, end });
  return ranges.reduceRight<SelectionRange | undefined>(
    (parent, range) => (parent && isSame(parent.range, range) ? parent : { range, ...(parent && { parent }) }),
    undefined,
  )!;
}

const isSame = (a: Range, b: Range): boolean =>
  a.start.line === b.start.line &&
  a.start.character === b.start.character &&
  a.end.line === b.end.line &&
  a.end.character === b.end.character;

/** Langium has no such feature: it is registered with the client once that is ready (after `initialized`). */
export async function offerSelectionRanges(connection: Connection, shared: LangiumSharedServices): Promise<void> {
  connection.onSelectionRanges(({ textDocument, positions }) => {
    const document = shared.workspace.LangiumDocuments.getDocument(URI.parse(textDocument.uri));
    return document ? selectionRanges(document, positions) : [];
  });
  await connection.client.register(SelectionRangeRequest.type, { documentSelector: [{ language: 'dsys' }] });
}
