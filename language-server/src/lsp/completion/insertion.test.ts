/** What is offered at the end of half a text can be read when it is inserted there. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { CompletionItemKind, InsertTextFormat, type TextEdit } from 'vscode-languageserver';
import { parseText } from '../../module.ts';
import { syntaxDiagnostics } from '../../parsing/syntax.ts';
import { edited, editor } from '../../testing/editor.ts';
import { fixtures } from '../../testing/fixtures.ts';

const samples = new URL('../../../../samples/', import.meta.url);
const texts = [
  ...readdirSync(samples).map(file => readFileSync(new URL(file, samples), 'utf8')),
  ...fixtures('elaborate').map(({ text }) => text),
];

const filled = (snippet: string): string =>
  snippet
    .replaceAll('\\}', '\u0000')
    .replace(/\$\{\d+(?::([^}]*)|\|([^,}|]*)[^}|]*\|)\}/g, (_, usual, choice) => usual ?? choice)
    .replace(/\$\d/g, '')
    .replaceAll('\u0000', '}');

/** The brackets that are still open, closed. */
function closed(text: string): string {
  const open: string[] = [];
  for (const [each] of text.matchAll(/"[^"\n]*"?|\/\*[\s\S]*?\*\/|\/\/[^\n]*|[{}()]/g)) {
    if (each === '{') open.push('}');
    else if (each === '(') open.push(')');
    else if (each === '}' || each === ')') open.pop();
  }
  return `${text} ${open.toReversed().join('\n')}\n`;
}

/** What is wrong with what was inserted; what is missing behind it may still be written. */
function problemIn(text: string, start: number, inserted: string): string | undefined {
  const parsed = parseText(closed(text), 'file:///a.dsys');
  return syntaxDiagnostics(parsed).find(({ range, message }) => {
    const from = parsed.textDocument.offsetAt(range.start);
    return from >= start && from < start + inserted.length && !/ after '/.test(message);
  })?.message;
}

/** Ends of tokens, some of them, the same in every run. */
function placesIn(text: string): number[] {
  const ends = [...text.matchAll(/[^\s]+(?=\s)/g)].map(match => match.index + match[0].length + 1);
  return ends.filter((_, i) => (i * 7919) % 11 === 0);
}

test('in samples and fixtures, cut off at many places', { timeout: 60_000 }, async () => {
  const wrong: string[] = [];
  let tried = 0;
  for (const text of texts) {
    for (const place of placesIn(text)) {
      const before = text.slice(0, place);
      if (/\/\/[^\n]*$/.test(before)) continue;
      const { services, document, at } = await editor(`${before}¦`);
      const { items } = (await services.lsp.CompletionProvider!.getCompletion(document, at))!;
      for (const { label, kind, textEdit, insertTextFormat } of items) {
        const { range, newText } = textEdit as TextEdit;
        const inserted = insertTextFormat === InsertTextFormat.Snippet ? filled(newText) : newText;
        tried++;
        // A keyword goes on with something, a name or a quantity.
        const endings = kind === CompletionItemKind.Keyword ? [' x', ' 1s'] : [''];
        const start = document.textDocument.offsetAt(range.start);
        const problems = endings.map(more =>
          problemIn(edited(before, [{ range, newText: inserted + more }]), start, inserted),
        );
        if (problems.every(each => each !== undefined)) {
          wrong.push(`${before.slice(-40).replaceAll('\n', ' ')}¦ ${label}: ${problems[0]}`);
        }
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(tried).toBeGreaterThan(2000);
});
