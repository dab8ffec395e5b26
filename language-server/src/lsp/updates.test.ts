import { DocumentState, EmptyFileSystem, TextDocument, URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import { expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-languageserver';
import { createDsysServices } from './services.ts';
import { DsysDocumentUpdateHandler } from './updates.ts';

it('says why a change could not be built, and goes on', async () => {
  const said: string[] = [];
  const services = {
    workspace: {
      WorkspaceManager: { ready: Promise.resolve() },
      WorkspaceLock: { write: async (action: () => Promise<void>) => action() },
      DocumentBuilder: {
        update: async () => {
          throw new Error('out of ideas');
        },
      },
    },
    lsp: {
      Connection: { console: { error: (message: string) => said.push(message) } },
      LanguageServer: { onInitialize() {}, onInitialized() {} },
    },
  } as unknown as LangiumSharedServices;
  const handler = new DsysDocumentUpdateHandler(services);
  const uri = URI.file('/a.dsys').toString();
  handler.didChangeContent({ document: TextDocument.create(uri, 'dsys', 1, '') });
  await new Promise(resolve => setImmediate(resolve));
  expect(said).toHaveLength(1);
  expect(said[0]).toContain(`after a change of ${uri}: Error: out of ideas`);
});

it('whoever shows diagnostics hears of what was validated when its build was cancelled', async () => {
  const { shared, dsys } = createDsysServices(EmptyFileSystem);
  const { DocumentBuilder, LangiumDocumentFactory, LangiumDocuments } = shared.workspace;
  const uri = URI.parse('file:///first.dsys');
  const document = LangiumDocumentFactory.fromString('cluster c { nodes 3 }', uri);
  LangiumDocuments.addDocument(document);
  const heard: string[] = [];
  DocumentBuilder.onDocumentPhase(DocumentState.Validated, one => {
    heard.push(one.uri.toString());
  });
  // The next change comes when the file has just been validated.
  const source = new CancellationTokenSource();
  const validator = dsys.validation.DocumentValidator;
  const validate = validator.validateDocument.bind(validator);
  validator.validateDocument = async (...asked) => {
    const found = await validate(...asked);
    source.cancel();
    return found;
  };
  await DocumentBuilder.build([document], { validation: true }, source.token).catch(() => {});
  await DocumentBuilder.update([], []);
  expect(heard).toEqual([uri.toString()]);
});
