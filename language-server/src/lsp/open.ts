import type { Specification } from '@dsys/grammar';
import { type LangiumDocument, type LangiumSharedCoreServices, URI } from 'langium';
import type { OpenDocument } from '../workspace/load.ts';

/** Opens files for their importers: unsaved buffers first, then the file system. */
export function openIn(shared: LangiumSharedCoreServices): OpenDocument {
  return async uri => {
    try {
      const document = await shared.workspace.LangiumDocuments.getOrCreateDocument(URI.parse(uri));
      return document as LangiumDocument<Specification>;
    } catch {
      return undefined; // reported at the import
    }
  };
}
