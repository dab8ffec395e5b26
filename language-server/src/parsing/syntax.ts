import type { Specification } from '@dsys/grammar';
import type { LangiumDocument } from 'langium';
import type { Diagnostic, Range } from '../diagnostic.ts';
import { formProblems } from './form.ts';
import type { CorrectableError } from './lexer.ts';

type ParserError = LangiumDocument['parseResult']['parserErrors'][number];
type Token = ParserError['token'];

/** What the text of one file says wrongly, in the order of the text. Rule id: `syntax`. */
export function syntaxDiagnostics(document: LangiumDocument<Specification>): Diagnostic[] {
  const { lexerErrors, parserErrors, value } = document.parseResult;
  const uri = document.uri.toString();
  const found: Diagnostic[] = [];
  for (const error of lexerErrors as CorrectableError[]) {
    const at = document.textDocument.positionAt(error.offset);
    const range = { start: at, end: document.textDocument.positionAt(error.offset + error.length) };
    found.push({ ...syntaxError(uri, range, error.message), ...replacing(uri, range, error.replacement) });
  }
  for (const error of parserErrors)
    found.push(syntaxError(uri, rangeOf(error), error.message, openBlock(document, error)));
  return [...found, ...formProblems(value)].sort((a, b) => compare(a.range, b.range));
}

function syntaxError(uri: string, range: Range, message: string, related?: Diagnostic['related']): Diagnostic {
  return { rule: 'syntax', severity: 'error', message, uri, range, ...(related && { related }) };
}

function replacing(uri: string, range: Range, newText: string | undefined): Pick<Diagnostic, 'fixes'> {
  return newText === undefined ? {} : { fixes: [{ title: `Write ${newText}`, edits: [{ uri, range, newText }] }] };
}

/** What is missing at the end of a line is reported there and not on the first word of the next one. */
function rangeOf(error: ParserError): Range {
  const { token } = error;
  const previous = 'previousToken' in error ? (error.previousToken as Token | undefined) : undefined;
  const before = previous && isReal(previous) ? previous : undefined;
  if (!isReal(token))
    return before ? tokenRange(before) : { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
  const misses = / after '/.test(error.message);
  return misses && before && before.endLine! < token.startLine! ? tokenRange(before) : tokenRange(token);
}

const isReal = (token: Token) => token.startOffset >= 0 && Number.isFinite(token.startOffset) && token.image !== '';

function tokenRange(token: Token): Range {
  return {
    start: { line: token.startLine! - 1, character: token.startColumn! - 1 },
    end: { line: token.endLine! - 1, character: token.endColumn! },
  };
}

/** For a block that is not closed at the end of the file: where it begins. */
function openBlock(document: LangiumDocument<Specification>, error: ParserError): Diagnostic['related'] {
  if (isReal(error.token)) return undefined;
  const text = document.textDocument.getText();
  const open: number[] = [];
  // Strings and comments may hold brackets too.
  for (const match of text.matchAll(/"(?:\\.|[^"\\\r\n])*"?|\/\*[\s\S]*?\*\/|\/\/[^\r\n]*|[{}]/g)) {
    if (match[0] === '{') open.push(match.index);
    else if (match[0] === '}') open.pop();
  }
  const start = open.at(-1);
  if (start === undefined) return undefined;
  const range = { start: document.textDocument.positionAt(start), end: document.textDocument.positionAt(start + 1) };
  return [{ uri: document.uri.toString(), range, message: 'This block is not closed.' }];
}

function compare(a: Range, b: Range): number {
  return a.start.line - b.start.line || a.start.character - b.start.character;
}
