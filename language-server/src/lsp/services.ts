import { DsysGeneratedModule, DsysGeneratedSharedModule, type Specification } from '@dsys/grammar';
import {
  DefaultIndexManager,
  inject,
  type LangiumDocument,
  type LangiumSharedCoreServices,
  type Module,
  URI,
} from 'langium';
import {
  createDefaultModule,
  createDefaultSharedModule,
  type DefaultSharedModuleContext,
  type LangiumServices,
  type LangiumSharedServices,
  type PartialLangiumServices,
} from 'langium/lsp';
import { DsysModule } from '../module.ts';
import { importsOf } from '../workspace/imports.ts';
import { completionProvider } from './completion/completion.ts';
import { DsysDocumentValidator } from './validator.ts';

const DsysLspModule: Module<LangiumServices, PartialLangiumServices> = {
  validation: {
    DocumentValidator: services => new DsysDocumentValidator(services),
  },
  lsp: {
    CompletionProvider: services => completionProvider(services),
  },
};

/** Services for an editor; the connection and the file system are the host's. */
export function createDsysServices(context: DefaultSharedModuleContext): {
  shared: LangiumSharedServices;
  dsys: LangiumServices;
} {
  const shared = inject(createDefaultSharedModule(context), DsysGeneratedSharedModule, {
    workspace: { IndexManager: (services: LangiumSharedServices) => new DsysIndexManager(services) },
  });
  const dsys = inject(createDefaultModule({ shared }), DsysGeneratedModule, DsysModule, DsysLspModule);
  shared.ServiceRegistry.register(dsys);
  return { shared, dsys };
}

/**
 * The language has no Langium cross-references (names/ resolves all names), so a change affects exactly the files
 * that import the changed one, directly or not.
 */
class DsysIndexManager extends DefaultIndexManager {
  private readonly shared: LangiumSharedCoreServices;

  constructor(services: LangiumSharedCoreServices) {
    super(services);
    this.shared = services;
  }

  override isAffected(document: LangiumDocument, changedUris: Set<string>): boolean {
    const seen = new Set([document.uri.toString()]);
    for (const uri of seen) {
      if (changedUris.has(uri)) return true;
      const known = this.shared.workspace.LangiumDocuments.getDocument(URI.parse(uri));
      if (!known) continue;
      for (const imported of importsOf(known as LangiumDocument<Specification>))
        if (imported.uri) seen.add(imported.uri);
    }
    return false;
  }
}
