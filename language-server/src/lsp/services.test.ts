import { EmptyFileSystem } from 'langium';
import { expect, test } from 'vitest';
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
