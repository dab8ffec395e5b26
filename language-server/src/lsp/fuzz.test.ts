/** Every feature at random places of truncated and damaged texts: nothing throws, and what is said lies in the text. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CodeActionTriggerKind } from 'vscode-languageserver';
import { type Editor, editor } from '../testing/editor.ts';
import { fixtures } from '../testing/fixtures.ts';
import { selectionRanges } from './selection.ts';

const texts = [...fixtures(), ...fixtures('elaborate')].map(({ text }) => text);

const pieces = [
  '',
  '',
  '{',
  '}',
  '(',
  '"',
  '/*',
  ' 5 ',
  ' on ',
  '..',
  ',',
  ':',
  '.',
  ' at 5s ',
  '\r\n',
  '\uFEFF',
  '¦'.repeat(0),
];

const damaged = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.nat(), fc.nat(12), fc.constantFrom(...pieces)), { maxLength: 4 }),
    fc.nat(),
    fc.boolean(),
    fc.boolean(),
  )
  .map(([text, cuts, end, isCut, isWindows]) => {
    const whole = cuts.reduce((rest, [at, length, insert]) => {
      const start = at % (rest.length + 1);
      return rest.slice(0, start) + insert + rest.slice(start + length);
    }, text);
    const cut = isCut ? whole.slice(0, end % (whole.length + 1)) : whole;
    return isWindows ? cut.replaceAll('\n', '\r\n') : cut;
  });

const options = { tabSize: 2, insertSpaces: true };

/** Refusals are answers too. */
const orRefusal = async (answer: Promise<unknown>): Promise<unknown> =>
  answer.catch(error => {
    if ((error as { code?: number }).code === undefined) throw error;
  });

async function ask({ services, shared, document }: Editor, offset: number): Promise<unknown[]> {
  const { lsp } = services;
  const position = document.textDocument.positionAt(offset);
  const at = { textDocument: { uri: document.uri.toString() }, position };
  const end = document.textDocument.positionAt(Math.min(offset + 30, document.textDocument.getText().length));
  const range = { start: position, end };
  const [call] = (await lsp.CallHierarchyProvider!.prepareCallHierarchy(document, at)) ?? [];
  return Promise.all([
    lsp.CompletionProvider!.getCompletion(document, at),
    lsp.HoverProvider!.getHoverContent(document, at),
    lsp.SignatureHelp!.provideSignatureHelp(document, at),
    lsp.DefinitionProvider!.getDefinition(document, at),
    lsp.ReferencesProvider!.findReferences(document, { ...at, context: { includeDeclaration: true } }),
    lsp.DocumentHighlightProvider!.getDocumentHighlight(document, at),
    orRefusal(Promise.resolve(lsp.RenameProvider!.prepareRename(document, at))),
    orRefusal(Promise.resolve(lsp.RenameProvider!.rename(document, { ...at, newName: 'other' }))),
    lsp.DocumentLinkProvider!.getDocumentLinks(document, at),
    lsp.DocumentSymbolProvider!.getSymbols(document, at),
    shared.lsp.WorkspaceSymbolProvider!.getSymbols({ query: 'e' }),
    lsp.FoldingRangeProvider!.getFoldingRanges(document, at),
    lsp.SemanticTokenProvider!.semanticHighlight(document, at),
    lsp.Formatter!.formatDocument(document, { ...at, options }),
    lsp.Formatter!.formatDocumentRange(document, { ...at, range, options }),
    lsp.InlayHintProvider!.getInlayHints(document, { ...at, range }),
    lsp.CodeActionProvider!.getCodeActions(document, {
      ...at,
      range,
      context: { diagnostics: [], triggerKind: CodeActionTriggerKind.Automatic },
    }),
    selectionRanges(document, [position]),
    call && lsp.CallHierarchyProvider!.incomingCalls({ item: call }),
    call && lsp.CallHierarchyProvider!.outgoingCalls({ item: call }),
  ]);
}

/** Places that are said to be in the file. */
function check(answers: readonly unknown[], { document }: Editor, offset: number): void {
  const lines = document.textDocument.lineCount;
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('line' in value && 'character' in value) {
      const { line, character } = value as { line: number; character: number };
      expect(line >= 0 && line < lines && character >= 0, `${line}:${character} of ${lines} lines`).toBe(true);
    }
    for (const each of Object.values(value)) visit(each);
  };
  for (const answer of answers) visit(answer);
  // Nobody's cursor stands between the two characters of a line's end.
  const at = document.textDocument.offsetAt(document.textDocument.positionAt(offset));
  const items = (answers[0] as { items: { label: string; textEdit: { range: { start: never; end: never } } }[] }).items;
  for (const { label, textEdit } of items) {
    expect(label).not.toBe('');
    const [from, to] = [textEdit.range.start, textEdit.range.end].map(each => document.textDocument.offsetAt(each));
    expect(from! <= at && at <= to!, `${label} replaces ${from}..${to} at ${at}`).toBe(true);
  }
}

test('damaged texts', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(damaged, fc.array(fc.nat(), { minLength: 1, maxLength: 2 }), async (text, places) => {
      const opened = await editor(text, { 'other.dsys': 'cluster far { nodes 1 }' });
      for (const place of places) {
        const offset = place % (text.length + 1);
        check(await ask(opened, offset), opened, offset);
      }
    }),
    { numRuns: 250, seed: 7 },
  );
});

test.each([
  ['empty', ''],
  ['only a byte order mark', '\uFEFF'],
  ['a byte order mark', '\uFEFFcluster eu { nodes 3 }'],
  ['Windows line ends', 'cluster eu {\r\n  nodes 3\r\n}\r\nstore s on eu {\r\n  model '],
  ['only white space', ' \n\t\n'],
  ['only a comment', '// nothing'],
  ['an open comment', '/* nothing'],
  ['an open text', 'import "'],
  ['not the language', '<html>\n{"a": [1, 2]}'],
])('every place of a text: %s', async (_, text) => {
  const opened = await editor(text);
  for (let offset = 0; offset <= text.length; offset++) check(await ask(opened, offset), opened, offset);
});
