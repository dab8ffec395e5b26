/** Every feature of an editor, to be asked at any place of any text: nothing throws, and what is said lies in the text. */
import { expect } from 'vitest';
import { CodeActionTriggerKind } from 'vscode-languageserver';
import { selectionRanges } from '../lsp/selection.ts';
import type { Editor } from './editor.ts';

/** @returns what it answers; refusals are answers too */
export type Feature = (editor: Editor, offset: number) => Promise<unknown>;

const options = { tabSize: 2, insertSpaces: true };

const orRefusal = async (answer: Promise<unknown>): Promise<unknown> =>
  answer.catch(error => {
    if ((error as { code?: number }).code === undefined) throw error;
  });

const positionAt = ({ document }: Editor, offset: number) => document.textDocument.positionAt(offset);

const at = (editor: Editor, offset: number) => ({
  textDocument: { uri: editor.document.uri.toString() },
  position: positionAt(editor, offset),
});

const rangeFrom = (editor: Editor, offset: number) => {
  const { length } = editor.document.textDocument.getText();
  return { start: positionAt(editor, offset), end: positionAt(editor, Math.min(offset + 30, length)) };
};

async function callAt({ services, document }: Editor, position: ReturnType<typeof at>) {
  const [item] = (await services.lsp.CallHierarchyProvider!.prepareCallHierarchy(document, position)) ?? [];
  return item;
}

type Parameters = ReturnType<typeof at>;

/** A feature of the language's services, asked with the place as requests have it. */
const asked =
  (ask: (editor: Editor, parameters: Parameters, offset: number) => unknown): Feature =>
  async (editor, offset) =>
    ask(editor, at(editor, offset), offset);

const lsp = ({ services }: Editor) => services.lsp;

export const features: Readonly<Record<string, Feature>> = {
  completion: asked((e, p) => lsp(e).CompletionProvider!.getCompletion(e.document, p)),
  hover: asked((e, p) => lsp(e).HoverProvider!.getHoverContent(e.document, p)),
  'signature help': asked((e, p) => lsp(e).SignatureHelp!.provideSignatureHelp(e.document, p)),
  definition: asked((e, p) => lsp(e).DefinitionProvider!.getDefinition(e.document, p)),
  references: asked((e, p) =>
    lsp(e).ReferencesProvider!.findReferences(e.document, { ...p, context: { includeDeclaration: true } }),
  ),
  highlights: asked((e, p) => lsp(e).DocumentHighlightProvider!.getDocumentHighlight(e.document, p)),
  'preparing to rename': asked((e, p) =>
    orRefusal(Promise.resolve(lsp(e).RenameProvider!.prepareRename(e.document, p))),
  ),
  renaming: asked((e, p) =>
    orRefusal(Promise.resolve(lsp(e).RenameProvider!.rename(e.document, { ...p, newName: 'other' }))),
  ),
  links: asked((e, p) => lsp(e).DocumentLinkProvider!.getDocumentLinks(e.document, p)),
  symbols: asked((e, p) => lsp(e).DocumentSymbolProvider!.getSymbols(e.document, p)),
  'symbols of all files': asked(({ shared }) => shared.lsp.WorkspaceSymbolProvider!.getSymbols({ query: 'e' })),
  folding: asked((e, p) => lsp(e).FoldingRangeProvider!.getFoldingRanges(e.document, p)),
  'semantic tokens': asked((e, p) => lsp(e).SemanticTokenProvider!.semanticHighlight(e.document, p)),
  formatting: asked((e, p) => lsp(e).Formatter!.formatDocument(e.document, { ...p, options })),
  'formatting a range': asked((e, p, offset) =>
    lsp(e).Formatter!.formatDocumentRange(e.document, { ...p, range: rangeFrom(e, offset), options }),
  ),
  'inlay hints': asked((e, p, offset) =>
    lsp(e).InlayHintProvider!.getInlayHints(e.document, { ...p, range: rangeFrom(e, offset) }),
  ),
  'code lenses': asked((e, p) => lsp(e).CodeLensProvider!.provideCodeLens(e.document, p)),
  'code actions': asked((e, p, offset) =>
    lsp(e).CodeActionProvider!.getCodeActions(e.document, {
      ...p,
      range: rangeFrom(e, offset),
      context: { diagnostics: [], triggerKind: CodeActionTriggerKind.Automatic },
    }),
  ),
  'selection ranges': asked((e, { position }) => selectionRanges(e.document, [position])),
  'incoming calls': asked(async (e, p) => {
    const item = await callAt(e, p);
    return item && lsp(e).CallHierarchyProvider!.incomingCalls({ item });
  }),
  'outgoing calls': asked(async (e, p) => {
    const item = await callAt(e, p);
    return item && lsp(e).CallHierarchyProvider!.outgoingCalls({ item });
  }),
};

interface Position {
  readonly line: number;
  readonly character: number;
}

interface Item {
  readonly label: string;
  readonly textEdit: { readonly range: { readonly start: Position; readonly end: Position } };
}

/** Asks one feature at a place, and looks whether the places of its answer are in the files that are open. */
export async function askFeature(name: string, editor: Editor, offset: number): Promise<unknown> {
  const answer = await features[name]!(editor, offset);
  const { textDocument } = editor.document;
  const open = editor.shared.workspace.LangiumDocuments.all.toArray();
  const lines = Math.max(...open.map(one => one.textDocument.lineCount));
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('line' in value && 'character' in value) {
      const { line, character } = value as Position;
      const said = `${name}: ${line}:${character} of ${lines} lines`;
      expect(line >= 0 && line < lines && character >= 0, said).toBe(true);
    }
    for (const each of Object.values(value)) visit(each);
  };
  visit(answer);
  if (name !== 'completion') return answer;
  // Nobody's cursor stands between the two characters of a line's end.
  const place = textDocument.offsetAt(textDocument.positionAt(offset));
  for (const { label, textEdit } of (answer as { items: Item[] }).items) {
    expect(label).not.toBe('');
    const [from, to] = [textEdit.range.start, textEdit.range.end].map(each => textDocument.offsetAt(each));
    expect(from! <= place && place <= to!, `${label} replaces ${from}..${to} at ${place}`).toBe(true);
  }
  return answer;
}

/** Asks every feature at a place. */
export async function askEverything(editor: Editor, offset: number): Promise<void> {
  await Promise.all(Object.keys(features).map(name => askFeature(name, editor, offset)));
}
