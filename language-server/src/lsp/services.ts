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
  DefaultLanguageServer,
  type DefaultSharedModuleContext,
  type LangiumServices,
  type LangiumSharedServices,
  type PartialLangiumServices,
} from 'langium/lsp';
import type { InitializeParams, InitializeResult } from 'vscode-languageserver';
import { storeFactsTable } from '../facts/hover.ts';
import { type KnownVerdicts, knownVerdicts } from '../live/verdicts.ts';
import { DsysModule } from '../module.ts';
import { allRules } from '../rules/all.ts';
import { version } from '../version.ts';
import { importsOf } from '../workspace/imports.ts';
import { codeActionProvider } from './actions/actions.ts';
import { callHierarchyProvider } from './calls.ts';
import { completionProvider, type KnownRule } from './completion/completion.ts';
import { definitionProvider, highlightProvider, referencesProvider } from './definition.ts';
import { DsysDocumentFactory } from './documents.ts';
import { foldingRangeProvider } from './folding.ts';
import { formatter } from './formatting.ts';
import { hoverProvider, type StoreFacts } from './hover.ts';
import { inlayHintProvider } from './inlay-hints.ts';
import { codeLensProvider } from './lenses.ts';
import { documentLinkProvider } from './links.ts';
import { documentSymbolProvider, workspaceSymbolProvider } from './outline.ts';
import { renameProvider } from './rename.ts';
import { DsysSemanticTokens } from './semantic-tokens.ts';
import { defaultSettings, type EditorSettings } from './settings.ts';
import { signatureHelpProvider } from './signature.ts';
import { DsysDocumentBuilder, DsysDocumentUpdateHandler, DsysServiceRegistry } from './updates.ts';
import { DsysDocumentValidator } from './validator.ts';

/** What the host may put in place: settings that it keeps up to date, and what hovers say of a store. */
export interface EditorOptions {
  readonly settings?: EditorSettings;
  readonly storeFacts?: StoreFacts;
  /** What runs have shown, for code lenses. */
  readonly verdicts?: KnownVerdicts;
}

const knownRules: readonly KnownRule[] = allRules.map(({ id, title }) => ({ id, means: title }));

const lspModule = ({
  settings = defaultSettings(),
  storeFacts = storeFactsTable,
  verdicts = knownVerdicts(),
}: EditorOptions): Module<LangiumServices, PartialLangiumServices> => ({
  validation: {
    DocumentValidator: services => new DsysDocumentValidator(services, settings),
  },
  lsp: {
    CallHierarchyProvider: ({ shared }) => callHierarchyProvider(shared),
    CodeActionProvider: ({ shared }) => codeActionProvider(shared),
    CodeLensProvider: ({ shared }) => codeLensProvider(shared, settings, verdicts),
    CompletionProvider: services => completionProvider(services, knownRules),
    DefinitionProvider: ({ shared }) => definitionProvider(shared),
    DocumentHighlightProvider: ({ shared }) => highlightProvider(shared),
    DocumentLinkProvider: () => documentLinkProvider(),
    DocumentSymbolProvider: () => documentSymbolProvider(),
    FoldingRangeProvider: () => foldingRangeProvider(),
    Formatter: () => formatter(),
    HoverProvider: services => hoverProvider(services, storeFacts),
    InlayHintProvider: ({ shared }) => inlayHintProvider(shared, settings),
    ReferencesProvider: ({ shared }) => referencesProvider(shared),
    RenameProvider: ({ shared }) => renameProvider(shared),
    SemanticTokenProvider: services => new DsysSemanticTokens(services),
    SignatureHelp: services => signatureHelpProvider(services),
  },
});

/** Services for an editor; the connection and the file system are the host's. */
export function createDsysServices(
  context: DefaultSharedModuleContext,
  options: EditorOptions = {},
): {
  shared: LangiumSharedServices;
  dsys: LangiumServices;
} {
  const shared = inject(createDefaultSharedModule(context), DsysGeneratedSharedModule, {
    ServiceRegistry: (services: LangiumSharedServices) => new DsysServiceRegistry(services),
    workspace: {
      DocumentBuilder: (services: LangiumSharedServices) => new DsysDocumentBuilder(services),
      IndexManager: (services: LangiumSharedServices) => new DsysIndexManager(services),
      LangiumDocumentFactory: (services: LangiumSharedServices) => new DsysDocumentFactory(services),
    },
    lsp: {
      DocumentUpdateHandler: (services: LangiumSharedServices) => new DsysDocumentUpdateHandler(services),
      LanguageServer: (services: LangiumSharedServices) => new DsysLanguageServer(services),
      WorkspaceSymbolProvider: (services: LangiumSharedServices) => workspaceSymbolProvider(services),
    },
  });
  const dsys = inject(createDefaultModule({ shared }), DsysGeneratedModule, DsysModule, lspModule(options));
  shared.ServiceRegistry.register(dsys);
  return { shared, dsys };
}

/** Says who it is: a client can tell whether it fits. */
class DsysLanguageServer extends DefaultLanguageServer {
  override async initialize(params: InitializeParams): Promise<InitializeResult> {
    return { ...(await super.initialize(params)), serverInfo: { name: 'dsys', version } };
  }
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
      // Langium's mark for a file that was opened and not read yet, because the next change came first.
      if (!known || known.parseResult.value.$type === 'INVALID') continue;
      for (const imported of importsOf(known as LangiumDocument<Specification>))
        if (imported.uri) seen.add(imported.uri);
    }
    return false;
  }
}
