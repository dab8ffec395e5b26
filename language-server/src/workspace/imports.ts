import type { Import, Specification } from '@dsys/grammar';
import { type LangiumDocument, type URI, UriUtils } from 'langium';

export interface ResolvedImport {
  readonly node: Import;
  /** Where the import leads, whether or not there is a file; undefined while the path is not written yet. */
  readonly uri: string | undefined;
}

/** The imports of a file with their paths taken relative to it. */
export function importsOf(document: LangiumDocument<Specification>): ResolvedImport[] {
  return document.parseResult.value.imports.map(node => ({ node, uri: resolveImport(document.uri, node.path) }));
}

function resolveImport(from: URI, path: string | undefined): string | undefined {
  // Both slashes: paths are pasted from Windows too.
  const parts = path?.replaceAll('\\', '/');
  if (!parts) return undefined;
  return UriUtils.resolvePath(UriUtils.dirname(from), parts).toString();
}
