import { TextDocument, URI } from 'langium';
import type { LangiumSharedServices } from 'langium/lsp';
import { expect, it } from 'vitest';
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
