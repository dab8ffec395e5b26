/**
 * The language has no cross-references (names/ resolves all names): nothing is exported, linked or indexed, so that a
 * build does not walk the tree for it.
 */
import {
  DefaultLinker,
  type LangiumCoreServices,
  type Module,
  MultiMap,
  type PartialLangiumCoreServices,
} from 'langium';

class NoLinks extends DefaultLinker {
  override async link(): Promise<void> {}
  override unlink(): void {}
}

export const unlinked: Module<LangiumCoreServices, PartialLangiumCoreServices> = {
  references: {
    Linker: services => new NoLinks(services),
    ScopeComputation: () => ({
      collectExportedSymbols: async () => [],
      collectLocalSymbols: async () => new MultiMap(),
    }),
  },
  workspace: {
    ReferenceDescriptionProvider: () => ({ createDescriptions: async () => [] }),
  },
};
