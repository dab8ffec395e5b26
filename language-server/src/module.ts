import { DsysGeneratedModule, DsysGeneratedSharedModule } from '@dsys/grammar';
import {
  createDefaultCoreModule,
  createDefaultSharedCoreModule,
  EmptyFileSystem,
  inject,
  type LangiumCoreServices,
  type LangiumSharedCoreServices,
  type Module,
  type PartialLangiumCoreServices,
} from 'langium';
import { DsysLexer } from './parsing/lexer.ts';
import { DsysLexerMessages, DsysParserMessages } from './parsing/messages.ts';
import { createDsysParser } from './parsing/parser.ts';
import { DsysTokenBuilder } from './parsing/tokens.ts';
import { DsysValueConverter } from './parsing/values.ts';

export const DsysModule: Module<LangiumCoreServices, PartialLangiumCoreServices> = {
  parser: {
    TokenBuilder: () => new DsysTokenBuilder(),
    Lexer: services => new DsysLexer(services),
    LangiumParser: services => createDsysParser(services),
    ParserErrorMessageProvider: services => new DsysParserMessages(services),
    LexerErrorMessageProvider: () => new DsysLexerMessages(),
    ValueConverter: () => new DsysValueConverter(),
  },
};

/** Services without LSP: for the command line and for tests. */
export function createDsysCoreServices(): { shared: LangiumSharedCoreServices; dsys: LangiumCoreServices } {
  const shared = inject(createDefaultSharedCoreModule(EmptyFileSystem), DsysGeneratedSharedModule);
  const dsys = inject(createDefaultCoreModule({ shared }), DsysGeneratedModule, DsysModule);
  shared.ServiceRegistry.register(dsys);
  return { shared, dsys };
}
