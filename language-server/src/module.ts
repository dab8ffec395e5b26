import { DsysGeneratedModule, DsysGeneratedSharedModule, type Specification } from '@dsys/grammar';
import {
  createDefaultCoreModule,
  createDefaultSharedCoreModule,
  EmptyFileSystem,
  inject,
  type LangiumCoreServices,
  type LangiumDocument,
  type LangiumParser,
  type LangiumSharedCoreServices,
  type Module,
  type PartialLangiumCoreServices,
  URI,
} from 'langium';
import { DsysLexer } from './parsing/lexer.ts';
import { DsysLexerMessages, DsysParserMessages } from './parsing/messages.ts';
import { createDsysParser } from './parsing/parser.ts';
import { DsysTokenBuilder } from './parsing/tokens.ts';
import { unlinked } from './parsing/unlinked.ts';
import { DsysValueConverter } from './parsing/values.ts';
import { loadImports, type Workspace } from './workspace/load.ts';

/** What reading the language takes, with and without an editor. */
export const DsysModule: Module<LangiumCoreServices, PartialLangiumCoreServices> = {
  ...unlinked,
  parser: {
    TokenBuilder: () => new DsysTokenBuilder(),
    Lexer: services => new DsysLexer(services),
    LangiumParser: services => createDsysParser(services),
    ParserErrorMessageProvider: services => new DsysParserMessages(services),
    LexerErrorMessageProvider: () => new DsysLexerMessages(),
    ValueConverter: () => new DsysValueConverter(),
  },
};

interface CoreServices {
  readonly shared: LangiumSharedCoreServices;
  readonly dsys: LangiumCoreServices;
}

/** Services without an editor: for the command line and for tests. Making them builds the parser, some 0.1 s. */
export function createDsysCoreServices(): CoreServices {
  const shared = inject(createDefaultSharedCoreModule(EmptyFileSystem), DsysGeneratedSharedModule);
  const dsys = inject(createDefaultCoreModule({ shared }), DsysGeneratedModule, DsysModule);
  shared.ServiceRegistry.register(dsys);
  return { shared, dsys };
}

let headless: CoreServices | undefined;

/**
 * Parses one text as the file at `uri`, which need not exist. Never throws for what the text says. A byte order mark
 * is not part of the text: editors do not show it, and columns are counted as they do.
 */
export function parseText(text: string, uri: string): LangiumDocument<Specification> {
  headless ??= createDsysCoreServices();
  return headless.shared.workspace.LangiumDocumentFactory.fromString<Specification>(
    text.replace(/^\uFEFF/, ''),
    URI.parse(uri),
  );
}

/** Parses a part of the language on its own: `parse(text, { rule: 'Quorum' })`. Never throws for what the text says. */
export function partsParser(): LangiumParser {
  headless ??= createDsysCoreServices();
  return headless.dsys.parser.LangiumParser;
}

/** The text of the file at a URI; undefined if there is none or it cannot be read. */
export type ReadFile = (uri: string) => string | undefined | Promise<string | undefined>;

/**
 * Reads a file and everything that it imports, without an editor. Undefined if the file itself cannot be read;
 * imports that cannot be are diagnostics of the workspace.
 */
export async function loadWorkspace(entryUri: string, readFile: ReadFile): Promise<Workspace | undefined> {
  const open = async (uri: string) => {
    const text = await readFile(uri);
    return text === undefined ? undefined : parseText(text, uri);
  };
  // Written as everywhere else, so that a file that imports its importer is recognised.
  const entry = await open(URI.parse(entryUri).toString());
  return entry && loadImports(entry, open);
}
