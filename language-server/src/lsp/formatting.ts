/** Formatting a file, or the declarations that a range touches. */
import type { LangiumDocument } from 'langium';
import type { Formatter } from 'langium/lsp';
import type { TextEdit } from 'vscode-languageserver';
import type { Range } from '../diagnostic.ts';
import { format } from '../format/format.ts';
import { rootOf } from './tree.ts';

export const formatter = (): Formatter => ({
  formatDocument: document => formatWhole(document),
  formatDocumentRange: (document, { range }) => formatRange(document, range),
  formatDocumentOnType: () => [],
  formatOnTypeOptions: undefined,
});

/** Nothing if the file has syntax errors. The edit covers the lines that change and no others. */
export function formatWhole({ textDocument }: LangiumDocument): TextEdit[] {
  const text = textDocument.getText();
  const formatted = format(text);
  if (typeof formatted !== 'string' || formatted === text) return [];
  let start = 0;
  while (start < text.length && text[start] === formatted[start]) start++;
  let same = 0;
  const most = Math.min(text.length, formatted.length) - start;
  while (same < most && text[text.length - 1 - same] === formatted[formatted.length - 1 - same]) same++;
  const range = { start: textDocument.positionAt(start), end: textDocument.positionAt(text.length - same) };
  return [{ range, newText: formatted.slice(start, formatted.length - same) }];
}

/** Each declaration by itself: errors in others do not matter. */
export function formatRange(document: LangiumDocument, { start, end }: Range): TextEdit[] {
  const { textDocument } = document;
  const [from, to] = [textDocument.offsetAt(start), textDocument.offsetAt(end)];
  return rootOf(document).declarations.flatMap(({ $cstNode: cst }) => {
    if (!cst || cst.end < from || cst.offset > to) return [];
    const formatted = format(cst.text);
    if (typeof formatted !== 'string') return [];
    const newText = formatted.replace(/\r?\n$/, '');
    return newText === cst.text ? [] : [{ range: cst.range, newText }];
  });
}
