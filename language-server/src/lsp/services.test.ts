import { EmptyFileSystem, URI } from 'langium';
import { expect, test } from 'vitest';
import { allRules } from '../rules/all.ts';
import { createDsysServices } from './services.ts';

test('the server tells its client what it can do', async () => {
  const { shared } = createDsysServices(EmptyFileSystem);
  const { capabilities } = await shared.lsp.LanguageServer.initialize({
    processId: null,
    rootUri: null,
    capabilities: {},
    workspaceFolders: null,
  });
  const offered = Object.entries(capabilities).flatMap(([name, value]) => (value ? [name] : []));
  expect(offered.sort()).toEqual([
    'callHierarchyProvider',
    'codeActionProvider',
    'codeLensProvider',
    'completionProvider',
    'definitionProvider',
    'documentFormattingProvider',
    'documentHighlightProvider',
    'documentLinkProvider',
    'documentRangeFormattingProvider',
    'documentSymbolProvider',
    'foldingRangeProvider',
    'hoverProvider',
    'inlayHintProvider',
    'referencesProvider',
    'renameProvider',
    'semanticTokensProvider',
    'signatureHelpProvider',
    'textDocumentSync',
    'workspace',
    'workspaceSymbolProvider',
  ]);
  expect(capabilities.completionProvider?.triggerCharacters).toEqual(['.', ' ', '"', '/']);
  expect(capabilities.renameProvider).toEqual({ prepareProvider: true });
});

test('rules can be set by their names', async () => {
  const { shared, dsys } = createDsysServices(EmptyFileSystem);
  const document = shared.workspace.LangiumDocumentFactory.fromString('rules {  }', URI.parse('file:///rules.dsys'));
  shared.workspace.LangiumDocuments.addDocument(document);
  const at = { textDocument: { uri: 'file:///rules.dsys' }, position: { line: 0, character: 8 } };
  const list = await dsys.lsp.CompletionProvider!.getCompletion(document, at);
  expect(list!.items.map(({ label }) => label)).toEqual(allRules.map(({ id }) => id));
});
